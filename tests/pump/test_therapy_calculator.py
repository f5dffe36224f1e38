"""The calculator: exact, downwards, never more than the figures say, and only a proposal."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosekernel import Limits
from dosekernel.errors import InputError
from dosekernel.pump.shell import Pump
from dosekernel.pump.therapy import glucose
from dosekernel.pump.therapy.calculator import (
    Settings,
    bolus_acting,
    calculate,
    checked,
    correct,
    settings_of,
    whole,
)
from dosekernel.pump.therapy.glucose import Unit
from dosekernel.spec.reasons import Kind, Status

from .therapies import HOUR, MINUTE, UNIT, delivering, live

PERSON = {"ratios": [[0, "10"], [11 * 60, "12.5"]], "correction": 50, "target": 110}
# 2026-05-04 08:00 and 12:00 UTC.
MORNING = 1_777_881_600_000
NOON = MORNING + 4 * HOUR


def of_a_person(folder: Path, limits: Limits, wall: int = MORNING) -> Pump:
    pump = delivering(folder, limits, wall)
    for name, value in PERSON.items():
        pump.set(name, value)
    return pump


def read(pump: Pump, value: int) -> None:
    assert pump.report(Kind.GLUCOSE, glucose=value).status is Status.ACCEPTED


def given_bolus(pump: Pump, amount: int) -> None:
    assert pump.ask(Kind.BOLUS, amount=amount).status is Status.ACCEPTED
    live(pump, 10 * MINUTE, 10_000)


# ---- the sum


def test_a_meal_is_rounded_down_to_pulses(tmp_path: Path, limits: Limits) -> None:
    pump = of_a_person(tmp_path, limits)
    advice = calculate(pump, Decimal("47.9"))
    assert advice.meal == Fraction(4_790_000)
    assert advice.amount == 4_750_000
    assert "47.9 g at 10 g/U (08:00): 4.79 U" in advice.lines[0]
    assert advice.lines[1] == "No fresh glucose: nothing is corrected."
    assert "Only you can decide" in advice.lines[-1]


def test_the_ratio_is_that_of_the_time_of_day(tmp_path: Path, limits: Limits) -> None:
    pump = of_a_person(tmp_path, limits, NOON)
    assert calculate(pump, Decimal(50)).amount == 4 * UNIT


def test_a_fresh_reading_is_corrected_less_what_acts(tmp_path: Path, limits: Limits) -> None:
    pump = of_a_person(tmp_path, limits)
    read(pump, 210)
    alone = calculate(pump)
    assert alone.correction == 2 * UNIT
    assert alone.amount == 2 * UNIT
    given_bolus(pump, UNIT)
    read(pump, 210)
    after = calculate(pump)
    # Ten minutes later all of it still counts.
    assert after.acting == UNIT
    assert after.amount == UNIT
    assert after.bound > after.acting
    assert "safety bound, basal included" in after.lines[2]


def test_what_acts_is_taken_from_the_correction_only(tmp_path: Path, limits: Limits) -> None:
    pump = of_a_person(tmp_path, limits)
    given_bolus(pump, 5 * UNIT)
    read(pump, 160)
    advice = calculate(pump, Decimal(30))
    assert advice.correction == 0
    assert advice.amount == 3 * UNIT


def test_below_target_takes_from_the_meal_and_never_below_none(
    tmp_path: Path, limits: Limits
) -> None:
    pump = of_a_person(tmp_path, limits)
    read(pump, 85)
    assert calculate(pump, Decimal(30)).amount == 2_500_000
    nothing = calculate(pump, Decimal(4))
    assert nothing.correction == Fraction(-500_000)
    assert nothing.amount == 0


def test_a_low_is_never_dosed(tmp_path: Path, limits: Limits) -> None:
    pump = of_a_person(tmp_path, limits)
    advice = calculate(pump, Decimal(100), glucose=65)
    assert advice.amount == 0
    assert "Glucose is low: eat first; no bolus is proposed." in advice.lines


def test_a_stale_reading_corrects_nothing(tmp_path: Path, limits: Limits) -> None:
    pump = of_a_person(tmp_path, limits)
    read(pump, 300)
    live(pump, limits.glucose_stale, 5 * MINUTE)
    assert calculate(pump).amount > 0
    live(pump, 5 * MINUTE)
    assert calculate(pump).amount == 0


def test_nothing_is_asked_and_nothing_is_written(tmp_path: Path, limits: Limits) -> None:
    pump = of_a_person(tmp_path, limits)
    state, seq = pump.kernel.state, pump.journal.seq
    calculate(pump, Decimal(60), glucose=200)
    assert (pump.kernel.state, pump.journal.seq) == (state, seq)


@given(reading=st.integers(20, 1000), acting=st.integers(0, 30 * UNIT), meal=st.integers(0, 10**8))
def test_the_sum_is_the_formula_and_a_pulse_at_most_below_it(
    reading: int, acting: int, meal: int
) -> None:
    person = checked(PERSON)
    # The same in units and decimals: 50 divides every power of ten there is.
    above = Decimal(reading - 110) / 50
    exact = Decimal(meal) / UNIT + (
        max(Decimal(0), above - Decimal(acting) / UNIT) if above > 0 else above
    )
    correction = correct(person, reading, acting)
    amount = whole(meal + correction, reading, 50_000)
    if reading < 70:
        assert amount == 0
    else:
        assert amount % 50_000 == 0
        units = Decimal(amount) / UNIT
        assert units <= max(Decimal(0), exact) < units + Decimal("0.05")


@given(acting=st.integers(0, 30 * UNIT), more=st.integers(0, UNIT))
def test_more_acting_never_means_more_insulin(acting: int, more: int) -> None:
    person = checked(PERSON)
    for reading in (65, 90, 110, 180, 400):
        assert correct(person, reading, acting + more) <= correct(person, reading, acting)
    assert correct(person, None, acting) == 0


# ---- what still acts


def test_what_acts_falls_with_time_and_never_below_the_limits_own_table(
    tmp_path: Path, limits: Limits
) -> None:
    pump = of_a_person(tmp_path, limits)
    given_bolus(pump, 2 * UNIT)
    seen = []
    for _ in range(16):
        seen.append(bolus_acting(pump))
        live(pump, 30 * MINUTE, 10 * MINUTE)
    assert seen[0] == 2 * UNIT
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 0
    # After three hours at least what the curve leaves after three.
    assert seen[6] >= 2 * UNIT * limits.action_remaining[9] // 65536


def test_an_extended_bolus_counts_whole_while_it_runs_and_less_what_was_stopped(
    tmp_path: Path, limits: Limits
) -> None:
    pump = of_a_person(tmp_path, limits)
    asked = pump.ask(Kind.EXTENDED_BOLUS, amount=2 * UNIT, duration=2 * HOUR)
    assert asked.status is Status.ACCEPTED
    live(pump, HOUR, 20_000)
    assert bolus_acting(pump) == 2 * UNIT
    outcome = pump.ask(Kind.CANCEL_BOLUS)
    pump.settle()
    assert outcome.not_given > 0
    assert bolus_acting(pump) <= 2 * UNIT - outcome.not_given


# ---- settings


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("ratios", [], "allowed"),
        ("ratios", [[60, "10"]], "from 00:00 on"),
        ("ratios", [[0, "10"], [0, "11"]], "later than the last"),
        ("ratios", [[0, "0"]], "1 to 150"),
        ("ratios", [[0, "ten"]], "1 to 150"),
        ("ratios", [[0, "NaN"]], "1 to 150"),
        ("ratios", ["10"], "1 to 150"),
        ("ratios", "10", "allowed"),
        ("correction", 0, "1 to 400"),
        ("correction", 2.5, "whole mg/dL"),
        ("correction", "50", "whole mg/dL"),
        ("target", 6, "70 to 250"),
        ("target", True, "whole mg/dL"),
    ],
)
def test_a_wrong_setting_is_told(name: str, value: Any, why: str) -> None:
    with pytest.raises(InputError, match=why) as told:
        checked({**PERSON, name: value})
    assert str(told.value).startswith(name)


def test_missing_settings_are_named(tmp_path: Path, limits: Limits) -> None:
    pump = delivering(tmp_path, limits)
    pump.set("target", 110)
    with pytest.raises(InputError, match="not set: ratios, correction;"):
        settings_of(pump)


@pytest.mark.parametrize("grams", ["-1", "500.1", "NaN", "Infinity"])
def test_a_wrong_meal_is_told(tmp_path: Path, limits: Limits, grams: str) -> None:
    with pytest.raises(InputError, match="carbohydrate"):
        calculate(of_a_person(tmp_path, limits), Decimal(grams))


@pytest.mark.parametrize("value", [7, 19, 1001])
def test_a_reading_that_is_none_is_told(tmp_path: Path, limits: Limits, value: int) -> None:
    with pytest.raises(InputError, match="20 to 1000 mg/dL"):
        calculate(of_a_person(tmp_path, limits), glucose=value)


def test_settings_are_kept_exactly() -> None:
    found = checked(PERSON)
    assert found == Settings(((0, Decimal(10)), (660, Decimal("12.5"))), 50, 110)


# ---- units (H58)


def test_millimoles_are_not_milligrams() -> None:
    assert glucose.read("7.2", Unit.MILLIMOLES) == 130
    assert glucose.read("7.2 mmol/L", Unit.MILLIMOLES) == 130
    assert glucose.read("130", Unit.MILLIGRAMS) == 130
    assert glucose.shown(130, Unit.MILLIMOLES) == "7.2 mmol/L"
    assert glucose.shown(130, Unit.MILLIGRAMS) == "130 mg/dL"


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("7.2", Unit.MILLIGRAMS, "is it in mmol/L?"),
        ("130", Unit.MILLIMOLES, "is it in mg/dL?"),
        ("7.2 mmol/L", Unit.MILLIGRAMS, "as the pump is set"),
        ("130 mg", Unit.MILLIGRAMS, "mg/dL or mmol/L"),
        ("", Unit.MILLIGRAMS, "a figure in mg/dL"),
        ("NaN", Unit.MILLIMOLES, "allowed"),
        ("1e9", Unit.MILLIMOLES, "allowed"),
    ],
)
def test_a_figure_in_another_unit_is_never_guessed(text: str, unit: Unit, why: str) -> None:
    with pytest.raises(InputError) as told:
        glucose.read(text, unit)
    assert why in str(told.value)


@given(milligrams=st.integers(20, 1000))
def test_a_figure_shown_in_millimoles_is_read_back_within_its_tenth(milligrams: int) -> None:
    again = glucose.read(glucose.shown(milligrams, Unit.MILLIMOLES), Unit.MILLIMOLES)
    assert abs(again - milligrams) <= 1


def test_the_pump_shows_its_unit(tmp_path: Path, limits: Limits) -> None:
    pump = of_a_person(tmp_path, limits)
    assert glucose.unit_of(pump) is Unit.MILLIGRAMS
    pump.set("glucose_unit", "mmol/L")
    assert "Glucose 11.1 mmol/L, target 6.1 mmol/L" in calculate(pump, glucose=200).lines[1]
    pump.set("glucose_unit", "mg")
    with pytest.raises(InputError, match="glucose unit"):
        calculate(pump, glucose=200)
