"""The translation: each construct of the kernel language means one thing to everybody.

CPython, terms (evaluated, and decided by both solvers with the arguments fixed), the prover's run
on constants and the compiled C agree on the result, on every word left, and on the first operation
that is undefined.
"""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosekernel.spec import tree
from dosekernel.spec.effects import WORD_WRITES, calls, operands, statements
from dosekernel.spec.names import WORDS

from . import agreement, meaning
from .meaning import Compiled, Words, facts, functions

RIGHT = functions("plain", "promised")
PROMISING = [name for name in functions("promised") if facts().has_contract(name)]
EXAMPLES = 60
DECIDED = 6
CHANCES = 20


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return meaning.compiled(tmp_path_factory.mktemp("constructs"))


def words(name: str) -> st.SearchStrategy[Words]:
    """Arguments of a construct: small ints, where guards hold as often as not, and edges."""
    small = st.integers(-12, 12)
    wild = st.one_of(small, st.sampled_from(agreement.EDGES), st.integers(-(2**63), 2**63 - 1))
    kinds = [each.type for each in facts().program.functions[name].parameters]
    sizes = meaning.shape(name)
    return st.one_of(
        *[
            st.tuples(
                *[
                    st.lists(st.integers(0, 1) if kind == "bool" else word, min_size=n, max_size=n)
                    for kind, n in zip(kinds, sizes, strict=True)
                ]
            ).map(list)
            for word in (small, wild)
        ]
    )


# ---- every construct, in every meaning


@pytest.mark.parametrize("name", RIGHT)
def test_all_meanings_agree(name: str, compiled: Compiled) -> None:
    terms = meaning.meaning(name, opened=True)

    @settings(max_examples=EXAMPLES)
    @given(words(name))
    def agree(chosen: Words) -> None:
        agreement.opened_agrees(name, chosen, terms)
        agreement.on_constants_agrees(name, chosen)
        agreement.compiled_agrees(compiled, name, chosen)

    agree()


@pytest.mark.parametrize("name", RIGHT)
def test_solvers_decide_what_cpython_gives(name: str) -> None:
    terms = meaning.meaning(name, opened=False)
    random = Random(name)
    decided = 0
    while decided < DECIDED:
        chosen = agreement.some_words(name, random)
        if meaning.allowed(name, chosen) and meaning.ran(name, chosen).broken is None:
            for solver in agreement.RUNNERS:
                agreement.decided_agrees(name, chosen, solver, terms)
            decided += 1


@pytest.mark.parametrize("name", PROMISING)
def test_a_right_promise_is_proved_by_both(name: str) -> None:
    agreement.kept_promise(name, ("z3", "cvc5"))


@pytest.mark.parametrize("name", agreement.wrong_promises())
def test_a_wrong_promise_is_refuted_by_both(name: str) -> None:
    agreement.broken_promise(name, ("z3", "cvc5"))


def test_the_constructs_are_run_on_both_sides_of_their_guards() -> None:
    for name in RIGHT:
        random = Random(name)
        chosen = [agreement.some_words(name, random) for _ in range(200)]
        fit = [each for each in chosen if meaning.allowed(name, each)]
        assert len(fit) >= 20, name
        if name in ("quotient", "remainder", "divided", "unguarded", "read_at", "write_at"):
            broken = {meaning.ran(name, each).broken is None for each in fit}
            assert broken == {True, False}, name


# ---- constructs made by chance, which nest the others


def test_constructs_made_by_chance_agree(compiled: Compiled) -> None:
    defined = 0
    for name in functions(meaning.CHANCE):
        terms = meaning.meaning(name, opened=True)
        random = Random(name)
        for _ in range(CHANCES):
            chosen = agreement.some_words(name, random)
            agreement.opened_agrees(name, chosen, terms)
            agreement.on_constants_agrees(name, chosen)
            agreement.compiled_agrees(compiled, name, chosen)
            defined += meaning.ran(name, chosen).broken is None
    assert defined >= CHANCES * len(functions(meaning.CHANCE)) // 4


@pytest.mark.parametrize("solver", sorted(agreement.RUNNERS))
def test_solvers_decide_constructs_made_by_chance(solver: str) -> None:
    for name in functions(meaning.CHANCE)[:12]:
        terms = meaning.meaning(name, opened=False)
        random = Random(name)
        for _ in range(3):
            agreement.decided_agrees(name, agreement.some_words(name, random), solver, terms)


# ---- nothing of the language is left out


def nodes_of(function: tree.Function) -> list[tree.Node]:
    """Every node of a function, its contract included."""
    found: list[tree.Node] = [function, *function.parameters]
    pending: list[tree.Expression] = [*function.requires, *function.ensures]
    pending += [value for _, value in function.snapshots]
    for statement in statements(function.body):
        found.append(statement)
        pending += operands(statement)
    while pending:
        expression = pending.pop()
        found.append(expression)
        pending += operands(expression)
    return found


def all_nodes() -> list[tree.Node]:
    program = facts().program
    found: list[tree.Node] = [*program.constants.values(), *program.records.values()]
    found += [word for record in program.records.values() for word in record.words]
    for name in RIGHT:
        found += nodes_of(program.functions[name])
    return found


def test_every_node_of_the_tree_stands_in_a_construct() -> None:
    there = {
        each
        for each in vars(tree).values()
        if isinstance(each, type) and tree.Node in each.__bases__
    }
    assert len(there) >= 20
    assert there == {type(node) for node in all_nodes()}


def test_every_operator_and_every_word_stands_in_a_construct() -> None:
    found = {str(vars(node)["op"]) for node in all_nodes() if "op" in vars(node)}
    assert found == {"-", "not", "+", "*", "//", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or"}
    unary = {node.op for node in all_nodes() if isinstance(node, tree.Unary)}
    assert unary == {"-", "not"}
    called = {node.function for node in all_nodes() if isinstance(node, tree.Call)}
    copied = {"copy"} if any(isinstance(node, tree.Local) for node in all_nodes()) else set()
    assert set(WORD_WRITES) <= called | copied
    in_code = {
        call.function
        for name in RIGHT
        for statement in statements(facts().program.functions[name].body)
        for call in calls(statement)
    }
    assert set(WORD_WRITES) - {"copy"} <= in_code
    assert set(WORD_WRITES) <= WORDS
    kinds = {facts().program.functions[name].returns for name in RIGHT}
    assert kinds == {"int", "bool", "None"}


def test_contracts_hold_every_form() -> None:
    promising = [facts().program.functions[name] for name in PROMISING]
    kept = {type(value).__name__ for each in promising for _, value in each.snapshots}
    assert {"Call", "Field", "Compare"} <= kept
    old = {node.type for each in promising for node in nodes_of(each) if isinstance(node, tree.Old)}
    assert {"int", "bool", "Box", "Row"} <= old
    pure = {each.returns for each in promising if facts().is_pure(each.name)}
    writing = {each.returns for each in promising if not facts().is_pure(each.name)}
    assert pure == {"int", "bool"}
    assert writing == {"int", "bool", "None"}


def test_the_files_hold_nothing_that_is_not_tested() -> None:
    known = {f"{name}.txt" for name in meaning.MODULES}
    assert {path.name for path in Path(meaning.HOME).iterdir()} == known
    assert set(functions("wrong")) - set(agreement.wrong_promises()) == {"needs_positive"}
