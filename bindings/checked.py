"""The kernel with every contract checked while it runs: slow, for tests and for the doubtful.

The kernel's `require`, `ensure` and `snapshot` are handed to icontract in a fresh copy of the
kernel's modules, so that the kernel everyone else imports stays as it is. A contract that does not
hold raises `icontract.ViolationError`, which names the function, the contract and its values.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import icontract

import dosekernel.kernel

from .face import Face
from .interpreted import InterpretedKernel

KERNEL_DIRECTORY = Path(dosekernel.kernel.__path__[0])
PACKAGE = "dosekernel.checked_kernel"
Function = Callable[..., Any]


class Kernel(InterpretedKernel, Face):
    """`dosekernel.Kernel` with icontract at every function of the kernel."""

    __slots__ = ()

    @classmethod
    def _modules(cls) -> tuple[ModuleType, ModuleType]:
        return checked_modules()


@cache
def checked_modules(
    directory: Path = KERNEL_DIRECTORY, package: str = PACKAGE
) -> tuple[ModuleType, ModuleType]:
    """`records` and `step` of a fresh copy of the kernel in `directory`, contracts in force."""
    finder = ContractFinder(directory, package)
    sys.meta_path.insert(0, finder)
    try:
        return (
            importlib.import_module(f"{package}.records"),
            importlib.import_module(f"{package}.step"),
        )
    finally:
        sys.meta_path.remove(finder)


class ContractFinder(MetaPathFinder):
    """Finds the fresh copies of the kernel's modules, and nothing else."""

    def __init__(self, directory: Path, package: str) -> None:
        """The modules in `directory`, as modules of `package`."""
        self.directory = directory
        self.package = package

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The kernel's own source file, under the package of fresh copies."""
        if fullname == self.package:
            return importlib.util.spec_from_file_location(
                fullname,
                self.directory / "__init__.py",
                submodule_search_locations=[str(self.directory)],
            )
        package, _, module = fullname.rpartition(".")
        if package != self.package:
            return None
        file = str(self.directory / f"{module}.py")
        return importlib.util.spec_from_file_location(
            fullname, file, loader=ContractLoader(fullname, file)
        )


class ContractLoader(importlib.machinery.SourceFileLoader):
    """Runs a kernel module, then puts each of its functions behind its contract."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module; whoever imports it from now on sees the guarded functions."""
        super().exec_module(module)
        for name, value in list(vars(module).items()):
            own = getattr(value, "__module__", None) == module.__name__
            if own and hasattr(value, "contract"):
                setattr(module, name, with_contract(value))


def with_contract(function: Function) -> Function:
    """`function` behind the contract that stands at it; snapshots come just above the ensures."""
    clauses: list[tuple[str, Function, str]] = function.__dict__["contract"]
    guarded = function
    for word, condition, _ in clauses:
        if word == "ensure":
            guarded = icontract.ensure(condition, description=function.__name__, enabled=True)(
                guarded
            )
    for word, condition, name in clauses:
        if word == "snapshot":
            guarded = icontract.snapshot(condition, name=name, enabled=True)(guarded)
    for word, condition, _ in clauses:
        if word == "require":
            guarded = icontract.require(condition, description=function.__name__, enabled=True)(
                guarded
            )
    return guarded
