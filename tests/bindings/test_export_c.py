"""`dosekernel export-c`: the very C, limits for it, and a proof only where there is one."""

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dosekernel
from dosekernel import Limits
from dosekernel.command import main
from dosekernel.command.limits_in_c import limits_in_c
from dosekernel.command.proof_record import subject
from dosekernel.proofs.origin import spec_hash
from dosekernel.proofs.report import FORMAT
from dosekernel.spec.limits import preset_names
from dosekernel.spec.theorems import THEOREMS

INCLUDE = Path(dosekernel.get_include())
NO_PROOF = "There is no record of a proof"
COMPILERS = [name for name in ("gcc", "g++", "clang", "clang++") if shutil.which(name)]
Record = dict[str, Any]


def exported(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    assert main(["export-c", str(folder), "--json", *more]) == 0
    files: list[str] = json.loads(capsys.readouterr().out)["files"]
    return [Path(file).name for file in files]


@pytest.fixture
def record() -> Record:
    """What a record of a whole proof of this kernel says, as far as it is looked at."""
    about = subject(INCLUDE / "dosekernel.c")
    names = ["totality", *(each.name for each in THEOREMS)]
    return {
        "format": FORMAT,
        "verdict": "proved",
        "problems": [],
        "kernel_source": about.source,
        "spec_source": spec_hash(),
        "c_file": {"sha256": about.c_hash},
        "solvers": {"z3": "5", "cvc5": "1"},
        "obligations": 7,
        "started": "2026-01-01T00:00:00+00:00",
        "theorems": [{"name": name, "verdict": "proved"} for name in names],
    }


def kept(record: Record, folder: Path) -> str:
    path = folder / "record.json"
    path.write_text(json.dumps(record))
    return str(path)


def test_it_writes_the_very_c_of_the_extension(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "folder"
    assert exported(folder, capsys) == ["dosekernel.c", "dosekernel.h", "README.md"]
    for name in ("dosekernel.c", "dosekernel.h"):
        assert (folder / name).read_bytes() == (INCLUDE / name).read_bytes()
    readme = (folder / "README.md").read_text()
    assert hashlib.sha256((folder / "dosekernel.c").read_bytes()).hexdigest() in readme
    assert NO_PROOF in readme


def test_a_record_of_this_very_kernel_is_kept(
    record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "c"
    assert "proof.json" in exported(folder, capsys, "--proof", kept(record, tmp_path))
    assert json.loads((folder / "proof.json").read_text()) == record
    readme = (folder / "README.md").read_text()
    assert f"{len(THEOREMS) + 1} theorems, 7 obligations, all proved by z3 5 and cvc5 1" in readme
    assert NO_PROOF not in readme
    # Again, into the same folder: the record there is looked at again.
    assert "proof.json" in exported(folder, capsys)


WRONG: dict[str, Callable[[Record], object]] = {
    "it is about the source": lambda record: record.update(kernel_source="0" * 64),
    "not about the C file": lambda record: record.update(c_file={"sha256": "0" * 64}),
    "not about the C file [0-9a-f]{64};": lambda record: record.update(c_file={"not_built": "x"}),
    "other theorems": lambda record: record.update(spec_source="0" * 64),
    "its verdict is refuted": lambda record: record.update(verdict="refuted"),
    "its verdict is proved, not proved: adopt": lambda record: record["theorems"][1].update(
        verdict="timeout"
    ),
    "it lacks theorems, among them totality": lambda record: record["theorems"].pop(0),
    "it is of z3, not of": lambda record: record["solvers"].pop("cvc5"),
    "not of the format": lambda record: record.update(format="another"),
    "not a whole record": lambda record: record.pop("theorems"),
}


@pytest.mark.parametrize("what", WRONG)
def test_any_other_record_is_refused_and_nothing_is_written(
    what: str, record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    WRONG[what](record)
    folder = tmp_path / "c"
    assert main(["export-c", str(folder), "--proof", kept(record, tmp_path)]) == 2
    said = capsys.readouterr().err
    assert re.search(what, said), said
    assert "allowed: a file that dosekernel prove --report wrote" in said
    assert not folder.exists()


def test_a_stale_record_in_the_folder_is_refused(
    record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record["kernel_source"] = "0" * 64
    (tmp_path / "proof.json").write_text(json.dumps(record))
    assert main(["export-c", str(tmp_path)]) == 2
    assert f"{tmp_path / 'proof.json'}: it is about the source" in capsys.readouterr().err


@pytest.mark.slow
def test_it_proves_if_it_is_asked_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "proof.json" in exported(tmp_path / "c", capsys, "--prove")
    assert NO_PROOF not in (tmp_path / "c" / "README.md").read_text()


# ---- limits as a C constant


PROGRAM = """\
#include "{name}.h"
#include <stdio.h>
int main(void) {{
  const int64_t *words = (const int64_t *)&{constant};
  for (int i = 0; i < DOSEKERNEL_LIMITS_WORDS; i++) printf("%lld ", (long long)words[i]);
  return 0;
}}
"""


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_in_c_has_the_words_of_the_preset(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.h").write_text(limits_in_c(name, Limits.load(name)))
    program = tmp_path / "main.c"
    program.write_text(PROGRAM.format(name=name, constant=name.replace("-", "_")))
    strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{INCLUDE}"]
    for compiler in COMPILERS[:2]:
        language = ["-x", "c++"] if compiler.endswith("++") else ["-std=c99"]
        made = tmp_path / compiler
        subprocess.run([compiler, *language, *strict, str(program), "-o", str(made)], check=True)
        told = subprocess.run([str(made)], capture_output=True, text=True, check=True).stdout
        assert [int(word) for word in told.split()] == Limits.load(name).to_record().words()


@pytest.mark.parametrize("name", ["9.toml", "no such"])
def test_limits_that_cannot_be_written_write_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preset = Path(str(dosekernel.spec.__file__)).parent / "presets" / "insulin-u100.toml"
    shutil.copy(preset, tmp_path / "9.toml")
    assert main(["export-c", str(tmp_path / "c"), "--limits", str(tmp_path / name)]) == 2
    assert "allowed" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()
