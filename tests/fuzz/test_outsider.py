"""The outsider's days: the same for a seed, about rows that there are; nothing is found in them."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from dosekernel.fuzz.building import target
from dosekernel.fuzz.native import Harness
from dosekernel.fuzz.worker import Player
from dosekernel.spec import hazards
from dosekernel.strategies.outsider import ORDINARY, RARE, day_of, days_of, outsider_days
from tests.fuzz.broken import FAULTS
from tests.fuzz.broken import target as broken

FEW, MANY = 60, 1500
QUICKLY_FOUND = ("memory_sealed", "busy", "locked_out")


def test_a_day_is_the_same_for_its_seed_and_no_other() -> None:
    assert day_of(7).bytes() == day_of(7).bytes()
    assert len(set(days_of(1, FEW))) == FEW
    assert days_of(1, FEW) == days_of(1, FEW)


def test_every_rare_thing_is_about_rows_that_there_are_and_comes() -> None:
    known = {row.id for row in hazards.load()}
    told = {row for rows in RARE.values() for row in rows}
    assert told <= known
    met: set[str] = set()
    for seed in range(400):
        met |= set(day_of(seed).rows)
    assert met == told
    assert not set(ORDINARY) & set(RARE)


def test_most_of_a_day_is_ordinary() -> None:
    days = [day_of(seed) for seed in range(400)]
    calm = [day for day in days if not day.rows]
    assert len(days) / 8 < len(calm) < len(days) / 2


@settings(max_examples=25, deadline=None)
@given(outsider_days())
def test_nothing_is_found_in_a_day(day: bytes) -> None:
    assert Harness(target("library")).play(day).good


@pytest.mark.parametrize("name", QUICKLY_FOUND)
def test_a_planted_fault_is_found(name: str, tmp_path: Path) -> None:
    harness = Harness(broken(next(each for each in FAULTS if each.function == name), tmp_path))
    assert any(not harness.play(day).good for day in days_of(3, MANY))


@pytest.mark.slow
def test_nothing_is_found_in_many_days_by_model_and_properties(tmp_path: Path) -> None:
    player = Player(target("library"), tmp_path, 1, 10)
    assert all(player.play(day_of(seed).bytes()) for seed in range(MANY))
    assert player.steps > 100 * MANY
    assert len(player.reached) > 150
