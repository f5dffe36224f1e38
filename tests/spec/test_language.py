"""The one parser: what it accepts, what it refuses and how it says so, what a function writes."""

import re
from pathlib import Path

import pytest

import dosekernel.kernel
from dosekernel.proofs.runner import statement_files
from dosekernel.spec.language import (
    LanguageError,
    kernel_files,
    leaves,
    parse_kernel,
    parse_modules,
    parse_text,
    reachable,
    source_hash,
    writes,
)
from dosekernel.spec.tree import (
    Assign,
    Binary,
    Call,
    Compare,
    Do,
    For,
    Function,
    If,
    Integer,
    Item,
    Local,
    Logic,
    Name,
    Old,
    Program,
    Return,
    Statement,
    Unary,
)

KERNEL = Path(dosekernel.kernel.__file__ or "").parent
REJECTED = Path(__file__).parent / "rejected"
SUPPORT = (REJECTED / "support" / "records.py").read_text(encoding="utf-8")
SNIPPETS = sorted(REJECTED.glob("*.py"))


def read(text: str) -> Program:
    return parse_text({"snippet": text, "records": SUPPORT})


def function(body: str, head: str = "def f(state: State, at: int) -> int:") -> Function:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    used = "".join(
        f"from .contract import {word}\n"
        for word in ("assign", "clear", "copy", "seal", "sealed", "same")
        if re.search(rf"\b{word}\(", body)
    )
    names = [name for name in ("State", "total", "tick", "SIZE") if name in head + body]
    program = read(f"{used}from .records import {', '.join(names)}\n\n\n{head}\n{lines}")
    return program.functions["f"]


# ---- what is refused


def test_the_corpus_is_large() -> None:
    assert len(SNIPPETS) >= 40


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda path: path.stem)
def test_each_rejected_snippet_names_its_line_and_reason(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith("# expect: ")
    with pytest.raises(LanguageError) as caught:
        read(text)
    assert str(caught.value) == "snippet.py:" + first.removeprefix("# expect: ")


def test_an_error_carries_its_parts() -> None:
    with pytest.raises(LanguageError) as caught:
        read("import math\n")
    error = caught.value
    assert (error.file, error.line) == ("snippet.py", 1)
    assert error.reason == "only `from .module import name` is allowed"


def test_circular_imports_are_refused() -> None:
    with pytest.raises(LanguageError, match=r"^b\.py:1: a imports itself through this module$"):
        parse_text({"a": "from .b import TWO\n\nONE = TWO\n", "b": "from .a import ONE\n"})


def folder(root: Path, sources: dict[str, str]) -> Path:
    for name, text in sources.items():
        (root / f"{name}.py").write_text(text, encoding="utf-8")
    return root


def test_a_kernel_starts_at_step(tmp_path: Path) -> None:
    folder(tmp_path, {"records": SUPPORT})
    with pytest.raises(LanguageError, match=r"a kernel starts at step\.py; it is missing"):
        parse_kernel(tmp_path)


def test_every_module_of_a_kernel_is_reached(tmp_path: Path) -> None:
    folder(tmp_path, {"step": "ONE = 1\n", "aside": "TWO = 2\n", "contract": "import typing\n"})
    with pytest.raises(LanguageError, match=r"aside\.py:1: no import leads here from step\.py"):
        parse_kernel(tmp_path)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "step.py").write_bytes(b"\xff\xfe")
    with pytest.raises(LanguageError, match=r"step\.py:1: not readable"):
        parse_kernel(tmp_path)


# ---- what is accepted


def kinds(body: tuple[Statement, ...]) -> list[type]:
    return [type(statement) for statement in body]


def test_constants_are_computed() -> None:
    program = read("ONE = 1\nTWO = ONE + 1\nLESS = -(TWO * 3 - 20 // 6)\nREST = 17 % 5\n")
    assert [program.constants[name].value for name in ("TWO", "LESS", "REST")] == [2, -3, 2]


def test_records_keep_their_order_and_documents() -> None:
    program = read("")
    state = program.records["State"]
    assert [(word.name, word.type, word.length) for word in state.words] == [
        ("now", "int", 0),
        ("window", "Window", 0),
        ("day", "Window", 0),
    ]
    assert program.records["Window"].words[0].length == 4
    assert state.doc == "An int, and a record inside."
    assert leaves(program, "State") == [("now",), ("window", "slots"), ("day", "slots")]


def test_modules_are_read_in_the_order_of_imports() -> None:
    assert read("from .records import SIZE\n\nTWICE = 2 * SIZE\n").modules == (
        "records.py",
        "snippet.py",
    )


def test_statements() -> None:
    body = function(
        "mine = copy(state)\n"
        "whole = 0\n"
        "for i in range(SIZE - 1):\n"
        "    whole = whole + mine.window.slots[i]\n"
        "if at < 0:\n"
        "    state.now = 0\n"
        "elif tick(state, at):\n"
        "    state.window.slots[at] = whole\n"
        "else:\n"
        "    clear(state)\n"
        "assign(state.day, mine.day)\n"
        "seal(state.window, mine.window)\n"
        "return whole"
    ).body
    assert kinds(body) == [Local, Assign, For, If, Do, Do, Return]
    loop, choice = body[2], body[3]
    assert isinstance(loop, For) and loop.count == 3
    assert isinstance(choice, If) and kinds(choice.otherwise) == [If]
    inner = choice.otherwise[0]
    assert isinstance(inner, If) and isinstance(inner.test, Call) and inner.test.type == "bool"
    stored = inner.then[0]
    assert isinstance(stored, Assign) and isinstance(stored.target, Item)
    assert stored.target.length == 4


def test_expressions_are_typed_and_chains_are_and() -> None:
    body = function(
        "good = 0 <= at < SIZE and not state.now == -1 or sealed(state.window, state.day)\n"
        "equal = same(state.window, state.day) and True\n"
        "if good or equal:\n"
        "    return at // 2 % 3\n"
        "return -state.now"
    ).body
    good = body[0]
    assert isinstance(good, Assign) and isinstance(good.target, Name)
    assert good.target.type == "bool"
    assert isinstance(good.value, Logic) and good.value.op == "or"
    left = good.value.operands[0]
    assert isinstance(left, Logic) and left.op == "and"
    chain, negated = left.operands
    assert isinstance(chain, Logic) and isinstance(negated, Unary)
    first, second = chain.operands
    assert isinstance(first, Compare) and isinstance(second, Compare)
    assert first.right == second.left == Name(first.line, "at", "int")
    assert isinstance(second.right, Integer)
    assert (second.right.value, second.right.name) == (4, "SIZE")
    last = body[-1]
    assert isinstance(last, Return) and isinstance(last.value, Unary)


def test_a_variable_holds_a_value_if_every_path_gave_it_one() -> None:
    both = function("if at > 0:\n    x = 1\nelse:\n    x = state.now\nreturn x")
    assert len(both.body) == 2
    leaving = function("if at > 0:\n    x = 1\nelse:\n    return state.now\nreturn x")
    assert len(leaving.body) == 2
    # A loop runs at least once.
    loop = function("for i in range(2):\n    x = at + i\nreturn x + state.now")
    assert len(loop.body) == 2


def test_a_loop_may_return() -> None:
    body = function(
        "for i in range(SIZE):\n    if state.window.slots[i] == at:\n        return i\nreturn -1"
    ).body
    assert kinds(body) == [For, Return]


def test_two_parts_of_one_record_do_not_overlap() -> None:
    program = read(
        "from .records import State, move\n\n\n"
        "def f(state: State) -> None:\n    move(state.window, state.day)\n"
    )
    assert writes(program)["f"] == {(0, ("window", "slots"))}


def test_contracts() -> None:
    program = read(
        "from .contract import copy, ensure, require, snapshot\n"
        "from .records import State, is_empty\n\n\n"
        "def early(at: int) -> bool:\n    return at < 3\n\n\n"
        "@require(lambda at, state: at >= state.now and early(at))\n"
        "@require(lambda state: is_empty(state.window))\n"
        "@snapshot(lambda state: copy(state), name='state')\n"
        "@snapshot(lambda at: at // 2, name='half')\n"
        "@ensure(lambda state, result, OLD: result == OLD.state.now + OLD.half + state.now)\n"
        "def f(state: State, at: int) -> int:\n"
        "    before = state.now\n    state.now = at\n    return before + at + at // 2\n"
    )
    f = program.functions["f"]
    assert len(f.requires) == 2 and len(f.ensures) == 1
    assert [name for name, _ in f.snapshots] == ["state", "half"]
    kept = f.snapshots[0][1]
    assert isinstance(kept, Call) and (kept.function, kept.type) == ("copy", "State")
    ensured = f.ensures[0]
    assert isinstance(ensured, Compare) and isinstance(ensured.right, Binary)
    inner = ensured.right.left
    assert isinstance(inner, Binary)
    assert isinstance(inner.right, Old) and inner.right.type == "int"
    # A contract is no part of what runs.
    assert reachable(program, ["f"]) == ["f"]


def test_writes_follow_calls_and_expand_records() -> None:
    program = read(
        "from .contract import assign, copy\n"
        "from .records import State, Window, move, tick, total\n\n\n"
        "def fill(window: Window, day: Window) -> None:\n"
        "    assign(window, day)\n\n\n"
        "def all_of(state: State, other: State) -> int:\n"
        "    mine = copy(other)\n"
        "    move(mine.window, other.window)\n"
        "    fill(state.window, mine.window)\n"
        "    ticked = tick(state, 3)\n"
        "    if ticked:\n        assign(state, mine)\n"
        "    return total(state.window)\n"
    )
    found = writes(program)
    assert found["fill"] == {(0, ("slots",))}
    assert found["all_of"] == {(0, ("now",)), (0, ("window", "slots")), (0, ("day", "slots"))}
    assert found["total"] == frozenset()
    assert reachable(program, ["fill"]) == ["fill"]
    assert reachable(program, ["all_of"]) == ["total", "tick", "move", "fill", "all_of"]
    with pytest.raises(KeyError, match="no function missing"):
        reachable(program, ["missing"])


# ---- more modules, and the real kernel


def test_predicates_may_read_records_and_not_write_them(tmp_path: Path) -> None:
    kernel = parse_kernel(KERNEL)
    head = "from dosekernel.kernel.records import State\n\n\n"
    good = tmp_path / "good.py"
    good.write_text(f"{head}def young(state: State) -> bool:\n    return state.now < 3\n")
    extended = parse_modules([good], kernel)
    assert "young" in extended.functions and "young" not in kernel.functions
    bad = tmp_path / "bad.py"
    bad.write_text(f"{head}def reset(state: State) -> None:\n    state.now = 0\n")
    with pytest.raises(LanguageError, match=r"bad\.py:4: reset writes a record that it was given"):
        parse_modules([bad], kernel)


def test_the_kernel_is_in_the_language() -> None:
    program = parse_kernel(KERNEL)
    assert program.modules[0] == "kernel/records.py"
    assert program.modules[-1] == "kernel/step.py"
    assert {Path(file).name for file in program.modules} == {
        path.name for path in kernel_files(KERNEL)
    }
    effects = writes(program)
    entries = {"initialise", "adopt", "step"}
    assert entries <= set(program.functions)
    assert {position for position, _ in effects["step"]} == {0, 2}
    assert {position for position, _ in effects["adopt"]} == {0}


def test_the_predicates_are_in_the_language() -> None:
    kernel = parse_kernel(KERNEL)
    extended = parse_modules(statement_files(), kernel)
    assert len(extended.functions) > len(kernel.functions)


def test_the_source_hash_sees_names_and_text(tmp_path: Path) -> None:
    first = [tmp_path / "a.py", tmp_path / "b.py"]
    first[0].write_text("ONE = 1\n")
    first[1].write_text("TWO = 2\n")
    before = source_hash(first)
    assert source_hash(list(reversed(first))) == before
    first[1].write_text("TWO = 3\n")
    assert source_hash(first) != before
