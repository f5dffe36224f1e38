"""What the tests of the translation share: the constructs, and each of their meanings.

A construct is a function of `constructs/*.txt`. Its meanings: CPython runs it; a second CPython
run stops at the first operation that is undefined; the prover gives it terms, opened or known by
its contract; the prover runs it on constants; the compiler makes C of it.
"""

import ast
import ctypes
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from dosekernel.compile import function_name
from dosekernel.compile import generate as generate_c
from dosekernel.kernel import contract
from dosekernel.proofs.calls import Caller, bound
from dosekernel.proofs.flows import Facts
from dosekernel.proofs.layout import Reference
from dosekernel.proofs.problems import Input, arguments, assume_requires, inputs
from dosekernel.proofs.terms import Term, Value
from dosekernel.proofs.walks import evaluate
from dosekernel.spec.language import parse_text
from dosekernel.spec.tree import Program

from . import random_constructs

HOME = Path(__file__).parent / "constructs"
MODULES = ("records", "plain", "promised", "wrong")
# The module of those that are made by chance.
CHANCE = "chance"
LEAST, GREATEST = -(2**63), 2**63 - 1
# The words of each parameter, one list for each.
Words = list[list[int]]


def texts() -> dict[str, str]:
    """The modules of the constructs, by name."""
    found = {name: (HOME / f"{name}.txt").read_text(encoding="utf-8") for name in MODULES}
    return {**found, CHANCE: random_constructs.module()}


@cache
def facts() -> Facts:
    """All constructs as one program."""
    return Facts(parse_text(texts()))


def functions(*modules: str) -> list[str]:
    """The constructs of some modules."""
    files = {f"{name}.py" for name in modules}
    return [name for name, each in facts().program.functions.items() if each.file in files]


def shape(name: str) -> list[int]:
    """How many words each parameter of a construct has."""
    found = facts()
    return [found.layout.size[each.type] for each in found.program.functions[name].parameters]


# ---- CPython


class UndefinedError(Exception):
    """The first operation that has no meaning: what kind it is, and where."""

    def __init__(self, kind: str, line: int) -> None:
        super().__init__(f"{kind} at line {line}")
        self.kind, self.line = kind, line


def _range(value: int, line: int) -> int:
    if not LEAST <= value <= GREATEST:
        raise UndefinedError("range", line)
    return value


def _division(op: str, left: int, right: int, line: int) -> int:
    if left < 0 or right <= 0:
        raise UndefinedError("division", line)
    return left // right if op == "//" else left % right


def _index(at: int, length: int, line: int) -> int:
    if not 0 <= at < length:
        raise UndefinedError("index", line)
    return at


class _Watched(ast.NodeTransformer):
    """Puts a look before each operation that is not defined everywhere."""

    def visit(self, node: ast.AST) -> ast.AST:
        """One node, what it is made of first; a record is left as it is."""
        if isinstance(node, ast.ClassDef):
            return node
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
        self.generic_visit(node)
        match node:
            case ast.BinOp(op=ast.FloorDiv() | ast.Mod() as op, left=left, right=right):
                sign = ast.Constant("//" if isinstance(op, ast.FloorDiv) else "%")
                return _call("_division", sign, left, right, ast.Constant(node.lineno))
            case ast.BinOp() | ast.UnaryOp(op=ast.USub()):
                return _call("_range", node, ast.Constant(node.lineno))
            case ast.Subscript():
                length = _call("len", _loaded(node.value))
                node.slice = _call("_index", node.slice, length, ast.Constant(node.lineno))
        return node


def _call(name: str, *given: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(given), [])


def _loaded(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


@cache
def python(watched: bool = False) -> dict[str, Any]:
    """The constructs as CPython runs them; with `watched`, until something is undefined."""
    names: dict[str, Any] = {name: getattr(contract, name) for name in dir(contract)}
    names.update(_range=_range, _division=_division, _index=_index)
    for module, text in texts().items():
        tree = ast.parse(text)
        tree.body = [each for each in tree.body if not isinstance(each, ast.ImportFrom)]
        if watched and module != "records":
            _Watched().generic_visit(tree)
        code = compile(ast.fix_missing_locations(tree), f"{module}.py", "exec")
        exec(code, names)
    return names


def given_to(name: str, words: Words, names: dict[str, Any]) -> list[Any]:
    """Arguments of a construct made of words."""
    found: list[Any] = []
    for parameter, each in zip(facts().program.functions[name].parameters, words, strict=True):
        if parameter.type in facts().program.records:
            record = names[parameter.type]()
            record.set_words(each)
            found.append(record)
        else:
            found.append(bool(each[0]) if parameter.type == "bool" else each[0])
    return found


def words_of(given: list[Any]) -> Words:
    """The words of arguments as they are now."""
    return [[int(each)] if isinstance(each, int) else each.words() for each in given]


@dataclass(frozen=True)
class Ran:
    """What CPython made of a construct: the value returned, the words it left, what broke."""

    result: int
    after: Words
    broken: UndefinedError | None


def allowed(name: str, words: Words) -> bool:
    """True if the arguments meet the `require` of a construct."""
    names = python()
    given = dict(zip(_parameters(name), given_to(name, words, names), strict=True))
    kept = getattr(names[name], "contract", [])
    return all(
        condition(*[given[each] for each in _taken(condition)])
        for word, condition, _ in reversed(kept)
        if word == "require"
    )


def _parameters(name: str) -> list[str]:
    return [each.name for each in facts().program.functions[name].parameters]


def _taken(condition: Callable[..., bool]) -> tuple[str, ...]:
    return condition.__code__.co_varnames[: condition.__code__.co_argcount]


def ran(name: str, words: Words) -> Ran:
    """Run a construct in CPython, plain if everything is defined."""
    try:
        python(True)[name](*given_to(name, words, python(True)))
    except UndefinedError as broken:
        return Ran(0, [], broken)
    given = given_to(name, words, python())
    result = python()[name](*given)
    return Ran(int(result or 0), words_of(given), None)


# ---- terms


@dataclass
class Meaning:
    """A construct as terms: its unknowns on entry, its result and the words that it leaves."""

    machine: Caller
    entry: tuple[Input, ...]
    result: Term
    after: list[Term]

    def model(self, words: Words) -> dict[str, Value]:
        """The unknowns on entry, and what follows from them by definition."""
        model: dict[str, Value] = {}
        for each, given in zip(self.entry, words, strict=True):
            for word, value in zip(each.words, given, strict=True):
                model[str(word.data)] = bool(value) if word.boolean else value
        defined: list[tuple[int, Callable[[], None]]] = []
        for (left, right), (q, r) in self.machine.quotients.items():
            defined.append((_place(q), partial(_divide, model, left, right, q, r)))
        for test, name in self.machine.tests.items():
            defined.append((_place(name), partial(_name, model, test, name)))
        for _, define in sorted(defined, key=lambda pair: pair[0]):
            define()
        return model


def _place(name: Term) -> int:
    return int(str(name.data).rpartition("!")[2])


def _divide(model: dict[str, Value], left: Term, right: Term, q: Term, r: Term) -> None:
    """Name a quotient and a remainder; where they are undefined nothing is said of them."""
    above, below = int(evaluate(left, model)), int(evaluate(right, model))
    found = divmod(above, below) if below > 0 else (0, 0)
    model[str(q.data)], model[str(r.data)] = found


def _name(model: dict[str, Value], test: Term, name: Term) -> None:
    model[str(name.data)] = evaluate(test, model)


def meaning(name: str, opened: bool) -> Meaning:
    """The terms of a construct; known by contracts unless everything is `opened`."""
    program = facts().program
    function = program.functions[name]
    machine = Caller(facts(), frozenset(program.functions) if opened else frozenset())
    given = arguments(machine, function, ())
    entry = inputs(function, given)
    assume_requires(machine, function, bound(function, given))
    result = machine.run_function(function, given)
    after: list[Term] = []
    for each in given:
        after.extend(each.words() if isinstance(each, Reference) else [each])
    return Meaning(machine, entry, result, after)


# ---- C


def entries(program: Program, names: Iterable[str]) -> str:
    """A module whose `step` reaches every construct: what the compiler starts from."""
    lines = ["    found = 0", "    whole = 0"]
    for name in names:
        function = program.functions[name]
        given = ", ".join(_stand_in(each.name, each.type) for each in function.parameters)
        if function.returns == "bool":
            lines += [f"    if {name}({given}):", "        whole = whole + 1"]
        elif function.returns == "int":
            lines += [f"    found = {name}({given})", "    whole = whole + found"]
        else:
            lines.append(f"    {name}({given})")
    imported = {
        module: [name for name in names if program.functions[name].file == f"{module}.py"]
        for module in (*MODULES, CHANCE)
    }
    head = [f"from .{module} import {', '.join(each)}" for module, each in imported.items() if each]
    lone = "def {}(a: int) -> int:\n    return a\n\n\n"
    return (
        '"""The entries."""\n\n' + "\n".join(head) + "\nfrom .records import Box\n\n\n"
        f"{lone.format('initialise')}{lone.format('adopt')}"
        "def step(box: Box, a: int, b: int) -> int:\n" + "\n".join(lines) + "\n    return whole\n"
    )


def _stand_in(name: str, kind: str) -> str:
    if kind in ("Box", "Row"):
        return "box" if kind == "Box" else "box.near"
    return "a > b" if kind == "bool" else ("b" if name == "b" else "a")


@dataclass(frozen=True)
class Compiled:
    """The constructs as a library."""

    library: ctypes.CDLL

    def ran(self, name: str, words: Words) -> Ran:
        """Run a construct in C."""
        function = facts().program.functions[name]
        held: list[Any] = []
        passed: list[Any] = []
        for parameter, each in zip(function.parameters, words, strict=True):
            block = (ctypes.c_int64 * len(each))(*each)
            held.append(block)
            record = parameter.type in facts().program.records
            passed.append(block if record else ctypes.c_int64(each[0]))
        symbol = getattr(self.library, function_name(name))
        symbol.restype = None if function.returns == "None" else ctypes.c_int64
        result = symbol(*passed)
        return Ran(int(result or 0), [list(block) for block in held], None)


def compiled(folder: Path) -> Compiled:
    """All right constructs through Cython and the C compiler, every function to be called."""
    sources = {name: text for name, text in texts().items() if name != "wrong"}
    sources["step"] = entries(facts().program, functions("plain", "promised", CHANCE))
    program = parse_text(sources)
    c_text, header = generate_c(program, {f"{n}.py": t for n, t in sources.items()}, "constructs")
    (folder / "dosekernel.c").write_text(c_text, encoding="utf-8")
    (folder / "dosekernel.h").write_text(header, encoding="utf-8")
    target = folder / "constructs.so"
    done = subprocess.run(
        ["cc", "-O2", "-fPIC", "-shared", "-DDOSEKERNEL_INTERNAL=", "dosekernel.c", "-o", target],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return Compiled(ctypes.CDLL(str(target)))
