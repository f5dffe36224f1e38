"""A bedside whose every move is written down: the interpreted kernel decides, the model agrees."""

from dosekernel import Event, Limits, Outcome
from dosekernel.kernel import records as k
from dosekernel.kernel.step import adopt, initialise, step
from dosekernel.spec.limits import preset_names
from dosekernel.spec.model import Model
from dosekernel.spec.model.guards import REPORTS
from dosekernel.strategies import Bedside

from .vector_file import LIMITS_FIELDS, Adopt, Damage, History, Move, Start, Step, Vectors, sum_of

INSULIN = Limits.load("insulin-u100")
ZEROS = k.Limits()  # no limits that a pump could have; `Limits` itself would refuse them
Given = Limits | k.Limits


class Book:
    """The vectors as they grow: limits by name, and one recorder for each history."""

    def __init__(self) -> None:
        presets = {name: Limits.load(name) for name in preset_names()}
        self.limits = {name: tuple(limits.words()) for name, limits in presets.items()}
        self.bases = list(self.limits)
        self.limits["zeros"] = tuple(ZEROS.words())
        self.recorders: list[Recorder] = []
        self.title = ""

    def begin(self, limits: Given = INSULIN, at: int = 0) -> "Recorder":
        """A history under these limits; further ones of one title are counted."""
        told = sum(each.start.name.startswith(self.title) for each in self.recorders)
        name = f"{self.title} ({told + 1})" if told else self.title
        recorder = Recorder(self, name, limits, at)
        self.recorders.append(recorder)
        return recorder

    def pump(self, limits: Limits = INSULIN, rate: int = 1_000_000, amount: int = 0) -> "Recorder":
        """A history that begins with a pump that was set up and delivers."""
        recorder = self.begin(limits)
        recorder.set_up(rate, amount)
        return recorder

    def call(self, name: str, limits: Limits) -> None:
        """Give limits a name of their own, by which others near them are called too."""
        self.limits[name] = tuple(limits.words())
        self.bases.append(name)

    def named(self, limits: Given) -> str:
        """The name of these limits: one that they have, or the nearest one and what differs."""
        words = tuple(limits.words())
        for name, others in self.limits.items():
            if others == words:
                return name
        changes = {base: self.changes(base, words) for base in self.bases}
        near = min(self.bases, key=lambda base: len(changes[base]))
        name = ", ".join([near, *changes[near]])
        self.limits[name] = words
        return name

    def changes(self, base: str, words: tuple[int, ...]) -> list[str]:
        """Each limit that is not as in the base."""
        fields = zip(LIMITS_FIELDS, words, self.limits[base], strict=True)
        return [f"{field} {word}" for field, word, other in fields if word != other]

    def vectors(self) -> Vectors:
        """All that was written down."""
        histories = tuple(History(each.start, tuple(each.moves)) for each in self.recorders)
        return Vectors(self.limits, histories)


class Recorder(Bedside):
    """One history; the model follows it until a word is damaged, which no model foresees."""

    def __init__(self, book: Book, name: str, limits: Given, at: int) -> None:
        self.book = book
        self.limits = limits if isinstance(limits, Limits) else INSULIN
        self.now = at
        self.id = 0
        self.memory = k.Memory()
        record = recorded(limits)
        reason = initialise(self.memory, record, at)
        self.start = Start(0, name, book.named(limits), at, reason, sum_of(self.memory.words()))
        self.moves: list[Move] = []
        self.model = Model(record, at)
        self.followed = reason == k.REASON_NONE

    def ask(self, kind: int, pause: int = 0, **fields: int) -> Outcome:
        """An event after a pause, as at any bedside."""
        self.now += pause
        words = {"at": self.now, "id": 0 if kind in REPORTS else self.id + 1, **fields}
        told = self.step(Event(kind, **words))
        self.id = self.model.pump.last_id
        return told

    def step(self, event: Event) -> Outcome:
        """One event, decided by the interpreted kernel and judged by the model."""
        asked, outcome = k.Event(), k.Outcome()
        asked.set_words(list(event.words))
        step(self.memory, asked, outcome)
        if self.followed:
            self.model.observe(asked, outcome)
        words = tuple(outcome.words())
        self.moves.append(Step(0, tuple(event.words), words, sum_of(self.memory.words())))
        return Outcome.from_words(words)

    def adopt(self, limits: Given, pause: int = 0) -> int:
        """Other limits are offered; the reason with which they are answered."""
        self.now += pause
        record = recorded(limits)
        reason = adopt(self.memory, record, self.now)
        if self.followed:
            self.model.adopt(record, self.now, reason)
        name = self.book.named(limits)
        self.moves.append(Adopt(0, name, self.now, reason, sum_of(self.memory.words())))
        return reason

    def damage(self, word: int, value: int) -> None:
        """A word of the memory changes from outside; the model knows nothing of that."""
        self.followed = False
        words = self.memory.words()
        words[word] = value
        self.memory.set_words(words)
        self.moves.append(Damage(0, word, value, sum_of(words)))

    def run_out(self, pause: int = k.MINUTE) -> int:
        """Tick and confirm until nothing is owed, in longer steps than a motor would take."""
        return super().run_out(pause)


def expect(outcome: Outcome, **words: int) -> None:
    """What a history is told for; raises AssertionError if the kernel answers otherwise."""
    for name, word in words.items():
        found = getattr(outcome, name)
        assert found == word, f"{name} is {found!r}, this history is told for {word}"


def recorded(limits: Given) -> k.Limits:
    """The kernel's own record of these limits."""
    return limits.to_record() if isinstance(limits, Limits) else limits.duplicate()
