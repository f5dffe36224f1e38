"""The reference, built as `make docs` builds it."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

PAGES = ROOT / "build" / "docs-tested"
KEPT = ROOT / "build" / "docs-tested-kept"
WORDS = ("--quiet", "-W", "--keep-going", "-n", "-c", "docs/api", "-b", "html")


def build(*, afresh: bool) -> tuple[Path, str]:
    """The folder of the pages, and what Sphinx complained of; what failed is never built upon."""
    words = [*WORDS, *(["-E"] if afresh else []), "-d", str(KEPT), ".", str(PAGES)]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words], cwd=ROOT, capture_output=True, text=True
    )
    said = done.stdout + done.stderr
    if done.returncode != 0:
        shutil.rmtree(KEPT, ignore_errors=True)
        raise AssertionError(f"sphinx ended with {done.returncode}:\n{said}")
    return PAGES, said
