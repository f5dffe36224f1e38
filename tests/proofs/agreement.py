"""When the meanings of a construct agree: each function raises AssertionError where they do not."""

from collections.abc import Callable
from random import Random

from dosekernel.proofs.replay import replay_function
from dosekernel.proofs.smtlib import script
from dosekernel.proofs.solvers import Answer, Verdict, ask, run_cvc5, run_z3
from dosekernel.proofs.strategy import Asker
from dosekernel.proofs.terms import Term, both, equal, integer, negate, truth
from dosekernel.proofs.units import TOTALITY, Job, Result, Settings, run_job
from dosekernel.proofs.walks import evaluate

from .meaning import (
    GREATEST,
    LEAST,
    Compiled,
    Meaning,
    Ran,
    Words,
    allowed,
    facts,
    functions,
    meaning,
    ran,
    shape,
)

# Ints at which something changes.
EDGES = (LEAST, LEAST + 1, -(2**32), -1, 0, 1, 2, 3, 2**31, 2**32, 2**62, GREATEST - 1, GREATEST)
SECONDS = 10.0
RUNNERS: dict[str, Callable[[str, float], Answer]] = {"z3": run_z3, "cvc5": run_cvc5}


def some_words(name: str, random: Random) -> Words:
    """Arguments of a construct: small ints mostly, so that guards hold as often as not."""
    wild = random.random() < 0.25
    function = facts().program.functions[name]
    return [
        [int(random.random() < 0.5)]
        if parameter.type == "bool"
        else [_some_int(random, wild) for _ in range(size)]
        for parameter, size in zip(function.parameters, shape(name), strict=True)
    ]


def _some_int(random: Random, wild: bool) -> int:
    if wild and random.random() < 0.5:
        return random.choice((*EDGES, random.randint(LEAST, GREATEST)))
    return random.choice((random.randint(-12, 12), random.randint(0, 3)))


# ---- one construct on some ints


def opened_agrees(name: str, words: Words, known: Meaning | None = None) -> None:
    """Terms with every call opened give what CPython gives, and owe what it cannot do."""
    found = known or meaning(name, opened=True)
    if not allowed(name, words):
        return
    happened = ran(name, words)
    model = found.model(words)
    for fact in found.machine.knowledge.facts:
        assert evaluate(fact, model), f"{name}{words}: a fact is false: {fact}"
    memo = {goal: evaluate(goal.term, model) for goal in found.machine.knowledge.goals}
    unmet = next((goal for goal, holds in memo.items() if not holds), None)
    if happened.broken is not None:
        assert unmet is not None, f"{name}{words}: {happened.broken}, and nothing is owed"
        assert (unmet.kind, unmet.line) == (happened.broken.kind, happened.broken.line)
        return
    assert unmet is None, f"{name}{words}: {unmet} is owed, and CPython does it"
    result = int(evaluate(found.result, model))
    left = [int(evaluate(word, model)) for word in found.after]
    assert (result, left) == (happened.result, _flat(happened)), f"{name}{words}"


def on_constants_agrees(name: str, words: Words) -> None:
    """The prover's own run on constants does what CPython does, and breaks where it breaks."""
    replay = replay_function(facts(), name, tuple(tuple(each) for each in _typed(name, words)))
    assert (replay is not None) is allowed(name, words), f"{name}{words}: its require"
    if replay is None:
        return
    happened = ran(name, words)
    if happened.broken is not None:
        assert replay.broken, f"{name}{words}: {happened.broken}, and it breaks nothing"
        return
    assert not replay.broken, f"{name}{words}: {replay.broken}"
    after = [int(word) for each in replay.after for word in each]
    assert (int(replay.result or 0), after) == (happened.result, _flat(happened)), f"{name}{words}"


def compiled_agrees(compiled: Compiled, name: str, words: Words) -> None:
    """C does what CPython does, wherever that is defined."""
    if not allowed(name, words):
        return
    happened = ran(name, words)
    if happened.broken is None:
        assert compiled.ran(name, words) == happened, f"{name}{words}"


def decided_agrees(name: str, words: Words, solver: str, known: Meaning | None = None) -> None:
    """Over contracts, a solver allows what CPython gives, and nothing else."""
    found = known or meaning(name, opened=False)
    if not allowed(name, words):
        return
    happened = ran(name, words)
    if happened.broken is not None:
        return
    given = [
        equal(word, truth(bool(value)) if word.boolean else integer(value))
        for each, values in zip(found.entry, words, strict=True)
        for word, value in zip(each.words, values, strict=True)
    ]
    known_facts = [*found.machine.knowledge.facts, *given]
    same = _outcome(found, happened)
    allows = _ask(solver, [*known_facts, same])
    assert allows.word == "sat", f"{name}{words}: {solver} does not allow what CPython gives"
    for each in (*known_facts, same):
        assert evaluate(each, allows.model), f"{name}{words}: {solver}'s model is none: {each}"
    others = _ask(solver, [*known_facts, negate(same)])
    assert others.word == "unsat", f"{name}{words}: {solver} allows another outcome too"


def _typed(name: str, words: Words) -> list[list[int | bool]]:
    kinds = [each.type for each in facts().program.functions[name].parameters]
    return [
        [bool(each[0])] if kind == "bool" else list(each)
        for kind, each in zip(kinds, words, strict=True)
    ]


def _flat(happened: Ran) -> list[int]:
    return [word for each in happened.after for word in each]


def _outcome(found: Meaning, happened: Ran) -> Term:
    """That the result and every word are what they were in CPython."""
    values = [happened.result, *_flat(happened)]
    return both(
        *[
            equal(term, truth(bool(value)) if term.boolean else integer(value))
            for term, value in zip([found.result, *found.after], values, strict=True)
        ]
    )


def _ask(solver: str, assertions: list[Term]) -> Answer:
    return RUNNERS[solver](script(assertions), SECONDS)


# ---- contracts of constructs


def shown(name: str, solvers: tuple[str, ...], asker: Asker = ask) -> Result:
    """A construct's own contract, put to solvers."""
    settings = Settings(facts(), (), {}, solvers, SECONDS, asker)
    (result,) = run_job(settings, Job("function", name, (TOTALITY,)))
    return result


def in_process(solver: str, text: str, seconds: float) -> Answer:
    """A query without a process of its own: for many small ones."""
    return RUNNERS[solver](text, seconds)


def kept_promise(name: str, solvers: tuple[str, ...], asker: Asker = ask) -> None:
    """A construct whose contract is right is proved."""
    verdicts = shown(name, solvers, asker).verdicts
    assert set(verdicts.values()) == {Verdict.PROVED}, f"{name}: {verdicts}"


def broken_promise(name: str, solvers: tuple[str, ...], asker: Asker = ask) -> None:
    """A construct whose contract is wrong is refuted, for the reason that its name ends in."""
    result = shown(name, solvers, asker)
    assert set(result.verdicts.values()) == {Verdict.REFUTED}, f"{name}: {result.verdicts}"
    kinds = {each.kind for each in result.findings if each.verdict is Verdict.REFUTED}
    assert name.rpartition("_")[2] in kinds, f"{name}: refuted for {kinds}"


def wrong_promises() -> list[str]:
    """The constructs that are broken on purpose: their names end in what breaks."""
    kinds = ("range", "division", "index", "requires", "ensures")
    return [name for name in functions("wrong") if name.rpartition("_")[2] in kinds]
