"""The page holds what the records say, fails on what they do not, and needs nothing but itself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dosekernel.command import main
from dosekernel.errors import InputError
from dosekernel.report.picture import broken, picture
from dosekernel.report.prescriptions import prescriptions
from dosekernel.report.queries import read_queries, subject
from dosekernel.report.records import read_extra
from dosekernel.spec import hazards
from dosekernel.spec.limits_table import BY_NAME
from tests.report import records

UNIT = 1_000_000
# An address in an attribute that a browser would follow by itself.
FETCHED = re.compile(r"""(?:src|href)\s*=\s*["'](?!#|data:)|url\((?!#)|@import|\bfetch\(|XMLHttp""")


def data(page: str, name: str) -> Any:
    found = re.search(rf'<script type="text/plain" id="data-{name}">([^<]*)</script>', page)
    assert found is not None
    return json.loads(records.unpacked(found[1]))


def test_a_whole_case_holds_every_hazard_and_every_theorem(report: Path) -> None:
    page = report.read_text("utf-8")
    assert "Every known hazard is answered, every theorem proved" in page
    for row in hazards.load():
        assert f'id="{row.id}"' in page
    names = {each["name"] for each in records.proof()["theorems"]}
    assert {each["name"] for each in data(page, "theorems")} == names
    for name in names:
        assert f'id="t-{name}"' in page
    assert records.about().source in page
    assert records.about().c_hash in page


def test_what_other_records_say_of_a_hazard_stands_at_its_row(report: Path) -> None:
    page = report.read_text("utf-8")
    row = page[page.index('id="H07"') : page.index('id="H08"')]
    assert "<b>Fuzzing</b>: a repeated bolus was found in 3 s" in row
    assert "Attacked, and nothing is left open" in page


def test_it_is_one_file(report: Path) -> None:
    page = report.read_text("utf-8")
    shown = re.sub(r'<script type="text/plain"[^>]*>[^<]*</script>', "", page)
    assert FETCHED.findall(shown) == []
    assert "default-src 'none'" in page


def test_a_theorem_is_explained_from_its_source(report: Path) -> None:
    page = report.read_text("utf-8")
    found = {each["name"]: each for each in data(page, "theorems")}
    sources = data(page, "sources")
    blocked = found["blocked"]
    assert blocked["about"] == "step"
    assert blocked["hypotheses"] == []
    assert "H07" in blocked["hazards"]
    inner = found["bolus/owed"]
    assert inner["hypotheses"]
    for each in [*blocked["statements"], inner["cover"]]:
        file, _, line = each["at"].partition(":")
        assert sources[file].splitlines()[int(line) - 1].startswith(f"def {each['name']}(")
    assert found["window"]["rests_on"]


def test_queries_are_carried_as_they_were_asked(report: Path) -> None:
    page = report.read_text("utf-8")
    index = data(page, "queries")
    assert set(index) == {"blocked", "bolus-cap", "stop"}
    text = re.search(r'data-query="blocked-1.smt2">([^<]*)<', page)
    assert text is not None
    assert records.unpacked(text[1]) == (report.parent / "smt2/blocked-1.smt2").read_bytes()


def test_queries_stop_at_their_budget_but_are_counted(tmp_path: Path) -> None:
    for number in range(5):
        head = f"; clock [{number}]: unsatisfiable if it holds\n"
        (tmp_path / f"{number}.smt2").write_text(head + "x" * number, "utf-8")
    whole = read_queries(tmp_path)
    assert len(whole.carried["clock"]) == whole.written["clock"] == 5
    one = len(whole.carried["clock"][0].packed)
    little = read_queries(tmp_path, 2 * one + 10)
    assert 1 <= len(little.carried["clock"]) < 5
    assert little.written["clock"] == 5
    assert little.characters <= 2 * one + 10


def test_what_a_query_is_about() -> None:
    ending = ": unsatisfiable if it holds"
    assert subject(f"; blocked [event.kind = 1]{ending}")[1] == ("blocked",)
    assert subject(f"; step [event.kind = 1]: blocked, stop{ending}")[1] == ("blocked", "stop")
    assert subject(f"; totality/flow{ending}")[1] == ("totality",)


def refuted(content: dict[str, Any]) -> None:
    for each in content["theorems"]:
        if each["name"] == "bolus-cap":
            each["verdict"] = "refuted"
            each["findings"] = [records.called(34 * UNIT)]
    content["verdict"] = "refuted"


def test_a_refuted_theorem_is_red_and_drawn_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof, tests = records.written(tmp_path, refuted), records.junit(tmp_path / "tests.xml")
    out = tmp_path / "page.html"
    assert main(["report", "--proof", str(proof), "--tests", str(tests), "--out", str(out)]) == 1
    told = capsys.readouterr().out
    named = sum("theorem: bolus-cap" in row.answered_by for row in hazards.load())
    assert f"{named} OPEN" in told
    assert "H04: theorem bolus-cap: refuted" in told
    page = out.read_text("utf-8")
    assert "This case is <em>open</em>" in page
    assert 'class="hazard bad" id="H04"' in page
    assert 'class="over"' in page
    assert "within &lt;its&gt; cap" in page


def test_a_stale_record_answers_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proof = records.written(tmp_path, lambda content: content.update(kernel_source="0" * 64))
    tests = records.junit(tmp_path / "tests.xml")
    out = tmp_path / "page.html"
    assert main(["report", "--proof", str(proof), "--tests", str(tests), "--out", str(out)]) == 1
    assert "it is about the source 000000" in capsys.readouterr().out


def test_what_was_found_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proof, tests = records.written(tmp_path, refuted), records.junit(tmp_path / "tests.xml")
    files = ["--proof", str(proof), "--tests", str(tests), "--out", str(tmp_path / "page.html")]
    assert main(["report", "--json", *files]) == 1
    found = json.loads(capsys.readouterr().out)
    rows = {each["id"]: each for each in found["hazards"]}
    assert rows["H04"]["answered_by"] == "nothing"
    assert rows["H04"]["problems"] == ["theorem bolus-cap: refuted"]
    assert rows["H05"] == {"id": "H05", "answered_by": "theorem", "problems": []}
    assert sum(found["answered"].values()) + found["open"] == 70


def test_the_picture_shows_what_is_above_its_cap() -> None:
    wrong, right = records.called(34 * UNIT)["call"], records.called(3 * UNIT)["call"]
    assert broken(wrong) == ["asked for", "rolling window"]
    assert broken(right) == ["rolling window"]
    assert picture(wrong).count('class="over"') == 2
    assert "34 U" in picture(wrong)
    assert "no objection" in picture(wrong)


def test_every_limit_of_every_preset_is_shown() -> None:
    found = prescriptions()
    assert len(found) == 6
    for each in found:
        names = {value.name for value in each.values}
        assert set(BY_NAME) - names <= {"action_remaining"}
        assert each.purpose
        assert each.sources
        assert sum(not value.note for value in each.values) < len(each.values) / 2


def test_another_record_counts_only_as_one_of_this_kernel(tmp_path: Path) -> None:
    path = tmp_path / "fuzz.json"
    here = {"kernel_source": records.about().source}
    cases: list[tuple[dict[str, Any], int]] = [
        (here | {"findings": 0}, 0),
        (here | {"findings": ["a crash"]}, 1),
        (here | {"ok": False}, 1),
        ({"kernel_source": "0" * 64}, 1),
        ({"steps": 5}, 1),
    ]
    for content, problems in cases:
        path.write_text(json.dumps(content), "utf-8")
        assert len(read_extra("Fuzzing", path, records.about()).problems) == problems, content


def test_figures_of_another_record_are_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "mcdc.json"
    content = {"lines": {"covered": 1234, "of": 1234}, "ok": True, "infeasible": ["a", "b"]}
    path.write_text(json.dumps(content), "utf-8")
    figures = dict(read_extra("MC/DC", path, records.about()).figures)
    assert figures == {
        "lines / covered": "1 234", "lines / of": "1 234", "ok": "yes", "infeasible": "a, b",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "what was run is not given"),
        (["--proof", "no.json", "--tests", "no.xml"], "no.json"),
        (["--proof", "{text}", "--tests", "{tests}"], "allowed: a file that dosekernel prove"),
        (["--proof", "{proof}", "--tests", "{text}"], "allowed: a file that pytest"),
        (["--proof", "{proof}", "--tests", "{tests}", "--smt2", "."], "no .smt2 file there"),
        (["--proof", "{proof}", "--tests", "{tests}", "--record", "x"], "allowed: TITLE=FILE"),
        (["--proof", "{proof}", "--tests", "{tests}", "--broken", "{proof}"], "no counterexample"),
        (["--proof", "{proof}", "--tests", "{tests}", "--out", "no/x.html"], "no such folder"),
        (["--proof", "{proof}", "--tests", "{tests}", "--day", "{text}"], "neither a pump's"),
    ],
)
def test_bad_input_is_told(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("nothing\n", "utf-8")
    files = {
        "proof": records.written(tmp_path),
        "tests": records.junit(tmp_path / "tests.xml"),
        "text": tmp_path / "text",
    }
    assert main(["report", *(each.format(**files) for each in arguments)]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "report.html").exists()


def test_the_tests_that_are_needed_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--wanted-tests"]) == 0
    named = capsys.readouterr().out.split(" or ")
    assert "test_h01" in named
    assert len(named) > 66


def test_a_record_that_is_not_whole_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "fuzz.json"
    path.write_text("[]", "utf-8")
    with pytest.raises(InputError, match="a list; allowed"):
        read_extra("Fuzzing", path, records.about())
