"""A new reservoir, a new set, or both, walked step by step; it goes on wherever it was left."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from dosekernel.spec.quantity import VOLUME
from dosekernel.spec.reasons import Kind

from ... import Outcome
from ...errors import InputError
from .. import words
from ..set_change import SetChange, Step
from ..therapy import infusion_set, sites
from .dose import room_lines
from .entry import ConfirmScreen, EntryLine, Field, Question, number
from .frame import PumpScreen, beside, letter
from .palette import BLUE, GOOD_SIGN, GREEN, ORANGE, QUIET, TEXT, marked

STARTS = (
    ("R", "reservoir and set", "reservoir", True, True),
    ("S", "set only", "set", False, True),
    ("O", "reservoir only", "only", True, False),
)
KINDS = {
    Step.DISCONNECT: Kind.DISCONNECT,
    Step.LOAD: Kind.LOAD_RESERVOIR,
    Step.PRIME: Kind.PRIME,
    Step.INSERT: Kind.INSERT_SET,
    Step.CONNECT: Kind.CONNECT,
    Step.FILL: Kind.FILL_CANNULA,
}
# Steps that are done and said with one key; the others ask how much, or where.
# That key confirms nothing elsewhere: one that bounces must not carry the change on.
BY_KEY = (Step.DISCONNECT, Step.CONNECT)
DONE = {Step.DISCONNECT: "it is parted", Step.CONNECT: "it is joined"}
ANEW = ("F8", "begin anew")
ADVISED = 3
MAP = 50  # columns
BUSY_SIGN = "…"
BUSY_SIGN = "…"


class SetChangeScreen(PumpScreen):
    """The steps, which of them is next, how it is done, and the entry that it needs."""

    heading = "Set change"
    BINDINGS: ClassVar[list[BindingType]] = [
        letter("r", "start(True, True)"),
        letter("s", "start(False, True)"),
        letter("o", "start(True, False)"),
        letter("n", "done"),
        Binding("f8", "anew", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown: Step | None = None

    @property
    def change(self) -> SetChange:
        """How far it has come."""
        return self.pump_app.actions.set_change()

    def body(self) -> Iterable[Widget]:
        """The steps, what to do, an entry, what helps."""
        yield Static(id="above")
        yield EntryLine(Field("value", "", ""))
        yield Static(id="main")

    def draw(self) -> None:
        """Where it stands."""
        change = self.change
        step = change.next if change.under_way else None
        self._keys(step)
        self._entry(step)
        if step is None:
            self._draw_start()
            return
        told = Text(change.instruction(step), f"bold {TEXT}")
        self.put("above", steps_line(change), "", told, "")
        if self._busy(step):
            self.put("main", Text(f"{BUSY_SIGN} The motor is at it; wait.", ORANGE))
        else:
            self.put("main", "", *self._help(step))

    def _draw_start(self) -> None:
        self.put("above", "", Text("What is to be changed?", f"bold {TEXT}"), "")
        rows = [marked(f"  {key}  ", f"bold {BLUE}").append(told, TEXT) for key, told, *_ in STARTS]
        worn = infusion_set.worn(self.pump_app.pump)
        name = "none chosen (dosekernel pump settings set NAME)" if worn is None else worn.name
        state, limits = self.pump_app.pump.state, self.pump_app.pump.limits
        age = self.pump_app.pump.now() - state.set_at if state.inserted else 0
        old = infusion_set.absorption(age, limits.set_life)
        worn_text = Text(f"Infusion set: {name}", QUIET)
        self.put("main", *rows, "", worn_text, "", Text(old, ORANGE))

    def _busy(self, step: Step) -> bool:
        """True while a prime or a fill is being delivered."""
        state = self.pump_app.pump.state
        under_way = state.prime_owed or state.fill_owed or state.outstanding
        return step in (Step.PRIME, Step.FILL) and bool(under_way)

    def _keys(self, step: Step | None) -> None:
        if step is None:
            self.own_keys = tuple((key, told) for key, told, *_ in STARTS)
        elif step in BY_KEY:
            self.own_keys = (("N", f"next: {DONE[step]}"), ANEW)
        else:
            self.own_keys = () if self._busy(step) else (("Enter", "go on"), ANEW)
        self.query_one("#keys", Static).update(self.key_lines())

    def _entry(self, step: Step | None) -> None:
        """Show the entry where one is needed, empty for each new step."""
        line = self.query_one(EntryLine)
        entry = line.query_one(Input)
        needed = step is not None and step not in BY_KEY and not self._busy(step)
        line.display = needed
        entry.disabled = not needed
        if step is not self._shown:
            self._shown = step
            entry.value = str(self._advised()[0]) if step is Step.INSERT else ""
        if needed:
            unit = self.pump_app.pump.limits.unit
            where = step is Step.INSERT
            line.query_one(".name", Static).update("Site" if where else "Amount")
            line.query_one(".unit", Static).update("area, side, spot" if where else unit)
            entry.focus()

    # ---- what helps at a step

    def _help(self, step: Step) -> list[Text]:
        if step is Step.INSERT:
            return self._site_lines()
        pump = self.pump_app.pump
        worn = infusion_set.worn(pump)
        if worn is None or step not in (Step.PRIME, Step.FILL):
            return []
        lines = [Text(f"{worn.name}, by its published figures:", QUIET)]
        if step is Step.PRIME:
            for tubing in worn.tubings:
                told = self._figure(partial(infusion_set.prime, tubing, pump.limits))
                lines.append(Text(f"  tubing {tubing.length:>3} cm   {told}", TEXT))
        else:
            for cannula in worn.cannulas:
                told = self._figure(partial(infusion_set.fill, cannula, pump.limits))
                length = "" if cannula.length is None else f"{cannula.length} mm"
                lines.append(Text(f"  cannula {length:>7}   {told}", TEXT))
        return lines

    def _figure(self, asked: Callable[[int], int | None]) -> str:
        """An amount of the catalogue, or why there is none."""
        try:
            found = asked(infusion_set.concentration(self.pump_app.pump))
        except InputError as error:
            return str(error)
        return "see its leaflet" if found is None else words.amount(self.pump_app.pump, found)

    def _advised(self) -> list[sites.Site]:
        pump = self.pump_app.pump
        wall = pump.clock.now().wall
        return sites.advice(sites.log_of(pump), wall) or sites.every_site()

    def _site_lines(self) -> list[Text]:
        """The map, with the sites that rested longest named first."""
        pump = self.pump_app.pump
        drawn = sites.body_map(sites.log_of(pump), pump.clock.now().wall)
        rested = [Text(f"  {each}", BLUE) for each in self._advised()[:ADVISED]]
        legend = ("A spot and how many", "days ago it was used;", "-- it has rested")
        told = [Text("Rested longest", QUIET), *rested, Text(""), *(Text(e, QUIET) for e in legend)]
        return beside([Text(line, TEXT) for line in drawn], told, MAP)

    # ---- doing it

    def action_start(self, reservoir: bool, infusion_set: bool) -> None:
        """Begin."""
        change = self.change
        if not change.under_way:
            self.pump_app.hush()
            self.pump_app.safely(
                lambda: change.begin(reservoir=reservoir, infusion_set=infusion_set)
            )
            self.show()

    def action_anew(self) -> None:
        """Forget how far it came; what was done stays done."""
        if self.change.under_way:
            self.pump_app.hush()
            self.pump_app.safely(self.change.abandon)
            self.show()

    def action_done(self) -> None:
        """A step that needs no figure is behind."""
        change = self.change
        step = change.next if change.under_way else None
        if step is Step.DISCONNECT:
            self._ask(Kind.DISCONNECT, change.disconnect)
        elif step is Step.CONNECT:
            self._ask(Kind.CONNECT, change.connect)

    def _ask(self, kind: Kind, work: Callable[[], Outcome]) -> None:
        self.pump_app.safely(lambda: self.pump_app.report(kind, work()))
        self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The figure or the site of this step."""
        event.stop()
        change = self.change
        step = change.next if change.under_way else None
        self.pump_app.hush()
        if step is Step.INSERT:
            self.pump_app.safely(lambda: self._insert(event.value))
        elif step is not None and step not in BY_KEY:
            self.pump_app.safely(lambda: self._amount(step, event.value.strip()))

    def _amount(self, step: Step, typed: str) -> None:
        app = self.pump_app
        unit = app.pump.limits.unit
        amount = number({"value": typed}, "value", VOLUME, unit, "Amount")
        proposal = app.actions.propose(KINDS[step], amount=amount)
        if not proposal.accepted:
            app.say_bad(proposal.sentence)
            return
        asked = words.asked_for(app.pump, proposal.kind, proposal.fields)
        room = [Text(""), *room_lines(app.pump, proposal)] if step is Step.FILL else []
        self._confirm(
            [Text(asked, f"bold {TEXT}"), *room],
            lambda: app.report(proposal.kind, app.actions.confirm(proposal), asked),
        )

    def _insert(self, typed: str) -> None:
        app, change = self.pump_app, self.change
        site = sites.Site.read(typed)
        lines = [Text(f"A new set is inserted: {site}.", f"bold {TEXT}")]
        warned = sites.warning(site, sites.log_of(app.pump), app.pump.clock.now().wall)
        if warned:
            lines += [Text(""), Text(warned, ORANGE)]
        self._confirm(
            lines,
            lambda: app.report(
                Kind.INSERT_SET, change.insert(site.code, str(site)), f"A set at {site}."
            ),
        )

    def _confirm(self, lines: Sequence[Text], carry_out: Callable[[], None]) -> None:
        question = Question("Set change: confirm", lines, carry_out, home=False)
        self.pump_app.push_screen(ConfirmScreen(question))


def steps_line(change: SetChange) -> Text:
    """All steps in a row: done, next, to come."""
    line = Text()
    for step in change.steps:
        if change.done(step):
            line.append(f"{GOOD_SIGN} {step}   ", GREEN)
        elif step is change.next:
            line.append(f"▶ {step}   ", f"bold {BLUE}")
        else:
            line.append(f"· {step}   ", QUIET)
    return line
