"""The kernel as one freestanding C file: amalgamated, compiled by Cython, stripped to functions."""

import ast
import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

from dosekernel.spec.language import kernel_files, parse_kernel, source_hash
from dosekernel.spec.tree import Program

from .amalgamate import Amalgamation, amalgamate
from .header import Header, c_integer, comment
from .layout import layout, word_count
from .naming import (
    ENTRIES,
    PREFIX,
    VERSION_FUNCTION,
    CompileError,
    constant_name,
    function_name,
    record_name,
    word_function,
)
from .strip import Body, bodies, cython_to_c, cython_version

__all__ = [
    "ENTRIES",
    "PREFIX",
    "VERSION",
    "VERSION_FUNCTION",
    "Built",
    "CompileError",
    "amalgamate",
    "build",
    "build_c",
    "constant_name",
    "function_name",
    "layout",
    "record_name",
    "symbols",
    "version_text",
    "word_count",
    "word_function",
]

VERSION = "0.1.0"
C_NAME, HEADER_NAME = "dosekernel.c", "dosekernel.h"
CACHE_NAME = "dosekernel.cache.json"

PREAMBLE = """\
#include "dosekernel.h"

/* The proved build keeps every function whole and callable: its machine code is read one by one. */
#ifndef DOSEKERNEL_KEPT
#if defined(DOSEKERNEL_PROVED) && defined(__GNUC__) && !defined(__clang__)
#define DOSEKERNEL_KEPT __attribute__((noipa, used))
#elif defined(DOSEKERNEL_PROVED) && defined(__GNUC__)
#define DOSEKERNEL_KEPT __attribute__((noinline, used))
#else
#define DOSEKERNEL_KEPT
#endif
#endif

/* No loop over words becomes a call of memcpy or memset: this file needs no library. */
#if defined(__clang__)
#define DOSEKERNEL_ALONE __attribute__((no_builtin("memcpy", "memmove", "memset")))
#elif defined(__GNUC__)
#define DOSEKERNEL_ALONE __attribute__((optimize("no-tree-loop-distribute-patterns")))
#else
#define DOSEKERNEL_ALONE
#endif

/* Loops over all words of a record are short of time only at -O2: let them use vectors there. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(DOSEKERNEL_PROVED)
#define DOSEKERNEL_LOOP \\
    __attribute__((optimize("no-tree-loop-distribute-patterns", "tree-vectorize", \\
                            "vect-cost-model=dynamic")))
#else
#define DOSEKERNEL_LOOP DOSEKERNEL_ALONE
#endif

#ifndef DOSEKERNEL_INTERNAL
#define DOSEKERNEL_INTERNAL static
#endif

#define DOSEKERNEL_AND(a, b) ((a) && (b))
#define DOSEKERNEL_OR(a, b) ((a) || (b))
"""


@dataclass(frozen=True)
class Built:
    """What a build made: the two files, and the hashes of the source and of the C."""

    c_path: Path
    header_path: Path
    source_hash: str
    c_hash: str


def build_c(kernel_directory: Path, output: Path) -> Built:
    """Write `dosekernel.c` and `dosekernel.h` into `output` from the kernel's source.

    The same source gives the same bytes. A build whose source, compiler and files are as they were
    is not repeated. Errors: `LanguageError` for the source, `CompileError` for the rest.
    """
    kernel_directory, output = Path(kernel_directory), Path(output)
    source = source_hash(kernel_files(kernel_directory))
    output.mkdir(parents=True, exist_ok=True)
    key = {"source": source, "compiler": _compiler_hash()}
    cached = _cached(output, key)
    if cached is None:
        program = parse_kernel(kernel_directory)
        texts = {
            f"{kernel_directory.name}/{path.name}": path.read_text(encoding="utf-8")
            for path in kernel_files(kernel_directory)
        }
        c_text, header_text = generate(program, texts, source)
        (output / C_NAME).write_text(c_text, encoding="utf-8", newline="\n")
        (output / HEADER_NAME).write_text(header_text, encoding="utf-8", newline="\n")
        cached = _hashes(output)
        (output / CACHE_NAME).write_text(json.dumps({**key, **cached}, indent=1), encoding="utf-8")
    return Built(output / C_NAME, output / HEADER_NAME, source, cached[C_NAME])


def build(directory_out: Path, kernel_dir: Path | None = None) -> Built:
    """`build_c` of the installed kernel, or of the one in `kernel_dir`."""
    if kernel_dir is None:
        found = importlib.util.find_spec("dosekernel.kernel")
        if found is None or found.origin is None:
            raise CompileError("the package dosekernel.kernel is not installed")
        kernel_dir = Path(found.origin).parent
    return build_c(kernel_dir, directory_out)


def symbols(program: Program) -> dict[str, str]:
    """The C symbol of each function that the entries reach."""
    return amalgamate(program).functions


def generate(program: Program, texts: dict[str, str], source: str) -> tuple[str, str]:
    """The text of `dosekernel.c` and of `dosekernel.h`; `texts` is the source by file."""
    made = amalgamate(program)
    written = bodies(
        cython_to_c(made.source, made.declarations), [*made.words, *made.functions.values()]
    )
    prototypes = {name: _head(written[symbol]) for name, symbol in ENTRIES.items()}
    header = Header(program, texts, prototypes).text(_units(texts), source)
    return _c_text(program, made, written, source), header


def _head(body: Body) -> str:
    return f"{body.returns} {body.name}({body.parameters})"


def _c_text(program: Program, made: Amalgamation, written: dict[str, Body], source: str) -> str:
    """The C file: words over whole records, then the functions in the order of the source."""
    title = f"dosekernel {VERSION}: generated from the kernel's source {source}; not to be edited."
    parts = [comment(title), PREAMBLE]
    parts += [f"#define {name} {c_integer(value)}\n" for name, value in made.literals.items()]
    entries = set(ENTRIES.values())
    documents = {made.functions[name]: program.functions[name].doc for name in made.functions}
    for name in [*made.words, *made.functions.values()]:
        storage = "" if name in entries else "DOSEKERNEL_INTERNAL "
        if documents.get(name):
            parts.append(comment(documents[name]))
        alone = "DOSEKERNEL_LOOP" if name in made.words else "DOSEKERNEL_ALONE"
        head = f"{storage}DOSEKERNEL_KEPT {alone} {_head(written[name])}"
        parts.append("\n".join([head, "{", *written[name].lines, "}", ""]))
    text = version_text(program, source)
    parts.append(f'const char *{VERSION_FUNCTION}(void)\n{{\n  return "{text}";\n}}\n')
    return "\n".join(parts)


def version_text(program: Program, source: str) -> str:
    """What `dosekernel_version()` says: of which source, and with which layout, the C file is."""
    layout_version = program.constants["LAYOUT"].value if "LAYOUT" in program.constants else 0
    return f"dosekernel {VERSION} layout {layout_version} source {source}"


def _units(texts: dict[str, str]) -> str:
    """What `records.py` says of its units."""
    for file, text in texts.items():
        if file.endswith("/records.py"):
            document = ast.get_docstring(ast.parse(text)) or ""
            return document[document.find("Units") :] if "Units" in document else document
    return ""


def _compiler_hash() -> str:
    """A hash of this package and of the language's own, and Cython's version."""
    here = Path(__file__).parent
    language = importlib.util.find_spec("dosekernel.spec.language")
    if language is None or language.origin is None:
        raise CompileError("the package dosekernel.spec is not installed")
    digest = hashlib.sha256(f"{VERSION} {cython_version()}".encode())
    for folder in (here, Path(language.origin).parent):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _hashes(output: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((output / name).read_bytes()).hexdigest()
        for name in (C_NAME, HEADER_NAME)
    }


def _cached(output: Path, key: dict[str, str]) -> dict[str, str] | None:
    """The hashes of an earlier build of the same source whose files are still what they were."""
    try:
        found = json.loads((output / CACHE_NAME).read_text(encoding="utf-8"))
        hashes = _hashes(output)
    except (OSError, ValueError):
        return None
    return hashes if found == {**key, **hashes} else None
