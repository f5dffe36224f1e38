"""Screens that only say something: help, what was found at the start, that the pump has stopped."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from ..unread import mark_read
from .frame import PumpScreen, flowing, letter
from .palette import ALARM_SIGN, BACKGROUND, BLUE, NOTE_SIGN, QUIET, TEXT, VERMILION, marked

HELP = (
    ("F2", "suspend all delivery at once; pressed again it still only stops"),
    ("F3", "resume after a suspension; a stopped bolus does not come back"),
    ("Esc", "one screen back; nothing that was entered is asked"),
    ("Tab ↑ ↓", "from entry to entry"),
    ("Enter", "the next entry; after the last one, show what would happen"),
    ("Y", "confirm what is shown; within 60 seconds, once"),
)
NOT_A_DEVICE = (
    "This is a reference pump for developers, with a simulated motor. It is NOT A MEDICAL DEVICE: "
    "never use it to give drug to anybody."
)
HOW_IT_WORKS = (
    "Every amount is decided by the dosing kernel. This program only asks it, shows its answer "
    "and the reason, and writes both into the journal first. A request on which nobody goes on "
    "for 60 seconds is dropped."
)


STOPPED = "DELIVERY HAS STOPPED. Nothing is given any more."
WHAT_TO_DO = (
    "Leave, mend the cause (a full disk, a file that may not be written), and start the program "
    "again: it goes on from its journal.",
    "What was under way then counts as given. Check glucose.",
    "Until then use another means of taking the drug.",
)


class HelpScreen(PumpScreen):
    """The keys, and what this program is not."""

    heading = "Help"

    def draw(self) -> None:
        """Keys, then what to know."""
        lines = [Text(""), *(key_line(key, word) for key, word in HELP), Text("")]
        lines.append(Text("Signs: ▶ delivering  ■ suspended  ▼ low glucose  ◇ disconnected", TEXT))
        lines.append(Text("       ○ not ready  ✗ fault, expired or empty  ▲ alarm", TEXT))
        self.put("main", *lines, "", Text(HOW_IT_WORKS, QUIET), "", Text(NOT_A_DEVICE, "bold"))


def key_line(key: str, word: str) -> Text:
    """One key and what it does."""
    return marked(f"{key:<9}", f"bold {BLUE}").append(word, TEXT)


class FoundScreen(PumpScreen):
    """What a person has to know after a restart; it stays until it is acknowledged."""

    heading = "The pump was off"
    own_keys: Sequence[tuple[str, str]] = (("Y", "I have read this"),)
    BINDINGS: ClassVar[list[BindingType]] = [letter("y", "read")]

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__()
        self.sentences = sentences

    def body(self) -> Iterable[Widget]:
        """It may be long."""
        with VerticalScroll():
            yield Static(id="main")

    def draw(self) -> None:
        """Each sentence by itself."""
        lines = [
            Text(""),
            Text("The pump started again. This is what was found:", "bold"),
            Text(""),
        ]
        for sentence in self.sentences:
            lines += [flowing(NOTE_SIGN, sentence, self.size.width - 2, of_sign=BLUE), Text("")]
        self.put("main", *lines)

    def leave_keys(self) -> Sequence[tuple[str, str]]:
        """There is no other way on."""
        return ()

    def action_read(self) -> None:
        """Go on to home."""
        self.pump_app.safely(lambda: mark_read(self.pump_app.pump))
        self.pump_app.pop_screen()


class HaltedScreen(PumpScreen):
    """The pump has stopped for good; only leaving is left."""

    heading = "Delivery has stopped"
    own_keys: Sequence[tuple[str, str]] = (("Q", "leave"),)
    BINDINGS: ClassVar[list[BindingType]] = [letter("q", "leave")]

    def head(self) -> Text:
        """No mode: nobody knows it any more."""
        told = f" {ALARM_SIGN} STOPPED   {self.heading}"
        return Text(told.ljust(self.size.width), f"bold {BACKGROUND} on {VERMILION}")

    def draw(self) -> None:
        """That, why, and what to do."""
        wide = self.size.width - 2
        lines = [Text(""), flowing(ALARM_SIGN, STOPPED, wide, f"bold {VERMILION}"), Text("")]
        lines += [Text("Why", QUIET), Text(self.pump_app.halted, TEXT), Text("")]
        lines.append(Text("What to do", QUIET))
        lines += [flowing(NOTE_SIGN, told, wide, of_sign=BLUE) for told in WHAT_TO_DO]
        self.put("main", *lines)

    def key_lines(self) -> Text:
        """Nothing else works."""
        return key_line("Q", "leave")

    def action_leave(self) -> None:
        """End the program."""
        self.pump_app.exit(1)
