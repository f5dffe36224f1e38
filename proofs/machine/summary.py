"""The report on an object as people read it."""

from collections.abc import Iterator

from .judge import GOOD, Judgement, Standing
from .run import ObjectReport

HEAD = ("function", "instructions", "paths", "cases", "words compared", "to solvers", "time", "")


def lines(report: ObjectReport) -> Iterator[str]:
    """A table of the functions, and what is wrong with each that is not proved."""
    rows = [HEAD, *[row(each) for each in report.judgements]]
    widths = [max(len(line[at]) for line in rows) for at in range(len(HEAD))]
    for line in rows:
        cells = [
            cell.ljust(width) if at in (0, len(HEAD) - 1) else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    for each in report.judgements:
        if each.standing not in GOOD:
            yield f"\n{each.standing.upper()}: {each.symbol} ({each.place or 'no place'})"
            yield f"  {each.detail}"
    for each_lemma in report.unshown:
        yield f"\nNOT SHOWN: the lemma of {each_lemma}"
    yield ""


def row(each: Judgement) -> tuple[str, ...]:
    """One function in one line."""
    time = "kept" if each.cached else f"{each.seconds:.2f} s"
    figures = (each.instructions, each.paths, each.cases, each.outputs, each.goals)
    return (each.symbol, *[str(figure) for figure in figures], time, each.standing.value)


def closing(report: ObjectReport) -> str:
    """One last line."""
    others = [
        f"{report.count(standing)} {standing.value}"
        for standing in Standing
        if standing is not Standing.PROVED and report.count(standing)
    ]
    what = "PROVED" if report.proved else "NOT PROVED"
    text = (
        f"{what}: {report.count(Standing.PROVED)} of {len(report.judgements)} functions, "
        f"{report.instructions} instructions, {report.lemmas} lemmas"
    )
    if report.partial:
        text += "; what these call is taken as proved"
    if others:
        text += f" ({', '.join(others)})"
    deepest = max((report.stack(each.symbol) for each in report.judgements), default=0)
    text += f"; at most {deepest} bytes of stack; {report.seconds:.1f} s"
    return f"{text}\n  {report.path}\n  text {report.text_hash}"
