"""Sections B and C of the hazards: too little drug, or at the wrong time or in the wrong order."""

from dataclasses import replace

import pytest

from dosekernel import Limits
from dosekernel.kernel import records as k
from dosekernel.strategies import Bedside

U = 1_000_000
LIMITS = Limits.load("insulin-u100")
PULSE = LIMITS.pulse


def pump(limits: Limits = LIMITS, rate: int = U) -> Bedside:
    return Bedside(limits).set_up(rate)


# ---- B. under-delivery


def test_h24_lower_limits_are_as_strict_as_upper_ones() -> None:
    """Nothing, half a pulse, no time and negative words are refused like too much."""
    beside = pump()
    for amount in (0, PULSE // 2, PULSE - 1):
        assert beside.ask(k.BOLUS, amount=amount).reason == k.REASON_AMOUNT
    for field in ("amount", "rate", "duration"):
        assert beside.ask(k.TEMP_BASAL, **{field: -1}).reason == k.REASON_RANGE
    assert beside.ask(k.TEMP_BASAL, rate=U, duration=0).reason == k.REASON_DURATION
    assert beside.ask(k.EXTENDED_BOLUS, amount=U, duration=0).reason == k.REASON_DURATION


def test_h25_a_report_that_does_not_match_is_a_fault() -> None:
    """Planned and reported volume are kept apart; less than planned stops the pump and says so."""
    beside = pump()
    beside.ask(k.BOLUS, amount=2 * U)
    before = beside.kernel.inspect()
    released = beside.tick(k.MINUTE)
    outcome = beside.confirm(short=PULSE)
    assert outcome.mode == k.MODE_FAULTED
    assert outcome.not_given == PULSE + 2 * U - released.amount
    state = beside.kernel.inspect()
    assert state.fault_code == k.CAUSE_DELIVERY
    assert state.committed == before.committed + released.amount
    assert state.confirmed == before.confirmed + released.amount - PULSE


def test_h26_an_occlusion_stops_and_acknowledging_alone_does_not_restart() -> None:
    """Stop now, keep the booking, take the report, and wait for the user's RESUME."""
    beside = pump()
    beside.ask(k.BOLUS, amount=5 * U)
    released = beside.tick(k.MINUTE)
    stopped = beside.ask(k.FAULT, code=k.CAUSE_OCCLUSION)
    assert stopped.window_total == released.window_total
    settled = beside.confirm(short=10 * PULSE)
    assert settled.window_total == released.window_total
    assert settled.not_given == 10 * PULSE
    assert beside.ask(k.ACKNOWLEDGE).mode == k.MODE_SUSPENDED
    assert beside.run(k.HOUR) == 0
    assert beside.ask(k.RESUME).mode == k.MODE_DELIVERING
    assert beside.run(k.HOUR) > 0


@pytest.mark.parametrize("amount", [PULSE, 5 * U, 17 * U, 17 * U + PULSE, 60 * U])
def test_h27_what_is_accepted_is_delivered_and_the_rest_is_refused(amount: int) -> None:
    """A large bolus is given whole, or refused with a reason: never cut to a hidden ceiling."""
    beside = pump(rate=0)
    outcome = beside.ask(k.BOLUS, amount=amount)
    given = beside.run_out()
    assert given == (amount if outcome.status == k.ACCEPTED else 0)
    assert (outcome.reason == k.REASON_NONE) == (amount <= LIMITS.bolus_max)


def test_h28_a_broken_off_bolus_is_settled_once() -> None:
    """The undelivered part is reported once; a second report settles nothing; both ledgers stay."""
    beside = pump(rate=0)
    beside.ask(k.BOLUS, amount=5 * U)
    released = beside.tick(k.MINUTE)
    before = beside.kernel.inspect()
    assert beside.ask(k.CANCEL_BOLUS).not_given == 5 * U - released.amount
    assert beside.ask(k.CANCEL_BOLUS).not_given == 0
    assert beside.confirm(short=PULSE).not_given == PULSE
    again = beside.ask(k.CONFIRM, id=released.sequence, amount=released.amount)
    assert again.reason == k.REASON_SEQUENCE
    after = beside.kernel.inspect()
    assert after.committed == before.committed
    assert after.confirmed == before.confirmed + released.amount - PULSE
    assert again.mode == k.MODE_DELIVERING


def test_h29_ready_and_delivering_are_told_apart() -> None:
    """A set-up that is not finished shows its mode in every outcome, and a rate of 0 as 0."""
    beside = Bedside(LIMITS)
    assert beside.tick().mode == k.MODE_NOT_READY
    beside.set_up(rate=0)
    idle = beside.tick()
    assert (idle.mode, idle.rate, idle.reason) == (k.MODE_DELIVERING, 0, k.REASON_NOTHING_DUE)
    assert beside.ask(k.SET_BASAL, rate=U).rate == U


def test_h30_a_forgotten_pause_raises_an_alarm() -> None:
    """A suspension that outlasts its reminder says so at each tick, until it ends."""
    beside = pump()
    beside.ask(k.SUSPEND)
    assert not beside.tick(LIMITS.suspend_reminder).alarms & k.ALARM_SUSPENDED
    assert beside.tick(1).alarms & k.ALARM_SUSPENDED
    assert beside.tick(k.DAY).alarms & k.ALARM_SUSPENDED
    assert not beside.ask(k.RESUME).alarms & k.ALARM_SUSPENDED


@pytest.mark.parametrize("rate", [65_535, 65_536, 65_537, 2**20, 2**22 + 1])
def test_h31_no_rate_wraps_at_a_boundary(rate: int) -> None:
    """A rate at a wire format's boundary is in force as it was asked; out of range is refused."""
    beside = pump(rate=rate)
    assert beside.tick().rate == rate
    hours = 5
    released = beside.run(hours * k.HOUR, k.MINUTE)
    assert rate * hours - PULSE < released <= rate * hours
    for word in (k.RATE_MAX + 1, 2**36, 2**63 - 1, -1, -(2**63)):
        assert beside.ask(k.SET_BASAL, rate=word).reason == k.REASON_RANGE
    assert beside.tick().rate == rate


# ---- C. wrong time or order


def test_h32_an_extended_bolus_pauses_for_a_normal_one() -> None:
    """Dual wave: the extended part waits with its remainder unchanged, then goes on."""
    beside = pump(rate=0)
    beside.ask(k.EXTENDED_BOLUS, amount=4 * U, duration=4 * k.HOUR)
    beside.run(k.HOUR, k.MINUTE)
    before = beside.kernel.inspect()
    left = before.extended_amount - before.extended_given
    beside.ask(k.BOLUS, amount=10 * U)
    while beside.model.pump.bolus_owed:
        beside.run(1000, 1000)
    paused = beside.kernel.inspect()
    assert paused.extended_amount - paused.extended_given == left
    assert paused.extended_elapsed == before.extended_elapsed
    assert beside.run_out(k.MINUTE) == left


def test_h33_an_extended_bolus_is_one_in_limits_and_spread() -> None:
    """A second one is refused, so is a wrong duration; the sum is exact and never ahead."""
    beside = pump(rate=0)
    too_long = LIMITS.extended_duration_max + 1
    assert beside.ask(k.EXTENDED_BOLUS, amount=U, duration=too_long).reason == k.REASON_DURATION
    beside.ask(k.EXTENDED_BOLUS, amount=3 * U, duration=2 * k.HOUR)
    assert beside.ask(k.EXTENDED_BOLUS, amount=U, duration=k.HOUR).reason == k.REASON_BUSY
    start, released = beside.now, 0
    while beside.model.pump.owed:
        released += beside.run(k.MINUTE, k.MINUTE)
        meant = 3 * U * min(beside.now - start, 2 * k.HOUR) // (2 * k.HOUR)
        assert meant - PULSE < released <= meant
    assert released == 3 * U


def test_h34_a_bolus_does_not_touch_the_basal_rate() -> None:
    """Rate, temporary rate and metered basal are equal before and after asking and cancelling."""
    beside = pump()
    beside.ask(k.TEMP_BASAL, rate=2 * U, duration=k.HOUR)
    beside.run(k.MINUTE)
    fields = ("basal_rate", "temporary_rate", "temporary_until", "carry")
    before = [getattr(beside.kernel.inspect(), field) for field in fields]
    beside.ask(k.BOLUS, amount=5 * U)
    beside.ask(k.EXTENDED_BOLUS, amount=U, duration=k.HOUR)
    beside.ask(k.CANCEL_BOLUS)
    assert [getattr(beside.kernel.inspect(), field) for field in fields] == before


def test_h35_a_refused_rate_leaves_the_running_one() -> None:
    """Editing the programme badly disturbs nothing."""
    beside = pump(rate=U)
    before = beside.kernel.state
    for rate in (LIMITS.basal_max + 1, k.RATE_MAX + 1, -1):
        assert beside.ask(k.SET_BASAL, rate=rate).status == k.REFUSED
    assert beside.kernel.state == before
    assert abs(beside.run(k.HOUR) - U) <= PULSE


def test_h36_a_cancelled_bolus_is_never_delivered() -> None:
    """After the cancel only basal leaves, for hours."""
    beside = pump(rate=U)
    beside.ask(k.BOLUS, amount=10 * U)
    beside.run(k.MINUTE)
    assert beside.ask(k.CANCEL_BOLUS).owed == 0
    assert beside.run(3 * k.HOUR, k.MINUTE) <= 3 * U + PULSE


def test_h37_only_the_user_ends_a_users_suspension() -> None:
    """Time, readings, a schedule, a controller and a remote do not."""
    beside = pump()
    beside.ask(k.SUSPEND)
    for source in (k.SCHEDULE, k.CONTROLLER, k.REMOTE):
        assert beside.ask(k.RESUME, source=source).reason == k.REASON_SOURCE
    for glucose in (60, 65, 150, 250):
        beside.ask(k.GLUCOSE, 5 * k.MINUTE, glucose=glucose)
    beside.ask(k.SET_BASAL, rate=2 * U, source=k.SCHEDULE)
    assert beside.ask(k.BOLUS, amount=U, source=k.CONTROLLER).reason == k.REASON_SUSPENDED
    assert beside.run(k.DAY, 5 * k.MINUTE) == 0
    assert beside.tick().mode == k.MODE_SUSPENDED
    assert beside.ask(k.RESUME).mode == k.MODE_DELIVERING


def test_h38_resume_restores_basal_only() -> None:
    """A bolus that a suspension ended does not come back, nor a raised temporary rate."""
    beside = pump(rate=U)
    beside.ask(k.TEMP_BASAL, rate=3 * U, duration=4 * k.HOUR)
    beside.ask(k.BOLUS, amount=5 * U)
    beside.ask(k.EXTENDED_BOLUS, amount=2 * U, duration=k.HOUR)
    assert beside.ask(k.SUSPEND).not_given == 7 * U
    resumed = beside.ask(k.RESUME, k.MINUTE)
    assert (resumed.owed, resumed.rate) == (0, U)
    assert beside.run(k.HOUR) <= U


def test_h39_the_third_fault_in_ten_minutes_latches() -> None:
    """Stop, start, stop, start, stop: then only another set ends it."""
    beside = pump()
    for _ in range(3):
        beside.ask(k.FAULT, 2 * k.MINUTE, code=k.CAUSE_OCCLUSION)
        acknowledged = beside.ask(k.ACKNOWLEDGE)
        resumed = beside.ask(k.RESUME)
    assert acknowledged.alarms & k.ALARM_LATCHED
    assert (resumed.reason, resumed.mode) == (k.REASON_FAULTED, k.MODE_FAULTED)
    assert beside.run(k.HOUR) == 0
    beside.ask(k.DISCONNECT)
    beside.ask(k.LOAD_RESERVOIR, amount=100 * U)
    beside.ask(k.PRIME, amount=U)
    assert beside.run_out() == U
    assert not beside.ask(k.INSERT_SET, code=2).alarms & k.ALARM_LATCHED
    # Faults that are further apart than ten minutes do not latch.
    beside = pump()
    for _ in range(4):
        assert not beside.ask(k.FAULT, 6 * k.MINUTE).alarms & k.ALARM_LATCHED
        beside.ask(k.ACKNOWLEDGE)
        beside.ask(k.RESUME)


def test_under_delivery_rows_use_other_limits_too() -> None:
    """The same figures hold where a pulse is another: U-500 insulin."""
    limits = replace(Limits.load("insulin-u500"))
    beside = Bedside(limits).set_up(limits.basal_reserve)
    released = beside.run(k.HOUR)
    assert limits.basal_reserve - limits.pulse < released <= limits.basal_reserve
