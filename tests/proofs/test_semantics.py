"""The meaning of the kernel language: terms, CPython and concrete runs agree on random numbers."""

import random
from pathlib import Path
from typing import Any

import pytest

from dosekernel.kernel import contract
from dosekernel.proofs.calls import Caller
from dosekernel.proofs.flows import Facts
from dosekernel.proofs.layout import Reference
from dosekernel.proofs.problems import arguments, inputs
from dosekernel.proofs.replay import replay_function
from dosekernel.proofs.terms import Value
from dosekernel.proofs.walks import evaluate
from dosekernel.spec.language import parse_text

RECORDS = """
class Inner(Record):
    \"\"\"Three slots.\"\"\"

    slots: list[int] = array(3)


class Tank(Record):
    \"\"\"A reservoir and its window.\"\"\"

    reservoir: int
    rate: int
    window: Inner

"""

# One construct each: a function `run` of a tank and two ints.
CONSTRUCTS = {
    "arithmetic": """
    tank.reservoir = a * b - (a + 3) * 2 + -b
    return tank.reservoir
""",
    "division": """
    tank.reservoir = (a * a) // (b * b + 1)
    tank.rate = (a * a) % 7 + (a * a + 5) // 7
    return (a * a) % (b * b + 1)
""",
    "comparisons": """
    if a < b <= 10 or a == 2 * b:
        return 1
    if a != b and not a > 5:
        return 2
    if a >= tank.rate:
        return 3
    return 4
""",
    "early returns": """
    if a > 0:
        if b > 0:
            tank.reservoir = 1
            return a
        tank.rate = 2
    elif b > 5:
        tank.rate = 3
    else:
        tank.rate = 4
        if a < -10:
            return b
    tank.reservoir = tank.reservoir + tank.rate
    return tank.reservoir
""",
    "loops": """
    whole = 0
    for i in range(3):
        if tank.window.slots[i] > a:
            whole = whole + tank.window.slots[i] * i
        elif tank.window.slots[i] == b:
            return i
    for i in range(2):
        tank.window.slots[i] = tank.window.slots[i + 1]
    return whole
""",
    "unknown index": """
    at = (a * a) % 3
    tank.window.slots[at] = b
    return tank.window.slots[(b * b) % 3]
""",
    "copies": """
    kept = copy(tank)
    tank.reservoir = a
    tank.window.slots[1] = b
    if a > b:
        assign(tank.window, kept.window)
        kept.rate = a
    if a == b:
        clear(tank)
    tank.rate = tank.rate + kept.rate
    if same(kept, tank):
        return 1
    return kept.reservoir
""",
    "seals": """
    other = copy(tank)
    if a > 0:
        seal(other, tank)
    if sealed(other, tank):
        return 1
    return other.reservoir + b
""",
    "calls": """
    if bigger(a, b):
        fill(tank, a - b)
    tank.rate = pick(tank, a) + pick(tank, b)
    return tank.reservoir
""",
}
CALLED = """
def bigger(a: int, b: int) -> bool:
    \"\"\"Greater.\"\"\"
    return a > b


def fill(tank: Tank, amount: int) -> None:
    \"\"\"Fill.\"\"\"
    if amount > 5:
        tank.reservoir = tank.reservoir + 5
        return
    tank.window.slots[0] = tank.window.slots[0] + amount


def pick(tank: Tank, at: int) -> int:
    \"\"\"A slot.\"\"\"
    if at < 0:
        return tank.window.slots[0]
    return tank.window.slots[2]


"""


def source(construct: str) -> str:
    body = CONSTRUCTS[construct]
    called = CALLED if construct == "calls" else ""
    words = ["Record", "array"]
    words += [w for w in ("assign", "clear", "copy", "same", "seal", "sealed") if f"{w}(" in body]
    head = f'"""A small kernel."""\n\nfrom .contract import {", ".join(words)}\n\n'
    run = f'def run(tank: Tank, a: int, b: int) -> int:\n    """Run."""{body}'
    return f"{head}{RECORDS}\n{called}{run}"


def in_python(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {name: getattr(contract, name) for name in dir(contract)}
    code = "\n".join(line for line in text.splitlines() if not line.startswith("from ."))
    exec(compile(code, "small", "exec"), names)
    return names


@pytest.mark.parametrize("construct", sorted(CONSTRUCTS))
def test_terms_and_cpython_agree(construct: str) -> None:
    text = source(construct)
    facts = Facts(parse_text({"step": text}))
    function = facts.program.functions["run"]
    machine = Caller(facts)
    given = arguments(machine, function, ())
    entry = inputs(function, given)
    result = machine.run_function(function, given)
    tank, names = given[0], in_python(text)
    rng = random.Random(construct)
    for _ in range(200):
        numbers = [
            rng.choice((rng.randint(-12, 12), rng.randint(-(10**6), 10**6))) for _ in "x" * 7
        ]
        model: dict[str, Value] = {}
        for each, words in zip(entry, (numbers[:5], numbers[5:6], numbers[6:]), strict=True):
            model.update(zip([str(word.data) for word in each.words], words, strict=True))
        for (left, right), (quotient, remainder) in machine.quotients.items():
            above, below = int(evaluate(left, model)), int(evaluate(right, model))
            model[str(quotient.data)], model[str(remainder.data)] = divmod(above, below)
        for test, name in machine.tests.items():
            model[str(name.data)] = evaluate(test, model)
        record = names["Tank"]()
        record.set_words(numbers[:5])
        returned = names["run"](record, numbers[5], numbers[6])
        assert evaluate(result, model) == returned
        assert isinstance(tank, Reference)
        assert [evaluate(word, model) for word in tank.words()] == record.words()
        for goal in machine.knowledge.goals:
            assert evaluate(goal.term, model), f"{goal.place}: {goal.text}"
        replay = replay_function(facts, "run", (tuple(numbers[:5]), (numbers[5],), (numbers[6],)))
        assert replay is not None
        assert replay.broken == ()
        assert list(replay.after[0]) == record.words()
        assert replay.result == returned


def test_every_fact_about_a_kernel_is_true_of_it() -> None:
    """The kernel's own definitions, on random limits: terms and CPython say the same."""
    from dosekernel.kernel.limits import limits_ranged
    from dosekernel.kernel.records import Limits
    from dosekernel.proofs.runner import kernel_home
    from dosekernel.spec.language import parse_kernel
    from dosekernel.spec.limits import Limits as Presets

    facts = Facts(parse_kernel(Path(kernel_home())))
    preset = Presets.load("insulin-u100").words()
    rng = random.Random(7)
    for _ in range(60):
        words = list(preset)
        if rng.random() < 0.7:
            words[rng.randrange(len(words))] = rng.choice((-1, 0, 1, 2**38 + 1, 65536))
        record = Limits()
        record.set_words(words)
        replay = replay_function(facts, "limits_ranged", (tuple(words),))
        assert replay is not None
        assert replay.result == limits_ranged(record)
        assert replay.broken == ()
