"""The series of a day view are the events and outcomes, no more and no less."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dosekernel.command import main
from dosekernel.errors import InputError
from dosekernel.pump.exports import steps
from dosekernel.pump.journal import Journal
from dosekernel.report.days import read_day
from dosekernel.spec.reasons import Alarm, Status
from dosekernel.spec.reasons import Path as Way
from tests.pump import prepared

MINUTE = 60_000
UNIT = 1_000_000


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_folder_of_events_and_outcomes(lived: Path) -> None:
    day = read_day(lived)
    outcomes = lines(lived / "outcomes.jsonl")
    given = sum(int(str(each["amount"])) for each in outcomes if each["path"] == "PATIENT")
    assert sum(amount for _, amount in day["released"]) == given > 0
    assert day["steps"] == len(outcomes)
    assert day["points"][-1][1:] == [
        outcomes[-1][name]
        for name in ("rate", "on_board", "window_total", "day_total", "reservoir")
    ]
    minutes = [int(each[0]) for each in day["points"]]
    assert minutes == sorted(set(minutes))
    assert day["glucose"] == [[60.0, 140]]
    assert day["modes"][-1][2] == "SUSPENDED"
    assert (day["title"], day["limits_name"]) == ("adult#001", "insulin-u100")
    assert day["limits"]["window"] == 25 * UNIT


def test_a_refusal_has_its_reason_and_what_was_allowable(lived: Path) -> None:
    refused = [each for each in read_day(lived)["asked"] if each["status"] == "REFUSED"]
    assert [each["amount"] for each in refused] == [18 * UNIT]
    assert refused[0]["reason"] in ("CAP", "BOLUS_MAX", "BUSY", "LIMIT", "BOLUS_CAP")
    assert refused[0]["sentence"]


def test_alarms_are_spells_with_their_sentence(lived: Path) -> None:
    found = read_day(lived)["alarms"]
    assert found
    for begin, end, name, sentence in found:
        assert begin <= end
        assert name.isupper()
        assert sentence == Alarm[name].sentence


def test_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "pump.journal"
    prepared.made_ready(path)
    day = read_day(path)
    journal = Journal.open(path)
    try:
        found = list(steps(journal))
    finally:
        journal.close()
    given = sum(
        each.outcome.amount
        for each in found
        if each.outcome.path is Way.PATIENT and each.outcome.status is Status.ACCEPTED
    )
    assert sum(amount for _, amount in day["released"]) == given > 0
    assert day["steps"] == len(found)
    assert day["dated"]
    last = found[-1]
    assert day["wall"] == last.wall - last.event.at + day["offset"]


def test_a_page_of_a_day_alone(lived: Path, tmp_path: Path) -> None:
    out = tmp_path / "day.html"
    assert main(["report", "day", str(lived), "--out", str(out)]) == 0
    page = out.read_text("utf-8")
    assert 'id="data-days"' in page
    assert "data-theorems" not in page


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "outcomes.jsonl").write_text("{}\n"), "allowed: one for each"),
        (lambda folder: (folder / "events.jsonl").write_text("x\n"), "line 1"),
        (lambda folder: (folder / "events.jsonl").write_text("3\n"), "no JSON object"),
        (lambda folder: (folder / "events.jsonl").unlink(), "No such file"),
        (lambda folder: (folder / "summary.json").unlink(), "allowed: --limits"),
    ],
)
def test_a_folder_that_is_not_whole_is_told(
    spoil: Callable[[Path], object], said: str, lived: Path, tmp_path: Path
) -> None:
    for each in lived.iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    spoil(tmp_path)
    with pytest.raises(InputError, match=said):
        read_day(tmp_path)
