"""The kernel language: Python's syntax in, the typed tree out, `file:line: reason` for the rest.

A module is a docstring, relative imports, integer constants, record classes and functions. It is
read once, by Python's own `ast`; names, types, paths and aliases are checked here and nowhere else.
"""

import ast
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from .bodies import Body
from .contracts import Contract
from .effects import Writes, function_writes, leaves, reachable, writes
from .expressions import Expressions, Scope, constant_value
from .names import GREATEST, LEAST, WORDS, LanguageError, Module, refusal
from .tree import (
    BOOL,
    INT,
    NONE,
    Constant,
    Function,
    Parameter,
    Program,
    RecordType,
    Word,
)

__all__ = [
    "LanguageError",
    "kernel_files",
    "leaves",
    "parse_kernel",
    "parse_modules",
    "parse_text",
    "reachable",
    "source_hash",
    "writes",
]

# A function's arguments travel in registers: the machine-code proof rests on it.
PARAMETERS_MAX = 6
# Files of a kernel's folder that are not in the language.
OUTSIDE = ("__init__.py", "contract.py")
KERNEL_PACKAGE = "dosekernel.kernel"
SPEC_PACKAGE = "dosekernel.spec"


def parse_kernel(directory: Path) -> Program:
    """The kernel in `directory`, from `step.py` along its imports; every module is reached."""
    sources = {
        path.stem: (f"{directory.name}/{path.name}", _read(path))
        for path in kernel_files(directory)
    }
    if "step" not in sources:
        raise LanguageError(
            f"{directory.name}/step.py", 1, "a kernel starts at step.py; it is missing"
        )
    program = _Reader(sources, Program()).read(["step"])
    for file, _ in sources.values():
        if file not in program.modules:
            raise LanguageError(file, 1, "no import leads here from step.py")
    return program


def parse_modules(paths: Iterable[Path], program: Program | None = None) -> Program:
    """`program` and further modules in the same language, whose functions write no argument."""
    paths = list(paths)
    sources = {path.stem: (f"{path.parent.name}/{path.name}", _read(path)) for path in paths}
    extended = _Reader(sources, program or Program()).read([path.stem for path in paths])
    effects = writes(extended)
    files = {file for file, _ in sources.values()}
    for function in extended.functions.values():
        if function.file in files and effects[function.name]:
            raise LanguageError(
                function.file, function.line, f"{function.name} writes a record that it was given"
            )
    return extended


def parse_text(
    sources: Mapping[str, str], program: Program | None = None, folder: str = ""
) -> Program:
    """Modules given as text, by name, as if in a folder; `step` is read first if there is one."""
    named = {name: (f"{folder}{name}.py", text) for name, text in sources.items()}
    roots = ["step"] if "step" in named else []
    return _Reader(named, program or Program()).read([*roots, *named])


def kernel_files(directory: Path) -> list[Path]:
    """The files of a kernel that are in the language, by name."""
    return sorted(path for path in directory.glob("*.py") if path.name not in OUTSIDE)


def source_hash(paths: Iterable[Path]) -> str:
    """SHA-256 over the names and the text of the files, whatever order they are given in."""
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda each: each.name):
        text = path.read_bytes()
        digest.update(f"{path.name} {len(text)}\n".encode())
        digest.update(text)
    return digest.hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LanguageError(
            f"{path.parent.name}/{path.name}", 1, f"not readable: {error}"
        ) from error


class _Reader:
    """Reads modules in the order of their imports and adds them to one program."""

    def __init__(self, sources: dict[str, tuple[str, str]], base: Program) -> None:
        self.sources = sources
        self.base = {file.rpartition("/")[2].removesuffix(".py"): file for file in base.modules}
        self.program = Program(
            dict(base.constants), dict(base.records), dict(base.functions), base.modules
        )
        self.writes: dict[str, Writes] = writes(base)
        self.open: list[str] = []

    def read(self, roots: list[str]) -> Program:
        """Read `roots` and all that they import."""
        for name in roots:
            self.module(name)
        return self.program

    def module(self, name: str) -> None:
        """Read one module after those that it imports, once."""
        file, text = self.sources[name]
        if file in self.program.modules:
            return
        self.open.append(name)
        try:
            tree = ast.parse(text, filename=file)
        except SyntaxError as error:
            raise LanguageError(file, error.lineno or 1, f"not Python: {error.msg}") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise LanguageError(file, 1, f"not Python: {error}") from error
        module = Module(file)
        body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
        declared = False
        for node in body:
            if isinstance(node, ast.ImportFrom) and not declared:
                self.imports(module, node)
            else:
                declared = True
                self.declaration(module, node)
        for imported, line in module.imported.items():
            if imported not in module.used:
                raise module.error(line, f"{imported} is imported and not used")
        self.open.pop()
        self.program.modules = (*self.program.modules, file)

    def imports(self, module: Module, node: ast.ImportFrom) -> None:
        """`from .module import name`, `from dosekernel.kernel.module import name`."""
        source = self.imported_file(module, node)
        for alias in node.names:
            name = alias.name
            if alias.asname is not None:
                raise module.error(node, f"{name} keeps its name: no `as`")
            if name == "*":
                raise module.error(node, "imports name each name")
            if name in module.names:
                raise module.error(node, f"{name} is imported twice")
            kind = self.kind_in(source, name)
            if not kind:
                raise module.error(node, f"{source} defines no {name}")
            module.names[name] = kind
            module.imported[name] = node.lineno

    def imported_file(self, module: Module, node: ast.ImportFrom) -> str:
        """The file that an import names, read by now; empty stands for `contract`."""
        path = node.module or ""
        package, _, name = path.rpartition(".")
        if (
            node.level == 0
            and package == KERNEL_PACKAGE
            and (name in self.base or name == "contract")
        ):
            return self.base.get(name, "contract.py")
        if (node.level, package) in ((1, ""), (0, SPEC_PACKAGE)):
            if name == "contract":
                return "contract.py"
            if name in self.open:
                raise module.error(node, f"{name} imports itself through this module")
            if name in self.sources:
                self.module(name)
                return self.sources[name][0]
        raise module.error(node, f"no module {'.' * node.level}{path} in the program")

    def kind_in(self, file: str, name: str) -> str:
        """What a file defines under a name; empty if nothing."""
        if file == "contract.py":
            return "word" if name in WORDS else ""
        tables: dict[str, Mapping[str, Constant | RecordType | Function]] = {
            "constant": self.program.constants,
            "record": self.program.records,
            "function": self.program.functions,
        }
        for kind, table in tables.items():
            if name in table and table[name].file == file:
                return kind
        return ""

    def declaration(self, module: Module, node: ast.stmt) -> None:
        """A constant, a record or a function."""
        match node:
            case ast.Assign():
                self.constant(module, node)
            case ast.ClassDef():
                self.record(module, node)
            case ast.FunctionDef():
                self.function(module, node)
            case ast.If() | ast.For() | ast.Expr() | ast.Return():
                raise module.error(node, "a statement stands inside a function")
            case _:
                raise module.error(node, refusal(node))

    def new_name(self, module: Module, node: ast.stmt, name: str, what: str) -> None:
        """Take a name for the whole program: in C there is one space of names."""
        module.check_name(node, name, what)
        for table in (self.program.constants, self.program.records, self.program.functions):
            if name in table:
                raise module.error(node, f"{name} is defined in {table[name].file}")
        module.names[name] = what

    def constant(self, module: Module, node: ast.Assign) -> None:
        """`NAME = expression` over ints and earlier constants."""
        if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            raise module.error(node, "a constant has one name")
        checker = Expressions(self.program, module, self.writes, Scope())
        value = constant_value(checker.integer(node.value, "a constant"))
        if value is None:
            raise module.error(node, "a constant is made of ints and earlier constants")
        if not LEAST <= value <= GREATEST:
            raise module.error(node, f"{value} does not fit 64 bits")
        name = node.targets[0].id
        self.new_name(module, node, name, "constant")
        self.program.constants[name] = Constant(node.lineno, name, value, module.file)

    def record(self, module: Module, node: ast.ClassDef) -> None:
        """`class Name(Record):` and its fields."""
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
        if bases != ["Record"] or len(node.bases) != 1 or node.keywords or node.decorator_list:
            raise module.error(node, f"{node.name} is no record: write class {node.name}(Record)")
        if module.kind("Record") != "word":
            raise module.error(node, "Record is imported from .contract")
        if getattr(node, "type_params", None):
            raise module.error(node, "there are no type parameters")
        doc = ast.get_docstring(node)
        words: list[Word] = []
        for each in node.body[1:] if doc is not None else node.body:
            word = self.field(module, each)
            if any(word.name == earlier.name for earlier in words):
                raise module.error(each, f"the field {word.name} is there already")
            words.append(word)
        if not words:
            raise module.error(node, f"the record {node.name} has no field")
        self.new_name(module, node, node.name, "record")
        self.program.records[node.name] = RecordType(
            node.lineno, node.name, tuple(words), module.file, doc or ""
        )

    def field(self, module: Module, node: ast.stmt) -> Word:
        """`name: int`, `name: list[int] = array(CONSTANT)` or `name: OtherRecord`."""
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            raise module.error(node, "a record holds fields and nothing else")
        name = node.target.id
        module.check_name(node, name, "field")
        kind = ast.unparse(node.annotation)
        if kind == "list[int]":
            return Word(node.lineno, name, INT, self.array_length(module, node))
        if node.value is not None:
            raise module.error(node, f"the field {name} starts at 0, without a value")
        if kind == INT or module.kind(kind) == "record":
            return Word(node.lineno, name, kind)
        raise module.error(node, f"a field is an int, a list[int] or an earlier record, not {kind}")

    def array_length(self, module: Module, node: ast.AnnAssign) -> int:
        """The constant N of `array(N)`."""
        call = node.value
        if (
            not isinstance(call, ast.Call)
            or not isinstance(call.func, ast.Name)
            or module.kind(call.func.id) != "word"
            or call.func.id != "array"
            or len(call.args) != 1
            or call.keywords
        ):
            raise module.error(node, "an array is declared as list[int] = array(constant)")
        checker = Expressions(self.program, module, self.writes, Scope())
        length = constant_value(checker.integer(call.args[0], "array"))
        if length is None or length < 1:
            raise module.error(node, "the length of an array is a constant greater than 0")
        return length

    def function(self, module: Module, node: ast.FunctionDef) -> None:
        """A function, its contract and its body."""
        if getattr(node, "type_params", None):
            raise module.error(node, "there are no type parameters")
        module.check_name(node, node.name, "function")
        parameters = self.parameters(module, node)
        returns = self.returned(module, node)
        doc = ast.get_docstring(node)
        checker = Body(self.program, module, self.writes, parameters, returns)
        body = checker.check(node.body[1:] if doc is not None else node.body, node)
        if not body:
            raise module.error(node, f"{node.name} does nothing")
        contract = Contract(self.program, module, self.writes, parameters, returns)
        requires, ensures, snapshots = contract.read(node.decorator_list)
        self.new_name(module, node, node.name, "function")
        function = Function(
            node.lineno, node.name, parameters, returns, body, module.file, doc or "",
            requires, ensures, snapshots,
        )  # fmt: skip
        self.program.functions[node.name] = function
        self.writes[node.name] = function_writes(self.program, function, self.writes)

    def parameters(self, module: Module, node: ast.FunctionDef) -> tuple[Parameter, ...]:
        """Annotated parameters, given by position."""
        given = node.args
        if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or given.defaults:
            raise module.error(node, "parameters are plain: no *, no /, no default")
        if len(given.args) > PARAMETERS_MAX:
            raise module.error(node, f"a function has at most {PARAMETERS_MAX} parameters")
        found = []
        for each in given.args:
            module.check_name(each, each.arg, "parameter")
            kind = "" if each.annotation is None else ast.unparse(each.annotation)
            if kind not in (INT, BOOL) and module.kind(kind) != "record":
                raise module.error(each, f"the parameter {each.arg} is an int, a bool or a record")
            found.append(Parameter(each.lineno, each.arg, kind))
        return tuple(found)

    def returned(self, module: Module, node: ast.FunctionDef) -> str:
        """The type a function returns."""
        kind = "" if node.returns is None else ast.unparse(node.returns)
        if kind not in (INT, BOOL, NONE):
            raise module.error(node, f"{node.name} returns int, bool or None, and says so")
        return kind
