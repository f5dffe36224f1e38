"""Open loop, suspend on low and a controller: the same days, and what each makes of them."""

import json
from random import Random

import pytest

from dosekernel import Limits
from dosekernel.command import main
from dosekernel.simulate import compare
from dosekernel.simulate.command import DEFAULT_SEED
from dosekernel.simulate.compare import Loop, Result
from dosekernel.simulate.patient import subject
from dosekernel.simulate.plan import BEFORE_A_MEAL, Meal, Snack, ordinary
from dosekernel.spec.reasons import Source

PATIENT = "adult#006"
HALF = [f"adult#{number:03}" for number in range(1, 6)]


@pytest.fixture(scope="module")
def found() -> list[Result]:
    """One patient's day in the three loops."""
    limits = Limits.load("insulin-u100")
    heard: list[tuple[int, int]] = []
    results = compare.compared(
        [PATIENT], limits, 1, DEFAULT_SEED, lambda done, total: heard.append((done, total))
    )
    assert heard == [(1, 3), (2, 3), (3, 3)]
    return results


def test_the_controller_keeps_this_patient_longer_in_range(found: list[Result]) -> None:
    by_loop = {each.loop: each for each in found}
    assert list(by_loop) == list(Loop)
    open_loop, controlled = by_loop[Loop.OPEN], by_loop[Loop.CONTROLLER]
    assert controlled.within > open_loop.within + 3
    assert controlled.below <= open_loop.below and controlled.rescues <= open_loop.rescues
    assert controlled.insulin > open_loop.insulin
    assert controlled.refused == 0
    for each in found:
        assert each.below + each.within + each.above == pytest.approx(100, abs=0.2)


def test_the_table_and_the_document_say_the_same(found: list[Result]) -> None:
    lines = compare.table(found, 1, DEFAULT_SEED, "insulin-u100").splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[3].split() == ["open", "suspend", "controller"]
    cells = [str(figure) for r in found for figure in (r.within, r.below, r.above, r.rescues)]
    assert lines[5].split() == [PATIENT, *cells]
    assert lines[-1].split()[0] == "mean"
    told = json.loads(json.dumps(compare.document(found, 1, DEFAULT_SEED, "insulin-u100")))
    assert [each["within"] for each in told["results"]] == [each.within for each in found]
    assert told["means"]["open"]["within"] == found[0].within


def test_the_loops_differ_only_in_the_pump() -> None:
    limits = Limits.load("insulin-u100")
    assert compare.limits_for(Loop.OPEN, limits).glucose_low == 0
    for loop in (Loop.SUSPEND, Loop.CONTROLLER):
        assert compare.limits_for(loop, limits) == limits
    who = subject(PATIENT)
    assert compare.controller_for(Loop.OPEN, who) is None
    assert compare.controller_for(Loop.SUSPEND, who) is None
    grown = compare.controller_for(Loop.CONTROLLER, who)
    child = compare.controller_for(Loop.CONTROLLER, subject("child#001"))
    assert grown is not None and child is not None
    assert grown.person.rate_times > child.person.rate_times


def test_ten_of_an_age_are_compared() -> None:
    assert len(compare.group_of("child#003")) == 10
    with pytest.raises(ValueError, match="allowed: adolescent#001"):
        compare.group_of("senior#001")


def test_an_ordinary_day_has_wrong_guesses_and_a_forgotten_bolus() -> None:
    planned = ordinary(30, 80.0, Random(1))
    assert planned == ordinary(30, 80.0, Random(1)) != ordinary(30, 80.0, Random(2))
    meals = [each for each in planned if isinstance(each, Meal)]
    assert len(meals) == 90
    guesses = [meal.announced / meal.eaten for meal in meals]
    assert min(guesses) < 0.75 and max(guesses) > 1.2
    assert len([each for each in planned if isinstance(each, Snack)]) == 30
    assert all(each.minute > -BEFORE_A_MEAL for each in planned)


def test_the_command_compares(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], found: list[Result]
) -> None:
    asked = []

    def answered(patients: list[str], *rest: object) -> list[Result]:
        asked.append(patients)
        return found

    monkeypatch.setattr(compare, "compared", answered)
    assert main(["simulate", "--compare", "--patient", "adult#002", "--quiet"]) == 0
    assert capsys.readouterr().out == (compare.table(found, 1, DEFAULT_SEED, "insulin-u100") + "\n")
    assert main(["simulate", "--compare", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["seed"] == DEFAULT_SEED
    assert asked[0] == compare.group_of("adult#001")


@pytest.mark.slow
def test_one_day_with_a_controller(
    capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("day")
    assert main(["simulate", "--controller", "--quiet", "--json", "--out", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["patient"] == "adult#001"
    lines = (out / "events.jsonl").read_text(encoding="utf-8").splitlines()
    sources = [json.loads(line).get("source") for line in lines]
    assert Source.CONTROLLER.name in sources


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--compare", "--controller"], "--compare: allowed without"),
        (["--compare", "--plot", "day.png"], "--compare: allowed without"),
        (["--controller", "closed"], "invalid choice"),
        (["--compare", "--patient", "adult#011"], "allowed: adolescent#001"),
    ],
)
def test_bad_words_are_named(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--quiet", *words]) == 2
    said = capsys.readouterr()
    assert why in said.err and said.out == ""


@pytest.mark.slow
def test_the_controller_keeps_five_adults_longer_in_range_and_no_lower() -> None:
    limits = Limits.load("insulin-u100")
    results = compare.compared(HALF, limits, 1, DEFAULT_SEED + 1, lambda _, __: None)
    opened, controlled = (compare.mean(results, each) for each in (Loop.OPEN, Loop.CONTROLLER))
    assert controlled["within"] > opened["within"]
    assert controlled["below"] <= opened["below"] + 0.1
