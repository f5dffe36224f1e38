"""The journal told: history, totals, the proof that the kernel decided all of it, exports."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import apsw
import pytest

from dosekernel import Kind, Limits
from dosekernel.command import main
from dosekernel.command.codes import BAD_INPUT, FINDING, GOOD
from dosekernel.pump import accounts, exports
from dosekernel.pump.accounts import Line, Total
from dosekernel.pump.actions import Actions
from dosekernel.pump.day_log import Step as Decided
from dosekernel.pump.errors import TamperedError
from dosekernel.pump.journal import Journal
from dosekernel.replay.command import read_history
from dosekernel.replay.driver import Step as Played
from dosekernel.replay.history import Programme
from dosekernel.replay.player import Player
from dosekernel.spec.reasons import Path as Way
from dosekernel.spec.reasons import Status
from tests.pump.prepared import FILL, HOUR, MINUTE, UNIT, copied, opened

PULSE = 50_000


def lived(path: Path) -> None:
    """A day's piece with something of everything in it."""
    with opened(path) as pump:
        actions = Actions(pump)
        pump.set("programmes", {"day": [[0, UNIT], [9 * 60, 1_200_000]]})
        pump.set("programme", "day")
        pump.run(30 * MINUTE)
        actions.confirm(actions.bolus(50 * UNIT))
        actions.confirm(actions.bolus(4_500_000))
        actions.glucose(140)
        pump.run(HOUR)
        actions.confirm(actions.temporary(percent=150, duration=HOUR))
        pump.run(HOUR)
        actions.confirm(actions.dual(2 * UNIT, 3 * UNIT, 2 * HOUR))
        pump.run(HOUR)
        pump.strokes.hear(pump.now())
        actions.cancel_bolus()
        pump.run(30 * MINUTE)
        actions.stop()
        pump.run(40 * MINUTE)
        actions.resume()
        pump.run(30 * MINUTE)
        actions.quick_disconnect()
        pump.run(20 * MINUTE)
        actions.reconnect()
        pump.run(HOUR)


@pytest.fixture(scope="module")
def lived_journal(ready_journal: Path) -> Iterator[Path]:
    """The journal of that piece, to be read only."""
    path = copied(ready_journal, ready_journal.with_name("lived.journal"))
    lived(path)
    yield path


@pytest.fixture
def book(lived_journal: Path) -> Iterator[Journal]:
    """That journal, open."""
    with closing(Journal.open(lived_journal)) as journal:
        yield journal


def told(book: Journal, *groups: str, refused: bool = False) -> list[str]:
    """The texts of a history."""
    return [line.text for line in accounts.history(book, 0, groups, refused)]


# ---- history


def test_the_history_is_in_plain_words_and_in_order(book: Journal) -> None:
    lines = list(accounts.history(book))
    assert [line.seq for line in lines] == sorted(line.seq for line in lines)
    texts = [line.text for line in lines]
    for text in (
        "bolus 4.5 U",
        "glucose 140 mg/dL",
        "temporary rate 1.5 U/h for 1 h",
        "extended bolus 3 U over 2 h",
        "basal rate 1.2 U/h (schedule)",
        "set inserted at site 3",
        "resume",
    ):
        assert text in texts
    assert any(text.startswith("cancel bolus; not given: 1.") for text in texts)
    assert not any(text.startswith("tick") for text in texts)


@pytest.mark.parametrize("name", ["remote phone", "notices_read", "reminded"])
def test_what_the_shell_keeps_for_itself_is_no_history(name: str) -> None:
    assert accounts.setting_words({"name": name, "value": [{"number": 1}]}) == ""
    assert accounts.setting_words({"name": "target", "value": 110}) == "target is now 110"


def test_a_refusal_is_told_with_its_reason_and_what_was_allowed(book: Journal) -> None:
    (text,) = told(book, refused=True)
    assert text == (
        "bolus 50 U: REFUSED: The bolus is larger than the limit for who asks. "
        "At most 17 U would have been accepted."
    )


def test_alarms_are_told_when_they_come_and_when_they_go(book: Journal) -> None:
    texts = told(book, "alarm")
    assert [text.split(":")[0] for text in texts] == [
        "ALARM SUSPENDED",
        "alarm SUSPENDED is over",
    ]


@pytest.mark.parametrize("group", list(accounts.GROUPS))
def test_each_filter_shows_its_kind_and_nothing_else(book: Journal, group: str) -> None:
    every = list(accounts.history(book, 0, tuple(accounts.GROUPS)))
    only = list(accounts.history(book, 0, (group,)))
    assert only == [line for line in every if line.group == group]
    assert only != [] or group == "notice"


def test_every_release_and_every_kept_word_is_in_the_whole_history(book: Journal) -> None:
    releases = [line for line in accounts.history(book, 0, ("release",)) if "release" in line.text]
    started = [step for step in exports.steps(book) if step.outcome.pulses]
    assert len(releases) == len(started)


# ---- totals


def given(steps: list[Decided]) -> dict[str, int]:
    """What was released in all, and what each bolus came to, counted in another way."""
    accepted = [step for step in steps if step.outcome.status is Status.ACCEPTED]
    patient = sum(s.outcome.amount for s in accepted if s.outcome.path is Way.PATIENT)
    asked = sum(s.event.amount for s in accepted if s.event.kind in accounts.GROUPS["bolus"])
    not_given = sum(step.outcome.not_given for step in accepted)
    return {"patient": patient, "bolus": asked - not_given}


def test_the_totals_are_exact(book: Journal) -> None:
    totals = accounts.totals(book, UTC)
    expected = given(list(exports.steps(book)))
    assert sum(total.all for total in totals) == expected["patient"]
    assert sum(total.bolus for total in totals) == expected["bolus"]
    assert sum(total.fill for total in totals) == FILL
    assert [(total.day, total.refused) for total in totals] == [(date(2026, 3, 1), 1)]


def test_days_are_those_of_the_person(book: Journal) -> None:
    there = accounts.totals(book, ZoneInfo("Pacific/Auckland"))
    assert [total.day for total in there] == [date(2026, 3, 1), date(2026, 3, 2)]
    here = accounts.totals(book, UTC)
    assert sum(total.all for total in there) == sum(total.all for total in here)
    assert Total(date(2026, 3, 1), 1, 2, 3).all == 6


# ---- verification


def test_a_journal_is_verified_by_the_kernel(book: Journal) -> None:
    found = accounts.verify(book, lambda done, of: None)
    steps = sum(1 for _ in exports.steps(book))
    assert (found.entries, found.steps) == (book.seq, steps)
    newest = book.entry(book.seq)
    assert newest is not None
    assert found.chain == newest.chain.hex()


def changed(path: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    """A journal edited with its own tools."""
    connection = apsw.Connection(str(path))
    for statement, values in statements:
        connection.execute(statement, values)
    connection.close()


def outcome_at(path: Path, kind: Kind) -> int:
    """The entry of the first outcome of a kind of event."""
    with closing(Journal.open(path)) as journal:
        return next(s.seq for s in exports.steps(journal) if s.event.kind is kind) + 1


def test_an_edited_entry_is_named(
    lived_journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied(lived_journal, tmp_path / "edited")
    seq = outcome_at(path, Kind.BOLUS)
    changed(path, ("UPDATE entries SET at = at + 1 WHERE seq = ?", (seq,)))
    assert main(["pump", "verify", str(path)]) == FINDING
    assert f"entry {seq} was edited" in capsys.readouterr().out


def test_a_missing_entry_is_named(
    lived_journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied(lived_journal, tmp_path / "short")
    changed(path, ("DELETE FROM entries WHERE seq = ?", (40,)))
    assert main(["pump", "verify", str(path), "--json"]) == FINDING
    assert "entry 40 is missing" in json.loads(capsys.readouterr().out)["wrong"]


def test_an_outcome_that_the_kernel_does_not_give_is_named_though_the_chain_is_whole(
    lived_journal: Path, tmp_path: Path
) -> None:
    """Somebody who can compute the chain writes a refused bolus as accepted."""
    path = copied(lived_journal, tmp_path / "forged")
    seq = outcome_at(path, Kind.BOLUS)
    with closing(Journal.open(path)) as journal:
        entries = list(journal.entries())
        copy = Journal.create(tmp_path / "copy")
        for entry in entries:
            body = entry.body
            if entry.seq == seq:
                body = (1).to_bytes(8, "little") + (0).to_bytes(8, "little") + body[16:]
            copy.append(entry.kind, body, wall=entry.wall, at=entry.at, code=entry.code)
    with closing(copy), pytest.raises(TamperedError) as wrong:
        accounts.verify(copy, lambda done, of: None)
    assert f"entry {seq} (outcome) says ACCEPTED" in str(wrong.value)
    assert "the kernel says REFUSED (BOLUS_CAP" in str(wrong.value)


# ---- exports


def test_the_csv_holds_every_request_with_its_answer(
    lived_journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    words = ["pump", "export", "--format", "csv", "--journal", str(lived_journal)]
    assert main([*words, "--out", str(out)]) == GOOD
    rows = list(csv.DictReader(out.read_text().splitlines()))
    with closing(Journal.open(lived_journal)) as journal:
        steps = list(exports.steps(journal))
    asked = [step for step in steps if step.event.kind not in exports.REPORTS]
    assert [int(r["entry"]) for r in rows if r["kind"] not in ("tick", "confirm")] == [
        step.seq for step in asked
    ]
    released = sum(Decimal(row["released"]) for row in rows if row["path"] == "patient")
    assert released * UNIT == given(steps)["patient"]
    assert capsys.readouterr().out == f"{out}: {len(rows)} records\n"
    assert main([*words, "--out", str(out)]) == BAD_INPUT
    assert "exists already" in capsys.readouterr().err


def test_the_json_holds_every_entry(
    lived_journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pump", "export", "--format", "json", "--journal", str(lived_journal)]) == GOOD
    found = json.loads(capsys.readouterr().out)
    with closing(Journal.open(lived_journal)) as journal:
        entries = list(journal.entries())
    assert [each["chain"] for each in found] == [entry.chain.hex() for entry in entries]
    boluses = [each["event"] for each in found if each.get("event", {}).get("kind") == "BOLUS"]
    assert [bolus["amount"] for bolus in boluses] == [50 * UNIT, 4_500_000, 2 * UNIT]
    outcomes = [each for each in found if each["what"] == "outcome"]
    assert len(outcomes) == sum(each["what"] == "event" for each in found)
    assert found[0]["body"]["clock"] == "simulated"


def played_basal(steps: list[Played]) -> tuple[int, int]:
    """The basal of a replay, and its boluses: what is owed falls by all that is not basal."""
    basal = bolus = owed = 0
    filling = False
    for step in steps:
        outcome = step.outcome
        if outcome.status is not Status.ACCEPTED:
            continue
        if step.event.kind is Kind.FILL_CANNULA:
            filling = True
        elif outcome.pulses and outcome.path is Way.PATIENT:
            part = max(0, owed - outcome.owed - outcome.not_given)
            basal += outcome.amount - part
            bolus += 0 if filling else part
        owed = outcome.owed
        filling = filling and owed > 0
    return basal, bolus


def test_a_nightscout_export_replays_to_the_same_basal_and_boluses(
    lived_journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], limits: Limits
) -> None:
    out = tmp_path / "out.json"
    words = ["--journal", str(lived_journal), "--out", str(out)]
    assert main(["pump", "export", "--format", "nightscout", *words]) == GOOD
    capsys.readouterr()
    played = Player(read_history(str(out)), limits, Programme(())).play(lambda done, of: None)
    refused = played.of(Status.REFUSED)
    assert [(verdict.entry.label, verdict.outcome.reason.name) for verdict in refused] == []
    assert played.rounded == []

    with closing(Journal.open(lived_journal)) as journal:
        (total,) = accounts.totals(journal, UTC)
    basal, bolus = played_basal(played.pump.steps)
    assert bolus == total.bolus
    # The last pulse may fall just before or just after the end.
    assert abs(basal - total.basal) <= PULSE
    assert main(["replay", str(out), "--limits", "insulin-u100", "--quiet"]) == GOOD


# ---- by the command line


@pytest.fixture
def run(
    lived_journal: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., list[dict[str, object]]]:
    """A verb that prints a JSON array."""

    def answer(*words: str) -> list[dict[str, object]]:
        assert main(["pump", *words, "--json", "--journal", str(lived_journal)]) == GOOD
        found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
        return found

    return answer


def test_the_history_is_filtered_by_time(run: Callable[..., list[dict[str, object]]]) -> None:
    everything = run("history", "--from", "2026-03-01")
    times = [str(line["time"]) for line in everything]
    later = run("history", "--from", "2026-03-01T08:00")
    assert [line["time"] for line in later] == [t for t in times if t >= "2026-03-01T08:00"]
    between = run("history", "--from", "2026-03-01T08:00", "--to", "2026-03-01T10:00")
    assert between == [line for line in later if str(line["time"]) < "2026-03-01T10:00"]
    assert 0 < len(between) < len(later) < len(everything)
    assert len(run("history", "--last", "2h")) < len(later)
    assert run("history", "--kind", "bolus", "--refused")[0]["refused"] is True


def test_reading_changes_nothing(
    run: Callable[..., list[dict[str, object]]], lived_journal: Path
) -> None:
    with closing(Journal.open(lived_journal)) as journal:
        before = journal.seq
    run("history")
    run("totals")
    with closing(Journal.open(lived_journal)) as journal:
        assert journal.seq == before


def test_a_line_knows_what_it_is(book: Journal) -> None:
    line = next(iter(accounts.history(book, 0, ("bolus",))))
    assert isinstance(line, Line)
    assert (line.group, line.refused) == ("bolus", True)
