"""What every screen has: the mode and the time above, what was said last and the keys below."""

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from ..errors import JournalError
from .palette import BACKGROUND, BLUE, MODES, PANEL, QUIET, TEXT, marked

if TYPE_CHECKING:
    from .app import PumpApp

# They work on every screen, also while something is typed.
EVERYWHERE = (("F2", "SUSPEND at once"), ("F3", "resume"), ("F1", "help"))
BACK = ("Esc", "back")


def letter(key: str, action: str) -> Binding:
    """A letter that does something, small or capital."""
    return Binding(f"{key},{key.upper()}", action, show=False)


class PumpScreen(Screen[None]):
    """A screen of the pump; subclasses give a `body` and `draw` into it."""

    heading = ""
    own_keys: Sequence[tuple[str, str]] = ()
    # A screen on which a request is being entered: it is left when nobody goes on entering.
    ENTRY = False
    AUTO_FOCUS = ""

    @property
    def pump_app(self) -> "PumpApp":
        """The program, by its own type."""
        return cast("PumpApp", self.app)

    def compose(self) -> ComposeResult:
        """The four parts, from top to bottom."""
        yield Static(id="head")
        with Vertical(id="body"):
            yield from self.body()
        yield Static(id="told")
        yield Static(id="keys")

    def body(self) -> Iterable[Widget]:
        """The widgets of this screen."""
        yield Static(id="main")

    def on_mount(self) -> None:
        """Show everything once all parts are there."""
        self.show()

    def on_screen_resume(self) -> None:
        """What lies below has gone: show what is true now."""
        self.show()

    def on_resize(self) -> None:
        """Lay out anew."""
        self.show()

    def show(self) -> None:
        """Show what is true now."""
        if not self.is_mounted:
            return
        self.query_one("#head", Static).update(self.head())
        self.query_one("#told", Static).update(self.pump_app.told(self.size.width - 2))
        self.query_one("#keys", Static).update(self.key_lines())
        try:
            self.draw()
        except JournalError as error:  # what is shown is read from it
            self.pump_app.halt(str(error))

    def draw(self) -> None:
        """Fill the body."""

    def put(self, name: str, *lines: Text | str) -> None:
        """Write lines into a part of the body."""
        rows = [line if isinstance(line, Text) else Text(line) for line in lines]
        self.query_one(f"#{name}", Static).update(Text("\n").join(rows))

    # ---- the first and the last lines

    def head(self) -> Text:
        """The mode, in a sign and a word; where one is; the time."""
        app = self.pump_app
        look = MODES[app.mode()]
        text = marked(f" {look.sign} {look.word} ", f"bold {BACKGROUND} on {look.colour}")
        text.append(f"  {self.heading}", f"bold {TEXT} on {PANEL}")
        right = app.time_of_day() + " "
        room = self.size.width - cell_len(text.plain) - len(right)
        text.append(" " * max(1, room), f"on {PANEL}")
        return text.append(right, f"{QUIET} on {PANEL}")

    def key_lines(self) -> Text:
        """The keys of this screen, then those of all screens."""
        own = spread(self.own_keys, self.size.width - 2)
        last = spread([*EVERYWHERE, *self.leave_keys()], self.size.width - 2)
        return Text("\n").join([*own, *last])

    def leave_keys(self) -> Sequence[tuple[str, str]]:
        """The key by which this screen is left, if there is one."""
        return (BACK,)

    def action_back(self) -> None:
        """Leave this screen."""
        self.pump_app.go_back()


class ReadingScreen(PumpScreen):
    """A screen that may be longer than there is room: the arrows scroll it."""

    def body(self) -> Iterable[Widget]:
        """What stays above, and what scrolls."""
        yield Static(id="above")
        with VerticalScroll(id="scroll"):
            yield Static(id="main")

    def on_mount(self) -> None:
        """The arrows scroll."""
        self.query_one("#scroll").focus()


def spread(keys: Sequence[tuple[str, str]], width: int) -> list[Text]:
    """Keys and their words, in as many lines as they need."""
    lines: list[Text] = []
    line = Text()
    for key, word in keys:
        each = marked(key, f"bold {BLUE}").append(f" {word}", QUIET)
        if line.plain and cell_len(line.plain) + 3 + cell_len(each.plain) > width:
            lines.append(line)
            line = Text()
        if line.plain:
            line.append("   ")
        line.append_text(each)
    return [*lines, line] if line.plain else lines


def pairs(rows: Iterable[tuple[str, Text | str]], name: int = 14) -> list[Text]:
    """Names and values, the values below each other."""
    return [
        marked(f"{label:<{name}}", QUIET).append_text(
            value if isinstance(value, Text) else Text(value, TEXT)
        )
        for label, value in rows
    ]


def beside(left: Sequence[Text], right: Sequence[Text], width: int) -> list[Text]:
    """Two columns, the right one from `width` on."""
    lines = []
    for index in range(max(len(left), len(right))):
        line = left[index].copy() if index < len(left) else Text()
        line.truncate(width - 1, overflow="ellipsis")
        line.append(" " * max(1, width - cell_len(line.plain)))
        lines.append(line.append_text(right[index]) if index < len(right) else line)
    return lines


def flowing(sign: str, text: str, width: int, colour: str = TEXT, of_sign: str = "") -> Text:
    """A paragraph behind a sign, its lines below each other."""
    indent = cell_len(sign) + 1
    first, *rest = wrap(text, width - indent) or [""]
    found = marked(f"{sign} ", f"bold {of_sign or colour}").append(first, colour)
    for line in rest:
        found.append("\n" + " " * indent + line, colour)
    return found


def rule(width: int, title: str = "") -> Text:
    """A quiet line, with a word at its beginning."""
    word = f" {title} " if title else ""
    return Text("─" * 2 + word + "─" * max(0, width - 2 - len(word)), QUIET)
