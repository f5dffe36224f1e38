"""`dosekernel export-c`: the C that the extension was built from, to take elsewhere."""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import dosekernel

from ..errors import InputError
from .codes import GOOD

FILES = ("dosekernel.c", "dosekernel.h")


def main(arguments: Sequence[str]) -> int:
    """Copy the kernel's C file and header into a folder."""
    parser = argparse.ArgumentParser(
        prog="dosekernel export-c",
        description="Write dosekernel.c and dosekernel.h, all that a pump needs: no library.",
    )
    parser.add_argument("--json", action="store_true", help="the files written, as JSON")
    parser.add_argument("folder", type=Path, metavar="DIR")
    chosen = parser.parse_args(arguments)
    written = [str(path) for path in export(chosen.folder)]
    print(json.dumps({"files": written}) if chosen.json else "\n".join(written))
    return GOOD


def export(folder: Path) -> list[Path]:
    """The files written; the folder is made if it is not there."""
    include = Path(dosekernel.get_include())
    missing = [name for name in FILES if not (include / name).is_file()]
    if missing:
        raise InputError(f"{', '.join(missing)}: not built here; build with: make build")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: not a folder; allowed: a folder, or a new name for one")
    folder.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copyfile(include / name, folder / name)) for name in FILES]
