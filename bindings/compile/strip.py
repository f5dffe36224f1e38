"""From Cython's C file to plain C: only the bodies of the kernel's functions are kept.

What is changed in a body, all of it by text and none of it in meaning: Cython's prefixes of names
go, its comments and empty lines go, its temporaries for tests become int64_t like all else, and
its jumps to the end of a function or of an `if` are written as `return` and `else`.
"""

import importlib.metadata
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .naming import CompileError

MODULE = "dosekernel_kernel"
MANGLED = f"__pyx_f_{len(MODULE)}{MODULE}_"
DEFINITION = re.compile(
    rf"^static (?P<returns>\w+) {MANGLED}(?P<name>\w+)\((?P<parameters>[^)]*)\) \{{\n"
    r"(?P<body>.*?)^\}",
    re.MULTILINE | re.DOTALL,
)
# Stands for Cython's own mark at an `else`, which it writes as a comment.
ELSE = "@else"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# What only Python's run time could give meaning to.
FOREIGN = re.compile(r"\b(?:_*[Pp]yx\w*|__Pyx\w*|Py[A-Z_]\w*|CYTHON_\w*|(?:un)?likely|R|L0)\b")


@dataclass(frozen=True)
class Body:
    """One C function as Cython wrote it, without Cython's names."""

    name: str
    returns: str
    parameters: str
    lines: tuple[str, ...]


def cython_version() -> str:
    """The version of the Cython that is installed."""
    try:
        return importlib.metadata.version("Cython")
    except importlib.metadata.PackageNotFoundError as error:
        raise CompileError(
            "Cython is missing; the kernel is compiled by Cython 3.1 or later"
        ) from error


def cython_to_c(source: str, declarations: str) -> str:
    """Run Cython in a process of its own, in an empty folder, and return the C that it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        pyx = Path(folder) / f"{MODULE}.pyx"
        pyx.write_text(source, encoding="utf-8")
        pyx.with_suffix(".pxd").write_text(declarations, encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "cython", "-3", "--warning-extra", pyx.name],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise CompileError(f"Cython refused the generated module:\n{run.stderr.strip()}")
        return pyx.with_suffix(".c").read_text(encoding="utf-8")


def bodies(text: str, expected: list[str]) -> dict[str, Body]:
    """The functions of the kernel out of Cython's file; every expected one, and no other."""
    found: dict[str, Body] = {}
    for match in DEFINITION.finditer(text):
        lines = [
            _plain(line)
            for line in COMMENT.sub("", match["body"].replace("/*else*/", ELSE)).split("\n")
        ]
        body = Body(
            match["name"],
            match["returns"],
            _pointers(_plain(match["parameters"])) or "void",
            tuple(_elses(_returns([line for line in lines if line.strip()]))),
        )
        foreign = FOREIGN.search("\n".join((body.parameters, *body.lines)))
        if foreign:
            raise CompileError(f"{body.name}: Cython needs Python's run time: {foreign[0]}")
        found[body.name] = body
    if sorted(found) != sorted(expected):
        odd = sorted(set(found) ^ set(expected))
        raise CompileError(f"Cython's file and the kernel do not agree on {', '.join(odd)}")
    return found


def _plain(text: str) -> str:
    """Cython's names as a reader's: variables bare, temporaries T1, labels L1, the result R."""
    text = text.replace(MANGLED, "").replace("__pyx_v_", "")
    text = re.sub(r"\bint __pyx_t_(\d+);", r"int64_t __pyx_t_\1;", text)
    text = re.sub(r"\b__pyx_t_(\d+)", r"T\1", text)
    text = re.sub(r"\b__pyx_L(\w+)", r"L\1", text)
    text = re.sub(r"\b__pyx_r\b", "R", text)
    return text.rstrip()


def _returns(lines: list[str]) -> list[str]:
    """`{ R = x; } goto L0; ... L0:; return R;` is `return x;`: nothing stands after L0."""
    found: list[str] = []
    for line in lines:
        word = line.strip()
        value = re.fullmatch(r"R = (.*);", found[-2].strip()) if len(found) > 2 else None
        if word == "goto L0;" and value and (found[-3].strip(), found[-1].strip()) == ("{", "}"):
            indent = found[-3][: -len(found[-3].lstrip())]
            found[-3:] = [f"{indent}return {value[1]};"]
        elif word == "goto L0;":
            found.append(line.replace("goto L0", "return"))
        elif word not in ("L0:;", "return R;", "int64_t R;"):
            found.append(line)
    return found[:-1] if found and found[-1] == "  return;" else found


def _elses(lines: list[str]) -> list[str]:
    """`if (t) { a; goto L3; } { b } L3:;` is `if (t) { a; } else { b }`; Cython marks the else."""
    found: list[str] = []
    for line in lines:
        if line.strip() == f"{ELSE} {{" and found[-1].strip() == "}":
            jump = re.fullmatch(r"\s*goto L\d+;", found[-2])
            found[-2 if jump else -1 :] = [f"{found[-1]} else {{"]
        else:
            found.append(line.replace(f"{ELSE} ", ""))
    jumps = {line.strip()[5:-1] for line in found if line.strip().startswith("goto ")}
    labels = re.compile(r"\s*(L\d+):;")
    return [line for line in found if not (label := labels.fullmatch(line)) or label[1] in jumps]


def _pointers(parameters: str) -> str:
    """`record const *x` in the order that the header uses."""
    return re.sub(r"\b(\w+) const \*", r"const \1 *", parameters)
