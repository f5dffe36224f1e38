"""The few sums that every room needs, each with the bound that the proof uses."""

from .contract import ensure, require
from .records import HOUR, PULSE_MAX, RATE_MAX, TOTAL_MAX, VOLUME_MAX, WHOLE


def smaller(a: int, b: int) -> int:
    """The lesser of the two."""
    if a < b:
        return a
    return b


def larger(a: int, b: int) -> int:
    """The greater of the two."""
    if a > b:
        return a
    return b


def flag(word: int) -> bool:
    """A word that is 0 or 1."""
    return word == 0 or word == 1


def within(word: int, low: int, high: int) -> bool:
    """A word in its range, both ends included."""
    return low <= word <= high


# The longest duration that a rate is ever multiplied by: all slots of a day's window.
FLOW_LONGEST = 25 * HOUR


@require(lambda rate: 0 <= rate <= RATE_MAX)
@require(lambda duration: 0 <= duration <= FLOW_LONGEST)
@ensure(lambda rate, duration, result: result == rate * duration)
@ensure(lambda duration, result: 0 <= result <= RATE_MAX * duration)
def flow(rate: int, duration: int) -> int:
    """What a rate delivers in a duration: micro-units x milliseconds per hour."""
    return rate * duration


@require(lambda amount: 0 <= amount <= TOTAL_MAX)
@require(lambda fraction: 0 <= fraction <= WHOLE)
@ensure(lambda amount, fraction, result: result == amount * fraction)
@ensure(lambda amount, result: 0 <= result <= WHOLE * amount)
def share(amount: int, fraction: int) -> int:
    """A fraction of an amount, in 65536ths of a micro-unit."""
    return amount * fraction


@require(lambda amount: 0 <= amount <= VOLUME_MAX)
@require(lambda pulse: 1 <= pulse <= PULSE_MAX)
@ensure(lambda amount, result: 0 <= result <= amount)
@ensure(lambda amount, pulse, result: amount - result < pulse)
@ensure(lambda pulse, result: result % pulse == 0)
def whole_pulses(amount: int, pulse: int) -> int:
    """The amount rounded down to whole pulses: never up, whatever cap came before."""
    return amount - amount % pulse


@require(lambda volume: volume >= 0)
@require(lambda pulse: 1 <= pulse <= PULSE_MAX)
@ensure(lambda volume, result: 0 <= result <= volume)
@ensure(lambda volume, pulse, result: result * pulse <= volume)
@ensure(lambda volume, pulse, result: volume < result * pulse + pulse)
def pulses_in(volume: int, pulse: int) -> int:
    """The whole pulses that a volume holds: rounded down, whatever cap came before."""
    return volume // pulse


@require(lambda pulses: pulses >= 0)
@require(lambda pulse: 1 <= pulse <= PULSE_MAX)
@require(lambda pulses, pulse: pulses * pulse <= 4 * VOLUME_MAX)
@ensure(lambda pulses, pulse, result: result == pulses * pulse)
@ensure(lambda result: 0 <= result <= 4 * VOLUME_MAX)
def dose(pulses: int, pulse: int) -> int:
    """The volume of so many pulses."""
    return pulses * pulse
