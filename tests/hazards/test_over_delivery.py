"""Section A of the hazards: more drug than was meant. One test for each row, named by its id."""

from dataclasses import replace
from random import Random

import pytest

from dosekernel import Event, Kernel, Limits
from dosekernel.kernel import records as k
from dosekernel.kernel.step import initialise
from dosekernel.spec.limits import LimitsError
from dosekernel.strategies import Bedside
from dosekernel.strategies.walk import Walk

U = 1_000_000
LIMITS = Limits.load("insulin-u100")
ROOMY = replace(LIMITS, on_board_max=200 * U)  # only the windows bind


def pump(limits: Limits = LIMITS, rate: int = U) -> Bedside:
    return Bedside(limits).set_up(rate)


def test_h01_a_rate_above_the_limit_is_refused_and_changes_nothing() -> None:
    """Programmed and temporary rates above `basal_max` are refused whole, never cut."""
    beside = pump()
    before = beside.kernel.state
    assert beside.ask(k.SET_BASAL, rate=6 * U + 1).reason == k.REASON_RATE_CAP
    temporary = beside.ask(k.TEMP_BASAL, rate=6 * U + 1, duration=k.HOUR)
    assert temporary.reason == k.REASON_RATE_CAP
    assert beside.kernel.state == before
    assert beside.tick().rate == U


def test_h02_many_small_boluses_do_not_pass_the_window() -> None:
    """Asking for 0.5 U every 30 s for three hours: each is small, their sum is bounded."""
    beside = pump(ROOMY)
    refused = 0
    for _ in range(360):
        outcome = beside.ask(k.BOLUS, 30_000, amount=U // 2)
        refused += outcome.reason in (k.REASON_WINDOW, k.REASON_DAY)
        beside.run(1)
    assert refused > 100
    assert beside.highest(k.HOUR) <= ROOMY.window_max
    assert beside.highest(k.HOUR) > ROOMY.window_max - 5 * U


def test_h03_basal_after_boluses_stays_under_the_cap_and_is_never_withheld() -> None:
    """As much bolus as is allowed, then basal at the reserved rate for five hours."""
    beside = pump(ROOMY, rate=3 * U)
    while (room := beside.ask(k.BOLUS, amount=1).allowable) > 0:
        assert beside.ask(k.BOLUS, amount=room).status == k.ACCEPTED
        beside.run_out(k.MINUTE)
    released = 0
    for _ in range(300):
        outcome = beside.tick(k.MINUTE)
        assert outcome.reason not in (k.REASON_WINDOW, k.REASON_DAY)
        released += outcome.amount
        if outcome.amount:
            beside.confirm()
    assert 15 * U - ROOMY.pulse <= released <= 15 * U + ROOMY.pulse
    assert beside.highest(k.HOUR) <= ROOMY.window_max


def test_h04_a_bolus_above_the_limit_is_refused_not_clipped() -> None:
    """One pulse too much: refused with the reason, nothing owed, and the largest that would do."""
    beside = pump()
    before = beside.kernel.state
    outcome = beside.ask(k.BOLUS, amount=LIMITS.bolus_max + LIMITS.pulse)
    assert (outcome.status, outcome.reason) == (k.REFUSED, k.REASON_BOLUS_CAP)
    assert outcome.allowable == LIMITS.bolus_max
    assert outcome.owed == 0
    assert beside.kernel.state == before


@pytest.mark.parametrize("source", [k.USER, k.REMOTE])
def test_h05_spacing_runs_from_the_last_pulse_whoever_asks(source: int) -> None:
    """The lockout begins when the last pulse was settled, not when the bolus was asked for."""
    beside = pump(replace(LIMITS, bolus_lockout=6 * k.MINUTE))
    beside.ask(k.BOLUS, amount=3 * U)
    beside.run_out()
    soon = beside.ask(k.BOLUS, 6 * k.MINUTE - 1, amount=U, source=source)
    assert soon.reason == k.REASON_LOCKOUT
    assert beside.ask(k.BOLUS, 1, amount=U, source=source).status == k.ACCEPTED


def test_h06_spacing_holds_after_a_dose_that_is_uncertain_or_cancelled() -> None:
    """Whatever became of the last dose, the spacing rule looks at it."""
    locked = replace(LIMITS, bolus_lockout=10 * k.MINUTE)
    beside = pump(locked)
    beside.ask(k.BOLUS, amount=U)
    beside.tick(k.MINUTE)
    beside.ask(k.UNCERTAIN, id=beside.model.pump.sequence)
    assert beside.ask(k.BOLUS, k.MINUTE, amount=U).reason == k.REASON_LOCKOUT
    beside = pump(locked)
    beside.ask(k.BOLUS, amount=5 * U)
    beside.ask(k.CANCEL_BOLUS, k.MINUTE)
    assert beside.ask(k.BOLUS, k.MINUTE, amount=U).reason == k.REASON_LOCKOUT


def test_h07_an_unconfirmed_bolus_blocks_the_next() -> None:
    """ "Bolus failed" on a screen: the dose counts, and the next waits for the motor's report."""
    beside = pump()
    beside.ask(k.BOLUS, amount=U)
    while beside.tick(10_000).owed:
        beside.confirm()
    outcome = beside.ask(k.BOLUS, k.MINUTE, amount=U)
    assert outcome.reason == k.REASON_BUSY
    assert outcome.on_board > U
    beside.confirm()
    assert beside.ask(k.BOLUS, amount=U).status == k.ACCEPTED


def test_h08_the_ledger_is_written_in_the_step_that_releases() -> None:
    """The outcome that moves the motor already counts the dose, before any report."""
    beside = pump()
    beside.ask(k.BOLUS, amount=U)
    before = beside.tick()
    after = beside.tick(k.MINUTE)
    assert after.amount > 0
    assert after.window_total == before.window_total + after.amount
    assert after.reservoir == before.reservoir - after.amount
    assert beside.kernel.inspect().action.slots[0] >= after.amount


def test_h09_unknown_delivery_is_booked_in_full() -> None:
    """A link lost during a bolus: all that was released stays counted, the rest is cancelled."""
    beside = pump()
    beside.ask(k.BOLUS, amount=5 * U)
    released = beside.tick(k.MINUTE)
    outcome = beside.ask(k.UNCERTAIN, id=released.sequence)
    assert outcome.window_total == released.window_total
    assert outcome.not_given == 5 * U - released.amount
    assert outcome.owed == 0
    assert outcome.alarms & k.ALARM_UNCERTAIN


def test_h10_a_dose_outlives_set_changes_and_limits_until_it_has_acted() -> None:
    """Neither a new set nor new limits make insulin on board disappear."""
    beside = pump()
    beside.ask(k.BOLUS, amount=10 * U)
    beside.run_out()
    beside.set_up()
    beside.kernel.adopt(replace(LIMITS, bolus_max=5 * U), beside.now)
    beside.model.adopt(replace(LIMITS, bolus_max=5 * U).to_record(), beside.now, k.REASON_NONE)
    on_board = [beside.tick(20 * k.MINUTE).on_board for _ in range(24)]
    assert on_board[0] > 9 * U
    assert on_board == sorted(on_board, reverse=True)


def test_h11_a_gap_in_the_ledger_is_corrupt_not_zero() -> None:
    """A slot that was lost makes the whole state refuse to deliver."""
    beside = pump()
    beside.ask(k.BOLUS, amount=5 * U)
    beside.run_out()
    memory = k.Memory()
    memory.set_words(list(beside.kernel._words()))
    memory.state.action.slots[0] = 0
    beside.kernel._set_words(memory.words())
    outcome = beside.kernel.step(Event(k.TICK, at=beside.now))
    assert (outcome.status, outcome.amount) == (k.CORRUPT, 0)


def test_h12_missed_basal_is_not_repaid_after_a_resume() -> None:
    """One hour suspended, one hour resumed: one hour of basal, no more."""
    beside = pump(rate=2 * U)
    beside.run(k.HOUR)
    beside.ask(k.SUSPEND)
    assert beside.run(k.HOUR) == 0
    assert beside.ask(k.RESUME).rate == 2 * U
    assert beside.run(k.HOUR) <= 2 * U


def test_h13_a_resume_without_a_suspend_is_refused() -> None:
    """It could only invent a debt; and drug on board is never below zero."""
    beside = pump()
    before = beside.kernel.state
    assert beside.ask(k.RESUME).reason == k.REASON_NOT_SUSPENDED
    assert beside.kernel.state == before
    assert beside.run(10 * k.HOUR, 5 * k.MINUTE) > 0
    assert beside.tick().on_board >= 0


def test_h14_a_temporary_rate_replaces_the_one_before() -> None:
    """Two that overlap: half an hour of the first, one hour of the second, then the programme."""
    beside = pump(rate=U)
    beside.ask(k.TEMP_BASAL, rate=2 * U, duration=k.HOUR)
    first = beside.run(30 * k.MINUTE)
    beside.ask(k.TEMP_BASAL, rate=3 * U, duration=k.HOUR)
    second = beside.run(k.HOUR)
    third = beside.run(k.HOUR)
    pulse = LIMITS.pulse
    for found, meant in ((first, U), (second, 3 * U), (third, U)):
        assert meant - pulse <= found <= meant + pulse


@pytest.mark.parametrize(("cap", "most"), [(3_030_000, 3 * U), (30_000, 0), (50_000, 50_000)])
def test_h15_a_cap_between_two_pulses_rounds_down(cap: int, most: int) -> None:
    """3.03 U never becomes 3.05, and 0.03 U never 0.05."""
    beside = pump(replace(LIMITS, bolus_max=cap, controller_bolus_max=0, remote_bolus_max=0))
    assert beside.ask(k.BOLUS, amount=1).allowable == most
    above = beside.ask(k.BOLUS, amount=most + LIMITS.pulse)
    assert above.reason == k.REASON_BOLUS_CAP
    if most:
        assert beside.ask(k.BOLUS, amount=most).status == k.ACCEPTED


def test_h16_a_missing_limit_is_refused_and_zero_allows_nothing() -> None:
    """No key may be left out, and a cap of 0 means none, not no cap."""
    text = 'name = "short"\nunit = "U"\npulse = 0.05\n'
    with pytest.raises(LimitsError, match="basal_max"):
        Limits.parse(text)
    none = replace(LIMITS, bolus_max=0, controller_bolus_max=0, remote_bolus_max=0)
    assert pump(none).ask(k.BOLUS, amount=LIMITS.pulse).reason == k.REASON_BOLUS_CAP
    assert initialise(k.Memory(), k.Limits(), 0) == k.REASON_LIMITS


def test_h17_volume_leaves_in_a_tick_alone() -> None:
    """Thousands of events of every kind: only an accepted TICK has an amount and a path."""
    released = 0
    for seed in range(10):
        kernel, walk = Kernel(LIMITS), Walk(Random(seed))
        for _ in range(300):
            event = Event.from_words(walk.event(kernel.inspect()).words())
            outcome = kernel.step(event)
            released += outcome.amount
            if outcome.amount or outcome.pulses or outcome.path:
                assert (event.kind, outcome.status) == (k.TICK, k.ACCEPTED)
    assert released > 0


def test_h18_an_unknown_patient_class_gets_no_limits() -> None:
    """No adult's limits by default: an unknown preset and an unknown source are errors."""
    with pytest.raises(LimitsError, match="insulin-u100-teen"):
        Limits.load("insulin-u100-teen")
    assert pump().ask(k.BOLUS, amount=U, source=5).reason == k.REASON_RANGE


def test_h19_the_limit_holds_for_the_final_rate() -> None:
    """A programme of 4 U/h, a temporary rate of 200 %: the product is what is compared."""
    beside = pump(rate=3 * U)
    beside.ask(k.SET_BASAL, rate=4 * U)
    doubled = beside.ask(k.TEMP_BASAL, rate=8 * U, duration=k.HOUR)
    assert doubled.reason == k.REASON_RATE_CAP
    assert beside.tick().rate == 4 * U


def test_h20_a_reported_over_flow_stops_at_once_and_is_booked() -> None:
    """Free flow: the motor reports what ran; everything stops and it counts against the caps."""
    beside = pump()
    beside.ask(k.BOLUS, amount=5 * U)
    before = beside.tick()
    outcome = beside.ask(k.FAULT, 1000, code=k.CAUSE_OVERFLOW, amount=2 * U)
    assert (outcome.mode, outcome.owed, outcome.rate) == (k.MODE_FAULTED, 0, 0)
    assert outcome.window_total == before.window_total + 2 * U
    assert outcome.reservoir == before.reservoir - 2 * U
    assert beside.run(k.HOUR) == 0


def test_h20_an_over_flow_reported_after_a_disconnection_is_booked_too() -> None:
    """What ran before the disconnection is in the body: it counts, whenever it is reported."""
    beside = pump()
    before = beside.tick()
    beside.ask(k.DISCONNECT)
    outcome = beside.ask(k.FAULT, 1000, code=k.CAUSE_OVERFLOW, amount=2 * U)
    assert outcome.window_total == before.window_total + 2 * U


def test_h21_no_dose_starts_in_a_fault_and_a_fault_ends_the_running_one() -> None:
    """The rest of a bolus is reported as not given; a new one is refused."""
    beside = pump()
    beside.ask(k.BOLUS, amount=5 * U)
    given = beside.tick(k.MINUTE).amount
    outcome = beside.ask(k.FAULT, code=k.CAUSE_MOTOR)
    assert outcome.not_given == 5 * U - given
    assert beside.ask(k.BOLUS, amount=U).reason == k.REASON_FAULTED
    assert beside.ask(k.EXTENDED_BOLUS, amount=U, duration=k.HOUR).reason == k.REASON_FAULTED


def test_h22_no_dose_before_the_set_is_ready() -> None:
    """At each stage of the set-up a bolus is refused with what is missing."""
    beside = Bedside(LIMITS)
    stages: tuple[tuple[int, dict[str, int], int], ...] = (
        (k.LOAD_RESERVOIR, {"amount": 200 * U}, k.REASON_NOT_READY),
        (k.PRIME, {"amount": U}, k.REASON_NOT_READY),
        (k.INSERT_SET, {"code": 1}, k.REASON_DISCONNECTED),
        (k.CONNECT, {}, k.REASON_NOT_READY),
        (k.FILL_CANNULA, {"amount": 300_000}, k.REASON_NONE),
    )
    assert beside.ask(k.BOLUS, amount=U).reason == k.REASON_NOT_READY
    for kind, fields, reason in stages:
        assert beside.ask(kind, **fields).status == k.ACCEPTED
        beside.run_out()
        assert beside.ask(k.BOLUS, amount=U).reason == reason


@pytest.mark.parametrize("source", [k.USER, k.CONTROLLER, k.REMOTE])
def test_h23_the_on_board_ceiling_holds_for_every_source(source: int) -> None:
    """One ceiling in the state: whoever asks, the sum on board stays under it."""
    limits = replace(LIMITS, on_board_max=4 * U, basal_reserve=0)
    beside = pump(limits, rate=0)
    beside.ask(k.BOLUS, amount=3 * U)
    beside.run_out()
    beside.ask(k.GLUCOSE, glucose=150)
    outcome = beside.ask(k.BOLUS, amount=3 * U // 2, source=source)
    assert outcome.reason == k.REASON_ON_BOARD
    assert outcome.allowable + outcome.on_board <= 4 * U
