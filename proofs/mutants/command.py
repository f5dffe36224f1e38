"""`dosekernel prove --mutants`: what becomes of every small fault that the kernel could have."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from .explained import EXPLAINED
from .generate import OPERATORS, mutants
from .judge import Fate
from .run import MutantReport, chosen, run_mutants, subject_of

GOOD, FOUND = 0, 1


def judge_mutants(
    kernel_directory: Path | None = None,
    modules: Sequence[str] = (),
    sample: int = 0,
    jobs: int = 2,
    cache: bool = True,
    as_json: bool = False,
    progress: Callable[[str], None] | None = None,
) -> int:
    """Judge the mutants and print what became of them; 0 if a theorem catches every one."""
    subject = subject_of(kernel_directory)
    wanted = chosen(mutants(subject.kernel, subject.program), modules, sample)
    report = run_mutants(subject, wanted, jobs, cache, progress)
    print(as_text(report) if not as_json else json.dumps(as_data(report), indent=2))
    return FOUND if report.unexplained() or report.stale else GOOD


def as_data(report: MutantReport) -> dict[str, object]:
    """Everything, as JSON."""
    return {
        "stale": report.stale,
        "counts": {fate.value: report.count(fate) for fate in Fate},
        "mutants": [
            {**asdict(each), "diff": report.diffs.get(each.name, "")} for each in report.judgements
        ],
    }


def as_text(report: MutantReport) -> str:
    """A table by operator, then every mutant that nothing catches, as a diff."""
    fates = tuple(Fate)
    lines = [f"{'':12}" + "".join(f"{fate.value:>12}" for fate in fates)]
    for operator in OPERATORS:
        own = [each.fate for each in report.judgements if each.operator == operator]
        if own:
            lines.append(f"{operator:12}" + "".join(f"{own.count(fate):12}" for fate in fates))
    lines.append(f"{'all':12}" + "".join(f"{report.count(fate):12}" for fate in fates))
    for each in report.unexplained():
        lines.append(f"\n{each.fate.value.upper()}: {each.name}")
        if each.by:
            lines.append(f"  {each.by}")
        lines.append(report.diffs[each.name])
    for key in report.stale:
        lines.append(
            f"\nEXPLAINED FOR NOTHING: {key} no longer survives: proofs/mutants/explained.py"
        )
    for each in report.judgements:
        if each.key in EXPLAINED and each.key not in report.stale:
            lines.append(f"\nexplained: {each.name}: {EXPLAINED[each.key]}")
    left = len(report.unexplained())
    seconds = sum(each.seconds for each in report.judgements)
    lines.append(
        f"\n{'CAUGHT' if not left else 'NOT CAUGHT'}: {len(report.judgements)} mutants, "
        f"{left} that no theorem catches, {seconds:.0f} s of work"
    )
    return "\n".join(lines)
