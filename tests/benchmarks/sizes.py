"""How large it is: lines of Python and of C that hold code, bytes of state and of machine code."""

import ast
import io
import re
import tokenize
from pathlib import Path

CONTRACT_WORDS = {"require", "ensure", "snapshot"}
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def python_lines(folder: Path) -> tuple[int, int, int]:
    """Of all modules: lines, lines of code, lines of code without contracts."""
    lines = code = bare = 0
    for path in sorted(folder.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        holding = _code_lines(source) - _docstrings(tree)
        lines += len(source.splitlines())
        code += len(holding)
        bare += len(holding - _contracts(tree))
    return lines, code, bare


def c_lines(source: str) -> int:
    """Lines of C that hold more than a comment or a lone brace."""
    plain = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    return sum(1 for line in plain.splitlines() if line.strip(" {};\t"))


def _code_lines(source: str) -> set[int]:
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            found.update(range(token.start[0], token.end[0] + 1))
    return found


def _docstrings(tree: ast.Module) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return found


def _contracts(tree: ast.Module) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for clause in node.decorator_list:
                if isinstance(clause, ast.Call) and ast.unparse(clause.func) in CONTRACT_WORDS:
                    found.update(range(clause.lineno, (clause.end_lineno or clause.lineno) + 1))
    return found
