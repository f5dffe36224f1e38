"""The shape of a theorem about a rule: a function that decides or changes, as its definition."""

from ..theorem import Theorem


def rule(
    name: str,
    title: str,
    about: str,
    statements: str | tuple[str, ...],
    cover: str,
    opens: tuple[str, ...] = (),
) -> Theorem:
    """A theorem that statements hold of every call of one function."""
    stated = (statements,) if isinstance(statements, str) else statements
    return Theorem(name, title, about, stated, opens, cover=cover)
