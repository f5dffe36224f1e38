"""What needs attention now, each alarm in a plain sentence; and what the pump has told lately."""

from collections.abc import Sequence
from itertools import islice
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from dosekernel.spec.reasons import ALARM_SENTENCES, Alarm, Kind

from ..bodies import from_json
from ..journal import What
from .frame import PumpScreen, letter, rule
from .palette import ALARM_SIGN, GOOD_SIGN, GREEN, NOTE_SIGN, ORANGE, QUIET, TEXT, VERMILION, marked

NOTICES = 6
# These stop delivery, or say that it has stopped.
URGENT = (
    Alarm.CORRUPT | Alarm.FAULT | Alarm.LATCHED | Alarm.UNCERTAIN | Alarm.EMPTY | Alarm.SET_EXPIRED
)


def alarm_lines(alarms: Alarm) -> list[Text]:
    """One line for each alarm that is true, the urgent ones first."""
    found = [alarm for alarm in Alarm if alarm in alarms]
    found.sort(key=lambda alarm: alarm not in URGENT)
    lines = []
    for alarm in found:
        colour = VERMILION if alarm in URGENT else ORANGE
        lines.append(
            marked(f"{ALARM_SIGN} ", f"bold {colour}").append(ALARM_SENTENCES[alarm], TEXT)
        )
    return lines


class AlarmsScreen(PumpScreen):
    """Alarms, and the last notices."""

    heading = "Alarms"
    own_keys: Sequence[tuple[str, str]] = (("K", "acknowledge a fault or a gap"),)
    BINDINGS: ClassVar[list[BindingType]] = [letter("k", "acknowledge")]

    def draw(self) -> None:
        """What is true now, then what was told."""
        pump = self.pump_app.pump
        last = pump.last
        lines = alarm_lines(last.alarms) if last is not None else []
        if not lines:
            lines = [marked(f"{GOOD_SIGN} ", f"bold {GREEN}").append("There is no alarm.", TEXT)]
        told = [Text("Nothing was told yet.", QUIET)]
        newest = list(islice(reversed(list(pump.journal.rare(What.NOTICE))), NOTICES))
        if newest:
            told = []
        for entry in newest:
            when = self.pump_app.local(entry.wall).strftime("%d %b %H:%M")
            told.append(
                marked(f"{NOTE_SIGN} {when}  ", QUIET).append(
                    str(from_json(entry.body)["text"]), TEXT
                )
            )
        self.put(
            "main", "", *lines, "", rule(self.size.width - 2, "what the pump told last"), *told
        )

    def action_acknowledge(self) -> None:
        """A person has seen it."""
        app = self.pump_app
        app.safely(lambda: app.report(Kind.ACKNOWLEDGE, app.actions.acknowledge()))
