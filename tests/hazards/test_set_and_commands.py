"""Sections D and E of the hazards: reservoir and set, commands and limits."""

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from dosekernel import Event, InputError, InputTypeError, Kernel, Limits, LimitsRefusedError
from dosekernel.kernel import records as k
from dosekernel.spec.limits import LimitsError
from dosekernel.strategies import Bedside
from dosekernel.strategies.walk import Walk

U = 1_000_000
LIMITS = Limits.load("insulin-u100")
PULSE = LIMITS.pulse


def pump(limits: Limits = LIMITS, rate: int = U, amount: int = 0) -> Bedside:
    return Bedside(limits).set_up(rate, amount)


# ---- D. reservoir and set


def test_h40_what_leaves_is_never_more_than_what_was_loaded() -> None:
    """A small reservoir runs dry under basal and a bolus: the pump stops at less than a pulse."""
    beside = pump(rate=3 * U, amount=4 * U + 20_000)
    beside.ask(k.BOLUS, amount=2 * U)
    released = beside.run(2 * k.HOUR, k.MINUTE)
    outcome = beside.tick()
    assert (outcome.mode, outcome.reason) == (k.MODE_EMPTY, k.REASON_EMPTY)
    assert outcome.alarms & k.ALARM_EMPTY
    assert outcome.reservoir == 20_000
    assert released + 20 * PULSE + 6 * PULSE == 4 * U
    assert beside.run(k.HOUR) == 0


def test_h41_the_low_alarm_comes_from_the_figure_that_limits_dosing() -> None:
    """It is off above the threshold, and on from the very release that reaches it."""
    beside = pump(rate=0, amount=LIMITS.reservoir_low + 3 * U)
    reservoir = beside.tick().reservoir
    beside.ask(k.BOLUS, amount=reservoir - LIMITS.reservoir_low)
    while beside.model.pump.owed:
        outcome = beside.tick(2000)
        reached = outcome.reservoir <= LIMITS.reservoir_low
        assert bool(outcome.alarms & k.ALARM_RESERVOIR_LOW) == reached
        beside.confirm()
    assert outcome.alarms & k.ALARM_RESERVOIR_LOW


def test_h42_a_bolus_above_the_remainder_is_refused_before_it_starts() -> None:
    """3 U left, 5.2 U asked: nothing moves."""
    beside = pump(rate=0, amount=3 * U + 26 * PULSE)
    outcome = beside.ask(k.BOLUS, amount=5_200_000)
    assert (outcome.reason, outcome.allowable) == (k.REASON_RESERVOIR, 3 * U)
    assert beside.run(k.HOUR) == 0
    assert beside.ask(k.BOLUS, amount=3 * U).status == k.ACCEPTED


def test_h44_a_fill_volume_outside_the_capacity_is_refused() -> None:
    """More than fits, and nothing at all."""
    beside = Bedside(LIMITS)
    for amount in (LIMITS.reservoir_capacity + 1, k.VOLUME_MAX, 0):
        assert beside.ask(k.LOAD_RESERVOIR, amount=amount).reason == k.REASON_CAPACITY
    assert beside.tick().reservoir == 0
    assert beside.ask(k.LOAD_RESERVOIR, amount=LIMITS.reservoir_capacity).status == k.ACCEPTED


def test_h45_no_prime_into_the_body_and_no_connection_without_a_prime() -> None:
    """PRIME only off the body; CONNECT only after a prime that was delivered in full."""
    assert pump().ask(k.PRIME, amount=U).reason == k.REASON_CONNECTED
    beside = Bedside(LIMITS)
    beside.ask(k.LOAD_RESERVOIR, amount=100 * U)
    assert beside.ask(k.INSERT_SET, code=1).reason == k.REASON_NOT_PRIMED
    beside.ask(k.PRIME, amount=PULSE)
    beside.tick(k.MINUTE)
    beside.confirm(short=1)
    beside.ask(k.ACKNOWLEDGE)
    assert beside.ask(k.INSERT_SET, code=1).reason == k.REASON_NOT_PRIMED
    assert beside.ask(k.CONNECT).reason == k.REASON_NOT_PRIMED


def test_h46_a_prime_is_not_on_board_and_a_fill_is_bounded() -> None:
    """The prime leaves the reservoir but not into the body; a fill has its own small limit."""
    beside = Bedside(LIMITS)
    beside.ask(k.LOAD_RESERVOIR, amount=100 * U)
    beside.ask(k.PRIME, amount=10 * U)
    beside.run_out()
    outcome = beside.tick()
    assert outcome.reservoir == 90 * U
    assert (outcome.on_board, outcome.window_total, outcome.day_total) == (0, 0, 0)
    beside.ask(k.INSERT_SET, code=1)
    beside.ask(k.CONNECT)
    most = LIMITS.cannula_fill
    assert beside.ask(k.FILL_CANNULA, amount=most + PULSE).reason == k.REASON_FILL_CAP
    beside.ask(k.FILL_CANNULA, amount=most)
    beside.run_out()
    assert beside.tick().window_total == most


def test_h47_an_interrupted_prime_never_becomes_a_bolus() -> None:
    """Its class is fixed when it starts: it goes to the air, and what is left is cancelled."""
    beside = Bedside(LIMITS)
    beside.ask(k.LOAD_RESERVOIR, amount=100 * U)
    beside.ask(k.PRIME, amount=10 * U)
    released = beside.tick(k.MINUTE)
    assert released.path == k.PATH_AIR
    assert beside.ask(k.CANCEL_BOLUS).not_given == 10 * U - released.amount
    beside.confirm()
    state = beside.kernel.inspect()
    assert (state.bolus_owed, state.bolus_ended, state.committed) == (0, k.NEVER, 0)
    beside.set_up(rate=0)
    assert beside.run(k.HOUR) == 0


def test_h48_no_basal_is_delivered_or_made_up_while_disconnected() -> None:
    """An hour's shower: nothing leaves, and nothing of it is repaid."""
    beside = pump(rate=2 * U)
    beside.run(k.HOUR)
    beside.ask(k.DISCONNECT)
    assert beside.run(k.HOUR) == 0
    assert beside.ask(k.CONNECT).owed == 0
    assert beside.run(k.HOUR) <= 2 * U
    beside.ask(k.FAULT, code=k.CAUSE_AIR)
    assert beside.run(k.HOUR) == 0


def test_h49_no_figure_is_ever_negative() -> None:
    """A negative word in an event is refused; thousands of outcomes have none."""
    beside = pump()
    for field in ("amount", "rate", "duration", "issued_at", "code"):
        assert beside.ask(k.BOLUS, **{field: -1}).reason == k.REASON_RANGE
    for seed in range(5):
        kernel, walk = Kernel(LIMITS), Walk(Random(seed))
        for _ in range(300):
            event = Event.from_words(walk.event(kernel.inspect()).words())
            assert min(kernel.step(event).words) >= 0


# ---- E. commands, limits and security


def test_h50_a_recorded_command_has_no_second_effect() -> None:
    """Replayed at once: REPEATED. Replayed later, behind another: refused as old."""
    beside = pump(rate=0)
    asked: dict[str, int] = {"id": beside.id + 1, "amount": U, "issued_at": beside.now}
    assert beside.ask(k.BOLUS, **asked).owed == U
    again = beside.ask(k.BOLUS, k.MINUTE, **asked)
    assert (again.status, again.owed) == (k.REPEATED, U)
    assert beside.run_out() == U
    assert beside.ask(k.BOLUS, **{**asked, "amount": 2 * U}).reason == k.REASON_ID_REUSED
    beside.ask(k.CANCEL_BOLUS)
    assert beside.ask(k.BOLUS, **asked).reason == k.REASON_ID_OLD
    assert beside.run(k.HOUR) == 0


def test_h52_a_forged_command_stays_inside_the_limits_and_is_seen() -> None:
    """A hostile caller: capped, no raise, no resume; a forged stop is accepted and raises H30."""
    beside = pump()
    outcome = beside.ask(k.BOLUS, amount=LIMITS.remote_bolus_max + PULSE, source=k.REMOTE)
    assert outcome.reason == k.REASON_BOLUS_CAP
    raised = beside.ask(k.TEMP_BASAL, rate=U + 1, duration=k.HOUR, source=k.REMOTE)
    assert raised.reason == k.REASON_RATE_CAP
    for kind in (k.SET_BASAL, k.RESUME, k.LOAD_RESERVOIR, k.PRIME, k.CONNECT, k.ACKNOWLEDGE):
        assert beside.ask(kind, source=k.REMOTE).reason == k.REASON_SOURCE
    assert beside.ask(k.SUSPEND, source=k.REMOTE).mode == k.MODE_SUSPENDED
    assert beside.tick(LIMITS.suspend_reminder + 1).alarms & k.ALARM_SUSPENDED


def test_h55_insisting_does_not_pass_a_hard_limit() -> None:
    """The same request a hundred times, with new ids and from every source."""
    beside = pump()
    before = beside.kernel.state
    for attempt in range(100):
        source = (k.USER, k.REMOTE)[attempt % 2]
        asked = {"id": beside.id + 1 + attempt, "amount": 18 * U, "source": source}
        assert beside.ask(k.BOLUS, **asked).reason == k.REASON_BOLUS_CAP
    assert beside.kernel.state == before


def test_h56_a_request_that_comes_late_is_refused() -> None:
    """It was meant for another moment: older than `request_age_max`, or from the future."""
    beside = pump()
    age = LIMITS.request_age_max
    beside.tick(k.HOUR)
    late = beside.ask(k.BOLUS, amount=U, issued_at=beside.now - age - 1)
    assert late.reason == k.REASON_EXPIRED
    early = beside.ask(k.BOLUS, amount=U, issued_at=beside.now + 1)
    assert early.reason == k.REASON_FUTURE
    beside.ask(k.ACKNOWLEDGE)
    just = beside.ask(k.BOLUS, amount=U, issued_at=beside.now - age)
    assert just.status == k.ACCEPTED


def test_h57_a_stuck_key_asks_once() -> None:
    """The same number again is the same request; another number meets a pump that is busy."""
    beside = pump(rate=0)
    first = beside.id + 1
    fields: dict[str, int] = {"id": first, "amount": U, "issued_at": beside.now}
    statuses = [beside.ask(k.BOLUS, 10, **fields).status for _ in range(5)]
    assert statuses == [k.ACCEPTED, *[k.REPEATED] * 4]
    for number in range(first + 1, first + 5):
        assert beside.ask(k.BOLUS, 10, amount=U, id=number).reason == k.REASON_BUSY
    assert beside.run_out() == U


def test_h58_no_unit_is_guessed() -> None:
    """An int is micro-units, a Decimal is the drug's unit; a float or a text is neither."""
    kernel = pump().kernel
    at = kernel.inspect().now
    amounts: tuple[Any, ...] = (40.5, "40.5", True, None)
    for amount in amounts:
        with pytest.raises(InputTypeError):
            kernel.bolus(id=100, at=at, amount=amount)
    with pytest.raises(InputError):
        kernel.bolus(id=100, at=at, amount=Decimal("0.0000001"))
    assert kernel.bolus(id=100, at=at, amount=Decimal("40.5")).reason == k.REASON_BOLUS_CAP
    assert kernel.bolus(id=100, at=at, amount=40).reason == k.REASON_AMOUNT
    assert kernel.bolus(id=100, at=at, amount=Decimal("1.25")).owed == 1_250_000


def test_h59_the_limit_in_force_is_the_limit_reported() -> None:
    """A lowered limit binds at once and is the one that is read; a refused set changes nothing."""
    beside = pump(rate=0)
    lower = replace(LIMITS, bolus_max=3 * U, controller_bolus_max=2 * U, remote_bolus_max=3 * U)
    beside.kernel.adopt(lower, beside.now)
    beside.model.adopt(lower.to_record(), beside.now, k.REASON_NONE)
    assert beside.kernel.inspect().limits == lower.to_record()
    assert beside.ask(k.BOLUS, amount=5 * U).allowable == 3 * U
    before = beside.kernel.state
    with pytest.raises(LimitsRefusedError):
        beside.kernel.adopt(replace(LIMITS, window_length=4 * k.HOUR), beside.now)
    with pytest.raises(LimitsError):
        replace(LIMITS, bolus_max=-1)
    assert beside.kernel.state == before
