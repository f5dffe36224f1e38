"""Wrong rules for the translator: one line of the prover changed, as a slip would change it.

A rule names the function it stands in, the text to replace and what stands there instead.
"""

import importlib
import inspect
import sys
import textwrap
from dataclasses import dataclass
from types import ModuleType

from dosekernel.proofs import terms

PACKAGE = "dosekernel.proofs"


@dataclass(frozen=True)
class Rule:
    """One line of a function of the prover, and the slip."""

    name: str
    place: str
    right: str
    wrong: str

    def apply(self) -> None:
        """Put the slip into the running prover; done in a process that then ends."""
        module_name, *path = self.place.split(".")
        module = importlib.import_module(f"{PACKAGE}.{module_name}")
        owner: object = module
        for step in path[:-1]:
            owner = getattr(owner, step)
        old = inspect.getattr_static(owner, path[-1])
        text = textwrap.dedent(inspect.getsource(old))
        assert text.count(self.right) == 1, f"{self.place}: {self.right!r} stands there once"
        new = _made(module, text.replace(self.right, self.wrong), path[-1])
        setattr(owner, path[-1], new)
        for each in list(sys.modules.values()):
            names = vars(each)
            if str(names.get("__name__", "")).startswith(PACKAGE) and names.get(path[-1]) is old:
                names[path[-1]] = new


def forget() -> None:
    """Forget what the right rules have made of terms: it would be remembered, not made again."""
    terms._compared.clear()
    for term in list(terms._table.values()):
        if term is not terms.TRUE and term is not terms.FALSE:
            term.negation = None


def _made(module: ModuleType, text: str, name: str) -> object:
    """A function of a module from its changed text."""
    names = vars(module)
    before = names.get(name)
    exec(compile(text, str(module.__file__), "exec"), names)
    made: object = names.pop(name)
    if before is not None:
        names[name] = before
    return made


RULES = (
    # Operators.
    Rule(
        "less-as-at-most",
        "flows.compare",
        "return algebra.below(left, right)",
        "return algebra.at_most(left, right)",
    ),
    Rule(
        "greater-turned",
        "flows.compare",
        "return algebra.below(right, left)",
        "return algebra.below(left, right)",
    ),
    Rule(
        "unequal-as-equal",
        "flows.compare",
        "algebra.negate(algebra.equal(left, right))",
        "algebra.equal(left, right)",
    ),
    Rule(
        "difference-turned",
        "terms.subtract",
        "((1, left), (-1, right))",
        "((-1, left), (1, right))",
    ),
    Rule("product-loses-a-factor", "terms.multiply", "weight * fixed_left", "weight"),
    Rule(
        "remainder-as-quotient",
        "semantics.Machine.arithmetic",
        'node.op == "//"',
        'node.op != "//"',
    ),
    Rule(
        "remainder-of-other-sign",
        "semantics.Machine.divide",
        "add(multiply(q, right), r)",
        "subtract(multiply(q, right), r)",
    ),
    Rule(
        "remainder-unbounded",
        "semantics.Machine.divide",
        "below(r, right)",
        "at_most(NOTHING, right)",
    ),
    Rule(
        "not-at-most-is-at-least",
        "terms.negate",
        "below(integer(0), term.kids[0])",
        "at_most(integer(0), term.kids[0])",
    ),
    Rule("bound-rounded-down", "terms._compare", "-(-fixed // divisor)", "fixed // divisor"),
    Rule(
        "choice-swapped",
        "terms.choose",
        "(CHOICE, (test, then, otherwise))",
        "(CHOICE, (test, otherwise, then))",
    ),
    # Truth.
    Rule(
        "and-as-or",
        "semantics.Machine.logic",
        "algebra.both(first, rest) if",
        "algebra.either(first, rest) if",
    ),
    Rule(
        "no-short-circuit",
        "semantics.Machine.logic",
        "self.knowledge.assuming(first if conjunction else algebra.negate(first))",
        "self.knowledge.assuming(TRUE)",
    ),
    Rule(
        "absorbs-too-much",
        "terms._absorbed",
        "if any(part in kept for part in kid.kids)",
        "if any(part in kept or part.negation in kept for part in kid.kids)",
    ),
    # Records and arrays.
    Rule("read-one-beside", "semantics.Machine.item", "words[i], found", "words[i - 1], found"),
    Rule(
        "write-everywhere",
        "semantics.Machine.assign",
        "choose(here, value, store[start + i])",
        "choose(here, value, value)",
    ),
    Rule(
        "nested-record-misplaced",
        "semantics.Machine.array",
        "record.offset + place.offset, place.length",
        "place.offset, place.length",
    ),
    Rule(
        "copy-is-the-same",
        "semantics.Machine.step",
        "self.record(step.type, source.words())",
        "source",
    ),
    Rule(
        "assign-leaves-the-last",
        "layout.Reference.set_words",
        "self.offset + self.size] = words",
        "self.offset + self.size - 1] = words[:-1]",
    ),
    Rule(
        "inverse-as-negative",
        "calls.Caller.inverse",
        "self.algebra.integer(-1)",
        "self.algebra.integer(0)",
    ),
    Rule("sealed-as-same", "calls.Caller.word", "(mine, self.inverse(word))", "(mine, word)"),
    Rule(
        "clear-does-nothing",
        "calls.Caller.word",
        "[algebra.integer(0)] * target.size",
        "target.words()",
    ),
    # Paths.
    Rule("branches-swapped", "flows.merge", "choose(test, a, b)", "choose(test, b, a)"),
    Rule("names-swapped", "flows.merged_names", "choose(test, a, b)", "choose(test, b, a)"),
    Rule(
        "early-return-ignored",
        "semantics.Machine.either_return",
        "choose(first.test, first.value, later.value)",
        "later.value",
    ),
    Rule(
        "early-words-ignored",
        "semantics.Machine.either_return",
        "merge(first.test, mine, others)",
        "others",
    ),
    Rule(
        "rest-not-under-a-return",
        "semantics.Machine.run",
        "self.knowledge.assuming(negate(flow.test))",
        "self.knowledge.assuming(TRUE)",
    ),
    Rule(
        "callee-returns-late",
        "calls.Caller.leave",
        "if flow.test is not FALSE:",
        "if flow.test is TRUE:",
    ),
    Rule(
        "branch-remembered-after",
        "knowledge.Knowledge.assuming",
        "self._known.difference_update(self._learnt.pop())",
        "self._learnt.pop()",
    ),
    Rule("decided-on-half", "knowledge.Knowledge.knows", "all(part in", "any(part in"),
    Rule("loop-one-turn-short", "flows.unrolled", "range(loop.count)", "range(loop.count - 1)"),
    # What is owed.
    Rule(
        "no-range",
        "semantics.Machine.in_range",
        "if self.knowledge.owing and not",
        "if not self.knowledge.owing and not",
    ),
    Rule(
        "no-upper-range",
        "semantics.Machine.in_range",
        "at_most(term, GREATEST)",
        "at_most(LEAST, term)",
    ),
    Rule(
        "no-division",
        "semantics.Machine.arithmetic",
        "algebra.both(algebra.at_most(nothing, left), algebra.below(nothing, right))",
        "algebra.at_most(nothing, left)",
    ),
    Rule(
        "index-one-too-far",
        "semantics.Machine.index",
        "algebra.below(at, algebra.integer(length))",
        "algebra.at_most(at, algebra.integer(length))",
    ),
    Rule(
        "requires-not-owed",
        "calls.Caller.requirement",
        "if not function.requires or",
        "if True or not function.requires or",
    ),
    Rule(
        "ensures-not-owed",
        "calls.Caller.check_ensures",
        "strict=True):",
        "strict=True) if False else ():",
    ),
    Rule("owed-is-known", "knowledge.Knowledge.follows", "return any(", "return True or any("),
    # Contracts of callees.
    Rule("promise-without-guard", "knowledge.Knowledge.guard", "self._guard = guard", "pass"),
    Rule(
        "promise-on-every-path",
        "knowledge.Knowledge.on_path",
        "if self.path else term",
        "if not self.path else term",
    ),
    Rule(
        "old-is-new",
        "semantics.Machine.detached",
        "Reference(record.words(), 0, record.type, record.size)",
        "record",
    ),
    Rule(
        "same-value-for-other-words",
        "calls.Caller.pure",
        "*self.read_words(function, arguments))",
        "*arguments[1:])",
    ),
    Rule(
        "opened-once-for-all-paths",
        "calls.Caller.opened",
        "if path[: len(earlier)] == earlier:",
        "if True:",
    ),
    Rule(
        "a-written-word-forgotten",
        "calls.Caller.impure",
        "in self.layout.span(record.type, path)",
        "in self.layout.span(record.type, path)[1:]",
    ),
    Rule(
        "promise-solved-wrong",
        "calls.solved",
        "combine([(-sign * fixed,",
        "combine([(sign * fixed,",
    ),
    Rule(
        "reads-one-slot",
        "footprint._Reader.expression",
        "index.value if isinstance(index, Integer) else None",
        "0",
    ),
    # What the solver reads, and what is made of its answer.
    Rule("printed-at-most-as-less", "smtlib._text", '"<=" if', '"<" if'),
    Rule("printed-without-sign", "smtlib.number", 'f"(- {-value})"', "str(-value)"),
    Rule("printed-without-weight", "smtlib._weighted", 'f"(* {number(weight)} {text})"', "text"),
    Rule(
        "printed-ite-turned",
        "smtlib._text",
        "kids = term.kids",
        "kids = term.kids if term.operator != CHOICE else (term.kids[0], *term.kids[:0:-1])",
    ),
    Rule("goals-not-denied", "strategy.query", "negate(goal.term)", "goal.term"),
    Rule(
        "sat-is-shown",
        "strategy.Prover.search",
        'answer.word == "unsat"',
        'answer.word in ("unsat", "sat")',
    ),
    Rule(
        "facts-of-later-goals",
        "strategy.query",
        "if before <= goals[0]",
        "if before <= goals[-1] + 1",
    ),
)
