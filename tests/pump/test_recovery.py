"""A pump that goes on: the same state, the right time, and a person who knows what happened."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dosekernel import Event, Kernel, Limits
from dosekernel.errors import LimitsRefusedError
from dosekernel.kernel.records import AHEAD_MAX, DAY, HOUR
from dosekernel.pump import recovery
from dosekernel.pump.bodies import limits_body, packed
from dosekernel.pump.clocks import BELIEVED, Elapsed, Instant, SimulatedClock, elapsed_since
from dosekernel.pump.errors import HaltedError, JournalError, TamperedError
from dosekernel.pump.head import head_path
from dosekernel.pump.journal import Journal, What, link
from dosekernel.pump.shell import STATE_EVERY, Pump
from dosekernel.spec.reasons import Alarm, Kind, Reason, Status

from .lives import MINUTE, UNIT, WALL, Life, set_up, whole
from .test_journal import edit

YEAR = 1_550_000  # entries: a tick a minute, a pulse every three, each with its answer
LAST = Instant(WALL, 1000, "one")


# ---- time


def test_within_a_boot_the_forward_clock_knows() -> None:
    for wall in (WALL - DAY, WALL, WALL + 40 * DAY):
        now = Instant(wall, 61_000, "one")
        assert elapsed_since(LAST, now) == Elapsed(60_000, 60_000)
        assert elapsed_since(LAST, now, vouched=10 * DAY) == Elapsed(60_000, 60_000)


@pytest.mark.parametrize(
    ("wall", "vouched", "counted"),
    [
        (5 * MINUTE, None, 5 * MINUTE),
        (BELIEVED, None, BELIEVED),
        (9 * HOUR, None, BELIEVED),
        (9 * HOUR, 8 * HOUR, 8 * HOUR),
        (9 * HOUR, 10 * DAY, 9 * HOUR),  # never more than both say
        (9 * HOUR, 0, 0),
        (9 * HOUR, -HOUR, 0),
        (-9 * HOUR, None, 0),
        (-9 * HOUR, 8 * HOUR, 0),
    ],
)
def test_across_a_boot_time_counts_as_far_as_it_is_vouched_for(
    wall: int, vouched: int | None, counted: int
) -> None:
    now = Instant(WALL + wall, 5, "two")
    found = elapsed_since(LAST, now, vouched)
    assert found == Elapsed(counted, max(0, wall))
    assert found.doubted == (counted < max(0, wall))


def test_a_forward_clock_that_stands_behind_is_another_boot() -> None:
    assert elapsed_since(LAST, Instant(WALL + MINUTE, 999, "one")).counted == MINUTE


def rebooted(life: Life, off: int) -> None:
    """The machine was off, and its wall clock says for how long."""
    life.clock = SimulatedClock(life.clock.wall + off, 7, "another boot")


@pytest.fixture
def life(tmp_path: Path, limits: Limits) -> Life:
    """A pump that was set up, delivers 1 U/h and was closed."""
    found = Life(tmp_path / "journal", limits)
    pump = found.begin()
    set_up(found, pump)
    pump.run(5 * MINUTE)
    pump.close()
    return found


def test_after_a_long_time_off_the_person_is_asked(life: Life) -> None:
    rebooted(life, 9 * HOUR)
    before, _ = whole(life.path)
    found = life.resume()
    assert found.elapsed == Elapsed(HOUR, 9 * HOUR)
    assert found.pump.now() == before[-1].at + HOUR
    assert "off for 9 h 0 min; 1 h 0 min of it count" in found.sentences[0]
    assert found.pump.last is not None
    assert Alarm.GAP in found.pump.last.alarms
    found.pump.close()


def test_a_clock_that_was_set_back_counts_as_no_time(life: Life) -> None:
    rebooted(life, -30 * DAY)
    before, _ = whole(life.path)
    found = life.resume()
    assert found.pump.now() == before[-1].at
    found.pump.run(MINUTE)
    assert found.pump.now() == before[-1].at + MINUTE
    found.pump.close()
    whole(life.path)


def test_the_wall_clock_does_not_move_a_running_pump(life: Life) -> None:
    pump = life.resume().pump
    at = pump.now()
    for wall in (0, WALL + 400 * DAY):
        life.clock.set_wall(wall)
        assert pump.now() == at
        assert pump.tick().status is Status.ACCEPTED
    pump.close()


@pytest.mark.parametrize("off", [AHEAD_MAX - 1, AHEAD_MAX + MINUTE, 3 * AHEAD_MAX + 5])
def test_years_in_a_drawer(life: Life, off: int) -> None:
    rebooted(life, off)
    found = recovery.resume(life.path, life.clock, life.motor, vouched=off)
    assert found.elapsed.counted == off
    assert found.pump.kernel.inspect().now == found.pump.now()
    found.pump.close()
    whole(life.path)


def test_a_machine_that_slept_for_months_is_caught_up(life: Life) -> None:
    pump = life.resume().pump
    life.clock.sleep(2 * AHEAD_MAX + HOUR)
    assert pump.ask(Kind.SUSPEND).status is Status.ACCEPTED
    assert pump.kernel.inspect().now == pump.now()
    pump.close()


def test_a_stop_that_claims_a_far_time_does_not_end_the_ticks(life: Life) -> None:
    pump = life.resume().pump
    far = pump.now() + 20 * DAY
    for at in (far, 2 * AHEAD_MAX + far):
        assert pump.submit(Event(Kind.CANCEL_BOLUS, id=pump.last_id + 1, at=at)).status is (
            Status.ACCEPTED
        )
        seq = pump.journal.seq
        pump.run(5 * MINUTE)
        assert pump.journal.seq >= seq + 8
    pump.close()


# ---- what was under way


def cut_before(life: Life, event: Event) -> None:
    """The program died after it had written an event, before the kernel saw it."""
    pump = life.resume().pump
    pump.write(What.EVENT, packed(replaced(event, pump).words), code=int(event.kind))
    pump.journal.close()


def replaced(event: Event, pump: Pump) -> Event:
    """The event at the pump's own time, under its next id."""
    fields = {"amount": event.amount, "code": event.code, "source": int(event.source)}
    return Event(event.kind, id=pump.last_id + 1, at=pump.now(), issued_at=pump.now(), **fields)


@pytest.mark.parametrize("kind", [Kind.BOLUS, Kind.RESUME, Kind.ACKNOWLEDGE, Kind.PRIME])
def test_a_request_without_an_answer_is_lost_and_its_id_is_used(life: Life, kind: Kind) -> None:
    cut_before(life, Event(kind, amount=UNIT))
    last_id = whole(life.path)[1].last_id
    found = life.resume()
    sentence = f"{kind.name} was asked for as the pump ended. It was lost: nothing was done for it."
    assert sentence in found.sentences
    assert found.pump.kernel.inspect().bolus_owed == 0
    found.pump.ask(Kind.BOLUS, amount=UNIT)
    assert found.pump.last_id == last_id + 1
    found.pump.close()
    assert sentence not in life.resume().sentences


@pytest.mark.parametrize("kind", [Kind.SUSPEND, Kind.DISCONNECT, Kind.FAULT])
def test_a_stop_without_an_answer_is_carried_out(life: Life, kind: Kind) -> None:
    cut_before(life, Event(kind, code=1))
    found = life.resume()
    assert any(f"{kind.name} was under way" in sentence for sentence in found.sentences)
    state = found.pump.kernel.inspect()
    assert (state.suspended or state.faulted) or not state.connected
    found.pump.close()
    whole(life.path)


def test_a_bolus_that_goes_on_is_told(life: Life) -> None:
    pump = life.resume().pump
    pump.ask(Kind.BOLUS, amount=3 * UNIT)
    assert pump.kernel.inspect().outstanding == 0
    pump.journal.close()
    sentences = life.resume().sentences
    assert any("3 U of what was accepted" in each and "go on" in each for each in sentences)


def test_limits_without_an_answer_are_lost(life: Life) -> None:
    pump = life.resume().pump
    body = limits_body(replace(life.limits, bolus_max=5 * UNIT), pump.now())
    pump.write(What.LIMITS, body)
    pump.journal.close()
    found = life.resume()
    assert any("LIMITS was asked for" in sentence for sentence in found.sentences)
    assert found.pump.limits == life.limits
    found.pump.close()


def test_limits_settings_and_ids_come_back(life: Life) -> None:
    pump = life.resume().pump
    tight = replace(life.limits, name="tight", bolus_max=5 * UNIT)
    pump.adopt(tight)
    with pytest.raises(LimitsRefusedError):
        pump.adopt(replace(life.limits, window_length=4 * HOUR))
    pump.set("ratios", [[0, "10"], [720, "12.5"]])
    with pytest.raises(ValueError, match="JSON"):
        pump.set("ratio", float("nan"))
    last_id = pump.last_id
    pump.journal.close()
    for _ in range(2):
        pump = life.resume().pump
        assert pump.limits.name == "tight"
        assert pump.limits == tight
        assert pump.settings["ratios"] == [[0, "10"], [720, "12.5"]]
        assert pump.last_id == last_id
        assert pump.ask(Kind.BOLUS, amount=6 * UNIT).reason is Reason.BOLUS_CAP
        last_id += 1
        pump.close()


def test_settings_that_somebody_changes_in_place_are_not_kept(life: Life) -> None:
    pump = life.resume().pump
    pump.set("reminded", ["set"])
    for _ in range(2):
        pump.settings["reminded"].append("reservoir")
        pump.close()
        whole(life.path)
        pump = life.resume().pump
        assert pump.settings["reminded"] == ["set"]
    pump.close()


def test_what_nobody_saw_is_told_again(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_before(life, Event(Kind.BOLUS, amount=UNIT))

    def dies(found: recovery.Found) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(recovery, "tell_owed", dies)
        with pytest.raises(KeyboardInterrupt):
            life.resume()
    assert "BOLUS was asked for" in " ".join(life.resume().sentences)


def test_damaged_memory_stops_the_pump_and_the_journal_mends_it(life: Life) -> None:
    pump = life.resume().pump
    pump.ask(Kind.BOLUS, amount=2 * UNIT)
    before = pump.kernel.state
    words = list(pump.kernel._words())
    words[100] ^= 1
    pump.kernel._set_words(words)
    with pytest.raises(HaltedError, match="the kernel's memory was damaged"):
        pump.tick()
    assert not life.motor.strokes or life.motor.strokes[-1].amount != 2 * UNIT
    with pytest.raises(HaltedError):
        pump.ask(Kind.BOLUS, amount=UNIT)
    pump.journal.close()
    _, trace = whole(life.path)
    assert trace.kernel is not None
    assert trace.kernel.state == before
    assert life.resume().pump.last is not None


# ---- what a start looks at


def test_a_start_from_the_middle_knows_all(tmp_path: Path, limits: Limits) -> None:
    life = Life(tmp_path / "journal", limits)
    pump = life.begin()
    set_up(life, pump)
    while pump.journal.seq < 2 * STATE_EVERY:
        pump.tick()
    pump.journal.close()
    entries, _ = whole(life.path)
    kept = [entry.seq for entry in entries if entry.kind is What.STATE]
    assert len(kept) == 2
    assert kept[-1] > STATE_EVERY
    pump = life.resume().pump
    assert pump.kept == kept[-1]
    pump.close()


@pytest.mark.parametrize(("where", "change"), [(0, "at = at + 1"), (1, "chain = randomblob(32)")])
def test_a_kept_state_is_checked_with_the_entry_before_it(
    life: Life, where: int, change: str
) -> None:
    kept = whole(life.path)[0][-1]
    assert kept.kind is What.STATE
    edit(life.path, f"UPDATE entries SET {change} WHERE seq = {kept.seq - where}")
    with pytest.raises(TamperedError, match=f"entry {kept.seq} "):
        life.resume()


def test_a_kept_state_that_the_entries_do_not_lead_to_is_found(life: Life, limits: Limits) -> None:
    pump = life.resume().pump
    pump.kernel = Kernel(limits, pump.now())
    pump.keep_state()
    pump.journal.close()
    with pytest.raises(TamperedError, match="is not the state that the entries before it lead to"):
        whole(life.path)


def test_a_journal_whose_pump_never_began(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    Journal.create(path).close()
    with pytest.raises(JournalError, match="the pump never began; make a new journal"):
        recovery.resume(path, SimulatedClock(WALL), Life(path, Limits.load("insulin-u100")).motor)


def a_year_long(life: Life) -> None:
    """Lengthen a journal by as many entries as a year has, before its last kept state.

    They are chained and indexed like any others; no start looks at what they say.
    """
    with closing(sqlite3.connect(life.path)) as connection, connection:
        seq, at, body, chain = connection.execute(
            "SELECT seq, at, body, chain FROM entries ORDER BY seq DESC LIMIT 1"
        ).fetchone()

        def rows() -> Iterator[tuple[int, int, int, str, int, bytes, bytes]]:
            tick = packed(Event(Kind.TICK, at=at).words)
            last = chain
            kinds = [(What.EVENT, tick), (What.OUTCOME, bytes(128))]
            for number in range(1, YEAR + 1):
                kind, held = kinds[number % 2] if number < YEAR else (What.STATE, body)
                last = link(last, (seq + number, WALL, at, 1), kind, held)
                yield seq + number, WALL, at, str(kind), 1, held, last

        connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", rows())
    head_path(life.path).unlink()


@pytest.mark.slow
def test_a_year_starts_within_a_second(
    life: Life, record_property: Callable[[str, object], None]
) -> None:
    a_year_long(life)
    pump = life.resume().pump
    assert pump.journal.seq > YEAR
    pump.run(4 * HOUR)
    pump.journal.close()
    began = time.perf_counter()
    pump = life.resume().pump
    took = time.perf_counter() - began
    record_property("seconds to start after a year", took)
    assert took < 1
    pump.close()
