"""Controllers are clients: a good one does good, a hostile one gets no further than its limits."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosekernel import Event, Limits, Outcome
from dosekernel.kernel.records import ACTION_SLOT, DAY
from dosekernel.pump import recovery
from dosekernel.pump.bodies import unpacked
from dosekernel.pump.clocks import SimulatedClock
from dosekernel.pump.journal import What
from dosekernel.pump.shell import Pump
from dosekernel.pump.therapy.controller import (
    LASTS,
    Controller,
    ControllerFollower,
    Person,
    Seen,
    Wish,
    decide,
    held_by_basal,
    trend,
)
from dosekernel.spec.model.history import History
from dosekernel.spec.reasons import Kind, Reason, Source, Status
from dosekernel.spec.reasons import Path as Way

from .hostile import FORBIDDEN, Hostile, WatchedMotor
from .lives import WALL, Life, set_up
from .therapies import HOUR, MINUTE, UNIT, delivering, live, quick

PERSON = Person(50.0)


# ---- what the example controller decides


def seen(limits: Limits, values: list[int], **more: Any) -> Seen:
    """Readings five minutes apart, the last one now."""
    at = 10 * HOUR
    first = at - 5 * MINUTE * (len(values) - 1)
    readings = tuple((first + 5 * MINUTE * n, value) for n, value in enumerate(values))
    held = held_by_basal(UNIT, limits)
    return replace(Seen(at, readings, held, 0, UNIT, None, limits), **more)


def test_the_trend_is_the_slope_of_the_last_quarter_of_an_hour() -> None:
    steady = [(n * 5 * MINUTE, 100 + 5 * n) for n in range(4)]
    assert trend(steady, 15 * MINUTE) == pytest.approx(1.0)
    assert trend(steady[:2], 5 * MINUTE) == 0
    steep = [(n * 5 * MINUTE, 100 + 50 * n) for n in range(4)]
    assert trend(steep, 15 * MINUTE) == 3.0
    assert trend(steady, 40 * MINUTE) == 0  # all too old


def test_a_fall_stops_the_rate(limits: Limits) -> None:
    assert decide(PERSON, seen(limits, [200, 190, 180, 170]), True) == [
        Wish(Kind.TEMP_BASAL, rate=0, duration=LASTS)
    ]


def test_a_rise_is_not_carried_on(limits: Limits) -> None:
    rising, steady = [115, 120, 125, 130], [130, 130, 130, 130]
    assert decide(PERSON, seen(limits, rising), True) == decide(PERSON, seen(limits, steady), True)


def test_below_target_the_rate_is_less_than_programmed(limits: Limits) -> None:
    (wish,) = decide(PERSON, seen(limits, [115, 115, 115, 115]), True)
    assert wish == Wish(Kind.TEMP_BASAL, rate=UNIT // 2, duration=LASTS)


def test_at_target_the_programme_goes_on(limits: Limits) -> None:
    steady = [130, 130, 130, 130]
    assert decide(PERSON, seen(limits, steady), True) == []
    running = seen(limits, steady, temporary=2 * UNIT)
    assert decide(PERSON, running, True) == [Wish(Kind.CANCEL_TEMP_BASAL)]


def test_above_target_the_rate_rises_to_its_cap(limits: Limits) -> None:
    # 15 mg/dL are a fifth of a unit, given in half an hour: 0.4 U/h more.
    (slightly,) = decide(PERSON, seen(limits, [145, 145, 145, 145]), True)
    assert slightly == Wish(Kind.TEMP_BASAL, rate=1_400_000, duration=LASTS)
    (more,) = decide(replace(PERSON, correct_above=400), seen(limits, [250, 250, 250, 250]), True)
    assert more.rate == 2_500_000


def test_a_high_gets_half_of_what_is_missing_as_a_bolus(limits: Limits) -> None:
    high = seen(limits, [280, 280, 280, 280])
    rate, bolus = decide(PERSON, high, True)
    assert (rate.kind, bolus) == (Kind.TEMP_BASAL, Wish(Kind.BOLUS, amount=UNIT))
    assert [wish.kind for wish in decide(PERSON, high, False)] == [Kind.TEMP_BASAL]
    acting = replace(high, on_board=high.on_board + 2 * UNIT)
    assert decide(PERSON, acting, True) == []
    assert [wish.kind for wish in decide(PERSON, replace(high, owed=UNIT), True)] == [
        Kind.TEMP_BASAL
    ]


def test_an_old_reading_calls_for_nothing(limits: Limits) -> None:
    high = seen(limits, [300, 300, 300, 300])
    assert decide(PERSON, replace(high, at=high.at + 7 * MINUTE), True) == []
    assert decide(PERSON, replace(high, readings=()), True) == []


@given(
    values=st.lists(st.integers(20, 1000), min_size=1, max_size=6),
    on_board=st.integers(0, 40 * UNIT),
    programmed=st.integers(0, 3 * UNIT),
    lowered=st.floats(1, 400),
)
def test_it_keeps_to_its_own_caps(
    limits: Limits, values: list[int], on_board: int, programmed: int, lowered: float
) -> None:
    looked = seen(limits, values, on_board=on_board, programmed=programmed)
    for wish in decide(Person(lowered), looked, True):
        assert 0 <= wish.amount <= limits.controller_bolus_max
        assert wish.amount % limits.pulse == 0
        assert 0 <= wish.rate <= max(programmed, limits.controller_basal_max)
        assert wish.duration <= limits.controller_duration_max


def test_its_requests_go_to_the_kernel_as_a_controllers(tmp_path: Path, limits: Limits) -> None:
    pump = delivering(tmp_path, limits)
    pump.companions.append(ControllerFollower(Controller(PERSON)))
    for _ in range(4):
        assert pump.report(Kind.GLUCOSE, glucose=260).status is Status.ACCEPTED
        pump.advance()
        live(pump, 5 * MINUTE, MINUTE)
    mine = [(event, outcome) for event, outcome in asked(pump) if event.source is Source.CONTROLLER]
    assert {event.kind for event, _ in mine} == {Kind.TEMP_BASAL, Kind.BOLUS}
    assert all(outcome.status is Status.ACCEPTED for _, outcome in mine)
    # One reading, one decision: time alone asks for nothing.
    count = len(mine)
    live(pump, 4 * MINUTE, MINUTE)
    assert len([0 for event, _ in asked(pump) if event.source is Source.CONTROLLER]) == count


def test_a_controller_that_falls_silent_leaves_the_programme(
    tmp_path: Path, limits: Limits
) -> None:
    pump = delivering(tmp_path, limits)
    pump.companions.append(ControllerFollower(Controller(PERSON)))
    assert pump.report(Kind.GLUCOSE, glucose=160).status is Status.ACCEPTED
    pump.advance()
    assert pump.last is not None and pump.last.rate > UNIT
    live(pump, LASTS, MINUTE)
    assert pump.last.rate == UNIT


# ---- a hostile one


@dataclass
class Attacked:
    """A pump after a hostile controller, and what its motor did."""

    pump: Pump
    motor: WatchedMotor
    hostile: Hostile


def asked(pump: Pump) -> Iterator[tuple[Event, Outcome]]:
    """Every event of the journal with its outcome."""
    event = None
    for entry in pump.journal.entries(0, (What.EVENT, What.OUTCOME)):
        if entry.kind is What.EVENT:
            event = Event.from_words(unpacked(entry.body))
        elif event is not None:
            yield event, Outcome.from_words(unpacked(entry.body))


def attacked(folder: Path, limits: Limits, seed: int, hours: int) -> Attacked:
    life = Life(folder / "journal", limits, SimulatedClock(WALL))
    motor = WatchedMotor(limits.pulse, limits.delivery_speed)
    pump = quick(recovery.begin(life.path, limits, life.clock, motor))
    set_up(life, pump)
    hostile = Hostile(Random(seed))
    pump.companions.append(hostile)
    live(pump, hours * HOUR, 2 * MINUTE)
    pump.settle()
    return Attacked(pump, motor, hostile)


def check_no_further(found: Attacked, limits: Limits) -> None:
    """What was really given, added up from the motor's own strokes by time."""
    given_out, history = 0, History()
    for at, release in found.motor.begun:
        if release.path is Way.PATIENT:
            history.book(at, release.amount)
            given_out += release.amount
    assert history.highest(limits.window_length) <= limits.window_max
    assert history.highest(DAY) <= limits.day_max
    assert found.motor.moved[Way.PATIENT] <= given_out
    table = list(limits.action_remaining)
    for at, _ in found.motor.begun:
        past = History()
        for time, release in found.motor.begun:
            if at - 8 * HOUR <= time <= at and release.path is Way.PATIENT:
                past.book(time, release.amount)
        assert past.on_board_least(at, ACTION_SLOT, table) <= limits.on_board_max


def check_caps(found: Attacked, limits: Limits) -> None:
    """What was accepted of a controller is a controller's, on a fresh reading."""
    reading = None
    for event, outcome in asked(found.pump):
        if outcome.status is not Status.ACCEPTED:
            assert outcome.pulses == 0
            continue
        if event.kind is Kind.GLUCOSE:
            reading = event.issued_at
        if event.source is not Source.CONTROLLER:
            continue
        assert event.kind not in FORBIDDEN
        if event.kind is Kind.BOLUS:
            assert 0 < event.amount <= limits.controller_bolus_max
            assert reading is not None and event.at - reading <= limits.glucose_stale
        if event.kind is Kind.TEMP_BASAL:
            assert 0 <= event.rate <= max(limits.controller_basal_max, UNIT)
            assert event.duration <= limits.controller_duration_max


def check_released_only(found: Attacked) -> None:
    """Each stroke is one outcome's, in their order, and nothing moved besides."""
    released = [
        (outcome.sequence, outcome.pulses, outcome.amount, outcome.path)
        for _, outcome in asked(found.pump)
        if outcome.pulses
    ]
    strokes = [(s.sequence, s.pulses, s.amount, s.path) for _, s in found.motor.begun]
    assert strokes == released
    assert len({sequence for sequence, *_ in released}) == len(released)
    state = found.pump.kernel.inspect()
    moved = sum(found.motor.moved.values())
    assert moved == sum(amount for _, _, amount, _ in released)
    assert state.reservoir == 200 * UNIT - moved


def check_once(found: Attacked) -> None:
    """No id was taken twice."""
    numbers = [
        event.id
        for event, outcome in asked(found.pump)
        if outcome.status is Status.ACCEPTED and event.source is Source.CONTROLLER
    ]
    reports = (Kind.GLUCOSE, Kind.CONFIRM, Kind.UNCERTAIN, Kind.TICK)
    taken = [
        event.id
        for event, outcome in asked(found.pump)
        if outcome.status is Status.ACCEPTED and event.kind not in reports
    ]
    assert taken == sorted(set(taken))
    assert set(numbers) <= set(taken)


def check(found: Attacked, limits: Limits) -> None:
    """That it got something, and nothing more than it may."""
    assert len(found.hostile.accepted) > 10
    assert found.hostile.tried > 5 * len(found.hostile.accepted)
    check_no_further(found, limits)
    check_caps(found, limits)
    check_released_only(found)
    check_once(found)


# Which cap stands in the way, made tight enough that it does.
ELSEWHERE = {
    "on_board_max": 300 * UNIT,
    "basal_max": 2 * UNIT,
    "basal_reserve": UNIT,
    "controller_basal_max": 2 * UNIT,
}
CAPS: dict[Reason, dict[str, Any]] = {
    Reason.ON_BOARD: {"on_board_max": 15 * UNIT},
    Reason.WINDOW: {**ELSEWHERE, "window_max": 8 * UNIT},
    Reason.DAY: {**ELSEWHERE, "day_max": 60 * UNIT},
}


def check_against(folder: Path, limits: Limits, cap: Reason, seed: int, hours: int) -> None:
    """That a cap is run into and holds."""
    found = attacked(folder, replace(limits, **CAPS[cap]), seed, hours)
    check(found, found.pump.limits)
    assert cap in {outcome.reason for _, outcome in asked(found.pump)}


@pytest.mark.parametrize("cap", CAPS, ids=lambda cap: cap.name)
def test_a_hostile_controller_gets_no_further_than_its_limits(
    tmp_path: Path, limits: Limits, cap: Reason
) -> None:
    check_against(tmp_path, limits, cap, 1, 26)


@pytest.mark.slow
@pytest.mark.parametrize("cap", CAPS, ids=lambda cap: cap.name)
@pytest.mark.parametrize("seed", range(2, 5))
def test_nor_with_any_seed_for_two_days(
    tmp_path: Path, limits: Limits, cap: Reason, seed: int
) -> None:
    check_against(tmp_path, limits, cap, seed, 50)


# ---- the motor moves what the kernel has released, and nothing else


def calls_of(tree: ast.AST, name: str) -> list[ast.Call]:
    """Every call of a method of that name, on whatever it is."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
    ]


# What else may be started in a pump's program: the account of strokes, which starts the motor.
OTHERS = {"self.strokes"}


def test_the_motor_is_started_in_one_place_from_an_outcome(root: Path) -> None:
    sources = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((root / "bindings" / "pump").rglob("*.py"))
    }
    places = [
        (path, call)
        for path, tree in sources.items()
        for call in calls_of(tree, "start")
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) not in OTHERS
    ]
    assert len(places) == 1
    path, call = places[0]
    holder = next(
        node
        for node in ast.walk(sources[path])
        if isinstance(node, ast.FunctionDef) and call in ast.walk(node)
    )
    assert "outcome: Outcome" in ast.unparse(holder.args)
    # What the motor is given is made from the outcome's words alone.
    (release,) = (
        node
        for node in ast.walk(holder)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Release"
    )
    words = ["outcome.sequence", "outcome.pulses", "outcome.amount", "outcome.path"]
    assert [ast.unparse(argument) for argument in release.args] == words


def test_a_release_is_made_nowhere_else_but_to_be_recovered(root: Path) -> None:
    makers = sorted(
        path.name
        for path in (root / "bindings" / "pump").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Release")
    )
    assert set(makers) <= {"strokes.py", "recovery.py"}


def test_no_therapy_touches_the_motor_or_the_kernel(root: Path) -> None:
    """A companion asks and reports; it neither steps the kernel nor moves the motor."""
    for path in (root / "bindings" / "pump" / "therapy").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("motor", "step", "submit", "decide", "adopt"), path.name
