"""The typed tree of a kernel program.

The parser makes it, the compiler writes it as C, the prover gives it meaning.

A program is constants, records and functions. Every expression is an int, a bool, a record or an
array of ints; every node knows the line it came from. There is nothing else in the language.
"""

from dataclasses import dataclass, field

INT = "int"
BOOL = "bool"
NONE = "None"
# Any other type name is a record's name; an array field has the type "array" and a length.
ARRAY = "array"


@dataclass(frozen=True)
class Node:
    """Anything with a place in the source."""

    line: int


# ---- expressions -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Integer(Node):
    """A literal; `name` is the constant it was written as, empty for a bare literal."""

    value: int
    name: str = ""


@dataclass(frozen=True)
class Boolean(Node):
    """True or False."""

    value: bool


@dataclass(frozen=True)
class Name(Node):
    """A parameter or local; in an ensure, `result` is the value returned."""

    id: str
    type: str


@dataclass(frozen=True)
class Old(Node):
    """`OLD.name` in an ensure: the snapshot of that name, an int, a bool or a record."""

    name: str
    type: str


@dataclass(frozen=True)
class Field(Node):
    """`base.field` of a record."""

    base: "Expression"
    field: str
    type: str


@dataclass(frozen=True)
class Item(Node):
    """`base[index]` of an array field of `length` words."""

    base: Field
    index: "Expression"
    length: int


@dataclass(frozen=True)
class Unary(Node):
    """`-x` on an int or `not x` on a bool."""

    op: str
    operand: "Expression"


@dataclass(frozen=True)
class Binary(Node):
    """`+ - * // %` on ints."""

    op: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class Compare(Node):
    """`== != < <= > >=` on ints; a chain `a <= b <= c` is read as `a <= b and b <= c`."""

    op: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class Logic(Node):
    """`and` or `or` of two or more bools, from the left, stopping at the first that decides."""

    op: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True)
class Call(Node):
    """A call of an earlier function, or of a word: `copy assign clear seal sealed same`."""

    function: str
    arguments: tuple["Expression", ...]
    type: str


Expression = Integer | Boolean | Name | Old | Field | Item | Unary | Binary | Compare | Logic | Call


# ---- statements ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assign(Node):
    """`target = value`: an int or bool local, or an int word of a record."""

    target: Name | Field | Item
    value: Expression


@dataclass(frozen=True)
class Local(Node):
    """`name = copy(source)`: a new local record."""

    name: str
    type: str
    source: Expression


@dataclass(frozen=True)
class Do(Node):
    """A call whose value is not used: a procedure, or one of the words `assign clear seal`."""

    call: Call


@dataclass(frozen=True)
class If(Node):
    """`if test: then else: otherwise`; `elif` is an If alone in `otherwise`."""

    test: Expression
    then: tuple["Statement", ...]
    otherwise: tuple["Statement", ...]


@dataclass(frozen=True)
class For(Node):
    """`for variable in range(count)`, count a constant."""

    variable: str
    count: int
    body: tuple["Statement", ...]


@dataclass(frozen=True)
class Return(Node):
    """`return` or `return value`."""

    value: Expression | None


Statement = Assign | Local | Do | If | For | Return


# ---- declarations ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Constant(Node):
    """A module-level integer constant."""

    name: str
    value: int
    file: str


@dataclass(frozen=True)
class Word(Node):
    """One field of a record: an int (`length` 0), an array of `length` ints, or a nested record."""

    name: str
    type: str
    length: int = 0


@dataclass(frozen=True)
class RecordType(Node):
    """A record class: its fields in the order of the layout."""

    name: str
    words: tuple[Word, ...]
    file: str
    doc: str = ""


@dataclass(frozen=True)
class Parameter(Node):
    """A parameter: an int, a bool, or a record by reference."""

    name: str
    type: str


@dataclass(frozen=True)
class Function(Node):
    """A function, its contract and its body; `file` is relative to the root of the source."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    body: tuple[Statement, ...]
    file: str
    doc: str = ""
    requires: tuple[Expression, ...] = ()
    ensures: tuple[Expression, ...] = ()
    snapshots: tuple[tuple[str, Expression], ...] = ()


@dataclass
class Program:
    """A whole program in the order of reading: every function calls only earlier ones."""

    constants: dict[str, Constant] = field(default_factory=dict)
    records: dict[str, RecordType] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    modules: tuple[str, ...] = ()
