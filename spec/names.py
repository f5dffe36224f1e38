"""Names of the kernel language: who may be called what, and the error that names file and line."""

import ast
import re
from dataclasses import dataclass, field

LEAST = -(2**63)
GREATEST = 2**63 - 1

# The words of `kernel/contract.py`; a module imports those that it uses.
WORDS = frozenset(
    (
        "Record",
        "array",
        "copy",
        "assign",
        "clear",
        "seal",
        "sealed",
        "same",
        "require",
        "ensure",
        "snapshot",
    )
)
RESERVED = WORDS | {"range", "int", "bool", "list", "OLD", "dosekernel"}

C_KEYWORDS = frozenset(
    (
        "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else",
        "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register",
        "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch",
        "typedef", "union", "unsigned", "void", "volatile", "while", "asm", "typeof",
    )
)  # fmt: skip
# Fields stand in the header, which C++ programs read too.
CPLUSPLUS_KEYWORDS = frozenset(
    (
        "alignas", "alignof", "bool", "catch", "char8_t", "class", "concept", "const_cast",
        "consteval", "constexpr", "constinit", "decltype", "delete", "dynamic_cast", "explicit",
        "export", "false", "friend", "mutable", "namespace", "new", "noexcept", "nullptr",
        "operator", "private", "protected", "public", "reinterpret_cast", "requires",
        "static_assert", "static_cast", "template", "this", "thread_local", "throw", "true",
        "try", "typeid", "typename", "using", "virtual", "wchar_t",
    )
)  # fmt: skip
# Cython's own words, which the generated source could not use as names.
CYTHON_KEYWORDS = frozenset(
    (
        "cdef", "cpdef", "cimport", "ctypedef", "include", "nogil", "gil", "cython",
    )
)  # fmt: skip

# What every record can do in CPython; a field of that name would hide it.
RECORD_METHODS = frozenset(("words", "set_words", "duplicate"))

CONSTANT_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
RECORD_NAME = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")
OTHER_NAME = re.compile(r"_?[a-z][a-z0-9_]*|_")


class LanguageError(Exception):
    """The source is not in the kernel language; the text is `file:line: reason`."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        """The reason at one line of one file."""
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


@dataclass
class Module:
    """A module being read: its file, what its names mean, and which imports were used."""

    file: str
    # name -> "word", "constant", "record" or "function"
    names: dict[str, str] = field(default_factory=dict)
    imported: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def error(self, node: ast.AST | int, reason: str) -> LanguageError:
        """The error at `node` (or at a line) of this module."""
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return LanguageError(self.file, line, reason)

    def kind(self, name: str) -> str:
        """What `name` means at the level of the module; empty if nothing. It counts as a use."""
        found = self.names.get(name, "")
        if found:
            self.used.add(name)
        return found

    def check_name(self, node: ast.AST, name: str, what: str) -> None:
        """Refuse a name that could not be written in C, or that would hide another meaning."""
        pattern, shape = {
            "constant": (CONSTANT_NAME, "UPPER_CASE"),
            "record": (RECORD_NAME, "CapWords"),
        }.get(what, (OTHER_NAME, "lower_case"))
        if name in RESERVED:
            raise self.error(node, f"{name} is a word of the language")
        if name in C_KEYWORDS:
            raise self.error(node, f"{name} is a keyword of C")
        if what == "field" and name in CPLUSPLUS_KEYWORDS:
            raise self.error(node, f"{name} is a keyword of C++")
        if what == "field" and name in RECORD_METHODS:
            raise self.error(node, f"{name} is a method of every record")
        if name in CYTHON_KEYWORDS:
            raise self.error(node, f"{name} is a keyword of Cython")
        if name.lower().startswith("dosekernel"):
            raise self.error(node, f"{name}: the prefix dosekernel is the compiler's")
        if not pattern.fullmatch(name) or "__" in name:
            raise self.error(node, f"the {what} {name} is not written in {shape}")
        if what != "field" and name in self.names:
            raise self.error(node, f"{name} hides the {self.names[name]} of that name")


# What a reader would try, and why it is refused.
REFUSED = {
    ast.While: "while may not end; use for over range(constant)",
    ast.AugAssign: "augmented assignment is not in the language; write x = x + y",
    ast.AnnAssign: "an assignment takes no annotation",
    ast.Try: "there are no exceptions",
    ast.Raise: "there are no exceptions",
    ast.Assert: "assert is not in the language; write a contract",
    ast.With: "with is not in the language",
    ast.Delete: "del is not in the language",
    ast.Global: "there are no globals that change",
    ast.Nonlocal: "there are no globals that change",
    ast.Import: "only `from .module import name` is allowed",
    ast.ImportFrom: "imports stand at the top of a module",
    ast.FunctionDef: "a function stands at the level of the module",
    ast.AsyncFunctionDef: "async is not in the language",
    ast.ClassDef: "a record stands at the level of the module",
    ast.Pass: "pass does nothing",
    ast.Break: "break is not in the language; return, or test",
    ast.Continue: "continue is not in the language; test",
    ast.Match: "match is not in the language; use if",
    ast.Lambda: "lambda stands only in a contract",
    ast.IfExp: "a conditional expression is not in the language; use if",
    ast.NamedExpr: "an assignment is not an expression",
    ast.JoinedStr: "there are no strings",
    ast.List: "there are no lists; a record holds arrays",
    ast.Tuple: "there are no tuples",
    ast.Dict: "there are no dictionaries",
    ast.Set: "there are no sets",
    ast.ListComp: "there are no comprehensions",
    ast.SetComp: "there are no comprehensions",
    ast.DictComp: "there are no comprehensions",
    ast.GeneratorExp: "there are no comprehensions",
    ast.Await: "async is not in the language",
    ast.Yield: "there are no generators",
    ast.YieldFrom: "there are no generators",
    ast.Starred: "there are no starred arguments",
    ast.Slice: "there are no slices",
    ast.AsyncFor: "async is not in the language",
    ast.AsyncWith: "async is not in the language",
}


def refusal(node: ast.AST) -> str:
    """Why a node of Python's own syntax is not in the language."""
    return REFUSED.get(type(node), f"{type(node).__name__} is not in the language")
