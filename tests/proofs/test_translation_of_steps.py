"""The translation on the kernel itself: what terms say of a step is what CPython and C do.

The whole of `step` is read once as terms, every call opened, on words of which nothing is known;
then each step of a random life, of a damaged memory too, is looked up in those terms.
"""

from functools import cache
from random import Random

import pytest

from dosekernel import Event, Kernel, Limits
from dosekernel.kernel import records as k
from dosekernel.kernel.step import initialise, step
from dosekernel.proofs.calls import Caller
from dosekernel.proofs.flows import Facts
from dosekernel.proofs.layout import Reference
from dosekernel.proofs.layout import Value as Operand
from dosekernel.proofs.problems import arguments, inputs
from dosekernel.proofs.replay import replay_function
from dosekernel.proofs.runner import read_program
from dosekernel.proofs.terms import Term, both, equal, variable
from dosekernel.proofs.walks import evaluate
from dosekernel.spec.limits import preset_names
from dosekernel.strategies.damage import damaged
from dosekernel.strategies.walk import Walk, vary

from .meaning import Meaning

STEPS = 300
LIFE = 30
MANY_STEPS = 4_500


@cache
def kernel_facts() -> Facts:
    return Facts(read_program(None))


@cache
def step_terms() -> Meaning:
    """The meaning of `step`, for any memory, event and outcome."""
    facts = kernel_facts()
    function = facts.program.functions["step"]
    machine = Caller(facts, frozenset(facts.program.functions))
    given = arguments(machine, function, ())
    entry = inputs(function, given)
    result = machine.run_function(function, given)
    return Meaning(machine, entry, result, words_in(given))


@cache
def outcome_terms() -> Term:
    """That the step left such words: one term, so that it is walked through once."""
    terms = step_terms()
    words = enumerate((terms.result, *terms.after))
    return both(*[equal(word, variable(f"left!{i}")) for i, word in words])


@cache
def owed_terms() -> Term:
    """Every fact that was taken on the way, and everything that was owed."""
    knowledge = step_terms().machine.knowledge
    return both(*knowledge.facts, *[goal.term for goal in knowledge.goals])


def words_in(given: list[Operand]) -> list[Term]:
    """The words of the records that a step was given."""
    found: list[Term] = []
    for each in given:
        assert isinstance(each, Reference)
        found.extend(each.words())
    return found


class Life:
    """One pump's life, and each of its steps in every meaning."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        limits = Limits.load(self.random.choice(preset_names())).to_record()
        if self.random.random() < 0.6:
            limits = vary(self.random, limits)
        self.memory = k.Memory()
        assert initialise(self.memory, limits, 0) == k.REASON_NONE
        self.compiled = Kernel(limits, 0)
        self.walk = Walk(self.random)
        self.seen: dict[int, int] = {}

    def step(self, deep: bool = False) -> None:
        """One step: terms, CPython and C; with `deep`, on the prover's constants too."""
        event = self.walk.event(self.memory.state)
        sound = self.memory.duplicate()
        if self.random.random() < 0.15:
            self.memory = damaged(self.random, self.memory)
        before = self.memory.duplicate()
        outcome = k.Outcome()
        outcome.set_words([self.random.randint(-9, 9) for _ in outcome.words()])
        given = [before.words(), event.words(), outcome.words()]
        status = step(self.memory, event, outcome)
        left = [*self.memory.words(), *event.words(), *outcome.words()]
        self.in_c(before, event, status, outcome)
        self.in_terms(given, status, left, deep)
        if deep:
            replay = replay_function(kernel_facts(), "step", tuple(tuple(each) for each in given))
            assert replay is not None
            assert replay.broken == ()
            assert [*(word for each in replay.after for word in each)] == left
            assert replay.result == status
        self.seen[status] = self.seen.get(status, 0) + 1
        if status == k.CORRUPT:
            self.memory = sound

    def in_c(self, before: k.Memory, event: k.Event, status: int, outcome: k.Outcome) -> None:
        """The same step in the compiled kernel."""
        self.compiled._set_words(before.words())
        found = self.compiled.step(Event.from_words(event.words()))
        assert (found.status, list(found.words)) == (status, outcome.words())
        assert list(self.compiled._words()) == self.memory.words()

    def in_terms(self, given: list[list[int]], status: int, left: list[int], deep: bool) -> None:
        """The same step in the terms of the proof; with `deep`, all that they owe is met too."""
        terms, whole = step_terms(), outcome_terms()
        model = terms.model(given)
        model.update({f"left!{i}": word for i, word in enumerate([status, *left])})
        if not evaluate(whole, model):
            found = [evaluate(word, model) for word in (terms.result, *terms.after)]
            assert found == [status, *left]
        if deep:
            assert evaluate(owed_terms(), model)


def live(seeds: range, steps: int, deep: int) -> dict[int, int]:
    """Lives of some steps each; in each, `deep` steps are run on constants too."""
    seen: dict[int, int] = {}
    for seed in seeds:
        life = Life(seed)
        for i in range(steps):
            life.step(deep=i < deep)
        for status, count in life.seen.items():
            seen[status] = seen.get(status, 0) + count
    return seen


def test_steps_agree() -> None:
    lives = STEPS // LIFE
    seen = live(range(20, 20 + lives), LIFE, 1)
    assert sum(seen.values()) == STEPS
    assert set(seen) == {k.ACCEPTED, k.REFUSED, k.REPEATED, k.CORRUPT}, seen


@pytest.mark.slow
def test_many_steps_agree() -> None:
    seen = live(range(1000, 1000 + MANY_STEPS // LIFE), LIFE, 1)
    assert sum(seen.values()) == MANY_STEPS
    assert min(seen.values()) >= MANY_STEPS // 500, seen
