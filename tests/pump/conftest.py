"""The pump's tests write journals in memory where they can: they wait for every sync of a disk."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dosekernel import Limits
from dosekernel.pump.shell import Pump
from tests.pump import prepared
from tests.pump.serving import Served

MEMORY = Path("/dev/shm")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder of a test's own."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def ready_journal() -> Iterator[Path]:
    """The journal of a pump that is ready; to be copied, not used."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        path = Path(folder) / "pump.journal"
        prepared.made_ready(path)
        yield path


@pytest.fixture
def journal(ready_journal: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return prepared.copied(ready_journal, tmp_path / "pump.journal")


@pytest.fixture
def pump(journal: Path) -> Iterator[Pump]:
    """The pump of that copy, on a clock that stands still."""
    with prepared.opened(journal) as ready:
        yield ready


@pytest.fixture
def served(tmp_path: Path, limits: Limits) -> Iterator[Served]:
    """A pump that serves a remote."""
    found = Served(tmp_path, limits)
    yield found
    found.server.close()
    found.pump.journal.close()
