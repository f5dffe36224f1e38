"""The published bugs: read from `bugs.toml`, put into a copy of the kernel, refuted there."""

import ast
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from dosekernel.proofs.mutants.generate import Mutant
from dosekernel.proofs.mutants.judge import Judge, Judgement
from dosekernel.proofs.mutants.reach import Reach
from dosekernel.proofs.mutants.subject import Subject
from dosekernel.proofs.runner import kernel_home

LIST = Path(__file__).parent / "bugs.toml"


@dataclass(frozen=True)
class Bug:
    """One text of one file of the kernel, and what stands in its place."""

    name: str
    hazard: str
    story: str
    file: str
    old: str
    new: str

    def write(self, folder: Path) -> Path:
        """A copy of the kernel with this bug."""
        copy = folder / "kernel"
        shutil.copytree(kernel_home(), copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / self.file).write_text(self.text(), encoding="utf-8")
        return copy

    def text(self) -> str:
        """The whole file with this bug, without the imports that nothing needs any more."""
        text = (kernel_home() / self.file).read_text(encoding="utf-8")
        start, end = self.place(text)
        shorter = "\n" * (self.old.count("\n") - self.new.count("\n"))
        line, ending, rest = text[end:].partition("\n")
        return without_unused(f"{text[:start]}{self.new}{line}{ending}{shorter}{rest}")

    def place(self, text: str) -> tuple[int, int]:
        """Where its text stands in the file; there once."""
        if text.count(self.old) != 1:
            raise ValueError(
                f"{self.name}: kernel/{self.file} has its text {text.count(self.old)} times"
            )
        start = text.index(self.old)
        return start, start + len(self.old)

    def mutant(self) -> Mutant:
        """The bug as the prover's own mutants are written."""
        text = (kernel_home() / self.file).read_text(encoding="utf-8")
        start, _ = self.place(text)
        before = text[:start]
        function = before[before.rindex("\ndef ") :].partition("(")[0].removeprefix("\ndef ")
        return Mutant(
            Path(self.file).stem,
            before.count("\n") + 1,
            function,
            "bug",
            0,
            len(text),
            self.text(),
            self.name,
        )


def without_unused(text: str) -> str:
    """A module without imported names that it does not use; every line stays where it was."""
    tree = ast.parse(text)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = text.split("\n")
    for node in reversed(tree.body):
        if isinstance(node, ast.ImportFrom) and node.end_lineno is not None:
            names = [each.name for each in node.names if each.name in used]
            said = f"from .{node.module} import {', '.join(names)}"
            left = [said if names else ""]
            left += [""] * (node.end_lineno - node.lineno)
            lines[node.lineno - 1 : node.end_lineno] = left
    return "\n".join(lines)


def load() -> tuple[Bug, ...]:
    """All of them; raises TypeError for a key that there is not, or that is missing."""
    rows = tomllib.loads(LIST.read_text(encoding="utf-8"))["bug"]
    return tuple(Bug(**row) for row in rows)


def refuted(bug: Bug, subject: Subject, reach: Reach) -> Judgement:
    """What the prover says of a bug."""
    return Judge(subject, reach).judge(bug.mutant())
