"""What is released: the version, its entry in the changelog, and the source as it is committed."""

import datetime
import io
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tests.bindings.installed import clone

from .archives import ReleaseError

VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
ENTRY = re.compile(r"^## (\S+) - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)


@dataclass(frozen=True)
class Version:
    """A version and the day of its entry, which is the time of every file in its archives."""

    name: str
    date: str

    @property
    def epoch(self) -> int:
        """The first second of that day."""
        day = datetime.datetime.fromisoformat(self.date).replace(tzinfo=datetime.UTC)
        return int(day.timestamp())


def version(tree: Path) -> Version:
    """The version of a tree: the newest of its changelog, where it has a date and words."""
    said = VERSION.search((tree / "bindings" / "__init__.py").read_text(encoding="utf-8"))
    if said is None:
        raise ReleaseError("bindings/__init__.py: there is no __version__")
    changes = (tree / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *_ = re.findall(r"^## .*$", changes, re.MULTILINE) or ["none"]
    entry = ENTRY.fullmatch(first)
    if entry is None or entry[1] != said[1]:
        raise ReleaseError(
            f"CHANGELOG.md: the first entry is {first!r}; allowed: '## {said[1]} - YYYY-MM-DD'"
        )
    words = changes.partition(first)[2].partition("\n## ")[0]
    if not words.strip():
        raise ReleaseError(f"CHANGELOG.md: {first!r} says nothing")
    try:
        datetime.date.fromisoformat(entry[2])
    except ValueError as error:
        raise ReleaseError(f"CHANGELOG.md: {first!r}: {error}") from None
    return Version(entry[1], entry[2])


def committed(root: Path, folder: Path) -> Path:
    """The source of the last commit; `ReleaseError` if what lies here is another."""
    if shutil.which("git") is None or not (root / ".git").exists():
        raise ReleaseError("there is no git here: --uncommitted takes the files as they lie")
    changed = git(root, "status", "--porcelain", "--untracked-files=no").decode().splitlines()
    if changed:
        raise ReleaseError(
            f"not committed: {', '.join(line[3:] for line in changed)}; commit them, or "
            "--uncommitted takes the files as they lie"
        )
    with tarfile.open(fileobj=io.BytesIO(git(root, "archive", "HEAD"))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def as_it_lies(root: Path, folder: Path) -> Path:
    """The source with what is not committed, without what was built."""
    return clone(root, folder)


def git(root: Path, *words: str) -> bytes:
    """What git says."""
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    if done.returncode != 0:
        raise ReleaseError(f"git {' '.join(words)}: {done.stderr.decode()}")
    return done.stdout
