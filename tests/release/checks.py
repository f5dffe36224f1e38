"""A release as a stranger gets it: built without a network, installed alone, linked, proved."""

import hashlib
import json
import os
import re
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

from tests.bindings.installed import LOCKED, copy_examples
from tests.bindings.test_linking import SAID, commands

from .archives import ReleaseError, shell

# Whoever tries to reach a network all the same, fails.
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_CONFIG_FILE": os.devnull,
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://[::1]:1"),
}
PYTHON_EXAMPLE = re.compile(r"```python\n(from decimal .*?)```", re.DOTALL)


def wheelhouse(tree: Path, folder: Path) -> Path:
    """The declared requirements of a tree, to build and to run, in the locked versions."""
    project: dict[str, Any] = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    get = (sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:")
    shell(*get, "--constraint", tree / LOCKED, "--dest", folder, *declared, cwd=tree)
    return folder


def builds_offline(source: Path, house: Path, folder: Path) -> Path:
    """A wheel of the source archive, by a pip that knows the wheelhouse and no network."""
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder)
    shell(*pip, "--find-links", house, source, cwd=house, **OFFLINE)
    (wheel,) = folder.glob("*.whl")
    return wheel


def installed(wheel: Path, house: Path, folder: Path) -> Path:
    """A fresh environment with a wheel and its declared requirements; its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip = (python, "-m", "pip")
    shell(*pip, "install", "--quiet", "--find-links", house, wheel, cwd=folder, **OFFLINE)
    shell(*pip, "check", cwd=folder)
    return python


def works(python: Path, version: str, root: Path, folder: Path) -> list[str]:
    """What a stranger tries first, in an environment of its own; what was tried."""
    programs = os.pathsep.join((str(python.parent), os.environ["PATH"]))
    said = shell(python.parent / "dosekernel", "--version", cwd=folder)
    expect(said, f"dosekernel {version}\n", "dosekernel --version")
    readme = (root / "README.md").read_text(encoding="utf-8")
    example = PYTHON_EXAMPLE.search(readme)
    if example is None:
        raise ReleaseError("README.md: there is no first example in Python")
    expect(shell(python, "-c", example[1], cwd=folder), "reservoir", "the README's Python")
    copy_examples(root, folder)
    linked = shell("sh", "-e", "-u", "-c", commands("C"), cwd=folder, PATH=programs)
    expect(linked, SAID["C"], "the README's C")
    flags = shell(python, "-m", "dosekernel", "--cflags", "--libs", "--static", cwd=folder).split()
    program = folder / "version.c"
    program.write_text(
        '#include <stdio.h>\n#include "dosekernel.h"\n'
        "int main(void) { puts(dosekernel_version()); return 0; }\n",
        encoding="utf-8",
    )
    shell(os.environ.get("CC", "cc"), program, *flags, "-o", folder / "version", cwd=folder)
    expect(shell(folder / "version", cwd=folder), f"dosekernel {version} ", "a static C program")
    return ["dosekernel --version", "the README's Python", "the README's C", "a static C program"]


def expect(said: str, wanted: str, what: str) -> None:
    """`ReleaseError` if a program said something else."""
    if wanted not in said:
        raise ReleaseError(f"{what}: expected {wanted!r}; it said:\n{said}")


def unpacked(wheel: Path, folder: Path) -> Path:
    """The files of a wheel; the folder of the package."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder / "dosekernel"


def proved(libraries: list[Path], kernel: Path) -> list[str]:
    """What `dosekernel prove --object` says of each library, against the source of the release."""
    words = (sys.executable, "-m", "dosekernel.proofs", "--quiet", "--kernel", kernel, "--object")
    found = []
    for each in libraries:
        told = shell(*words, each, cwd=kernel).splitlines()
        found += [line for line in told if line.startswith("PROVED: ")]
    if len(found) != len(libraries):
        raise ReleaseError(f"of {len(libraries)} libraries {len(found)} were proved: {found}")
    return found


def about(record: Path, package: Path) -> dict[str, Any]:
    """The record of a proof, if it is a proof of this very wheel: its kernel, C file and object."""
    try:
        told: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        said = (
            told["verdict"],
            told["kernel_source"],
            told["c_file"]["sha256"],
            told["object"]["sha256"] if told["object"] else None,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{record}: no record of dosekernel prove --report: {error!r}") from None
    wanted = ("proved", *hashes(package))
    names = ("verdict", "kernel", "C file", "object")
    for what, one, other in zip(names, said, wanted, strict=True):
        if one != other:
            raise ReleaseError(f"{record}: {what} {one}; that of the release: {other}")
    return told


def hashes(package: Path) -> tuple[str, str, str]:
    """The hashes of kernel, C file and object that a package holds."""
    c_file = (package / "include" / "dosekernel.c").read_bytes()
    source = re.search(rb"source ([0-9a-f]{64})", c_file)
    if source is None:
        raise ReleaseError("dosekernel.c does not name its source")
    build = json.loads((package / "lib" / "build.json").read_text(encoding="utf-8"))
    return source[1].decode(), hashlib.sha256(c_file).hexdigest(), str(build["object_sha256"])
