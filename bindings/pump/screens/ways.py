"""Where the keys of home lead, and the small screens among them."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from dosekernel.spec.reasons import Kind

from .. import words
from ..therapy import glucose
from .alarms import AlarmsScreen
from .bolus import BolusScreen
from .dose import DualScreen, ExtendedScreen, TemporaryScreen
from .entry import ConfirmScreen, EntryScreen, Field, Question
from .frame import PumpScreen, letter, pairs
from .history import HistoryScreen
from .limits import LimitsScreen
from .palette import QUIET, TEXT
from .programmes import ProgrammesScreen
from .set_change import SetChangeScreen


class CancelScreen(PumpScreen):
    """What runs, and the keys that end it."""

    heading = "Cancel"
    ENTRY = True
    own_keys: Sequence[tuple[str, str]] = (
        ("B", "cancel every bolus"),
        ("T", "end the temporary rate"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        letter("b", "bolus"),
        letter("t", "temporary"),
    ]

    def draw(self) -> None:
        """What there is to be cancelled."""
        pump = self.pump_app.pump
        state = pump.state
        owed = pump.last.owed if pump.last is not None else 0
        left = state.temporary_until - pump.now()
        rate = f"{words.rate(pump, state.temporary_rate)}, {words.span(left)} left"
        rows = (
            ("Bolus", f"{words.amount(pump, owed)} still owed" if owed else "nothing is owed"),
            ("Temporary rate", rate if left > 0 else "none runs"),
        )
        self.put("main", "", *pairs(rows, 18))

    def action_bolus(self) -> None:
        """Cancel what is owed."""
        self._done(Kind.CANCEL_BOLUS)

    def action_temporary(self) -> None:
        """Back to the programme."""
        self._done(Kind.CANCEL_TEMP_BASAL)

    def _done(self, kind: Kind) -> None:
        app = self.pump_app
        app.go_home()
        bolus = kind is Kind.CANCEL_BOLUS
        work = app.actions.cancel_bolus if bolus else app.actions.cancel_temporary
        app.safely(lambda: app.report(kind, work()))


class GlucoseScreen(EntryScreen):
    """A reading from a finger, measured now."""

    heading = "Glucose"

    def fields(self) -> Sequence[Field]:
        """One figure, in the unit that the pump is set to."""
        unit = glucose.unit_of(self.pump_app.pump)
        return (Field("reading", "Glucose", f"{unit}, measured now"),)

    def draw(self) -> None:
        """What a reading does."""
        told = "A reading never gives drug: at most it suspends, or ends a low suspension."
        self.put("above", "")
        self.put("main", "", Text(told, QUIET))

    def submit(self, values: Mapping[str, str]) -> None:
        """Show it as it was understood: a slip of the unit is seen here."""
        app = self.pump_app
        unit = glucose.unit_of(app.pump)
        reading = glucose.read(values["reading"], unit)
        told = f"Glucose {glucose.shown(reading, unit)}, measured now."

        def carry_out() -> None:
            app.report(Kind.GLUCOSE, app.actions.glucose(reading), told)

        lines = [Text(told, f"bold {TEXT}")]
        app.push_screen(ConfirmScreen(Question("Glucose: confirm", lines, carry_out)))


class ConnectionScreen(PumpScreen):
    """Off for a shower, and on again: the set stays where it is."""

    heading = "Off and on the body"
    ENTRY = True
    BINDINGS: ClassVar[list[BindingType]] = [letter("y", "change")]

    def on_mount(self) -> None:
        """What Y does depends on how it is now."""
        on = self.pump_app.pump.state.connected
        self.kind = Kind.DISCONNECT if on else Kind.CONNECT
        self.own_keys = (("Y", "I take it off now" if on else "it is joined again"),)

    def draw(self) -> None:
        """What happens, and what does not."""
        if self.kind is Kind.DISCONNECT:
            told = (
                "Part the tubing at the quick release; the cannula stays in.",
                "Nothing is delivered meanwhile, every bolus under way ends, and the basal rate "
                "that is missed is not made up.",
            )
        else:
            told = (
                "Join tubing and cannula until it clicks.",
                "The basal rate goes on; what was missed is not made up.",
            )
        self.put("main", "", Text(told[0], f"bold {TEXT}"), "", Text(told[1], QUIET))

    def action_change(self) -> None:
        """Tell the kernel."""
        app, kind = self.pump_app, self.kind
        app.go_home()
        off = kind is Kind.DISCONNECT
        work = app.actions.quick_disconnect if off else app.actions.reconnect
        app.safely(lambda: app.report(kind, work()))


class LeaveScreen(PumpScreen):
    """The last look before the program ends."""

    heading = "Leave"
    ENTRY = True
    own_keys: Sequence[tuple[str, str]] = (("Y", "leave the program"),)
    BINDINGS: ClassVar[list[BindingType]] = [letter("y", "leave")]

    def draw(self) -> None:
        """What that means."""
        self.put(
            "main",
            "",
            Text("Nothing is delivered while the program is closed.", f"bold {TEXT}"),
            "",
            Text("Everything is in the journal; the next start goes on from there.", QUIET),
        )

    def action_leave(self) -> None:
        """End."""
        self.pump_app.exit(0)


WAYS: dict[str, type[PumpScreen]] = {
    "bolus": BolusScreen,
    "extended": ExtendedScreen,
    "dual": DualScreen,
    "temporary": TemporaryScreen,
    "cancel": CancelScreen,
    "programmes": ProgrammesScreen,
    "set_change": SetChangeScreen,
    "connection": ConnectionScreen,
    "glucose": GlucoseScreen,
    "history": HistoryScreen,
    "alarms": AlarmsScreen,
    "limits": LimitsScreen,
}
