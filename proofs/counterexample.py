"""A counterexample as a person reads it: fields by name, with units, and only those that matter."""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any

from dosekernel.spec.reasons import Cause, Kind, Mode, Path, Reason, Source, Status
from dosekernel.spec.tree import Program

from .knowledge import Goal
from .layout import Layout
from .replay import Numbers, Replay
from .story import Story
from .terms import Value

MICRO = 1_000_000
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

VOLUMES = frozenset(
    [
        "pulse",
        "reservoir_capacity",
        "reservoir_low",
        "prime_max",
        "cannula_fill",
        "bolus_max",
        "window_max",
        "day_max",
        "on_board_max",
        "controller_bolus_max",
        "remote_bolus_max",
        "amount",
        "allowable",
        "not_given",
        "reservoir",
        "on_board",
        "window_total",
        "day_total",
        "owed",
        "bolus_owed",
        "extended_amount",
        "extended_given",
        "fill_owed",
        "prime_owed",
        "prime_used",
        "fill_used",
        "fault_amount",
        "outstanding",
        "outstanding_bolus",
        "committed",
        "confirmed",
        "slots",
    ]
)
RATES = frozenset(
    [
        "delivery_speed",
        "basal_max",
        "basal_reserve",
        "controller_basal_max",
        "rate",
        "basal_rate",
        "temporary_rate",
    ]
)
TIMES = frozenset(
    [
        "reservoir_life",
        "set_life",
        "set_expiry",
        "bolus_lockout",
        "extended_duration_max",
        "request_age_max",
        "temp_duration_max",
        "window_length",
        "controller_duration_max",
        "glucose_predict",
        "glucose_stale",
        "glucose_suspend_max",
        "suspend_reminder",
        "gap_max",
        "confirm_max",
        "at",
        "issued_at",
        "duration",
        "now",
        "temporary_until",
        "bolus_ended",
        "extended_duration",
        "extended_elapsed",
        "reservoir_at",
        "set_at",
        "suspended_at",
        "fault_issued",
        "fault_at",
        "fault_before",
        "released_at",
        "glucose_at",
        "glucose_before_at",
        "low_since",
        "low_ended",
        "length",
        "phase",
    ]
)


NAMES: dict[str, type[IntEnum]] = {
    "kind": Kind,
    "source": Source,
    "status": Status,
    "reason": Reason,
    "mode": Mode,
    "path": Path,
    "fault_code": Cause,
}


def clock(milliseconds: int) -> str:
    """A time as hours, minutes and seconds."""
    if milliseconds < 0:
        return "never" if milliseconds == -1 else f"-({clock(-milliseconds)})"
    hours, rest = divmod(milliseconds, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds, fraction = divmod(rest, SECOND)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    if fraction:
        parts.append(f"{seconds}.{fraction:03d} s")
    elif seconds or not parts:
        parts.append(f"{seconds} s")
    return " ".join(parts)


def drug(micro: int) -> str:
    """A volume in the drug's own unit, exact."""
    sign = "-" if micro < 0 else ""
    whole, part = divmod(abs(micro), MICRO)
    return f"{sign}{whole}.{part:06d}".rstrip("0").rstrip(".") + " U"


def quantity(field: str, value: Value) -> str:
    """A value with the unit of its field, or with its name."""
    name = field.rpartition(".")[2].partition("[")[0]
    if name in NAMES and int(value) in {member.value for member in NAMES[name]}:
        return f"{value} ({NAMES[name](int(value)).name})"
    if name in VOLUMES:
        return f"{value} ({drug(int(value))})"
    if name in RATES:
        return f"{value} ({drug(int(value))}/h)"
    if name in TIMES and value != 0:
        return f"{value} ({clock(int(value))})"
    return str(value)


def lines(program: Program, layout: Layout, replay: Replay, story: Story | None) -> Iterator[str]:
    """The arguments on entry, those that are not plain, and what the call changed."""
    function = program.functions[replay.function]
    yield f"  {function.name} is called with {left_out(story)}"
    for name, field, value in given(program, layout, replay, story):
        yield f"    {name}{field} = {quantity(f'{name}{field}', value)}"
    yield "  and then"
    for parameter, words, earlier in zip(
        function.parameters, replay.after, replay.before, strict=True
    ):
        names = fields(layout, parameter.type)
        for field, value, old in zip(names, words, earlier, strict=True):
            if value != old and not field.startswith(".inverse."):
                name = f"{parameter.name}{field}"
                yield f"    {name} becomes {quantity(name, value)}"
    if replay.result is not None:
        yield f"    it returns {returned(story, replay)}"


def left_out(story: Story | None) -> str:
    """Which words of a call are not named."""
    if story is None or not story.preset:
        return "(fields that are 0 are left out)"
    return f"a fresh pump, its limits those of {story.preset}, all else 0, but for"


def returned(story: Story | None, replay: Replay) -> str:
    """What a call returned, as a reason or a status where the name of the function says so."""
    value = replay.result
    name = replay.function.rpartition("_")[2]
    known = {"reason": Reason, "step": Status}.get(name)
    if known is not None and story is not None and value in {each.value for each in known}:
        return f"{value} ({known(int(value)).name})"
    return str(value)


def given(
    program: Program, layout: Layout, replay: Replay, story: Story | None
) -> Iterator[tuple[str, str, Value]]:
    """The words that make a call what it is: argument, field, value."""
    parameters = program.functions[replay.function].parameters
    roots = [*[(each.name, each.type) for each in parameters]]
    words = [*replay.before, *[each[2] for each in replay.free]]
    roots += [(name, kind) for name, kind, _ in replay.free]
    for position, (name, kind) in enumerate(roots):
        plain = story.plain[position] if story is not None else (0,) * len(words[position])
        named = zip(fields(layout, kind), words[position], plain, strict=True)
        for at, (field, value, usual) in enumerate(named):
            if value != usual and not follows(field, at, words[position]):
                yield name, field, value
        if kind not in layout.names and words[position] == plain:
            yield name, "", words[position][0]


def follows(field: str, at: int, words: Sequence[Value]) -> bool:
    """True for a word of the second copy that is the inverse of the first, as it should be."""
    half = len(words) // 2
    return field.startswith(".inverse.") and words[at] == -1 - words[at - half]


def fields(layout: Layout, kind: str) -> list[str]:
    """The words of a type, each as it is written after a name."""
    return [f".{field}" for field in layout.names[kind]] if kind in layout.names else [""]


def text(
    program: Program, layout: Layout, goal: Goal, replay: Replay, story: Story | None = None
) -> str:
    """The whole counterexample."""
    head = [f"{goal.place}: {goal.function}: {goal.kind}: {goal.text.rstrip('.')} - fails"]
    if story is not None:
        if story.statement:
            head.append(f"  {story.statement} is false")
        head.append(f"  decided by {story.decided}: {story.decided_text}")
        head.append(f"  interpreted kernel: {story.interpreted}; compiled: {story.compiled}")
    seen = [f"  on ints: {broken.place}: {broken.kind}: {broken.text}" for broken in replay.broken]
    return "\n".join([*head, *seen[:5], *lines(program, layout, replay, story)])


def as_data(program: Program, layout: Layout, story: Story) -> dict[str, Any]:
    """The call as plain data: every word on entry and after, by name."""
    replay = story.replay
    parameters = program.functions[replay.function].parameters
    roots = [(each.name, each.type) for each in parameters]

    def named(roots: Sequence[tuple[str, str]], numbers: Numbers) -> dict[str, int]:
        return {
            f"{name}{field}": int(value)
            for (name, kind), words in zip(roots, numbers, strict=True)
            for field, value in zip(fields(layout, kind), words, strict=True)
        }

    return {
        "function": replay.function,
        "statement": story.statement,
        "before": named(roots, replay.before),
        "after": named(roots, replay.after),
        "any": named([each[:2] for each in replay.free], tuple(e[2] for e in replay.free)),
        "result": None if replay.result is None else int(replay.result),
        "decided": {"place": story.decided, "text": story.decided_text},
        "interpreted": story.interpreted,
        "compiled": story.compiled,
    }
