"""What a run says, and to whom: the record, the list that it must meet, the files for CI."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import dosekernel
from dosekernel.proofs import command, runner
from dosekernel.proofs.ci_files import junit, sarif
from dosekernel.proofs.origin import CFile, Origin, kernel_hash, shipped_object, spec_hash
from dosekernel.proofs.report import DISAGREE, Report, TheoremReport
from dosekernel.proofs.runner import Options, prove_program, unlisted
from dosekernel.proofs.solvers import Answer, Verdict, ask
from dosekernel.proofs.summary import (
    BEGIN,
    END,
    Record,
    closing,
    exceptions,
    findings,
    main,
    markdown,
    rows,
    table,
)
from dosekernel.proofs.work import TOTALITY, Finding, Query, Result, Share
from dosekernel.spec.language import parse_text
from dosekernel.spec.obligations import OBLIGATIONS
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.theorems import THEOREMS

MINI = Path(__file__).parent.parent / "bindings" / "mini_kernel"
BOTH = {"z3": Verdict.PROVED, "cvc5": Verdict.PROVED}
BROKEN = Finding(
    "ensures", "kernel/bolus.py:187", "bolus_reason", "its promise", "z3", Verdict.REFUTED,
    "  state.now = 1\x01 <&>", call={"decided": {"place": "kernel/bolus.py:203"}},
)  # fmt: skip


def report(*changed: TheoremReport, problems: tuple[str, ...] = ()) -> Report:
    share = Share("range", "run", "kernel/step.py", 5, 3, {"z3": "proved", "cvc5": "proved"})
    asked = [Query(solver, 0, 2, 3, "unsat", 0.5) for solver in BOTH]
    good = Result("x", "run", 3, BOTH, {"z3": 1.0, "cvc5": 2.0}, 2, shares=[share], asked=asked)
    theorems = [
        TheoremReport("set/load", "Loading", ("z3", "cvc5"), expected=1, results=[good]),
        TheoremReport("set/prime", "Priming", ("z3", "cvc5"), expected=1, results=[good]),
        TheoremReport("stop", "Stops", ("z3", "cvc5"), "z3", "too hard", 1, [good]),
    ]
    named = {each.name: each for each in (*theorems, *changed)}
    origin = Origin(
        "1" * 64, "2" * 64, roots={"kernel": "src/pump", "properties": "spec/properties"}
    )
    origin.c_hash = "3" * 64
    return Report(
        {"z3": "5", "cvc5": "1"}, list(named.values()), list(problems), origin, 2, 20.0, 1.5, 2**20
    )


def refuted(finding: Finding = BROKEN) -> TheoremReport:
    verdicts = {"z3": finding.verdict, "cvc5": finding.verdict}
    result = Result("x", "run", 2, verdicts, findings=[finding, replace(finding, solver="cvc5")])
    return TheoremReport("stop", "Stops", ("z3", "cvc5"), expected=1, results=[result])


def test_the_record_holds_what_a_verdict_is_about() -> None:
    record = json.loads(json.dumps(report().as_json()))
    assert record["verdict"] == "proved" and record["headline"] == "PROVED"
    assert (record["kernel_source"], record["spec_source"]) == ("1" * 64, "2" * 64)
    assert record["c_file"] == {"sha256": "3" * 64}
    assert record["object"] is None
    assert record["solvers"] == {"z3": "5", "cvc5": "1"}
    assert record["peak_memory_bytes"] == 2**20 and record["wall_seconds"] == 1.5
    assert record["started"].endswith("+00:00")
    assert record["exceptions"] == [{"theorem": "stop", "solver": "z3", "reason": "too hard"}]
    (unit,) = record["theorems"][0]["units"]
    assert unit["obligations"] == [
        {"kind": "range", "function": "run", "place": "kernel/step.py:5", "count": 3,
         "verdicts": {"z3": "proved", "cvc5": "proved"}}
    ]  # fmt: skip
    assert unit["queries"][0] == {
        "solver": "z3", "first": 0, "last": 2, "count": 3, "answer": "unsat", "seconds": 0.5,
        "together": 0,
    }  # fmt: skip


def test_a_family_is_one_row() -> None:
    record = report().as_json()
    assert [line[0] for line in rows(record)] == ["theorem", "set", "stop"]
    assert rows(record)[1] == ["set", "2", "6", "proved 2.0 s", "proved 4.0 s", "PROVED"]
    worse = TheoremReport("set/prime", "Priming", ("z3", "cvc5"), expected=2, results=[])
    assert rows(report(worse).as_json())[1][-1] == "ERROR"
    assert "set      2" in table(record)
    assert closing(record).startswith("PROVED: 3 of 3 theorems, 9 obligations")
    assert exceptions(record) == ["by z3 alone: stop: too hard"]


def test_the_page_for_ci_names_what_is_not_shown_once() -> None:
    page = markdown(report(refuted()).as_json())
    assert page.startswith("## dosekernel: REFUTED: 2 of 3 theorems")
    assert page.count("REFUTED stop: kernel/bolus.py:187") == 1
    assert "| set | 2 | 6 |" in page
    assert "- C file `" + "3" * 64 in page
    assert "- by z3 alone: stop: too hard" in markdown(report().as_json())


def test_junit_has_a_case_for_each_theorem_and_one_for_the_list() -> None:
    record = report(refuted(), problems=("theorem x: in spec/obligations.py, and not shown",))
    root = ElementTree.fromstring(junit(record.as_json()))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "1", "1")
    names = [case.get("name") for case in root.iter("testcase")]
    assert names[:3] == ["set/load", "set/prime", "stop"]
    (failure,) = root.iter("failure")
    assert failure.text is not None and "state.now = 1 <&>" in failure.text
    (error,) = root.iter("error")
    assert error.text is not None and "not shown" in error.text
    late = replace(BROKEN, verdict=Verdict.TIMEOUT)
    root = ElementTree.fromstring(junit(report(refuted(late)).as_json()))
    assert (root.get("failures"), root.get("errors")) == ("0", "1")


def test_sarif_says_where() -> None:
    record = report(refuted(), problems=("something",)).as_json()
    found = json.loads(json.dumps(sarif(record, "0.1.0")))
    assert found["version"] == "2.1.0" and found["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = found["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "dosekernel prove"
    assert [rule["id"] for rule in driver["rules"]] == ["set/load", "set/prime", "stop"]
    (result,) = run["results"]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "stop"
    assert result["level"] == "error" and result["message"]["text"].startswith("REFUTED")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/pump/bolus.py"
    assert place["region"]["startLine"] == 187
    assert result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 203
    (call,) = run["invocations"]
    assert call["executionSuccessful"] is False
    assert call["toolExecutionNotifications"][0]["message"]["text"] == "something"
    assert sarif(report().as_json(), "0.1.0")["runs"][0]["results"] == []


def test_the_table_of_a_readme_is_written_between_its_markers(tmp_path: Path) -> None:
    record, page = tmp_path / "record.json", tmp_path / "README.md"
    record.write_text(json.dumps(report().as_json()))
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert main([str(record), str(page)]) == 0
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| set | 2 | 6 |" in text
    assert main([str(record), str(page)]) == 0
    assert page.read_text() == text
    page.write_text("no markers")
    assert main([str(record), str(page)]) == 2
    assert main([]) == 2


# ---- the list


def test_fewer_more_or_other_theorems_are_named() -> None:
    assert unlisted(OBLIGATIONS) == []
    first, *rest = OBLIGATIONS
    assert unlisted(rest) == [f"theorem {first}: in spec/obligations.py, and not shown"]
    assert unlisted([*OBLIGATIONS, "new"]) == ["theorem new: shown, and not in spec/obligations.py"]
    assert len(unlisted([*rest, "new"])) == 2


SMALL = '''"""A small kernel."""

from .contract import ensure


@ensure(lambda result: result >= 0)
def run(amount: int) -> int:
    """Never negative."""
    if amount < 0:
        return 0
    return amount


def holds(result: int) -> bool:
    """Never negative."""
    return result >= 0
'''
HOLDS = Theorem("holds", "never negative", "run", ("holds",))


def whole_run(
    monkeypatch: pytest.MonkeyPatch, theorems: tuple[Theorem, ...], listed: tuple[str, ...]
) -> Report:
    """A run of `prove` over a small kernel, with a list of its own."""
    program = parse_text({"step": SMALL})
    monkeypatch.setattr(runner, "listed", lambda: (theorems, {}))
    monkeypatch.setattr(runner, "read_program", lambda home: program)
    monkeypatch.setattr(runner, "OBLIGATIONS", listed)
    return runner.prove(None, Options(cache=False, jobs=1))


def test_a_run_must_show_the_list_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOSEKERNEL_CACHE", str(tmp_path))
    monkeypatch.setattr(CFile, "finish", lambda self, origin: None)
    good = whole_run(monkeypatch, (HOLDS,), ("holds", "totality"))
    assert good.ok and good.problems == []
    fewer = whole_run(monkeypatch, (), ("holds", "totality"))
    assert fewer.verdict is Verdict.ERROR and "not shown" in fewer.problems[0]
    more = whole_run(monkeypatch, (HOLDS,), ("totality",))
    assert more.verdict is Verdict.ERROR and "not in spec" in more.problems[0]
    other = whole_run(monkeypatch, (replace(HOLDS, name="held"),), ("holds", "totality"))
    assert len(other.problems) == 2
    unsorted = whole_run(monkeypatch, (HOLDS,), ("totality", "holds"))
    assert "sorted" in unsorted.problems[0]


def test_a_theorem_of_which_nothing_ran_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "jobs", lambda *given: [])
    shown = prove_program(parse_text({"step": SMALL}), (HOLDS,), {}, Options(cache=False))
    assert [each.verdict for each in shown.theorems] == [Verdict.ERROR] * 2
    assert {each.name for each in shown.theorems if each.results} == set()


# ---- verdicts and exit codes


def test_solvers_that_disagree_come_before_all_else() -> None:
    broken = SMALL.replace("return 0", "return -1")

    def one_lies(solver: str, text: str, seconds: float) -> Answer:
        return Answer("unsat") if solver == "z3" else ask(solver, text, seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "ask", one_lies)
        found = prove_program(parse_text({"step": broken}), (), {}, Options(cache=False))
    assert found.headline == DISAGREE
    record = found.as_json()
    assert closing(record).startswith("SOLVERS DISAGREE: 0 of 1")
    assert findings(record)[0].startswith("SOLVERS DISAGREE totality: step.py:")
    assert command.exit_code(found.verdict) == 3


@pytest.mark.parametrize(
    ("verdict", "code"),
    [(Verdict.PROVED, 0), (Verdict.REFUTED, 1), (Verdict.TIMEOUT, 3), (Verdict.UNKNOWN, 3),
     (Verdict.ERROR, 3)],
)  # fmt: skip
def test_exit_codes(verdict: Verdict, code: int) -> None:
    assert command.exit_code(verdict) == code


def test_the_command_writes_every_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "prove", lambda kernel, options: report(refuted()))
    names = ("report", "junit", "sarif", "summary")
    given = [word for name in names for word in (f"--{name}", str(tmp_path / "new" / name))]
    assert command.main(given) == 1
    assert "REFUTED: 2 of 3 theorems" in capsys.readouterr().out
    record: Record = json.loads((tmp_path / "new" / "report").read_text())
    assert record["format"] == "dosekernel-proof/1"
    assert ElementTree.parse(tmp_path / "new" / "junit").getroot().tag == "testsuites"
    assert json.loads((tmp_path / "new" / "sarif").read_text())["version"] == "2.1.0"
    page = (tmp_path / "new" / "summary").read_text()
    assert command.main(["--summary", str(tmp_path / "new" / "summary"), "--table"]) == 1
    assert (tmp_path / "new" / "summary").read_text() == page * 2
    assert capsys.readouterr().out.startswith("| theorem |")
    assert command.main(["--junit", str(tmp_path)]) == 2


def test_the_list_is_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "set:" in lines and any(line.startswith("  set/load") for line in lines)
    assert command.main(["--list", "--json"]) == 0
    named = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in named] == sorted([*[each.name for each in THEOREMS], TOTALITY])
    assert {each["family"] for each in named if "/" in each["name"]} >= {"set"}


def test_hashes_follow_the_source(tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text("a")
    one = kernel_hash(tmp_path)
    (tmp_path / "step.py").write_text("b")
    assert kernel_hash(tmp_path) != one
    assert len(spec_hash()) == 64 and spec_hash() == spec_hash()


def test_the_installed_object_is_named_if_it_is_of_that_c_file() -> None:
    text = (Path(dosekernel.get_include()) / "dosekernel.c").read_bytes()
    made = dosekernel.build_info()
    expected = {"build": made["build"], "sha256": made["object_sha256"]}
    assert shipped_object(hashlib.sha256(text).hexdigest()) == expected
    assert shipped_object("another C file's") is None


def test_the_c_file_is_named_or_why_it_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOSEKERNEL_CACHE", str(tmp_path))
    for path in MINI.glob("*.txt"):
        (tmp_path / path.with_suffix(".py").name).write_text(path.read_text())
    origin = Origin()
    CFile(tmp_path).finish(origin)
    assert len(origin.c_hash) == 64
    monkeypatch.setenv("DOSEKERNEL_CACHE", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    CFile(tmp_path).finish(origin)
    assert origin.c_hash == "" and origin.c_reason
    assert origin.as_json()["c_file"] == {"not_built": origin.c_reason}
