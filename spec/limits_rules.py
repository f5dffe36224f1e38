"""What limits in kernel units must satisfy, each rule in words: the kernel's guards, explained.

`problems` names every rule that does not hold, so that a file is mended in one go. The kernel's
own `limits_valid` has the last word (`spec/limits.py`).
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

from dosekernel.kernel.records import DAY_SLOT, HOUR, SLOTS, SPANS

from .action import table_problem
from .limits_table import BY_NAME, LIMITS, Limit
from .quantity import MICRO, RATE, SPEED, VOLUME, decimal_text, time_text, to_text

Value = int | tuple[int, ...]
Values = Mapping[str, Value]


def problems(values: Values, unit: str) -> list[str]:
    """Every rule that the values break; a rule that needs a missing value is left out."""
    found = [*_range_problems(values, unit)]
    if not found:
        numbers = {name: value for name, value in values.items() if isinstance(value, int)}
        found = [text for rule in RULES for text in _applied(rule, numbers, unit)]
    return found


def _range_problems(values: Values, unit: str) -> list[str]:
    """Every value that is outside its range, in the order of the table.

    A value that is out of range itself bounds nothing, so one mistake is told once.
    """
    found = []
    sound: dict[str, Value] = {}
    for limit in LIMITS:
        value = values.get(limit.name)
        if isinstance(value, tuple):
            trouble = table_problem(value)
            if trouble:
                found.append(f"{limit.name}: {trouble}")
        elif value is not None and not _in_range(limit, value, sound):
            shown = to_text(value, limit.quantity, unit)
            found.append(f"{limit.name}: value {shown}: allowed {allowed(limit, sound, unit)}")
        elif value is not None:
            sound[limit.name] = value
    return found


def _bound(bound: int | str, values: Values, otherwise: int) -> int:
    """A bound as a number; a bound that is missing itself bounds nothing."""
    if isinstance(bound, int):
        return bound
    value = values.get(bound)
    return value if isinstance(value, int) else otherwise


def _in_range(limit: Limit, value: int, values: Values) -> bool:
    if limit.choices:
        return value in limit.choices
    if limit.off_below and value == 0:
        return True
    return _bound(limit.low, values, value) <= value <= _bound(limit.high, values, value)


def allowed(limit: Limit, values: Values, unit: str) -> str:
    """The range of a limit in words; a bound that is another limit is named with its value."""
    if limit.choices:
        return " or ".join(to_text(choice, limit.quantity, unit) for choice in limit.choices)
    low, high = (_bound_text(limit, bound, values, unit) for bound in (limit.low, limit.high))
    zero = "0 or " if limit.off_below else ""
    return f"{zero}{low} .. {high}"


def _bound_text(limit: Limit, bound: int | str, values: Values, unit: str) -> str:
    if isinstance(bound, int):
        return to_text(bound, limit.quantity, unit)
    value = values.get(bound)
    if not isinstance(value, int):
        return bound
    return f"{to_text(value, BY_NAME[bound].quantity, unit)} ({bound})"


# ---- rules between limits ---------------------------------------------------------------------

Numbers = Mapping[str, int]
Rule = tuple[tuple[str, ...], Callable[[Numbers, str], str]]


def _applied(rule: Rule, numbers: Numbers, unit: str) -> list[str]:
    """The text of a rule that is broken; nothing if it holds, or if a value it needs is missing."""
    needs, check = rule
    if any(name not in numbers for name in needs):
        return []
    text = check(numbers, unit)
    return [text] if text else []


def _recovery(numbers: Numbers, unit: str) -> str:
    low, resume = numbers["glucose_low"], numbers["glucose_resume"]
    if low == 0 or resume > low:
        return ""
    return (
        f"glucose_resume: value {resume} mg/dL: allowed above glucose_low ({low} mg/dL), "
        "or a low suspension would end while glucose is low"
    )


def _one_pulse(numbers: Numbers, unit: str) -> str:
    speed, longest, pulse = (numbers[k] for k in ("delivery_speed", "confirm_max", "pulse"))
    if speed * longest >= pulse * HOUR:
        return ""
    moved = decimal_text(Fraction(speed * longest, HOUR * MICRO))
    return (
        f"confirm_max: value {time_text(longest)}: at delivery_speed "
        f"{to_text(speed, SPEED, unit)} a release moves {moved} {unit} in it, "
        f"allowed at least one pulse ({to_text(pulse, VOLUME, unit)})"
    )


def _room(cap: str, slot: Callable[[Numbers], int], window: str) -> Rule:
    """The rule that a window has room for the reserved basal and what may pile up behind it."""

    def check(numbers: Numbers, unit: str) -> str:
        covered = SLOTS * slot(numbers)
        basal = numbers["basal_reserve"] * covered
        backlog = numbers["pulse"] * HOUR + numbers["basal_max"] * numbers["gap_max"]
        if basal + backlog <= numbers[cap] * HOUR:
            return ""
        reserve, pile, least = (
            decimal_text(Fraction(part, HOUR * MICRO)) for part in (basal, backlog, basal + backlog)
        )
        return (
            f"{cap}: value {to_text(numbers[cap], VOLUME, unit)}: {window} must have room for "
            f"basal_reserve {to_text(numbers['basal_reserve'], RATE, unit)} over "
            f"{time_text(covered)} ({reserve} {unit}) and for a pulse + basal_max x gap_max that "
            f"may pile up ({pile} {unit}): allowed at least {least} {unit}"
        )

    needs = (cap, "basal_reserve", "pulse", "basal_max", "gap_max", "window_length")
    return needs, check


def _short_slot(numbers: Numbers) -> int:
    return numbers["window_length"] // SPANS


def _day_slot(numbers: Numbers) -> int:
    return DAY_SLOT


RULES: tuple[Rule, ...] = (
    (("glucose_low", "glucose_resume"), _recovery),
    (("delivery_speed", "confirm_max", "pulse"), _one_pulse),
    _room("window_max", _short_slot, "the short window"),
    _room("day_max", _day_slot, "the 24-hour window"),
)
