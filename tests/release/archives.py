"""The two archives of a release, made so that the same source gives the same bytes anywhere."""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

NATIVE = (".a", ".so", ".so.1")
READABLE, RUNNABLE = 0o644, 0o755
# What others may read, whatever the person who builds allows.
UMASK = 0o022


class ReleaseError(Exception):
    """What is in the way of a release, in a sentence."""


@dataclass(frozen=True)
class Archives:
    """What one build made."""

    source: Path
    plain_wheel: Path
    wheel: Path


def shell(*words: str | Path, cwd: Path, **variables: str) -> str:
    """What a command printed; `ReleaseError` with all of it if it failed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    programs = os.pathsep.join((str(Path(sys.executable).parent), kept["PATH"]))
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=kept | {"PATH": programs, "PIP_DISABLE_PIP_VERSION_CHECK": "1"} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        umask=UMASK,
        check=False,
    )
    if done.returncode != 0:
        raise ReleaseError(f"this failed: {' '.join(map(str, words))}\n{done.stdout}")
    return done.stdout


def build(tree: Path, folder: Path, epoch: int) -> Archives:
    """The source archive of a tree, and the wheel that is built of that archive alone."""
    maker = (sys.executable, "-m", "build", "--no-isolation", "--outdir")
    date = {"SOURCE_DATE_EPOCH": str(epoch)}
    shell(*maker, folder / "made", "--sdist", ".", cwd=tree, **date)
    (made,) = (folder / "made").glob("*.tar.gz")
    source = folder / made.name
    source.write_bytes(settled(made.read_bytes(), epoch))
    unpacked = folder / "unpacked"
    with tarfile.open(source) as archive:
        archive.extractall(unpacked, filter="data")
    (inside,) = unpacked.iterdir()
    shell(*maker, folder / "plain", "--wheel", ".", cwd=inside, **date)
    (plain,) = (folder / "plain").glob("*.whl")
    repair = (sys.executable, "-m", "auditwheel", "repair", "--wheel-dir", folder / "wheel")
    shell(*repair, plain, cwd=folder, **date)
    (wheel,) = (folder / "wheel").glob("*.whl")
    return Archives(source, plain, wheel)


def settled(archive: bytes, epoch: int) -> bytes:
    """A source archive without what differs from one build to the next: times, owners, order."""
    packed = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as before,
        gzip.GzipFile("", "wb", fileobj=packed, mtime=epoch) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as after,
    ):
        for member in sorted(before.getmembers(), key=lambda each: each.name):
            fresh = tarfile.TarInfo(member.name)
            fresh.type, fresh.size, fresh.mtime = member.type, member.size, epoch
            runnable = member.isdir() or bool(member.mode & 0o100)
            fresh.mode = RUNNABLE if runnable else READABLE
            after.addfile(fresh, before.extractfile(member) if member.isfile() else None)
    return packed.getvalue()


def contents(archive: Path) -> dict[str, str]:
    """The hash of every file in a wheel or a source archive."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            names = [name for name in wheel.namelist() if not name.endswith("/")]
            return {name: hashlib.sha256(wheel.read(name)).hexdigest() for name in names}
    with tarfile.open(archive) as source:
        found = {each.name: source.extractfile(each) for each in source if each.isfile()}
        return {
            name: hashlib.sha256(file.read()).hexdigest() for name, file in found.items() if file
        }


def same_bytes(one: Path, other: Path) -> None:
    """`ReleaseError` that names what differs between two builds of one archive."""
    if one.name != other.name:
        raise ReleaseError(f"two builds have two names: {one.name}, {other.name}")
    if one.read_bytes() == other.read_bytes():
        return
    here, there = contents(one), contents(other)
    differ = [
        name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)
    ]
    named = ", ".join(differ) or "only how they are packed"
    raise ReleaseError(f"{one.name}: two builds in two folders differ: {named}")


def same_libraries(plain: Path, repaired: Path) -> list[str]:
    """The libraries of a wheel, byte for byte what they were before it was repaired."""
    before, after = contents(plain), contents(repaired)
    libraries = [name for name in before if name.endswith(NATIVE)]
    changed = [name for name in libraries if after.get(name) != before[name]]
    foreign = [name for name in after if name.endswith(NATIVE) and name not in before]
    if changed or foreign or not libraries:
        raise ReleaseError(
            f"{repaired.name}: the repair changed {changed}, added {foreign}, of {libraries}"
        )
    return libraries
