"""A counterexample as a pytest file: it fails as long as the fault is there."""

import json
from collections.abc import Iterator
from pathlib import Path

from dosekernel.spec.tree import Program

from .counterexample import given, quantity, returned
from .knowledge import Goal
from .layout import Layout
from .replay import Replay
from .solvers import file_name
from .source import kernel_home
from .story import Story

# Numbers of more digits are written in groups of three.
LONG = 4


def failing_test(program: Program, layout: Layout, goal: Goal, story: Story, kernel: Path) -> str:
    """The whole file."""
    replay = story.replay
    what = f"`{story.statement}` is false" if story.statement else f"{goal.kind} at {goal.place}"
    installed = kernel.resolve() == kernel_home().resolve()
    home = json.dumps("" if installed else kernel.as_posix())
    name = file_name(story.statement or f"{goal.function} {goal.kind}").replace("-", "_")
    lines = [
        f'"""{replay.function}: {what}.',
        "",
        "A call that `dosekernel prove` found, made small.",
        f"The line that decided: {story.decided}: {story.decided_text}",
        "It fails until the kernel is mended. DOSEKERNEL_KERNEL names another folder to test.",
        '"""',
        "",
        "import os",
        "",
        "from dosekernel.proofs.plain import Plain",
        "",
        f'KERNEL = Plain(os.environ.get("DOSEKERNEL_KERNEL", {home}))',
        "",
        "",
        f"def test_{name}() -> None:",
        *[f"    {line}" for line in _body(program, layout, replay, story)],
        *[f"    {line}" for line in _demand(program, goal, story, kernel)],
    ]
    return "\n".join(lines) + "\n"


def _body(program: Program, layout: Layout, replay: Replay, story: Story) -> Iterator[str]:
    """The arguments, by the names of their fields."""
    parameters = program.functions[replay.function].parameters
    roots = [(each.name, each.type) for each in parameters]
    roots += [(name, kind) for name, kind, _ in replay.free]
    values = list(given(program, layout, replay, story))
    for name, kind in roots:
        if kind in program.records:
            yield f"{name} = {_record(kind, story)}"
        for root, field, value in values:
            if root == name:
                yield _assignment(f"{name}{field}", quantity(f"{name}{field}", value))
        if kind == "Memory" and _sealed(layout, replay.before[roots.index((name, kind))]):
            yield f"KERNEL.seal({name})"


def _demand(program: Program, goal: Goal, story: Story, kernel: Path) -> Iterator[str]:
    """The call, and what must hold of it."""
    replay = story.replay
    names = "".join(f", {each.name}" for each in program.functions[replay.function].parameters)
    if not story.statement:
        source = (kernel / goal.file.rpartition("/")[2]).read_text(encoding="utf-8")
        yield f"# {goal.place}: {source.splitlines()[goal.line - 1].strip()}"
        yield f'assert KERNEL.owed("{replay.function}"{names}) == []'
        return
    free = "".join(f", {name}={name}" for name, _, _ in replay.free)
    yield f'call = KERNEL.call("{replay.function}"{names})'
    if replay.result is not None:
        yield f"# It returned {returned(story, replay)}."
    yield f'assert KERNEL.says("{story.statement}", call{free})'


def _record(kind: str, story: Story) -> str:
    """A record as it is before its own words are set."""
    inner = {"Memory": "", "State": ".state", "Limits": ".state.limits"}
    if story.preset and kind in inner:
        return f'KERNEL.fresh("{story.preset}"){inner[kind]}'
    return f'KERNEL.record("{kind}")'


def _assignment(name: str, shown: str) -> str:
    """`name = value  # in units`."""
    value, _, unit = shown.partition(" ")
    number = f"{int(value):_}" if value.lstrip("-").isdecimal() and len(value) > LONG else value
    return f"{name} = {number}" + (f"  # {unit[1:-1]}" if unit else "")


def _sealed(layout: Layout, words: tuple[int | bool, ...]) -> bool:
    """True if the second copy is the inverse of the first."""
    half = len(words) // 2
    return all(words[at + half] == -1 - words[at] for at in range(half))


def test_name(theorem: str, function: str, place: str) -> str:
    """The name of the file: the theorem, the function and the line."""
    title = f"{theorem}-{function}-{place.rpartition(':')[2]}"
    return f"test_{file_name(title).replace('-', '_').replace('.', '_')}.py"
