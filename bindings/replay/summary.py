"""What a replay found, for people and as JSON."""

from collections import Counter
from typing import Any

from dosekernel.kernel.records import HOUR, MINUTE
from dosekernel.spec.reasons import Alarm, Kind, Reason, Status

from ..quantities import in_units
from .account import peaks, raised
from .driver import Delivered
from .history import clock
from .player import Played, Span, Verdict

SHOWN_AT_MOST = 30
BOLUS_LINES = {
    "asked": "boluses asked",
    "accepted": "        accepted",
    "refused": "        refused",
    "repeated": "        repeated",
}
ABOUT_THE_AMOUNT = (
    Reason.BOLUS_CAP,
    Reason.RESERVOIR,
    Reason.WINDOW,
    Reason.DAY,
    Reason.ON_BOARD,
)
DOSES = (Kind.BOLUS, Kind.EXTENDED_BOLUS)


def text(played: Played, name: str, limits: str, unit: str) -> str:
    """The summary that the command prints."""
    blocks = [
        _heading(played, name, limits),
        _listed("Assumed", _assumptions(played)),
        _refusals(played, unit),
        _repeats(played, unit),
        _totals(played, unit),
        _caps(played, unit),
        _spans(played.spans()),
        _alarms(played),
        _listed("Rounded down to whole pulses", played.rounded),
        _listed("Nothing to do", played.ignored),
        _listed("Skipped", [f"{count} x {what}" for what, count in _skipped(played)]),
    ]
    return "\n\n".join(block for block in blocks if block)


def document(played: Played, name: str, limits: str, unit: str) -> dict[str, Any]:
    """The same as JSON: integers in kernel units, times in ms since 1970."""
    refused = played.of(Status.REFUSED)
    return {
        "history": name,
        "limits": limits,
        "unit": unit,
        "records": played.history.records,
        "from": played.start,
        "to": played.end,
        "steps": len(played.pump.steps),
        "assumptions": _assumptions(played),
        "events": len(played.verdicts),
        "refused": [_verdict(verdict) for verdict in refused],
        "repeated": [_verdict(verdict) for verdict in played.of(Status.REPEATED)],
        "reasons": dict(Counter(verdict.outcome.reason.name for verdict in refused)),
        "boluses": _boluses(played),
        "delivered": _delivered(played.pump.delivered),
        "peaks": [
            {"what": peak.what, "value": peak.value, "at": peak.at + played.origin, "cap": peak.cap}
            for peak in peaks(played.pump)
        ],
        "stopped": [
            {"mode": span.mode.name, "from": span.start, "to": span.end} for span in played.spans()
        ],
        "alarms": [{"alarm": alarm.name, "at": at} for at, alarm in _raised(played)],
        "rounded": played.rounded,
        "ignored": played.ignored,
        "skipped": dict(_skipped(played)),
        "reservoir": played.pump.reservoir,
    }


def lasting(duration: int) -> str:
    """A duration as people say it."""
    hours, rest = divmod(duration, HOUR)
    minutes = rest // MINUTE
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def asked_in_words(verdict: Verdict, unit: str) -> str:
    """What was asked for, by whom."""
    name = verdict.kind.name.lower().replace("_", " ")
    if verdict.is_rate:
        name += f" {in_units(verdict.asked)} {unit}/h"
    elif verdict.asked:
        name += f" {in_units(verdict.asked)} {unit}"
    return f"{name} by {verdict.source.name.lower()}"


def why(verdict: Verdict, unit: str) -> str:
    """The reason, its sentence, and for a bolus what would have been accepted."""
    outcome = verdict.outcome
    told = f"{outcome.reason.name}: {outcome.reason.sentence}"
    if outcome.allowable:
        told += f" Allowed then: {in_units(outcome.allowable)} {unit}."
    elif verdict.kind in DOSES and outcome.reason in ABOUT_THE_AMOUNT:
        told += " Allowed then: nothing."
    return told


def _heading(played: Played, name: str, limits: str) -> str:
    span = lasting(played.end - played.start)
    return (
        f"Replay of {name} under the limits {limits}\n"
        f"{played.history.records} records, {clock(played.start)} to {clock(played.end)} UTC "
        f"({span}); {len(played.pump.steps)} kernel steps"
    )


def _assumptions(played: Played) -> list[str]:
    return [*played.history.assumptions, *played.assumptions]


def _listed(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    shown = [f"  - {line}" for line in lines[:SHOWN_AT_MOST]]
    if len(lines) > SHOWN_AT_MOST:
        shown.append(f"  - and {len(lines) - SHOWN_AT_MOST} more (--json lists all)")
    return "\n".join([title, *shown])


def _refusals(played: Played, unit: str) -> str:
    refused = played.of(Status.REFUSED)
    if not refused:
        return f"The kernel would have refused none of {len(played.verdicts)} events."
    lines = [f"The kernel would have refused {len(refused)} of {len(played.verdicts)} events:"]
    lines += _reasons_counted(refused)
    for verdict in refused[:SHOWN_AT_MOST]:
        lines += _refusal(verdict, unit)
    if len(refused) > SHOWN_AT_MOST:
        lines.append(f"  and {len(refused) - SHOWN_AT_MOST} more (--json lists all)")
    return "\n".join(lines)


def _reasons_counted(refused: list[Verdict]) -> list[str]:
    counts = Counter(verdict.outcome.reason.name for verdict in refused).most_common()
    return ["  " + ", ".join(f"{count} x {name}" for name, count in counts), ""]


def _refusal(verdict: Verdict, unit: str) -> list[str]:
    entry = verdict.entry
    place = f"record {entry.record}" if entry.record else "the programme"
    return [
        f"  {clock(entry.at)}  {place}, {entry.label}: {asked_in_words(verdict, unit)}",
        f"      {why(verdict, unit)}",
    ]


def _repeats(played: Played, unit: str) -> str:
    repeated = played.of(Status.REPEATED)
    return _listed(
        "Repeats, answered again and given once",
        [
            f"{clock(verdict.entry.at)}  record {verdict.entry.record}: "
            + asked_in_words(verdict, unit)
            for verdict in repeated
        ],
    )


def _verdict(verdict: Verdict) -> dict[str, Any]:
    outcome = verdict.outcome
    return {
        "record": verdict.entry.record,
        "label": verdict.entry.label,
        "at": verdict.entry.at,
        "kind": verdict.kind.name,
        "source": verdict.source.name,
        "asked": verdict.asked,
        "status": outcome.status.name,
        "reason": outcome.reason.name,
        "sentence": outcome.reason.sentence,
        "allowable": outcome.allowable,
    }


def _boluses(played: Played) -> dict[str, int]:
    doses = [verdict for verdict in played.verdicts if verdict.kind in DOSES]
    counted = {"asked": len(doses), "asked_volume": sum(verdict.asked for verdict in doses)}
    for status in (Status.ACCEPTED, Status.REFUSED, Status.REPEATED):
        those = [verdict for verdict in doses if verdict.outcome.status is status]
        counted[status.name.lower()] = len(those)
        counted[f"{status.name.lower()}_volume"] = sum(verdict.asked for verdict in those)
    return counted


def _delivered(delivered: Delivered) -> dict[str, int]:
    return {
        "basal": delivered.basal,
        "bolus": delivered.bolus,
        "cannula_fill": delivered.fill,
        "prime": delivered.prime,
        "to_the_patient": delivered.therapy,
    }


def _totals(played: Played, unit: str) -> str:
    found, given = _boluses(played), played.pump.delivered
    stopped = found["accepted_volume"] - given.bolus
    return "\n".join(
        [
            "Totals",
            *(
                f"  {title:<18} {found[name]:>4}  {in_units(found[name + '_volume']):>9} {unit}"
                for name, title in BOLUS_LINES.items()
                if found[name] or name != "repeated"
            ),
            f"  stopped before given     {in_units(stopped):>9} {unit}",
            f"  delivered as bolus       {in_units(given.bolus):>9} {unit}",
            f"            as basal       {in_units(given.basal):>9} {unit}",
            f"            to the patient {in_units(given.therapy):>9} {unit}",
            f"  cannula fill             {in_units(given.fill):>9} {unit}",
            f"  prime, into the air      {in_units(given.prime):>9} {unit}",
            f"  left in the reservoir    {in_units(played.pump.reservoir):>9} {unit}",
        ]
    )


def _caps(played: Played, unit: str) -> str:
    lines = ["Highest, and the cap"]
    lines += [
        f"  {peak.what:<14} {in_units(peak.value):>10} of {in_units(peak.cap):>5} {unit}"
        f"   {clock(peak.at + played.origin)}"
        for peak in peaks(played.pump)
    ]
    return "\n".join(lines)


def _spans(spans: list[Span]) -> str:
    return _listed(
        "Not delivering",
        [
            f"{clock(span.start)}  {span.mode.name.lower().replace('_', ' ')} for "
            f"{lasting(span.end - span.start)}"
            for span in spans
        ],
    )


def _raised(played: Played) -> list[tuple[int, Alarm]]:
    since = played.start - played.origin
    return [(at + played.origin, alarm) for at, alarm in raised(played.pump, since)]


def _alarms(played: Played) -> str:
    """Each alarm once: when it first came, how often, and what it says."""
    times: dict[Alarm, list[int]] = {}
    for at, alarm in _raised(played):
        times.setdefault(alarm, []).append(at)
    return _listed(
        "Alarms, when each first came on",
        [
            f"{clock(found[0])}  {alarm.name} ({len(found)} x): {alarm.sentence}"
            for alarm, found in times.items()
        ],
    )


def _skipped(played: Played) -> list[tuple[str, int]]:
    return sorted(played.history.skipped.items())
