"""The record of a run in the formats that CI systems read: JUnit XML and SARIF 2.1.0."""

from typing import Any
from xml.etree import ElementTree

from .solvers import Verdict
from .summary import Record, every_finding, exceptions, families, findings, kind

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {Verdict.REFUTED.value: "error", Verdict.ERROR.value: "error"}
# XML has no way to write these.
_PLAIN = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def junit(record: Record) -> str:
    """A suite for each family, a case for each theorem; a list that is not met is a case too."""
    suites = ElementTree.Element("testsuites", name="dosekernel prove")
    for name, theorems in families(record).items():
        suite = ElementTree.SubElement(suites, "testsuite", name=name)
        for theorem in theorems:
            _case(suite, theorem, record)
        _count(suite)
    listing = ElementTree.SubElement(suites, "testsuite", name="list")
    case = ElementTree.SubElement(
        listing, "testcase", classname="list", name="every theorem of the list, and no other"
    )
    if record["problems"]:
        _say(case, "error", "the run is not whole", "\n".join(record["problems"]))
    _count(listing)
    _count(suites)
    suites.set("time", f"{record['wall_seconds']:.2f}")
    ElementTree.indent(suites)
    text = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _case(suite: ElementTree.Element, theorem: Record, record: Record) -> None:
    seconds = theorem["building_seconds"]
    seconds += sum(each["seconds"] for each in theorem["solvers"].values())
    case = ElementTree.SubElement(
        suite, "testcase", classname=theorem["family"], name=theorem["name"], time=f"{seconds:.2f}"
    )
    if theorem["verdict"] == Verdict.PROVED.value:
        said = exceptions({"exceptions": [e for e in record["exceptions"]
                                          if e["theorem"] == theorem["name"]]})  # fmt: skip
        if said:
            ElementTree.SubElement(case, "system-out").text = "\n".join(said)
        return
    element = "failure" if theorem["verdict"] == Verdict.REFUTED.value else "error"
    alone = {"problems": [], "theorems": [theorem]}
    _say(case, element, f"{theorem['verdict']}: {theorem['title']}", "\n\n".join(findings(alone)))


def _say(case: ElementTree.Element, element: str, message: str, text: str) -> None:
    found = ElementTree.SubElement(case, element, message=message)
    found.text = text.translate(_PLAIN)


def _count(suite: ElementTree.Element) -> None:
    suite.set("tests", str(len(list(suite.iter("testcase")))))
    suite.set("failures", str(len(list(suite.iter("failure")))))
    suite.set("errors", str(len(list(suite.iter("error")))))


def sarif(record: Record, version: str) -> dict[str, Any]:
    """A rule for each theorem, a result for each obligation that was not shown, at its line."""
    names = [theorem["name"] for theorem in record["theorems"]]
    rules = [
        {
            "id": theorem["name"],
            "shortDescription": {"text": theorem["title"]},
            "properties": {"verdict": theorem["verdict"], "obligations": theorem["obligations"]},
        }
        for theorem in record["theorems"]
    ]
    seen: dict[tuple[str, str, str], dict[str, Any]] = {}
    for theorem, each in every_finding(record):
        key = (theorem["name"], each["place"], each["verdict"])
        seen.setdefault(key, _result(theorem, each, names.index(theorem["name"]), record["roots"]))
    notices = [{"level": "error", "message": {"text": problem}} for problem in record["problems"]]
    driver = {"name": "dosekernel prove", "version": version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "invocations": [
            {
                "executionSuccessful": not record["problems"],
                "startTimeUtc": record["started"].replace("+00:00", "Z"),
                "toolExecutionNotifications": notices,
            }
        ],
        "results": list(seen.values()),
        "properties": {"headline": record["headline"], "solvers": record["solvers"]},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(theorem: Record, finding: Record, rule: int, roots: Record) -> dict[str, Any]:
    text = f"{kind(finding)} {finding['function']}: {finding['kind']}: {finding['text']}"
    if finding["counterexample"]:
        text += f"\n{finding['counterexample']}"
    call = finding["call"] or {}
    result: dict[str, Any] = {
        "ruleId": theorem["name"],
        "ruleIndex": rule,
        "kind": "fail",
        "level": LEVELS.get(finding["verdict"], "warning"),
        "message": {"text": text},
        "locations": [_location(finding["place"], roots, 0)],
        "partialFingerprints": {"obligation/v1": f"{theorem['name']}:{finding['function']}"},
        "properties": {"solver": finding["solver"], "verdict": finding["verdict"]},
    }
    if call.get("decided"):
        related = _location(call["decided"]["place"], roots, 1)
        related["message"] = {"text": "the line of the kernel that decided"}
        result["relatedLocations"] = [related]
    return result


def _location(place: str, roots: Record, number: int) -> dict[str, Any]:
    """A place as a path from where the command was called."""
    path, _, line = place.rpartition(":")
    room, _, name = path.partition("/")
    uri = f"{roots[room]}/{name}" if room in roots else path
    return {
        "id": number,
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": int(line)},
        },
    }
