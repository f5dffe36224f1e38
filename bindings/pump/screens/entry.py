"""Screens on which something is asked for: entries below each other, then what would happen.

Enter goes to the next entry; after the last one the request is proposed. What the kernel would
refuse is said at once, with what it would accept; what it would accept is shown in full and
confirmed by another key on a screen of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from dosekernel.spec.quantity import Quantity, to_kernel

from ...errors import InputError
from .frame import PumpScreen, letter


@dataclass(frozen=True)
class Field:
    """One entry: its name in the code, its label and unit on the screen, what it begins with."""

    name: str
    label: str
    unit: str
    value: str = ""
    optional: bool = False


class EntryLine(Horizontal):
    """A label, what is typed, its unit."""

    def __init__(self, field: Field) -> None:
        super().__init__(classes="line")
        self.field = field

    def compose(self) -> ComposeResult:
        """The three in a row."""
        yield Static(self.field.label, classes="name")
        yield Input(self.field.value, id=f"entry-{self.field.name}", max_length=60)
        yield Static(self.field.unit, classes="unit")


class EntryScreen(PumpScreen):
    """Entries, and below them what helps to fill them in."""

    ENTRY = True
    own_keys: Sequence[tuple[str, str]] = (
        ("Enter", "next, then show what would happen"),
        ("Tab ↑ ↓", "between entries"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def fields(self) -> Sequence[Field]:
        """The entries of this screen."""
        raise TypeError(f"{type(self).__name__} has no entries")

    def body(self) -> Iterable[Widget]:
        """What it is about, the entries, what helps."""
        yield Static(id="above")
        for field in self.fields():
            yield EntryLine(field)
        yield Static(id="main")

    def on_mount(self) -> None:
        """Begin at the first entry."""
        self.query(Input).first().focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next entry, or propose."""
        event.stop()
        inputs = list(self.query(Input))
        place = inputs.index(event.input)
        if place + 1 < len(inputs):
            inputs[place + 1].focus()
            return
        self.pump_app.hush()
        self.pump_app.safely(lambda: self.submit(self.values()))

    def values(self) -> dict[str, str]:
        """What was typed; raises `InputError` for an entry that is empty and may not be."""
        found = {}
        for field in self.fields():
            typed = self.typed(field.name)
            if not typed and not field.optional:
                self.query_one(f"#entry-{field.name}", Input).focus()
                raise InputError(f"{field.label}: nothing was entered; allowed: {field.unit}")
            found[field.name] = typed
        return found

    def typed(self, name: str) -> str:
        """What stands in an entry now."""
        return self.query_one(f"#entry-{name}", Input).value.strip()

    def submit(self, values: Mapping[str, str]) -> None:
        """All entries are filled in."""


def number(values: Mapping[str, str], field: str, quantity: Quantity, unit: str, label: str) -> int:
    """An entry in kernel units, exactly; raises `InputError` that names the entry."""
    try:
        found = to_kernel(values[field].removeprefix("+"), quantity, unit)
    except ValueError as error:
        raise InputError(f"{label}: {error}") from error
    if found < 0:
        raise InputError(f"{label}: {values[field]}; allowed: 0 or more")
    return found


@dataclass(frozen=True)
class Question:
    """What is to be confirmed, and what is done then; with a `word`, by typing that word."""

    title: str
    lines: Sequence[Text]
    carry_out: Callable[[], None]
    word: str = ""
    home: bool = True  # whether that ends what it belongs to


class ConfirmScreen(PumpScreen):
    """The last look: everything that would happen, and one key or word that makes it happen."""

    ENTRY = True
    BINDINGS: ClassVar[list[BindingType]] = [
        letter("y", "confirm"),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self.heading = question.title
        self.own_keys = (
            (("Enter", f"after typing {question.word}: confirm"),)
            if question.word
            else (("Y", "YES, do this"),)
        )

    def body(self) -> Iterable[Widget]:
        """What would happen, and where a word is asked for, an entry for it."""
        with VerticalScroll(id="scroll", can_focus=False):
            yield Static(id="main")
        if self.question.word:
            label = f'Type "{self.question.word}"'
            yield EntryLine(Field("word", label, "and Enter"))

    def on_mount(self) -> None:
        """The word can be typed at once."""
        for entry in self.query(Input):
            entry.focus()

    def draw(self) -> None:
        """The lines of the question."""
        self.put("main", Text(""), *self.question.lines, Text(""))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Only the word itself confirms."""
        event.stop()
        if event.value.strip() == self.question.word:
            self._carry_out()
        else:
            self.pump_app.say_bad(
                f'"{event.value.strip()}" is not "{self.question.word}": nothing was changed.'
            )

    def action_page(self, direction: int) -> None:
        """Read on, or back."""
        scroll = self.query_one("#scroll")
        if direction > 0:
            scroll.scroll_page_down(animate=False)
        else:
            scroll.scroll_page_up(animate=False)

    def action_confirm(self) -> None:
        """The key that confirms, where no word is asked for."""
        if not self.question.word:
            self._carry_out()

    def _carry_out(self) -> None:
        """Leave first: whatever happens is said below, and nothing can be confirmed twice."""
        app = self.pump_app
        if self.question.home:
            app.go_home()
        else:
            app.pop_screen()
        app.hush()
        app.safely(self.question.carry_out)
