"""What one step does to the ledgers: windows, carry, and all that is owed, to the micro-unit.

These are the facts that the theorems about whole histories rest on (`histories`).
"""

from dosekernel.kernel.arithmetic import flow, smaller
from dosekernel.kernel.basal import committed_rate, metered
from dosekernel.kernel.infusion_set import body_mode, mode
from dosekernel.kernel.limits import slot_length
from dosekernel.kernel.on_board import on_board
from dosekernel.kernel.records import (
    ACCEPTED,
    ACTION_SLOT,
    CONFIRM,
    DAY_SLOT,
    FAULT,
    FILL_CANNULA,
    HOUR,
    MODE_DELIVERING,
    PATH_PATIENT,
    PRIME,
    SPANS,
    TICK,
    TOTAL_MAX,
    Event,
    Outcome,
    State,
    Window,
)
from dosekernel.kernel.requests import is_bolus
from dosekernel.kernel.state import body_owed
from dosekernel.kernel.window import older, slots_passed, total

from .words import owed


def to_patient(outcome: Outcome) -> int:
    """What a step released to the patient."""
    if outcome.path == PATH_PATIENT:
        return outcome.amount
    return 0


def asked(event: Event) -> int:
    """What an event adds to what is owed if it is accepted."""
    if is_bolus(event.kind) or event.kind == FILL_CANNULA or event.kind == PRIME:
        return event.amount
    return 0


# ---- windows


def ledger(before: Window, after: Window, passed: int, amount: int, exact: bool) -> bool:
    """Each slot is the one that stood `passed` slots before it; the slot of now holds more.

    It holds `amount` more, or at least that much where more than what was released is booked.
    """
    for i in range(SPANS):
        if after.slots[i + 1] != older(before, i + 1, passed):
            return False
    expected = older(before, 0, passed) + amount
    if exact:
        return after.slots[0] == expected
    return after.slots[0] >= expected


def books_excess(event: Event) -> bool:
    """The two reports that can bring volume beyond what was released."""
    return event.kind == FAULT or event.kind == CONFIRM


def window_ledger(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """The short window moves with the time, and what is released is booked in it."""
    if outcome.status != ACCEPTED:
        return True
    passed = slots_passed(slot_length(before.limits), before.now, after.now)
    amount = to_patient(outcome)
    return ledger(before.window, after.window, passed, amount, not books_excess(event))


def day_ledger(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """The day's window moves with the time, and what is released is booked in it."""
    if outcome.status != ACCEPTED:
        return True
    passed = slots_passed(DAY_SLOT, before.now, after.now)
    return ledger(before.day, after.day, passed, to_patient(outcome), not books_excess(event))


def action_ledger(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """The window of the drug that still acts moves with the time, and what is released is in it."""
    if outcome.status != ACCEPTED:
        return True
    if total(after.action) == TOTAL_MAX:
        return True  # full: far more than any pump holds
    passed = slots_passed(ACTION_SLOT, before.now, after.now)
    return ledger(before.action, after.action, passed, to_patient(outcome), not books_excess(event))


# ---- what is owed and what is metered


def shortfall(before: State, event: Event) -> int:
    """What a confirmation says was released and not delivered: reported as not given as well."""
    if event.kind == CONFIRM and event.amount < before.outstanding:
        return before.outstanding - event.amount
    return 0


def given_of_owed(before: State, event: Event, after: State, outcome: Outcome) -> int:
    """What of a release was owed: all that went from it and was not reported as not given."""
    gone = owed(before) + asked(event) + shortfall(before, event)
    return gone - owed(after) - outcome.not_given


def given_of_basal(before: State, event: Event, after: State, outcome: Outcome) -> int:
    """The rest of a release: basal."""
    return outcome.amount - given_of_owed(before, event, after, outcome)


def owed_conserved(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """Released, still owed and reported as not given make up what was accepted, exactly."""
    if outcome.status != ACCEPTED:
        return owed(after) == owed(before) and outcome.amount == 0
    given = given_of_owed(before, event, after, outcome)
    if event.kind != TICK:
        return given == 0 and outcome.amount == 0
    if outcome.path != PATH_PATIENT:
        return given == outcome.amount
    return 0 <= given <= outcome.amount


def body_asked(event: Event) -> int:
    """What an event adds to what is owed to the patient if it is accepted."""
    if is_bolus(event.kind) or event.kind == FILL_CANNULA:
        return event.amount
    return 0


def body_ledger(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """What goes to the patient comes out of the basal that is metered and of what is owed."""
    if outcome.status != ACCEPTED:
        return True
    if body_owed(after) > body_owed(before) + body_asked(event):
        return False
    sources = metered(before, after.now) + (body_owed(before) + body_asked(event)) * HOUR
    return to_patient(outcome) * HOUR + after.carry + body_owed(after) * HOUR <= sources


def basal_conserved(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """Metered basal is released or carried on; it is dropped only where nothing is delivered."""
    if outcome.status != ACCEPTED:
        return after.carry == before.carry
    left = metered(before, after.now) - given_of_basal(before, event, after, outcome) * HOUR
    if body_mode(before) == MODE_DELIVERING and body_mode(after) == MODE_DELIVERING:
        return after.carry == left
    return left >= 0 and (after.carry == left or after.carry == 0)


def basal_prompt(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """After a tick less than a pulse of basal is left, where reservoir and windows have room."""
    if outcome.status != ACCEPTED or event.kind != TICK or before.outstanding > 0:
        return True
    if mode(after) != MODE_DELIVERING or after.prime_owed > 0:
        return True
    metered_now = metered(before, after.now)
    if metered_now >= before.reservoir * HOUR + HOUR:
        return True
    in_window = total(after.window) - outcome.amount
    in_day = total(after.day) - outcome.amount
    if metered_now >= (after.limits.window_max - in_window) * HOUR + HOUR:
        return True
    if metered_now >= (after.limits.day_max - in_day) * HOUR + HOUR:
        return True
    return after.carry < after.limits.pulse * HOUR


def ticks_commit_no_more(before: State, event: Event, after: State) -> bool:
    """A tick never raises the rate that room is kept for."""
    return event.kind != TICK or committed_rate(after) <= committed_rate(before)


# ---- what an acceptance looks at


def on_board_checked(event: Event, after: State, outcome: Outcome) -> bool:
    """No accepted bolus takes what acts and what is owed over the largest amount on board."""
    if outcome.status != ACCEPTED or not is_bolus(event.kind):
        return True
    return on_board(after) + body_owed(after) <= after.limits.on_board_max


def on_board_shown(after: State, outcome: Outcome) -> bool:
    """What an accepted event shows as on board is what dosing itself counts."""
    return outcome.status != ACCEPTED or outcome.on_board == on_board(after)


def at_speed(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """What is released beyond basal is what the motor delivers since the last release."""
    if outcome.status != ACCEPTED or event.kind != TICK:
        return True
    passed = smaller(after.now - before.released_at, before.limits.confirm_max)
    given = given_of_owed(before, event, after, outcome)
    return given == 0 or given * HOUR <= flow(before.limits.delivery_speed, passed)


def releases_timed(before: State, after: State, outcome: Outcome) -> bool:
    """The time of the last release moves with a release, and only then."""
    if outcome.status == ACCEPTED and outcome.amount > 0:
        return after.released_at == after.now
    return after.released_at == before.released_at
