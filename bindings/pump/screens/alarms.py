"""What needs attention now, each alarm in a plain sentence; and what the pump has told lately."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from dosekernel.spec.reasons import ALARM_SENTENCES, Alarm, Kind

from ..bodies import from_json
from ..journal import What
from ..unread import mark_read
from .frame import PumpScreen, flowing, letter, rule
from .palette import ALARM_SIGN, GOOD_SIGN, GREEN, NOTE_SIGN, ORANGE, QUIET, VERMILION

NOTICES = 6
# These stop delivery, or say that it has stopped.
URGENT = (
    Alarm.CORRUPT | Alarm.FAULT | Alarm.LATCHED | Alarm.UNCERTAIN | Alarm.EMPTY | Alarm.SET_EXPIRED
)


def alarm_lines(alarms: Alarm, width: int) -> list[Text]:
    """A paragraph for each alarm that is true, the urgent ones first."""
    found = [alarm for alarm in Alarm if alarm in alarms]
    found.sort(key=lambda alarm: alarm not in URGENT)
    lines = []
    for alarm in found:
        colour = VERMILION if alarm in URGENT else ORANGE
        lines.append(flowing(ALARM_SIGN, ALARM_SENTENCES[alarm], width, of_sign=colour))
    return lines


class AlarmsScreen(PumpScreen):
    """Alarms, and the last notices."""

    heading = "Alarms"
    own_keys: Sequence[tuple[str, str]] = (("K", "acknowledge a fault or a gap"),)
    BINDINGS: ClassVar[list[BindingType]] = [letter("k", "acknowledge")]

    def draw(self) -> None:
        """What is true now, then what was told."""
        self.pump_app.safely(lambda: mark_read(self.pump_app.pump))
        last, wide = self.pump_app.pump.last, self.size.width - 2
        lines = alarm_lines(last.alarms, wide) if last is not None else []
        if not lines:
            lines = [flowing(GOOD_SIGN, "There is no alarm.", wide, of_sign=GREEN)]
        told = rule(wide, "what the pump told last")
        self.put("main", "", *lines, "", told, *self._notices(wide))

    def _notices(self, wide: int) -> list[Text]:
        """The newest first."""
        app = self.pump_app
        newest = list(app.pump.journal.rare(What.NOTICE))[-NOTICES:]
        if not newest:
            return [Text("Nothing was told yet.", QUIET)]
        return [
            flowing(
                f"{NOTE_SIGN} {app.local(entry.wall).strftime('%d %b %H:%M')} ",
                str(from_json(entry.body)["text"]),
                wide,
                of_sign=QUIET,
            )
            for entry in reversed(newest)
        ]

    def action_acknowledge(self) -> None:
        """A person has seen it."""
        app = self.pump_app
        app.safely(lambda: app.report(Kind.ACKNOWLEDGE, app.actions.acknowledge()))
