"""Every command of the README is run: here, by another test, or by a script of CI."""

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.readme import console, page, recipes
from tests.readme.page import Typed
from tests.readme.registry import BLOCKS, CHECK_ALL, INLINE, ByTest, Run, Runner, Step, Within

# A block that nobody types: the tree of folders.
TREE = "The house: kernel/"
HERE = {name: runner for name, runner in (INLINE | BLOCKS).items() if isinstance(runner, Run)}
KNOWN = INLINE | BLOCKS
PAGES = ("README.md", "docs/ci.md", "docs/machine-code.md", "docs/pump/README.md")


def typed_blocks() -> list[str]:
    """The names of all blocks but the tree."""
    return [each.name for each in page.blocks() if not each.name.startswith(TREE)]


def test_every_command_has_a_runner_and_no_runner_is_stale() -> None:
    assert sorted(INLINE) == sorted(page.inline_commands(page.text()))
    assert sorted(BLOCKS) == sorted(typed_blocks())


def test_no_command_stands_where_it_is_not_looked_for() -> None:
    prose = page.FENCE.sub("", page.text())
    lines = [line.strip() for line in prose.splitlines() if line.startswith("    ")]
    assert [line for line in lines if page.PROGRAM.match(line)] == []
    assert "$ " not in "".join(each.text for each in page.blocks() if each.language != "console")


def test_a_block_that_is_only_commands_names_known_ones() -> None:
    for line in page.block("Two commands: make run").text.splitlines():
        assert line in INLINE


def parent(name: str) -> ByTest | Step:
    """What runs a block that a command is a part of."""
    runner = KNOWN[name]
    assert isinstance(runner, ByTest | Step), name
    return runner


@pytest.mark.parametrize("name", [each for each in KNOWN if not isinstance(KNOWN[each], Run)])
def test_what_runs_a_command_is_there(name: str) -> None:
    runner: Runner = KNOWN[name]
    if isinstance(runner, Within):
        program = " ".join(name.split()[:2])
        assert program in page.block(runner.block).text
        runner = parent(runner.block)
    assert isinstance(runner, ByTest | Step)
    if isinstance(runner, Step):
        assert runner.holds in without_comments(runner.script)
        if runner.holds.startswith("make ") or not name.startswith("make "):
            return
        assert runner.holds in recipes.text_of(name.split()[1])
        return
    if name.startswith("make "):
        assert recipes.text_of(name.split()[1])
    file, _, function = runner.name.partition("::")
    source = (ROOT / file).read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert function in [each.name for each in tree.body if isinstance(each, ast.FunctionDef)]
    assert runner.holds in " ".join(source.split())


def test_make_check_all_and_the_script_of_ci_run_each_other() -> None:
    assert "make --no-print-directory check-all" in without_comments(".ci/run")
    assert CHECK_ALL in recipes.text_of("check-all")


def test_what_make_run_is_said_to_do_is_what_it_does() -> None:
    recipe = recipes.text_of("run")
    for part in (
        "dosekernel prove ",
        "dosekernel simulate ",
        "dosekernel replay ",
        "broken-limit.txt",
    ):
        assert part in recipe


def without_comments(script: str) -> str:
    """A script's lines that are run."""
    lines = (ROOT / script).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


@pytest.mark.parametrize("name", HERE)
def test_it_says_what_it_should(name: str, tmp_path: Path) -> None:
    run = HERE[name]
    typed = run.typed.format(root=ROOT) if "{root}" in run.typed else run.typed
    if run.asked:
        variables = console.environment(run.variables)
        code, said = console.on_a_terminal(typed, run.asked, tmp_path, variables)
    else:
        code, said = console.said_by(Typed(typed, ""), tmp_path, run.variables)
    assert code == run.code, said
    assert console.plain(run.says) in console.plain(said)


def test_a_command_is_found_wherever_it_stands() -> None:
    shown = (
        "Type `make this`, or `dosekernel\nprove --that`; `make` alone and `makefile` are none.\n"
        "| `python -m there` | `A=b pip install c` |\n```sh\n`make hidden`\n```\n"
    )
    found = ["make this", "dosekernel prove --that", "python -m there", "A=b pip install c"]
    assert page.inline_commands(shown) == found


@pytest.mark.parametrize("name", PAGES)
def test_every_option_that_is_named_is_one(name: str, root: Path) -> None:
    text = (root / name).read_text(encoding="utf-8")
    places = [path for room in ("bindings", "proofs") for path in (root / room).rglob("*.py")]
    sources = "".join(each.read_text(encoding="utf-8") for each in places)
    named = set(re.findall(r"`(?:[a-z -]* )?(--[a-z0-9-]+)", text))
    assert named
    assert named - set(re.findall(r'"(--[a-z0-9-]+)"', sources)) == set()
