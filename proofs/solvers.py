"""Z3 and cvc5: text in, a verdict out, each query in a process that can be killed.

A query denies what is to be shown, so `unsat` means shown. Only an explicit `unsat` counts:
everything else (a crash, silence, nonsense) is an error.
"""

import multiprocessing
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from multiprocessing.connection import Connection

from .terms import Value

Model = dict[str, Value]


class Verdict(StrEnum):
    """What is known about an obligation; only PROVED passes."""

    PROVED = "proved"
    REFUTED = "refuted"
    TIMEOUT = "timeout"
    UNKNOWN = "unknown"
    ERROR = "error"


class ToolMissingError(Exception):
    """A solver that was asked for is not installed; says how to install it."""


@dataclass(frozen=True)
class Answer:
    """What one solver said: `unsat`, `sat`, `unknown`, `timeout` or `error`."""

    word: str = "error"
    seconds: float = 0.0
    model: Mapping[str, Value] = field(default_factory=dict)
    detail: str = ""


PACKAGES = {"z3": ("z3", "z3-solver"), "cvc5": ("cvc5", "cvc5")}
SOLVERS = tuple(PACKAGES)
# Z3's own clock may overrun; after this many seconds more the process is killed.
GRACE = 2.0


def solver_version(name: str) -> str:
    """The installed version; ToolMissingError if there is none."""
    if name not in PACKAGES:
        raise ValueError(f"solver {name!r}: one of {', '.join(PACKAGES)}")
    module, package = PACKAGES[name]
    if find_spec(module) is None:
        raise ToolMissingError(f"{name} is not installed: pip install {package}")
    try:
        return version(package)
    except PackageNotFoundError as error:
        raise ToolMissingError(f"{name} is not installed: pip install {package}") from error


def run_z3(text: str, seconds: float) -> Answer:
    """Z3 without its one-shot pre-processing, which costs more than it gains here."""
    import z3

    solver = z3.SimpleSolver()
    solver.set("timeout", max(1, int(seconds * 1000)))
    solver.from_string(text)
    word = str(solver.check())
    if word == "unknown":
        reason = solver.reason_unknown()
        late = "timeout" in reason or "cancel" in reason
        return Answer("timeout" if late else "unknown", detail=reason)
    model: Model = {}
    if word == "sat":
        found = solver.model()
        for declared in found.decls():
            value = found[declared]
            if z3.is_int_value(value):
                model[declared.name()] = value.as_long()
            elif z3.is_true(value) or z3.is_false(value):
                model[declared.name()] = z3.is_true(value)
    return Answer(word, model=model)


def run_cvc5(text: str, seconds: float) -> Answer:
    """cvc5 through its own reader of SMT-LIB."""
    import cvc5

    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    solver.setOption("produce-models", "true")
    solver.setOption("tlimit-per", str(max(1, int(seconds * 1000))))
    symbols = cvc5.SymbolManager(terms)
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "query")
    said = ""
    while True:
        command = parser.nextCommand()
        if command.isNull():
            break
        said += str(command.invoke(solver, symbols))
    word, _, detail = said.strip().partition(" ")
    if word not in ("sat", "unsat", "unknown"):
        raise RuntimeError(f"cvc5 said {word[:200]!r}")
    model: Model = {}
    if word == "sat":
        for declared in symbols.getDeclaredTerms():
            value = solver.getValue(declared)
            name = declared.getSymbol().strip("|")
            if value.isIntegerValue():
                model[name] = int(value.getIntegerValue())
            elif value.isBooleanValue():
                model[name] = bool(value.getBooleanValue())
    late = word == "unknown" and "TIMEOUT" in detail
    return Answer("timeout" if late else word, model=model, detail=detail)


RUNNERS: dict[str, Callable[[str, float], Answer]] = {"z3": run_z3, "cvc5": run_cvc5}


def _child(
    channel: Connection, runner: Callable[[str, float], Answer], text: str, seconds: float
) -> None:
    try:
        answer = runner(text, seconds)
    except Exception as error:  # whatever a solver throws is an answer: error
        answer = Answer("error", detail=f"{type(error).__name__}: {error}"[:500])
    channel.send(answer)
    channel.close()


def ask(
    name: str,
    text: str,
    seconds: float,
    runner: Callable[[str, float], Answer] | None = None,
) -> Answer:
    """Put one query to one solver, in a process of its own that is killed when its time is up."""
    begin = time.monotonic()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(
        target=_child, args=(there, runner or RUNNERS[name], text, seconds), daemon=True
    )
    process.start()
    there.close()
    answer = Answer("timeout", detail="killed")
    try:
        if here.poll(seconds + GRACE):
            answer = here.recv()
    except EOFError:
        answer = Answer("error", detail="the solver's process ended without an answer")
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        here.close()
    taken = time.monotonic() - begin
    return Answer(answer.word, taken, answer.model, answer.detail)


_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


def file_name(title: str) -> str:
    """A title as the name of a file."""
    return _SAFE.sub("-", title).strip("-")
