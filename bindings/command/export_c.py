"""`dosekernel export-c`: the C that the libraries were built from, to take elsewhere.

Beside it a README, limits as a C constant if they are asked for, and the record of the proof: one
that was kept, one that is made now, or a README that says there is none. Never a made-up verdict.
"""

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..compile.acsl import annotate, installed_kernel
from ..compile.link_files import filled
from ..errors import InputError
from ..linking import include_directory
from .codes import GOOD
from .limits import load
from .limits_in_c import header_name, limits_in_c
from .proof_record import Subject, checked_record, subject, told

FILES = ("dosekernel.c", "dosekernel.h")
README, RECORD = "README.md", "proof.json"
TEMPLATE = Path(__file__).parent / "export_readme.md"
UNPROVED = (
    "There is no record of a proof of this C file here. To make one, where dosekernel is installed "
    "with its solvers: `dosekernel export-c --prove DIR`."
)
ANNOTATED = "dosekernel_annotated.c"
PURPOSE = {
    "dosekernel.c": "the kernel; generated, not to be edited",
    "dosekernel.h": "its header: records, constants, what each of them means",
    ANNOTATED: "the same C file with every contract as an ACSL comment, for Frama-C",
    RECORD: "the record of the proof",
}


def main(arguments: Sequence[str]) -> int:
    """Write the kernel's C file, its header and what is known of its proof into a folder."""
    parser = argparse.ArgumentParser(
        prog="dosekernel export-c",
        description="Write dosekernel.c and dosekernel.h, all that a pump needs: no library.",
    )
    add = parser.add_argument
    add("--json", action="store_true", help="the files written, as JSON")
    add("--limits", metavar="L", help="also a limits file or preset, as a C constant in a header")
    add("--acsl", action="store_true", help=f"also {ANNOTATED}: contracts as ACSL, for Frama-C")
    proof = parser.add_mutually_exclusive_group()
    proof.add_argument("--prove", action="store_true", help="prove it now, and keep the record")
    proof.add_argument(
        "--proof", type=Path, metavar="FILE", help="keep this record of dosekernel prove --report"
    )
    add("folder", type=Path, metavar="DIR")
    chosen = parser.parse_args(arguments)
    if not chosen.prove:
        return _tell(export(chosen.folder, chosen.limits, chosen.proof, chosen.acsl), chosen.json)
    with tempfile.TemporaryDirectory() as fresh:
        record = Path(fresh) / RECORD
        code = _prove(record)
        if code != GOOD:
            return code
        return _tell(export(chosen.folder, chosen.limits, record, chosen.acsl), chosen.json)


def _tell(written: Sequence[Path], as_json: bool) -> int:
    names = [str(path) for path in written]
    print(json.dumps({"files": names}) if as_json else "\n".join(names))
    return GOOD


def export(
    folder: Path, limits: str | None = None, proof: Path | None = None, acsl: bool = False
) -> list[Path]:
    """The files written; the folder is made if it is not there.

    A record that lies in the folder already is kept if it is about this C file, else refused.
    """
    include = include_directory()
    about = subject(include / FILES[0])
    header = limits_in_c(limits, load(limits)) if limits else ""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: not a folder; allowed: a folder, or a new name for one")
    if proof is None and (folder / RECORD).exists():
        proof = folder / RECORD
    record = checked_record(proof, about) if proof else None
    folder.mkdir(parents=True, exist_ok=True)
    written = [Path(shutil.copyfile(include / name, folder / name)) for name in FILES]
    if acsl:
        text = (include / FILES[0]).read_text(encoding="utf-8")
        written.append(_write(folder / ANNOTATED, annotate(text, installed_kernel())))
    if limits:
        written.append(_write(folder / header_name(limits), header))
    if record is not None:
        written.append(_write(folder / RECORD, json.dumps(record, indent=1) + "\n"))
    status = f"{told(record)} The record is `{RECORD}`." if record else UNPROVED
    return [*written, _write(folder / README, _readme(about, written, status))]


def _prove(record: Path) -> int:
    from dosekernel.proofs.command import main as prove

    with contextlib.redirect_stdout(sys.stderr):
        print("export-c: proving the kernel (a few minutes the first time)")
        return prove(["--report", str(record)])


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _readme(about: Subject, written: Sequence[Path], status: str) -> str:
    rows = [
        f"| `{path.name}` | {PURPOSE.get(path.name, 'limits, as a C constant')} |"
        for path in written
    ]
    words = {
        "VERSION": about.version,
        "LAYOUT": about.layout,
        "SOURCE": about.source,
        "C_HASH": about.c_hash,
        "FILES": "\n".join(rows),
        "PROOF": status,
    }
    return filled(TEMPLATE.read_text(encoding="utf-8"), words)
