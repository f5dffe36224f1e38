"""The Python faces: what goes in, what comes out, and that all of them are the same kernel."""

import copy
import ctypes
import pickle
import shutil
import threading
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import icontract
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import dosekernel
import dosekernel.checked
from dosekernel import (
    Alarm,
    BusyError,
    Cause,
    Event,
    InputError,
    Interpreted,
    Kernel,
    Kind,
    Limits,
    LimitsRefusedError,
    Mode,
    Outcome,
    Reason,
    Source,
    StateError,
    Status,
    batch,
    declarations,
    quantities,
    step_many,
)
from dosekernel import Path as Way
from dosekernel._native import EVENT_FIELDS, OUTCOME_FIELDS
from dosekernel.kernel import records
from dosekernel.requests import Requests
from dosekernel.spec.language import kernel_files, source_hash
from tests.conftest import AnyKernel, deliver

UNIT = 1_000_000
WORD = st.integers(-(2**63), 2**63 - 1)


# ---- one step


def test_a_bolus_is_given_in_whole_pulses(ready: AnyKernel) -> None:
    at = ready.inspect().now
    asked = ready.bolus(id=7, at=at, amount=Decimal("2.5"))
    assert (asked.status, asked.owed, asked.pulses) == (Status.ACCEPTED, 2_500_000, 0)
    given = ready.tick(at=at + 10_000)
    assert (given.path, given.amount) == (Way.PATIENT, given.pulses * 50_000)
    assert given.mode is Mode.DELIVERING
    ready.confirm(sequence=given.sequence, amount=given.amount, at=at + 10_000)
    before = ready.inspect().committed - given.amount
    deliver(ready, at + 10_000)
    assert ready.inspect().confirmed - before >= 2_500_000


def test_a_refusal_names_its_reason_and_what_is_allowed(ready: AnyKernel) -> None:
    before = ready.state
    refused = ready.bolus(id=7, at=ready.inspect().now, amount=Decimal(25))
    assert (refused.status, refused.reason) == (Status.REFUSED, Reason.BOLUS_CAP)
    assert refused.allowable == 17 * UNIT
    assert ready.state == before
    assert str(refused) == (
        f"refused (BOLUS_CAP): {Reason.BOLUS_CAP.sentence.rstrip('.')}; "
        "at most 17 would be accepted now"
    )
    assert ready.bolus(id=7, at=ready.inspect().now, amount=refused.allowable).status == (
        Status.ACCEPTED
    )


def test_an_amount_is_the_same_as_decimal_and_as_int(ready_state: bytes) -> None:
    one, two = (Kernel.from_state(None, ready_state) for _ in range(2))
    at = one.inspect().now
    assert one.bolus(id=7, at=at, amount=Decimal("2.5")) == two.bolus(id=7, at=at, amount=2_500_000)
    assert one.temp_basal(id=8, at=at, rate=Decimal("0.5"), duration=timedelta(hours=1)) == (
        two.temp_basal(id=8, at=at, rate=500_000, duration=3_600_000)
    )
    assert one.state == two.state


def test_there_is_a_method_for_every_kind(ready: AnyKernel) -> None:
    at = ready.inspect().now
    common = {"id": 7, "at": at}
    asked = {
        Kind.TICK: {"at": at},
        Kind.CONFIRM: {"sequence": 1, "amount": 1, "at": at},
        Kind.UNCERTAIN: {"sequence": 1, "at": at},
        Kind.FAULT: {"at": at, "cause": Cause.MOTOR, "amount": 1},
        Kind.GLUCOSE: {"at": at, "glucose": 120},
        Kind.EXTENDED_BOLUS: {**common, "amount": 1, "duration": 1},
        Kind.TEMP_BASAL: {**common, "rate": 1, "duration": 1},
        Kind.SET_BASAL: {**common, "rate": 1},
        Kind.INSERT_SET: {**common, "site": 3},
    }
    with_amount = {Kind.BOLUS, Kind.LOAD_RESERVOIR, Kind.PRIME, Kind.FILL_CANNULA}
    seen: list[Event] = []

    class Listener(Requests):
        def step(self, event: Event) -> Outcome:
            seen.append(event)
            return ready.step(event)

    listener = Listener()
    for kind in Kind:
        arguments = asked.get(kind, {**common, "amount": 1} if kind in with_amount else common)
        seen.clear()
        getattr(listener, kind.name.lower())(**arguments)
        assert [event.kind for event in seen] == [kind]


# ---- events and outcomes as values


def test_an_event_says_every_field_and_never_changes() -> None:
    event = Event(Kind.FAULT, at=5, amount=7, code=Cause.AIR)
    assert (event.kind, event.source, event.issued_at) == (Kind.FAULT, Source.USER, 5)
    assert repr(event).startswith("Event(kind=Kind.FAULT, id=0, at=5, issued_at=5")
    anything: Any = event
    with pytest.raises(AttributeError):
        anything.amount = 8
    assert pickle.loads(pickle.dumps(event)) == event == copy.deepcopy(event)
    assert hash(event) == hash(Event.from_words(event.words))
    assert event != Event(Kind.FAULT, at=6)
    assert event != 5


@given(st.tuples(*[WORD] * len(EVENT_FIELDS)))
def test_an_event_holds_any_words(words: tuple[int, ...]) -> None:
    event = Event.from_words(words)
    assert event.words == words
    fields = dict(zip(EVENT_FIELDS, words, strict=True))
    assert Event(**fields) == event
    assert [getattr(event, name) for name in EVENT_FIELDS] == list(words)


def test_fields_are_those_of_the_kernel_records() -> None:
    assert tuple(records.Event.__annotations__) == EVENT_FIELDS
    assert tuple(records.Outcome.__annotations__) == OUTCOME_FIELDS
    words = tuple(range(1, len(EVENT_FIELDS) + 1))
    assert tuple(getattr(Event.from_words(words), name) for name in EVENT_FIELDS) == words


def test_an_outcome_is_a_value(ready: AnyKernel) -> None:
    outcome = ready.tick(at=ready.inspect().now)
    assert pickle.loads(pickle.dumps(outcome)) == outcome
    assert outcome.words[0] == Status.ACCEPTED
    assert outcome.alarms == Alarm(0)
    assert isinstance(outcome.alarms, Alarm)


def test_what_leaves_and_what_is_not_given_is_said_in_words(ready: AnyKernel) -> None:
    at = ready.inspect().now
    ready.bolus(id=7, at=at, amount=Decimal("2.5"))
    given = ready.tick(at=at + 10_000)
    assert f"release {given.sequence}: {quantities.in_units(given.amount)} to the patient" in str(
        given
    )
    stopped = ready.fault(at=at + 10_000, cause=Cause.OCCLUSION)
    assert f"not given: {quantities.in_units(2_500_000 - given.amount)}" in str(stopped)
    assert "alarms: FAULT" in str(stopped)


# ---- state


def test_a_state_goes_on_where_it_was_saved(ready: AnyKernel) -> None:
    at = ready.inspect().now
    ready.bolus(id=7, at=at, amount=Decimal(1))
    saved = ready.state
    for other in (Kernel, Interpreted, dosekernel.checked.Kernel):
        again = other.from_state(None, saved)
        assert again.state == saved
        twin = type(ready).from_state(None, saved)
        assert again.tick(at=at + 5000) == twin.tick(at=at + 5000)
        assert again.state == twin.state


def test_a_kernel_can_be_copied(ready: AnyKernel) -> None:
    twin = copy.deepcopy(ready)
    ready.suspend(at=ready.inspect().now)
    assert twin.inspect().suspended == 0
    assert pickle.loads(pickle.dumps(twin)).state == twin.state


def test_every_byte_of_a_saved_state_is_guarded(ready_state: bytes) -> None:
    for place in range(len(ready_state)):
        broken = bytearray(ready_state)
        broken[place] ^= 0x10
        with pytest.raises(StateError, match="corrupt"):
            Kernel.from_state(None, bytes(broken))


def test_a_state_of_another_length_or_layout_is_refused(ready_state: bytes) -> None:
    for wrong in (b"", ready_state[:-1], ready_state + b"\0", ready_state[:-8]):
        with pytest.raises(StateError, match=f"allowed: exactly {len(ready_state)}"):
            Kernel.from_state(None, wrong)
    other = bytearray(ready_state)
    half = len(ready_state) // 2
    other[0] += 1
    other[half] -= 1
    with pytest.raises(StateError, match="layout version 2; allowed: 1"):
        Kernel.from_state(None, bytes(other))
    text: Any = "state"
    with pytest.raises(InputError, match="allowed: bytes"):
        Kernel.from_state(None, text)


def test_a_kernel_that_was_never_given_limits_delivers_nothing() -> None:
    outcome = Kernel.__new__(Kernel).tick(at=0)
    assert (outcome.status, outcome.pulses) == (Status.CORRUPT, 0)
    assert outcome.alarms == Alarm.CORRUPT


# ---- limits


def test_limits_are_adopted_as_a_whole_or_not_at_all(ready: AnyKernel, limits: Limits) -> None:
    before = ready.state
    other = records.Limits()
    other.set_words(limits.words())
    other.bolus_max = -1
    with pytest.raises(LimitsRefusedError) as refused:
        ready.adopt(other, at=ready.inspect().now)
    assert refused.value.reason is Reason.LIMITS
    assert Reason.LIMITS.sentence in str(refused.value)
    assert ready.state == before
    other.bolus_max = 5 * UNIT
    ready.adopt(other, at=ready.inspect().now)
    assert ready.inspect().limits == other
    with pytest.raises(LimitsRefusedError):
        type(ready)(records.Limits())


def test_a_state_taken_up_under_other_limits_adopts_them(
    ready_state: bytes, face: type[AnyKernel], limits: Limits
) -> None:
    assert face.from_state(limits, ready_state).state == ready_state
    tighter = records.Limits()
    tighter.set_words(limits.words())
    tighter.bolus_max = 5 * UNIT
    assert face.from_state(tighter, ready_state).inspect().limits == tighter
    tighter.window_length = records.WINDOW_FOUR_HOURS
    with pytest.raises(LimitsRefusedError, match="differ from the state's own"):
        face.from_state(tighter, ready_state)


# ---- the three faces are one kernel


def test_interpreted_and_compiled_agree_on_a_day(ready_state: bytes) -> None:
    compiled, interpreted = (one.from_state(None, ready_state) for one in (Kernel, Interpreted))
    at = compiled.inspect().now
    for number in range(288):
        at += 300_000
        events = [Event(Kind.TICK, at=at), Event(Kind.GLUCOSE, at=at, glucose=100 + number % 90)]
        if number % 60 == 0:
            events.append(Event(Kind.BOLUS, id=7 + number, at=at, amount=3 * UNIT))
        for event in events:
            outcome = compiled.step(event)
            assert interpreted.step(event) == outcome
            if outcome.pulses:
                done = Event(Kind.CONFIRM, id=outcome.sequence, at=at, amount=outcome.amount)
                assert compiled.step(done) == interpreted.step(done)
    assert compiled.state == interpreted.state


def test_the_checked_kernel_decides_the_same(ready_state: bytes) -> None:
    compiled = Kernel.from_state(None, ready_state)
    checked = dosekernel.checked.Kernel.from_state(None, ready_state)
    at = compiled.inspect().now
    for event in (
        Event(Kind.BOLUS, id=7, at=at, amount=2 * UNIT),
        Event(Kind.TICK, at=at + 10_000),
        Event(Kind.SUSPEND, at=at + 11_000),
    ):
        assert checked.step(event) == compiled.step(event)
    assert checked.state == compiled.state


def test_a_broken_contract_is_named(tmp_path: Path, ready_state: bytes, root: Path) -> None:
    broken = tmp_path / "kernel"
    shutil.copytree(root / "kernel", broken, ignore=shutil.ignore_patterns("__pycache__"))
    arithmetic = broken / "arithmetic.py"
    source = arithmetic.read_text()
    wrong = source.replace("return rate * duration", "return rate * duration + 1")
    assert wrong != source
    arithmetic.write_text(wrong)
    layout, entry = dosekernel.checked.checked_modules(broken, "dosekernel.broken_kernel")
    memory = layout.Memory()
    memory.set_words(list(Kernel.from_state(None, ready_state)._words()))
    event = layout.Event()
    event.set_words(list(Event(Kind.BOLUS, id=7, at=memory.state.now, amount=UNIT).words))
    with pytest.raises(icontract.ViolationError) as violation:
        entry.step(memory, event, layout.Outcome())
    assert "flow" in str(violation.value)
    assert "result == rate * duration" in str(violation.value)


# ---- many steps


def rows_of(events: list[Event]) -> NDArray[np.void]:
    """Events as an array of their layout."""
    return np.array([event.words for event in events], dtype=batch.EVENT)


def test_step_many_is_step_many_times(ready_state: bytes) -> None:
    one, many = (Kernel.from_state(None, ready_state) for _ in range(2))
    at = one.inspect().now
    events = [Event(Kind.BOLUS, id=7, at=at, amount=UNIT)]
    events += [Event(Kind.TICK, at=at + 1000 * step) for step in range(50)]
    outcomes = step_many(many, rows_of(events))
    assert [tuple(row) for row in outcomes.tolist()] == [one.step(e).words for e in events]
    assert one.state == many.state


def test_step_many_over_many_states(ready_state: bytes) -> None:
    kernels = [Kernel.from_state(None, ready_state) for _ in range(4)]
    at = kernels[0].inspect().now
    for number, kernel in enumerate(kernels):
        kernel.bolus(id=7, at=at, amount=(number + 1) * UNIT)
    states = batch.states_of(kernels)
    events = [[Event(Kind.TICK, at=at + 1000 * (j + 1)) for j in range(3)] for _ in kernels]
    outcomes = step_many(states, rows_of([e for row in events for e in row]).reshape(4, 3))
    for number, kernel in enumerate(kernels):
        told = [kernel.step(event).words for event in events[number]]
        assert [tuple(row) for row in outcomes[number].tolist()] == told
        assert states[number].tobytes() == kernel.state


def test_a_kernel_in_step_many_cannot_be_stepped_elsewhere(ready_state: bytes) -> None:
    kernel = Kernel.from_state(None, ready_state)
    at = kernel.inspect().now
    events = np.tile(rows_of([Event(Kind.TICK, at=at)]), 400_000)
    worker = threading.Thread(target=step_many, args=(kernel, events))
    worker.start()
    refused = 0
    while worker.is_alive():
        try:
            kernel.tick(at=at)
        except BusyError:
            refused += 1
    worker.join()
    assert refused > 0
    assert kernel.tick(at=at).status == Status.ACCEPTED


@pytest.mark.parametrize(
    ("events", "what"),
    [
        ([1, 2], "list"),
        (np.zeros(3), "float64"),
        (np.zeros((2, len(EVENT_FIELDS)), np.int64), "int64"),
        (np.zeros(3, batch.OUTCOME), "status"),
    ],
)
def test_step_many_takes_only_its_own_layout(events: Any, what: str, ready_state: bytes) -> None:
    kernel = Kernel.from_state(None, ready_state)
    with pytest.raises(InputError, match=what):
        step_many(kernel, events)
    assert kernel.state == ready_state


def test_step_many_takes_only_whole_states(ready_state: bytes) -> None:
    events = np.zeros(2, batch.EVENT)
    good = batch.states_of([Kernel.from_state(None, ready_state)] * 2)
    wrong: Any
    words = good.view(np.int64).reshape(2, -1)
    wrongs = (good[:1], good[::-1], good.reshape(1, 2), good["state"], words[:, :-1], words.T)
    for wrong in (*wrongs, words.astype(np.int32), [1], words.astype(float), words[0, 0]):
        with pytest.raises(InputError, match="allowed"):
            step_many(wrong, events)
    frozen = good.copy()
    frozen.flags.writeable = False
    with pytest.raises(InputError, match="written"):
        step_many(frozen, events)


# ---- C


def test_the_declarations_for_cython_are_those_of_the_header() -> None:
    include = Path(dosekernel.get_include())
    header = (include / "dosekernel.h").read_text()
    text = (include.parent / "__init__.pxd").read_text()
    assert text == declarations.cython_declarations()
    for name in declarations.STRUCTS:
        assert name in header


def test_the_extension_is_built_from_this_very_source(root: Path) -> None:
    source = source_hash(kernel_files(root / "kernel"))
    assert dosekernel._native.version() == (
        f"dosekernel {dosekernel.__version__} layout {records.LAYOUT} source {source}"
    ), "the kernel was edited since it was built: make build"


def test_the_extension_shows_no_symbol_but_its_own() -> None:
    library = ctypes.CDLL(dosekernel._native.__file__)
    assert not hasattr(library, "dosekernel_window_need")
    assert hasattr(library, "PyInit__native")
