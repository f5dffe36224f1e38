"""The program around the screens: it lets time pass, and sees to it that no failure stays unsaid.

A request that is half entered is dropped after a minute without a key; a journal that cannot be
written ends everything on a screen that says so; what stops the pump is one key on every screen.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.screen import Screen

from dosekernel.kernel.records import MINUTE
from dosekernel.spec.reasons import Kind, Mode, Status

from ... import Outcome
from ...errors import InputError
from .. import words
from ..actions import Actions
from ..clocks import SimulatedClock
from ..errors import JournalError
from ..shell import Pump
from ..therapy import wall
from .frame import PumpScreen, flowing
from .palette import BAD_SIGN, GOOD_SIGN, GREEN, NOTE_SIGN, ORANGE, STYLE, TEXT, VERMILION

# A request on which nobody goes on is dropped, as the kernel would refuse it later.
PATIENCE = MINUTE
# What every screen has room in, and what it leaves free at its sides.
WIDTH, HEIGHT, MARGIN = 80, 24, 2
BEAT = 1.0  # seconds
# What is so once a request without figures has been accepted.
DONE = {
    Kind.SUSPEND: "Stopped at once.",
    Kind.RESUME: "Resumed: the basal rate goes on.",
    Kind.CANCEL_BOLUS: "Every bolus is cancelled.",
    Kind.CANCEL_TEMP_BASAL: "The temporary rate has ended: the programme goes on.",
    Kind.DISCONNECT: "Disconnected: nothing is delivered until it is connected again.",
    Kind.CONNECT: "Connected.",
    Kind.ACKNOWLEDGE: "Acknowledged. If delivery is suspended, F3 resumes it.",
}
DEBUG = "DOSEKERNEL_DEBUG"


@dataclass(frozen=True)
class Said:
    """A sentence at the bottom of the screen, behind its sign."""

    sign: str = ""
    text: str = ""
    colour: str = TEXT
    at: int = 0


class PumpApp(App[int]):
    """The terminal program of one pump."""

    CSS = STYLE
    TITLE = "dosekernel pump"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "stop", "suspend", priority=True, show=False),
        Binding("f3", "resume", "resume", priority=True, show=False),
        Binding("f1", "help", "help", priority=True, show=False),
        Binding("question_mark", "help", show=False),
        Binding("escape", "back", "back", priority=True, show=False),
    ]

    def __init__(
        self,
        pump: Pump,
        sentences: Sequence[str] = (),
        *,
        speed: int = 1,
        live: bool = True,
    ) -> None:
        """`sentences`: what was found at the start; `live`: let the seconds pass by themselves."""
        super().__init__()
        self.pump = pump
        self.actions = Actions(pump)
        self.sentences = list(sentences)
        self.speed = speed
        self.live = live
        self.said = Said()
        self.failure: Exception | None = None
        self.halted = ""
        self._key_at = pump.now()
        self._changing = False

    def on_mount(self) -> None:
        """Home, and above it what the person has to know first."""
        from .home import HomeScreen
        from .notices import FoundScreen

        self.push_screen(HomeScreen())
        if self.sentences:
            self.push_screen(FoundScreen(self.sentences))
        if self.live:
            self.set_interval(BEAT, self.beat)

    # ---- time --------------------------------------------------------------------------------

    def beat(self) -> None:
        """A second has passed."""
        # While something is entered a simulated pump does not hurry.
        faster = 1 if self.entering() else self.speed
        self.pass_time(int(BEAT * words.SECOND) * faster)

    def pass_time(self, duration: int) -> None:
        """Live on; a simulated clock is told to, the machine's own goes by itself."""
        if self.halted:
            return
        if isinstance(self.pump.clock, SimulatedClock):
            self.safely(lambda: self.pump.run(duration))
        else:
            self.safely(self.pump.advance)
        self.safely(self._close_change)
        if self.halted:
            return
        if self.pump.now() - self.said.at >= PATIENCE * self.speed:
            self.said = Said()
        if self.entering() and self.pump.now() - self._key_at >= PATIENCE:
            self.go_home()
            self.say(
                NOTE_SIGN,
                f"No key for {words.span(PATIENCE)}: what was being entered is dropped, and "
                "nothing was asked.",
            )
        self.show()

    def _close_change(self) -> None:
        """A set change whose last step is done is over: a later disconnect is no part of it."""
        change = self.actions.set_change()
        if change.begun and change.next is None:
            change.abandon()
            if self._changing:
                self.say_good("The change is complete. Check glucose in one to two hours.")
        self._changing = change.under_way

    def entering(self) -> bool:
        """True while a request is half entered."""
        return isinstance(self.screen, PumpScreen) and self.screen.ENTRY

    async def on_event(self, event: Event) -> None:
        """Remember when a key was pressed last."""
        if isinstance(event, Key):
            self._key_at = self.pump.now()
        await super().on_event(event)

    # ---- what may go wrong ---------------------------------------------------------------------

    def safely(self, work: Callable[[], object]) -> bool:
        """Do something with the pump; what goes wrong is said. True if nothing did."""
        if self.halted:
            return False
        try:
            work()
        except JournalError as error:
            self.halt(str(error))
        except InputError as error:
            self.say_bad(str(error))
        else:
            return True
        return False

    def halt(self, why: str) -> None:
        """Nothing is delivered any more, the motor stands still: only say so."""
        from .notices import HaltedScreen

        if self.halted:
            return
        self.halted = why
        self.pump.strokes.stand_still(self.pump.now())
        self.push_screen(HaltedScreen())

    def _handle_exception(self, error: Exception) -> None:
        """An error of the program's own ends it; whoever started it says so in one line."""
        if DEBUG in os.environ:
            super()._handle_exception(error)
            return
        self.failure = error
        self.exit()

    # ---- what is said ----------------------------------------------------------------------------

    def say(self, sign: str, text: str, colour: str = TEXT) -> None:
        """Show a sentence at the bottom until another takes its place."""
        self.said = Said(sign, text, colour, self.pump.now())
        self.show()

    def told(self, width: int) -> Text:
        """What was said last, for a screen of this width."""
        said = self.said
        if width + MARGIN < WIDTH or self.size.height < HEIGHT:
            told = f"This terminal is smaller than {WIDTH} by {HEIGHT}: not all can be seen."
            return flowing(NOTE_SIGN, told, width, ORANGE)
        return flowing(said.sign, said.text, width, said.colour) if said.text else Text()

    def say_good(self, text: str) -> None:
        """It was done."""
        self.say(GOOD_SIGN, text, GREEN)

    def say_bad(self, text: str) -> None:
        """It was not done."""
        self.say(BAD_SIGN, text, VERMILION)

    def hush(self) -> None:
        """Nothing is said any more."""
        self.said = Said()
        self.show()

    def report(self, kind: Kind, outcome: Outcome, asked: str = "") -> None:
        """What became of a request; `asked` says in words what it was."""
        if outcome.status is not Status.ACCEPTED:
            self.say_bad(self.actions.in_words(kind, outcome))
            return
        told = DONE.get(kind, f"Accepted: {asked or kind.label}")
        if outcome.not_given:
            told += f" Not given: {words.amount(self.pump, outcome.not_given)}."
        self.say_good(told)

    def show(self) -> None:
        """Show what is true now."""
        if isinstance(self.screen, PumpScreen):
            self.screen.show()

    # ---- what all screens ask ------------------------------------------------------------------

    def mode(self) -> Mode:
        """What the pump is doing."""
        return self.pump.last.mode if self.pump.last is not None else Mode.NOT_READY

    def time_of_day(self) -> str:
        """The local time, for the first line."""
        return self.local(self.pump.clock.now().wall).strftime("%a %d %b %H:%M")

    def local(self, at: int) -> datetime:
        """A moment of the wall clock (ms since 1970) where the person is."""
        return wall.moment(at, wall.zone_of(self.pump))

    # ---- from screen to screen -------------------------------------------------------------------

    def open(self, screen: Screen[None]) -> None:
        """Another screen, on top."""
        self.said = Said()
        self.push_screen(screen)

    def go_back(self) -> None:
        """One screen back; home and a halted pump have none."""
        from .home import HomeScreen
        from .notices import FoundScreen

        if self.halted or isinstance(self.screen, HomeScreen | FoundScreen):
            return
        self.said = Said()
        self.pop_screen()

    def go_home(self) -> None:
        """Back to home, whatever lies above it."""
        from .home import HomeScreen

        while not isinstance(self.screen, HomeScreen):
            self.pop_screen()

    # ---- keys of every screen --------------------------------------------------------------------

    def action_stop(self) -> None:
        """Suspend, at once: asked twice it still only stops."""
        if self.safely(lambda: self.report(Kind.SUSPEND, self.actions.stop())):
            self.pass_on()

    def action_resume(self) -> None:
        """Resume; what was stopped does not come back."""
        self.safely(lambda: self.report(Kind.RESUME, self.actions.resume()))

    def pass_on(self) -> None:
        """After a stop nothing half entered stays: it was meant for a pump that delivers."""
        if self.entering():
            self.go_home()
            self.show()

    async def action_quit(self) -> None:
        """Ctrl+Q and the like: not without asking, as long as the pump delivers."""
        from .ways import LeaveScreen

        if self.halted:
            self.exit(1)
        elif not isinstance(self.screen, LeaveScreen):
            self.open(LeaveScreen())

    def action_help_quit(self) -> None:
        """Ctrl+C: the same."""
        self.call_later(self.action_quit)

    def action_help(self) -> None:
        """What the keys do, and what this is not."""
        from .notices import HelpScreen

        if not self.halted and not isinstance(self.screen, HelpScreen):
            self.open(HelpScreen())

    async def action_back(self) -> None:
        """Leave a screen."""
        if isinstance(self.screen, PumpScreen):
            self.screen.action_back()
