"""Theorems that share a run are asked together, and each is judged by itself."""

from dataclasses import replace

from dosekernel.proofs.flows import Facts
from dosekernel.proofs.report import NOT_ASKED, TheoremReport
from dosekernel.proofs.solvers import Answer, Verdict, ask
from dosekernel.proofs.units import jobs, run_job
from dosekernel.proofs.work import Job, Result, Settings
from dosekernel.spec.language import parse_text
from dosekernel.spec.theorem import Theorem

SOURCE = '''"""A tank."""

from .contract import Record, require

FULL = 100


class Tank(Record):
    """What is left."""

    reservoir: int


@require(lambda tank: 0 <= tank.reservoir <= FULL)
@require(lambda amount: 0 <= amount <= FULL)
def take(tank: Tank, amount: int) -> int:
    """Take out what there is, at most the amount."""
    taken = amount
    if taken > tank.reservoir:
        taken = tank.reservoir
    tank.reservoir = tank.reservoir - taken
    return taken


def bounded(tank_after: Tank) -> bool:
    """The tank is never overdrawn."""
    return 0 <= tank_after.reservoir <= FULL


def balanced(tank_before: Tank, tank_after: Tank, result: int) -> bool:
    """What is gone was taken."""
    return tank_before.reservoir == tank_after.reservoir + result


def least(amount: int, result: int) -> bool:
    """Nothing is put back, and no more taken than asked for."""
    return 0 <= result <= amount


def exact(amount: int, result: int) -> bool:
    """Always as much as was asked for, which is false."""
    return result == amount


def takes(result: int) -> bool:
    """Something is taken."""
    return result > 0
'''
BOTH = ("z3", "cvc5")


def claim(name: str, only: str = "") -> Theorem:
    """A theorem about the tank."""
    return Theorem(name, name, "take", (name,), ("take",), cover="takes", one_solver=only)


class Counted:
    """Asks, and remembers whom and how often."""

    def __init__(self) -> None:
        self.solvers: list[str] = []

    def __call__(self, solver: str, text: str, seconds: float) -> Answer:
        """One query."""
        self.solvers.append(solver)
        return ask(solver, text, seconds)


def shown(*theorems: Theorem) -> tuple[dict[str, Result], list[str]]:
    """What came of theorems about one run, by name, and the solvers in the order of queries."""
    program = parse_text({"step": SOURCE})
    counted = Counted()
    settings = Settings(Facts(program), theorems, {}, BOTH, 10.0, counted)
    (job,) = [each for each in jobs(program, settings.facts, theorems, {}) if is_shared(each)]
    return {result.theorem: result for result in run_job(settings, job)}, counted.solvers


def is_shared(job: Job) -> bool:
    """A unit of several theorems over one run."""
    return job.kind == "theorem" and len(job.theorems) > 1


def test_one_query_shows_all() -> None:
    results, solvers = shown(claim("bounded"), claim("least"))
    assert solvers == ["z3", "cvc5"]
    for result in results.values():
        assert result.verdicts == dict.fromkeys(BOTH, Verdict.PROVED)
        assert [each.count for each in result.asked] == [result.obligations] * 2
        assert {each.together for each in result.asked} == {
            sum(each.obligations for each in results.values())
        }
    assert sum(each.queries for each in results.values()) == 2


def test_a_false_one_takes_no_other_down() -> None:
    results, _ = shown(claim("balanced"), claim("bounded"), claim("exact"))
    verdicts = {name: set(each.verdicts.values()) for name, each in results.items()}
    assert verdicts == {
        "balanced": {Verdict.PROVED},
        "bounded": {Verdict.PROVED},
        "exact": {Verdict.REFUTED},
    }
    assert "always as much" in results["exact"].findings[0].text.lower()


def test_an_exception_is_asked_of_its_solver_alone() -> None:
    results, solvers = shown(claim("balanced", "z3"), claim("bounded", "z3"))
    assert set(solvers) == {"z3"}
    result = results["balanced"]
    assert result.verdicts == {"z3": Verdict.PROVED}
    entry = TheoremReport("balanced", "t", BOTH, "z3", "a reason", 1, [result])
    assert entry.verdict is Verdict.PROVED
    assert entry.as_json()["solvers"]["cvc5"]["verdict"] == NOT_ASKED
    other = replace(entry, solvers=("cvc5",), results=[replace(result, verdicts={})])
    assert other.verdict is Verdict.UNKNOWN


def test_alike_covers_are_one_search() -> None:
    program = parse_text({"step": SOURCE})
    work = jobs(program, Facts(program), (claim("balanced"), claim("bounded")), {})
    assert [each.theorems for each in work if each.kind == "cover"] == [("balanced", "bounded")]
