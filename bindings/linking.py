"""What another build needs to know: `python -m dosekernel --cflags --libs` and its like.

The flags of one call come on one line, so that they stand in a compiler's command as they are:

    cc main.c $(python -m dosekernel --cflags --libs) -o main

Also for pkg-config (`PKG_CONFIG_PATH=$(python -m dosekernel --pkgconfigdir)`), for
CMake (`-Ddosekernel_DIR=$(python -m dosekernel --cmakedir)`) and for Cython (`get_include()`).
"""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

import dosekernel

from .errors import InputError

SHARED, STATIC = "libdosekernel.so", "libdosekernel.a"


def include_directory() -> Path:
    """The folder of `dosekernel.h` and `dosekernel.c`; `InputError` if they were not built."""
    return _built(Path(dosekernel.get_include()), "dosekernel.h")


def library_directory() -> Path:
    """The folder of the libraries; `InputError` if they were not built."""
    return _built(Path(dosekernel.get_library_dir()), STATIC)


def pkgconfig_directory() -> Path:
    """The folder of `dosekernel.pc`, for PKG_CONFIG_PATH."""
    return _built(library_directory() / "pkgconfig", "dosekernel.pc")


def cmake_directory() -> Path:
    """The folder of `dosekernelConfig.cmake`, for dosekernel_DIR."""
    return _built(library_directory() / "cmake" / "dosekernel", "dosekernelConfig.cmake")


def compiler_flags() -> list[str]:
    """What the compiler needs."""
    return [f"-I{include_directory()}"]


def linker_flags(static: bool = False) -> list[str]:
    """What the linker needs: the shared library, found again where it is now, or the static one."""
    folder = library_directory()
    if static:
        return [str(folder / STATIC)]
    return [f"-L{folder}", f"-Wl,-rpath,{folder}", "-ldosekernel"]


def main(arguments: Sequence[str]) -> int:
    """Print what was asked for, all of it on one line."""
    parser = argparse.ArgumentParser(
        prog="dosekernel",
        description="What a build needs to link the kernel. Several answers come on one line, "
        "quoted for a shell.",
    )
    add = parser.add_argument
    add("--cflags", action="store_true", help="flags for the compiler")
    add("--libs", action="store_true", help="flags for the linker: the shared library")
    add("--static", action="store_true", help="with --libs: the static library instead")
    add("--includedir", action="store_true", help="the folder of dosekernel.h and dosekernel.c")
    add("--libdir", action="store_true", help="the folder of the libraries")
    add("--cmakedir", action="store_true", help="the folder of dosekernelConfig.cmake")
    add("--pkgconfigdir", action="store_true", help="the folder of dosekernel.pc")
    asked = parser.parse_args(arguments)
    if asked.static and not asked.libs:
        parser.error("--static: only together with --libs")
    words = compiler_flags() if asked.cflags else []
    words += linker_flags(asked.static) if asked.libs else []
    folders = {
        "includedir": include_directory,
        "libdir": library_directory,
        "cmakedir": cmake_directory,
        "pkgconfigdir": pkgconfig_directory,
    }
    words += [str(find()) for name, find in folders.items() if getattr(asked, name)]
    print(shlex.join(words))
    return 0


OPTIONS = frozenset(
    ("--cflags", "--libs", "--static", "--includedir", "--libdir", "--cmakedir", "--pkgconfigdir")
)


def _built(folder: Path, file: str) -> Path:
    if not (folder / file).is_file():
        raise InputError(f"{folder / file}: not built here; build with: make build")
    return folder
