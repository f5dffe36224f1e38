"""What was shown is not shown again, and nothing else is believed: an edit asks what it touches."""

import shutil
from pathlib import Path

import pytest

from dosekernel.proofs.cache import CachedAsker, CallStore, ResultStore, entries
from dosekernel.proofs.pool import Pool
from dosekernel.proofs.runner import Options, prove_program
from dosekernel.proofs.solvers import Answer, Verdict, ask
from dosekernel.proofs.trail import WatchedFacts
from dosekernel.proofs.units import jobs
from dosekernel.proofs.work import Job, Result, Settings
from dosekernel.spec.language import parse_text
from dosekernel.spec.theorem import Theorem

SOURCE = '''"""A small kernel."""

from .contract import Record, ensure, require

CAPACITY = 1000
SPARE = 7


class Tank(Record):
    """A reservoir."""

    reservoir: int


def small(amount: int) -> bool:
    """A definition: it is opened."""
    return 0 <= amount <= CAPACITY


@require(lambda amount: small(amount))
@ensure(lambda result: result >= 0)
def half(amount: int) -> int:
    """At most what was asked."""
    return amount // 2


@require(lambda amount: 0 <= amount <= 100)
@ensure(lambda result: result >= SPARE)
def more(amount: int) -> int:
    """Something on top."""
    return amount + SPARE


@require(lambda amount: 0 <= amount <= 100)
@ensure(lambda result: result >= 0)
def run(tank: Tank, amount: int) -> int:
    """Uses one by its contract."""
    tank.reservoir = half(amount)
    return tank.reservoir


def kept(tank_after: Tank) -> bool:
    """The reservoir is never negative."""
    return tank_after.reservoir >= 0


def rises(tank_before: Tank, tank_after: Tank) -> bool:
    """It may rise."""
    return tank_after.reservoir > tank_before.reservoir
'''
THEOREMS = (Theorem("kept", "never negative", "run", ("kept",), opens=("run",), cover="rises"),)
ALL = {"half", "more", "run", "kept", "kept cover"}


def asked(source: str, directory: Path) -> set[str]:
    """The units that had to be run, by name; what they showed is kept."""
    facts = WatchedFacts(parse_text({"step": source}))
    theorems = {each.name: each for each in THEOREMS}
    store = ResultStore(directory, facts, theorems, {}, {"z3": "1"})
    settings = Settings(facts, THEOREMS, {}, ("z3",), 10.0, ask, calls=directory)
    left = [
        job
        for job in jobs(facts.plain, facts, THEOREMS, {})
        if store.get(job, job.theorems[0]) is None
    ]
    for job, result in Pool(settings, left, 1).results(None):
        assert isinstance(result, Result), result
        assert set(result.verdicts.values()) == {Verdict.PROVED}, result.findings
        store.put(job, result)
    return {
        f"{job.name} cover" if job.kind == "cover" else
        job.theorems[0] if job.kind == "theorem" else job.name
        for job in left
    }  # fmt: skip


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is kept after the whole small kernel was proved once."""
    directory = tmp_path_factory.mktemp("proved")
    assert asked(SOURCE, directory) == ALL
    return directory


@pytest.fixture
def known(proved: Path, tmp_path: Path) -> Path:
    """A copy of it, to be added to."""
    shutil.copytree(proved, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after", "again"),
    [
        # A body whose contract is as it was: its own unit, and those that run it on numbers.
        ("return amount // 2", "return amount // 3", {"half", "kept cover"}),
        ("return amount + SPARE", "return SPARE + amount", {"more"}),
        # A body that a theorem opens.
        ("return tank.reservoir\n", "return amount * 0\n", {"run", "kept", "kept cover"}),
        # A contract: all who use it.
        ("result: result >= 0)\ndef half", "result: 0 <= result)\ndef half",
         {"half", "run", "kept", "kept cover"}),
        # A definition: all who open it.
        ("return 0 <= amount <= CAPACITY", "return 0 <= amount < CAPACITY",
         {"half", "run", "kept cover"}),
        # A constant: all who use it, themselves or through a definition.
        ("CAPACITY = 1000", "CAPACITY = 1001", {"half", "run", "kept cover"}),
        ("SPARE = 7", "SPARE = 8", {"more"}),
        # A statement of a theorem.
        ("tank_after.reservoir >= 0", "0 <= tank_after.reservoir", {"kept"}),
        # Text that only moves what is below it, and text that means nothing.
        ('"""A small kernel."""\n', '"""A small kernel."""\n\n# A comment.\n', set()),
        ('"""Something on top."""', '"""Seven on top."""', set()),
        # The layout: everything.
        ("reservoir: int\n", "reservoir: int\n    spare: int\n", ALL),
    ],
)  # fmt: skip
def test_an_edit_asks_again_what_it_touches(
    before: str, after: str, again: set[str], known: Path
) -> None:
    assert asked(SOURCE, known) == set()
    assert before in SOURCE
    edited = SOURCE.replace(before, after)
    assert asked(edited, known) == again
    assert asked(edited, known) == set()
    # What stood before is known still.
    assert asked(SOURCE, known) == set()


def test_a_broken_body_is_never_answered_from_what_is_kept(known: Path) -> None:
    broken = SOURCE.replace("return amount // 2", "return amount - 1")
    facts = WatchedFacts(parse_text({"step": broken}))
    store = ResultStore(known, facts, {each.name: each for each in THEOREMS}, {}, {"z3": "1"})
    assert store.get(Job("function", "half", ("totality",)), "totality") is None
    assert store.get(Job("function", "more", ("totality",)), "totality") is not None


def test_a_place_that_moved_is_named_where_it_stands(known: Path) -> None:
    lines = []
    for text in (SOURCE, SOURCE.replace("CAPACITY =", "\n\n\nCAPACITY =")):
        facts = WatchedFacts(parse_text({"step": text}))
        kept = ResultStore(known, facts, {}, {}, {"z3": "1"})
        result = kept.get(Job("function", "half", ("totality",)), "totality")
        assert result is not None
        lines.append({share.line for share in result.shares})
        for share in result.shares:
            assert "half" in "".join(text.splitlines()[share.line - 2 : share.line + 4])
    assert lines[1] == {line + 3 for line in lines[0]}


def test_solvers_and_theorems_are_part_of_the_key(tmp_path: Path) -> None:
    facts = WatchedFacts(parse_text({"step": SOURCE}))
    job = Job("theorem", "run", ("kept",))
    good = Result("kept", "run", 1, {"z3": Verdict.PROVED}, read=["face run"])
    named = {each.name: each for each in THEOREMS}
    ResultStore(tmp_path, facts, named, {}, {"z3": "1"}).put(job, good)
    assert ResultStore(tmp_path, facts, named, {}, {"z3": "1"}).get(job, "kept") is not None
    other = {"kept": Theorem("kept", "never negative", "run", ("kept", "rises"))}
    for theorems, versions in ((named, {"z3": "2"}), (named, {"cvc5": "1"}), (other, {"z3": "1"})):
        assert ResultStore(tmp_path, facts, theorems, {}, versions).get(job, "kept") is None
    case = Job("theorem", "run", ("kept",), (("amount", 1),))
    assert ResultStore(tmp_path, facts, named, {}, {"z3": "1"}).get(case, "kept") is None


def test_only_what_was_proved_is_kept_and_only_whole_entries_are_believed(tmp_path: Path) -> None:
    facts = WatchedFacts(parse_text({"step": SOURCE}))
    store = ResultStore(tmp_path, facts, {}, {}, {"z3": "1"})
    one, two = Job("function", "half", ("totality",)), Job("function", "more", ("totality",))
    late = Result("totality", "half", 1, {"z3": Verdict.TIMEOUT}, read=["face half"])
    store.put(one, late)
    unwatched = Result("totality", "half", 1, {"z3": Verdict.PROVED})
    store.put(one, unwatched)
    assert store.get(one, "totality") is None
    store.put(one, Result("totality", "half", 1, {"z3": Verdict.PROVED}, read=["face half"]))
    assert store.get(one, "totality") is not None
    path = store.path(one, "totality")
    store.path(two, "totality").write_text(path.read_text())
    assert store.get(two, "totality") is None
    assert entries(store.path(two, "totality")) == []
    path.write_text(path.read_text().replace('"proved"', '"timeout"'))
    assert store.get(one, "totality") is None
    path.write_text("{")
    assert store.get(one, "totality") is None


def test_a_kept_call_that_covers_no_more_is_not_believed(known: Path) -> None:
    assert CallStore(known).get(THEOREMS[0]) is not None
    rising = "return tank_after.reservoir > tank_before.reservoir"
    assert rising in SOURCE
    stuck = SOURCE.replace(rising, rising + " and tank_after.reservoir < 0")
    program = parse_text({"step": stuck})
    facts = WatchedFacts(program)
    settings = Settings(facts, THEOREMS, {}, ("z3",), 5.0, ask, calls=known)
    ((_, result),) = Pool(settings, [Job("cover", "kept", ("kept",))], 1).results(None)
    assert isinstance(result, Result)
    assert set(result.verdicts.values()) == {Verdict.UNKNOWN}


def test_a_whole_run_is_answered_from_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOSEKERNEL_CACHE", str(tmp_path))
    program = parse_text({"step": SOURCE})
    told: list[str] = []
    first = prove_program(program, THEOREMS, {}, Options(progress=told.append))
    assert first.ok and told
    told.clear()
    again = prove_program(program, THEOREMS, {}, Options(progress=told.append))
    assert again.ok and not told
    assert again.obligations == first.obligations


def test_the_cache_answers_only_the_very_same_question(tmp_path: Path) -> None:
    put: list[str] = []

    def counts(solver: str, text: str, seconds: float) -> Answer:
        put.append(text)
        return Answer("unsat" if "yes" in text else "timeout")

    cached = CachedAsker(tmp_path, counts)
    assert [cached("z3", "yes", 1.0).word for _ in range(2)] == ["unsat"] * 2
    assert len(put) == 1
    cached("cvc5", "yes", 1.0)
    cached("z3", "yes too", 1.0)
    assert len(put) == 3
    assert [cached("z3", "no", 1.0).word for _ in range(2)] == ["timeout"] * 2
    assert len(put) == 5
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_text("unsat of something else\n")
    cached("z3", "yes", 1.0)
    assert len(put) == 6
