"""One run as a picture: times of a step, memory, the proof by theorem; all on logarithmic axes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .figures import Figures, duration, told
from .proving import Theorem
from .timing import Row

# The palette of Okabe and Ito, which people with any colour vision can tell apart.
BLUE, ORANGE, GREEN, PURPLE, SKY = "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9"
INK, PAPER, GRID = "#1f2328", "#fffffe", "#d1d9e0"
# What each becomes where a reader's screen is dark.
DARK = {INK: "#e6edf3", PAPER: "#0d1117", GRID: "#3d444d", BLUE: "#4aa8e0"}
SOLVERS = (BLUE, ORANGE, GREEN)
SHORTEST = 0.01  # seconds; the records tell no less
Label = Callable[[float], str]
ROOM = 8.0  # times the longest bar: for what is written at its end
BINARY = 32  # the marks of bytes: 1 KB, 32 KB, 1 MB, 32 MB
SIZE = (12.0, 10.5)  # inches
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 8.5,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "svg.fonttype": "none",
    "svg.hashsalt": "dosekernel",
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color", "axes.titlecolor"), INK),
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), PAPER),
    "legend.facecolor": PAPER,
    "legend.edgecolor": GRID,
    "grid.color": GRID,
}


def draw(found: Figures, path: Path) -> None:
    """Write the picture as SVG, for light and for dark screens."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        grid = figure.add_gridspec(2, 2, height_ratios=(3, 1), width_ratios=(1, 0.75))
        proved = found.proof is not None
        _times(figure.add_subplot(grid[0, 0] if proved else grid[0, :]), found)
        _memory(figure.add_subplot(grid[1, 0] if proved else grid[1, :]), found.memory)
        if found.proof is not None:
            _proof(figure.add_subplot(grid[:, 1]), found.proof.families())
        figure.savefig(path, format="svg", metadata={"Date": None})
    path.write_text(for_dark_screens(path.read_text(encoding="utf-8")), encoding="utf-8")


def for_dark_screens(svg: str) -> str:
    """The same picture with other colours where the reader asks for dark pages."""
    rules = [
        f'[style*="{kind}: {light}"] {{ {kind}: {dark} !important }}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    ]
    style = f"<style>@media (prefers-color-scheme: dark) {{ {' '.join(rules)} }}</style>"
    return svg.replace("<defs>", f"{style}\n <defs>", 1)


def _times(axes: Axes, found: Figures) -> None:
    """All that was timed, from the shortest to the longest kind."""
    groups: list[tuple[str, list[Row]]] = [
        (BLUE, found.c_stream),
        (GREEN, found.python),
        (PURPLE, found.python_slow[1:]),
        (ORANGE, found.oref0[1:]),
    ]
    rows = [(colour, one) for colour, group in groups for one in group]
    axes.set_title("Time of one step or call: median, least and greatest", loc="left")
    for place, (colour, one) in enumerate(rows):
        axes.barh(place, one.median, color=colour, height=0.7)
        axes.plot([one.best, one.worst], [place, place], color=INK, linewidth=1)
        axes.annotate(
            duration(one.median),
            (max(one.worst, one.median), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    _rows(axes, [one.name for _, one in rows])
    _logarithmic(axes, [one.best for _, one in rows], [one.worst for _, one in rows], duration)


def _memory(axes: Axes, memory: dict[str, int]) -> None:
    axes.set_title("Memory", loc="left")
    sizes = list(memory.values())
    axes.barh(range(len(sizes)), sizes, color=SKY, height=0.7)
    for place, size in enumerate(sizes):
        axes.annotate(
            told(size), (size, place), xytext=(4, 0), textcoords="offset points", va="center"
        )
    _rows(axes, list(memory))
    _logarithmic(axes, sizes, sizes, lambda value: told(round(value)), base=BINARY)


def _proof(axes: Axes, families: list[Theorem]) -> None:
    """Each family of theorems, the longest first, a dot for each solver."""
    axes.set_title("The proof by theorem, each solver", loc="left")
    ordered = sorted(families, key=lambda each: -sum(each.seconds.values()))
    solvers = list(ordered[0].seconds)
    spent = [max(one, SHORTEST) for each in ordered for one in each.seconds.values()]
    for solver, colour in zip(solvers, SOLVERS, strict=False):
        taken = [max(each.seconds[solver], SHORTEST) for each in ordered]
        axes.plot(taken, range(len(taken)), "o", color=colour, markersize=4.5, label=solver)
    for place, each in enumerate(ordered):
        ends = [max(one, SHORTEST) for one in each.seconds.values()]
        axes.plot([min(ends), max(ends)], [place, place], color=GRID, linewidth=1, zorder=0)
    axes.legend(loc="lower right")
    _rows(axes, [each.name for each in ordered])
    _logarithmic(axes, spent, spent, lambda value: f"{value:g} s", room=2)


def _rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _logarithmic(
    axes: Axes,
    least: list[float] | list[int],
    greatest: list[float] | list[int],
    label: Label,
    room: float = ROOM,
    base: float = 10,
) -> None:
    axes.set_xscale("log", base=base)
    axes.set_xlim(min(least) / 2, max(greatest) * room)
    axes.xaxis.set_major_formatter(lambda value, _place: label(value))
    axes.minorticks_off()
    axes.grid(axis="x", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
