"""What is known of mutants from earlier runs, kept so that a run that was stopped goes on.

A judgement is kept under the hash of all that it came from: the kernel, the statements, the
theorems, this prover's own source, the solvers, and the mutant.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from dosekernel.spec.language import source_hash

from ..cache import keep
from ..solvers import solver_version
from .judge import SOLVERS, Fate, Judgement
from .subject import Subject


@dataclass(frozen=True)
class Record:
    """Judgements, and which bodies the theorems read, in a folder of the cache."""

    directory: Path
    origin: str

    def path(self, what: str) -> Path:
        """Where something is kept."""
        key = hashlib.sha256(f"{self.origin}\n{what}".encode()).hexdigest()
        return self.directory / "mutants" / key[:2] / key

    def get(self, name: str) -> Judgement | None:
        """A judgement; none if it is not kept, or not readable."""
        try:
            entry = json.loads(self.path(name).read_text(encoding="utf-8"))
            found = Judgement(**{**entry, "fate": Fate(entry["fate"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return found if found.name == name else None

    def put(self, judgement: Judgement) -> None:
        """Keep a judgement."""
        keep(self.path(judgement.name), json.dumps(asdict(judgement)))

    def get_read(self) -> dict[str, list[str]] | None:
        """Which bodies the theorems read, if it is kept."""
        try:
            found = json.loads(self.path("bodies read").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def put_read(self, read: dict[str, list[str]]) -> None:
        """Keep which bodies the theorems read."""
        keep(self.path("bodies read"), json.dumps(read))


def record_of(subject: Subject, directory: Path) -> Record:
    """The record of one kernel with its theorems."""
    home = Path(__file__).parent
    engine = source_hash([*home.glob("*.py"), *home.parent.glob("*.py")])
    versions = sorted((solver, solver_version(solver)) for solver in SOLVERS)
    parts = (
        sorted(subject.kernel.items()),
        sorted(subject.properties.items()),
        subject.theorems,
        subject.splits,
        versions,
        engine,
    )
    return Record(directory, hashlib.sha256(repr(parts).encode()).hexdigest())
