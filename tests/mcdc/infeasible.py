"""What no test can reach, from `infeasible.toml`, and its proof in a changed copy of the kernel."""

import ast
import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dosekernel.proofs.flows import Facts
from dosekernel.proofs.runner import kernel_home, read_program
from dosekernel.proofs.solvers import SOLVERS, Verdict, ask
from dosekernel.proofs.units import Result, Settings, function_jobs, run_job
from dosekernel.spec.obligations import CASES

LIST = Path(__file__).parent / "infeasible.toml"
SECONDS = 20.0
NEVER = '''

@require(lambda word: word == 0)
@ensure(lambda result: result == 0)
def never_called(word: int) -> int:
    """May not be called with anything but 0."""
    return word
'''


@dataclass(frozen=True)
class Call:
    """A forbidden call under a condition, just before a line of a function."""

    within: str
    before: str
    never: str


@dataclass(frozen=True)
class Require:
    """One more thing that every caller of a function must keep."""

    function: str
    always: str


@dataclass(frozen=True)
class Infeasible:
    """One place of the C file that no test reaches."""

    function: str
    sides: tuple[str, ...]
    lines: tuple[str, ...]
    reason: str
    proved: tuple[str, ...]
    calls: tuple[Call, ...] = field(default=())
    requires: tuple[Require, ...] = field(default=())


def load(path: Path = LIST) -> tuple[Infeasible, ...]:
    """The list; raises TypeError for a key that there is not, or that is missing."""
    rows: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["infeasible"]
    return tuple(_entry(row) for row in rows)


def _entry(row: dict[str, Any]) -> Infeasible:
    made = {
        **row,
        **{name: tuple(row[name]) for name in ("sides", "lines", "proved")},
        "calls": tuple(Call(**each) for each in row.get("calls", ())),
        "requires": tuple(Require(**each) for each in row.get("requires", ())),
    }
    return Infeasible(**made)


def prove(entry: Infeasible, folder: Path) -> list[Result]:
    """The proof of one entry: a result for each unit; `folder` takes the copy."""
    unasked = must_be_proved(entry) - set(entry.proved)
    if unasked:
        raise ValueError(f"{entry.function}: to be proved, too: {', '.join(sorted(unasked))}")
    copy = changed_copy(entry, folder)
    facts = Facts(read_program(copy))
    settings = Settings(facts, (), CASES, SOLVERS, SECONDS, ask, copy)
    return [
        result
        for job in function_jobs(facts.program, facts, CASES)
        if job.name in entry.proved
        for result in run_job(settings, job)
    ]


def shown(results: list[Result]) -> bool:
    """Both solvers proved every unit, and there was one."""
    return bool(results) and all(
        set(each.verdicts.values()) == {Verdict.PROVED} and len(each.verdicts) == len(SOLVERS)
        for each in results
    )


def must_be_proved(entry: Infeasible) -> set[str]:
    """Who holds a forbidden call, and whoever calls what has one more `require`.

    An entry without a `require` on its function has a forbidden call at each place that calls it.
    """
    needed = {call.within for call in entry.calls}
    for each in entry.requires:
        needed |= callers(each.function)
    if entry.function not in {each.function for each in entry.requires}:
        left = callers(entry.function) - {call.within for call in entry.calls}
        if left:
            raise ValueError(f"{entry.function}: is called in {', '.join(sorted(left))}, too")
    return needed


def callers(name: str) -> set[str]:
    """The kernel's functions whose bodies call a function; contracts are no part of the C."""
    found = set()
    for path in sorted(kernel_home().glob("*.py")):
        for function in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(function, ast.FunctionDef) and any(
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == name
                for statement in function.body
                for node in ast.walk(statement)
            ):
                found.add(function.name)
    return found


def changed_copy(entry: Infeasible, folder: Path) -> Path:
    """The kernel with an entry's forbidden calls and further contracts."""
    copy = folder / "kernel"
    shutil.copytree(kernel_home(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    arithmetic = copy / "arithmetic.py"
    arithmetic.write_text(arithmetic.read_text(encoding="utf-8") + NEVER, encoding="utf-8")
    for call in entry.calls:
        path, lines, start = _function(copy, call.within)
        place = next(
            number for number in range(start, len(lines)) if lines[number].strip() == call.before
        )
        lines[place:place] = _forbidden(call, lines[start:place], lines[place])
        _write(path, lines)
    for each in entry.requires:
        path, lines, start = _function(copy, each.function)
        arguments = {
            node.id for node in ast.walk(ast.parse(each.always)) if isinstance(node, ast.Name)
        }
        head = " ".join(lines[start : start + 1])
        names = ", ".join(name for name in _parameters(head) if name in arguments)
        lines.insert(start, f"@require(lambda {names}: {each.always})")
        _write(path, lines)
    return copy


def _function(copy: Path, name: str) -> tuple[Path, list[str], int]:
    """The file of a function, its lines, and which of them begins it."""
    for path in sorted(copy.glob("*.py")):
        lines = path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines):
            if line.startswith(f"def {name}("):
                return path, lines, number
    raise ValueError(f"kernel: there is no function {name}")


def _parameters(head: str) -> list[str]:
    """The names of a function's parameters, from its first line."""
    (function,) = ast.parse(f"{head}\n    return").body
    assert isinstance(function, ast.FunctionDef)
    return [argument.arg for argument in function.args.args]


def _forbidden(call: Call, earlier: list[str], line: str) -> list[str]:
    """The forbidden call, as a statement that fits the function."""
    indent = line[: len(line) - len(line.lstrip())]
    kind = earlier[0].partition("->")[2].strip(" :")
    spoken = {
        "int": "return never_called(1)",
        "bool": "return never_called(1) == 0",
        "None": "state.now = never_called(1)",
    }
    return [f"{indent}if {call.never}:", f"{indent}    {spoken[kind]}"]


def _write(path: Path, lines: list[str]) -> None:
    """The file, with what it now needs of other modules."""
    text = "\n".join(lines)
    needs = "from .arithmetic import never_called"
    if "never_called(1)" in text and needs not in text:
        place = next(number for number, line in enumerate(lines) if line.startswith("from ."))
        lines.insert(place, needs)
    if "@require" in text and " require" not in text.partition("\ndef ")[0]:
        place = next(number for number, line in enumerate(lines) if line.startswith("from ."))
        lines.insert(place, "from .contract import require")
    path.write_text("\n".join(lines), encoding="utf-8")
