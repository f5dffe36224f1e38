"""Line, branch and MC/DC of the C file, as clang counts them while the tests' histories run."""

import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dosekernel
from tests.vectors.vector_file import Vectors, binary_of

from .decisions import plain_decisions

HERE = Path(__file__).parent
VECTORS = HERE.parent / "vectors"
CLANG, PROFILES, COVERAGE = "clang-19", "llvm-profdata-19", "llvm-cov-19"
PACKAGES = "clang-19 llvm-19 libclang-rt-19-dev"
COUNTED = ("-fprofile-instr-generate", "-fcoverage-mapping", "-fcoverage-mcdc")


class ToolMissingError(Exception):
    """A tool is not installed; the message names its package."""


@dataclass(frozen=True)
class Decision:
    """One decision of more than one condition, and which of these were shown to matter alone."""

    function: str
    text: str
    conditions: tuple[str, ...]
    shown: tuple[bool, ...]


@dataclass
class Measured:
    """What was reached of the C file, and what was not."""

    lines: int = 0
    sides: int = 0
    conditions: int = 0
    missed_lines: list[tuple[str, str]] = field(default_factory=list)
    missed_sides: list[tuple[str, str]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def missed_conditions(self) -> Iterator[tuple[Decision, int]]:
        """Each condition that was not shown to matter alone, with its decision."""
        for decision in self.decisions:
            for number, shown in enumerate(decision.shown):
                if not shown:
                    yield decision, number


def measure(histories: Sequence[Vectors], folder: Path, include: Path | None = None) -> Measured:
    """Run the histories through the C file in `include` (the package's), and count.

    Raises `ToolMissingError`, or `AssertionError` if an outcome is not what the history says.
    """
    for tool in (CLANG, PROFILES, COVERAGE):
        if shutil.which(tool) is None:
            raise ToolMissingError(f"{tool} is missing (Debian: apt-get install {PACKAGES})")
    folder.mkdir(parents=True, exist_ok=True)
    home = include or Path(dosekernel.get_include())
    source = folder / "dosekernel.c"
    text = plain_decisions((home / source.name).read_text(encoding="utf-8"))
    source.write_text(text, encoding="utf-8")
    includes = [f"-I{home}", f"-I{VECTORS}"]
    part, host = folder / "dosekernel.o", folder / "host"
    called([CLANG, "-O0", "-g1", *COUNTED, *includes, "-c", str(source), "-o", str(part)])
    drivers = [str(VECTORS / "runner.c"), str(VECTORS / "host.c"), str(HERE / "version.c")]
    called([CLANG, COUNTED[0], *includes, str(part), *drivers, "-o", str(host)])
    profiles = []
    for number, vectors in enumerate(histories):
        words, profile = folder / f"{number}.words", folder / f"{number}.profile"
        words.write_bytes(binary_of(vectors))
        called([str(host), str(words)], LLVM_PROFILE_FILE=str(profile))
        profiles.append(str(profile))
    merged = folder / "all.profile"
    called([PROFILES, "merge", *profiles, "-o", str(merged)])
    exported = called([COVERAGE, "export", str(host), f"-instr-profile={merged}"])
    shown = called([COVERAGE, "export", "-format=lcov", str(host), f"-instr-profile={merged}"])
    return _counted(json.loads(exported)["data"][0], text.split("\n"), shown)


def called(words: Sequence[str], **environment: str) -> str:
    """What a tool says; it may say nothing about a fault, and end well."""
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0 and "warning" not in done.stderr, done.stdout + done.stderr
    return done.stdout


def _counted(data: dict[str, Any], text: list[str], lines: str) -> Measured:
    found = Measured(
        data["totals"]["lines"]["count"],
        data["totals"]["branches"]["count"],
        data["totals"]["mcdc"]["count"],
    )
    starts = []
    for function in data["functions"]:
        name = function["name"].rpartition(":")[2].removeprefix("dosekernel_")
        starts.append((function["regions"][0][0], name))
        for branch in function["branches"]:
            place, taken = branch[:4], {"true": branch[4], "false": branch[5]}
            for side, count in taken.items():
                if count == 0:
                    found.missed_sides.append((name, f"{_spoken(text, place)} {side}"))
        for record in function.get("mcdc_records", []):
            found.decisions.append(_decision(name, text, record, function["branches"]))
    starts.sort()
    for number in (int(each) for each in re.findall(r"^DA:(\d+),0$", lines, re.MULTILINE)):
        name = next(name for start, name in reversed(starts) if start <= number)
        if text[number - 1].strip() != "}":
            found.missed_lines.append((name, text[number - 1].strip()))
    return found


def _spoken(text: list[str], place: list[int]) -> str:
    """The text of a condition; of a kept one, what it was made from, on the line before."""
    line, first, _, last = place
    said = text[line - 1][first - 1 : last - 1]
    kept = re.fullmatch(rf"\s*{said} = (.*);", text[line - 2]) if said.isidentifier() else None
    return kept[1] if kept else said


def _decision(name: str, text: list[str], record: list[Any], branches: list[list[int]]) -> Decision:
    line, first, end, last = record[:4]
    assert line == end, f"{name}: a decision over several lines"
    inside = sorted(
        each[1:4:2] for each in branches if each[0] == line and first <= each[1] and each[3] <= last
    )
    conditions = tuple(text[line - 1][start - 1 : stop - 1] for start, stop in inside)
    assert len(conditions) == len(record[-1]), f"{name}: {conditions}"
    return Decision(name, text[line - 1][first - 1 : last - 1], conditions, tuple(record[-1]))


def can_matter(decision: Decision, number: int, never: set[tuple[str, str]]) -> bool:
    """Whether two runs could differ in one condition and the decision alone.

    All evaluations are tried but those in which a side of `never` comes; conditions behind the
    deciding one are not asked, as in C.
    """
    code = decision.text
    for place, condition in enumerate(decision.conditions):
        assert condition in code, f"{decision.function}: {condition}"
        code = code.replace(condition, f" ask({place}) ", 1)
    code = code.replace("&&", " and ").replace("||", " or ").replace("!", " not ").strip()
    seen: list[tuple[dict[int, bool], bool]] = []
    for values in itertools.product((False, True), repeat=len(decision.conditions)):
        asked: dict[int, bool] = {}

        def ask(place: int, given: tuple[bool, ...] = values, to: dict[int, bool] = asked) -> bool:
            to[place] = given[place]
            return given[place]

        result = bool(eval(code, {"__builtins__": {}}, {"ask": ask}))
        sides = {
            (decision.function, f"{decision.conditions[place]} {str(value).lower()}")
            for place, value in asked.items()
        }
        if not sides & never:
            seen.append((asked, result))
    return any(
        number in one
        and number in other
        and one[number] != other[number]
        and result != opposite
        and all(one[each] == other[each] for each in one if each != number and each in other)
        for (one, result), (other, opposite) in itertools.combinations(seen, 2)
    )
