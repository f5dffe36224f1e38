"""Records as tools would write them if all were well with this kernel; tests spoil them."""

import base64
import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from dosekernel import linking
from dosekernel.command.proof_record import Subject, subject
from dosekernel.proofs.origin import spec_hash
from dosekernel.proofs.report import FORMAT, family
from dosekernel.proofs.runner import listed, read_program
from dosekernel.proofs.work import TOTALITY
from dosekernel.report.cases import wanted_tests
from dosekernel.spec import hazards
from dosekernel.spec.tree import Function

SOLVERS = {"z3": "1.0", "cvc5": "2.0"}
PROVED = dict.fromkeys(SOLVERS, "proved")
Spoil = Callable[[dict[str, Any]], None]


def about() -> Subject:
    """The installed kernel."""
    return subject(linking.include_directory() / "dosekernel.c")


def theorem(name: str, title: str, place: str, function: str) -> dict[str, Any]:
    """A theorem of one unit, proved by both."""
    duty = {
        "kind": "theorem", "function": function, "place": place, "count": 2, "verdicts": PROVED,
    }  # fmt: skip
    unit = {"unit": name, "cached": False, "cover": "", "obligations": [duty], "queries": []}
    return {
        "name": name,
        "family": family(name),
        "title": title,
        "verdict": "proved",
        "obligations": 2,
        "queries": 2,
        "exception": None,
        "solvers": {each: {"verdict": "proved", "seconds": 0.5} for each in SOLVERS},
        "units_expected": 1,
        "units": [unit],
        "findings": [],
    }


@cache
def functions() -> dict[str, Function]:
    """Every function that a theorem may name."""
    return read_program(None).functions


def proof() -> dict[str, Any]:
    """Every theorem proved of this kernel."""
    found = [theorem(TOTALITY, "Every promise is kept", "kernel/step.py:1", "step")]
    for each in listed()[0]:
        said = functions()[each.statements[0]]
        found.append(theorem(each.name, each.title, f"{said.file}:{said.line}", said.name))
    here = about()
    return {
        "format": FORMAT,
        "verdict": "proved",
        "headline": "PROVED",
        "started": "2026-01-01T00:00:00+00:00",
        "wall_seconds": 12.0,
        "kernel_source": here.source,
        "spec_source": spec_hash(),
        "c_file": {"sha256": here.c_hash},
        "solvers": SOLVERS,
        "jobs": 2,
        "obligations": 2 * len(found),
        "queries": 2 * len(found),
        "units": len(found),
        "units_from_cache": 0,
        "exceptions": [],
        "problems": [],
        "theorems": sorted(found, key=lambda each: str(each["name"])),
    }


def junit(path: Path, spoil: Callable[[ElementTree.Element], None] | None = None) -> Path:
    """Every test that a row names passed on this kernel; `spoil` changes each case."""
    suite = ElementTree.Element("testsuite", timestamp="2026-01-01T00:00:00")
    for name in wanted_tests(hazards.load()):
        case = ElementTree.SubElement(
            suite, "testcase", classname="tests.some", name=f"{name}_and_more", time="0.1"
        )
        told = ElementTree.SubElement(case, "properties")
        ElementTree.SubElement(told, "property", name="kernel_source", value=about().source)
        if spoil is not None:
            spoil(case)
    ElementTree.ElementTree(suite).write(path)
    return path


def written(folder: Path, spoil: Spoil | None = None) -> Path:
    """The proof's record as a file, spoiled or not."""
    content = proof()
    if spoil is not None:
        spoil(content)
    path = folder / "proof.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


def called(amount: int, cap: int = 17_000_000) -> dict[str, Any]:
    """A finding with a call: a bolus to which the kernel says nothing."""
    limits = {
        "bolus_max": cap, "controller_bolus_max": 2_000_000, "remote_bolus_max": 5_000_000,
        "basal_max": 6_000_000, "window_max": 25_000_000, "day_max": 180_000_000,
        "reservoir_capacity": 300_000_000,
    }  # fmt: skip
    words = {f"state.limits.{name}": value for name, value in limits.items()}
    words |= {"event.kind": 5, "event.source": 1, "event.amount": amount}
    words |= {f"state.window.slots[{at}]": 1_500_000 for at in range(25)}
    return {
        "kind": "theorem",
        "place": "properties/steps.py:1",
        "function": "bolus_cap",
        "text": "within <its> cap",
        "solver": "z3",
        "verdict": "refuted",
        "counterexample": "a call",
        "disagreement": False,
        "call": {
            "function": "bolus_reason",
            "statement": "bolus_cap",
            "before": words,
            "after": words,
            "any": {},
            "result": 0,
            "decided": {"place": "kernel/bolus.py:1", "text": "return REASON_NONE"},
            "interpreted": "the same",
            "compiled": "the same",
        },
        "test": "",
    }


def unpacked(text: str) -> bytes:
    """What a page carries, as a browser unpacks it."""
    return gzip.decompress(base64.b64decode(text))
