"""The day's basal programmes: which there are, which is followed, how one is made or changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from dosekernel.spec.quantity import VOLUME

from ..therapy import programme as therapy
from ..therapy.programme import Programme, Segment
from ..therapy.wall import MINUTES_A_DAY, read_minute, shown
from .drawing import BARS
from .entry import ConfirmScreen, EntryScreen, Field, Question, number
from .figures import upward
from .frame import PumpScreen, letter
from .palette import BLUE, GREEN, ORANGE, QUIET, TEXT, marked

COLUMNS = 48  # of the picture of a day: half an hour each
ROWS = 12  # of segments below each other
REMOVE = "-"


def picture(programme: Programme) -> list[Text]:
    """A day's rates as bars, with the hours below."""
    each = MINUTES_A_DAY // COLUMNS
    rates = [programme.rate_at(column * each) for column in range(COLUMNS)]
    highest, full = max([*rates, 1]), len(BARS) - 1
    bars = "".join(BARS[-(-rate * full // highest)] for rate in rates)
    hours = "".join(f"{hour:02}".ljust(12) for hour in range(0, 24, 6))
    return [Text(bars, BLUE), Text(hours, QUIET)]


def programme_lines(programme: Programme, unit: str) -> list[Text]:
    """The picture, each segment, what a day comes to."""
    cells = [f"  {line}" for line in programme.lines(unit)]
    if len(cells) > ROWS:
        # Then in columns, as many as a long day needs.
        short = [cell.strip().removesuffix(f" {unit}/h").replace("  ", " ") for cell in cells]
        wide = max(map(len, short)) + 2
        rows = max(ROWS, -(-len(cells) // 4))
        cells = ["".join(f"{cell:<{wide}}" for cell in short[row::rows]) for row in range(rows)]
    lines = [*picture(programme), Text("")]
    lines += [Text(line.rstrip(), TEXT) for line in cells]
    return [*lines, Text(f"  in all {upward(programme.a_day())} {unit} a day", QUIET)]


class ProgrammesScreen(PumpScreen):
    """The programmes by name, and the chosen one in full."""

    heading = "Basal programmes"
    CSS = """
    ProgrammesScreen OptionList { width: 24; }
    ProgrammesScreen #main { width: 1fr; padding: 0 2; }
    """
    own_keys: Sequence[tuple[str, str]] = (
        ("↑ ↓", "choose"),
        ("Enter", "follow it"),
        ("E", "edit"),
        ("N", "new"),
        ("R", "remove"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        letter("e", "edit"),
        letter("n", "new"),
        letter("r", "remove"),
    ]

    def body(self) -> Iterable[Widget]:
        """Names left, the day right."""
        yield Static(id="above")
        with Horizontal():
            yield OptionList()
            yield Static(id="main")

    def show(self) -> None:
        """The list anew: it may have grown."""
        super().show()
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        pump = self.pump_app.pump
        options = self.query_one(OptionList)
        active = pump.settings.get(therapy.ACTIVE)
        names = list(therapy.programmes(pump))
        marks = [f"{'▶' if name == active else ' '} {name}" for name in names]
        if [
            str(options.get_option_at_index(i).prompt) for i in range(options.option_count)
        ] != marks:
            place = options.highlighted or (names.index(active) if active in names else 0)
            options.clear_options()
            options.add_options([Option(mark) for mark in marks])
            options.highlighted = min(place, len(names) - 1) if names else None
        options.focus()

    def draw(self) -> None:
        """The chosen programme."""
        chosen = self._chosen()
        self.put("above", Text("▶ marks the programme that is followed", QUIET), "")
        if chosen is None:
            self.put("main", Text("There is no programme yet: N makes one.", TEXT))
        else:
            self.put("main", *programme_lines(chosen, self.pump_app.pump.limits.unit))

    def on_option_list_option_highlighted(self) -> None:
        """Another one is looked at."""
        self.draw()

    def _chosen(self) -> Programme | None:
        found = list(therapy.programmes(self.pump_app.pump).values())
        place = self.query_one(OptionList).highlighted
        return found[place] if place is not None and place < len(found) else None

    def on_option_list_option_selected(self) -> None:
        """Follow another programme, once its name is typed."""
        chosen, app = self._chosen(), self.pump_app
        if chosen is None:
            return
        change = app.actions.setting(therapy.ACTIVE, chosen.name)
        if not change.changes:
            app.say_bad(f'"{chosen.name}" is followed already: nothing would change.')
            return

        def carry_out() -> None:
            app.actions.confirm_setting(change)
            app.pass_time(0)
            app.say_good(f'The programme "{chosen.name}" is followed from now on.')

        lines = [Text(f'Follow "{chosen.name}" from now on:', f"bold {TEXT}"), Text("")]
        lines += programme_lines(chosen, app.pump.limits.unit)
        title = "Basal programme: confirm"
        app.open(ConfirmScreen(Question(title, lines, carry_out, word=chosen.name)))

    def action_new(self) -> None:
        """Make one."""
        self.pump_app.open(EditScreen(None))

    def action_edit(self) -> None:
        """Change the chosen one."""
        chosen = self._chosen()
        if chosen is not None:
            self.pump_app.open(EditScreen(chosen))

    def action_remove(self) -> None:
        """Forget the chosen one, once its name is typed."""
        chosen, app = self._chosen(), self.pump_app
        if chosen is None:
            return

        def carry_out() -> None:
            therapy.remove(app.pump, chosen.name)
            app.say_good(f'The programme "{chosen.name}" is gone.')

        lines = [Text(f'The programme "{chosen.name}" is forgotten.', f"bold {TEXT}")]
        title = "Basal programme: remove"
        app.open(ConfirmScreen(Question(title, lines, carry_out, word=chosen.name)))


class EditScreen(EntryScreen):
    """A programme's segments: a time and a rate at a time, then the whole is confirmed."""

    heading = "Edit a programme"
    own_keys: Sequence[tuple[str, str]] = (
        ("Enter", "add the segment; with an empty entry: finish"),
        ("Tab", "name / segment"),
    )

    def __init__(self, programme: Programme | None) -> None:
        super().__init__()
        self.before = programme
        first = (Segment(0, 0),)
        self.segments = {
            each.minute: each.rate for each in (programme or Programme("", first)).segments
        }

    def fields(self) -> Sequence[Field]:
        """Its name, and one segment after the other."""
        name = self.before.name if self.before else ""
        return (
            Field("name", "Name", "of the programme", name),
            Field("segment", "Segment", "06:30 1.15; 06:30 - removes", "", True),
        )

    def on_mount(self) -> None:
        """A programme that has a name needs segments."""
        if self.before:
            self.query_one("#entry-segment", Input).focus()

    def draw(self) -> None:
        """The day as it would be."""
        self.put("above", "")
        self.put(
            "main", "", *programme_lines(self._programme("edited"), self.pump_app.pump.limits.unit)
        )

    def _programme(self, name: str) -> Programme:
        return Programme(name, tuple(Segment(*each) for each in sorted(self.segments.items())))

    def submit(self, values: Mapping[str, str]) -> None:
        """One more segment, or the whole."""
        if values["segment"]:
            self._segment(values["segment"])
        else:
            self._finish(values["name"])

    def _segment(self, typed: str) -> None:
        start, _, rate = typed.replace("=", " ").partition(" ")
        minute = read_minute(start, "Segment")
        limits = self.pump_app.pump.limits
        segments = {**self.segments}
        if rate.strip() == REMOVE:
            segments.pop(minute, None)
        else:
            found = {"rate": rate.strip()}
            segments[minute] = number(
                found, "rate", VOLUME, limits.unit, f"Rate from {shown(minute)}"
            )
        therapy.made(self.typed("name") or "new", sorted(segments.items()), limits)
        self.segments = segments
        self.query_one("#entry-segment", Input).value = ""
        self.show()

    def _finish(self, name: str) -> None:
        app = self.pump_app
        edited = therapy.made(name, sorted(self.segments.items()), app.pump.limits)
        kept = {**app.pump.settings.get(therapy.PROGRAMMES, {}), name: edited.as_setting()}
        change = app.actions.setting(therapy.PROGRAMMES, kept)
        if not change.changes:
            app.say_bad(f'"{name}" is as it was: nothing would change.')
            return

        def carry_out() -> None:
            app.actions.confirm_setting(change)
            app.say_good(f'The programme "{name}" is kept.')

        lines = [Text(f'"{name}" as it will be:', f"bold {TEXT}"), Text("")]
        old = therapy.programmes(app.pump).get(name)
        lines += beside_old(edited, old, app.pump.limits.unit)
        app.push_screen(
            ConfirmScreen(Question("Basal programme: confirm", lines, carry_out, word=name))
        )


def beside_old(new: Programme, old: Programme | None, unit: str) -> list[Text]:
    """The new programme, and what was at each time before."""
    lines = [*picture(new), Text("")]
    starts = {each.minute for each in new.segments} | {
        each.minute for each in (old or new).segments
    }
    for minute in sorted(starts):
        after = new.rate_at(minute)
        line = marked(f"  {shown(minute)}  ", TEXT)
        before = old.rate_at(minute) if old else after
        if before != after:
            line.append(f"{upward(before):>6} → ", QUIET).append(
                f"{upward(after)} {unit}/h", f"bold {ORANGE}"
            )
        else:
            line.append(f"{upward(after):>6} {unit}/h", TEXT if old else GREEN)
        lines.append(line)
    total = f"  in all {upward(new.a_day())} {unit} a day"
    if old is not None:
        total += f", {upward(old.a_day())} before"
    return [*lines, Text(total, QUIET)]
