"""Read-outs: each alarm is raised exactly while its cause holds, each figure is the state's."""

from dosekernel.kernel.basal import rate_in_force
from dosekernel.kernel.contract import copy, same
from dosekernel.kernel.infusion_set import mode, set_expired
from dosekernel.kernel.on_board import on_board
from dosekernel.kernel.readout import alarms
from dosekernel.kernel.records import (
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
from dosekernel.kernel.state import body_owed
from dosekernel.kernel.window import total

from .rule_words import iff, next_line

# ---- alarms


def alarm_meaning(cause: bool, level: int, result: int) -> bool:
    """An alarm is its level while its cause holds, and nothing after."""
    if cause:
        return result == level
    return result == 0


def outlasts_meaning(start: int, now: int, life: int, result: bool) -> bool:
    """Longer than its life, if it has one."""
    return iff(result, life >= 1 and now > start + life)


def old_enough(start: int, now: int, life: int) -> bool:
    """Past a life that is not 0."""
    return life >= 1 and now > start + life


def fault_alarms(state: State) -> int:
    """Faults, the latch, doubt, gaps."""
    waited = state.now - state.released_at
    waits = state.outstanding > 0 and waited > state.limits.confirm_max
    found = next_line(0, state.faulted == 1, ALARM_FAULT)
    found = found + next_line(0, state.latched == 1, ALARM_LATCHED)
    found = found + next_line(0, state.uncertain == 1, ALARM_UNCERTAIN)
    found = found + next_line(0, waits, ALARM_UNCONFIRMED)
    return found + next_line(0, state.gap == 1, ALARM_GAP)


def reservoir_alarms(state: State) -> int:
    """A loaded reservoir that is empty, low or old."""
    if state.loaded == 0:
        return 0
    aged = old_enough(state.reservoir_at, state.now, state.limits.reservoir_life)
    found = next_line(0, state.reservoir < state.limits.pulse, ALARM_EMPTY)
    few = state.reservoir <= state.limits.reservoir_low
    found = found + next_line(0, few, ALARM_RESERVOIR_LOW)
    return found + next_line(0, aged, ALARM_RESERVOIR_AGE)


def set_alarms(state: State) -> int:
    """A worn and an expired set."""
    worn = old_enough(state.set_at, state.now, state.limits.set_life)
    found = next_line(0, state.inserted == 1 and worn, ALARM_SET_AGE)
    return found + next_line(0, set_expired(state), ALARM_SET_EXPIRED)


def suspension_alarms(state: State) -> int:
    """A forgotten suspension, and one for low glucose."""
    forgotten = old_enough(state.suspended_at, state.now, state.limits.suspend_reminder)
    found = next_line(0, state.suspended == 1 and forgotten, ALARM_SUSPENDED)
    return found + next_line(0, state.low_suspended == 1, ALARM_LOW_SUSPENDED)


def every_alarm(before: State, result: int) -> bool:
    """Each alarm is in the sum exactly while its cause holds."""
    mechanical = fault_alarms(before) + reservoir_alarms(before)
    return result == mechanical + set_alarms(before) + suspension_alarms(before)


# ---- figures


def silence(outcome: Outcome, result: bool) -> bool:
    """Nothing is said yet exactly if no word of the decision is set."""
    decided = outcome.status != 0 or outcome.reason != REASON_NONE or outcome.allowable != 0
    moved = outcome.amount != 0 or outcome.pulses != 0 or outcome.path != PATH_NONE
    return iff(result, not decided and not moved and outcome.not_given == 0)


def read_out_exactly(before: State, outcome_before: Outcome, outcome_after: Outcome) -> bool:
    """Every figure is that of the state; what was decided stays as it was."""
    expected = copy(outcome_before)
    expected.alarms = alarms(before)
    expected.mode = mode(before)
    expected.sequence = before.sequence
    expected.reservoir = before.reservoir
    expected.on_board = on_board(before)
    expected.window_total = total(before.window)
    expected.day_total = total(before.day)
    expected.owed = body_owed(before) + before.prime_owed
    expected.rate = 0
    if mode(before) == MODE_DELIVERING:
        expected.rate = rate_in_force(before)
    return same(outcome_after, expected)
