"""Builds dosekernel: C generated from `kernel/`, and one extension compiled from that very C."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

os.chdir(Path(__file__).resolve().parent)

# The rooms of the house, and the names under which they are imported.
ROOMS = {
    "dosekernel": "bindings",
    "dosekernel.kernel": "kernel",
    "dosekernel.spec": "spec",
    "dosekernel.proofs": "proofs",
}
GENERATED = Path("build/generated")
# Copied from there, never kept in version control; all of it ships in the package.
INCLUDE = Path("bindings/include")
DECLARATIONS = Path("bindings/__init__.pxd")
# Where Cython finds `from dosekernel cimport ...` while the package itself is being built.
CIMPORT = Path("build/cimport")
KERNEL_FLAGS = [
    "-std=c99",
    "-O2",
    "-funroll-loops",  # most of a step is loops over the words of the state
    "-g0",
    "-fwrapv",
    "-ffreestanding",
    "-fPIC",
    "-fvisibility=hidden",
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Werror",
]
FACE_FLAGS = ["-O2", "-g0", "-fvisibility=hidden"]


def packages() -> dict[str, str]:
    """Every package by its import name, with its folder."""
    found: dict[str, str] = {}
    for name, room in ROOMS.items():
        found[name] = room
        for init in sorted(Path(room).rglob("*/__init__.py")):
            inside = init.parent.relative_to(room).parts
            found[".".join((name, *inside))] = init.parent.as_posix()
    return found


def open_rooms() -> None:
    """Make `dosekernel...` mean this source tree, whatever else is installed."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "dosekernel"]:
        del sys.modules[name]
    for name, room in ROOMS.items():
        folder = Path(room).resolve()
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise SystemExit(f"setup.py: {folder}/__init__.py cannot be imported")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)


def generate() -> None:
    """`dosekernel.c`, its header and its Cython declarations, from the kernel's source."""
    open_rooms()
    from dosekernel.compile import build_c
    from dosekernel.declarations import write_cython_declarations

    built = build_c(Path("kernel"), GENERATED)
    write_cython_declarations(DECLARATIONS)
    copy_changed(built.c_path, INCLUDE / built.c_path.name)
    copy_changed(built.header_path, INCLUDE / built.header_path.name)
    copy_changed(DECLARATIONS, CIMPORT / "dosekernel" / DECLARATIONS.name)


def copy_changed(source: Path, target: Path) -> None:
    """Copy a file unless it is there already, so that nothing is compiled twice."""
    if not target.exists() or target.read_bytes() != source.read_bytes():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


class BuildPackage(build_py):
    """Generated files are part of the package, so they come first."""

    def run(self) -> None:
        """Generate, then collect."""
        generate()
        super().run()


class BuildKernel(build_ext):
    """The kernel's C with flags of its own, and the extension around that one object."""

    def run(self) -> None:
        """Generate, Cython to C, then compile."""
        from Cython.Build import cythonize

        generate()
        face = self.extensions[0]
        face.sources = cythonize(
            [Extension(face.name, list(face.sources))],
            include_path=[str(CIMPORT)],
            build_dir="build/cython",
            quiet=True,
        )[0].sources
        super().run()

    def build_extension(self, ext: Extension) -> None:
        """Compile `dosekernel.c` as it is compiled for a pump, then link it in."""
        ext.extra_objects = self.compiler.compile(
            [str(INCLUDE / "dosekernel.c")],
            output_dir=self.build_temp,
            include_dirs=[str(INCLUDE)],
            extra_postargs=KERNEL_FLAGS,
        )
        super().build_extension(ext)


setup(
    packages=sorted(packages()),
    package_dir=packages(),
    ext_modules=[
        Extension(
            "dosekernel._native",
            sources=["bindings/_native.pyx"],
            include_dirs=[str(INCLUDE)],
            depends=[str(INCLUDE / "dosekernel.c"), str(INCLUDE / "dosekernel.h")],
            extra_compile_args=FACE_FLAGS,
        )
    ],
    cmdclass={"build_py": BuildPackage, "build_ext": BuildKernel},
)
