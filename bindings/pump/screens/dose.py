"""Boluses: an amount or what is eaten, now, over a time, or both; then the last look."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from rich.text import Text

from dosekernel.spec.quantity import DURATION, VOLUME

from ...errors import InputError
from .. import words
from ..proposals import Proposal
from ..shell import Pump
from .drawing import meter
from .entry import ConfirmScreen, EntryScreen, Field, Question, number
from .figures import downward, upward, window_name
from .frame import pairs
from .palette import BLUE, ORANGE, QUIET, TEXT, marked

METER = 30
LABELS = 23  # as wide as the labels of entries, and the entry's edge
SPREAD = "30m, 2h; at most {}"


def room_lines(pump: Pump, proposal: Proposal) -> list[Text]:
    """What every cap will hold once all that is owed has been given."""
    outcome, limits = proposal.preview, pump.limits
    window = window_name(limits.window_length).lower()
    rows = (
        ("on board", outcome.on_board + outcome.owed, limits.on_board_max),
        (window, outcome.window_total + outcome.owed, limits.window_max),
        ("last 24 h", outcome.day_total + outcome.owed, limits.day_max),
    )
    lines = [Text("Once all of it has been given", QUIET)]
    for name, part, whole in rows:
        full = meter(part, whole, METER, ORANGE if part * 5 > whole * 4 else BLUE)
        told = f"  at most {upward(part)} of {downward(whole)} {limits.unit}"
        lines.append(marked(f"  {name:<12}", QUIET).append_text(full).append(told, TEXT))
    left = words.amount(pump, max(0, outcome.reservoir - outcome.owed))
    lines.append(marked(f"  {'reservoir':<12}", QUIET).append(f"{left} left", TEXT))
    return lines


def show_proposal(screen: EntryScreen, proposal: Proposal, *, room: bool = True) -> None:
    """Say why it is refused and what would be allowed, or show all of it to be confirmed."""
    app = screen.pump_app
    if not proposal.accepted:
        app.say_bad(proposal.sentence)
        return
    asked = [words.asked_for(app.pump, each.kind, each.fields) for each in proposal.requests]
    lines = [Text("This is what would happen:", QUIET), Text("")]
    lines += [Text(f"  {each}", f"bold {TEXT}") for each in reversed(asked)]
    if room:
        lines += [Text(""), *room_lines(app.pump, proposal)]
    app.push_screen(
        ConfirmScreen(
            Question(
                f"{screen.heading}: confirm",
                lines,
                lambda: app.report(
                    proposal.kind, app.actions.confirm(proposal), " ".join(reversed(asked))
                ),
            )
        )
    )


class DoseScreen(EntryScreen):
    """What all boluses show beside their entries."""

    def draw(self) -> None:
        """What is on board, what is owed, and the caps."""
        app = self.pump_app
        pump, last = app.pump, app.pump.last
        if last is None:
            return
        self.put("above", "")
        rows = [
            ("on board", f"{upward(last.on_board)} {self.unit} at most (a safety bound)"),
            ("still owed", words.amount(pump, last.owed) if last.owed else "nothing"),
            ("largest bolus", words.amount(pump, pump.limits.bolus_max)),
            ("in steps of", words.amount(pump, pump.limits.pulse)),
        ]
        self.put("main", "", *pairs(rows, LABELS))

    @property
    def unit(self) -> str:
        """The drug's unit."""
        return self.pump_app.pump.limits.unit

    def longest(self) -> str:
        """How long a bolus may be spread, as a hint."""
        return SPREAD.format(words.span(self.pump_app.pump.limits.extended_duration_max))


class ExtendedScreen(DoseScreen):
    """A bolus spread over a time."""

    heading = "Extended bolus"

    def fields(self) -> Sequence[Field]:
        """How much, and over how long."""
        return (
            Field("amount", "Amount", f"{self.unit}, evenly over the time"),
            Field("duration", "Over", self.longest()),
        )

    def submit(self, values: Mapping[str, str]) -> None:
        """Propose it."""
        amount = number(values, "amount", VOLUME, self.unit, "Amount")
        duration = number(values, "duration", DURATION, self.unit, "Over")
        show_proposal(self, self.pump_app.actions.extended(amount, duration))


class DualScreen(DoseScreen):
    """A part at once, the rest over a time."""

    heading = "Dual bolus"

    def fields(self) -> Sequence[Field]:
        """The two parts, and over how long the second is given."""
        return (
            Field("now", "Now", f"{self.unit}, at once"),
            Field("later", "Later", f"{self.unit}, evenly over the time"),
            Field("duration", "Over", self.longest()),
        )

    def submit(self, values: Mapping[str, str]) -> None:
        """Propose both: they are accepted together, or nothing is asked."""
        now = number(values, "now", VOLUME, self.unit, "Now")
        later = number(values, "later", VOLUME, self.unit, "Later")
        duration = number(values, "duration", DURATION, self.unit, "Over")
        show_proposal(self, self.pump_app.actions.dual(now, later, duration))


class TemporaryScreen(DoseScreen):
    """Another rate for a while."""

    heading = "Temporary rate"

    def fields(self) -> Sequence[Field]:
        """The rate or a part of the programmed one, and for how long."""
        longest = words.span(self.pump_app.pump.limits.temp_duration_max)
        return (
            Field("rate", "Rate", f"{self.unit}/h, or a part such as 120%"),
            Field("duration", "For", f"30m, 2h; at most {longest}"),
        )

    def draw(self) -> None:
        """The rates there are, and the cap."""
        pump = self.pump_app.pump
        state = pump.state
        until = state.temporary_until
        running = "none"
        if until > pump.now():
            left = words.span(until - pump.now())
            running = f"{words.rate(pump, state.temporary_rate)}, {left} left; X ends it on home"
        rows = [
            ("programmed rate", words.rate(pump, state.basal_rate)),
            ("temporary rate", running),
            ("highest rate", words.rate(pump, pump.limits.basal_max)),
        ]
        self.put("above", "")
        self.put("main", "", *pairs(rows, LABELS))

    def submit(self, values: Mapping[str, str]) -> None:
        """Propose it."""
        actions = self.pump_app.actions
        duration = number(values, "duration", DURATION, self.unit, "For")
        if values["rate"].endswith("%"):
            percent = per_cent(values["rate"])
            proposal = actions.temporary(duration=duration, percent=percent)
        else:
            rate = number(values, "rate", VOLUME, self.unit, "Rate")
            proposal = actions.temporary(duration=duration, rate=rate)
        show_proposal(self, proposal, room=False)


def per_cent(text: str) -> Decimal:
    """What stands before the sign; raises `InputError`."""
    try:
        return Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        raise InputError(f"Rate: {text!r}; allowed: a number such as 0.8 or 120%") from None
