"""The exact model and the properties of the proof, asked about a life that the harness played."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from dosekernel.kernel import records as k
from dosekernel.kernel.contract import Record
from dosekernel.spec import properties
from dosekernel.spec.model import DisagreementError, Model
from dosekernel.spec.theorems import THEOREMS

from .._native import Event, Outcome
from .native import ADOPT, DAMAGE, INIT, STEP, Told

EVENT_WORDS = len(k.Event().words())
OUTCOME_WORDS = len(k.Outcome().words())
LIMITS_WORDS = len(k.Limits().words())
LONGEST = 2**62
GHOSTS = (0, 1, -1, k.HOUR, 10**6, 10**9, k.VOLUME_MAX, LONGEST)


class ObjectionError(AssertionError):
    """The model or a property does not agree with a step; `oracle` names which."""

    def __init__(self, oracle: str, sentence: str) -> None:
        super().__init__(f"{oracle}: {sentence}")
        self.oracle, self.sentence = oracle, sentence


@dataclass(frozen=True)
class Step:
    """One step as records: the event, the outcome, the memory on both sides."""

    event: k.Event
    outcome: k.Outcome
    before: k.Memory
    after: k.Memory


def step_of(words: Sequence[int]) -> Step:
    """The records that the harness's words stand for."""
    found = Step(k.Event(), k.Outcome(), k.Memory(), k.Memory())
    place = 0
    for record in (found.event, found.outcome, found.before, found.after):
        count = len(record.words())
        record.set_words(list(words[place : place + count]))
        place += count
    return found


# ---- the exact model


class Judge:
    """Follows lives: the model beside every step, the properties at a sample of them."""

    def __init__(self, seed: int, every: int = 16, longest: int = 120) -> None:
        self.random, self.every, self.longest = Random(seed), every, longest
        self.begin()

    def begin(self) -> None:
        """A new life."""
        self.model: Model | None = None
        self.steps = 0

    def hear(self, told: Told) -> None:
        """One thing that happened; raises `ObjectionError`."""
        if told.tag == INIT:
            limits, at, _ = limits_of(told.words)
            self.model = Model(limits, at)
        elif told.tag == DAMAGE:
            self.model = None  # it knows the whole history, and this state has none
        elif told.tag == ADOPT and self.model is not None:
            agree(self.model.adopt, *limits_of(told.words))
        elif told.tag == STEP:
            self.steps += 1
            if self.steps <= self.longest:
                self._step(told.words)
            else:
                self.model = None  # it was not told of this step

    def _step(self, words: tuple[int, ...]) -> None:
        if self.model is not None:
            event = Event.from_words(words[:EVENT_WORDS])
            outcome = Outcome.from_words(words[EVENT_WORDS : EVENT_WORDS + OUTCOME_WORDS])
            agree(self.model.observe, event, outcome)
        if self.random.randrange(self.every) == 0:
            check_properties(step_of(words), self.random)


def agree(ask: Callable[..., None], *arguments: object) -> None:
    """Ask the model; its objection is ours."""
    try:
        ask(*arguments)
    except DisagreementError as error:
        raise ObjectionError("model", str(error)) from None


def limits_of(words: Sequence[int]) -> tuple[k.Limits, int, int]:
    """Limits, a time and a reason, as the harness tells them."""
    limits = k.Limits()
    limits.set_words(list(words[:LIMITS_WORDS]))
    return limits, words[LIMITS_WORDS], words[LIMITS_WORDS + 1]


# ---- the properties of the proof


@cache
def statements() -> dict[str, Callable[..., bool]]:
    """Every statement of a theorem about a whole step, by its name."""
    functions: dict[str, Callable[..., bool]] = {}
    for found in pkgutil.iter_modules(properties.__path__):
        module = importlib.import_module(f"{properties.__name__}.{found.name}")
        functions |= dict(inspect.getmembers(module, inspect.isfunction))
    wanted = {
        name for theorem in THEOREMS if theorem.about == "step" for name in theorem.statements
    }
    return {name: functions[name] for name in sorted(wanted)}


def check_properties(step: Step, random: Random) -> None:
    """Every statement about one step, ghosts drawn by chance; raises `ObjectionError`."""
    for name, statement in statements().items():
        words = {
            each.name: argument(each, step, random)
            for each in inspect.signature(statement).parameters.values()
        }
        if not statement(**words):
            raise ObjectionError(f"property {name}", (statement.__doc__ or name).splitlines()[0])


def argument(parameter: inspect.Parameter, step: Step, random: Random) -> Any:
    """What a statement's parameter stands for in this step."""
    known = {
        "before": step.before.state,
        "after": step.after.state,
        "memory_before": step.before,
        "memory_after": step.after,
        "event": step.event,
        "outcome": step.outcome,
        "result": step.outcome.status,
    }
    if parameter.name in known:
        return known[parameter.name]
    kind = parameter.annotation
    if isinstance(kind, type) and issubclass(kind, Record):
        ghost = kind()
        ghost.set_words([_ghost(step, random) for _ in ghost.words()])
        return ghost
    return _ghost(step, random)


def _ghost(step: Step, random: Random) -> int:
    """Any number: an edge, a time near the step, a volume near what the windows hold."""
    near = (step.before.state.now, step.outcome.window_total, step.outcome.day_total)
    return random.choice((*GHOSTS, random.randrange(k.DAY), *near))
