"""The days as one picture: glucose, basal, boluses, insulin on board, and the caps."""

from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dosekernel.spec.quantity import MICRO
from dosekernel.spec.reasons import Mode

from .day import Days
from .summary import RANGE_HIGH, RANGE_LOW, Stop, name_of, stops

FORMATS = (".png", ".svg", ".pdf")
HOUR_MINUTES = 60
# The palette of Okabe and Ito, which people with any colour vision can tell apart.
INK = "#222222"
BLUE = "#0072B2"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#8C8C8C"
FACES = {
    Mode.LOW_SUSPENDED: (VERMILION, "low suspended"),
    Mode.DISCONNECTED: (GREY, "disconnected"),
    Mode.NOT_READY: (PURPLE, "set change"),
}
OTHER_FACE = (INK, "stopped")
HEIGHTS = (0.75, 2.5, 1.25, 1.25, 1.25, 1.25)
# What more than one day's strip leaves out, with the meals, which are marks on the curve.
EVERYDAY = ("shower", "reconnected", "walk: 60 %")
LANES = 4  # of labels in the strip of events
SIZE = (13.0, 11.0)  # inches
DOTS = 120  # per inch


def draw(days: Days, path: Path) -> None:
    """Write the picture; the file's ending says in which format."""
    with matplotlib.rc_context({"font.size": 9, "axes.titlesize": 9, "svg.fonttype": "none"}):
        figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
        axes = figure.subplots(len(HEIGHTS), 1, sharex=True, gridspec_kw={"height_ratios": HEIGHTS})
        strip, glucose, basal, boluses, on_board, caps = axes
        figure.suptitle(_title(days), x=0.01, ha="left", fontsize=11.5, fontweight="bold")
        _events(strip, days)
        _glucose(glucose, days)
        _basal(basal, days)
        _boluses(boluses, days)
        _on_board(on_board, days)
        _caps(caps, days)
        for one in axes[1:]:
            _frame(one)
        _shade(axes, days)
        _hours(caps, days)
        figure.savefig(path)


def _title(days: Days) -> str:
    length = "a day" if days.days == 1 else f"{days.days} days"
    return (
        f"{length.capitalize()} of {days.subject.name} on dosekernel, limits {days.limits.name}"
        "  (a simulated person)"
    )


def _time(days: Days) -> list[float]:
    return [minute.minute / HOUR_MINUTES for minute in days.minutes]


def _frame(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#E4E4E4", linewidth=0.6)
    axes.set_axisbelow(True)


def _legend(axes: Axes, columns: int) -> None:
    axes.legend(
        loc="upper left", ncols=columns, frameon=True, framealpha=0.85, edgecolor="none",
        fontsize=8, borderpad=0.2, handlelength=1.6, columnspacing=1.2,
    )  # fmt: skip


def _hours(axes: Axes, days: Days) -> None:
    hours = days.days * 24
    every = 2 if days.days == 1 else 6 if days.days <= 4 else 24
    ticks = list(range(0, hours + 1, every))
    axes.set_xlim(0, hours)
    axes.set_xticks(ticks, [_tick(hour) for hour in ticks])
    axes.set_xlabel("time of day" if days.days == 1 else "time of day, dates below midnight")


def _tick(hour: int) -> str:
    day, within = divmod(hour, 24)
    if within or not day:
        return f"{within:02}:00"
    return f"00:00\nday {day + 1}"


def _events(axes: Axes, days: Days) -> None:
    """A strip of what happened, its labels in lanes so that they do not cover each other."""
    axes.set_ylim(0, LANES + 0.4)
    axes.axis("off")
    crowded = days.days > 1
    events = [
        (note.minute, note.text, INK)
        for note in days.notes
        if not (crowded and (note.text.endswith(" g") or note.text in EVERYDAY))
    ]
    events += [
        (asked.minute, f"{asked.name}: refused", VERMILION)
        for asked in days.asked
        if not asked.accepted
    ]
    free = [-1e9] * LANES
    letter = days.days * 24 / 175  # hours that a letter is wide
    for minute, text, colour in sorted(events):
        at = minute / HOUR_MINUTES
        lane = min(range(LANES), key=lambda index: max(free[index] - at, 0))
        free[lane] = at + letter * (len(text) + 3)
        axes.plot([at, at], [0, lane + 0.55], color=colour, linewidth=0.7)
        axes.plot([at], [lane + 0.55], marker="o", markersize=3.2, color=colour)
        axes.text(at + letter * 1.1, lane + 0.55, text, color=colour, va="center", fontsize=8)


def _glucose(axes: Axes, days: Days) -> None:
    time = _time(days)
    axes.axhspan(RANGE_LOW, RANGE_HIGH, color=GREEN, alpha=0.12, linewidth=0, label="range 70-180")
    axes.plot(
        time,
        [minute.true_glucose for minute in days.minutes],
        color=BLUE,
        linewidth=1.8,
        label="glucose",
    )
    every = [minute for minute in days.minutes if minute.minute % 5 == 0]
    axes.plot(
        [minute.minute / HOUR_MINUTES for minute in every],
        [minute.sensor for minute in every],
        linestyle="none", marker=".", markersize=3, color=INK, label="sensor readings",
    )  # fmt: skip
    low = days.limits.glucose_low
    if low:
        axes.axhline(
            low, color=VERMILION, linewidth=1, linestyle=(0, (4, 2)), label=f"low threshold {low}"
        )
    top = max(max(minute.true_glucose for minute in days.minutes), RANGE_HIGH)
    axes.set_ylim(30, top * 1.22)
    axes.set_ylabel("glucose\nmg/dL")
    for note in days.notes:
        if note.text.endswith(" g"):
            height = days.minutes[note.minute].true_glucose
            axes.plot(
                [note.minute / HOUR_MINUTES], [height], marker="^", markersize=8, color=ORANGE,
                markeredgecolor=INK, markeredgewidth=0.6,
            )  # fmt: skip
    axes.plot(
        [], [], linestyle="none", marker="^", markersize=7, color=ORANGE,
        markeredgecolor=INK, label="food",
    )  # fmt: skip
    _legend(axes, 5)


def _basal(axes: Axes, days: Days) -> None:
    time = _time(days)
    programmed = [minute.programmed / MICRO for minute in days.minutes]
    rate = [minute.rate / MICRO for minute in days.minutes]
    axes.fill_between(
        time, rate, step="post", color=SKY, alpha=0.55, linewidth=0, label="delivered"
    )
    axes.step(
        time, programmed, where="post", color=INK, linewidth=1.1, linestyle=(0, (4, 2)),
        label="programmed",
    )  # fmt: skip
    axes.set_ylim(0, max([*programmed, *rate]) * 1.45)
    axes.set_ylabel(f"basal\n{days.limits.unit}/h")
    _legend(axes, 2)


def _boluses(axes: Axes, days: Days) -> None:
    highest = max([asked.amount / MICRO for asked in days.asked], default=1.0)
    for accepted, colour, marker, label in (
        (True, BLUE, "o", "accepted"),
        (False, VERMILION, "X", "refused"),
    ):
        those = [asked for asked in days.asked if asked.accepted is accepted]
        for asked in those:
            at, units = asked.minute / HOUR_MINUTES, asked.amount / MICRO
            later = asked.kind.name == "EXTENDED_BOLUS"
            axes.plot(
                [at, at], [0, units], color=colour, linewidth=2.2,
                linestyle="-" if accepted and not later else ":",
            )  # fmt: skip
            axes.plot([at], [units], marker="s" if later else marker, markersize=7, color=colour)
            if days.days == 1 or not accepted:
                _bolus_label(axes, asked.outcome.allowable, at, units, accepted, later)
        if those:
            axes.plot([], [], marker=marker, color=colour, linewidth=2.2, label=label)
    if any(asked.kind.name == "EXTENDED_BOLUS" for asked in days.asked):
        axes.plot([], [], marker="s", color=BLUE, linestyle=":", label="over time")
    axes.set_ylim(0, highest * 1.4)
    axes.set_ylabel(f"boluses\n{days.limits.unit}")
    _legend(axes, 3)


def _bolus_label(
    axes: Axes, allowable: int, at: float, units: float, accepted: bool, later: bool
) -> None:
    text = f"{units:g} over time" if later else f"{units:g}"
    place = (8, -10) if later else (8, -3)
    if not accepted:
        text += f" refused, allowable {allowable / MICRO:g}"
        place = (-6, 8)
    axes.annotate(
        text, (at, units), xytext=place, textcoords="offset points", fontsize=8,
        color=INK if accepted else VERMILION,
    )  # fmt: skip


def _on_board(axes: Axes, days: Days) -> None:
    limit = days.limits.on_board_max / MICRO
    values = [minute.on_board / MICRO for minute in days.minutes]
    axes.fill_between(_time(days), values, color=GREEN, alpha=0.35, linewidth=0)
    axes.plot(_time(days), values, color=GREEN, linewidth=1.4, label="insulin on board")
    axes.axhline(limit, color=VERMILION, linewidth=1.2, label=f"limit {limit:g} {days.limits.unit}")
    axes.set_ylim(0, limit * 1.35)
    axes.set_ylabel(f"on board\n{days.limits.unit}")
    _legend(axes, 2)


def _caps(axes: Axes, days: Days) -> None:
    limits = days.limits
    hours = limits.window_length // (HOUR_MINUTES * 60_000)
    for values, cap, colour, style, label in (
        ([m.window for m in days.minutes], limits.window_max, BLUE, "-", f"rolling {hours} h"),
        ([m.day for m in days.minutes], limits.day_max, ORANGE, "--", "rolling 24 h"),
    ):
        axes.plot(
            _time(days),
            [100 * value / cap if cap else 0 for value in values],
            color=colour, linestyle=style, linewidth=1.6,
            label=f"{label}, cap {cap / MICRO:g} {limits.unit}",
        )  # fmt: skip
    axes.axhline(100, color=VERMILION, linewidth=1.2, label="cap")
    axes.set_ylim(0, 135)
    axes.set_yticks([0, 50, 100])
    axes.set_ylabel("delivered\n% of cap")
    _legend(axes, 3)


def _shade(axes: list[Axes], days: Days) -> None:
    """The times without delivery through all panels, explained once."""
    found = stops(days)
    for one in axes[1:]:
        for stop in found:
            colour, _ = FACES.get(stop.mode, OTHER_FACE)
            one.axvspan(
                stop.start / HOUR_MINUTES, stop.end / HOUR_MINUTES, color=colour, alpha=0.16,
                linewidth=0,
            )  # fmt: skip
    handles = [
        Patch(color=colour, alpha=0.3, label=label) for colour, label in _faces(found).values()
    ]
    if handles:
        axes[0].figure.legend(
            handles=handles, loc="upper right", ncols=len(handles), frameon=False, fontsize=9
        )


def _faces(found: list[Stop]) -> dict[Mode, tuple[str, str]]:
    return {stop.mode: FACES.get(stop.mode, (INK, name_of(stop.mode))) for stop in found}
