"""What is to be done and what came of it: units, the settings that they share, their results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dosekernel.spec.theorem import Theorem

from .flows import Facts
from .solvers import Verdict
from .strategy import Asker

TOTALITY = "totality"
# Terms nest as deep as the program: more than Python's usual 1000 frames.
RECURSION = 100_000
# How a function is split into cases: the words that a case fixes, and their values.
Split = Mapping[str, tuple[int, ...]]
# The words that a case of a theorem fixes; None is every value that no other case has.
Case = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Job:
    """One unit: what to build, and which theorems it serves."""

    kind: str
    name: str
    theorems: tuple[str, ...]
    case: Case = ()

    @property
    def title(self) -> str:
        """For people."""
        shown = ", ".join(f"{path} = {'other' if v is None else v}" for path, v in self.case)
        return f"{self.name} [{shown}]" if shown else self.name


@dataclass
class Finding:
    """An obligation that was not shown.

    `call` is the counterexample as plain data, `test` a pytest file that fails as long as it holds.
    """

    kind: str
    place: str
    function: str
    text: str
    solver: str
    verdict: Verdict
    counterexample: str = ""
    disagreement: bool = False
    call: dict[str, Any] | None = None
    test: str = ""


@dataclass(frozen=True)
class Share:
    """The obligations of one kind at one place of a unit, and how each solver left them."""

    kind: str
    function: str
    file: str
    line: int
    count: int
    verdicts: dict[str, str]

    @property
    def place(self) -> str:
        """Where in the source, as `file:line`."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Query:
    """One query: the first and last obligation that it was about, how many, and the answer.

    A query may be about several theorems that share a run: `together` then counts the obligations
    of all of them, and the seconds are this theorem's part.
    """

    solver: str
    first: int
    last: int
    count: int
    answer: str
    seconds: float
    together: int = 0


@dataclass
class Result:
    """What a unit gave for one theorem."""

    theorem: str
    unit: str
    obligations: int = 0
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    queries: int = 0
    building: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    covered: str = ""
    shares: list[Share] = field(default_factory=list)
    asked: list[Query] = field(default_factory=list)
    # What the unit read of the program: `trail`; nothing if nobody watched.
    read: list[str] = field(default_factory=list)
    cached: bool = False


@dataclass(frozen=True)
class Settings:
    """What every unit of a run shares."""

    facts: Facts
    theorems: tuple[Theorem, ...]
    splits: Mapping[str, Split]
    solvers: tuple[str, ...]
    timeout: float
    asker: Asker
    # Where the source is, for replays; None if the program was given as text.
    kernel: Path | None = None
    # Where the calls of covers are kept.
    calls: Path | None = None

    def asked_of(self, theorem: Theorem | None) -> tuple[str, ...]:
        """The solvers that are to show a theorem: both, but where the list names one."""
        only = "" if theorem is None else theorem.one_solver
        return tuple(each for each in self.solvers if only in ("", each))
