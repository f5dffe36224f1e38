"""What a stranger has: a wheel of this source, installed into an environment of its own."""

import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

LOCKED = "requirements.lock"
MADE = (".git", ".venv", "build", "dist", "out", "*.egg-info", "__pycache__", ".*_cache", "*.so")
# What the README's commands build beside the examples.
EXAMPLES_MADE = ("build", "pump", "main", "pumpfleet.c", "*.egg-info", "*.so", "__pycache__")
GENERATED = ("bindings/include", "bindings/lib", "bindings/__init__.pxd")
# What a wheel needs to run; here it is copied from the environment of the tests, not downloaded.
NEEDED = ("pydantic", "pydantic_core", "annotated_types", "typing_inspection", "typing_extensions")


def clean(root: Path) -> dict[str, str]:
    """The variables of a process that knows nothing of this checkout but the pinned versions."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return kept | {"PIP_CONSTRAINT": str(root / LOCKED), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def shell(*words: str | Path, cwd: Path, environment: dict[str, str]) -> str:
    """What a command printed; a failure shows all of it."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def clone(root: Path, folder: Path) -> Path:
    """The source as it is cloned, with nothing that was built."""
    shutil.copytree(root, folder, ignore=shutil.ignore_patterns(*MADE))
    for made in GENERATED:
        target = folder / made
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
    return folder


def copy_examples(root: Path, folder: Path) -> None:
    """The examples as they are cloned, into a folder beside which nothing of the checkout lies."""
    made = shutil.ignore_patterns(*EXAMPLES_MADE)
    shutil.copytree(root / "examples", folder / "examples", ignore=made)


def build_wheel(tree: Path, folder: Path, environment: dict[str, str]) -> Path:
    """A wheel of a source tree, by the tools that are installed."""
    pip = (sys.executable, "-m", "pip")
    offline = ("--no-deps", "--no-build-isolation", "--wheel-dir", folder)
    shell(*pip, "wheel", "--quiet", *offline, tree, cwd=folder, environment=environment)
    (found,) = folder.glob("*.whl")
    return found


def install(wheel: Path, folder: Path, environment: dict[str, str]) -> Path:
    """A fresh environment with the wheel and what it needs, without a network; its programs."""
    venv.create(folder)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    shell(
        *pip,
        "install",
        "--quiet",
        "--no-deps",
        "--no-compile",
        wheel,
        cwd=folder,
        environment=environment,
    )
    program = "import sysconfig; print(sysconfig.get_path('platlib'))"
    packages = Path(shell(python, "-c", program, cwd=folder, environment=environment).strip())
    for name in NEEDED:
        for file in distribution(name).files or []:
            target = packages / file
            if ".." not in file.parts and target.suffix != ".pyc":
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target)
    return folder / "bin"
