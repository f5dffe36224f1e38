"""The command that runs the analysers cannot pass by accident: missing, silent and wrong runs."""

from pathlib import Path

import pytest

import dosekernel
from tests.analysers import expected, frama_c
from tests.analysers.results import Result, Run, Tool, Verdict, judged, missing, run, table
from tests.analysers.seeded import ERRORS, Error, broken

INCLUDE = Path(dosekernel.get_include())
LISTED = expected.Expected("an analyser", "never read", 2, "a reason")
WP_LOG = """\
[wp] 3 goals scheduled
[wp] [Qed] Goal typed_dosekernel_flow_assert_rte_signed_overflow : Valid (3ms)
[wp] [Z3 4.8.12] Goal typed_dosekernel_total_assert_rte_signed_overflow : Valid (8ms) (10)
[wp] [Timeout] Goal typed_dosekernel_total_assert_rte_signed_overflow_2
  Z3 4.8.12: Timeout
[wp] Proved goals:    2 / 3
"""


def test_a_missing_tool_is_never_passed() -> None:
    row = missing("an analyser", [Tool("no-such-analyser", "its-package")])
    assert row is not None
    assert row.verdict is Verdict.NOT_RUN
    assert "apt-get install its-package" in table([row])
    assert "| not run |" in table([row]) and "passed" not in table([row])


def test_a_fault_fails_the_row_and_is_printed() -> None:
    row = judged(Tool("cc", "gcc"), "an analyser", "a file", "1", 0.1, ["file.c:1: warning: odd"])
    assert row.verdict is Verdict.FAILED
    assert table([row]).endswith("an analyser: file.c:1: warning: odd")


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        (["a is never read", "b is never read"], []),
        (["a is never read"], ["expected.toml has 2 of 'never read'; there are 1"]),
        ([], ["expected.toml has 2 of 'never read'; there are 0"]),
        (["a is never read", "b is never read", "c overflows"], ["c overflows"]),
    ],
)
def test_what_is_expected_is_held_both_ways(said: list[str], faults: list[str]) -> None:
    assert expected.compared("an analyser", said, [LISTED]) == faults
    assert expected.compared("another", said, [LISTED]) == said


def test_what_was_out_of_time_may_be_shown_but_nothing_else_said() -> None:
    slow = expected.Expected("an analyser", "never read", 2, "a reason", out_of_time=True)
    assert expected.compared("an analyser", ["a is never read"], [slow]) == []
    three = ["never read"] * 3
    assert expected.compared("an analyser", three, [slow]) == [
        "expected.toml has 2 of 'never read'; there are 3"
    ]


def test_every_expectation_has_a_reason() -> None:
    assert all(len(each.reason) > 20 for each in expected.read())


def test_an_expectation_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "expected.toml"
    path.write_text('[[said]]\nanalyser = "a"\ntexts = ["t"]\ncount = 1\nreason = " "\n')
    with pytest.raises(ValueError, match="an entry needs"):
        expected.read(path)


def test_a_run_that_is_cut_off_says_so(tmp_path: Path) -> None:
    assert run("late", ["sleep", "9"], 1, tmp_path).code == 124


def test_goals_of_wp_are_counted() -> None:
    told = frama_c.told_by([["dosekernel_flow", "dosekernel_total"]], [Run(0, WP_LOG, 1.0)])
    assert (told.goals_proved, told.goals, told.faults) == (2, 3, [])
    assert told.proved == {"dosekernel_flow"}
    assert told.left == {"dosekernel_total": ["rte_signed_overflow_2"]}


def test_functions_without_a_goal_are_proved() -> None:
    told = frama_c.told_by(
        [["dosekernel_flag"]], [Run(0, "[wp] Warning: No goal generated\n", 1.0)]
    )
    assert (told.proved, told.goals, told.faults) == ({"dosekernel_flag"}, 0, [])


@pytest.mark.parametrize(
    "done",
    [
        Run(124, WP_LOG, 1.0),
        Run(0, "[kernel] Parsing\n", 1.0),
        Run(0, WP_LOG.replace("[Timeout] Goal typed_dosekernel_total", "[Timeout] Goal x"), 1.0),
    ],
    ids=["cut off", "silent", "a goal without a name"],
)
def test_a_run_of_wp_that_went_wrong_is_a_fault(done: Run) -> None:
    assert frama_c.told_by([["dosekernel_flow", "dosekernel_total"]], [done]).faults


@pytest.mark.parametrize(
    ("functions", "statements", "faults"),
    [
        ("168 functions", "3793 statements", 0),
        ("9 functions", "3793 statements", 1),
        ("168 functions", "90 statements", 1),
        ("no functions", "no statements", 1),
    ],
)
def test_a_run_of_eva_that_did_not_go_everywhere_is_a_fault(
    functions: str, statements: str, faults: int
) -> None:
    text = f"{functions} analyzed (out of 169): x.\n{statements} reached (out of 3798): y."
    assert len(frama_c.unreached(text)) == faults


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: each.name)
def test_errors_put_in_on_purpose_change_the_file(error: Error) -> None:
    text = (INCLUDE / "dosekernel.c").read_text(encoding="utf-8")
    assert broken(text, error) != text
    with pytest.raises(ValueError, match="has no"):
        broken(text.replace(error.right, ""), error)


def test_rows_keep_their_order() -> None:
    rows = [Result(name, "1", "x", Verdict.PASSED, "0", 0.0) for name in ("first", "second")]
    told = table(rows)
    assert told.index("first") < told.index("second")
