"""How the terminal program starts: a new pump by a short dialogue, or the one of a journal."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from dosekernel.kernel.records import MINUTE
from dosekernel.spec.limits import Limits, preset_names

from ...errors import InputError
from ..clocks import Elapsed, SimulatedClock, elapsed_since
from ..errors import JournalError
from ..journal import Journal
from ..opening import clock_of, default_path, make, open_pump
from ..recovery import Found, instant_of, minutes, traced
from ..shell import Pump
from ..therapy.sensor import SensorFollower, SimulatedSensor, daily_wave
from ..therapy.wall import minute_now
from .app import PumpApp
from .frame import spread
from .notices import NOT_A_DEVICE
from .palette import BLUE, PANEL, QUIET, STYLE, TEXT, marked

SPEED_MAX = 600
CLOCKS = (
    ("simulated", "time passes only while the program runs"),
    ("real", "it lives by this machine's clocks"),
)
Answer = TypeVar("Answer")


def main(arguments: Sequence[str]) -> int:
    """Open a pump's screens; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    if not 1 <= chosen.speed <= SPEED_MAX:
        raise InputError(f"--speed: {chosen.speed}; allowed: 1 to {SPEED_MAX}")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            "the screens need a terminal; without one: dosekernel pump status, bolus, ... "
            "(dosekernel pump --help names them all)"
        )
    found = opened(chosen.journal or default_path())
    if found is None:
        return 0
    app = PumpApp(found.pump, found.sentences, speed=chosen.speed)
    try:
        if chosen.speed > 1 or chosen.sensor is not None:
            refuse_real(found.pump)
        if chosen.sensor is not None:
            found.pump.companions.append(made_up_day(found.pump, chosen.sensor))
        code = app.run(mouse=False)
    finally:
        if not app.halted:
            found.pump.close()
    if app.failure is not None:
        raise app.failure
    if app.halted:
        print(f"dosekernel: delivery has stopped: {app.halted}", file=sys.stderr)
    return code or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dosekernel pump",
        description="The reference pump's screens. " + NOT_A_DEVICE,
        epilog="Its plain commands: dosekernel pump status --help, and so on.",
    )
    parser.add_argument("--journal", type=Path, metavar="FILE", help="the pump's journal")
    parser.add_argument(
        "--speed",
        type=int,
        default=1,
        metavar="N",
        help="a simulated pump: N simulated seconds a second",
    )
    parser.add_argument(
        "--sensor",
        type=int,
        metavar="SEED",
        help="a simulated pump: a sensor that reads a made-up day of glucose, with its faults; "
        "the day does not answer to what the pump gives",
    )
    return parser


def refuse_real(pump: Pump) -> None:
    """Raise `InputError` unless time, and so a person, is simulated."""
    if not isinstance(pump.clock, SimulatedClock):
        raise InputError(
            "--speed, --sensor: this pump lives by the machine's clocks; allowed: a journal that "
            "began as simulated"
        )


def made_up_day(pump: Pump, seed: int) -> SensorFollower:
    """A sensor on a day whose meals come by local time."""
    ahead = minute_now(pump) * MINUTE - pump.now()
    return SensorFollower(SimulatedSensor(lambda at: daily_wave(at + ahead), seed))


def opened(path: Path) -> Found | None:
    """The pump of a journal, or a new one; None if the person left the dialogue."""
    if not path.exists():
        made = FirstRun(path).run(mouse=False)
        if made is None:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        limits, simulated = made
        return Found(make(path, Limits.load(limits), simulated=simulated), Elapsed(0, 0))
    off = time_off(path)
    if not off.doubted:
        return open_pump(path)
    vouched = TimeOff(off).run(mouse=False)
    if vouched is None:
        return None
    return open_pump(path, off.claimed if vouched else None)


def time_off(path: Path) -> Elapsed:
    """How long the pump of a journal was off, and how much the wall clock claims."""
    journal = Journal.open(path)
    try:
        trace, _ = traced(journal)
        if trace.newest is None:
            raise JournalError(f"{path}: the pump never began; make a new journal")
        last = instant_of(trace.newest, trace.session)
        return elapsed_since(last, clock_of(journal, trace).now())
    finally:
        journal.close()


class Dialogue(App[Answer]):
    """A question before the pump is there: a few choices, one of them chosen by Enter."""

    CSS = STYLE
    ENABLE_COMMAND_PALETTE = False
    HEAD = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "quit", show=False, priority=True)]

    def compose(self) -> ComposeResult:
        """What is asked, the choices, the keys."""
        yield Static(id="head")
        with Vertical(id="body"):
            yield Static(id="above")
            yield OptionList()
            yield Static(id="main")
        yield Static(id="keys")

    def on_mount(self) -> None:
        """The first question."""
        self.query_one("#head", Static).update(
            Text(f" {self.HEAD}".ljust(200), f"bold {TEXT} on {PANEL}", no_wrap=True)
        )
        keys = (("↑ ↓", "choose"), ("Enter", "take it"), ("Esc", "leave"))
        self.query_one("#keys", Static).update(Text("\n").join(spread(keys, 78)))

    def ask(self, question: Iterable[Text], choices: Sequence[tuple[str, str]], below: str) -> None:
        """Show a question and its choices."""
        self.query_one("#above", Static).update(Text("\n").join(question))
        options = self.query_one(OptionList)
        options.clear_options()
        wide = max(len(name) for name, _ in choices) + 3
        for name, told in choices:
            prompt = marked(f" {name:<{wide}}", f"bold {BLUE}").append(told, QUIET)
            options.add_option(Option(prompt, id=name))
        options.highlighted = 0
        options.focus()
        self.query_one("#main", Static).update(Text(below, QUIET))

    async def action_quit(self) -> None:
        """Nothing was chosen, nothing is made."""
        self.exit(None)


class FirstRun(Dialogue[tuple[str, bool]]):
    """A new pump: which limits, and which clock."""

    HEAD = "dosekernel pump: a new pump"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.limits = ""

    def on_mount(self) -> None:
        """Limits first."""
        question = (
            Text(""),
            Text("Which limits shall hold?", f"bold {TEXT}"),
            Text("Each is a starting point for a prescriber, and no prescription.", QUIET),
            Text(""),
        )
        self.ask(question, [(name, about(name)) for name in preset_names()], NOT_A_DEVICE)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Then the clock; then it is made."""
        taken = str(event.option.id)
        if self.limits:
            self.exit((self.limits, taken == CLOCKS[0][0]))
            return
        self.limits = taken
        question = (
            Text(""),
            Text("Which clock shall it live by?", f"bold {TEXT}"),
            Text(f"{self.limits}; its journal will be {self.path}", QUIET),
            Text(""),
        )
        self.ask(question, CLOCKS, NOT_A_DEVICE)


def about(name: str) -> str:
    """The caps of a preset that one chooses by."""
    limits = Limits.load(name)
    shown: Callable[[str], str] = limits.shown
    return f"bolus ≤ {shown('bolus_max')}, basal ≤ {shown('basal_max')}, day ≤ {shown('day_max')}"


class TimeOff(Dialogue[bool]):
    """The wall clock claims more than anybody but a person can vouch for."""

    HEAD = "dosekernel pump: how long was it off?"

    def __init__(self, off: Elapsed) -> None:
        super().__init__()
        self.off = off

    def on_mount(self) -> None:
        """Both answers are safe; one is right."""
        claimed, counted = minutes(self.off.claimed), minutes(self.off.counted)
        question = (
            Text(""),
            Text(f"The clock says that the pump was off for {claimed}.", f"bold {TEXT}"),
            Text("The machine was started anew meanwhile, and its clock can be set.", QUIET),
            Text(""),
        )
        choices = (
            ("not sure", f"{counted} count: limits are stricter for a while"),
            ("it is right", f"{claimed} count: look at another clock first"),
        )
        self.ask(question, choices, "Counting too much time would let limits forget drug too soon.")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """The person has said it."""
        self.exit(event.option_index == 1)
