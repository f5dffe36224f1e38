"""How much of a dose still acts at an age: the table of 25 fractions that the kernel multiplies by.

Entry k is for the age k x 20 minutes, in 65536ths, rounded up: drug on board is never understated.
The model is the exponential one of Loop (`LoopKit/LoopAlgorithm`, `ExponentialInsulinModel`) and
oref0 (`lib/iob/calculate.js`): a peak, a duration, and a delay before the drug begins to act.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction

from dosekernel.kernel.records import ACTION_SLOT, EXTENDED_LONGEST, SLOTS, SPANS, WHOLE

PRECISION = 60  # decimal digits; far more than the 5 that a table entry keeps
MARGIN = Decimal("1e-40")  # above every error of the computation, below every step of the table


def remaining(age: int, peak: int, duration: int, delay: int) -> Decimal:
    """The fraction of a dose that still acts at an age; all times in milliseconds.

    Check value: 0.5110494 at 108 minutes for peak 75, duration 360, delay 0.
    """
    if age <= delay:
        return Decimal(1)
    if age >= delay + duration:
        return Decimal(0)
    with localcontext() as context:
        context.prec = PRECISION
        t, tp, td = Decimal(age - delay), Decimal(peak), Decimal(duration)
        tau = tp * (1 - tp / td) / (1 - 2 * tp / td)
        a = 2 * tau / td
        s = 1 / (1 - a + (1 + a) * (-td / tau).exp())
        inner = (t * t / (tau * td * (1 - a)) - t / tau - 1) * (-t / tau).exp() + 1
        return 1 - s * (1 - a) * inner


def model_problem(peak: int, duration: int, delay: int) -> str:
    """Why there is no such model; empty if there is one."""
    if duration <= 0:
        return "duration: allowed a time above 0"
    if delay + duration > EXTENDED_LONGEST:
        return "delay + duration: allowed at most 8h, the longest that the kernel keeps"
    if not 0 < 2 * peak < duration:
        return "peak: allowed above 0 and less than half of duration"
    return ""


def model_table(peak: int, duration: int, delay: int) -> tuple[int, ...]:
    """The table of a model that has no `model_problem`."""
    return tuple(
        _rounded_up(remaining(slot * ACTION_SLOT, peak, duration, delay)) for slot in range(SLOTS)
    )


def fractions_table(fractions: Sequence[Fraction]) -> tuple[int, ...]:
    """The table of 25 fractions that are written out: each rounded up to 65536ths."""
    return tuple(-(-fraction.numerator * WHOLE // fraction.denominator) for fraction in fractions)


def table_problem(table: Sequence[int]) -> str:
    """Why the kernel would refuse a table; empty if it would not."""
    if len(table) != SLOTS:
        return f"allowed exactly {SLOTS} numbers, one for each 20 minutes from 0 to 8h"
    if table[0] != WHOLE:
        return "the first entry: allowed 1, all of the drug acts at first"
    for slot in range(SPANS):
        if table[slot + 1] > table[slot]:
            return f"entry {slot + 1}: allowed at most entry {slot}, the action only falls"
    if table[SPANS] != 0:
        return "the last entry: allowed 0, the action is over at 8h"
    return ""


def _rounded_up(fraction: Decimal) -> int:
    """A fraction in 65536ths, never below its true value."""
    if fraction in (0, 1):
        return int(fraction) * WHOLE
    with localcontext() as context:
        context.prec = PRECISION
        above = (fraction + MARGIN) * WHOLE
        return min(WHOLE, int(above.to_integral_value(rounding=ROUND_CEILING)))
