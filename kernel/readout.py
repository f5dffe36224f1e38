"""What a display needs, in every outcome: alarms, mode, and the figures that dosing itself uses."""

from .basal import rate_in_force
from .contract import ensure, require
from .infusion_set import empty, mode, set_expired
from .on_board import on_board
from .records import (
    ALARM_EMPTY,
    ALARM_FAULT,
    ALARM_GAP,
    ALARM_LATCHED,
    ALARM_LOW_SUSPENDED,
    ALARM_RESERVOIR_AGE,
    ALARM_RESERVOIR_LOW,
    ALARM_SET_AGE,
    ALARM_SET_EXPIRED,
    ALARM_SUSPENDED,
    ALARM_UNCERTAIN,
    ALARM_UNCONFIRMED,
    MODE_DELIVERING,
    PATH_NONE,
    REASON_NONE,
    Outcome,
    State,
)
from .state import body_owed, state_valid
from .window import total


def alarm(cause: bool, level: int) -> int:
    """An alarm while its cause lasts."""
    if cause:
        return level
    return 0


def outlasts(start: int, now: int, life: int) -> bool:
    """Something has lasted longer than it should; a life of 0 is no limit."""
    return life > 0 and now - start > life


@require(lambda state: state_valid(state))
@ensure(lambda result: 0 <= result <= 8191)
def alarms(state: State) -> int:
    """The sum of all alarms whose cause holds."""
    now = state.now
    found = alarm(state.faulted == 1, ALARM_FAULT)
    found = found + alarm(state.latched == 1, ALARM_LATCHED)
    found = found + alarm(state.uncertain == 1, ALARM_UNCERTAIN)
    waits = state.outstanding > 0 and now - state.released_at > state.limits.confirm_max
    found = found + alarm(waits, ALARM_UNCONFIRMED)
    found = found + alarm(state.gap == 1, ALARM_GAP)
    found = found + alarm(state.loaded == 1 and empty(state), ALARM_EMPTY)
    is_low = state.loaded == 1 and state.reservoir <= state.limits.reservoir_low
    found = found + alarm(is_low, ALARM_RESERVOIR_LOW)
    aged = state.loaded == 1 and outlasts(state.reservoir_at, now, state.limits.reservoir_life)
    found = found + alarm(aged, ALARM_RESERVOIR_AGE)
    worn = state.inserted == 1 and outlasts(state.set_at, now, state.limits.set_life)
    found = found + alarm(worn, ALARM_SET_AGE)
    found = found + alarm(set_expired(state), ALARM_SET_EXPIRED)
    forgotten = outlasts(state.suspended_at, now, state.limits.suspend_reminder)
    found = found + alarm(state.suspended == 1 and forgotten, ALARM_SUSPENDED)
    return found + alarm(state.low_suspended == 1, ALARM_LOW_SUSPENDED)


def unsaid(outcome: Outcome) -> bool:
    """An outcome in which nothing is said yet."""
    if outcome.status != 0 or outcome.reason != REASON_NONE or outcome.allowable != 0:
        return False
    if outcome.amount != 0 or outcome.pulses != 0 or outcome.path != PATH_NONE:
        return False
    return outcome.not_given == 0


def rate_shown(state: State) -> int:
    """The basal rate that runs now: none unless the pump delivers."""
    if mode(state) == MODE_DELIVERING:
        return rate_in_force(state)
    return 0


def figures_of(state: State, outcome: Outcome) -> bool:
    """Every figure of an outcome is that of this state."""
    if outcome.alarms != alarms(state) or outcome.mode != mode(state):
        return False
    if outcome.sequence != state.sequence or outcome.reservoir != state.reservoir:
        return False
    if outcome.on_board != on_board(state) or outcome.rate != rate_shown(state):
        return False
    if outcome.window_total != total(state.window) or outcome.day_total != total(state.day):
        return False
    return outcome.owed == body_owed(state) + state.prime_owed


@require(lambda state: state_valid(state))
@ensure(lambda state, outcome: figures_of(state, outcome))
def read_out(state: State, outcome: Outcome) -> None:
    """Fill in the figures of the state as it is at the time of the event, even of a refusal."""
    outcome.alarms = alarms(state)
    outcome.mode = mode(state)
    outcome.sequence = state.sequence
    outcome.reservoir = state.reservoir
    outcome.on_board = on_board(state)
    outcome.window_total = total(state.window)
    outcome.day_total = total(state.day)
    outcome.owed = body_owed(state) + state.prime_owed
    outcome.rate = rate_shown(state)
