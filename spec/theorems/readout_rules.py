"""The theorems about alarms and read-outs."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "alarms/level",
        "An alarm is its level while its cause holds",
        "alarm",
        "alarm_meaning",
        "is_positive",
    ),
    rule(
        "alarms/outlasts",
        "Longer than its life, if it has one",
        "outlasts",
        "outlasts_meaning",
        "is_true",
    ),
    rule(
        "alarms/sum",
        "Each alarm is raised exactly while its cause holds",
        "alarms",
        "every_alarm",
        "is_positive",
    ),
    rule(
        "readout/figures",
        "Every figure of an outcome is the state's",
        "read_out",
        "read_out_exactly",
        "fills_in",
    ),
    rule(
        "readout/silence",
        "An outcome is unsaid exactly if nothing was decided",
        "unsaid",
        "silence",
        "is_true",
    ),
)
