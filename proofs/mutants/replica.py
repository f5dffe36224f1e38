"""A kernel run by Python from given texts: fresh functions over the kernel's own records.

Modules that a fault cannot reach are the same objects in every replica, so one more costs
milliseconds. The properties of the theorems are run on top, over the same functions.
"""

import ast
import builtins
from collections.abc import Callable, Mapping
from types import CodeType, SimpleNamespace
from typing import Any

from dosekernel.kernel import contract

Function = Callable[..., Any]
# The names in a module.
Names = dict[str, Any]
CONTRACT = "contract"


class Replica:
    """Every module of a program by its name, run in the order of the imports."""

    def __init__(self, sources: Mapping[str, str], base: "Replica | None" = None) -> None:
        """The modules in `sources`; with `base`, those that differ and those that import them."""
        self.sources = dict(sources)
        self.code: dict[str, CodeType] = {}
        self.imports: dict[str, tuple[str, ...]] = {}
        self.modules: dict[str, Names] = {}
        if base is not None:
            same = {name for name in sources if sources[name] == base.sources.get(name)}
            self.code = {name: base.code[name] for name in same}
            self.imports = {name: base.imports[name] for name in same}
        for name, text in sources.items():
            if name not in self.code:
                self.code[name] = compile(text, f"{name}.py", "exec", dont_inherit=True)
                self.imports[name] = _imported(text)
        self._kept: dict[str, bool] = {}
        for name in sources:
            self._load(name, base)

    def _unchanged(self, name: str, base: "Replica") -> bool:
        """True if neither the module nor anything that it imports differs from the base."""
        if name not in self._kept:
            self._kept[name] = (
                name == CONTRACT
                or name not in self.sources
                or (
                    self.code[name] is base.code.get(name)
                    and all(self._unchanged(each, base) for each in self.imports[name])
                )
            )
        return self._kept[name]

    def _load(self, name: str, base: "Replica | None") -> Names:
        if name == CONTRACT:
            return vars(contract)
        if name not in self.modules:
            if base is not None and self._unchanged(name, base):
                self.modules[name] = base.modules[name]
            else:
                self.modules[name] = self._run(name, base)
        return self.modules[name]

    def _run(self, name: str, base: "Replica | None") -> Names:
        def find(path: str, *others: Any) -> SimpleNamespace:
            return SimpleNamespace(**self._load(path.rpartition(".")[2], base))

        names: Names = {
            "__name__": name,
            "__builtins__": {**vars(builtins), "__import__": find},
        }
        exec(self.code[name], names)
        return names

    def function(self, module: str, name: str) -> Function:
        """One function."""
        found: Function = self.modules[module][name]
        return found


def _imported(text: str) -> tuple[str, ...]:
    """The modules that a module imports, by their last names."""
    return tuple(
        (node.module or "").rpartition(".")[2]
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom)
    )
