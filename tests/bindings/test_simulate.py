"""Simulate: simglucose's patient, driven faster but not otherwise; a pump within its limits."""

import json
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from dosekernel import Kind, Limits, Mode, Reason, Status
from dosekernel import Path as Where
from dosekernel.command import main
from dosekernel.errors import InputError
from dosekernel.kernel.records import DAY, HOUR, MINUTE
from dosekernel.simulate import patient
from dosekernel.simulate.command import DEFAULT_PATIENT, DEFAULT_SEED, step_again
from dosekernel.simulate.day import MIDNIGHT, Days, Simulation
from dosekernel.simulate.patient import Patient, Sensor, ToolMissingError, subject, subjects
from dosekernel.simulate.plan import Change, Meal, Shower, plan, programme
from dosekernel.simulate.summary import stops

LIMITS = "insulin-u100"
PNG = b"\x89PNG"
# mg/dL: both integrations make errors of this size where a meal begins or ends.
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def day() -> Days:
    return lived(DEFAULT_PATIENT, LIMITS, 1, DEFAULT_SEED)


def lived(name: str, limits: str, days: int, seed: int) -> Days:
    return Simulation(subject(name), Limits.load(limits), days, seed).run(lambda _, __: None)


# ---- the patient


@pytest.mark.parametrize("name", ["adult#001", "adolescent#005"])
def test_the_fast_integration_is_simglucoses_own(name: str) -> None:
    module = patient.simglucose("patient.t1dpatient")
    reference = module.T1DPatient.withName(name)
    fast = Patient(name)
    basal = subject(name).basal / 60
    for minute in range(90):
        grams = 40 if minute in (10, 60) else 0
        insulin = basal + (2.5 if minute == 8 else 0.0)
        fast.eat(grams)
        fast.minute(insulin)
        reference.step(module.Action(CHO=grams, insulin=insulin))
        assert fast.observation.Gsub == pytest.approx(reference.observation.Gsub, abs=TOLERANCE)


def test_the_steady_basal_of_the_published_subjects() -> None:
    assert subject("adult#001").basal == pytest.approx(1.267, abs=1e-3)
    assert subject("adolescent#001").basal == pytest.approx(0.836, abs=1e-3)
    assert subject("child#001").basal == pytest.approx(0.395, abs=1e-3)
    assert len(subjects()) == 30


def test_the_stand_ins_are_gone_after_the_import() -> None:
    for name in ("gym", "gym.envs", "gym.envs.registration"):
        assert name not in sys.modules


def test_the_sensor_repeats_itself_with_its_seed() -> None:
    def readings(seed: int) -> list[int]:
        who, sensor = Patient("adult#001"), Sensor(seed)
        found = []
        for _ in range(12):
            found.append(sensor.read(who))
            for _ in range(sensor.interval):
                who.minute(0.02)
        return found

    assert readings(3) == readings(3) != readings(4)


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient, "PACKAGE", "no_such_package")
    with pytest.raises(ToolMissingError, match="pip install"):
        subject("adult#001")


# ---- the plan


def test_the_programme_is_built_around_the_steady_rate() -> None:
    segments = programme(1.267).segments
    assert [segment.start // HOUR for segment in segments] == [0, 4, 8, 20]
    assert [segment.rate for segment in segments] == [1_200_000, 1_400_000, 1_250_000, 1_200_000]
    assert all(segment.rate > 0 for segment in programme(0.01).segments)


def test_the_first_day_is_fixed_and_the_others_wander() -> None:
    one, two = plan(2, 80.0, 1), plan(2, 80.0, 2)
    assert one != two
    first_day = 24 * 60
    assert [p for p in one if p.minute < first_day] == [p for p in two if p.minute < first_day]
    assert sum(isinstance(planned, Meal) for planned in one) == 6
    assert sum(isinstance(planned, Shower) for planned in one) == 2
    assert sum(isinstance(planned, Change) for planned in one) == 1


# ---- the default day


def test_the_day_holds_all_that_it_should(day: Days) -> None:
    kinds = [step.event.kind for step in day.pump.steps if step.outcome.status is Status.ACCEPTED]
    assert kinds.count(Kind.GLUCOSE) == 24 * 12
    assert kinds.count(Kind.TEMP_BASAL) == 1
    assert kinds.count(Kind.SET_BASAL) >= 4
    assert kinds.count(Kind.CONNECT) == 3  # set-up, after the shower, with the new set
    assert kinds.count(Kind.DISCONNECT) >= 2
    assert kinds.count(Kind.LOAD_RESERVOIR) == kinds.count(Kind.INSERT_SET) == 2
    assert kinds.count(Kind.FILL_CANNULA) == kinds.count(Kind.PRIME) == 2
    assert {asked.name.split()[0] for asked in day.asked if asked.accepted} >= {
        "breakfast",
        "lunch",
        "dinner",
    }


def test_the_second_bolus_is_refused_with_what_would_be_allowed(day: Days) -> None:
    slip = next(asked for asked in day.asked if asked.name == "second bolus")
    assert slip.outcome.status is Status.REFUSED
    assert slip.outcome.reason is Reason.WINDOW
    assert 0 < slip.outcome.allowable < slip.amount


def test_the_low_suspends_and_recovers(day: Days) -> None:
    low = [stop for stop in stops(day) if stop.mode is Mode.LOW_SUSPENDED]
    longest = max(low, key=lambda stop: stop.end - stop.start)
    assert 20 <= longest.end - longest.start < day.limits.glucose_suspend_max // MINUTE
    after = day.minutes[longest.end]
    assert after.mode is Mode.DELIVERING
    assert after.sensor >= day.limits.glucose_resume
    assert not any(minute.rate for minute in day.minutes[longest.start : longest.end])


def test_the_patient_gets_exactly_what_the_kernel_released(day: Days) -> None:
    released = {Where.PATIENT: 0, Where.AIR: 0}
    confirmed = 0
    for step in day.pump.steps:
        if step.event.kind is Kind.TICK and step.outcome.amount:
            released[step.outcome.path] += step.outcome.amount
        if step.event.kind is Kind.CONFIRM:
            confirmed += step.event.amount
    given = day.pump.delivered
    assert released[Where.PATIENT] == given.therapy + given.fill
    assert released[Where.AIR] == given.prime
    assert confirmed == sum(released.values())


def test_boluses_are_given_whole(day: Days) -> None:
    accepted = sum(asked.amount for asked in day.asked if asked.accepted)
    assert day.pump.delivered.bolus == accepted


def test_no_cap_is_ever_passed(day: Days) -> None:
    for step in day.pump.steps:
        assert step.outcome.window_total <= day.limits.window_max
        assert step.outcome.day_total <= day.limits.day_max
        assert step.outcome.on_board <= day.limits.on_board_max


def test_basal_is_never_ahead_of_the_programme(day: Days) -> None:
    programmed = sum(minute.programmed for minute in day.minutes) // 60
    assert 0 < day.pump.delivered.basal <= programmed + day.limits.pulse * 2


def test_the_pump_ticks_all_day(day: Days) -> None:
    ticks = [step.event.at for step in day.pump.steps if step.event.kind is Kind.TICK]
    gaps = [after - before for before, after in pairwise(ticks)]
    assert max(gaps) <= MINUTE
    assert day.pump.now >= MIDNIGHT + DAY - MINUTE
    assert len(ticks) > 24 * 60


def test_the_same_seed_gives_the_same_day(day: Days) -> None:
    again = lived(DEFAULT_PATIENT, LIMITS, 1, DEFAULT_SEED)
    assert [s.outcome for s in again.pump.steps] == [s.outcome for s in day.pump.steps]
    assert step_again(day)[1]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_low_comes_with_any_seed(seed: int) -> None:
    found = stops(lived(DEFAULT_PATIENT, LIMITS, 1, seed))
    assert any(stop.mode is Mode.LOW_SUSPENDED for stop in found)


def test_another_person_for_two_days() -> None:
    found = lived("child#002", "insulin-u100-child", 2, 1)
    assert len(found.minutes) == 2 * 24 * 60
    assert all(minute.true_glucose > 20 for minute in found.minutes)


# ---- the command


def test_the_command_writes_summary_picture_and_journal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, plot = tmp_path / "out", tmp_path / "day.svg"
    assert main(["simulate", "--out", str(out), "--plot", str(plot)]) == 0
    said = capsys.readouterr()
    assert "24 of 24 h" in said.err
    assert "second bolus" in said.out
    assert Reason.WINDOW.sentence in said.out
    assert "low suspended for" in said.out
    assert "every outcome equal" in said.out
    assert (out / "summary.txt").read_text() == said.out
    assert (out / "day.png").read_bytes().startswith(PNG)
    assert "insulin on board" in plot.read_text()
    assert main(["run", "--limits", LIMITS, str(out / "events.jsonl")]) == 0
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    first = [json.loads(line) for line in (out / "outcomes.jsonl").read_text().splitlines()]
    assert len(first) == len(again)
    assert all(one.items() <= other.items() for one, other in zip(first, again, strict=True))


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--json", "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    found = json.loads(said.out)
    assert found["patient"] == DEFAULT_PATIENT
    given = found["delivered"]
    assert given["a_day"] == given["basal"] + given["bolus"]
    assert {bolus["status"] for bolus in found["boluses"]} == {"ACCEPTED", "REFUSED"}
    shares = [found["glucose"][f"percent_{where}"] for where in ("in_range", "below", "above")]
    assert sum(shares) == pytest.approx(100, abs=0.2)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--patient", "adult#011"], "allowed: adolescent#001, adolescent#002"),
        (["--days", "0"], "--days: 0; allowed: 1 to 28"),
        (["--seed", "-1"], "--seed: -1; allowed: 0 to"),
        (["--plot", "day.bmp"], "allowed endings: .png, .svg, .pdf"),
        (["--plot", "no-such-folder/day.png"], "there is no such folder"),
        (["--limits", "no-such-limits"], "no-such-limits"),
        (["--limits", "insulin-u100-child"], "basal_reserve"),
        (["--limits", "pca-morphine"], "is in mg, and this patient needs insulin"),
        (["--days", "many"], "invalid int value"),
    ],
)
def test_bad_words_are_named(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--quiet", *arguments]) == 2
    said = capsys.readouterr()
    assert expected in said.err
    assert said.out == ""
    assert "Traceback" not in said.err


def test_limits_that_refuse_the_set_up_say_so() -> None:
    tiny = replace(Limits.load(LIMITS), reservoir_capacity=2_000_000, reservoir_low=0)
    with pytest.raises(InputError, match="set-up") as caught:
        Simulation(subject(DEFAULT_PATIENT), tiny, 1, 1).run(lambda _, __: None)
    assert Reason.RESERVOIR.sentence in str(caught.value)
