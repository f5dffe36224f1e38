"""The code that the README shows: it compiles, and prints what it is said to print."""

import contextlib
import io
import re
import shutil
from pathlib import Path

import pytest

from dosekernel.command import main
from dosekernel.proofs.work import Finding
from tests.bindings.installed import clean, shell
from tests.bindings.test_linking import SAID, commands
from tests.conftest import ROOT
from tests.proofs.kernels import twice_the_largest_bolus
from tests.readme import page, pictures

REFUTED = "Changing a guard: REFUTED totality"
PROGRAM = """\
{includes}
#include "limits_insulin_u100.h"
int main(void)
{{
    const dosekernel_limits limits = LIMITS;
    const int64_t now = 0;
    dosekernel_event event = {{0}};
    dosekernel_outcome outcome = {{0}};
    {statements}
    return outcome.pulses != 0;
}}
"""


def only(language: str, section: str) -> str:
    """The one block of that language in a section."""
    (found,) = [
        each.text for each in page.blocks() if (each.language, each.section) == (language, section)
    ]
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Finding:
    """What the prover says of the limit that is broken on purpose."""
    return pictures.finding(twice_the_largest_bolus(tmp_path_factory.mktemp("fork") / "broken"))


def test_the_counterexample_is_the_one_that_is_found(found: Finding) -> None:
    (shown,) = [each.text for each in page.blocks() if each.name.startswith(REFUTED)]
    first, _, rest = shown.partition("\n")
    assert rest.strip() == found.counterexample.strip()
    place = f"{found.place}: {found.function}: {found.kind}: "
    assert first.startswith(f"REFUTED totality: {place}")
    assert first.endswith(f" [{found.solver}]")


def test_the_picture_of_it_is_the_one_that_is_kept(found: Finding) -> None:
    kept = (ROOT / "docs" / pictures.REFUTED).read_text(encoding="utf-8")
    assert kept == pictures.refuted(found), "python -m tests.readme.pictures docs"


def test_the_test_that_is_shown_is_the_one_that_is_written(found: Finding) -> None:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    written = found.test.replace("broken/bolus.py", "pump/bolus.py")
    assert shown.strip() == written[written.index("def test_") :].strip()


def test_the_python_of_the_readme_says_what_it_says() -> None:
    text = only("python", "Linking it")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(text, "README.md", "exec"), {})
    shown = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    assert said.getvalue().splitlines() == shown


def test_the_c_of_the_readme_compiles(tmp_path: Path) -> None:
    lines = only("c", "Linking it").splitlines()
    includes = [line for line in lines if line.startswith("#")]
    assert main(["export-c", str(tmp_path), "--limits", "insulin-u100"]) == 0
    (header,) = [each for each in tmp_path.glob("*.h") if each.name != "dosekernel.h"]
    (constant,) = re.findall(r"const dosekernel_limits (\w+)", header.read_text(encoding="utf-8"))
    program = PROGRAM.format(
        includes="\n".join(includes), statements="\n    ".join(lines[len(includes) :])
    )
    program = program.replace("limits_insulin_u100.h", header.name).replace("LIMITS", constant)
    (tmp_path / "main.c").write_text(program, encoding="utf-8")
    compiler = shutil.which("cc")
    assert compiler is not None
    words = (
        compiler,
        "-std=c99",
        "-Wall",
        "-Wextra",
        "-Werror",
        "main.c",
        "dosekernel.c",
        "-o",
        "it",
    )
    shell(*words, cwd=tmp_path, environment=clean(ROOT))
    shell(tmp_path / "it", cwd=tmp_path, environment=clean(ROOT))


def test_the_blocks_on_linking_are_those_that_are_followed() -> None:
    shown = {
        each.text for each in page.blocks() if (each.language, each.section) == ("sh", "Linking it")
    }
    assert shown == {commands(face) for face in SAID}


def test_the_tree_names_rooms_and_modules_that_there_are() -> None:
    (tree,) = [each.text for each in page.blocks() if each.section == "The house"]
    for room in re.findall(r"(\w+)/", tree):
        assert any(
            (ROOT / where / room).is_dir() for where in (".", "spec", "proofs", "bindings")
        ), room
    named = set(re.findall(r"\b[a-z_]+\b", tree.partition("\nspec/")[0]))
    modules = {path.stem for path in (ROOT / "kernel").glob("*.py")} - {"__init__", "contract"}
    assert modules - named == set()
