"""Every rule by which words are made simpler, asked of both solvers as a theorem of its own.

A lemma is asked at each width that words have: 128 bits only where there are such, since nothing
wider than 64 is compared. That a quotient of extended words is that of the words is asked at 8 and
16 bits, which is what solvers can do, and says the same at each width. Division by multiplication
is asked over the integers for each multiplier that was met, by a power of two for each power.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..strategy import Asker
from .rules.sums import divided, divisor
from .words import SHELF, Rule

WIDTHS = (8, 64, 128)
NARROW = (8, 16)
LONGEST_COMPARED = 64
BITS, INTEGERS = "QF_BV", "QF_LIA"
# Seconds that a solver may take for the lemmas of one rule at one width.
PATIENCE = 20.0
# Multipliers of gcc and clang for a few divisors, so that the rule is never without its lemma.
USUAL = ((0xAAAAAAAAAAAAAAAB, 4), (0x6666666666666667, 2), (0x5555555555555556, 0))


@dataclass(frozen=True)
class Lemma:
    """One query: the lemmas of a rule at one width."""

    rule: str
    width: int
    logic: str
    text: str
    parts: tuple[str, ...] = ()


def all_rules() -> list[Rule]:
    """Every rule, by operation."""
    return [each for operator in sorted(SHELF.rules) for each in SHELF.rules[operator]]


def lemmas() -> Iterator[Lemma]:
    """Every lemma once, at every width."""
    seen: set[tuple[str, ...]] = set()
    for rule in all_rules():
        if rule.lemmas in seen or rule.apply is divided:
            continue
        seen.add(rule.lemmas)
        for width in sorted({*WIDTHS, *NARROW}):
            texts = [each for each in rule.lemmas if width in widths(each)]
            if texts:
                name = f"{rule.operator}: {rule.name}"
                yield bits_lemma(name, texts, width)
    for multiplier, shift in sorted({*USUAL, *SHELF.multipliers}):
        by = divisor(multiplier, shift)
        text = division_text(multiplier, shift, by)
        yield Lemma(f"division by {by}", 64, INTEGERS, text)
    for power in sorted({1, 16, *SHELF.powers}):
        text = (
            f"(= (bvsdiv a (_ bv{1 << power} {{W}})) (bvashr (ite (bvslt a (_ bv0 {{W}})) "
            f"(bvadd a (_ bv{(1 << power) - 1} {{W}})) a) (_ bv{power} {{W}})))"
        )
        name = f"division by 2^{power}"
        yield bits_lemma(name, [text], 64)


def bits_lemma(name: str, texts: list[str], width: int) -> Lemma:
    """A lemma about words."""
    return Lemma(name, width, BITS, bits_text(f"the rule {name}", texts, width), tuple(texts))


def widths(text: str) -> tuple[int, ...]:
    """The widths at which a lemma is asked."""
    if "bvsdiv" in text:
        return NARROW
    compares = "bvult" in text or "bvslt" in text
    return tuple([width for width in WIDTHS if width <= LONGEST_COMPARED or not compares])


def bits_text(name: str, texts: list[str], width: int) -> str:
    """That one of the lemmas fails for some words."""
    half = width // 2
    fields = {"{W}": width, "{H}": half, "{TOP}": width - 1, "{HTOP}": half - 1}
    lines = [f"; {name}, at {width} bits", f"(set-logic {BITS})"]
    lines += [f"(declare-const {each} Bool)" for each in "pqr"]
    lines += [f"(declare-const {each} (_ BitVec {width}))" for each in "abcd"]
    lines += [f"(declare-const {each} (_ BitVec {half}))" for each in "xy"]
    denied = []
    for text in texts:
        filled = re.sub(r"\{[A-Z]+\}", lambda found: str(fields[found.group()]), text)
        denied.append(f"(not {filled})")
    return "\n".join([*lines, f"(assert (or false {' '.join(denied)}))", "(check-sat)", ""])


def division_text(multiplier: int, shift: int, by: int) -> str:
    """That for some word the product's high part, less its sign, is not the truncated quotient.

    The sign is the word's, and that of the high half before it is shifted: they are the same.
    """
    power = 1 << (64 + shift)
    return "\n".join(
        [
            f"; division by {by} as a product with {multiplier} over 2^{64 + shift}",
            f"(set-logic {INTEGERS})",
            *[f"(declare-const {each} Int)" for each in ("x", "half", "high", "quotient")],
            f"(assert (and (<= (- {1 << 63}) x) (< x {1 << 63})))",
            f"(assert (<= (* high {power}) (* x {multiplier})))",
            f"(assert (< (* x {multiplier}) (+ (* high {power}) {power})))",
            f"(assert (<= (* half {1 << 64}) (* x {multiplier})))",
            f"(assert (< (* x {multiplier}) (+ (* half {1 << 64}) {1 << 64})))",
            f"(define-fun back () Int (* quotient {by}))",
            f"(assert (=> (>= x 0) (and (<= back x) (< x (+ back {by})))))",
            f"(assert (=> (< x 0) (and (>= back x) (> x (- back {by})))))",
            "(define-fun whole () Int (ite (< x 0) (+ high 1) high))",
            "(assert (not (and (= quotient whole) (= (< half 0) (< x 0)))))",
            "(check-sat)",
            "",
        ]
    )


def unproved(solvers: tuple[str, ...], ask: Asker) -> tuple[int, list[str]]:
    """How many lemmas there are, and those that some solver does not show.

    Those of one width are asked together; one by one where a solver cannot say of all at once.
    """
    asked, found = list(lemmas()), []
    for logic, width in sorted({(each.logic, each.width) for each in asked}):
        group = [each for each in asked if (each.logic, each.width) == (logic, width)]
        for solver in solvers:
            if logic == BITS and ask(solver, joint_text(group, width), PATIENCE).word == "unsat":
                continue
            for lemma in group:
                word = ask(solver, lemma.text, PATIENCE).word
                if word != "unsat":
                    found.append(f"{lemma.rule} at {lemma.width} bits: {solver} says {word}")
    return len(asked), found


def joint_text(group: list[Lemma], width: int) -> str:
    """That one of the lemmas of a width fails."""
    return bits_text(f"{len(group)} lemmas", [text for each in group for text in each.parts], width)
