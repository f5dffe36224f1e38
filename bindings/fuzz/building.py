"""The fuzz target, compiled for an engine; kept until the kernel, the harness or a tool changes."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dosekernel
from dosekernel.compile import build_c
from dosekernel.spec.limits import Limits, preset_names

from ..command.limits_in_c import limits_in_c
from ..errors import InputError

HARNESS = Path(__file__).parent / "harness"
TARGET = HARNESS / "target.c"
PRESETS = "presets.h"

# Coverage of the kernel alone: what the notebook does is no path of the kernel's.
EDGES = ("-fsanitize-coverage=inline-8bit-counters,pc-table",)
NO_COVERAGE = (
    "-fno-sanitize-coverage=edge,trace-cmp,indirect-calls,inline-8bit-counters,pc-table",
)
ADDRESS = ("-fsanitize=address", "-fno-sanitize-recover=all")
# What `undefined` asks of pointers is left to `address`, which sees every bad one: twice as fast.
ARITHMETIC = (
    "-fsanitize=address,undefined,integer",
    "-fno-sanitize=alignment,null,object-size,pointer-overflow",
    "-fno-sanitize-recover=all",
)
SANITIZERS = ("-fsanitize=address,undefined,integer", "-fno-sanitize-recover=all")


class ToolMissingError(Exception):
    """A tool that an engine needs is not installed; the message names its package."""


@dataclass(frozen=True)
class Recipe:
    """How a target is made: the compiler, its package, and the flags of each part."""

    compiler: str
    package: str
    kernel: tuple[str, ...]
    target: tuple[str, ...]
    link: tuple[str, ...] = ()


RECIPES = {
    "libfuzzer": Recipe(
        "clang",
        "clang libclang-rt-dev",
        ("-O3", "-g1", *EDGES),
        ("-O3", "-g1", "-fsanitize=fuzzer", *NO_COVERAGE),
        ("-fsanitize=fuzzer",),
    ),
    "libfuzzer-sanitized": Recipe(
        "clang",
        "clang libclang-rt-dev",
        ("-O3", "-g1", *EDGES, *ARITHMETIC),
        ("-O3", "-g1", "-fsanitize=fuzzer", *NO_COVERAGE, *ADDRESS),
        ("-fsanitize=fuzzer", *ARITHMETIC),
    ),
    "afl": Recipe("afl-clang-fast", "afl++ clang", ("-O3", "-g1"), ("-O3", "-g1", "-DFUZZ_AFL")),
    "atheris": Recipe(
        "clang",
        "clang",
        ("-O3", "-g1", "-fPIC", *EDGES),
        ("-O3", "-g1", "-fPIC"),
        ("-shared", "-Wl,-z,lazy"),
    ),
    "library": Recipe("cc", "gcc libc6-dev", ("-O2", "-fPIC"), ("-O2", "-fPIC"), ("-shared",)),
    "player-sanitized": Recipe(
        "clang",
        "clang libclang-rt-dev",
        ("-O1", "-g1", *SANITIZERS),
        ("-O1", "-g1", "-DFUZZ_PLAYER", *SANITIZERS),
        SANITIZERS,
    ),
}


def cache_folder() -> Path:
    """Where targets are kept: `DOSEKERNEL_CACHE`, or the user's cache directory."""
    given = os.environ.get("DOSEKERNEL_CACHE")
    if given:
        return Path(given) / "fuzz"
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "dosekernel" / "fuzz"


def target(name: str, kernel: Path | None = None) -> Path:
    """The target of a recipe, for the installed kernel or for another copy of its source."""
    recipe = RECIPES[name]
    compiler = os.environ.get("CC", recipe.compiler) if name == "library" else recipe.compiler
    if shutil.which(compiler) is None:
        raise ToolMissingError(
            f"{compiler} is missing (Debian: apt-get install {recipe.package}); "
            f"the engine needs it to compile the target {name}"
        )
    sources = kernel_sources(kernel)
    digest = hashlib.sha256(repr((name, recipe, compiler)).encode())
    version = subprocess.run([compiler, "--version"], capture_output=True, check=False)
    digest.update(version.stdout)
    for path in (*sources, *sorted(HARNESS.iterdir())):
        digest.update(path.read_bytes())
    digest.update(presets().encode())
    folder = cache_folder() / digest.hexdigest()[:16]
    made = folder / f"dosekernel-{name}"
    if not made.exists():
        _compile(compiler, recipe, sources[0].parent, folder, made)
    return made


def kernel_sources(kernel: Path | None) -> tuple[Path, Path]:
    """`dosekernel.c` and its header, of the installed kernel or of another source."""
    if kernel is None:
        folder = Path(dosekernel.get_include())
    else:
        if not kernel.is_dir():
            raise InputError(f"--kernel {kernel}: no such directory")
        name = hashlib.sha256(str(kernel.resolve()).encode()).hexdigest()[:16]
        folder = cache_folder() / "kernels" / name
        build_c(kernel, folder)
    return folder / "dosekernel.c", folder / "dosekernel.h"


def presets() -> str:
    """The presets as C, and a table of them."""
    names = preset_names()
    texts = [limits_in_c(name, Limits.load(name)) for name in names]
    table = ", ".join("&" + name.replace("-", "_") for name in names)
    texts.append(f"static const dosekernel_limits *const fuzz_presets[] = {{{table}}};")
    texts.append(f"#define FUZZ_PRESETS {len(names)}")
    return "\n".join(texts) + "\n"


def _compile(compiler: str, recipe: Recipe, include: Path, folder: Path, made: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mark = f".{os.getpid()}"
    (folder / PRESETS).write_text(presets(), encoding="utf-8")
    includes = [f"-I{include}", f"-I{HARNESS}", f"-I{folder}"]
    parts = []
    for source, flags in ((include / "dosekernel.c", recipe.kernel), (TARGET, recipe.target)):
        part = folder / f"{source.stem}{mark}.o"
        call([compiler, *flags, *includes, "-c", str(source), "-o", str(part)], recipe.package)
        parts.append(part)
    fresh = made.with_name(made.name + mark)
    words = [str(part) for part in parts]
    call([compiler, *recipe.link, *words, "-o", str(fresh)], recipe.package)
    fresh.replace(made)
    for part in parts:
        part.unlink()


def call(words: Sequence[str], package: str) -> None:
    """Run a compiler; what it could not do is said with the package that it may lack."""
    quiet = {**os.environ, "AFL_QUIET": "1"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=quiet)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()][:12]
        raise ToolMissingError(
            f"{words[0]} could not build the fuzz target (Debian: apt-get install {package}):\n"
            + "\n".join(lines)
        )
