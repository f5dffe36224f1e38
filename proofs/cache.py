"""What was shown once need not be shown again: `unsat` answers, kept under the hash of the query.

The key is the whole text of a query with the solver, its version and its options, so an entry can
only ever answer the very same question. Only `unsat` is kept; every other answer is asked anew.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .solvers import Answer, ask, solver_version

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
            self.keep(path, entry)
        return answer

    def keep(self, path: Path, entry: str) -> None:
        """Write an entry whole or not at all; a cache that cannot be written is no cache."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(entry)
            os.replace(name, path)
        except OSError:
            return
