"""What everything of the kernel is called in C: one prefix for every symbol, type and constant."""

import re

from dosekernel.spec.tree import Program

PREFIX = "dosekernel_"
# The functions that a program links to, with their names in C; all others stay inside the file.
ENTRIES = {"initialise": "dosekernel_init", "adopt": "dosekernel_adopt", "step": "dosekernel_step"}
VERSION_FUNCTION = "dosekernel_version"
# What a caller holds is the memory: a state and its inverse. To a caller that is the state.
RECORDS = {"Memory": "dosekernel_state", "State": "dosekernel_words"}


# Macros of the header and of the C file, by the names that a constant would need to have.
MACROS = frozenset(
    ("H", "API", "ASSERT", "PROVED", "KEPT", "ALONE", "LOOP", "INTERNAL", "AND", "OR")
)


class CompileError(Exception):
    """The kernel cannot be written as C; the text says which name or function, and why."""


def record_name(record: str) -> str:
    """The C type of a record: `SomeRecord` is `dosekernel_some_record`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", record).lower()
    return RECORDS.get(record, PREFIX + snake)


def function_name(function: str) -> str:
    """The C symbol of a function."""
    return ENTRIES.get(function, PREFIX + function)


def word_function(word: str, record: str) -> str:
    """The C symbol of `assign`, `clear`, `seal`, `sealed` or `same` for one kind of record."""
    return f"{PREFIX}{word}_{record_name(record).removeprefix(PREFIX)}"


def constant_name(constant: str) -> str:
    """The C macro of a constant."""
    return PREFIX.upper() + constant


def check_names(program: Program, functions: list[str], word_functions: list[str]) -> None:
    """Refuse two things of one name: C has one space for types and functions."""
    for constant in program.constants:
        if constant in MACROS or constant.endswith("_WORDS") or constant.startswith("LITERAL_"):
            raise CompileError(f"{constant_name(constant)}: a constant with the name of a macro")
    taken = {VERSION_FUNCTION: "the version function"}
    named = [(record_name(each), f"the record {each}") for each in program.records]
    named += [(function_name(each), f"the function {each}") for each in functions]
    named += [(each, "a word over whole records") for each in word_functions]
    for name, what in named:
        if name in taken:
            raise CompileError(f"{name}: both {taken[name]} and {what} would have this name in C")
        taken[name] = what
