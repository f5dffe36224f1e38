"""Pages written for a repository's browser: what they say of a folder is said without a link."""

import re
from pathlib import Path

from sphinx.application import Sphinx

LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)#\s]+)\)")


def without_folders(app: Sphinx, page: str, content: list[str]) -> None:
    """A link to a folder leads nowhere in these pages; one to a file, or to nothing, stays."""
    folder = Path(app.env.doc2path(page)).parent
    content[0] = LINK.sub(lambda link: _plain(link, folder), content[0])


def _plain(link: re.Match[str], folder: Path) -> str:
    text, target = link.groups()
    return text if (folder / target).is_dir() else link[0]


def setup(app: Sphinx) -> None:
    """Before a page is read."""
    app.connect("source-read", without_folders)
