"""What happened, newest first, in plain words: an overview, or one kind of thing at a time."""

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from dosekernel.kernel.records import DAY

from ..accounts import GROUPS, NOISE, Line, history
from ..day_log import first_since
from .frame import ReadingScreen, letter
from .palette import (
    ALARM_SIGN,
    BAD_SIGN,
    BLUE,
    NOTE_SIGN,
    ORANGE,
    QUIET,
    TEXT,
    VERMILION,
    marked,
)

# Readings come every five minutes: they have a view of their own.
OVERVIEW = tuple(group for group in GROUPS if group not in (*NOISE, "glucose"))
FILTERS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("overview", OVERVIEW, False),
    ("boluses", ("bolus",), False),
    ("basal", ("basal",), False),
    ("stops", ("stop",), False),
    ("set", ("set",), False),
    ("glucose", ("glucose",), False),
    ("alarms", ("alarm", "notice"), False),
    ("settings", ("setting", "limits"), False),
    ("refused", (), True),
)
SIGNS = {"alarm": (ALARM_SIGN, ORANGE), "notice": (NOTE_SIGN, BLUE)}
DAYS = 2  # at first, and so many more each time
LINES_MAX = 500
STAMP = 14  # columns: `13 Jan 08:21  `


class HistoryScreen(ReadingScreen):
    """Lines of the journal."""

    heading = "History"
    own_keys: Sequence[tuple[str, str]] = (
        ("← →", "another view"),
        ("↑ ↓ PgUp PgDn", "read"),
        ("M", "more days"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "view(-1)", show=False, priority=True),
        Binding("right", "view(1)", show=False, priority=True),
        letter("m", "more"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._view = 0
        self._days = DAYS
        self._drawn: tuple[int, int, int, int] | None = None

    def draw(self) -> None:
        """The lines of this view; only if anything has changed."""
        pump = self.pump_app.pump
        wanted = (pump.journal.seq, self._view, self._days, self.size.width)
        if wanted == self._drawn:
            return
        self._drawn = wanted
        views = Text()
        for place, (name, _, _) in enumerate(FILTERS):
            chosen = place == self._view
            views.append(
                f"[{name}]" if chosen else f" {name} ", f"bold {BLUE}" if chosen else QUIET
            )
        self.put("above", views, "")
        _, groups, refused = FILTERS[self._view]
        after = first_since(pump.journal, pump.now() - self._days * DAY) - 1
        found = list(history(pump.journal, after, groups, refused))[-LINES_MAX:]
        lines = [row for line in reversed(found) for row in self._rows(line)]
        end = f"the last {self._days} days" if after else "since the journal began"
        if not found:
            lines = [Text("nothing of this kind", TEXT)]
        self.put("main", *lines, "", Text(f"{end}; {len(found)} entries", QUIET))

    def _rows(self, line: Line) -> list[Text]:
        """When, a sign for what stands out, what."""
        sign, colour = (BAD_SIGN, VERMILION) if line.refused else SIGNS.get(line.group, (" ", TEXT))
        stamp = self.pump_app.local(line.wall).strftime("%d %b %H:%M")
        first, *rest = wrap(line.text, self.size.width - STAMP - 5)
        row = marked(f"{stamp:<{STAMP}}", QUIET).append(f"{sign} ", f"bold {colour}")
        row.append(first, TEXT)
        return [row, *(Text(" " * (STAMP + 2) + each, TEXT) for each in rest)]

    def action_view(self, step: int) -> None:
        """The next view, or the one before."""
        self._view = (self._view + step) % len(FILTERS)
        self.query_one("#scroll").scroll_home(animate=False)
        self.show()

    def action_more(self) -> None:
        """Earlier days as well."""
        self._days += DAYS
        self.show()
