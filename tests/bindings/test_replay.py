"""Replay: what a history asks for reaches the kernel as it was, and bad input is named."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosekernel import Kind, Limits, Reason, Source, Status
from dosekernel.command import main
from dosekernel.replay.command import read_history, replay, shipped
from dosekernel.replay.history import (
    History,
    HistoryError,
    Programme,
    ProgrammeChange,
    Request,
    SetChange,
)
from dosekernel.replay.nightscout import READERS, read_nightscout
from dosekernel.replay.player import Played
from dosekernel.replay.profile import flat
from dosekernel.replay.table import read_table

LIMITS = "insulin-u100"
HEADING = "time,kind,amount,rate,duration,source,glucose,id,issued,code"
Write = Callable[..., Path]
Json = dict[str, object]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def into(text: str, name: str = "history.json") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return into


def treatment(at: str, **fields: object) -> Json:
    return {"created_at": f"2026-03-01T{at}:00Z", **fields}


def played(history: History, rate: str = "1.0") -> Played:
    programme = history.programme or flat(Decimal(rate))
    return replay(history, Limits.load(LIMITS), programme, quiet=True)


def requests(history: History) -> list[Request]:
    return [entry for entry in history.entries if isinstance(entry, Request)]


def read(write: Write, *treatments: Json) -> History:
    return read_history(str(write(json.dumps(list(treatments)))))


def readings(start: int, count: int, value: int = 150) -> list[Json]:
    return [
        treatment(f"{hour:02}:{minute:02}", eventType="BG Check", glucose=value, units="mg/dl")
        for hour, minute in (divmod(start + 5 * n, 60) for n in range(count))
    ]


# ---- the histories that ship


def test_the_published_history_finds_the_bolus_begun_during_another() -> None:
    history = read_history("loop-day.json")
    found = played(history)
    refused = found.of(Status.REFUSED)
    assert [(v.entry.record, v.outcome.reason, v.asked) for v in refused] == [
        (20, Reason.BUSY, 3_000_000)
    ]
    assert sum(request.kind is Kind.BOLUS for request in requests(history)) == 7
    assert history.skipped == {"Carb Correction: carries no dose": 5}


def test_the_incidents_are_refused_each_for_its_own_reason() -> None:
    found = played(read_history("incidents.csv"))
    refused = {v.entry.record: v.outcome.reason for v in found.of(Status.REFUSED)}
    assert refused == {
        5: Reason.BUSY,
        7: Reason.ID_REUSED,
        8: Reason.BOLUS_CAP,
        9: Reason.EXPIRED,
        11: Reason.ID_OLD,
        12: Reason.RATE_CAP,
        13: Reason.GLUCOSE_RANGE,
        14: Reason.GLUCOSE_MISSING,
        17: Reason.FUTURE,
        19: Reason.BOLUS_CAP,
        23: Reason.CLOCK_BACKWARD,
        25: Reason.SUSPENDED,
        27: Reason.NOT_SUSPENDED,
        29: Reason.FAULTED,
        34: Reason.DISCONNECTED,
        40: Reason.RESERVOIR,
        44: Reason.LOW_SUSPENDED,
    }
    assert [v.entry.record for v in found.of(Status.REPEATED)] == [6]


def test_what_was_released_is_what_left_the_reservoirs() -> None:
    pump = played(read_history("incidents.csv")).pump
    loaded = 300_000_000
    left_before_change = [
        step.outcome.reservoir for step in pump.steps if step.event.kind is Kind.DISCONNECT
    ][-1]
    thrown_away = left_before_change - 6_000_000
    given = pump.delivered
    assert loaded - thrown_away - given.therapy - given.fill - given.prime == pump.reservoir


@pytest.mark.parametrize("name", ["loop-day.json", "incidents.csv"])
def test_the_journal_runs_again_to_the_same_outcomes(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", name, "--limits", LIMITS, "--quiet", "--out", str(tmp_path)]) == 1
    capsys.readouterr()
    assert main(["run", "--limits", LIMITS, str(tmp_path / "events.jsonl")]) == 0
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    first = [json.loads(line) for line in (tmp_path / "outcomes.jsonl").read_text().splitlines()]
    assert len(again) == len(first) > 1000
    for one, other in zip(first, again, strict=True):
        assert one.items() <= other.items()


def test_the_summary_says_what_why_and_what_would_have_been_allowed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["replay", "incidents.csv", "--limits", LIMITS, "--quiet"]) == 1
    said = capsys.readouterr().out
    assert "record 8, bolus: bolus 9 U by remote" in said
    assert f"BOLUS_CAP: {Reason.BOLUS_CAP.sentence} Allowed then: 5 U." in said
    assert "Repeats, answered again and given once" in said
    assert "record 18: bolus of 0.62 U is asked for as 0.6 U: a pulse is 0.05 U" in said
    assert "a full reservoir (300 U) and a fresh set" in said


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "loop-day.json", "--limits", LIMITS, "--quiet", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["reasons"] == {"BUSY": 1}
    assert said["boluses"]["asked_volume"] == 9_900_000
    assert said["boluses"]["accepted_volume"] == said["delivered"]["bolus"] == 6_900_000
    assert all(peak["value"] <= peak["cap"] for peak in said["peaks"])


def test_an_accepted_history_exits_0(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(json.dumps([treatment("08:00", eventType="Meal Bolus", insulin=2.5)]))
    assert main(["replay", str(path), "--limits", LIMITS, "--basal", "0.8", "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "none of 1 events" in said
    assert "the basal programme is 0.8 U/h all day, as --basal says" in said


# ---- what the records of Nightscout mean


def test_sources_are_those_that_the_record_names(write: Write) -> None:
    history = read(
        write,
        treatment("08:00", eventType="Meal Bolus", insulin=1, enteredBy="loop://iPhone"),
        treatment("08:10", eventType="Correction Bolus", insulin=1, isSMB=True, enteredBy="AAPS"),
        treatment("08:20", eventType="Correction Bolus", insulin=1, automatic=True),
        treatment("08:30", eventType="Bolus", insulin=1, enteredBy="Loop Remote"),
        treatment(
            "08:40", eventType="Temp Basal", absolute=1, duration=30, enteredBy="openaps://x"
        ),
        treatment("08:50", eventType="Temp Basal", absolute=1, duration=30, enteredBy="me"),
    )
    assert [request.source for request in requests(history)] == [
        Source.USER,
        Source.CONTROLLER,
        Source.CONTROLLER,
        Source.REMOTE,
        Source.CONTROLLER,
        Source.USER,
    ]


def test_combo_boluses_in_every_spelling(write: Write) -> None:
    combo = {"eventType": "Combo Bolus", "duration": 120}
    history = read(
        write,
        treatment("08:00", **combo, enteredinsulin=6, splitNow=60, splitExt=40),
        treatment("09:00", **combo, insulin=2, relative=1.5),
        treatment("10:00", **combo, insulin=3, splitNow=75, splitExt=25),
        treatment("11:00", **combo, insulin=4, splitNow=0, splitExt=100),
    )
    assert [(r.kind.name, r.amount, r.duration) for r in requests(history)] == [
        ("BOLUS", Decimal("3.6"), 0),
        ("EXTENDED_BOLUS", Decimal("2.4"), 7_200_000),
        ("BOLUS", Decimal(2), 0),
        ("EXTENDED_BOLUS", Decimal(3), 7_200_000),
        ("BOLUS", Decimal(3), 0),
        ("EXTENDED_BOLUS", Decimal(1), 7_200_000),
        ("EXTENDED_BOLUS", Decimal(4), 7_200_000),
    ]


def test_temporary_rates_absolute_relative_and_ended(write: Write) -> None:
    history = read(
        write,
        treatment("08:00", eventType="Temp Basal", rate=0.5, duration=30),
        treatment("09:00", eventType="Temp Basal", percent=-40, duration=30),
        treatment("09:10", eventType="Temp Basal", duration=0),
        treatment("09:20", eventType="Temp Basal", duration=0),
    )
    found = played(history)
    assert [(v.kind.name, v.asked, v.outcome.status) for v in found.verdicts] == [
        ("TEMP_BASAL", 500_000, Status.ACCEPTED),
        ("TEMP_BASAL", 600_000, Status.ACCEPTED),
        ("CANCEL_TEMP_BASAL", 0, Status.ACCEPTED),
    ]
    assert found.ignored == [
        "record 4: Temp Basal: no temporary rate runs, nothing to end",
    ]


def test_pump_changes_and_finger_readings(write: Write) -> None:
    history = read(
        write,
        treatment("08:00", eventType="Suspend Pump"),
        treatment("08:10", eventType="Resume Pump"),
        treatment("09:00", eventType="Site Change"),
        treatment("10:00", eventType="Insulin Change"),
        treatment("11:00", eventType="BG Check", glucose=5.5, units="mmol"),
    )
    changes = [entry for entry in history.entries if isinstance(entry, SetChange)]
    assert [(change.site, change.reservoir) for change in changes] == [(True, False), (False, True)]
    assert requests(history)[-1].glucose == 99
    found = played(history)
    assert not found.of(Status.REFUSED)
    assert found.pump.reservoir > 295_000_000


def test_a_profile_switch_changes_the_programme_and_ends(write: Write) -> None:
    blocks = [{"time": "00:00", "value": 1.0}, {"time": "09:30", "value": 2.0}]
    profile = json.dumps({"basal": blocks, "timezone": "Europe/Berlin"})
    switch = treatment(
        "08:00", eventType="Profile Switch", profileJson=profile, percentage=50, duration=60
    )
    history = read(write, switch, *readings(480, 1))
    change = next(entry for entry in history.entries if isinstance(entry, ProgrammeChange))
    assert [segment.rate for segment in change.programme.segments] == [500_000, 1_000_000]
    assert change.programme.offset == 3_600_000
    rates = {
        step.event.rate
        for step in played(read(write, switch, *readings(490, 30)), "0.7").pump.steps
        if step.event.kind is Kind.SET_BASAL
    }
    assert rates == {700_000, 500_000, 1_000_000}


def test_the_programme_of_the_file_runs_in_its_own_time_zone(write: Write) -> None:
    blocks = [{"time": "00:00", "value": 0.6}, {"time": "09:00", "value": 1.2}]
    store = {"Default": {"basal": blocks, "timezone": "America/Los_Angeles"}}
    document = {
        "profile": [
            {"defaultProfile": "Default", "startDate": "2026-01-01T00:00:00Z", "store": store}
        ],
        "treatments": readings(16 * 60 + 30, 13),
    }
    history = read_history(str(write(json.dumps(document))))
    programmed = [
        (step.event.at, step.event.rate)
        for step in played(history).pump.steps
        if step.event.kind is Kind.SET_BASAL
    ]
    # The pump's clock begins at 15:30 UTC; 17:00 UTC, before summer time, is 09:00 there.
    assert [rate for _, rate in programmed] == [600_000, 1_200_000]
    assert programmed[1][0] == 90 * 60_000


def test_unknown_types_are_counted_and_their_insulin_is_not_lost(write: Write) -> None:
    history = read(
        write,
        treatment("08:00", eventType="<none>", insulin=1.5),
        treatment("08:10", eventType="Moon Phase"),
        treatment("08:20", eventType="Moon Phase"),
        treatment("08:30", eventType="Meal Bolus", carbs=30),
    )
    assert [request.amount for request in requests(history)] == [Decimal("1.5")]
    assert history.assumptions == [
        "1 x <none>: not known, but it carries insulin, so it is taken as a bolus"
    ]
    assert history.skipped == {
        "Moon Phase: not known, carries no insulin": 2,
        "Meal Bolus: carries no dose": 1,
    }


def test_amounts_are_exact_and_only_ever_rounded_down(write: Write) -> None:
    found = played(
        read(
            write,
            treatment("08:00", eventType="Bolus", insulin=0.149999999999),
            treatment("09:00", eventType="Bolus", insulin=0.15),
        )
    )
    assert [verdict.asked for verdict in found.verdicts] == [100_000, 150_000]
    assert len(found.rounded) == 1


def test_newest_first_is_put_in_order(write: Write) -> None:
    history = read(
        write,
        treatment("09:00", eventType="Bolus", insulin=1),
        treatment("08:00", eventType="Bolus", insulin=2),
    )
    assert [request.amount for request in requests(history)] == [2, 1]


def test_a_set_changed_while_low_is_filled_when_the_low_ends(write: Write) -> None:
    low = [
        treatment("08:00", eventType="BG Check", glucose=68),
        treatment("08:05", eventType="Site Change"),
        treatment("08:20", eventType="BG Check", glucose=110),
        treatment("09:00", eventType="Bolus", insulin=1),
    ]
    found = played(read(write, *low))
    assert not found.of(Status.REFUSED)
    assert found.pump.delivered.fill == 2 * 700_000


def test_what_is_asked_during_a_set_change_waits_for_its_end(write: Write) -> None:
    found = played(
        read(
            write,
            treatment("08:00", eventType="Pod Change"),
            treatment("08:01", eventType="Bolus", insulin=1),
        )
    )
    assert not found.of(Status.REFUSED)
    assert "record 2: Bolus: waits for the end of the set change" in found.assumptions


def test_a_stroke_that_an_outage_cuts_counts_as_delivered() -> None:
    steps = played(read_history("incidents.csv")).pump.steps
    uncertain = next(step for step in steps if step.event.kind is Kind.UNCERTAIN)
    assert uncertain.outcome.status is Status.ACCEPTED
    assert "UNCERTAIN" in uncertain.outcome.alarms.names


# ---- bad input


BAD_JSON = {
    "empty": ("", "empty; allowed: a JSON array"),
    "truncated": ('[{"eventType": "Bolus", "insulin": 1', "not JSON"),
    "NaN": ('[{"eventType": "Bolus", "insulin": NaN}]', "NaN is not a number"),
    "infinite": ('[{"eventType": "Bolus", "insulin": -Infinity}]', "-Infinity is not a number"),
    "a number": ("12", "a JSON array of treatments"),
    "an object of nothing known": ('{"readings": []}', "treatments, entries, profile"),
    "treatments not an array": ('{"treatments": {}}', "treatments: allowed: an array"),
    "nothing asked": ("[]", "none of its 0 records asks for anything"),
    "not an object": ("[17]", "record 1: 17; allowed: a JSON object"),
    "no time": ('[{"eventType": "Bolus", "insulin": 1}]', "record 1: created_at: missing"),
    "negative": (
        '[{"eventType": "Bolus", "insulin": -1, "created_at": "2026-03-01"}]',
        "record 1: insulin: -1; allowed: 0 to 10000",
    ),
    "a string": (
        '[{"eventType": "Bolus", "insulin": "1", "created_at": "2026-03-01"}]',
        "record 1: insulin: '1'; allowed: a number",
    ),
    "true": (
        '[{"eventType": "Bolus", "insulin": true, "created_at": "2026-03-01"}]',
        "record 1: insulin: True; allowed: a number",
    ),
    "huge": (
        '[{"eventType": "Bolus", "insulin": 1e400, "created_at": "2026-03-01"}]',
        "record 1: insulin: 1E+400; allowed",
    ),
    "beyond decimals": (
        '[{"eventType": "Bolus", "insulin": 1e99999999999999999999}]',
        "is beyond any range",
    ),
    "digits without end": ("[" + "9" * 5000 + "]", "a number of too many digits"),
    "a time of many digits": (
        '[{"eventType": "Bolus", "insulin": 1, "mills": 1e999999999}]',
        "record 1: mills: 1E+999999999; allowed",
    ),
    "nested": ("[" * 100_000, "nested too deeply"),
    "a bad time": (
        '[{"eventType": "Bolus", "insulin": 1, "created_at": "yesterday"}]',
        "record 1: created_at: 'yesterday'; allowed: an ISO 8601 time",
    ),
    "seconds as a time": (
        '[{"eventType": "Bolus", "insulin": 1, "mills": 1772388000}]',
        "record 1: mills: 1772388000; allowed",
    ),
    "no rate": (
        '[{"eventType": "Temp Basal", "duration": 30, "created_at": "2026-03-01"}]',
        "record 1: absolute: missing",
    ),
    "a split that does not add up": (
        '[{"eventType": "Combo Bolus", "insulin": 1, "splitNow": 50, "created_at": "2026-03-01"}]',
        "splitNow and splitExt add up to 100",
    ),
    "an extended part without an end": (
        '[{"eventType": "Combo Bolus", "insulin": 2, "splitNow": 50, "splitExt": 50,'
        ' "created_at": "2026-03-01"}]',
        "record 1: duration: missing",
    ),
    "a broken profile": (
        '[{"eventType": "Profile Switch", "profileJson": "{", "created_at": "2026-03-01"}]',
        "record 1: profileJson: line 1, column 2: not JSON",
    ),
    "an empty profile": (
        '[{"eventType": "Profile Switch", "profileJson": "{}", "created_at": "2026-03-01"}]',
        "record 1: basal: allowed",
    ),
    "no default profile": (
        '{"profile": [{"store": {}}], "entries": [{"sgv": 100, "dateString": "2026-03-01"}]}',
        "profile 1: store: allowed",
    ),
    "an unknown zone": (
        '[{"eventType": "Profile Switch", "created_at": "2026-03-01", "profileJson":'
        ' "{\\"basal\\": [{\\"time\\": \\"00:00\\", \\"value\\": 1}],'
        ' \\"timezone\\": \\"Mars/Base\\"}"}]',
        "timezone: 'Mars/Base'; allowed",
    ),
}
BAD_CSV = {
    "empty": ("", "the column 'time' is missing"),
    "only a heading": (HEADING, "no records after the heading"),
    "unknown column": (f"{HEADING},dose\n", "'dose' is no column; allowed: time, kind"),
    "a column twice": ("time,kind,kind\n", "'kind' stands there twice"),
    "unknown kind": ("time,kind\n2026-03-01,meal\n", "record 1: kind: 'meal'; allowed: fault"),
    "a kind of the motor": ("time,kind\n2026-03-01,tick\n", "record 1: kind: 'tick'"),
    "missing time": ("time,kind\n,bolus\n", "record 1: time: ''; allowed: an ISO 8601 time"),
    "missing amount": ("time,kind\n2026-03-01,bolus\n", "record 1: amount: missing"),
    "negative": ("time,kind,amount\n2026-03-01,bolus,-1\n", "record 1: amount: -1; allowed: 0"),
    "NaN": ("time,kind,amount\n2026-03-01,bolus,nan\n", "record 1: amount: nan; allowed"),
    "a word": ("time,kind,amount\n2026-03-01,bolus,much\n", "amount: 'much' is not a number"),
    "a wrong source": (
        "time,kind,amount,source\n2026-03-01,bolus,1,nurse\n",
        "record 1: source: 'nurse'; allowed: user",
    ),
    "too few fields": ("time,kind,amount\n2026-03-01,bolus\n", "record 1: it has more or fewer"),
    "too many fields": ("time,kind\n2026-03-01,resume,1\n", "record 1: it has more or fewer"),
    "no cause": ("time,kind\n2026-03-01,fault\n", "record 1: code: ''; allowed: occlusion"),
    "the year 1": ("time,kind\n0001-01-01,resume\n", "allowed: the years 2000 to 2100"),
}


def refused(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["replay", str(path), "--limits", LIMITS, "--quiet", *more]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize("case", BAD_JSON)
def test_bad_json_is_named(case: str, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    text, expected = BAD_JSON[case]
    path = write(text)
    said = refused(path, capsys)
    assert expected in said
    assert str(path) in said


@pytest.mark.parametrize("case", BAD_CSV)
def test_bad_csv_is_named(case: str, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    text, expected = BAD_CSV[case]
    path = write(text, "history.csv")
    said = refused(path, capsys)
    assert expected in said
    assert str(path) in said


def test_a_history_of_years_is_to_be_cut(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["2016-01-01,resume", "2026-01-01,resume"]
    path = write("\n".join(["time,kind", *rows]), "history.csv")
    assert "it spans 3653 days; allowed: at most 92" in refused(path, capsys)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
PLAUSIBLE = st.sampled_from(
    ["2026-03-01T08:00:00Z", 1_772_388_000_000, 0, 1, 2.5, 30, 50, 100, "mmol", "00:00", "loop"]
)
FIELDS = (
    "created_at", "mills", "insulin", "enteredinsulin", "duration", "absolute", "rate", "percent",
    "splitNow", "splitExt", "relative", "glucose", "units", "isSMB", "enteredBy", "percentage",
    "profileJson", "sgv",
)  # fmt: skip


@given(
    st.lists(
        st.fixed_dictionaries(
            {"eventType": st.sampled_from(sorted(READERS))},
            optional=dict.fromkeys(FIELDS, PLAUSIBLE | VALUES),
        ),
        max_size=3,
    )
)
def test_no_document_is_beyond_the_reader(documents: list[Json]) -> None:
    try:
        history = read_nightscout(Path("any.json"), json.dumps(documents))
    except HistoryError as error:
        assert str(error).startswith("any.json: ")
    else:
        assert len(history.entries) > 0
        assert all(request.amount >= 0 for request in requests(history))


@given(st.text(max_size=60))
def test_no_text_is_beyond_the_readers(text: str) -> None:
    for reader, name in ((read_nightscout, "any.json"), (read_table, "any.csv")):
        for whole in (text, f"{HEADING}\n{text}", f"[{text}]"):
            try:
                found = reader(Path(name), whole)
            except HistoryError as error:
                assert str(error).startswith(f"{name}: ")
            else:
                assert found.entries


def test_files_that_are_no_history(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "allowed: *.json, *.csv" in refused(write("", "history.xml"), capsys)
    missing = refused(tmp_path / "none.json", capsys)
    assert all(name in missing for name in shipped())
    broken = tmp_path / "bytes.csv"
    broken.write_bytes(b"time,kind\n\xff\xfe")
    assert "byte 10 is not UTF-8" in refused(broken, capsys)
    folder = tmp_path / "folder.json"
    folder.mkdir()
    assert "folder.json" in refused(folder, capsys)


@pytest.mark.parametrize("rate", ["-1", "nan", "much", "1e9"])
def test_a_bad_basal_rate(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--basal" in refused(Path("loop-day.json"), capsys, f"--basal={rate}")


def test_a_history_without_a_programme_changes_nothing_at_midnight() -> None:
    assert Programme(()).changes(0, 10**12) == []
    assert flat(Decimal(1)).changes(0, 10**12) == []
