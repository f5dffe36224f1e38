"""Sections F and G of the hazards: state and clock, glucose."""

from dataclasses import replace
from random import Random

import pytest

from dosekernel import Event, Kernel, Limits, StateError
from dosekernel.kernel import records as k
from dosekernel.strategies import Bedside

U = 1_000_000
LIMITS = Limits.load("insulin-u100")
PULSE = LIMITS.pulse


def pump(limits: Limits = LIMITS, rate: int = U) -> Bedside:
    return Bedside(limits).set_up(rate)


# ---- F. state and clock


def test_h60_time_never_goes_back_and_nothing_comes_from_the_future() -> None:
    """A clock set back refuses all but stops; a request from the future is refused."""
    beside = pump()
    before = beside.kernel.state
    for kind in (k.TICK, k.BOLUS, k.SET_BASAL, k.GLUCOSE, k.RESUME):
        assert beside.ask(kind, at=beside.now - 1).reason == k.REASON_CLOCK_BACKWARD
    ahead = beside.ask(k.TICK, at=beside.now + k.AHEAD_MAX + 1)
    assert ahead.reason == k.REASON_CLOCK_AHEAD
    future = beside.ask(k.BOLUS, amount=U, issued_at=beside.now + k.MINUTE)
    assert future.reason == k.REASON_FUTURE
    assert beside.kernel.state == before
    assert beside.ask(k.SUSPEND, at=beside.now - k.DAY).mode == k.MODE_SUSPENDED
    assert beside.kernel.inspect().now == beside.now


def test_h61_a_clock_change_during_a_bolus_keeps_one_entry() -> None:
    """Clock back, clock forward: the bolus is counted once, in full, and never twice."""
    beside = pump(rate=0)
    start = beside.tick().day_total
    beside.ask(k.BOLUS, amount=6 * U)
    beside.run(2 * k.MINUTE)
    beside.ask(k.TICK, at=beside.now - k.HOUR)
    beside.ask(k.BOLUS, at=beside.now - k.HOUR, amount=6 * U)
    beside.run_out()
    assert beside.tick(k.HOUR).day_total == start + 6 * U


def test_h62_every_damaged_word_is_seen() -> None:
    """One bit of any word, in either copy: nothing is delivered, the state stays as it is."""
    beside = pump()
    beside.ask(k.BOLUS, amount=5 * U)
    words = list(beside.kernel._words())
    random = Random(62)
    for index in range(len(words)):
        damaged = words.copy()
        damaged[index] ^= 1 << random.randrange(63)
        kernel = Kernel(LIMITS)
        kernel._set_words(damaged)
        outcome = kernel.step(Event(k.TICK, at=beside.now + k.MINUTE))
        assert (outcome.status, outcome.amount) == (k.CORRUPT, 0)
        assert (outcome.reason, outcome.alarms) == (k.REASON_CORRUPT_STATE, k.ALARM_CORRUPT)
        assert list(kernel._words()) == damaged


def test_h63_there_is_no_default_dose_after_a_reset() -> None:
    """A fresh state delivers nothing; a saved one comes back whole or not at all."""
    fresh = Kernel(LIMITS)
    assert fresh.tick(at=k.MINUTE).mode == k.MODE_NOT_READY
    assert fresh.inspect().basal_rate == 0
    beside = pump()
    saved = beside.kernel.state
    assert Kernel.from_state(LIMITS, saved).state == saved
    for broken in (saved[:-8], saved[:-1] + b"\x00", b"", bytes(len(saved))):
        with pytest.raises(StateError):
            Kernel.from_state(LIMITS, broken)


def test_h64_a_fault_stops_until_acknowledge_and_then_resume() -> None:
    """Nothing else ends it, in any order."""
    beside = pump()
    beside.ask(k.FAULT, code=k.CAUSE_MOTOR)
    assert beside.ask(k.RESUME).reason == k.REASON_FAULTED
    beside.ask(k.SET_BASAL, rate=2 * U)
    beside.ask(k.GLUCOSE, glucose=300)
    assert beside.ask(k.TEMP_BASAL, rate=3 * U, duration=k.HOUR).reason == k.REASON_FAULTED
    beside.ask(k.DISCONNECT)
    beside.ask(k.CONNECT)
    assert beside.run(k.DAY, k.HOUR) == 0
    beside.ask(k.ACKNOWLEDGE)
    assert beside.run(k.HOUR) == 0
    beside.ask(k.RESUME)
    assert beside.run(k.HOUR) > 0


def test_h65_a_late_tick_makes_up_no_more_than_the_gap() -> None:
    """Five hours without a tick: at most `gap_max` of basal, no old bolus, and an alarm."""
    beside = pump(rate=2 * U)
    beside.ask(k.BOLUS, amount=5 * U)
    late = beside.tick(5 * k.HOUR)
    assert late.amount <= 2 * U * LIMITS.gap_max // k.HOUR + PULSE
    assert (late.not_given, late.owed) == (5 * U, 0)
    assert late.alarms & k.ALARM_GAP
    beside.confirm()
    assert beside.run(k.HOUR) <= 2 * U + PULSE
    assert not beside.ask(k.ACKNOWLEDGE).alarms & k.ALARM_GAP


# ---- G. glucose


def test_h67_high_flat_readings_never_raise_delivery() -> None:
    """A failing sensor: nothing is owed and no rate changes, whatever it reads."""
    beside = pump(rate=U)
    released = 0
    for _ in range(48):
        outcome = beside.ask(k.GLUCOSE, 5 * k.MINUTE, glucose=400)
        assert (outcome.owed, outcome.rate) == (0, U)
        released += beside.tick().amount
        beside.confirm()
    assert released <= 4 * U


def test_h68_a_reading_from_the_future_is_refused() -> None:
    """Taken after it arrived: it is not the present."""
    beside = pump()
    before = beside.kernel.state
    outcome = beside.ask(k.GLUCOSE, glucose=150, issued_at=beside.now + 1)
    assert outcome.reason == k.REASON_FUTURE
    assert beside.kernel.state == before
    stale = beside.ask(k.GLUCOSE, glucose=150, issued_at=beside.now - LIMITS.glucose_stale - 1)
    assert stale.reason in (k.REASON_GLUCOSE_STALE, k.REASON_RANGE)


def test_h69_a_raised_rate_ends_by_itself_when_readings_stop() -> None:
    """A controller raises the rate and is heard of no more: half an hour, then the programme."""
    beside = pump(rate=U)
    beside.ask(k.GLUCOSE, glucose=250)
    longer = {"rate": 4 * U, "duration": LIMITS.controller_duration_max + 1, "source": k.CONTROLLER}
    assert beside.ask(k.TEMP_BASAL, **longer).reason == k.REASON_DURATION
    raised = {**longer, "duration": LIMITS.controller_duration_max}
    assert beside.ask(k.TEMP_BASAL, **raised).rate == 4 * U
    beside.run(LIMITS.controller_duration_max - 1)
    assert beside.tick().rate == 4 * U
    assert beside.tick(1).rate == U
    again = beside.ask(k.TEMP_BASAL, **raised)
    assert again.reason == k.REASON_GLUCOSE_MISSING


def test_h69_a_low_suspension_ends_a_raised_rate() -> None:
    """Once readings were low, the raised rate does not come back with the recovery."""
    beside = pump(rate=U)
    beside.ask(k.TEMP_BASAL, rate=4 * U, duration=4 * k.HOUR)
    low = beside.ask(k.GLUCOSE, glucose=LIMITS.glucose_low)
    assert (low.mode, low.rate) == (k.MODE_LOW_SUSPENDED, 0)
    recovered = beside.ask(k.GLUCOSE, 30 * k.MINUTE, glucose=LIMITS.glucose_resume)
    assert (recovered.mode, recovered.rate) == (k.MODE_DELIVERING, U)


@pytest.mark.parametrize("glucose", [0, 1, 10, 19, 1001, -40])
def test_h70_an_error_code_is_no_reading(glucose: int) -> None:
    """Sensors send small numbers when they fail: refused, and no suspension follows."""
    beside = pump()
    before = beside.kernel.state
    assert beside.ask(k.GLUCOSE, glucose=glucose).reason == k.REASON_GLUCOSE_RANGE
    assert beside.kernel.state == before


def test_glucose_can_be_switched_off() -> None:
    """With `glucose_low = 0` readings are kept and nothing else."""
    beside = pump(replace(LIMITS, glucose_low=0))
    assert beside.ask(k.GLUCOSE, glucose=30).mode == k.MODE_DELIVERING
