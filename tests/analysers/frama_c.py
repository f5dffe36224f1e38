"""Frama-C on the exported C: EVA from memory of which nothing is known, WP function by function.

Both read the kernel's contracts, written as ACSL from the same source. EVA takes a contract that it
cannot show as given and says so; the theorem `totality` of `dosekernel prove` is every contract,
shown by two solvers. What counts here is each alarm: an operation that might overflow, divide by 0
or leave its array. An alarm of EVA is left only if WP does not prove its function free of errors.
"""

import csv
import re
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dosekernel.compile import symbols
from dosekernel.compile.acsl import annotate, installed_kernel
from tests.analysers import expected
from tests.analysers.results import LOGS, Result, Run, Tool, judged, missing, run

FRAMA_C = Tool("frama-c", "frama-c-base")
WHY3, Z3, CVC4 = Tool("why3", "why3"), Tool("z3", "z3"), Tool("cvc4", "cvc4")
HERE = Path(__file__).resolve().parent
ENTRY, BEGINNING = "eva_main", "eva_beginning"
# Guards are told apart path by path: what they return must keep what it says of the words.
GUARDS = ("valid", "ranged", "agree", "intact", "total", "within", "flag")
PATHS = 300
EVA_TIMEOUT, WP_TIMEOUT = 900, 900
GOAL_SECONDS = 3
GROUP = 8  # functions in one run of WP: reading the file costs as much as proving a few of them
PROCESSES = 2
# Unrolled as text, 25 turns of these are more goals than WP gets through in a quarter of an hour.
LEFT_OUT = ("dosekernel_total", "dosekernel_advance", "dosekernel_peak")
CONTRACTS = ("precondition", "postcondition", "assigns", "from", "loop", "behavior", "complete")
GOOD = ("Valid", "Considered valid", "Dead")
REACHED = re.compile(r"(\d+) functions analyzed \(out of (\d+)\)")
STATEMENTS = re.compile(r"(\d+) statements reached \(out of (\d+)\)")
UNCALLED = 2  # `dosekernel_version`, and the entry of the other runs
STATEMENTS_LEAST = 0.99  # what is not reached: after returns, and a loop's head after its last turn
GOAL = re.compile(r"\[wp\] \[([^\]]+)\] Goal typed_(dosekernel_\w+?)_(assert|loop|call)_(\w+)")
SCHEDULED = re.compile(r"\[wp\] Proved goals: +(\d+) / (\d+)")


@dataclass(frozen=True)
class Alarm:
    """One operation that EVA could not show to be free of errors."""

    function: str
    kind: str
    text: str


@dataclass(frozen=True)
class Evaluated:
    """One run of EVA; `clauses` is how many of contracts it took as given; `faults` spoil it."""

    done: Run
    alarms: list[Alarm]
    clauses: int
    faults: list[str]


def write(include: Path, folder: Path, unrolled: bool, c_text: str | None = None) -> None:
    """The annotated C file, its header and the entry of EVA, in one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = c_text or (include / "dosekernel.c").read_text(encoding="utf-8")
    (folder / "dosekernel.c").write_text(
        annotate(text, installed_kernel(), unrolled), encoding="utf-8"
    )
    shutil.copy(include / "dosekernel.h", folder)
    shutil.copy(HERE / "eva_main.c", folder)


def _command(folder: Path, *files: str) -> list[str | Path]:
    sources = [folder / name for name in files]
    return ["frama-c", "-c11", "-machdep", "gcc_x86_64", f"-cpp-extra-args=-I{folder}", *sources]


def run_eva(folder: Path, entry: str, logs: Path = LOGS) -> Evaluated:
    """One run of EVA: its alarms, and what makes the run itself worth nothing."""
    names = [name for name in symbols(installed_kernel()).values() if name.endswith(GUARDS)]
    properties = logs / f"{entry}.csv"
    properties.unlink(missing_ok=True)
    command = [
        *_command(folder, "eva_main.c", "dosekernel.c"),
        *("-eva", "-main", entry, "-eva-no-print", "-eva-no-show-progress"),
        *("-warn-signed-overflow", "-eva-split-return", "full"),
        *("-eva-domains", "equality,symbolic-locations"),
        *("-eva-slevel-function", ",".join(f"{name}:{PATHS}" for name in names)),
        *("-then", "-report", "-report-csv", properties, "-report-no-proven"),
    ]
    done = run(f"frama-c-{entry}", command, EVA_TIMEOUT, logs)
    if done.code != 0 or not properties.is_file():
        fault = f"exit code {done.code}: {done.text.strip()[-300:]}"
        return Evaluated(done, [], 0, [fault])
    alarms: list[Alarm] = []
    faults: list[str] = []
    clauses = 0
    with properties.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            kind, status = row["property kind"], row["status"]
            if "nvalid" in status:
                faults.append(f"{row['function']}: {kind} {row['property']}: {status}")
            elif not status.startswith(GOOD):
                if kind.startswith(CONTRACTS):
                    clauses += 1
                else:
                    alarms.append(Alarm(row["function"], kind, row["property"]))
    return Evaluated(done, alarms, clauses, faults)


def unreached(text: str) -> list[str]:
    """Faults of a run that did not go everywhere: a contradiction hides all that is behind it."""
    functions, statements = REACHED.search(text), STATEMENTS.search(text)
    if functions is None or statements is None:
        return ["EVA gave no summary"]
    faults = []
    if int(functions[1]) < int(functions[2]) - UNCALLED:
        faults.append(f"not every function was reached: {functions[0]}")
    if int(statements[1]) < STATEMENTS_LEAST * int(statements[2]):
        faults.append(f"not every statement was reached: {statements[0]}")
    return faults


def eva(include: Path) -> Result:
    """EVA from every entry; then WP on the functions in which it leaves an alarm."""
    absent = missing("Frama-C EVA", [FRAMA_C, WHY3, Z3, CVC4])
    if absent:
        return absent
    folder = LOGS / "eva"
    write(include, folder, unrolled=False)
    evaluated = run_eva(folder, ENTRY)
    alarms, seconds = evaluated.alarms, evaluated.done.seconds
    faults = evaluated.faults or unreached(evaluated.done.text)
    where = sorted({alarm.function for alarm in alarms} - set(LEFT_OUT))
    proved: set[str] = set()
    if where and not faults:
        told = run_wp(include, where)
        seconds += told.seconds
        faults = faults + told.faults
        proved = told.proved
    left = [
        f"{alarm.function}: {alarm.kind}: {alarm.text}"
        for alarm in alarms
        if alarm.function not in proved
    ]
    faults = faults + expected.compared("Frama-C EVA", left, expected.read())
    figures = f"{len(alarms)}; {len(left)} after WP ({evaluated.clauses} clauses left to `prove`)"
    subject = "every entry, any words"
    return judged(FRAMA_C, "Frama-C EVA", subject, figures, seconds, faults)


@dataclass(frozen=True)
class Told:
    """What WP proved: functions whose every goal is proved, the others, and the counts."""

    proved: set[str]
    left: dict[str, list[str]]
    goals: int
    goals_proved: int
    seconds: float
    faults: list[str]


def run_wp(include: Path, functions: Sequence[str]) -> Told:
    """WP, for freedom from run-time errors and for the invariants of loops, in groups."""
    folder = LOGS / "wp"
    write(include, folder, unrolled=True)
    run("why3-config", ["why3", "config", "detect"], 60)
    groups = [functions[i : i + GROUP] for i in range(0, len(functions), GROUP)]

    def prove(group: Sequence[str]) -> Run:
        command = [
            *("env", f"FRAMAC_WP_CACHEDIR={LOGS / 'wp-cache'}"),
            *_command(folder, "dosekernel.c"),
            *("-rte-no-mem", "-wp", "-wp-rte", "-wp-fct", ",".join(group)),
            *("-wp-prop", "rte,@invariant", "-wp-prover", "z3,cvc4", "-wp-par", "1"),
            *("-wp-timeout", str(GOAL_SECONDS), "-wp-cache", "update"),
        ]
        return run(f"frama-c-wp-{group[0]}", command, WP_TIMEOUT)

    (LOGS / "wp-cache").mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(PROCESSES) as pool:
        runs = list(pool.map(prove, groups))
    return told_by(groups, runs)


def told_by(groups: Sequence[Sequence[str]], runs: Sequence[Run]) -> Told:
    """What the logs of WP say, group by group."""
    left: dict[str, list[str]] = {}
    faults: list[str] = []
    goals = goals_proved = 0
    for group, done in zip(groups, runs, strict=True):
        counts = SCHEDULED.search(done.text)
        quiet = "[wp] Warning: No goal generated" in done.text  # nothing there can go wrong
        if done.code != 0 or not (counts or quiet):
            faults.append(f"{', '.join(group)}: exit code {done.code}: {done.text.strip()[-200:]}")
            for function in group:
                left.setdefault(function, []).append("not run to its end")
            continue
        if counts:
            goals_proved, goals = goals_proved + int(counts[1]), goals + int(counts[2])
        failed = [
            (found[2], found[4])
            for found in GOAL.finditer(done.text)
            if found[1] in ("Failed", "Timeout", "Unknown", "Stepout")
        ]
        if counts and int(counts[2]) - int(counts[1]) != len(failed):
            faults.append(f"{', '.join(group)}: {counts[0]}, but {len(failed)} goals are named")
        for function, goal in failed:
            left.setdefault(function, []).append(goal)
    proved = {function for group in groups for function in group} - set(left)
    seconds = sum(done.seconds for done in runs) / PROCESSES
    return Told(proved, left, goals, goals_proved, seconds, faults)


def wp(include: Path) -> Result:
    """WP on every function, each from its own contract."""
    absent = missing("Frama-C WP", [FRAMA_C, WHY3, Z3, CVC4])
    if absent:
        return absent
    functions = [each for each in symbols(installed_kernel()).values() if each not in LEFT_OUT]
    told = run_wp(include, functions)
    left = [f"{function}: {len(goals)} goals" for function, goals in sorted(told.left.items())]
    left += [f"{function}: left out" for function in LEFT_OUT]
    faults = told.faults + expected.compared("Frama-C WP", left, expected.read())
    figures = f"{told.goals_proved} of {told.goals} goals; {len(left)} functions left"
    subject = f"{len(functions)} functions, each alone"
    return judged(FRAMA_C, "Frama-C WP", subject, figures, told.seconds, faults)
