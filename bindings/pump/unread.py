"""What the pump has told and nobody has seen yet; kept in the journal: no restart hides it."""

from dataclasses import dataclass

from .bodies import from_json
from .journal import What
from .shell import Pump

SETTING = "notices_read"  # the number of the newest notice that was seen


@dataclass(frozen=True)
class Notice:
    """A sentence, and when it was told by the clock on the wall (ms since 1970)."""

    seq: int
    wall: int
    text: str


def unread(pump: Pump) -> Notice | None:
    """The newest notice, if nobody has seen it yet."""
    newest = pump.journal.last(What.NOTICE)
    if newest is None or newest.seq <= pump.settings.get(SETTING, 0):
        return None
    return Notice(newest.seq, newest.wall, str(from_json(newest.body)["text"]))


def mark_read(pump: Pump) -> None:
    """All notices have been on the screen."""
    newest = unread(pump)
    if newest is not None:
        pump.set(SETTING, newest.seq)
