"""Home: how the pump and the person are doing, at a look, and the way to everything else."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from dosekernel.spec.reasons import Alarm, Kind, Mode

from ...quantities import in_units
from .. import words
from ..day_log import Day as DayLog
from ..status import Status, status
from ..therapy import glucose
from ..unread import unread
from .alarms import alarm_lines
from .drawing import Day, day_graph, meter
from .figures import downward, site_text, upward, window_name
from .frame import PumpScreen, beside, flowing, letter, pairs, rule
from .palette import (
    BLUE,
    GOOD_SIGN,
    GREEN,
    MODES,
    NOTE_SIGN,
    ORANGE,
    QUIET,
    TEXT,
    VERMILION,
    marked,
)

# Columns: the left half, and the names in each half.
LEFT, LEFT_NAMES, NAMES = 41, 12, 11
METER = 8
PROGRAMME = 16  # columns for its name
ALARMS_SHOWN = 2
# What to do where no alarm says so.
NEXT = {
    Mode.NOT_READY: "Not ready: C walks through reservoir, set and cannula.",
    Mode.SUSPENDED: "Suspended: nothing is delivered until F3 resumes.",
    Mode.DISCONNECTED: "Disconnected: nothing is delivered. O connects again.",
}


class DayGraph(Widget):
    """The last 24 hours, as large as there is room."""

    DEFAULT_CSS = "DayGraph { height: 1fr; min-height: 5; }"

    def __init__(self) -> None:
        super().__init__(id="graph")
        self.day: Day | None = None
        self.hour_of: Callable[[int], int] = int
        self.label: Callable[[int], str] = str

    def render(self) -> Text:
        """The picture for the size that this has now."""
        if self.day is None:
            return Text()
        size = self.size
        return Text("\n").join(
            day_graph(self.day, size.width, size.height, self.hour_of, self.label)
        )


class HomeScreen(PumpScreen):
    """What one looks at all day."""

    heading = ""
    own_keys: Sequence[tuple[str, str]] = (
        ("B", "bolus"),
        ("E", "extended"),
        ("D", "dual"),
        ("T", "temporary rate"),
        ("X", "cancel"),
        ("P", "programmes"),
        ("C", "change set"),
        ("O", "off/on the body"),
        ("G", "glucose"),
        ("H", "history"),
        ("A", "alarms"),
        ("L", "limits"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        letter("b", "go('bolus')"),
        letter("e", "go('extended')"),
        letter("d", "go('dual')"),
        letter("t", "go('temporary')"),
        letter("x", "go('cancel')"),
        letter("p", "go('programmes')"),
        letter("c", "go('set_change')"),
        letter("o", "go('connection')"),
        letter("g", "go('glucose')"),
        letter("h", "go('history')"),
        letter("a", "go('alarms')"),
        letter("l", "go('limits')"),
        letter("q", "leave"),
        Binding("f10", "leave", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._day = DayLog()

    def body(self) -> Iterable[Widget]:
        """Figures, the day, alarms."""
        yield Static(id="main")
        yield DayGraph()
        yield Static(id="alarms")

    def leave_keys(self) -> Sequence[tuple[str, str]]:
        """From home one leaves the program."""
        return (("Q", "leave"),)

    def draw(self) -> None:
        """All of it, as it is at this moment."""
        app = self.pump_app
        now = status(app.pump, self._day)
        wide = self.size.width - 2
        rows = beside(self.body_rows(now), self.pump_rows(now), max(LEFT, wide // 2))
        for row in rows:
            row.truncate(wide, overflow="ellipsis")
        self.put("main", *rows, rule(wide, "the last 24 hours"))
        self.put("alarms", rule(wide), *self.alarm_rows())
        graph = self.query_one(DayGraph)
        wall = app.pump.clock.now().wall - now.now
        graph.day = Day(
            now.now,
            [(each.at, each.value) for each in now.day.glucose],
            [(each.at, each.value) for each in now.day.rates],
            [
                (each.at, given)
                for each in now.day.boluses
                if (given := each.amount - each.not_given)
            ],
            app.pump.limits.glucose_low,
        )
        graph.hour_of = lambda at: int(app.local(wall + at).hour)
        unit = glucose.unit_of(app.pump)
        graph.label = lambda value: glucose.shown(value, unit).partition(" ")[0]
        graph.refresh()

    # ---- the figures

    def body_rows(self, now: Status) -> list[Text]:
        """What is in the person."""
        return pairs(
            (
                ("Glucose", self.glucose(now)),
                ("On board", f"{upward(now.on_board)} of {downward(now.on_board_max)} {now.unit}"),
                ("Last bolus", self.last_bolus(now)),
                ("Still owed", self.owed(now)),
                (window_name(now.window_length), used(now.window_total, now.window_max, now.unit)),
                ("Last 24 h", used(now.day_total, now.day_max, now.unit)),
            ),
            LEFT_NAMES,
        )

    def pump_rows(self, now: Status) -> list[Text]:
        """What the pump holds and does."""
        temporary = Text("none", QUIET)
        if now.temporary_rate is not None and now.temporary_left is not None:
            left = words.span(now.temporary_left)
            temporary = Text(words.rate(self.pump_app.pump, now.temporary_rate), f"bold {ORANGE}")
            temporary.append(f", {left} left", TEXT)
        rate = Text()
        if now.mode != Mode.DELIVERING.name and now.programmed_rate:
            rate.append("stopped", f"bold {ORANGE}").append(", else ", QUIET)
        rate.append(words.rate(self.pump_app.pump, now.programmed_rate), TEXT)
        if len(rate) < NAMES:
            rate.append(f"  {(now.programme or 'no programme: P')[:PROGRAMME]}", QUIET)
        return pairs(
            (
                ("Basal", rate),
                ("Temporary", temporary),
                ("Reservoir", reservoir(now)),
                ("  in use", age(now.reservoir_age, now.reservoir_life)),
                ("Set", age(now.set_age, now.set_life)),
                ("  at", Text(site_text(now.site), TEXT) if now.site else Text("no site", QUIET)),
            ),
            NAMES,
        )

    def glucose(self, now: Status) -> Text:
        """The reading, where it goes, and how old it is if that is not fresh."""
        if now.glucose is None or now.glucose_age is None:
            return Text("no reading", QUIET)
        pump = self.pump_app.pump
        reading = glucose.shown(now.glucose, glucose.unit_of(pump))
        if not now.glucose_fresh:
            return Text(f"{reading}, old: {words.span(now.glucose_age)}", QUIET)
        low = now.glucose <= pump.limits.glucose_low
        text = marked(f"{reading}{' LOW' if low else ''}", f"bold {VERMILION if low else GREEN}")
        told = "  " + f"{now.trend.arrow} {now.trend.text}".strip()
        if len(text) + len(told) >= LEFT - LEFT_NAMES:
            # The arrow says how fast.
            told = f"  {now.trend.arrow} {now.trend.text.partition(' ')[0]}"
        return text.append(told, TEXT)

    def last_bolus(self, now: Status) -> Text:
        """How much and when."""
        dose = now.last_bolus
        if dose is None:
            return Text("none in 24 h", QUIET)
        when = self.pump_app.local(dose.wall).strftime("%H:%M")
        kind = "" if dose.kind == Kind.BOLUS.name else " extended"
        given = f"{in_units(dose.amount - dose.not_given)} of " if dose.not_given else ""
        return Text(f"{given}{words.amount(self.pump_app.pump, dose.amount)}{kind} at {when}", TEXT)

    def owed(self, now: Status) -> Text:
        """What is still to be given."""
        if not now.owed:
            return Text("nothing", QUIET)
        text = marked(words.amount(self.pump_app.pump, now.owed), f"bold {BLUE}")
        if now.extended_left:
            text.append(f", {words.span(now.extended_time_left)} to go", TEXT)
        return text

    def alarm_rows(self) -> list[Text]:
        """What the pump is not doing and why, the most urgent alarms, and how many more."""
        wide = self.size.width - 2
        last = self.pump_app.pump.last
        lines = alarm_lines(last.alarms if last is not None else Alarm(0), wide)
        mode = self.pump_app.mode()
        if mode in NEXT:
            look = MODES[mode]
            lines.insert(0, flowing(look.sign, NEXT[mode], wide, of_sign=look.colour))
        if news := unread(self.pump_app.pump):
            told = f"{self.pump_app.local(news.wall):%d %b %H:%M}  {news.text} (A: read)"
            lines.append(flowing(NOTE_SIGN, told, wide, of_sign=BLUE))
        if not lines:
            return [Text(f"{GOOD_SIGN} no alarm", GREEN)]
        if len(lines) > ALARMS_SHOWN:
            more = len(lines) - ALARMS_SHOWN + 1
            lines = [*lines[: ALARMS_SHOWN - 1], Text(f"  and {more} more: A shows them", QUIET)]
        return lines

    # ---- the ways on

    def action_go(self, where: str) -> None:
        """Open a screen."""
        from .ways import WAYS

        self.pump_app.open(WAYS[where]())

    def action_leave(self) -> None:
        """Ask first: nothing is delivered while the program is not there."""
        from .ways import LeaveScreen

        self.pump_app.open(LeaveScreen())


def used(part: int, whole: int, unit: str) -> Text:
    """How much of a cap is used."""
    colour = ORANGE if part * 5 > whole * 4 else BLUE
    return meter(part, whole, METER, colour).append(
        f" {upward(part)} of {downward(whole)} {unit}", TEXT
    )


def reservoir(now: Status) -> Text:
    """What is in it, and how long that lasts as things stand."""
    if now.reservoir_age is None:
        return Text("none loaded", QUIET)
    text = marked(f"{downward(now.reservoir)} {now.unit}", TEXT)
    if now.reservoir_left is not None:
        text.append(f", {words.span(now.reservoir_left)} left", QUIET)
    return text


def age(passed: int | None, life: int) -> Text:
    """How long something is in use, of how long it may be."""
    if passed is None:
        return Text("none", QUIET)
    if not life:
        return Text(words.span(passed), TEXT)
    over = passed > life
    text = marked(words.span(passed), f"bold {VERMILION}" if over else TEXT)
    return text.append(f" of {words.span(life)}{', OVER' if over else ''}", QUIET)
