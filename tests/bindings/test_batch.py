"""numpy: many pumps by name, kept in a file and taken up again, in two threads at once."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from dosekernel import Event, Kernel, Kind, Limits, Source, StateError, Status, step_many
from dosekernel.batch import EVENT, OUTCOME, STATE, STATE_WORDS, Rows, kernels_of, states_of
from dosekernel.kernel import records

TICK = 60_000


def ticks(pumps: int, steps: int, start: int) -> Rows:
    """A row of ticks, a minute apart, for each pump."""
    events = np.zeros((pumps, steps), EVENT)
    events["kind"], events["source"] = Kind.TICK, Source.USER
    events["at"] = events["issued_at"] = start + TICK * np.arange(1, steps + 1)
    return events


@pytest.fixture
def states(ready_state: bytes) -> Rows:
    """Eight pumps, alike but for their basal rate."""
    pumps = [Kernel.from_state(None, ready_state) for _ in range(8)]
    at = pumps[0].inspect().now
    for number, pump in enumerate(pumps):
        pump.set_basal(id=7, at=at, rate=250_000 * number)
    return states_of(pumps)


def test_the_layouts_are_those_of_the_records() -> None:
    assert STATE.itemsize == 8 * STATE_WORDS == 8 * len(records.Memory().words())
    for struct, record in ((EVENT, records.Event), (OUTCOME, records.Outcome)):
        assert struct.names == tuple(record.__annotations__)
    assert STATE["state"]["limits"].fields is not None
    assert STATE["state"]["day"]["slots"].shape == (records.SLOTS,)


def test_states_are_read_by_name(states: Rows) -> None:
    found = states["state"]["basal_rate"].tolist()
    assert found == [250_000 * number for number in range(8)]
    assert (states["state"]["reservoir"] == ~states["inverse"]["reservoir"]).all()


def test_states_saved_as_npy_go_on_where_they_were(states: Rows, tmp_path: Path) -> None:
    file = tmp_path / "pumps.npy"
    np.save(file, states)
    events = ticks(8, 30, int(states["state"]["now"][0]))
    outcomes = step_many(states, events)
    assert outcomes["pulses"].any()
    loaded = np.load(file)
    assert (step_many(loaded, events) == outcomes).all()
    assert loaded.tobytes() == states.tobytes()
    # A file may also be stepped where it lies.
    mapped = np.load(file, mmap_mode="r+")
    step_many(mapped, events)
    mapped.flush()
    assert np.load(file).tobytes() == states.tobytes()


def test_a_row_becomes_a_kernel_again(states: Rows) -> None:
    words = states.view(np.int64).reshape(8, STATE_WORDS)
    for rows in (states, words):
        assert [kernel.state for kernel in kernels_of(rows)] == [row.tobytes() for row in states]
    states["state"]["reservoir"][3] += 1
    with pytest.raises(StateError, match="corrupt"):
        kernels_of(states)


def test_words_and_names_are_the_same_memory(states: Rows) -> None:
    events = ticks(8, 5, int(states["state"]["now"][0]))
    words = states.copy().view(np.int64).reshape(8, STATE_WORDS)
    assert (step_many(words, events) == step_many(states, events)).all()
    assert words.tobytes() == states.tobytes()


def test_a_damaged_state_stops_alone_and_stays_as_it_was(states: Rows) -> None:
    states["inverse"]["day"]["slots"][2, 4] ^= 1
    before = states[2].tobytes()
    outcomes = step_many(states, ticks(8, 1, int(states["state"]["now"][0])))
    assert [row["status"] == Status.CORRUPT for row in outcomes[:, 0]] == [
        number == 2 for number in range(8)
    ]
    assert states[2].tobytes() == before


def test_no_pumps_are_no_steps() -> None:
    assert states_of([]).shape == (0,)
    assert step_many(states_of([]), np.zeros((0, 3), EVENT)).shape == (0, 3)


def test_other_threads_run_while_steps_are_made(states: Rows) -> None:
    """In the middle of each call Python goes on elsewhere, so nobody holds its lock."""
    at = int(states["state"]["now"][0])
    events = ticks(4, 1, at).repeat(120_000, axis=1)
    halves = [states[:4], states[4:]]
    alone = [step_many(half.copy(), events) for half in halves]
    told: list[Rows] = [np.zeros(0, OUTCOME)] * 2
    calls: list[tuple[float, float]] = []

    def work(number: int) -> None:
        begin = time.perf_counter()
        told[number] = step_many(halves[number], events)
        calls.append((begin, time.perf_counter()))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    moments = []
    while any(worker.is_alive() for worker in workers):
        moments.append(time.perf_counter())
    for begin, end in calls:
        quarter = (end - begin) / 4
        assert sum(begin + quarter < moment < end - quarter for moment in moments) > 10
    for number in range(2):
        assert (told[number] == alone[number]).all()


def test_one_event_each_or_a_row_each(states: Rows, limits: Limits) -> None:
    at = int(states["state"]["now"][0])
    one_each = ticks(8, 1, at).reshape(8)
    twin = states.copy()
    assert (step_many(twin, one_each) == step_many(states, one_each.reshape(8, 1))[:, 0]).all()
    event = Event(Kind.TICK, at=at + TICK)
    assert event.words == tuple(one_each[0].tolist())
