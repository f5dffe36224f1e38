"""One Cython module from the whole kernel: its functions in their order, without contracts."""

from dataclasses import dataclass, field

from dosekernel.spec.effects import WORD_WRITES
from dosekernel.spec.language import reachable, writes
from dosekernel.spec.tree import (
    BOOL,
    INT,
    NONE,
    Assign,
    Binary,
    Boolean,
    Call,
    Compare,
    Do,
    Expression,
    Field,
    For,
    Function,
    If,
    Integer,
    Item,
    Local,
    Logic,
    Name,
    Program,
    Return,
    Statement,
    Unary,
)

from .layout import word_count
from .naming import (
    ENTRIES,
    CompileError,
    check_names,
    constant_name,
    function_name,
    record_name,
    word_function,
)

# Under `nogil` Cython takes a literal beyond 32 bits for a Python object; such a one gets a macro.
SMALL = 2**31 - 1
DIRECTIVES = (
    "language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False"
)
TYPES = {INT: "int64_t", BOOL: "int64_t", NONE: "void"}
INDENT = "    "
# C's own `&&` and `||`, as macros: for `and` and `or` Cython would write jumps and temporaries.
LOGIC = {"and": "DOSEKERNEL_AND", "or": "DOSEKERNEL_OR"}
# The words over whole records, one function for each kind of record, each a loop over its words.
WORD_BODIES = {
    "assign": ("void", True, ["to[i] = from_[i]"]),
    "clear": ("void", False, ["to[i] = 0"]),
    "seal": ("void", True, ["to[i] = ~from_[i]"]),
    "sealed": ("int64_t", True, ["difference = difference | (to[i] ^ ~from_[i])"]),
    "same": ("int64_t", True, ["difference = difference | (to[i] ^ from_[i])"]),
}


@dataclass
class Amalgamation:
    """The kernel as Cython: the module, its declarations, and what it needs from the header."""

    source: str
    declarations: str
    # C symbols in order: words over whole records first, then the functions of the kernel.
    words: list[str]
    functions: dict[str, str]
    literals: dict[str, int] = field(default_factory=dict)


def amalgamate(program: Program) -> Amalgamation:
    """Everything that the three entries reach."""
    missing = [name for name in ENTRIES if name not in program.functions]
    if missing:
        raise CompileError(f"the kernel defines no function {missing[0]}")
    names = reachable(program, ENTRIES)
    writer = _Writer(program)
    bodies = [writer.function(program.functions[name]) for name in names]
    words = [writer.word(word, record) for word, record in sorted(writer.words)]
    symbols = [word_function(word, record) for word, record in sorted(writer.words)]
    check_names(program, names, symbols)
    head = f"# cython: {DIRECTIVES}\nfrom libc.stdint cimport int64_t\n"
    return Amalgamation(
        source="\n\n".join([head, *words, *bodies]) + "\n",
        declarations=_declarations(program, writer.literals),
        words=symbols,
        functions={name: function_name(name) for name in names},
        literals=writer.literals,
    )


def _declarations(program: Program, literals: dict[str, int]) -> str:
    """The `.pxd`: the records and constants that stand in the header."""
    lines = ["from libc.stdint cimport int64_t", "", 'cdef extern from "dosekernel.h" nogil:']
    lines += [f"{INDENT}const int64_t {constant_name(name)}" for name in program.constants]
    lines += [f"{INDENT}const int64_t {name}" for name in literals]
    lines += [f"{INDENT}int64_t {macro}(int64_t, int64_t) noexcept" for macro in LOGIC.values()]
    for record in program.records.values():
        lines.append(f"{INDENT}ctypedef struct {record_name(record.name)}:")
        for word in record.words:
            kind = TYPES.get(word.type) or record_name(word.type)
            lines.append(
                f"{INDENT * 2}{kind} {word.name}" + (f"[{word.length}]" * (word.length > 0))
            )
    return "\n".join(lines) + "\n"


class _Writer:
    """Writes functions as Cython, and remembers which words and literals they use."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.written = {
            name: {position for position, _ in pairs} for name, pairs in writes(program).items()
        }
        self.words: set[tuple[str, str]] = set()
        self.literals: dict[str, int] = {}
        # Of the function being written: its record locals (values, not pointers).
        self.own: set[str] = set()

    def word(self, word: str, record: str) -> str:
        """One word over one kind of record, as a loop over its words."""
        returns, two, body = WORD_BODIES[word]
        kind = record_name(record)
        first = "" if WORD_WRITES[word] else "const "
        parameters = f"{first}{kind} *target" + (f", const {kind} *source" if two else "")
        lines = [f"cdef {returns} {word_function(word, record)}({parameters}) noexcept nogil:"]
        lines.append(f"{first}int64_t *to = <{first}int64_t *>target")
        lines += ["const int64_t *from_ = <const int64_t *>source"] * two
        lines.append("int64_t i")
        lines[1:] = [f"{INDENT}cdef {line}" for line in lines[1:]]
        if returns != "void":
            lines.append(f"{INDENT}cdef int64_t difference = 0")
        lines.append(f"{INDENT}for i in range({word_count(self.program, record)}):")
        lines += [f"{INDENT * 2}{line}" for line in body]
        if returns != "void":
            lines.append(f"{INDENT}return difference == 0")
        return "\n".join(lines)

    def function(self, function: Function) -> str:
        """One function; a record that it does not write is `const`."""
        parameters = []
        for position, parameter in enumerate(function.parameters):
            if parameter.type in self.program.records:
                constant = "" if position in self.written[function.name] else "const "
                kind = f"{constant}{record_name(parameter.type)} *"
            else:
                kind = f"{TYPES[parameter.type]} "
            parameters.append(kind + parameter.name)
        own = _locals(function)
        self.own = {name for name, kind in own.items() if kind in self.program.records}
        head = (
            f"cdef {TYPES[function.returns]} {function_name(function.name)}"
            f"({', '.join(parameters)}) noexcept nogil:"
        )
        declared = [
            f"{INDENT}cdef {TYPES.get(kind) or record_name(kind)} {name}"
            for name, kind in own.items()
        ]
        return "\n".join([head, *declared, *self.block(function.body, 1)])

    def block(self, body: tuple[Statement, ...], depth: int) -> list[str]:
        """Statements, one a line, indented."""
        lines: list[str] = []
        for statement in body:
            lines += self.statement(statement, depth)
        return lines

    def statement(self, statement: Statement, depth: int) -> list[str]:
        """One statement."""
        indent = INDENT * depth
        match statement:
            case Assign(target=target, value=value):
                return [f"{indent}{self.text(target)} = {self.text(value)}"]
            case Local(name=name, type=kind, source=source):
                self.words.add(("assign", kind))
                return [f"{indent}{word_function('assign', kind)}(&{name}, {self.address(source)})"]
            case Do(call=call):
                return [f"{indent}{self.text(call)}"]
            case Return(value=value):
                return [f"{indent}return" + (f" {self.text(value)}" if value else "")]
            case For(variable=variable, count=count, body=inner):
                head = f"{indent}for {variable} in range({self.literal(count)}):"
                return [head, *self.block(inner, depth + 1)]
            case If(test=test, then=then, otherwise=otherwise):
                lines = [f"{indent}if {self.text(test)}:", *self.block(then, depth + 1)]
                if otherwise:
                    lines += [f"{indent}else:", *self.block(otherwise, depth + 1)]
                return lines

    def address(self, expression: Expression) -> str:
        """A record as an argument: by its address."""
        if isinstance(expression, Name) and expression.id not in self.own:
            return expression.id
        return f"&{self.text(expression)}"

    def literal(self, value: int) -> str:
        """An int as it stands; through a macro if 32 bits cannot hold it."""
        if -SMALL <= value <= SMALL:
            return str(value)
        name = constant_name(f"LITERAL_{'MINUS_' * (value < 0)}{abs(value)}")
        self.literals[name] = value
        return name

    def text(self, expression: Expression) -> str:
        """An expression, every operation in brackets."""
        bare = _bare_value(expression)
        if bare is not None:
            return self.literal(bare) if bare >= 0 else f"({self.literal(bare)})"
        match expression:
            case Integer(name=name):
                return constant_name(name)
            case Boolean(value=value):
                return "1" if value else "0"
            case Name(id=name):
                return name
            case Field(base=base, field=name):
                return f"{self.text(base)}.{name}"
            case Item(base=base, index=index):
                return f"{self.text(base)}[{self.text(index)}]"
            case Unary(op=op, operand=operand):
                return f"({op} {self.text(operand)})"
            case Binary(op=op, left=left, right=right) | Compare(op=op, left=left, right=right):
                return f"({self.text(left)} {op} {self.text(right)})"
            case Logic(op=op, operands=operands):
                return _nested(LOGIC[op], [self.text(each) for each in operands])
            case Call():
                return self.call(expression)
        raise CompileError(f"line {expression.line}: {type(expression).__name__} has no C")

    def call(self, call: Call) -> str:
        """A call of a function, or of the one of a word's functions for its kind of record."""
        name = function_name(call.function)
        if call.function in WORD_BODIES:
            first = call.arguments[0]
            kind = first.type if isinstance(first, Name | Field) else ""
            self.words.add((call.function, kind))
            name = word_function(call.function, kind)
            return f"{name}({', '.join(self.address(each) for each in call.arguments)})"
        parameters = self.program.functions[call.function].parameters
        arguments = [
            self.address(given) if parameter.type in self.program.records else self.text(given)
            for given, parameter in zip(call.arguments, parameters, strict=True)
        ]
        return f"{name}({', '.join(arguments)})"


def _nested(macro: str, operands: list[str]) -> str:
    """`macro(a, macro(b, c))`: from left to right, stopping at the first that decides."""
    if len(operands) == 1:
        return operands[0]
    return f"{macro}({operands[0]}, {_nested(macro, operands[1:])})"


def _bare_value(expression: Expression) -> int | None:
    """The value of literals alone: in C they would be computed in 32 bits."""
    match expression:
        case Integer(value=value, name=""):
            return value
        case Unary(op="-", operand=operand):
            inner = _bare_value(operand)
            return None if inner is None else -inner
        case Binary(op=op, left=left, right=right):
            a, b = _bare_value(left), _bare_value(right)
            if a is None or b is None:
                return None
            if op in ("//", "%"):
                return a // b if op == "//" else a % b
            return {"+": a + b, "-": a - b, "*": a * b}[op]
    return None


def _locals(function: Function) -> dict[str, str]:
    """Every variable of a function that is not a parameter, with its type."""
    found: dict[str, str] = {}

    def visit(body: tuple[Statement, ...]) -> None:
        for statement in body:
            match statement:
                case Assign(target=Name(id=name, type=kind)) | Local(name=name, type=kind):
                    found[name] = kind
                case For(variable=name, body=inner):
                    found[name] = INT
                    visit(inner)
                case If(then=then, otherwise=otherwise):
                    visit(then)
                    visit(otherwise)

    visit(function.body)
    return found
