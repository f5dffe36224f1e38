"""What was shown once need not be shown again, and only what was shown is kept.

An `unsat` is kept under the hash of the whole text of its query with the solver and its version.
The results of a unit in which all was proved are kept under the hash of everything that they came
from: the program, the theorems, this prover's own source, the solvers. So an entry can only ever
answer the very same question: an unchanged kernel takes seconds, an edited one asks again only what
the edit changed.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dosekernel.spec.language import source_hash

from .solvers import Answer, Verdict, ask, solver_version
from .units import Result

# Changes whenever the way a query is put to a solver does.
WAY = "1"


def cache_directory() -> Path:
    """`DOSEKERNEL_CACHE`, or the user's cache directory."""
    named = os.environ.get("DOSEKERNEL_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "dosekernel" / "proofs"


@dataclass(frozen=True)
class CachedAsker:
    """Asks a solver, unless the very same question was answered `unsat` before."""

    directory: Path
    asker: Callable[[str, str, float], Answer] = ask

    def __call__(self, solver: str, text: str, seconds: float) -> Answer:
        """One query."""
        question = f"{solver} {solver_version(solver)} {WAY}\n{text}"
        key = hashlib.sha256(question.encode()).hexdigest()
        path = self.directory / key[:2] / key
        entry = f"unsat {key}\n"
        try:
            if path.read_text(encoding="ascii") == entry:
                return Answer("unsat", 0.0, detail="cached")
        except (OSError, UnicodeDecodeError):
            pass  # no entry that can be read: ask
        answer = self.asker(solver, text, seconds)
        if answer.word == "unsat":
            keep(path, entry)
        return answer


@dataclass(frozen=True)
class ResultStore:
    """Whole units in which everything was proved, under the hash of all that they came from."""

    directory: Path
    origin: str

    def path(self, unit: str) -> Path:
        """Where the results of a unit are kept."""
        key = hashlib.sha256(f"{self.origin}\n{unit}".encode()).hexdigest()
        return self.directory / "units" / key

    def get(self, unit: str) -> list[Result]:
        """The results of a unit; none if they are not kept, or not readable."""
        path = self.path(unit)
        try:
            entry = json.loads(path.read_text(encoding="utf-8"))
            if entry["key"] != path.name or entry["unit"] != unit:
                return []
            found = [Result(**result) for result in entry["results"]]
        except (OSError, ValueError, TypeError, KeyError):
            return []  # no entry that can be read: prove it
        for result in found:
            result.verdicts = {name: Verdict(word) for name, word in result.verdicts.items()}
            result.seconds = dict.fromkeys(result.seconds, 0.0)
            result.building = 0.0
        return found if all(proved(result) for result in found) else []

    def put(self, unit: str, results: Sequence[Result]) -> None:
        """Keep the results of a unit, if everything in them was proved."""
        if results and all(proved(result) for result in results):
            path = self.path(unit)
            entry = {
                "key": path.name,
                "unit": unit,
                "results": [asdict(result) for result in results],
            }
            keep(path, json.dumps(entry))


def proved(result: Result) -> bool:
    """True if every solver proved it all and nothing was found."""
    verdicts = list(result.verdicts.values())
    return bool(verdicts) and set(verdicts) == {Verdict.PROVED} and not result.findings


def origin(program: object, theorems: object, solvers: dict[str, str]) -> str:
    """The hash of everything that a result comes from."""
    engine = source_hash(Path(__file__).parent.glob("*.py"))
    parts = (repr(program), repr(theorems), repr(sorted(solvers.items())), engine)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def keep(path: Path, entry: str) -> None:
    """Write an entry whole or not at all; a cache that cannot be written is no cache."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(entry)
        os.replace(name, path)
    except OSError:
        return
