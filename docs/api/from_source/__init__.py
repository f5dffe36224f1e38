"""What Sphinx is told of this project beyond its own extensions: read from the source."""

from typing import Any

from sphinx.application import Sphinx

from . import commands, pages, prose, tables, values


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every part."""
    for part in (prose, pages, values, commands, tables):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
