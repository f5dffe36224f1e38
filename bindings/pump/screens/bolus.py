"""A bolus: by its amount, or by what is eaten; the calculator only fills in the amount."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from rich.text import Text
from textual.widgets import Input

from dosekernel.spec.quantity import VOLUME

from ...errors import InputError
from ...quantities import in_units
from ..therapy import glucose
from ..therapy.calculator import Advice, calculate
from .dose import DoseScreen, show_proposal
from .entry import Field, number
from .frame import rule
from .palette import QUIET, TEXT


class BolusScreen(DoseScreen):
    """An amount; or carbohydrate and glucose, from which an amount is worked out."""

    heading = "Bolus"

    def __init__(self) -> None:
        super().__init__()
        self._advice: Advice | None = None

    def fields(self) -> Sequence[Field]:
        """The amount first: whoever knows it types it and is done."""
        measured = glucose.unit_of(self.pump_app.pump)
        return (
            Field("amount", "Amount", f"{self.unit}; or leave it empty and go on", "", True),
            Field("carbohydrate", "Carbohydrate", "g, for the calculator", "", True),
            Field("glucose", "Glucose", f"{measured}; empty: the sensor's", "", True),
        )

    def draw(self) -> None:
        """What is on board; below it how the calculator came to its proposal."""
        super().draw()
        if self._advice is None:
            return
        lines = [rule(self.size.width - 2, "the calculator")]
        lines += [Text(line, QUIET) for line in self._advice.lines[:-1]]
        lines.append(Text(self._advice.lines[-1], f"bold {TEXT}"))
        self.put("main", Text(""), *lines)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """An amount is enough."""
        if event.input.id == "entry-amount" and event.value.strip():
            # Otherwise the entry's own answer, to go on to the next one, follows.
            event.prevent_default()
            event.stop()
            self.pump_app.hush()
            self.pump_app.safely(lambda: self._propose(self.typed("amount")))

    def submit(self, values: Mapping[str, str]) -> None:
        """After the last entry: work out an amount, which is then looked at like any other."""
        if not values["carbohydrate"] and not values["glucose"]:
            if not values["amount"]:
                raise InputError("Bolus: nothing was entered; allowed: an amount or carbohydrate")
            self._propose(values["amount"])
            return
        carbohydrate = grams(values["carbohydrate"] or "0")
        pump = self.pump_app.pump
        measured = values["glucose"]
        reading = glucose.read(measured, glucose.unit_of(pump)) if measured else None
        self._advice = calculate(pump, carbohydrate, glucose=reading)
        entry = self.query_one("#entry-amount", Input)
        entry.value = in_units(self._advice.amount)
        entry.focus()
        self.show()

    def _propose(self, typed: str) -> None:
        amount = number({"amount": typed}, "amount", VOLUME, self.unit, "Amount")
        show_proposal(self, self.pump_app.actions.bolus(amount))


def grams(text: str) -> Decimal:
    """Carbohydrate as typed; raises `InputError`."""
    try:
        return Decimal(text.removesuffix("g").strip())
    except InvalidOperation:
        raise InputError(f"Carbohydrate: {text!r}; allowed: grams, such as 45") from None
