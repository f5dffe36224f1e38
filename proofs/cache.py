"""What was shown once need not be shown again, and only what was shown is kept.

An `unsat` is kept under the hash of the whole text of its query with the solver and its version.

The result of a unit in which all was proved is kept with its trail: what it read of the program,
and a hash of that. It answers again only while everything that it read stands as it stood, line for
line of each function, so an edit asks again only those units that read what was edited. That a
unit's name, case and theorem, this prover's own source and the solvers are the same is part of the
key. Lines count from the head of their function: what only moved in its file is not asked again.

For a cover its call is kept. A call needs no trust: it is run again on ints, whatever was edited.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import dosekernel.spec
from dosekernel.spec.language import source_hash
from dosekernel.spec.theorem import Theorem

from .replay import Numbers
from .solvers import Answer, Verdict, ask, solver_version
from .trail import WatchedFacts, digest
from .work import Job, Result, Share

# Changes whenever the way a query is put to a solver does.
WAY = "1"
# So many results of one unit are kept: those of an edit and of what stood before it.
KEPT = 8


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
    """Whole units in which everything was proved, each with the trail of what it read."""

    directory: Path
    facts: WatchedFacts
    theorems: Mapping[str, Theorem]
    splits: Mapping[str, Mapping[str, tuple[int, ...]]]
    versions: Mapping[str, str]

    def key(self, job: Job, theorem: str) -> str:
        """The hash of everything but the program's functions."""
        entry = self.theorems.get(theorem)
        parts = (
            engine_hash(),
            sorted(self.versions.items()),
            self.facts.shape,
            (job.kind, job.name, job.case, theorem),
            None if entry is None else replace(entry, title=""),
            self.splits.get(job.name) if job.kind == "exhaustive" else None,
        )
        return digest(repr(parts))

    def path(self, job: Job, theorem: str) -> Path:
        """Where the results of a unit are kept."""
        return self.directory / "units" / self.key(job, theorem)

    def get(self, job: Job, theorem: str) -> Result | None:
        """The result of a unit; None if none is kept that read just what stands now."""
        path = self.path(job, theorem)
        for entry in entries(path):
            try:
                if entry["digest"] != self.facts.digest(entry["read"]):
                    continue
                result = Result(**entry["result"])
                result.verdicts = {name: Verdict(word) for name, word in result.verdicts.items()}
                result.shares = [self.placed(share) for share in result.shares]
            except (ValueError, TypeError, KeyError, IndexError):
                continue  # no entry that can be read: prove it
            if result.theorem == theorem and proved(result):
                result.seconds = dict.fromkeys(result.seconds, 0.0)
                result.building, result.cached, result.asked = 0.0, True, []
                return result
        return None

    def put(self, job: Job, result: Result) -> None:
        """Keep the result of a unit, if everything in it was proved."""
        if not proved(result) or not result.read:
            return
        path = self.path(job, result.theorem)
        entry = {
            "digest": self.facts.digest(result.read),
            "read": result.read,
            "result": {**asdict(result), "shares": [self.moved(s) for s in result.shares]},
        }
        others = [each for each in entries(path) if each.get("digest") != entry["digest"]]
        keep(path, json.dumps({"key": path.name, "entries": [entry, *others[: KEPT - 1]]}))

    def moved(self, share: Share) -> dict[str, object]:
        """A share of the obligations, its line counted from the head of its function."""
        line = share.line - self.facts.plain.functions[share.function].line
        return {**asdict(share), "file": "", "line": line}

    def placed(self, share: Any) -> Share:
        """A share of the obligations, where its function stands now."""
        function = self.facts.plain.functions[share["function"]]
        return Share(**{**share, "file": function.file, "line": function.line + share["line"]})


def entries(path: Path) -> list[dict[str, Any]]:
    """What is kept under a path, the latest first; nothing if it cannot be read."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return list(kept["entries"]) if kept["key"] == path.name else []
    except (OSError, ValueError, TypeError, KeyError):
        return []


def proved(result: Result) -> bool:
    """True if every solver proved it all and nothing was found."""
    verdicts = list(result.verdicts.values())
    return bool(verdicts) and set(verdicts) == {Verdict.PROVED} and not result.findings


@dataclass(frozen=True)
class CallStore:
    """The calls that covered theorems: proposals for the next run, each run again on ints.

    Theorems about one function with one covering property share its call.
    """

    directory: Path

    def path(self, theorem: Theorem) -> Path:
        """Where the call of a theorem's cover is kept."""
        return self.directory / "covers" / digest(f"{theorem.about} {theorem.cover}")

    def get(self, theorem: Theorem) -> Numbers | None:
        """The words of the arguments of a call; None if none is kept."""
        for entry in entries(self.path(theorem)):
            words = entry.get("words")
            if isinstance(words, list) and all(isinstance(each, list) for each in words):
                found = tuple(tuple(each) for each in words)
                if all(type(word) in (int, bool) for each in found for word in each):
                    return found
        return None

    def put(self, theorem: Theorem, words: Numbers) -> None:
        """Keep a call."""
        path = self.path(theorem)
        keep(path, json.dumps({"key": path.name, "entries": [{"words": words}]}))


@cache
def engine_hash() -> str:
    """The hash of everything that makes obligations out of a tree and puts them to solvers."""
    home = Path(__file__).parent
    spec = Path(str(dosekernel.spec.__file__)).parent
    shared = [spec / "tree.py", spec / "effects.py", spec / "theorem.py"]
    return source_hash([*(path for path in home.glob("*.py")), *shared])


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
