"""The header as documentation: every field and word is told, and what is told of them is so."""

import random
import re
import shutil
import subprocess
from functools import cache
from operator import attrgetter
from pathlib import Path

import pytest

import dosekernel
import dosekernel.kernel
from dosekernel import Event, Interpreted, Kernel, Kind, Reason, Source, Status
from dosekernel.compile import layout, word_count
from dosekernel.compile.fields import (
    CONSTANTS,
    EVENT,
    FIELDS,
    NESTED,
    OUTCOME,
    SENTENCES,
    STATE,
    Bound,
)
from dosekernel.compile.naming import record_name
from dosekernel.declarations import constants
from dosekernel.kernel import records
from dosekernel.spec.language import parse_kernel
from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import ALARM_SENTENCES
from dosekernel.strategies.walk import Walk

PROGRAM = parse_kernel(Path(dosekernel.kernel.__file__ or "").parent)
HEADER = (Path(dosekernel.get_include()) / "dosekernel.h").read_text(encoding="utf-8")
DOCUMENTATION = r"/\*\* (?:(?!\*/).)+ \*/"
COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)]
STRICT = "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Werror"


def plain(text: str) -> str:
    """Comments on one line, as they were before they were wrapped."""
    return " ".join(text.replace("\n * ", " ").replace("\n     * ", " ").split())


@cache
def bound(told: Bound) -> int | None:
    """What a bound is worth: a number, or a sum or product of constants; None is no bound."""
    if told == "":
        return None
    text = str(told)
    for name, constant in sorted(PROGRAM.constants.items(), key=lambda pair: -len(pair[0])):
        text = re.sub(rf"(?<!\w){name}(?!\w)", str(constant.value), text)
    assert re.fullmatch(r"[-\d+* ]+", text), text
    value: int = eval(text, {"__builtins__": {}})
    return value


def bound_of(told: Bound, state: records.State) -> int | None:
    """The same, where a bound may also be a word of the state."""
    if isinstance(told, str) and re.fullmatch(r"[a-z_.]+", told):
        value: int = attrgetter(told)(state)
        return value
    return bound(told)


# ---- nothing is left out


def test_every_field_has_its_meaning_unit_and_range_above_it() -> None:
    for name, record in PROGRAM.records.items():
        for word in record.words:
            nested = word.type in PROGRAM.records
            told = NESTED[name][word.name] if nested else FIELDS[name][word.name].told()
            kind = record_name(word.type) if nested else "int64_t"
            assert f"{told} */ {kind} {word.name}" in plain(HEADER), f"{name}.{word.name}"


def test_every_constant_record_and_function_has_a_comment_that_tools_show() -> None:
    told = rf"{DOCUMENTATION} (?:#define DOSEKERNEL_(\w+) |typedef struct dosekernel_(\w+) )"
    found = {name for pair in re.findall(told, plain(HEADER)) for name in pair if name}
    assert set(PROGRAM.constants) <= found
    assert {record_name(name).removeprefix("dosekernel_") for name in PROGRAM.records} <= found
    functions = re.findall(r"DOSEKERNEL_API [\w ]+[ *](dosekernel_\w+)\(", HEADER)
    assert len(functions) == 4
    for name in functions:
        assert re.search(rf"{DOCUMENTATION} DOSEKERNEL_API [\w ]+[ *]{name}\(", plain(HEADER)), name


def test_every_kind_reason_and_alarm_has_its_sentence_above_it() -> None:
    assert len(SENTENCES) >= len(Kind) + len(Reason) + len(Source) + len(ALARM_SENTENCES)
    for (name, value), sentence in SENTENCES.items():
        assert f"/** {sentence} */ #define DOSEKERNEL_{name} INT64_C({value})" in plain(HEADER), (
            name
        )
    families = ("REASON_", "MODE_", "CAUSE_", "ALARM_", "PATH_")
    in_families = {name for name in PROGRAM.constants if name.startswith(families)}
    assert in_families <= {name for name, _ in SENTENCES}


def test_what_is_told_of_a_constant_is_of_one_that_exists() -> None:
    assert set(CONSTANTS) <= set(PROGRAM.constants)
    assert not set(CONSTANTS) & {name for name, _ in SENTENCES}


def test_cython_is_told_every_constant_of_the_records() -> None:
    declared = (Path(dosekernel.get_include()).parent / "__init__.pxd").read_text()
    assert set(re.findall(r"const int64_t DOSEKERNEL_(\w+)", declared)) == set(constants())
    for name in constants():
        assert f"#define DOSEKERNEL_{name} " in HEADER


# ---- what is told is so


@pytest.mark.parametrize("field", [name for name in EVENT if name not in ("id", "glucose")])
def test_an_event_is_refused_for_its_range_just_outside_of_it(field: str, limits: Limits) -> None:
    low, high = (bound(each) for each in (EVENT[field].low, EVENT[field].high))
    assert low is not None and high is not None
    refusals = {Reason.RANGE, Reason.KIND}
    for value, within in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
        words = dict.fromkeys(EVENT, 0) | {"kind": Kind.TICK, "source": Source.USER, field: value}
        outcome = Kernel(limits).step(Event.from_words([int(word) for word in words.values()]))
        assert (outcome.reason not in refusals) is within, (field, value, outcome)


def test_no_outcome_and_no_state_leaves_what_the_header_says(limits: Limits) -> None:
    kernel = Interpreted(limits)
    walk = Walk(random.Random(5))
    seen: set[Status] = set()
    for _ in range(400):
        state = kernel.inspect()
        for name, field in STATE.items():
            low, high = bound_of(field.low, state), bound_of(field.high, state)
            word = getattr(state, name)
            assert (low is None or low <= word) and (high is None or word <= high), (name, word)
        outcome = kernel.step(Event.from_words(walk.event(state).words()))
        seen.add(outcome.status)
        for (name, field), word in zip(OUTCOME.items(), outcome.words, strict=True):
            low, high = bound(field.low), bound(field.high)
            assert (low is None or low <= word) and (high is None or word <= high), (name, word)
    assert {Status.ACCEPTED, Status.REFUSED} <= seen


def test_the_tables_are_in_the_order_of_the_layout() -> None:
    assert list(EVENT) == list(records.Event.__annotations__)
    assert list(OUTCOME) == list(records.Outcome.__annotations__)
    kept = [name for name, kind in records.State.__annotations__.items() if kind is int]
    assert list(STATE) == kept
    assert word_count(PROGRAM, "Event") == len(EVENT) == len(layout(PROGRAM)["Event"])


# ---- C++


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("standard", ["c++11", "c++20"])
def test_the_header_is_clean_cpp(compiler: str, standard: str, tmp_path: Path) -> None:
    user = tmp_path / "user.cpp"
    user.write_text(CPP)
    include = f"-I{dosekernel.get_include()}"
    words = [compiler, f"-std={standard}", *STRICT.split(), include, "-fsyntax-only", str(user)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


CPP = """\
#include "dosekernel.h"
int64_t refused(dosekernel_state *memory, int64_t at) {
  dosekernel_event event = {};
  dosekernel_outcome outcome = {};
  event.kind = DOSEKERNEL_TICK;
  event.at = at;
  if (dosekernel_step(memory, &event, &outcome) == DOSEKERNEL_REFUSED) return outcome.reason;
  return DOSEKERNEL_REASON_NONE;
}
"""
