"""Words that the theorems share."""

from dosekernel.kernel.records import (
    PATH_NONE,
    Outcome,
    State,
)
from dosekernel.kernel.requests import (
    is_report,
    is_stop,
)
from dosekernel.kernel.state import body_owed


def owed(state: State) -> int:
    """All that is owed, to the patient and to the air."""
    return body_owed(state) + state.prime_owed


def delivers_nothing(outcome: Outcome) -> bool:
    """No volume leaves."""
    return outcome.amount == 0 and outcome.pulses == 0 and outcome.path == PATH_NONE


def is_request(kind: int) -> bool:
    """Neither a report nor a stop: what carries an id of its own."""
    return not is_report(kind) and not is_stop(kind)
