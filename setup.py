"""Builds dosekernel: C generated from `kernel/`, one object of it, and all that is linked of that.

The object is made once, with KERNEL_FLAGS and no others (`DOSEKERNEL_BUILD=fast`: with FAST_FLAGS,
for simulations). The static library, the shared library and the Python extension hold that very
object.
"""

import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
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
# The libraries, and what tells pkg-config and CMake of them.
LIBRARY = Path("bindings/lib")
LINK_FILES = Path("bindings/link_files")
BUILD_INFO = LIBRARY / "build.json"
OBJECTS = Path("build/kernel")
LINKED = OBJECTS / "linked" / "dosekernel.o"
# Where Cython finds `from dosekernel cimport ...` while the package itself is being built.
CIMPORT = Path("build/cimport")
# Every function kept whole and callable, sums that wrap, words in general registers: so that the
# machine code can be proved function by function (`dosekernel prove --object`).
KERNEL_FLAGS = [
    "-std=c99",
    "-O2",
    "-funroll-loops",  # most of a step is loops over the words of the state
    "-g0",
    "-fwrapv",
    "-ffreestanding",
    "-fPIC",
    "-fvisibility=hidden",
    "-mgeneral-regs-only",
    "-fno-jump-tables",
    "-fno-stack-protector",
    "-DDOSEKERNEL_PROVED",
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Werror",
]
# The same C put together as the compiler likes: not proved, for many simulated days.
FAST_FLAGS = [
    "-std=c99",
    "-O2",
    "-funroll-loops",
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
BUILDS = {"proved": KERNEL_FLAGS, "fast": FAST_FLAGS}
# The kernel needs no other library, not even C's; nothing in it depends on who builds it, or when.
SHARED_FLAGS = [
    "-shared",
    "-nostdlib",
    "-Wl,--no-undefined",
    "-Wl,--build-id=none",
    "-Wl,-z,relro,-z,now,-z,noexecstack",
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
    """Copy a file unless it is there already, so that nothing is compiled twice.

    What stood there is replaced, not written over: a program may be running from it.
    """
    if not target.exists() or target.read_bytes() != source.read_bytes():
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{os.getpid()}.{target.name}")
        shutil.copyfile(source, fresh)
        fresh.replace(target)


# ---- the kernel's object, and the libraries of it


def tool(variable: str, default: str) -> list[str]:
    """The words with which a tool is called: those of an environment variable, or the usual."""
    return shlex.split(os.environ.get(variable) or default)


def call(*words: str | Path) -> str:
    """What a tool says; its failure ends the build."""
    command = [str(word) for word in words]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    except FileNotFoundError:
        raise SystemExit(
            f"setup.py: {command[0]} is missing (Debian: apt-get install gcc)"
        ) from None
    if done.returncode != 0:
        raise SystemExit(f"setup.py: this failed: {shlex.join(command)}")
    return done.stdout


def chosen_build() -> str:
    """Which build is asked for: `DOSEKERNEL_BUILD`, or the proved one."""
    build = os.environ.get("DOSEKERNEL_BUILD") or "proved"
    if build not in BUILDS:
        raise SystemExit(f"setup.py: DOSEKERNEL_BUILD={build}: one of {', '.join(BUILDS)}")
    return build


def kernel_object() -> Path:
    """`dosekernel.c` compiled as for a pump; one of the same C, compiler and flags is kept."""
    compiler, flags = tool("CC", "cc"), BUILDS[chosen_build()]
    digest = hashlib.sha256(" ".join([*compiler, *flags, *SHARED_FLAGS]).encode())
    digest.update(call(*compiler, "--version").encode())
    for name in ("dosekernel.c", "dosekernel.h"):
        digest.update((INCLUDE / name).read_bytes())
    target = OBJECTS / digest.hexdigest()[:16] / "dosekernel.o"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(f".{os.getpid()}.o")
        call(*compiler, *flags, f"-I{INCLUDE}", "-c", INCLUDE / "dosekernel.c", "-o", fresh)
        fresh.replace(target)
    return target


def link_libraries() -> None:
    """The static and the shared library, and the files by which build tools find them."""
    from dosekernel.compile import VERSION, link_files

    made = kernel_object().parent
    words = link_files.words(VERSION)
    versions = made / "exports.map"
    versions.write_text(link_files.exports(words["ABI"]), encoding="utf-8")
    name = f"libdosekernel.so.{words['ABI']}"
    static, shared = made / "libdosekernel.a", made / name
    if not (static.exists() and shared.exists()):
        static.unlink(missing_ok=True)
        call(*tool("AR", "ar"), "rcsD", static, made / "dosekernel.o")
        script = [f"-Wl,--version-script={versions}", f"-Wl,-soname,{name}"]
        call(*tool("CC", "cc"), *SHARED_FLAGS, *script, made / "dosekernel.o", "-o", shared)
    for old in LIBRARY.glob("libdosekernel.so.*"):
        if old.name != name:
            old.unlink()
    copy_changed(static, LIBRARY / static.name)
    copy_changed(shared, LIBRARY / shared.name)
    # A copy and no symbolic link: a wheel holds none. What is linked with it asks for the other.
    copy_changed(shared, LIBRARY / "libdosekernel.so")
    for template, target in link_files.FILES.items():
        text = (LINK_FILES / template).read_text(encoding="utf-8")
        filled = made / target.rpartition("/")[2]
        filled.write_text(link_files.filled(text, words), encoding="utf-8")
        copy_changed(filled, LIBRARY / target)
    write_build_info()


def write_build_info() -> None:
    """What `dosekernel.build_info()` tells: which build this is, of what, by what."""
    compiler, build, made = tool("CC", "cc"), chosen_build(), kernel_object()
    told = {
        "build": build,
        "compiler": call(*compiler, "--version").partition("\n")[0],
        "flags": BUILDS[build],
        "object_sha256": hashlib.sha256(made.read_bytes()).hexdigest(),
    }
    fresh = made.parent / BUILD_INFO.name
    fresh.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    copy_changed(fresh, BUILD_INFO)


class BuildPackage(build_py):
    """Generated files are part of the package, so they come first."""

    def run(self) -> None:
        """Generate and link, then collect."""
        generate()
        link_libraries()
        super().run()


class BuildKernel(build_ext):
    """The extension around the kernel's object."""

    def run(self) -> None:
        """Generate, Cython to C, then compile."""
        from Cython.Build import cythonize

        generate()
        link_libraries()
        face = self.extensions[0]
        face.sources = cythonize(
            [Extension(face.name, list(face.sources))],
            include_path=[str(CIMPORT)],
            build_dir="build/cython",
            quiet=True,
        )[0].sources
        super().run()

    def build_extension(self, ext: Extension) -> None:
        """Link the very object that the libraries hold; anew when it is another one."""
        copy_changed(kernel_object(), LINKED)
        ext.extra_objects = [str(LINKED)]
        ext.depends = [*ext.depends, str(LINKED)]
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
