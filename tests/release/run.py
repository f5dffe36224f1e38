"""A release, made and tried: `make release`, or `python -m tests.release.run [--out DIR]`.

The source archive and the wheel are built twice, in two folders, and must come out the same to the
byte; the wheel is repaired to the oldest Linux that it runs on, its libraries untouched, and every
one of them is proved again. Then both are used as a stranger would: without a network, alone.
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import ROOT

from . import checks
from .archives import Archives, ReleaseError, build, same_bytes, same_libraries
from .source import Version, as_it_lies, committed, version

SUMS = "SHA256SUMS"
START = time.monotonic()


def main(arguments: list[str] | None = None) -> int:
    """Make a release; 1 if anything is in its way."""
    parser = argparse.ArgumentParser(prog="make release", description="Makes and tries a release.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR", help="(dist)")
    parser.add_argument("--proof", type=Path, metavar="RECORD", help="of prove --report")
    parser.add_argument("--uncommitted", action="store_true", help="the files as they lie here")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            release(Path(folder).resolve(), options)
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def release(folder: Path, options: argparse.Namespace) -> None:
    """Every step; nothing is written to `--out` before all of them are good."""
    take = as_it_lies if options.uncommitted else committed
    tree = take(ROOT, folder / "one" / "tree")
    about = version(tree)
    say(f"dosekernel {about.name} of {about.date}")
    copy = as_it_lies(tree, folder / "in-another-place" / "of-a-longer-name" / "tree")
    with ThreadPoolExecutor() as both:
        made, again = both.map(lambda each: build(each, each.parent, about.epoch), (tree, copy))
    for one, other in ((made.source, again.source), (made.wheel, again.wheel)):
        same_bytes(one, other)
    say("built twice in two folders: the same bytes")
    libraries = same_libraries(made.plain_wheel, made.wheel)
    say(f"{made.wheel.name}: {len(libraries)} libraries, as they were before the repair")
    package = checks.unpacked(made.wheel, folder / "package")
    if options.proof:
        checks.about(options.proof, package)
        say(f"{options.proof.name} is the proof of this kernel, C file and object")
    for line in checks.proved([package.parent / each for each in libraries], package / "kernel"):
        say(line)
    try_out(made, about, tree, folder)
    publish(made, about, options)


def try_out(made: Archives, about: Version, tree: Path, folder: Path) -> None:
    """Both archives, where there is nothing but what they declare."""
    house = checks.wheelhouse(tree, folder / "wheelhouse")
    by_stranger = checks.builds_offline(made.source, house, folder / "by-a-stranger")
    same_libraries(made.plain_wheel, by_stranger)
    say("the source archive builds without a network, into the same libraries")
    python = checks.installed(made.wheel, house, folder / "venv")
    trial = folder / "trial"
    trial.mkdir()
    say(f"installed alone: {', '.join(checks.works(python, about.name, tree, trial))}")


def publish(made: Archives, about: Version, options: argparse.Namespace) -> None:
    """What is uploaded, and the sums of it."""
    options.out.mkdir(parents=True, exist_ok=True)
    files = {each.name: each for each in (made.source, made.wheel)}
    if options.proof:
        files[f"dosekernel-{about.name}-proof.json"] = options.proof
    lines = []
    for name, file in sorted(files.items()):
        shutil.copyfile(file, options.out / name)
        lines.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}\n")
    (options.out / SUMS).write_text("".join(lines), encoding="utf-8")
    print("".join(lines), end="")
    say(f"written to {options.out}")


def say(text: str) -> None:
    """Progress, with the seconds that have passed."""
    print(f"release: {time.monotonic() - START:5.1f} s  {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
