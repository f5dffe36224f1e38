"""Every preset loads, cites a source for each number, and its arithmetic holds."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from dosekernel.kernel.limits import backlog_max, limits_valid, slot_length
from dosekernel.kernel.records import DAY_SLOT, HOUR, SLOTS, WHOLE
from dosekernel.spec.limits import LIMITS, Limits, preset_names

FOLDER = Path(__file__).resolve().parents[2] / "spec/presets"
NAMES = (
    "insulin-u100",
    "insulin-u100-child",
    "insulin-u200",
    "insulin-u500",
    "iv-fluid",
    "pca-morphine",
)
SOURCED = re.compile(r"\[[A-Za-z0-9]+\]|chosen here|off|none allowed|unused|plain fluid|day_max")


def test_the_presets_are_those_of_the_design() -> None:
    assert preset_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_valid_and_named_as_its_file(name: str) -> None:
    limits = Limits.load(name)
    assert limits.name == name
    assert limits_valid(limits.to_record())
    assert Limits.load(FOLDER / f"{name}.toml") == limits


@pytest.mark.parametrize("name", NAMES)
def test_every_number_names_its_source(name: str) -> None:
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    listed = set(re.findall(r"^# (\[[A-Za-z0-9]+\])", text, re.M))
    assert set(re.findall(r"\[[A-Za-z0-9]+\]", text)) == listed, (
        "a source is not listed or not used"
    )
    found = 0
    for line in text.splitlines():
        if re.match(r"[a-z_]+ = ", line) and not line.startswith(("name", "unit")):
            found += 1
            comment = line.partition("#")[2]
            assert line.startswith("window_length") or SOURCED.search(comment), line
    assert found == len(LIMITS)


@pytest.mark.parametrize("name", NAMES)
def test_there_is_room_for_basal_a_bolus_and_the_backlog(name: str) -> None:
    limits = Limits.load(name)
    record = limits.to_record()
    backlog = Fraction(backlog_max(record), HOUR)
    hourly = Fraction(limits.basal_reserve * SLOTS * slot_length(record), HOUR)
    daily = Fraction(limits.basal_reserve * SLOTS * DAY_SLOT, HOUR)
    assert hourly + backlog + limits.bolus_max <= limits.window_max
    assert daily + backlog + limits.bolus_max <= limits.day_max
    fastest = Fraction(limits.basal_max * SLOTS * DAY_SLOT, HOUR)
    assert fastest + backlog <= limits.day_max, "basal_max could never run"


@pytest.mark.parametrize("name", NAMES)
def test_the_largest_bolus_fits_beside_the_reserved_basal_on_board(name: str) -> None:
    limits = Limits.load(name)
    table = limits.action_remaining
    # Each slot of 20 minutes counts at its youngest age: slot 0 and slot 1 both as whole.
    acting = Fraction(limits.basal_reserve * (table[0] + sum(table)), 3 * WHOLE)
    assert acting + limits.bolus_max <= limits.on_board_max


@pytest.mark.parametrize("name", NAMES)
def test_amounts_are_whole_pulses(name: str) -> None:
    limits = Limits.load(name)
    for amount in ("bolus_max", "controller_bolus_max", "remote_bolus_max", "cannula_fill"):
        assert getattr(limits, amount) % limits.pulse == 0, amount
    assert limits.prime_max % limits.pulse == 0


@pytest.mark.parametrize(("name", "strength"), [("insulin-u200", 2), ("insulin-u500", 5)])
def test_concentrated_insulin_uses_the_same_pump(name: str, strength: int) -> None:
    plain, strong = Limits.load("insulin-u100"), Limits.load(name)
    assert strong.pulse == strength * plain.pulse
    assert strong.delivery_speed == strength * plain.delivery_speed
    assert strong.prime_max == strength * plain.prime_max
    assert strong.cannula_fill == strength * plain.cannula_fill
    assert strong.reservoir_capacity <= strength * plain.reservoir_capacity
    assert strong.unit == plain.unit == "U"


def test_a_child_has_the_published_hard_limits() -> None:
    child = Limits.load("insulin-u100-child")
    assert (child.bolus_max, child.basal_max) == (5_000_000, 2_000_000)
    adult = Limits.load("insulin-u100")
    for name in ("bolus_max", "basal_max", "day_max", "window_max", "on_board_max", "pulse"):
        assert getattr(child, name) < getattr(adult, name)


def test_morphine_and_fluid_have_no_controller_and_no_sensor() -> None:
    for name in ("pca-morphine", "iv-fluid"):
        limits = Limits.load(name)
        assert limits.glucose_low == 0
        assert limits.controller_bolus_max == limits.controller_basal_max == 0
        assert limits.remote_bolus_max == limits.controller_duration_max == 0
    pca = Limits.load("pca-morphine")
    assert pca.window_length == 4 * HOUR
    assert pca.bolus_lockout > 0
    assert pca.basal_reserve > 0
