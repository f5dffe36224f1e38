"""Where the source is that a proof reads: a kernel's folder, and the statements on top of it."""

from pathlib import Path

import dosekernel.kernel
import dosekernel.spec
from dosekernel.spec.language import parse_kernel, parse_modules
from dosekernel.spec.tree import Program


def kernel_home() -> Path:
    """The source of the installed kernel."""
    return Path(str(dosekernel.kernel.__file__)).parent


def statement_files() -> list[Path]:
    """The statements of the theorems."""
    home = Path(str(dosekernel.spec.__file__)).parent / "properties"
    return sorted(path for path in home.glob("*.py") if path.name != "__init__.py")


def read_program(kernel_directory: Path | None) -> Program:
    """The kernel, and the properties on top of it."""
    program = parse_kernel(kernel_directory or kernel_home())
    return parse_modules(statement_files(), program)
