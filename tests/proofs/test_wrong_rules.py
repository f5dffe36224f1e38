"""A translator with one wrong rule is noticed: by the constructs, or by the broken promises.

Each slip runs in a process of its own, so that nothing of it stays.
"""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from random import Random

import pytest

from . import agreement, meaning
from .meaning import functions
from .wrong_rules import RULES, Rule, forget

TRIES = 12
DECIDED = 2
SECONDS = 60.0
RIGHT = functions("plain", "promised")
NAMES = {rule.name: rule for rule in RULES}


def checks() -> Iterator[tuple[str, str]]:
    """What is looked at, the quickest first; each either passes or raises."""
    for name in RIGHT:
        yield "terms", name
    for name in RIGHT:
        yield "constants", name
    for name in agreement.wrong_promises():
        yield "broken promise", name
    for name in functions("promised"):
        if meaning.facts().has_contract(name):
            yield "promise", name
    for name in RIGHT:
        yield "solver", name


def check(what: str, name: str) -> None:
    """One look at one construct."""
    if what == "broken promise":
        agreement.broken_promise(name, ("z3",), agreement.in_process)
        return
    if what == "promise":
        agreement.kept_promise(name, ("z3",), agreement.in_process)
        return
    random = Random(name)
    chosen = [agreement.some_words(name, random) for _ in range(TRIES)]
    if what == "terms":
        terms = meaning.meaning(name, opened=True)
        for words in chosen:
            agreement.opened_agrees(name, words, terms)
    elif what == "constants":
        for words in chosen:
            agreement.on_constants_agrees(name, words)
    else:
        terms = meaning.meaning(name, opened=False)
        for words in chosen[:DECIDED]:
            agreement.decided_agrees(name, words, "z3", terms)


def noticed() -> str:
    """What notices first that the prover is wrong; empty if nothing does."""
    meaning.facts.cache_clear()
    for what, name in checks():
        try:
            check(what, name)
        except Exception as difference:
            return f"{what} of {name}: {type(difference).__name__}: {difference}"[:300]
    return ""


def _child(channel: Connection, rule: Rule | None) -> None:
    try:
        forget()
        if rule is not None:
            rule.apply()
    except Exception as error:
        channel.send(("not applied", f"{type(error).__name__}: {error}"))
    else:
        channel.send(("applied", noticed()))
    channel.close()


def under(rule: Rule | None) -> tuple[str, str]:
    """Whether the slip could be made, and what noticed it, in a process of its own."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(there, rule))
    process.start()
    there.close()
    try:
        assert here.poll(SECONDS), "the process said nothing in its time"
        said: tuple[str, str] = here.recv()
    finally:
        process.kill()
        process.join()
        here.close()
    return said


def test_the_prover_as_it_is_is_not_blamed() -> None:
    assert under(None) == ("applied", "")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_wrong_rule_is_noticed(name: str) -> None:
    done, found = under(NAMES[name])
    assert done == "applied", found
    assert found, f"{name}: nothing notices it"


def test_there_are_enough_slips_and_each_has_a_name() -> None:
    assert len(RULES) >= 20
    assert len(NAMES) == len(RULES)
    places = {rule.place.partition(".")[0] for rule in RULES}
    assert {"terms", "flows", "semantics", "calls", "knowledge", "smtlib", "strategy"} <= places
