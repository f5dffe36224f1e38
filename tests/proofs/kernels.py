"""Kernels that are wrong on purpose: a copy of the source with one text put in place of another."""

import shutil
from pathlib import Path

from dosekernel.proofs.runner import kernel_home


def twice_the_largest_bolus(copy: Path) -> Path:
    """A copy, at this place, that lets a bolus be twice as large as its cap."""
    wrong = "if event.amount > 2 * source_cap("
    return changed_at(copy, "bolus.py", "if event.amount > source_cap(", wrong)


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the kernel in which one text of one file, there once, is another."""
    return changed_at(folder / "kernel", file, old, new)


def changed_at(copy: Path, file: str, old: str, new: str) -> Path:
    """The same, at a place with a name of its own."""
    if not copy.exists():
        shutil.copytree(kernel_home(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"kernel/{file} holds {old!r} {text.count(old)} times"
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return copy
