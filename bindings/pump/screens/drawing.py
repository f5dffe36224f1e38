"""A day in text: glucose as dots, boluses as marks, the basal rate as bars, the hours below.

Everything here is a pure function of numbers, so that a picture can be held to the letter.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.text import Text

from dosekernel.kernel.records import DAY

from ...quantities import in_units
from .palette import BLUE, GREEN, ORANGE, QUIET, RULE, VERMILION, marked

# A braille character is two dots wide and four high; the bit of each dot, column by column.
BRAILLE = 0x2800
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
DOTS_WIDE, DOTS_HIGH = 2, 4
# What a glucose graph spans, in mg/dL; a reading beyond is drawn at the edge.
GLUCOSE_BOTTOM, GLUCOSE_TOP = 40, 300
HIGH = 180  # the upper end of the usual target range
MARGIN = 6  # columns for the numbers on the left
HOURS = 24
BARS = " ▁▂▃▄▅▆▇█"
BOLUS_SIGN = "▾"
EVERY = 3  # hours between the labels of the axis

Point = tuple[int, int]  # a time and a value


@dataclass(frozen=True)
class Day:
    """Twenty-four hours up to `now`: what was measured and what was given."""

    now: int
    glucose: Sequence[Point]  # mg/dL
    rates: Sequence[Point]  # micro-units/h, each from its time on
    boluses: Sequence[Point]  # micro-units
    low: int  # mg/dL; 0: no line


def columns(width: int) -> int:
    """How many columns a day takes: whole parts of an hour, as many as fit."""
    return max(1, (width - MARGIN) // HOURS) * HOURS


def day_graph(
    day: Day, width: int, height: int, hour_of: Callable[[int], int], label: Callable[[int], str]
) -> list[Text]:
    """The day in `height` lines; `hour_of`: a time's local hour, `label`: a glucose as written."""
    wide = columns(width)
    rows = max(2, height - 3)
    return [
        *glucose_rows(day, wide, rows, label),
        bolus_row(day, wide),
        basal_row(day, wide),
        axis_row(day.now, wide, hour_of),
    ]


def column_of(at: int, now: int, wide: int) -> int:
    """The column of a time; the last one ends now. May lie outside."""
    return (at - (now - DAY)) * wide // DAY


def level_of(value: int, dots: int) -> int:
    """How many dots from the bottom a glucose lies."""
    span = GLUCOSE_TOP - GLUCOSE_BOTTOM
    inside = min(max(value, GLUCOSE_BOTTOM), GLUCOSE_TOP - 1)
    return (inside - GLUCOSE_BOTTOM) * dots // span


def glucose_rows(day: Day, wide: int, rows: int, label: Callable[[int], str]) -> list[Text]:
    """The readings as dots, with lines at the ends of the target range."""
    cells = [[0] * wide for _ in range(rows)]
    values = [[0] * wide for _ in range(rows)]
    for at, value in day.glucose:
        across = column_of(at, day.now, wide * DOTS_WIDE)
        if 0 <= across <= wide * DOTS_WIDE:
            across = min(across, wide * DOTS_WIDE - 1)
            up = level_of(value, rows * DOTS_HIGH)
            row = rows - 1 - up // DOTS_HIGH
            dot = DOTS[across % DOTS_WIDE][DOTS_HIGH - 1 - up % DOTS_HIGH]
            cells[row][across // DOTS_WIDE] |= dot
            values[row][across // DOTS_WIDE] = value
    marks = {
        rows - 1 - level_of(value, rows * DOTS_HIGH) // DOTS_HIGH: value
        for value in (HIGH, day.low)
        if value
    }
    return [
        _glucose_row(cells[row], values[row], marks.get(row, 0), day.low, label)
        for row in range(rows)
    ]


def _glucose_row(
    cells: list[int], values: list[int], mark: int, low: int, label: Callable[[int], str]
) -> Text:
    text = marked(f"{label(mark) if mark else '':>{MARGIN - 2}} ", QUIET)
    text.append("┤" if mark else "│", RULE)
    signs = [chr(BRAILLE | cell) if cell else "┈" if mark else " " for cell in cells]
    colours = [
        glucose_colour(value, low) if cell else RULE
        for cell, value in zip(cells, values, strict=True)
    ]
    # Equal neighbours together: a picture of fewer pieces.
    for colour, run in groupby(range(len(cells)), lambda place: colours[place]):
        text.append("".join(signs[place] for place in run), colour)
    return text


def glucose_colour(value: int, low: int) -> str:
    """The colour that repeats what a reading's place says."""
    if value <= low:
        return VERMILION
    return ORANGE if value > HIGH else GREEN


def bolus_row(day: Day, wide: int) -> Text:
    """A mark for each bolus, with its amount where there is room."""
    signs = [" "] * wide
    for at, _ in day.boluses:
        column = column_of(at, day.now, wide)
        if 0 <= column <= wide:
            signs[min(column, wide - 1)] = BOLUS_SIGN
    for at, amount in day.boluses:
        column = column_of(at, day.now, wide)
        written = in_units(amount)
        room = signs[column + 1 : column + 2 + len(written)]
        if column >= 0 and len(room) == len(written) + 1 and set(room) == {" "}:
            signs[column + 1 : column + 1 + len(written)] = written
    return marked(f"{'bolus':>{MARGIN - 1}}", QUIET).append("│", RULE).append("".join(signs), BLUE)


def basal_row(day: Day, wide: int) -> Text:
    """The rate of each column as a bar; the highest of the day is a full one."""
    rates = [rate_at(day.rates, day.now - DAY + DAY * (i + 1) // wide) for i in range(wide)]
    highest = max([*rates, 1])
    full = len(BARS) - 1
    bars = "".join(BARS[-(-rate * full // highest)] for rate in rates)
    return marked(f"{'basal':>{MARGIN - 1}}", QUIET).append("│", RULE).append(bars, BLUE)


def rate_at(rates: Iterable[Point], at: int) -> int:
    """The rate in force at a time: that of the last change before it."""
    found = 0
    for since, rate in rates:
        if since > at:
            break
        found = rate
    return found


def axis_row(now: int, wide: int, hour_of: Callable[[int], int]) -> Text:
    """The local hours, each under its column."""
    signs = [" "] * wide
    each = DAY // wide
    for column in range(wide - 1):
        begins = now - DAY + column * each
        hour = hour_of(begins + each)
        if hour != hour_of(begins) and hour % EVERY == 0:
            signs[column : column + 2] = f"{hour:02}"
    return Text(" " * MARGIN + "".join(signs), QUIET)


def meter(part: int, whole: int, width: int, colour: str = BLUE) -> Text:
    """How much of a cap is used, as a bar of `width` columns."""
    eighths = 0 if whole <= 0 else min(width * 8, max(0, part) * width * 8 // whole)
    full, rest = divmod(eighths, 8)
    bar = "█" * full + ("", *"▏▎▍▌▋▊▉")[rest]
    return marked(bar, colour).append("░" * (width - len(bar)), RULE)
