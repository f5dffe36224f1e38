"""The page itself: what was found, put into its templates together with its style and scripts.

Nothing in it is fetched from anywhere: style, scripts, pictures and all texts are in the one file.
"""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata, resources
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

import dosekernel
from dosekernel.proofs.report import family
from dosekernel.spec.hazards import Hazard

from ..command.proof_record import Subject
from .cases import By, Row, rows
from .explained import Explainer
from .picture import broken, picture
from .prescriptions import prescriptions
from .queries import Queries, pack
from .records import PASSED, PROVED, Extra, ProofRecord, TestRecord

TEMPLATES = ("report.html", "day.html", "macros.html")
ASSETS = ("page.css", "day.css", "page.js", "explorer.js", "day.js", "panels.js")
TOOLS = ("z3-solver", "cvc5", "Cython", "pytest", "hypothesis", "simglucose")


@dataclass
class Material:
    """All that a report is made of."""

    about: Subject
    hazards: Sequence[Hazard]
    proof: ProofRecord
    tests: TestRecord
    queries: Queries = field(default_factory=Queries)
    extras: Sequence[Extra] = ()
    broken: Mapping[str, Any] | None = None  # the record of a kernel that was broken on purpose
    days: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Claim:
    """What is claimed, why one may believe it, and whether the records bear it."""

    text: str
    because: str
    figure: str
    holds: bool
    link: str


@dataclass(frozen=True)
class Made:
    """A finished page, and what it says in short."""

    html: str
    rows: Sequence[Row]
    problems: Sequence[str]

    @property
    def counts(self) -> dict[By, int]:
        """How many rows each kind of answer answers."""
        return {by: sum(row.by is by for row in self.rows) for by in By}


def make_report(material: Material) -> Made:
    """The assurance case."""
    source = material.about.source
    found = rows(material.hazards, material.proof, material.tests, source, material.extras)
    problems = every_problem(material, found)
    explainer = Explainer(material.proof, material.hazards)
    html = (
        environment()
        .get_template("report.html")
        .render(
            assets=assets(),
            version=dosekernel.__version__,
            about=material.about,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            tools=tools(material.proof),
            rows=found,
            groups=list(dict.fromkeys(row.hazard.group for row in found)),
            by=list(By),
            problems=problems,
            claims=claims(material, found),
            proof=material.proof.content,
            families=families(material.proof),
            presets=prescriptions(),
            extras=material.extras,
            tests=material.tests,
            counterexamples=[*counterexamples(material.proof.content)],
            demonstration=[*counterexamples(material.broken or {"theorems": []})][:1],
            days=packed(list(material.days)) if material.days else "",
            theorems=packed(explainer.all()),
            sources=packed(explainer.files),
            queries=carried(material.queries),
        )
    )
    return Made(html, found, problems)


def make_day(day: Mapping[str, Any]) -> str:
    """A page of one pump's days alone."""
    template = environment().get_template("day.html")
    return template.render(
        assets=assets(), version=dosekernel.__version__, day=day, days=packed([day])
    )


def environment() -> Environment:
    """Templates in which every value is escaped and none may be missing."""
    room = resources.files(__package__).joinpath("page")
    texts = {name: room.joinpath(name).read_text("utf-8") for name in TEMPLATES}
    made = Environment(
        loader=DictLoader(texts),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["seconds"] = lambda value: f"{value:.2f} s" if value < 10 else f"{value:.0f} s"
    made.filters["thousands"] = lambda value: f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return made


def assets() -> dict[str, Markup]:
    """Style and scripts: our own files, so that they need no escaping."""
    room = resources.files(__package__).joinpath("page")
    return {name: Markup(room.joinpath(name).read_text("utf-8")) for name in ASSETS}


def packed(value: object) -> str:
    """A value as JSON, packed; nothing in it can end a script's element."""
    return pack(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def carried(queries: Queries) -> dict[str, Any]:
    """The queries for the page: each text once, and which theorem has which."""
    texts = {query.name: query for each in queries.carried.values() for query in each}
    index = {
        name: {
            "written": count,
            "carried": [
                [query.name, query.subject, query.size] for query in queries.carried.get(name, [])
            ],
        }
        for name, count in queries.written.items()
    }
    return {"index": packed(index), "texts": list(texts.values())}


def every_problem(material: Material, found: Sequence[Row]) -> list[str]:
    """Everything that keeps the case from being whole."""
    problems = [f"proof: {each}" for each in material.proof.problems]
    problems += [f"{row.hazard.id}: {each}" for row in found for each in row.problems]
    problems += [f"{each.title}: {why}" for each in material.extras for why in each.problems]
    failed = [each for each in material.tests.cases if each.result == "failed"]
    problems += [f"test {each.name}: {each.result}" for each in failed]
    return problems


def claims(material: Material, found: Sequence[Row]) -> list[Claim]:
    """The argument from the top: each claim with the figure that bears it."""
    theorems = material.proof.content["theorems"]
    proved = sum(each["verdict"] == PROVED for each in theorems)
    ran = [each for each in material.tests.cases if each.result != "skipped"]
    passed = sum(each.result == PASSED for each in ran)
    here = [each for each in ran if each.source == material.about.source]
    answered = sum(row.by is not By.NOTHING for row in found)
    same = material.proof.content["c_file"].get("sha256") == material.about.c_hash
    attacked = [
        Claim(
            "Attacked, and nothing is left open",
            "by " + ", ".join(each.title for each in material.extras),
            f"{len(material.extras)} record{'' if len(material.extras) == 1 else 's'}",
            not any(each.problems for each in material.extras),
            "#evidence",
        )
    ]
    return [
        Claim(
            "Every known hazard is answered",
            "each by a theorem, by tests that name it, by the shell, or by the reason why it is "
            "nobody's here",
            f"{answered} of {len(found)}",
            answered == len(found),
            "#hazards",
        ),
        Claim(
            "Every theorem is proved, for every input",
            "by two solvers that read the same text; only an explicit answer of both counts",
            f"{proved} of {len(theorems)}",
            not material.proof.problems,
            "#theorems",
        ),
        Claim(
            "What was proved is what runs",
            "the record names the hash of the source, of the theorems and of the C file that is "
            "installed here",
            "same hashes" if material.proof.about_this and same else "other hashes",
            material.proof.about_this and same,
            "#evidence",
        ),
        Claim(
            "What is tested was tested on this kernel",
            "each test's record carries the hash of the kernel that it ran on",
            f"{passed} of {len(ran)} passed",
            bool(ran) and passed == len(ran) == len(here),
            "#evidence",
        ),
        *(attacked if material.extras else []),
    ]


def families(proof: ProofRecord) -> dict[str, list[dict[str, Any]]]:
    """The theorems by family, in the order of the record."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in proof.content["theorems"]:
        found.setdefault(family(each["name"]), []).append(each)
    return dict(sorted(found.items()))


def counterexamples(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every refuted finding that has a call, with its picture; those with a broken cap first."""
    found = [
        {
            "theorem": theorem["name"],
            "title": theorem["title"],
            "text": finding["text"].rstrip("."),
            "function": finding["function"],
            "place": finding["place"],
            "decided": finding["call"]["decided"],
            "interpreted": finding["call"]["interpreted"],
            "compiled": finding["call"]["compiled"],
            "told": finding["counterexample"],
            "picture": picture(finding["call"]),
            "broken": broken(finding["call"]),
        }
        for theorem in record["theorems"]
        for finding in theorem["findings"]
        if finding["call"] is not None
    ]
    return sorted(found, key=lambda each: not each["broken"])


def tools(proof: ProofRecord) -> dict[str, str]:
    """What this was made with; the solvers' versions are those of the record."""
    found = {f"{name} (proof)": version for name, version in proof.content["solvers"].items()}
    found["Python"] = platform.python_version()
    for name in TOOLS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
