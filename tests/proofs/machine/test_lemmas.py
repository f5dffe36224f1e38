"""Nothing rests on rewriting alone: every rule has its lemma, and a wrong rule is seen at once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dosekernel.compile import PREFIX
from dosekernel.proofs.machine import rules
from dosekernel.proofs.machine.compare import compare
from dosekernel.proofs.machine.image import read_image
from dosekernel.proofs.machine.judge import Standing
from dosekernel.proofs.machine.lemmas import Lemma, all_rules, division_text, lemmas, unproved
from dosekernel.proofs.machine.words import (
    QUOTIENT,
    RIGHT_SIGNED,
    SHELF,
    Rule,
    Word,
    WrongRuleError,
    add,
    build,
    integer,
    negate,
    quotient,
    subtract,
    variable,
)
from dosekernel.proofs.solvers import SOLVERS, ask
from dosekernel.proofs.terms import PRODUCT, SUM

from .objects import SHIPPED, judged, source

# Functions that between them use most rules.
SOME = ("within", "whole_pulses", "speed_room", "slot_length", "window_valid", "alarm", "on_board")
SMALL = ("smaller", "larger", "within", "flag", "flow", "share", "empty")
QUICK = 8
SECONDS = 20.0


def test_every_rule_has_a_lemma() -> None:
    """A rule without one would rest on its author's word."""
    assert rules.__all__
    named = {(each.operator, each.name) for each in all_rules()}
    assert len(named) == len(all_rules()) > 30
    assert all(each.lemmas and all(each.lemmas) for each in all_rules())


@pytest.mark.parametrize("solver", SOLVERS)
def test_lemmas_hold_at_eight_bits(solver: str) -> None:
    """Every lemma at the smallest width; `prove --object` asks them at every width."""
    asked = [each for each in lemmas() if each.width == QUICK]
    assert len(asked) > 20
    assert [each.rule for each in asked if ask(solver, each.text, SECONDS).word != "unsat"] == []


@pytest.mark.slow
def test_all_lemmas_hold() -> None:
    """At every width, in both solvers."""
    asked, left = unproved(SOLVERS, ask)
    assert asked > 80
    assert left == []


def test_a_wrong_lemma_is_found() -> None:
    """A lemma that does not hold for all words is refuted, so `unsat` means something."""
    multiplier, shift, by = 0xAAAAAAAAAAAAAAAB, 4, 24
    assert ask("z3", division_text(multiplier, shift, by), SECONDS).word == "unsat"
    assert ask("z3", division_text(multiplier, shift, by + 1), SECONDS).word == "sat"
    first: Lemma = next(lemmas())
    assert ask("z3", first.text.replace("(not (=", "(not (distinct", 1), SECONDS).word == "sat"


@pytest.fixture
def fresh() -> Iterator[None]:
    """Rules may be changed here, and nothing built with wrong ones is kept."""
    kept, built = {key: list(each) for key, each in SHELF.rules.items()}, SHELF.built
    SHELF.built = {}
    yield
    SHELF.rules, SHELF.built = kept, built


def sabotaged(rule: Rule, used: list[str]) -> Rule:
    """The rule, wrong: another word, or the opposite."""

    def apply(width: int, kids: tuple[Word, ...], data: object) -> Word | None:
        found = rule.apply(width, kids, data)
        if found is None:
            return None
        used.append(rule.name)
        return negate(found) if width == 0 else add(found, integer(1, width))

    return replace(rule, apply=apply)


@pytest.mark.usefixtures("fresh")
def test_a_wrong_rule_stops_the_run() -> None:
    """Each rule in turn is made wrong: wherever it is used, its first use is its last."""
    image, seen = read_image(SHIPPED), 0
    for operator, own in list(SHELF.rules.items()):
        for at, rule in enumerate(own):
            if operator in (SUM, "not") or rule.name == "computed":
                continue  # what the sabotage itself is built with
            used: list[str] = []
            SHELF.built = {}
            SHELF.rules[operator] = [*own[:at], sabotaged(rule, used), *own[at + 1 :]]
            try:
                for name in SOME:
                    compare(image, source(), source().subjects[PREFIX + name], {})
            except WrongRuleError as error:
                assert rule.name in str(error)
                seen += 1
            else:
                assert not used
            SHELF.rules[operator] = own
    assert seen > 10


def test_division_by_a_product_is_read_as_division() -> None:
    """The shape that compilers write, and one that is beside it."""
    word = variable("x")
    high = build("high half of the signed product", 64, (word, integer(0x6666666666666667)))
    sign = build(RIGHT_SIGNED, 64, (word,), 63)
    found = subtract(build(RIGHT_SIGNED, 64, (high,), 2), sign)
    assert found is quotient(word, integer(10))
    assert (0x6666666666666667, 2) in SHELF.multipliers
    beside = add(build(RIGHT_SIGNED, 64, (high,), 2), sign)
    assert QUOTIENT not in (beside.operator, *[kid.operator for kid in beside.kids])
    assert PRODUCT not in (beside.operator, *[kid.operator for kid in beside.kids])


def test_small_functions_without_any_rewriting() -> None:
    """Only constants are computed; the solvers do the rest. A process of its own, since the order
    in which words were made is the order in which solvers meet them."""
    asked = [word for name in SMALL for word in ("--function", PREFIX + name)]
    command = [sys.executable, "-m", "dosekernel.proofs", "--object", str(SHIPPED), "--raw"]
    done = subprocess.run(
        [*command, "--no-cache", "--json", *asked], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (report,) = json.loads(done.stdout)
    found = {each["symbol"]: each["standing"] for each in report["functions"]}
    assert found == {PREFIX + name: Standing.PROVED for name in SMALL}
    assert all(judged(read_image(SHIPPED), name).standing is Standing.PROVED for name in SMALL)
