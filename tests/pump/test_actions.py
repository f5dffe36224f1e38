"""What a person can do at the pump: shown first, confirmed once and in time, stopped at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from dosekernel import InputError, Kind, Limits, LimitsRefusedError, Reason
from dosekernel.pump import opening
from dosekernel.pump.actions import Actions
from dosekernel.pump.day_log import Day
from dosekernel.pump.journal import What
from dosekernel.pump.proposals import PATIENCE, ExpiredError, OvertakenError
from dosekernel.pump.set_change import SetChange, Step
from dosekernel.pump.shell import Pump
from dosekernel.pump.status import status
from dosekernel.pump.words import span
from dosekernel.spec.reasons import Alarm, Mode, Status
from tests.pump.prepared import HOUR, MINUTE, UNIT, carried_out, opened


def asked(pump: Pump) -> int:
    """How many entries of requests there are."""
    return len(pump.journal.asked(pump.journal.seq + 1, 10_000))


# ---- proposals


def test_looking_changes_nothing(pump: Pump) -> None:
    actions, state, seq = Actions(pump), pump.kernel.state, pump.journal.seq
    actions.bolus(UNIT)
    actions.dual(UNIT, UNIT, HOUR)
    actions.temporary(percent=150, duration=HOUR)
    actions.adopt(Limits.load("insulin-u100-child"))
    actions.setting("clinic", "call")
    assert (pump.kernel.state, pump.journal.seq) == (state, seq)


def test_a_proposal_says_what_would_be_in_the_body(pump: Pump) -> None:
    proposal = Actions(pump).bolus(2_500_000)
    assert proposal.accepted
    on_board = proposal.preview.on_board + 2_500_000
    assert on_board == 2_800_000  # the cannula's fill counts
    assert "on board at most 2.8 U of 30 U" in proposal.sentence
    assert "last 1 h 2.8 U of 25 U" in proposal.sentence
    assert "last 24 h 2.8 U of 180 U" in proposal.sentence


def test_what_is_shown_as_allowed_is_accepted_and_a_pulse_more_is_not(pump: Pump) -> None:
    actions = Actions(pump)
    refused = actions.bolus(50 * UNIT)
    assert not refused.accepted
    assert refused.allowable == 17 * UNIT
    assert "At most 17 U would be accepted now." in refused.sentence
    more = actions.bolus(refused.allowable + pump.limits.pulse)
    assert not more.accepted
    assert actions.confirm(actions.bolus(refused.allowable)).status is Status.ACCEPTED


@pytest.mark.parametrize(
    ("kind", "fields", "allowed"),
    [
        (Kind.BOLUS, {"amount": 2_530_000}, "in whole multiples of 0.05 U"),
        (Kind.TEMP_BASAL, {"rate": 7 * UNIT, "duration": HOUR}, "at most 6 U/h"),
        (Kind.TEMP_BASAL, {"rate": UNIT, "duration": 20 * HOUR}, "above 0, at most 12 h"),
        (Kind.EXTENDED_BOLUS, {"amount": UNIT, "duration": 9 * HOUR}, "above 0, at most 8 h"),
        (Kind.PRIME, {"amount": UNIT}, "disconnect it first"),
    ],
)
def test_a_refusal_names_its_reason_and_what_would_be_allowed(
    pump: Pump, kind: Kind, fields: dict[str, int], allowed: str
) -> None:
    proposal = Actions(pump).propose(kind, **fields)
    assert not proposal.accepted
    assert proposal.preview.reason.sentence in proposal.sentence
    assert allowed in proposal.sentence


def test_a_proposal_is_used_once(pump: Pump) -> None:
    actions = Actions(pump)
    proposal = actions.bolus(UNIT)
    assert actions.confirm(proposal).status is Status.ACCEPTED
    before = asked(pump)
    with pytest.raises(OvertakenError, match="confirmed already"):
        actions.confirm(proposal)
    assert asked(pump) == before


def test_a_setting_is_kept_once(pump: Pump) -> None:
    actions = Actions(pump)
    change = actions.setting("clinic", "call 1")
    actions.confirm_setting(change)
    pump.set("clinic", "call 2")
    with pytest.raises(OvertakenError):
        actions.confirm_setting(change)
    assert pump.settings["clinic"] == "call 2"


def test_a_half_entered_request_is_not_completed_later(pump: Pump) -> None:
    actions = Actions(pump)
    in_time, late = actions.bolus(UNIT), actions.bolus(UNIT)
    pump.clock.sleep(PATIENCE)
    assert actions.confirm(in_time).status is Status.ACCEPTED
    late = replace(late, number=pump.last_id)  # nothing but its age speaks against it
    pump.clock.sleep(1)
    before = asked(pump)
    with pytest.raises(ExpiredError, match="more than 1 min ago"):
        actions.confirm(late)
    assert asked(pump) == before


def test_the_kernel_sees_when_a_request_was_made(pump: Pump) -> None:
    actions = Actions(pump)
    proposal = actions.bolus(UNIT)
    pump.clock.sleep(30_000)
    actions.confirm(proposal)
    last = pump.kernel.inspect().last
    assert last.at - last.issued_at == 30_000


def test_a_proposal_is_overtaken_by_any_other_request(pump: Pump) -> None:
    actions = Actions(pump)
    proposal = actions.bolus(UNIT)
    actions.stop()
    actions.resume()
    with pytest.raises(OvertakenError, match="look again"):
        actions.confirm(proposal)
    assert pump.kernel.inspect().bolus_owed == 0


def test_both_parts_of_a_dual_bolus_are_accepted_or_nothing_is_asked(pump: Pump) -> None:
    actions = Actions(pump)
    too_much = actions.dual(16 * UNIT, 16 * UNIT, HOUR)
    assert not too_much.accepted
    before = asked(pump)
    assert actions.confirm(too_much).status is Status.REFUSED
    assert asked(pump) == before
    assert pump.kernel.inspect().extended_amount == 0

    dual = actions.dual(UNIT, 2 * UNIT, HOUR)
    assert dual.accepted
    assert actions.confirm(dual).status is Status.ACCEPTED
    state = pump.kernel.inspect()
    assert (state.bolus_owed, state.extended_amount) == (UNIT, 2 * UNIT)


def test_a_temporary_rate_in_per_cent_is_of_the_programmed_rate(pump: Pump) -> None:
    actions = Actions(pump)
    proposal = actions.temporary(percent=150, duration=HOUR)
    assert proposal.fields["rate"] == 1_500_000
    actions.confirm(proposal)
    again = actions.temporary(percent=50, duration=HOUR)
    assert again.fields["rate"] == 500_000
    with pytest.raises(InputError, match="allowed: 0 to 1000"):
        actions.temporary(percent=-1, duration=HOUR)
    with pytest.raises(InputError, match="either a rate or a percentage"):
        actions.temporary(duration=HOUR)


def test_a_stop_in_the_middle_of_a_stroke_is_a_suspension_and_no_fault(pump: Pump) -> None:
    actions = Actions(pump)
    actions.confirm(actions.bolus(10 * UNIT))
    pump.run(9000)
    outcome = actions.stop()
    pump.settle()
    assert outcome.status is Status.ACCEPTED
    assert pump.last is not None
    assert pump.last.mode is Mode.SUSPENDED
    assert Alarm.FAULT not in pump.last.alarms
    assert "Not given: " in actions.in_words(Kind.SUSPEND, outcome)
    actions.resume()
    assert pump.kernel.inspect().bolus_owed == 0


# ---- limits


def test_limits_are_shown_and_adopted_as_a_whole(pump: Pump) -> None:
    actions = Actions(pump)
    tighter = replace(pump.limits, name="tighter", bolus_max=5 * UNIT, remote_bolus_max=UNIT)
    adoption = actions.adopt(tighter)
    assert adoption.accepted
    assert [(one.name, one.before, one.after) for one in adoption.changes] == [
        ("name", "insulin-u100", "tighter"),
        ("bolus_max", "17 U", "5 U"),
        ("remote_bolus_max", "5 U", "1 U"),
    ]
    assert actions.bolus(6 * UNIT).accepted
    actions.confirm_limits(adoption)
    assert pump.limits.bolus_max == pump.kernel.inspect().limits.bolus_max == 5 * UNIT
    assert not actions.bolus(6 * UNIT).accepted


def test_refused_limits_leave_the_old_ones(pump: Pump, journal: Path) -> None:
    actions = Actions(pump)
    adoption = actions.adopt(Limits.load("insulin-u100-child"))
    assert not adoption.accepted
    assert Reason.LIMITS_PULSE.sentence in adoption.sentence
    old = pump.limits
    with pytest.raises(LimitsRefusedError):
        actions.confirm_limits(adoption)
    assert pump.limits == old
    pump.close()
    with opened(journal) as again:
        assert again.limits == old


# ---- the change of reservoir and set


def test_a_set_change_goes_on_where_it_was_after_every_restart(journal: Path) -> None:
    with opened(journal) as pump:
        pump.run(HOUR)
        SetChange(pump).begin()
    for expected in Step:
        with opened(journal) as pump:
            change = SetChange(pump)
            assert change.under_way
            assert change.next is expected
            assert change.instruction(expected)
            assert carried_out(change, expected).status is Status.ACCEPTED
    with opened(journal) as pump:
        change = SetChange(pump)
        assert (change.under_way, change.next) == (False, None)
        assert pump.last is not None
        assert pump.last.mode is Mode.DELIVERING
        assert len(list(pump.journal.rare(What.SITE))) == 2


def test_what_was_put_in_before_is_not_taken_for_new(pump: Pump) -> None:
    change = SetChange(pump)
    change.begin()
    assert carried_out(change, Step.DISCONNECT).status is Status.ACCEPTED
    assert change.load(100 * UNIT).status is Status.ACCEPTED
    change.begin()
    assert change.next is Step.LOAD


@pytest.mark.parametrize(
    ("reservoir", "infusion_set", "steps"),
    [
        (True, False, [Step.DISCONNECT, Step.LOAD, Step.PRIME, Step.CONNECT]),
        (False, True, [Step.DISCONNECT, Step.PRIME, Step.INSERT, Step.CONNECT, Step.FILL]),
    ],
)
def test_one_of_both_can_be_changed(
    pump: Pump, reservoir: bool, infusion_set: bool, steps: list[Step]
) -> None:
    pump.run(HOUR)
    before = pump.kernel.inspect()
    change = SetChange(pump)
    change.begin(reservoir=reservoir, infusion_set=infusion_set)
    assert change.steps == steps
    for step in steps:
        assert change.next is step
        assert carried_out(change, step).status is Status.ACCEPTED
    after = pump.kernel.inspect()
    assert (after.set_at > before.set_at) is infusion_set
    assert (after.reservoir_at > before.reservoir_at) is reservoir
    assert not change.under_way


def test_a_step_out_of_turn_is_refused_by_the_kernel(pump: Pump) -> None:
    change = SetChange(pump)
    change.begin()
    assert change.load(UNIT).reason is Reason.CONNECTED
    assert change.next is Step.DISCONNECT
    change.disconnect()
    assert change.insert(7).reason is Reason.NOT_PRIMED
    assert len(list(pump.journal.rare(What.SITE))) == 1
    with pytest.raises(InputError, match="the reservoir, the set, or both"):
        change.begin(reservoir=False, infusion_set=False)
    change.abandon()
    assert not change.under_way


# ---- what the home screen shows


def test_status_tells_all_that_is_so(pump: Pump) -> None:
    actions = Actions(pump)
    actions.glucose(120)
    pump.run(5 * MINUTE)
    actions.glucose(129)
    actions.confirm(actions.temporary(percent=200, duration=HOUR))
    actions.confirm(actions.bolus(2 * UNIT))
    pump.run(10 * MINUTE)
    now = status(pump)
    assert now.mode == "DELIVERING"
    assert (now.rate, now.programmed_rate, now.temporary_rate) == (2 * UNIT, UNIT, 2 * UNIT)
    assert now.temporary_left == 50 * MINUTE
    assert now.reservoir_left is not None
    # 50 minutes of 2 U/h, then 1 U/h.
    rest = now.reservoir - now.owed - 2 * UNIT * 50 // 60
    assert abs(now.reservoir_left - (50 * MINUTE + rest * HOUR // UNIT)) < MINUTE
    assert (now.glucose, now.glucose_age, now.glucose_fresh) == (129, 10 * MINUTE, True)
    assert (now.trend.arrow, now.trend.text) == ("↗", "rising")
    assert now.last_bolus is not None
    assert (now.last_bolus.amount, now.last_bolus.not_given) == (2 * UNIT, 0)
    assert now.local_time == "2026-03-01T06:25:00+00:00"
    assert [point.value for point in now.day.glucose] == [120, 129]
    released = sum(point.value for point in now.day.released)
    assert released == now.day_total
    assert now.alarms == ()


def test_the_time_left_in_the_reservoir_follows_every_change(pump: Pump) -> None:
    actions = Actions(pump)
    before = status(pump).reservoir_left
    actions.confirm(actions.bolus(10 * UNIT))
    after = status(pump).reservoir_left
    assert before is not None
    assert after is not None
    assert before - after == 10 * HOUR
    actions.stop()
    assert status(pump).reservoir_left is None
    actions.resume()
    pump.set("programmes", {"day": [[0, 2 * UNIT]]})
    pump.set("programme", "day")
    pump.advance()
    faster = status(pump).reservoir_left
    assert faster is not None
    assert abs(faster - before // 2) <= MINUTE


def test_a_day_is_read_on_and_forgets_what_is_older(pump: Pump) -> None:
    actions, day = Actions(pump), Day()
    actions.confirm(actions.bolus(UNIT))
    pump.run(10 * MINUTE)
    status(pump, day)
    assert [dose.amount for dose in day.boluses] == [UNIT]
    actions.confirm(actions.dual(2 * UNIT, 3 * UNIT, HOUR))
    pump.run(30 * MINUTE)
    actions.cancel_bolus()
    pump.run(MINUTE)
    status(pump, day)
    again = Day()
    again.read(pump)
    assert day.boluses == again.boluses
    assert day.rates == again.rates
    assert [(dose.kind, dose.amount) for dose in day.boluses] == [
        ("BOLUS", UNIT),
        ("EXTENDED_BOLUS", 3 * UNIT),
        ("BOLUS", 2 * UNIT),
    ]
    assert [dose.not_given > 0 for dose in day.boluses] == [False, True, False]
    assert pump.clock.now().wall > 0
    pump.clock.sleep(25 * HOUR)
    day.read(pump)
    assert day.boluses == []
    assert day.released == []


@pytest.mark.parametrize(
    ("duration", "told"),
    [
        (0, "0 s"),
        (59_999, "59 s"),
        (MINUTE, "1 min"),
        (HOUR, "1 h"),
        (80 * MINUTE, "1 h 20 min"),
        (24 * HOUR, "1 d"),
        (51 * HOUR, "2 d 3 h"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(duration: int, told: str) -> None:
    assert span(duration) == told


# ---- opening


def test_a_simulated_pump_stands_still_between_programs(journal: Path) -> None:
    with opened(journal) as pump:
        first = pump.now(), pump.clock.now()
    with opened(journal) as pump:
        assert (pump.now(), pump.clock.now()) == first
        assert pump.last is not None
        assert Alarm.GAP not in pump.last.alarms


def test_the_journal_is_where_the_user_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv(opening.VARIABLE, raising=False)
    assert opening.default_path() == tmp_path / "dosekernel" / "pump.journal"
    monkeypatch.setenv(opening.VARIABLE, str(tmp_path / "mine"))
    assert opening.default_path() == tmp_path / "mine"
