"""The wheel, built once for all tests that start from an installed one."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bindings.installed import build_wheel, clean, clone, install, shell


@dataclass(frozen=True)
class Stranger:
    """An environment in which the wheel is installed, and nothing of this checkout."""

    programs: Path
    environment: dict[str, str]

    def run(self, *words: str | Path, cwd: Path) -> str:
        """What a command prints there."""
        return shell(*words, cwd=cwd, environment=self.environment)

    def ask(self, *options: str, cwd: Path) -> str:
        """What `dosekernel` answers."""
        return self.run(self.programs / "dosekernel", *options, cwd=cwd).strip()


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The source as it is cloned, with nothing that was built."""
    return clone(root, tmp_path_factory.mktemp("clone") / "dosekernel")


@pytest.fixture(scope="session")
def wheel(tree: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source."""
    return build_wheel(tree, tmp_path_factory.mktemp("wheel"), clean(root))


@pytest.fixture(scope="session")
def stranger(wheel: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """The wheel in an environment of its own."""
    environment = clean(root)
    programs = install(wheel, tmp_path_factory.mktemp("stranger") / "venv", environment)
    environment["PATH"] = os.pathsep.join((str(programs), environment["PATH"]))
    return Stranger(programs, environment)
