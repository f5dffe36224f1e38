"""The limits in force, to be looked at; others only as a whole, seen first and named to confirm."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from dosekernel.spec.limits import LIMITS, preset_names

from ...command.limits import load
from ..proposals import Adoption, Change
from .entry import ConfirmScreen, EntryScreen, Field, Question
from .frame import ReadingScreen, letter
from .palette import BLUE, ORANGE, QUIET, TEXT, marked

NAME, VALUE = 25, 14


class LimitsScreen(ReadingScreen):
    """Every limit, its value and what it is for."""

    heading = "Settings: the limits"
    own_keys: Sequence[tuple[str, str]] = (("↑ ↓ PgUp PgDn", "read"), ("A", "adopt others"))
    BINDINGS: ClassVar[list[BindingType]] = [letter("a", "adopt")]

    def draw(self) -> None:
        """The table."""
        limits = self.pump_app.pump.limits
        self.put("above", Text(f"{limits.name}: in force, view only", f"bold {TEXT}"), "")
        wide = self.size.width - NAME - VALUE - 4
        lines = []
        for limit in LIMITS:
            whole = limit.name == "action_remaining"
            value = "25 steps" if whole else limits.shown(limit.name)
            first, *rest = wrap(limit.meaning, wide)
            line = marked(f"{limit.name:<{NAME}}", BLUE).append(f"{value:>{VALUE - 2}}  ", TEXT)
            lines.append(line.append(first, QUIET))
            lines += [Text(" " * (NAME + VALUE) + each, QUIET) for each in rest]
        self.put("main", *lines)

    def action_adopt(self) -> None:
        """Ask which."""
        self.pump_app.open(AdoptScreen())


def shortened(text: str, width: int) -> str:
    """A text that fits, with a sign where it was cut."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


class AdoptScreen(EntryScreen):
    """Which limits are to hold from now on."""

    heading = "Adopt limits"

    def fields(self) -> Sequence[Field]:
        """A preset or a file."""
        return (Field("limits", "Limits", "a preset's name, or a file"),)

    def draw(self) -> None:
        """The presets there are."""
        told = "Limits come from a prescriber, and hold as a whole."
        self.put("above", "", Text(told, TEXT), "")
        names = [Text(f"  {name}", BLUE) for name in preset_names()]
        self.put(
            "main", "", Text("Presets, each a starting point and no prescription:", QUIET), *names
        )

    def submit(self, values: Mapping[str, str]) -> None:
        """Show what would change."""
        app = self.pump_app
        adoption = app.actions.adopt(load(values["limits"]))
        if not adoption.accepted:
            app.say_bad(adoption.sentence)
        elif not adoption.changes:
            app.say_bad("These are the limits in force: nothing would change.")
        else:
            app.push_screen(ConfirmScreen(self.question(adoption)))

    def question(self, adoption: Adoption) -> Question:
        """Every change, and the name to be typed."""
        app = self.pump_app

        def carry_out() -> None:
            app.actions.confirm_limits(adoption)
            app.say_good(f"The limits {adoption.limits.name} are in force now.")

        lines = [Text(adoption.sentence, f"bold {TEXT}"), Text(""), *change_lines(adoption.changes)]
        return Question("Adopt limits: confirm", lines, carry_out, word=adoption.limits.name)


def change_lines(changes: Sequence[Change]) -> list[Text]:
    """What holds now beside what would hold."""
    heading = f"  {'':<{NAME}}{'now':>16}     {'then':<20}"
    lines = [Text(heading, QUIET)]
    for change in changes:
        line = marked(f"  {change.name:<{NAME}}", BLUE)
        line.append(f"{shortened(change.before, 16):>16}", TEXT).append("  →  ", QUIET)
        lines.append(line.append(shortened(change.after, 28), f"bold {ORANGE}"))
    return lines
