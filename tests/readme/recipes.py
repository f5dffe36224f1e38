"""The recipes of the Makefile, as they are run."""

import re
import sys
from pathlib import Path

from tests.conftest import ROOT


def text_of(target: str) -> str:
    """The lines of a target."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(target)}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert found is not None, f"make {target}: there is no such target"
    return found[1]


def lines_of(target: str, out: Path) -> list[str]:
    """Its commands for a shell, with the tools of this environment and another folder for files."""
    joined = text_of(target).replace("\\\n\t", " ").replace("$(OUT)", str(out))
    here = joined.replace("$(BIN)", str(Path(sys.executable).parent)).replace("$$", "$")
    assert "$(" not in re.sub(r"\$\([a-z]", "", here), here
    return [line.strip().removeprefix("@") for line in here.splitlines()]
