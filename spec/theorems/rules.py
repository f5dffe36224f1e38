"""The theorems about rules: each function that decides or changes something, as its definition."""

from ..theorem import Theorem


def rule(
    name: str,
    title: str,
    about: str,
    statement: str,
    cover: str,
    opens: tuple[str, ...] = (),
) -> Theorem:
    """A theorem that one statement holds of every call of one function."""
    return Theorem(name, title, about, (statement,), opens, cover=cover)
