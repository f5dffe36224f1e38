"""Random walks against the exact model: the kernel agrees, and broken kernels are caught.

A model that never objects would prove nothing, so each rule of the kernel is broken once here and
must make the model object. Lives are named by their seed.
"""

import importlib
import pkgutil
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from dosekernel import Limits, kernel
from dosekernel.kernel import records as k
from dosekernel.kernel.step import adopt, initialise, step
from dosekernel.spec.limits import preset_names
from dosekernel.spec.model import DisagreementError, Model
from dosekernel.strategies.walk import Walk, vary

LIVES = 120
LIVES_TO_CATCH = 200
STEPS = 300
MODULES = [
    importlib.import_module(f"dosekernel.kernel.{module.name}")
    for module in pkgutil.iter_modules(kernel.__path__)
]


def live(seed: int) -> None:
    """One life, checked step by step; raises DisagreementError."""
    random = Random(seed)
    limits = Limits.load(random.choice(preset_names())).to_record()
    limits = vary(random, limits) if random.random() < 0.7 else limits
    memory, start = k.Memory(), random.choice((0, 10**9 + 1))
    assert initialise(memory, limits, start) == k.REASON_NONE
    model, walk = Model(limits, start), Walk(random)
    for _ in range(STEPS):
        if random.random() < 0.01:
            other = vary(random, memory.state.limits)
            at = memory.state.now + walk.pause(memory.state.limits)
            model.adopt(other, at, adopt(memory, other, at))
        event, outcome = walk.event(memory.state), k.Outcome()
        step(memory, event, outcome)
        model.observe(event, outcome)


@pytest.mark.parametrize("preset", range(6))
def test_the_kernel_agrees_with_the_model(preset: int) -> None:
    for seed in range(preset, LIVES, 6):
        live(seed)


Break = Callable[[Callable[..., Any]], Callable[..., Any]]


def answers(value: object) -> Break:
    """A function that always gives the same answer."""
    return lambda original: lambda *arguments: value


def nothing(original: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is not carried out."""
    return lambda *arguments: None


def scaled(numerator: int, denominator: int) -> Break:
    """A figure that is wrong by a factor."""
    return lambda original: lambda *words: original(*words) * numerator // denominator


def shifted(step: int) -> Break:
    """A figure that is wrong by a little."""
    return lambda original: lambda *words: original(*words) + step


# Which rule is broken, and how.
BROKEN: dict[str, Break] = {
    "accrued": scaled(2, 1),
    "book": nothing,
    "book_excess": nothing,
    "busy": answers(False),
    "cancel_prime": answers(0),
    "cannula_ready": answers(True),
    "change_reason": answers(k.REASON_NONE),
    "committed_rate": answers(0),
    "complete": nothing,
    "day_need": scaled(1, 2),
    "empty": answers(False),
    "end_raised_temporary": nothing,
    "expire_low_suspension": nothing,
    "fault_repeats": answers(False),
    "foretold_low": answers(False),
    "held": answers(False),
    "increase_reason": answers(k.REASON_NONE),
    "locked_out": answers(False),
    "low": answers(False),
    "on_board": scaled(1, 2),
    "raise_id": nothing,
    "repeats": answers(False),
    "run_extended": nothing,
    "set_expired": answers(False),
    "slots_passed": shifted(1),
    "source_cap": scaled(2, 1),
    "source_may": answers(True),
    "speed_room": scaled(2, 1),
    "tubing_ready": answers(True),
    "window_need": scaled(1, 2),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_kernel_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    users = [module for module in MODULES if hasattr(module, name)]
    assert users, f"the kernel has no function {name}"
    broken = BROKEN[name](getattr(users[0], name))
    for module in users:
        monkeypatch.setattr(module, name, broken)
    assert caught(), f"{LIVES_TO_CATCH} lives of a kernel with a broken {name} met no objection"


def caught() -> bool:
    """Whether the model objects in one of many lives."""
    for seed in range(LIVES_TO_CATCH):
        try:
            live(seed)
        except DisagreementError:
            return True
    return False
