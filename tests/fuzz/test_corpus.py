"""The seeds, played in every test: nothing is found, and they reach what there is to reach."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from dosekernel.fuzz import building, corpus
from dosekernel.fuzz.findings import judged
from dosekernel.fuzz.judging import EVENT_WORDS, statements
from dosekernel.fuzz.lives import lives
from dosekernel.fuzz.native import ADOPT, DAMAGE, STEP, Harness, Told
from dosekernel.kernel import records as k
from dosekernel.spec.reasons import Kind, Reason, Status
from tests.fuzz.corpus import SCENARIOS

EVERY = 120  # one seed in so many is judged by the model and the properties, too
SHORT = 64  # words of a step without its memory, or all of an adoption
BYTES_MOST = 300_000
# What a whole life cannot be told: a fault behind an adoption, and damage, which is no step.
UNREACHED = {Reason.CORRUPT_STATE, Reason.LIMITS, Reason.LIMITS_WINDOW, Reason.LIMITS_PULSE}


@pytest.fixture(scope="module")
def harness() -> Harness:
    return Harness(building.target("library"))


def test_nothing_is_found_in_the_seeds(harness: Harness) -> None:
    found = [(seed.hex(), harness.play(seed)) for seed in corpus.seeds()]
    assert len(found) > 500
    assert [each for each in found if not each[1].good] == []
    assert sum(verdict.asked for _, verdict in found) > 50_000


def test_the_model_and_the_properties_agree_with_the_seeds(harness: Harness) -> None:
    assert len(statements()) > 40
    for seed in corpus.seeds()[::EVERY]:
        verdict = judged(harness, seed)
        assert verdict.good, f"{seed.hex()}: {verdict}"


@settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
@given(life=lives())
def test_nothing_is_found_in_lives_by_chance(life: bytes, harness: Harness) -> None:
    assert harness.play(life).good


def test_the_seeds_reach_every_kind_and_reason(harness: Harness) -> None:
    accepted, reasons, tags = set(), set(), set()

    def hear(told: Told) -> None:
        tags.add(told.tag)
        if told.tag == STEP:
            reasons.add(told.words[EVENT_WORDS + 1])
            if told.words[EVENT_WORDS] == Status.ACCEPTED:
                accepted.add(told.words[0])
        elif told.tag == ADOPT:
            reasons.add(told.words[-1])

    for seed in corpus.seeds():
        harness.watch(seed, hear, SHORT)
    assert {DAMAGE, ADOPT, STEP} <= tags
    assert [kind.name for kind in Kind if kind not in accepted] == []
    missed = {reason for reason in Reason if reason not in reasons}
    assert [reason.name for reason in missed - UNREACHED] == []


def test_seeds_and_dictionary_stay_small_and_well_formed(tmp_path: Path) -> None:
    assert corpus.SEEDS.stat().st_size + corpus.DICTIONARY.stat().st_size < BYTES_MOST
    assert corpus.written(corpus.seeds()) == corpus.SEEDS.read_text(encoding="ascii")
    assert corpus.write_seeds(tmp_path, 100) == len(list(tmp_path.iterdir())) == 100


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_kept_and_judged_good(name: str, harness: Harness) -> None:
    life = bytes.fromhex(SCENARIOS[name])
    assert life in corpus.seeds()
    assert judged(harness, life).good


def test_the_same_bytes_are_the_same_life(harness: Harness) -> None:
    for seed in corpus.seeds()[:: 3 * EVERY]:
        lives: list[list[Told]] = [[], []]
        for told in lives:
            harness.watch(seed, told.append)
        assert lives[0] == lives[1]
        assert lives[0][0].words[-1] == k.REASON_NONE
