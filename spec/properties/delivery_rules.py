"""The gate and what a tick lets go: how much, for what, in which order, and what that changes."""

from dosekernel.kernel.arithmetic import dose, larger, pulses_in, smaller
from dosekernel.kernel.bolus import extended_due
from dosekernel.kernel.contract import assign, copy, same
from dosekernel.kernel.delivery import body_room, speed_room, withheld_reason
from dosekernel.kernel.infusion_set import body_mode, cannula_ready, mode, mode_reason
from dosekernel.kernel.records import (
    HOUR,
    ID_MAX,
    MODE_DELIVERING,
    PATH_AIR,
    PATH_PATIENT,
    REASON_DAY,
    REASON_NONE,
    REASON_NOT_READY,
    REASON_NOTHING_DUE,
    REASON_SPEED,
    REASON_UNCONFIRMED,
    REASON_WINDOW,
    RELEASE_FILL,
    RELEASE_PRIME,
    RELEASE_THERAPY,
    VOLUME_MAX,
    Outcome,
    State,
)
from dosekernel.kernel.state import windows_booked, windows_same
from dosekernel.kernel.window import total

from .rule_words import iff, next_line

# ---- the gate


def body_room_meaning(before: State, result: int) -> bool:
    """The most that is in the reservoir and under both caps, and never below nothing."""
    window = before.limits.window_max - total(before.window)
    day = before.limits.day_max - total(before.day)
    if result == 0:
        return before.reservoir <= 0 or window <= 0 or day <= 0
    if result < 0 or result > before.reservoir or result > window or result > day:
        return False
    if result == before.reservoir or result == window:
        return True
    return result == day


def gate_meaning(before: State, amount: int, purpose: int, result: bool) -> bool:
    """A prime only off the body and unfaulted, a fill or therapy only where it may be had."""
    open_gate = before.outstanding <= 0 and amount >= 1 and amount <= before.reservoir
    to_air = before.connected == 0 and before.faulted == 0
    fits = amount <= body_room(before)
    fill = purpose == RELEASE_FILL and body_mode(before) == MODE_DELIVERING
    therapy = purpose == RELEASE_THERAPY and mode(before) == MODE_DELIVERING
    if purpose == RELEASE_PRIME:
        return iff(result, open_gate and to_air)
    return iff(result, open_gate and fits and (fill or therapy))


def path_meaning(purpose: int, result: int) -> bool:
    """Only a prime goes to the air."""
    if purpose == RELEASE_PRIME:
        return result == PATH_AIR
    return result == PATH_PATIENT


def released_exactly(before: State, pulses: int, purpose: int, after: State) -> bool:
    """Out of the reservoir, waiting, counted; in the windows if it goes to the patient."""
    amount = pulses * before.limits.pulse
    expected = copy(before)
    expected.reservoir = before.reservoir - amount
    expected.outstanding = amount
    expected.outstanding_class = purpose
    expected.outstanding_bolus = 0
    expected.outstanding_ends = 0
    expected.outstanding_stopped = 0
    expected.released_at = before.now
    expected.sequence = smaller(before.sequence + 1, ID_MAX)
    if purpose == RELEASE_PRIME:
        return same(after, expected) and windows_same(before, after)
    expected.committed = smaller(before.committed + amount, ID_MAX)
    assign(expected.window, after.window)
    assign(expected.day, after.day)
    assign(expected.action, after.action)
    return same(after, expected) and windows_booked(before, after, amount)


def release_told(
    before: State, outcome_before: Outcome, pulses: int, purpose: int, outcome_after: Outcome
) -> bool:
    """The outcome names pulses, amount and path, and nothing else in it changes."""
    expected = copy(outcome_before)
    expected.pulses = pulses
    expected.amount = pulses * before.limits.pulse
    expected.path = PATH_PATIENT
    if purpose == RELEASE_PRIME:
        expected.path = PATH_AIR
    return same(outcome_after, expected)


def speed_meaning(before: State, result: int) -> bool:
    """What the motor delivers since the last release, in no more than `confirm_max`."""
    passed = before.now - before.released_at
    if passed > before.limits.confirm_max:
        passed = before.limits.confirm_max
    metered = before.limits.delivery_speed * passed
    if result == VOLUME_MAX:
        return metered >= VOLUME_MAX * HOUR
    return result * HOUR <= metered and metered < result * HOUR + HOUR and result < VOLUME_MAX


# ---- what a tick lets go


def withheld_guards(before: State, result: int) -> bool:
    """A full window is named first, then a full day; else it is the motor's speed."""
    window = total(before.window) + before.limits.pulse > before.limits.window_max
    day = total(before.day) + before.limits.pulse > before.limits.day_max
    found = next_line(REASON_NONE, window, REASON_WINDOW)
    found = next_line(found, day, REASON_DAY)
    return result == next_line(found, True, REASON_SPEED)


def prime_released(before: State, outcome: Outcome, after: State, result: int) -> bool:
    """All whole pulses of a prime that are in the reservoir and within the motor's speed."""
    wanted = smaller(smaller(before.prime_owed, before.reservoir), speed_room(before))
    pulses = pulses_in(wanted, before.limits.pulse)
    if pulses == 0:
        return result == REASON_SPEED and same(before, after)
    amount = pulses * before.limits.pulse
    if result != REASON_NONE or outcome.pulses != pulses or outcome.amount != amount:
        return False
    if after.prime_owed != before.prime_owed - amount:
        return False
    if not iff(after.outstanding_ends == 1, after.prime_owed == 0):
        return False
    return after.outstanding_class == RELEASE_PRIME and outcome.path == PATH_AIR


def fill_released(before: State, outcome: Outcome, after: State, result: int) -> bool:
    """All whole pulses of a fill that the body has room for and the motor has time for."""
    if before.fill_owed == 0:
        return result == REASON_NOT_READY and same(before, after)
    room = smaller(body_room(before), speed_room(before))
    pulses = pulses_in(smaller(before.fill_owed, room), before.limits.pulse)
    if pulses == 0:
        return result == withheld_reason(before) and same(before, after)
    amount = pulses * before.limits.pulse
    if result != REASON_NONE or outcome.pulses != pulses or outcome.amount != amount:
        return False
    if after.fill_owed != before.fill_owed - amount:
        return False
    if not iff(after.outstanding_ends == 1, after.fill_owed == 0):
        return False
    return after.outstanding_class == RELEASE_FILL and outcome.path == PATH_PATIENT


def basal_share(state: State) -> int:
    """The whole pulses of metered basal that there is room for: basal goes first."""
    metered = smaller(state.carry // HOUR, VOLUME_MAX)
    return pulses_in(smaller(metered, body_room(state)), state.limits.pulse)


def bolus_space(state: State) -> int:
    """What is left for boluses: room after basal, within the motor's speed."""
    after_basal = body_room(state) - dose(basal_share(state), state.limits.pulse)
    return smaller(after_basal, speed_room(state))


def normal_share(state: State) -> int:
    """The whole pulses of the normal bolus in that space: it goes before the extended one."""
    return pulses_in(smaller(state.bolus_owed, bolus_space(state)), state.limits.pulse)


def extended_share(state: State) -> int:
    """The whole pulses of the extended bolus that are due, in what the normal one leaves."""
    left = bolus_space(state) - dose(normal_share(state), state.limits.pulse)
    return pulses_in(smaller(extended_due(state), left), state.limits.pulse)


def therapy_shares(before: State, outcome: Outcome, after: State, result: int) -> bool:
    """Basal, normal bolus, extended bolus: each its share, taken off what it was owed."""
    basal = basal_share(before)
    normal = normal_share(before)
    extended = extended_share(before)
    pulse = before.limits.pulse
    if basal + normal + extended == 0:
        return same(before, after) and result != REASON_NONE
    if result != REASON_NONE or outcome.pulses != basal + normal + extended:
        return False
    if after.carry != before.carry - dose(basal, pulse) * HOUR:
        return False
    if after.outstanding_class != RELEASE_THERAPY or outcome.path != PATH_PATIENT:
        return False
    return after.bolus_owed == before.bolus_owed - dose(
        normal, pulse
    ) and after.outstanding_bolus == dose(normal, pulse)


def therapy_withheld(before: State, result: int) -> bool:
    """Nothing is due exactly if no pulse is; else it is a cap or the motor's speed."""
    if basal_share(before) + normal_share(before) + extended_share(before) > 0:
        return result == REASON_NONE
    pulse = before.limits.pulse
    basal = smaller(before.carry // HOUR, VOLUME_MAX)
    due = larger(larger(basal, before.bolus_owed), extended_due(before))
    if due < pulse:
        return result == REASON_NOTHING_DUE
    return result == withheld_reason(before)


def tick_order(before: State, after: State, result: int) -> bool:
    """A tick releases one thing at a time: a prime, a fill, or therapy; the reason says why not."""
    if before.outstanding > 0:
        return result == REASON_UNCONFIRMED
    if before.prime_owed > 0 and before.faulted == 0:
        released = result == REASON_NONE and after.outstanding_class == RELEASE_PRIME
        return released or result == REASON_SPEED
    blocked = mode_reason(body_mode(before))
    if blocked != REASON_NONE:
        return result == blocked
    if not cannula_ready(before):
        return result != REASON_NONE or after.outstanding_class == RELEASE_FILL
    return result != REASON_NONE or after.outstanding_class == RELEASE_THERAPY


# ---- covers


def ends_a_prime(before: State, after: State) -> bool:
    """The last of a prime leaves."""
    return before.prime_owed > 0 and after.prime_owed == 0


def ends_a_fill(before: State, after: State) -> bool:
    """The last of a fill leaves."""
    return before.fill_owed > 0 and after.fill_owed == 0


def releases_both(before: State, outcome: Outcome) -> bool:
    """Basal and bolus leave together."""
    normal = dose(normal_share(before), before.limits.pulse)
    return normal > 0 and outcome.amount > normal


def releases_for_a_purpose(before: State, after: State) -> bool:
    """Something leaves."""
    return before.outstanding == 0 and after.outstanding > 0
