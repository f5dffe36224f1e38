"""A counterexample as a picture: what was asked, what the kernel answered, each figure at its cap.

The call of a finding holds every word on entry and after. Drawn are those figures that have a cap;
whatever stands above its cap is drawn beyond it, in red.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from dosekernel.kernel.records import SLOTS
from dosekernel.spec.quantity import MICRO
from dosekernel.spec.reasons import Kind, Reason, Source, Status

WIDTH, LEFT, RIGHT, ROW, TOP = 720, 170, 20, 46, 96
BAR, LONGEST_BAR = 16, WIDTH - LEFT - RIGHT
ROOM = 1.25  # the axis of a bar goes on beyond the larger of figure and cap
SLOT_NAMES = (("window", "window_max", "rolling window"), ("day", "day_max", "rolling day"))
CAPS: dict[int, str] = {
    Source.CONTROLLER: "controller_bolus_max",
    Source.REMOTE: "remote_bolus_max",
}
BOLUSES = (Kind.BOLUS, Kind.EXTENDED_BOLUS)


@dataclass(frozen=True)
class Gauge:
    """A figure and its cap, in micro-units; `slots` are what a window's figure is the sum of."""

    name: str
    value: int
    cap: int
    cap_name: str
    slots: tuple[int, ...] = ()

    @property
    def broken(self) -> bool:
        """True if the figure is above its cap."""
        return self.value > self.cap


def picture(call: Mapping[str, Any], unit: str = "U") -> Markup:
    """A finding's call as an SVG."""
    before, after = _words(call["before"]), _words(call["after"])
    gauges = [*_gauges(before, after)]
    height = TOP + ROW * max(1, len(gauges)) + 8
    said = f"counterexample of {call['function']}: {_answer(call, after)}"
    parts = [
        f'<svg class="counterexample" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(said)}">',
        *_chain(call, before, after, unit),
    ]
    for row, gauge in enumerate(gauges):
        parts += _bar(gauge, TOP + row * ROW, unit)
    return Markup("".join([*parts, "</svg>"]))


def broken(call: Mapping[str, Any]) -> list[str]:
    """The figures of a call that are above their caps, by name."""
    found = _gauges(_words(call["before"]), _words(call["after"]))
    return [gauge.name for gauge in found if gauge.broken]


def _words(named: Mapping[str, int]) -> dict[str, int]:
    """The words of a call, those of a memory's state as those of a state."""
    return {name.removeprefix("memory."): value for name, value in named.items()}


def _gauges(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Gauge]:
    limits = {
        name.removeprefix("state.limits."): value
        for name, value in before.items()
        if name.startswith("state.limits.")
    }
    if not limits:
        return
    asked = before.get("event.amount", before.get("amount", 0))
    if asked:
        cap = CAPS.get(before.get("event.source", 0), "bolus_max")
        yield Gauge("asked for", asked, limits[cap], cap)
    if rate := before.get("event.rate", 0):
        yield Gauge("rate asked for", rate, limits["basal_max"], "basal_max")
    for record, cap, name in SLOT_NAMES:
        slots = tuple(after.get(f"state.{record}.slots[{at}]", 0) for at in range(SLOTS))
        if any(slots):
            yield Gauge(name, sum(slots), limits[cap], cap, slots)
    if left := after.get("state.reservoir", 0):
        yield Gauge("reservoir", left, limits["reservoir_capacity"], "reservoir_capacity")
    if released := after.get("outcome.amount", 0):
        room = before.get("state.reservoir", 0)
        yield Gauge("released", released, room, "what was in the reservoir")


def _answer(call: Mapping[str, Any], after: Mapping[str, int]) -> str:
    """What the kernel said, in its own words where it has some."""
    if after.get("outcome.status"):
        status = Status(after["outcome.status"]).name
        return f"{status} ({Reason(after['outcome.reason']).name})"
    result = call["result"]
    if call["function"].endswith("_reason") or call["function"].endswith("_guards"):
        known = {int(each): each.name for each in Reason}
        return "no objection" if result == 0 else known.get(result, str(result))
    return "it returns" if result is None else f"it returns {result}"


def _question(before: Mapping[str, int], unit: str) -> str:
    kinds = {int(each): each.name for each in Kind}
    kind = kinds.get(before.get("event.kind", 0), "")
    sources = {int(each): each.name for each in Source}
    who = sources.get(before.get("event.source", -1), "")
    amount = before.get("event.amount", before.get("amount", 0))
    said = [kind.lower().replace("_", " "), _amount(amount, unit) if amount else ""]
    return " ".join(each for each in [*said, f"by {who.lower()}" if who else ""] if each) or "—"


def _amount(value: int, unit: str) -> str:
    return f"{value / MICRO:,.6f}".rstrip("0").rstrip(".") + f" {unit}"


def _chain(
    call: Mapping[str, Any], before: Mapping[str, int], after: Mapping[str, int], unit: str
) -> Iterator[str]:
    """The three boxes: the request, the function, the answer."""
    texts = (
        ("asked", _question(before, unit)),
        ("decided in", f"{call['function']}()"),
        ("answer", _answer(call, after)),
    )
    size, gap = 218, 31
    for at, (head, text) in enumerate(texts):
        left = 2 + at * (size + gap)
        kind = " wrong" if at == len(texts) - 1 else ""
        yield f'<rect class="box{kind}" x="{left}" y="6" width="{size}" height="56" rx="8"/>'
        yield f'<text class="small" x="{left + 12}" y="26">{escape(head)}</text>'
        yield f'<text class="word" x="{left + 12}" y="48">{escape(text)}</text>'
        if at:
            start = left - gap + 4
            yield f'<path class="arrow" d="M{start} 34 h{gap - 12} m-6 -5 l6 5 l-6 5"/>'


def _bar(gauge: Gauge, top: int, unit: str) -> Iterator[str]:
    """A figure as a bar, its cap as a line; of a window its slots as parts of the bar."""
    scale = LONGEST_BAR / (max(gauge.value, gauge.cap, 1) * ROOM)
    within, cap = min(gauge.value, gauge.cap) * scale, gauge.cap * scale
    middle = top + BAR / 2
    yield f'<text class="name" x="{LEFT - 12}" y="{middle + 5}">{escape(gauge.name)}</text>'
    yield f'<rect class="track" x="{LEFT}" y="{top}" width="{LONGEST_BAR}" height="{BAR}" rx="3"/>'
    yield f'<rect class="good" x="{LEFT}" y="{top}" width="{within:.1f}" height="{BAR}"/>'
    if gauge.broken:
        over = (gauge.value - gauge.cap) * scale
        yield (
            f'<rect class="over" x="{LEFT + cap:.1f}" y="{top}" width="{over:.1f}" height="{BAR}"/>'
        )
    start = LEFT + 0.0
    for slot in gauge.slots:
        start += slot * scale
        yield f'<path class="slot" d="M{start:.1f} {top} v{BAR}"/>'
    yield f'<path class="cap" d="M{LEFT + cap:.1f} {top - 5} v{BAR + 10}"/>'
    kind = "value wrong" if gauge.broken else "value"
    yield (
        f'<text class="{kind}" x="{LEFT}" y="{top + BAR + 15}">'
        f"{escape(_amount(gauge.value, unit))}</text>"
    )
    yield (
        f'<text class="small end" x="{WIDTH - RIGHT}" y="{top + BAR + 15}">'
        f"{escape(gauge.cap_name)} {escape(_amount(gauge.cap, unit))}</text>"
    )
