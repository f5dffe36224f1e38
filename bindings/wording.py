"""An outcome as a person reads it."""

from typing import TYPE_CHECKING

from dosekernel.spec.reasons import Path, Reason, Status

from .quantities import in_units

if TYPE_CHECKING:
    from ._native import Outcome


def outcome_in_words(outcome: "Outcome") -> str:
    """One line: what was decided and why, what leaves, what was not given, which alarms."""
    parts = [_decision(outcome)]
    if outcome.pulses:
        where = "into the air" if outcome.path == Path.AIR else "to the patient"
        parts.append(f"release {outcome.sequence}: {in_units(outcome.amount)} {where}")
    if outcome.not_given:
        parts.append(f"not given: {in_units(outcome.not_given)}")
    if outcome.alarms:
        parts.append("alarms: " + ", ".join(alarm.name or "" for alarm in outcome.alarms))
    return "; ".join(parts)


def _decision(outcome: "Outcome") -> str:
    word = outcome.status.name.lower()
    if outcome.reason == Reason.NONE:
        return word
    told = f"{word} ({outcome.reason.name}): {outcome.reason.sentence.rstrip('.')}"
    if outcome.status == Status.REFUSED and outcome.allowable:
        told += f"; at most {in_units(outcome.allowable)} would be accepted now"
    return told
