"""The pump killed at any instant, by its disk or by the system: nothing is lost or given twice."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from dosekernel import Limits, Outcome
from dosekernel.pump import journal, recovery
from dosekernel.pump.bodies import packed, unpacked
from dosekernel.pump.journal import What
from dosekernel.pump.motor import Release, SimulatedMotor
from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Kind
from dosekernel.spec.reasons import Path as Way

from .campaign import campaign, operations
from .faulty_vfs import Break
from .lives import Life, check_shown, check_strokes, hour, whole

# Each so many operations of the disk are tried, in each way; python -m tests.pump.campaign: all.
SAMPLE = 151
LARGE_SAMPLE = 40


# ---- the disk


def test_a_sample_of_all_crashes_is_survived() -> None:
    tried = campaign(SAMPLE)
    assert set(tried) == {how.name for how in Break} - {"NEVER"}
    assert tried.total() >= 40


@pytest.mark.slow
def test_a_large_sample_of_all_crashes_is_survived(
    limits: Limits, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    tried = campaign(LARGE_SAMPLE)
    assert tried.total() >= operations(tmp_path, limits) // LARGE_SAMPLE * len(tried)
    record_property("crash points survived", tried.total())


def unsynced(path: Path, connection: apsw.Connection) -> None:
    """As `journal.logged`, but nothing waits for the disk."""
    assert connection.pragma("journal_mode", "wal") == "wal"
    connection.pragma("synchronous", "off")


class TestTheCampaignHasTeeth:
    """A shell that breaks one of its rules does not pass."""

    def test_without_synchronisation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(journal, "logged", unsynced)
        with pytest.raises(AssertionError, match="Crash"):
            campaign(SAMPLE, (Break.POWER,))

    def test_with_a_release_that_is_left_open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recovery, "settle_release", lambda found: None)
        with pytest.raises(AssertionError, match="Crash"):
            campaign(SAMPLE, (Break.DEAD,))

    def test_with_lost_requests_that_nobody_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recovery.Found, "tell", lambda found, sentence: None)
        with pytest.raises(AssertionError, match="Crash"):
            campaign(SAMPLE, (Break.DEAD,))

    def test_with_a_motor_that_moves_too_early(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write = Pump.write

        def late(pump: Pump, what: What, body: bytes, code: int = 0) -> int:
            outcome = Outcome.from_words(unpacked(body)) if what is What.OUTCOME else None
            if outcome is not None and outcome.pulses:
                pump.strokes.start(outcome, pump.now())
            return write(pump, what, body, code)

        monkeypatch.setattr(Pump, "write", late)
        monkeypatch.setattr(SimulatedMotor, "start", started_once)
        with pytest.raises(AssertionError, match="Crash"):
            campaign(7, (Break.DEAD,))


START = SimulatedMotor.start


def started_once(motor: SimulatedMotor, release: Release, at: int) -> None:
    """A motor that does not mind to be told the same twice."""
    if release not in motor.strokes[-1:]:
        START(motor, release, at)


# ---- the system


class LoggedMotor(SimulatedMotor):
    """A motor whose strokes outlive the program: each is in a file before it begins."""

    def __init__(self, pulse: int, speed: int, log: Path) -> None:
        super().__init__(pulse, speed)
        self.log = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def start(self, release: Release, at: int) -> None:
        line = f"{release.sequence} {release.pulses} {release.amount} {int(release.path)}\n"
        os.write(self.log, line.encode())
        super().start(release, at)


class LoudLife(Life):
    """A life that says what it showed, where others can read it after its end."""

    def ask(self, pump: Pump, kind: Kind, **fields: int) -> Outcome:
        outcome = super().ask(pump, kind, **fields)
        line = f"{pump.last_id} {packed(outcome.words).hex()}\n"
        os.write(self.shown_log, line.encode())
        return outcome

    def open_logs(self, folder: Path) -> None:
        """Begin to write down."""
        self.shown_log = os.open(folder / "shown", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self.motor = LoggedMotor(self.limits.pulse, self.limits.delivery_speed, folder / "strokes")


def read_back(life: Life, folder: Path) -> None:
    """What a killed program had shown and started."""
    for line in (folder / "shown").read_text().splitlines():
        id, words = line.split()
        life.shown.append((int(id), Outcome.from_words(unpacked(bytes.fromhex(words)))))
    for line in (folder / "strokes").read_text().splitlines():
        sequence, pulses, amount, path = map(int, line.split())
        life.motor.strokes.append(Release(sequence, pulses, amount, Way(path)))


def killed(life: LoudLife, folder: Path, after: float) -> None:
    """The hour in a process of its own, killed so many seconds after it began."""
    life.open_logs(folder)
    pump = life.begin()
    pump.journal.close()
    child = os.fork()
    if child == 0:
        try:
            found = life.resume()
            hour(life, found.pump)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert status in (signal.SIGKILL, 0)


def survive_kills(folder: Path, limits: Limits, count: int) -> None:
    chance = random.Random(count)
    for number in range(count):
        place = folder / str(number)
        place.mkdir()
        life = LoudLife(place / "journal", limits)
        killed(life, place, chance.uniform(0.001, 0.6))
        again = Life(place / "journal", limits)
        read_back(again, place)
        entries, _ = whole(again.path)
        check_shown(again, entries)
        check_strokes(again.motor.strokes, entries)
        found = again.resume()
        again.ask(found.pump, Kind.SUSPEND)
        found.pump.close()
        entries, trace = whole(again.path)
        check_shown(again, entries)
        check_strokes(again.motor.strokes, entries)
        assert trace.kernel is not None
        assert trace.kernel.inspect().outstanding == 0


def test_killed_by_the_system(tmp_path: Path, limits: Limits) -> None:
    survive_kills(tmp_path, limits, 5)


@pytest.mark.slow
def test_killed_by_the_system_many_times(tmp_path: Path, limits: Limits) -> None:
    survive_kills(tmp_path, limits, 30)
