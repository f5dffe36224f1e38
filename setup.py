"""Builds dosekernel: the C generated from `kernel/`, and one extension compiled from that very C."""

import importlib.util
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
# The rooms of the house, and the names under which they are imported.
ROOMS = {
    "dosekernel": "bindings",
    "dosekernel.kernel": "kernel",
    "dosekernel.spec": "spec",
    "dosekernel.proofs": "proofs",
}
GENERATED = "build/generated"
NATIVE_FLAGS = ["-O2", "-fvisibility=hidden"]
# What `dosekernel.c` is compiled with: its arithmetic wraps, and it needs no library.
KERNEL_FLAGS = ["-O2", "-fwrapv", "-ffreestanding", "-fvisibility=hidden", "-Wall", "-Wextra"]


def packages() -> dict[str, str]:
    """Every package by its import name, with its folder relative to the root."""
    found: dict[str, str] = {}
    for name, room in ROOMS.items():
        found[name] = room
        for init in sorted((ROOT / room).rglob("__init__.py")):
            folder = init.parent.relative_to(ROOT)
            inside = folder.relative_to(room).parts
            found[".".join((name, *inside))] = str(folder)
    return found


def open_rooms() -> None:
    """Make `dosekernel...` importable from this source tree, without an install."""
    for name, room in ROOMS.items():
        folder = ROOT / room
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise SystemExit(f"setup.py: {folder}/__init__.py: cannot be imported")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)


class BuildKernel(build_ext):
    """Kernel source to C, C to an object with flags of its own, and the extension around it."""

    def build_extension(self, ext: Extension) -> None:
        open_rooms()
        from dosekernel.compile import build_c

        output = ROOT / GENERATED
        output.mkdir(parents=True, exist_ok=True)
        build_c(ROOT / "kernel", output)
        ext.extra_objects = self.compiler.compile(
            [f"{GENERATED}/dosekernel.c"],
            output_dir=self.build_temp,
            include_dirs=[GENERATED],
            extra_postargs=[*KERNEL_FLAGS, "-fPIC"],
        )
        super().build_extension(ext)


def extensions() -> list[Extension]:
    """The one extension."""
    if not (ROOT / "bindings/_native.pyx").exists():
        return []
    return [
        Extension(
            "dosekernel._native",
            sources=["bindings/_native.pyx"],
            include_dirs=[GENERATED],
            extra_compile_args=NATIVE_FLAGS,
        )
    ]


setup(
    packages=sorted(packages()),
    package_dir=packages(),
    ext_modules=extensions(),
    cmdclass={"build_ext": BuildKernel},
)
