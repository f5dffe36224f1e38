"""A life in words: events by their names and units, outcomes with the reason's sentence."""

from collections.abc import Iterator, Sequence

from dosekernel.kernel import records as k
from dosekernel.spec.limits import Limits, preset_names
from dosekernel.spec.limits_table import BY_NAME
from dosekernel.spec.quantity import to_text
from dosekernel.spec.reasons import Kind, Mode, Reason, Source, Status

from ..quantities import in_units
from ..strategies.damage import MEMORY_NAMES
from .judging import EVENT_WORDS, OUTCOME_WORDS, limits_of
from .native import ADOPT, DAMAGE, INIT, STEP, Harness, Told

VOLUMES = ("amount", "rate")


def story(harness: Harness, data: bytes) -> list[str]:
    """What happened in the life that these bytes stand for, a line each."""
    told: list[Told] = []
    harness.watch(data, told.append)
    return list(lines(told))


def lines(told: Sequence[Told]) -> Iterator[str]:
    """A line for each thing that happened."""
    memory: Sequence[int] = ()
    unit = ""
    for number, each in enumerate(told):
        if each.tag == INIT:
            limits, at, _ = limits_of(each.words)
            unit = Limits.load(nearest(limits)[0]).unit
            yield f"{number:4}  a fresh pump at {at} ms, {limits_text(limits)}"
        elif each.tag == ADOPT:
            limits, at, reason = limits_of(each.words)
            yield f"{number:4}  other limits at {at} ms: {_reason(reason)}; {limits_text(limits)}"
        elif each.tag == DAMAGE:
            yield f"{number:4}  the memory is changed: {damage_text(memory, each.words)}"
            memory = each.words
        elif each.tag == STEP:
            yield f"{number:4}  {step_text(each.words, unit)}"
            memory = each.words[-len(MEMORY_NAMES) :]


def limits_text(limits: k.Limits) -> str:
    """The preset that is nearest, and the fields that differ from it."""
    name, changed = nearest(limits)
    return name + (f" with {', '.join(changed)}" if changed else "")


def nearest(limits: k.Limits) -> tuple[str, list[str]]:
    """The preset with the fewest other fields, and those fields with their values."""
    found = []
    for name in preset_names():
        preset = Limits.load(name)
        values = preset.values()
        changed = [
            f"{field} {_value(field, getattr(limits, field), preset.unit)}"
            for field in values
            if getattr(limits, field) != getattr(preset.to_record(), field)
        ]
        found.append((len(changed), name, changed))
    _, name, changed = min(found)
    return name, changed


def _value(field: str, value: object, unit: str) -> str:
    if not isinstance(value, int):
        return str(value)
    return to_text(value, BY_NAME[field].quantity, unit)


def step_text(words: Sequence[int], unit: str) -> str:
    """One event and its outcome."""
    event, outcome = k.Event(), k.Outcome()
    event.set_words(list(words[:EVENT_WORDS]))
    outcome.set_words(list(words[EVENT_WORDS : EVENT_WORDS + OUTCOME_WORDS]))
    return f"{event_text(event, unit)}  ->  {outcome_text(outcome, unit)}"


def event_text(event: k.Event, unit: str) -> str:
    """An event by its names; fields that are 0 are left out."""
    said = [_name(Kind, event.kind), f"at {event.at} ms"]
    if event.issued_at != event.at:
        said.append(f"issued at {event.issued_at} ms")
    if event.source != k.USER:
        said.append(f"from {_name(Source, event.source)}")
    units = {
        "amount": f" {unit}",
        "rate": f" {unit}/h",
        "duration": " ms",
        "glucose": " mg/dL",
    }
    for field in ("id", "amount", "rate", "duration", "glucose", "code"):
        value = getattr(event, field)
        if value:
            number = in_units(value) if field in VOLUMES else str(value)
            said.append(f"{field} {number}{units.get(field, '')}")
    return " ".join(said)


def outcome_text(outcome: k.Outcome, unit: str) -> str:
    """An outcome in short: what was decided, what leaves, what a display shows."""
    said = [_name(Status, outcome.status)]
    if outcome.reason != k.REASON_NONE:
        said.append(f"({_reason(outcome.reason)})")
    if outcome.amount:
        way = "air" if outcome.path == k.PATH_AIR else "patient"
        said.append(f"releases {in_units(outcome.amount)} {unit} to the {way}")
    figures = ("allowable", "not_given", "owed", "reservoir", "on_board", "window_total")
    for field in (*figures, "day_total"):
        value = getattr(outcome, field)
        if value:
            said.append(f"{field.replace('_', ' ')} {in_units(value)} {unit}")
    said.append(_name(Mode, outcome.mode))
    return " ".join(said)


def damage_text(before: Sequence[int], after: Sequence[int]) -> str:
    """Which words of the memory are others now."""
    if not before:
        return "before any event"
    changed = [
        f"{name} {old} -> {new}"
        for name, old, new in zip(MEMORY_NAMES, before, after, strict=True)
        if old != new
    ]
    more = f" and {len(changed) - 4} more" if len(changed) > 4 else ""
    return ", ".join(changed[:4]) + more if changed else "as it was"


def _name(words: type[Kind] | type[Source] | type[Status] | type[Mode], value: int) -> str:
    return words(value).name if value in list(words) else str(value)


def _reason(value: int) -> str:
    return Reason(value).name if value in list(Reason) else f"reason {value}"
