"""Verbs about what was: alarms now, the history, totals, verification, exports."""

import argparse
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import IO

from dosekernel.spec.reasons import Kind

from ...command.codes import FINDING, GOOD
from ...errors import InputError
from ...quantities import in_units
from .. import accounts, exports
from ..day_log import first_since
from ..errors import TamperedError
from ..journal import Journal, What
from ..retrace import Retrace
from ..status import alarms
from ..therapy import wall
from . import frame
from .frame import Session, Verb

LAST = "24h"
STAMP = "%Y-%m-%d %H:%M:%S"


# ---- alarms ------------------------------------------------------------------------------------


def _alarms(session: Session) -> int:
    found = alarms(session.pump.preview(Kind.TICK).alarms)
    lines = [f"{each.name}: {each.sentence}" for each in found]
    document = [{"name": each.name, "sentence": each.sentence} for each in found]
    session.say("\n".join(lines) or "No alarm.", {"alarms": document})
    return GOOD


# ---- history -----------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[Journal]:
    """A journal to be read: the pump itself stays as it is."""
    journal = Journal.open(path)
    try:
        yield journal
    finally:
        journal.close()


def _zone(journal: Journal) -> tzinfo:
    """Where the person is, as the newest setting says."""
    trace = Retrace(str(journal.path))
    for entry in journal.rare(What.SETTING):
        trace.take(entry)
    name = trace.settings.get(wall.TIMEZONE)
    return UTC if name is None else wall.zone(str(name))


def _history_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--last", metavar="TIME", help=f"so much time before the journal's end; else {LAST}"
    )
    parser.add_argument("--from", dest="begin", metavar="TIME", help="local, such as 2026-03-01")
    parser.add_argument("--to", dest="end", metavar="TIME", help="local")
    parser.add_argument(
        "--kind",
        action="append",
        default=[],
        choices=list(accounts.GROUPS),
        help="only this kind; may be given again",
    )
    parser.add_argument("--refused", action="store_true", help="only what was refused")


def _history(chosen: argparse.Namespace) -> int:
    if chosen.last is not None and chosen.begin is not None:
        raise InputError("--last and --from: allowed: one of them")
    with _opened(chosen.path) as journal:
        zone = _zone(journal)
        begin = None if chosen.begin is None else wall.read_moment(chosen.begin, "--from", zone)
        end = None if chosen.end is None else wall.read_moment(chosen.end, "--to", zone)
        after = 0 if begin is not None else _after(journal, chosen.last or LAST)
        groups = tuple(chosen.kind)
        found = [
            line
            for line in accounts.history(journal, after, groups, chosen.refused)
            if (begin is None or line.wall >= begin) and (end is None or line.wall < end)
        ]
        lines = [f"{_stamp(line.wall, zone)}  {line.text}" for line in found]
    document = [
        {"time": _iso(line.wall, zone), **{k: v for k, v in vars(line).items() if k != "wall"}}
        for line in found
    ]
    frame.say(chosen.json, "\n".join(lines) or "Nothing happened.", document)
    return GOOD


def _after(journal: Journal, last: str) -> int:
    """The entry before the last so much time."""
    newest = journal.entry(journal.seq)
    back = frame.duration(last, "--last")
    return 0 if newest is None else first_since(journal, newest.at - back) - 1


def _stamp(at: int, zone: tzinfo) -> str:
    return wall.moment(at, zone).strftime(STAMP)


def _iso(at: int, zone: tzinfo) -> str:
    return wall.moment(at, zone).isoformat(timespec="milliseconds")


# ---- totals ------------------------------------------------------------------------------------


def _totals(chosen: argparse.Namespace) -> int:
    with _opened(chosen.path) as journal:
        zone, unit = _zone(journal), accounts.unit_of(journal)
        found = accounts.totals(journal, zone)
    rows = [["day", "basal", "boluses", "fills", "in all", "refused"]]
    for one in found:
        volumes = (one.basal, one.bolus, one.fill, one.all)
        cells = [f"{in_units(part)} {unit}" for part in volumes]
        rows.append([str(one.day), *cells, str(one.refused)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    document = [
        {
            "day": str(one.day),
            "basal": one.basal,
            "bolus": one.bolus,
            "fill": one.fill,
            "total": one.all,
            "refused": one.refused,
        }
        for one in found
    ]
    frame.say(chosen.json, "\n".join(lines), document)
    return GOOD


# ---- verify ------------------------------------------------------------------------------------


def _file_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="JOURNAL", help="instead of --journal")


def _verify(chosen: argparse.Namespace) -> int:
    path = Path(chosen.file) if chosen.file else chosen.path

    def progress(done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"verify: {done} of {of} entries", end="\r", file=sys.stderr, flush=True)

    try:
        with _opened(path) as journal:
            found = accounts.verify(journal, progress)
    except TamperedError as error:
        frame.say(chosen.json, f"WRONG: {error}", {"verified": False, "wrong": str(error)})
        return FINDING
    text = (
        f"Verified: {found.entries} entries, {found.steps} steps decided again by the kernel "
        f"with the same outcomes, in {found.seconds:.1f} s.\nLast chain value: {found.chain}"
    )
    frame.say(chosen.json, text, {"verified": True, **vars(found)})
    return GOOD


# ---- export ------------------------------------------------------------------------------------


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", required=True, choices=list(FORMATS))
    parser.add_argument("--out", type=Path, metavar="FILE", help="a new file; else printed")


def _export(chosen: argparse.Namespace) -> int:
    write = FORMATS[chosen.format]
    with _opened(chosen.path) as journal:
        if chosen.out is None:
            write(journal, sys.stdout)
            return GOOD
        # Built first, so that a journal that is wrong leaves no half file.
        held = io.StringIO()
        count = write(journal, held)
    try:
        with chosen.out.open("x", encoding="utf-8") as file:
            file.write(held.getvalue())
    except FileExistsError:
        raise InputError(f"{chosen.out}: exists already; allowed: a name not taken") from None
    document = {"file": str(chosen.out), "records": count, "format": chosen.format}
    frame.say(chosen.json, f"{chosen.out}: {count} records", document)
    return GOOD


def _write_nightscout(journal: Journal, file: IO[str]) -> int:
    found = exports.nightscout(journal)
    json.dump(found, file, indent=1)
    file.write("\n")
    return sum(map(len, found.values()))


FORMATS: dict[str, Callable[[Journal, IO[str]], int]] = {
    "csv": exports.write_csv,
    "json": exports.write_json,
    "nightscout": _write_nightscout,
}


VERBS = {
    "alarms": Verb(frame.nothing, _alarms),
    "history": Verb(_history_arguments, alone=_history, about="The pump itself stays as it is."),
    "totals": Verb(frame.nothing, alone=_totals, about="What was released to the patient."),
    "verify": Verb(_file_argument, alone=_verify, about="Exit 1 names the first wrong entry."),
    "export": Verb(_export_arguments, alone=_export),
}
