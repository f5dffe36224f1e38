"""A counterexample as a person reads it: fields by name, with units, and only those that matter."""

from collections.abc import Iterator
from enum import IntEnum

from dosekernel.spec.reasons import Cause, Kind, Mode, Path, Reason, Source, Status
from dosekernel.spec.tree import Program

from .knowledge import Goal
from .layout import Layout
from .replay import Replay
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


def lines(program: Program, layout: Layout, replay: Replay) -> Iterator[str]:
    """The arguments on entry, those that are not 0, and what the call changed."""
    function = program.functions[replay.function]
    yield f"  {function.name} is called with (fields that are 0 are left out)"
    for parameter, words in zip(function.parameters, replay.before, strict=True):
        for field, value in zip(_names(layout, parameter.name, parameter.type), words, strict=True):
            if value != 0 and ".inverse." not in f".{field}":
                yield f"    {field} = {quantity(field, value)}"
    for name, kind, words in replay.free:
        for field, value in zip(_names(layout, name, kind), words, strict=True):
            yield f"    {field} = {quantity(field, value)}"
    yield "  and then"
    for parameter, words, earlier in zip(
        function.parameters, replay.after, replay.before, strict=True
    ):
        names = _names(layout, parameter.name, parameter.type)
        for field, value, old in zip(names, words, earlier, strict=True):
            if value != old and ".inverse." not in f".{field}":
                yield f"    {field} becomes {quantity(field, value)}"
    if replay.result is not None:
        yield f"    it returns {replay.result}"


def _names(layout: Layout, name: str, kind: str) -> list[str]:
    if kind in layout.names:
        return [f"{name}.{field}" for field in layout.names[kind]]
    return [name]


def text(program: Program, layout: Layout, goal: Goal, replay: Replay) -> str:
    """The whole counterexample."""
    seen = [f"  on ints: {broken.place}: {broken.kind}: {broken.text}" for broken in replay.broken]
    head = f"{goal.place}: {goal.function}: {goal.kind}: {goal.text} - fails"
    return "\n".join([head, *seen[:5], *lines(program, layout, replay)])
