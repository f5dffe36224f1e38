"""All that one run of the benchmarks found, and its tables."""

from dataclasses import asdict, dataclass

from .proving import Proof
from .timing import NANOSECONDS, Row

FEW = 4096  # bytes, that are told one by one
SMALL = 100  # KB or MB, of which a tenth matters


@dataclass(frozen=True)
class Figures:
    """One run: tables by what they are about. What was not at hand is empty or None."""

    machine: dict[str, str]
    c_stream: list[Row]
    c_ticks: list[Row]
    python: list[Row]
    python_slow: list[Row]
    contracts: list[Row]
    oref0: list[Row]
    proof: Proof | None
    memory: dict[str, int]
    size: dict[str, int]
    aims: dict[str, str]
    left_out: dict[str, str]

    def plain(self) -> dict[str, object]:
        """For JSON, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value}

    def page(self) -> str:
        """All tables, one after the other, as Markdown."""
        parts = [two_columns("Measured on", self.machine)]
        timed = {
            "From C: a closed loop": (self.c_stream, True),
            "From C: ticks of an idle pump": (self.c_ticks, True),
            "From Python: the same closed loop": (self.python, False),
            "From Python: its busiest minutes": (self.python_slow, False),
            "Contracts off and on: the same source, interpreted": (self.contracts, False),
            "Beside oref0's safety path": (self.oref0, False),
        }
        for title, (rows, per_second) in timed.items():
            if rows:
                parts.append(table(title, rows, per_second=per_second))
        if self.proof is not None:
            parts.append(proof_table(self.proof))
        counted = {name: told(count) for name, count in self.memory.items()}
        parts.append(two_columns("Memory", counted))
        parts.append(two_columns("Size", {name: f"{n:,}" for name, n in self.size.items()}))
        parts.append(two_columns("Aims, and the best of this run", self.aims))
        if self.left_out:
            parts.append(two_columns("Not measured", self.left_out))
        return "\n".join(parts)


def table(title: str, rows: list[Row], *, per_second: bool) -> str:
    """Rows as Markdown; `times` is the time over that of the first row, turn by turn."""
    last = "steps a second (best)" if per_second else "ns (best)"
    lines = [
        f"### {title}",
        "",
        f"| | ns, median | min .. max | times the first row's | min .. max | {last} |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for one in rows:
        best = f"{NANOSECONDS / one.best:,.0f}" if per_second else f"{one.best:,.0f}"
        lines.append(
            f"| {one.name} | {one.median:,.0f} | {one.best:,.0f} .. {one.worst:,.0f} "
            f"| {one.ratio:,.2f} | {one.ratio_least:,.2f} .. {one.ratio_greatest:,.2f} | {best} |"
        )
    return "\n".join(lines) + "\n"


def proof_table(proof: Proof) -> str:
    """Each theorem with the seconds of each solver."""
    solvers = list(proof.theorems[0].seconds)
    lines = [
        "### The proof, by theorem",
        "",
        f"The record: {proof.record}. {proof.verdict}, {proof.wall_seconds:,.1f} s in all.",
        "",
        f"| theorem | obligations | {' | '.join(f'{name}, s' for name in solvers)} |",
        "|---|---:|" + "---:|" * len(solvers),
    ]
    for each in proof.theorems:
        taken = " | ".join(f"{each.seconds[name]:.2f}" for name in solvers)
        lines.append(f"| {each.name} | {each.obligations:,} | {taken} |")
    total = " | ".join(f"{taken:,.1f}" for taken in proof.solver_seconds().values())
    counted = sum(each.obligations for each in proof.theorems)
    return "\n".join([*lines, f"| **all** | {counted:,} | {total} |"]) + "\n"


def two_columns(title: str, facts: dict[str, str]) -> str:
    """Names and values as Markdown."""
    lines = [f"### {title}", "", "| | |", "|---|---|"]
    return "\n".join([*lines, *[f"| {name} | {value} |" for name, value in facts.items()]]) + "\n"


def told(count: int) -> str:
    """Bytes, as a person reads them."""
    if count < FEW and count % 2**10:
        return f"{count:,} bytes"
    power = sum(count >= 2**bits for bits in (20, 30))
    size, name = count / 2 ** (10 * (power + 1)), ("KB", "MB", "GB")[power]
    return f"{size:.1f} {name}" if size < SMALL and size % 1 else f"{size:,.0f} {name}"


def duration(nanoseconds: float) -> str:
    """A time in the unit that leaves it two or three figures."""
    for unit, name in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if nanoseconds >= unit:
            return f"{nanoseconds / unit:.3g} {name}"
    return f"{nanoseconds:.0f} ns"


def times(ratio: float) -> str:
    """A ratio, in three figures."""
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}"
