"""The record of a run as people read it: a table on a terminal, Markdown for CI and the README.

    python -m dosekernel.proofs.summary RECORD.json README.md

writes the table of the record between the two markers in the README.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .report import NOT_ASKED, WORST
from .solvers import Verdict

Record = Mapping[str, Any]
BEGIN, END = "<!-- proof table: begin -->", "<!-- proof table: end -->"


def families(record: Record) -> dict[str, list[Record]]:
    """The theorems by family, in the order of the record."""
    found: dict[str, list[Record]] = {}
    for theorem in record["theorems"]:
        found.setdefault(theorem["family"], []).append(theorem)
    return found


def row(name: str, theorems: Sequence[Record]) -> list[str]:
    """A family in one line: how many theorems, obligations, each solver's verdict and time."""
    cells = [name, str(len(theorems)), str(sum(each["obligations"] for each in theorems))]
    for solver in theorems[0]["solvers"]:
        said = [each["solvers"][solver] for each in theorems]
        seconds = sum(each["seconds"] for each in said)
        cells.append(f"{_worst(each['verdict'] for each in said)} {seconds:.1f} s")
    return [*cells, _worst(each["verdict"] for each in theorems).upper()]


def _worst(words: Any) -> str:
    present = set(words)
    if present == {NOT_ASKED}:
        return NOT_ASKED
    return next((each.value for each in WORST if each.value in present), Verdict.ERROR.value)


def rows(record: Record) -> list[list[str]]:
    """The head of the table and a row for each family."""
    solvers = [f"{name} {version}" for name, version in record["solvers"].items()]
    head = ["theorem", "theorems", "obligations", *solvers, ""]
    return [head, *[row(name, theorems) for name, theorems in families(record).items()]]


def table(record: Record) -> str:
    """The families, one a line, for a terminal."""
    lines = rows(record)
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def markdown_table(record: Record) -> str:
    """The same in Markdown, with the sum in the last row."""
    head, *body = rows(record)
    total = ["**all**", str(len(record["theorems"])), str(record["obligations"])]
    for solver in record["solvers"]:
        seconds = sum(each["solvers"][solver]["seconds"] for each in record["theorems"])
        total.append(f"{seconds:.1f} s")
    lines = [head, ["---"] * len(head), *body, [*total, record["headline"]]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def closing(record: Record) -> str:
    """The last line: the verdict of the whole, and how much it is about."""
    proved = sum(1 for each in record["theorems"] if each["verdict"] == Verdict.PROVED.value)
    kept = record["units_from_cache"]
    return (
        f"{record['headline']}: {proved} of {len(record['theorems'])} theorems, "
        f"{record['obligations']} obligations, {record['wall_seconds']:.1f} s"
        + (f", {kept} of {record['units']} units known from before" if kept else "")
    )


def exceptions(record: Record) -> list[str]:
    """What one solver alone must show, each with its reason."""
    return [
        f"by {each['solver']} alone: {each['theorem']}: {each['reason']}"
        for each in record["exceptions"]
    ]


def findings(record: Record) -> list[str]:
    """What was not shown, as a person reads it, the worst first; the same obligation once."""
    shown: dict[tuple[str, str, str], str] = {}
    for theorem, each in sorted(every_finding(record), key=lambda pair: badness(pair[1])):
        head = (
            f"{kind(each)} {theorem['name']}: {each['place']}: "
            f"{each['function']}: {each['kind']}: {each['text']} [{each['solver']}]"
        )
        text = f"{head}\n{each['counterexample']}" if each["counterexample"] else head
        shown.setdefault((theorem["name"], each["place"], each["verdict"]), text)
    return [*record["problems"], *shown.values()]


def badness(finding: Record) -> int:
    """Where a finding stands among others: what is really false comes before what is not known."""
    return list(WORST).index(Verdict(finding["verdict"]))


def every_finding(record: Record) -> list[tuple[Record, Record]]:
    """Each finding with its theorem."""
    return [(theorem, each) for theorem in record["theorems"] for each in theorem["findings"]]


def kind(finding: Record) -> str:
    """What a finding is, in capitals."""
    return "SOLVERS DISAGREE" if finding["disagreement"] else str(finding["verdict"]).upper()


def made_of(record: Record) -> str:
    """What the verdict is about: source, C file, tools, time, memory."""
    c_file = record["c_file"]
    made = c_file.get("sha256") or f"not built: {c_file['not_built']}"
    shipped = record["object"]
    lines = [
        f"kernel source `{record['kernel_source'] or 'given as text'}`",
        f"specification `{record['spec_source'] or 'not read'}`",
        f"C file `{made}`",
        f"object `{shipped['sha256']}`, the {shipped['build']} build"
        if shipped
        else "object: none is installed that was made of that C file",
        f"{', '.join(f'{name} {version}' for name, version in record['solvers'].items())}; "
        f"started {record['started']}, {record['jobs']} at a time, largest process "
        f"{record['peak_memory_bytes'] / 2**20:.0f} MiB",
    ]
    return "\n".join(f"- {line}" for line in lines)


def markdown(record: Record) -> str:
    """The whole run as a page for CI."""
    parts = [f"## dosekernel: {closing(record)}", markdown_table(record)]
    if record["exceptions"]:
        parts.append("\n".join(f"- {each}" for each in exceptions(record)))
    shown = findings(record)
    if shown:
        parts.append("### Not shown")
        parts += [f"```\n{each}\n```" for each in shown]
    return "\n\n".join([*parts, made_of(record)]) + "\n"


def with_table(page: str, record: Record) -> str:
    """A page with a record's table between its two markers; ValueError if they are not there."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the two lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{markdown_table(record)}\n\n{closing(record)}\n\n{END}{after}"


def main(arguments: Sequence[str]) -> int:
    """Write a record's table into a page; 0 if it is there, 2 if not."""
    if len(arguments) != 2:
        print("usage: python -m dosekernel.proofs.summary RECORD.json PAGE.md", file=sys.stderr)
        return 2
    page = Path(arguments[1])
    try:
        record = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        page.write_text(with_table(page.read_text(encoding="utf-8"), record), encoding="utf-8")
    except (OSError, ValueError, KeyError) as error:
        print(f"{arguments[1]}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
