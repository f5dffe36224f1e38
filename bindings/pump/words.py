"""A pump's quantities as a person reads them on a screen: amounts, rates, times, decisions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dosekernel.kernel.records import DAY, HOUR, MINUTE
from dosekernel.spec.reasons import Kind, Reason, Status

from ..quantities import in_units
from ..wording import outcome_in_words

if TYPE_CHECKING:
    from .. import Outcome
    from .shell import Pump

SECOND = 1000
HUNDREDTH = 10_000  # of a unit


def amount(pump: "Pump", micro_units: int) -> str:
    """A volume with the drug's unit: `2.5 U`."""
    return f"{in_units(micro_units)} {pump.limits.unit}"


def bound(pump: "Pump", micro_units: int) -> str:
    """A volume that is never understated: up to the next hundredth."""
    return amount(pump, -(-micro_units // HUNDREDTH) * HUNDREDTH)


def rate(pump: "Pump", micro_units: int) -> str:
    """A rate with its unit: `0.85 U/h`."""
    return f"{in_units(micro_units)} {pump.limits.unit}/h"


def span(duration: int) -> str:
    """A duration in the two largest units that it needs: `2 d 3 h`, `1 h 20 min`, `45 s`."""
    if duration < MINUTE:
        return f"{duration // SECOND} s"
    if duration < HOUR:
        return f"{duration // MINUTE} min"
    if duration < DAY:
        whole, rest = divmod(duration // MINUTE, HOUR // MINUTE)
        return f"{whole} h {rest} min" if rest else f"{whole} h"
    days, hours = divmod(duration // HOUR, DAY // HOUR)
    return f"{days} d {hours} h" if hours else f"{days} d"


def asked_for(pump: "Pump", kind: Kind, fields: Mapping[str, int]) -> str:
    """What a request asks for, as a sentence."""
    state = pump.state
    volume = amount(pump, fields.get("amount", 0))
    over = span(fields.get("duration", 0))
    rate_then = rate(pump, fields.get("rate", 0))
    programmed = rate(pump, state.basal_rate)
    told = {
        Kind.BOLUS: f"Bolus {volume}.",
        Kind.EXTENDED_BOLUS: f"Extended bolus {volume} over {over}.",
        Kind.TEMP_BASAL: f"Temporary rate {rate_then} for {over} (programmed: {programmed}).",
        Kind.SET_BASAL: f"Basal rate {rate_then} (now: {programmed}).",
        Kind.LOAD_RESERVOIR: f"A reservoir that holds {volume} is put in.",
        Kind.PRIME: f"Prime {volume} into the air; the tubing must be off the body.",
        Kind.FILL_CANNULA: f"Fill the cannula with {volume}, in the body.",
        Kind.INSERT_SET: f"A new infusion set is inserted at site {fields.get('code', 0)}.",
    }
    return told.get(kind, kind.sentence)


def room_after(pump: "Pump", outcome: "Outcome") -> str:
    """What all windows will hold once everything that is owed has been given, against the caps."""
    owed, limits = outcome.owed, pump.limits
    hours = span(limits.window_length)
    return (
        f"With all that is owed ({amount(pump, owed)}): "
        f"on board at most {bound(pump, outcome.on_board + owed)} "
        f"of {amount(pump, limits.on_board_max)}, "
        f"last {hours} {amount(pump, outcome.window_total + owed)} "
        f"of {amount(pump, limits.window_max)}, "
        f"last 24 h {amount(pump, outcome.day_total + owed)} of {amount(pump, limits.day_max)}, "
        f"left in the reservoir {amount(pump, outcome.reservoir - owed)}."
    )


def refusal(pump: "Pump", kind: Kind, outcome: "Outcome") -> str:
    """Why a request is refused, and what would be allowed."""
    told = [f"Refused: {outcome.reason.sentence}"]
    if outcome.allowable:
        step = ""
        if outcome.reason is Reason.AMOUNT:
            step = f", in whole multiples of {amount(pump, pump.limits.pulse)}"
        told.append(f"At most {amount(pump, outcome.allowable)} would be accepted now{step}.")
    elif allowed := allowed_instead(pump, kind, outcome.reason):
        told.append(f"Allowed: {allowed}.")
    return " ".join(told)


def allowed_instead(pump: "Pump", kind: Kind, reason: Reason) -> str:
    """The bound that a refusal is about, where it is one number; else nothing."""
    limits, state = pump.limits, pump.state
    if reason is Reason.DURATION:
        extended = kind is Kind.EXTENDED_BOLUS
        longest = limits.extended_duration_max if extended else limits.temp_duration_max
        return f"above 0, at most {span(longest)}"
    if reason is Reason.LOCKOUT:
        left = state.bolus_ended + limits.bolus_lockout - pump.now()
        return f"in {span(left)}"
    told = {
        Reason.AMOUNT: f"whole multiples of {amount(pump, limits.pulse)}",
        Reason.RATE_CAP: f"at most {rate(pump, limits.basal_max)}",
        Reason.CAPACITY: f"above 0, at most {amount(pump, limits.reservoir_capacity)}",
        Reason.PRIME_CAP: f"{amount(pump, limits.prime_max - state.prime_used)} more",
        Reason.FILL_CAP: f"{amount(pump, limits.cannula_fill - state.fill_used)} more",
        Reason.RESERVOIR: f"at most {amount(pump, state.reservoir)} in all",
    }
    return told.get(reason, "")


def decision(pump: "Pump", kind: Kind, outcome: "Outcome") -> str:
    """What became of a request, in a sentence."""
    if outcome.status is Status.REFUSED:
        return refusal(pump, kind, outcome)
    if outcome.status is not Status.ACCEPTED:
        return outcome_in_words(outcome)
    told = f"Accepted: {kind.label}."
    if outcome.not_given:
        told += f" Not given: {amount(pump, outcome.not_given)}."
    return told
