"""What was shown of a function stays shown while its bytes, its source and this prover stand.

The key is the hash of everything that a judgement reads: the bytes and the names of what they call,
the tree of the function and of all that it reaches, the records, the cases, the engine, the lifter
and the solvers. Only what was proved is kept.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from dosekernel.spec.effects import calls, statements
from dosekernel.spec.language import source_hash
from dosekernel.spec.tree import Program

from ..cache import engine_hash, keep
from .image import Image
from .judge import Judgement, Settings, Standing
from .lift import lift
from .meaning import Source


@cache
def prover_hash() -> str:
    """The hash of this prover of machine code, and of what it is built on."""
    return engine_hash() + source_hash(Path(__file__).parent.glob("*.py"))


@dataclass
class JudgementStore:
    """Judgements by what they read."""

    directory: Path
    image: Image
    source: Source
    settings: Settings
    versions: Mapping[str, str]

    def __post_init__(self) -> None:
        self.trees: dict[str, str] = {}
        self.records = digest(repr(self.source.program.records))

    def tree(self, name: str) -> str:
        """The hash of a function and of all that it reaches."""
        if name not in self.trees:
            function = self.source.program.functions[name]
            inner = sorted({self.tree(each) for each in callees(self.source.program, name)})
            self.trees[name] = digest(repr((function, inner)))
        return self.trees[name]

    def key(self, symbol: str) -> str | None:
        """The hash of all that a judgement reads; None for what is no function of the source."""
        subject, code = self.source.subject(symbol), self.image.functions.get(symbol)
        if subject is None or code is None:
            return None
        targets = [
            (
                instruction.address - code.address,
                place.offset - code.address,
                self.name(place.offset),
            )
            for instruction in lift(self.image, code).values()
            for operation in instruction.operations
            for place in operation.inputs
            if place.space == "ram"
        ]
        parts = (
            prover_hash(), version("pypcode"), sorted(self.versions.items()), self.image.machine,
            symbol, code.data.hex(), targets, self.records, self.settings.raw,
            self.tree(subject.name) if subject.function else subject.name,
            sorted(self.settings.cases.get(subject.name, {}).items()),
        )  # fmt: skip
        return digest(repr(parts))

    def name(self, address: int) -> str:
        """The function that begins at an address, if one does."""
        return self.image.starts.get(address, "")

    def get(self, key: str) -> Judgement | None:
        """What was shown under a key."""
        try:
            kept = json.loads((self.directory / key).read_text(encoding="utf-8"))
            found = Judgement(**kept)
        except (OSError, ValueError, TypeError):
            return None
        if found.standing != Standing.PROVED:
            return None
        found.standing, found.cached, found.seconds = Standing.PROVED, True, 0.0
        found.divisions = [(multiplier, shift) for multiplier, shift in found.divisions]
        return found

    def put(self, key: str, judgement: Judgement) -> None:
        """Keep what was proved."""
        if judgement.standing is Standing.PROVED:
            keep(self.directory / key, json.dumps(asdict(judgement)))


def callees(program: Program, name: str) -> set[str]:
    """The functions that a function calls itself."""
    return {
        call.function
        for statement in statements(program.functions[name].body)
        for call in calls(statement)
        if call.function in program.functions
    }


def digest(text: str) -> str:
    """A hash."""
    return hashlib.sha256(text.encode()).hexdigest()
