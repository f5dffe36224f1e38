"""How the terminal program starts: the dialogue of a new pump, the time it was off, no terminal."""

import asyncio
from pathlib import Path
from typing import NoReturn

import pytest
from textual.events import Key

from dosekernel import Limits
from dosekernel.errors import InputError
from dosekernel.pump.clocks import Elapsed, SystemClock
from dosekernel.pump.errors import JournalError
from dosekernel.pump.motor import SimulatedMotor
from dosekernel.pump.opening import make, open_pump
from dosekernel.pump.screens import app as program
from dosekernel.pump.screens import begin, main
from dosekernel.pump.screens.home import HomeScreen
from dosekernel.pump.screens.programmes import programme_lines
from dosekernel.pump.therapy.programme import Programme, Segment
from dosekernel.pump.unread import unread
from dosekernel.spec.reasons import Kind
from tests.pump.hands import HIGH, WIDE, Hands, compare, drive
from tests.pump.lived_in import MINUTE, new_pump, ready_pump


def test_first_run_asks_for_limits_and_clock(tmp_path: Path) -> None:
    dialogue = begin.FirstRun(Path("pump.journal"))

    async def session() -> None:
        async with dialogue.run_test(size=(WIDE, HIGH)) as pilot:
            await pilot.pause()
            strips = dialogue.screen._compositor.render_strips()
            lines = ["".join(part.text for part in strip).rstrip() for strip in strips]
            compare("first-run", "\n".join(lines) + "\n")
            await pilot.press("down", "enter")
            await pilot.press("enter")

    asyncio.run(session())
    assert dialogue.return_value == ("insulin-u100-child", True)


@pytest.mark.parametrize(("keys", "answer"), [(["enter"], False), (["down", "enter"], True)])
def test_time_that_nobody_can_vouch_for_is_asked_about(keys: list[str], answer: bool) -> None:
    dialogue = begin.TimeOff(Elapsed(60 * MINUTE, 552 * MINUTE))

    async def session() -> None:
        async with dialogue.run_test(size=(WIDE, HIGH)) as pilot:
            await pilot.press(*keys)

    asyncio.run(session())
    assert dialogue.return_value is answer


def test_screens_need_a_terminal_and_say_what_does_not(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="need a terminal; without one: dosekernel pump status"):
        main(["--journal", str(tmp_path / "pump.journal")])
    with pytest.raises(ValueError, match="--speed: 0; allowed: 1 to 600"):
        main(["--speed", "0"])
    assert not (tmp_path / "pump.journal").exists()


def test_longest_programme_fits_the_screen() -> None:
    segments = tuple(Segment(30 * half, 1_025_000 - 25_000 * (half % 3)) for half in range(48))
    lines = [line.plain for line in programme_lines(Programme("long", segments), "U")]
    assert len(lines) <= 17 and max(map(len, lines)) <= 50
    assert all(f"{half // 2:02}:{half % 2 * 3}0 " in " ".join(lines) + " " for half in range(48))


def test_low_glucose_stops_delivery_and_its_fall_fits_the_line(tmp_path: Path) -> None:
    pump = ready_pump(tmp_path / "pump.journal")
    pump.report(Kind.GLUCOSE, issued_at=pump.now(), glucose=120)
    pump.clock.sleep(5 * MINUTE)
    pump.report(Kind.GLUCOSE, issued_at=pump.now(), glucose=62)

    async def script(hands: Hands) -> None:
        hands.says("▼ SUSPENDED FOR LOW GLUCOSE", "62 mg/dL LOW ⇊ falling Basal stopped")
        hands.says("▲ Delivery is suspended because glucose is low or predicted low.")
        await hands.press("f3")
        hands.says("▶ DELIVERING")

    drive(pump, script)


def test_simulated_day_of_glucose_comes_by_local_time(tmp_path: Path) -> None:
    pump = new_pump(tmp_path / "pump.journal")
    follower = begin.made_up_day(pump, seed=1)
    breakfast = [
        reading.glucose
        for minute in range(0, 120, 5)
        for reading in follower.sensor.read(pump.now() + minute * MINUTE)
    ]
    assert max(breakfast) > 150 and max(breakfast) - breakfast[0] > 30
    begin.refuse_real(pump)
    pump.clock = SystemClock()
    with pytest.raises(InputError, match="--speed, --sensor: .* began as simulated"):
        begin.refuse_real(pump)
    pump.journal.close()


def test_simulated_pump_is_never_in_doubt_about_time(tmp_path: Path) -> None:
    path = tmp_path / "pump.journal"
    make(path, Limits.load("insulin-u100"), simulated=True).close()
    assert begin.time_off(path) == Elapsed(0, 0)
    found = begin.opened(path)
    assert found is not None and not found.sentences
    found.pump.close()


def test_pump_that_was_just_made_is_not_ready_and_says_so(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        hands.looks_like("new")
        await hands.press("b")
        await hands.type("1", "enter")
        hands.says("The pump is not ready")

    drive(new_pump(tmp_path / "pump.journal"), script)


def test_restart_tells_first_what_was_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(program.DEBUG, "1")
    pump = ready_pump(tmp_path / "pump.journal")
    pump.ask(Kind.BOLUS, amount=3_000_000)
    pump.run(4_000)
    pump.journal.close()  # as if it had died: the motor was not heard any more

    found = open_pump(tmp_path / "pump.journal")

    async def script(hands: Hands) -> None:
        hands.says("The pump was off", "It counts as given; nobody knows whether it was.")
        assert unread(found.pump) is not None
        await hands.press("y")
        assert isinstance(hands.app.screen, HomeScreen)
        assert unread(found.pump) is None
        hands.says("A dose may not have been given, and counts as given: check glucose.")

    drive(found.pump, script, *found.sentences)


def test_journal_that_cannot_be_read_ends_everything_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pump = ready_pump(tmp_path / "pump.journal")
    pump.ask(Kind.BOLUS, amount=3_000_000)
    pump.run(4_000)
    assert pump.state.outstanding and isinstance(pump.motor, SimulatedMotor)

    def torn(*_: object) -> NoReturn:
        raise JournalError("pump.journal: cannot be read: disk I/O error")

    async def script(hands: Hands) -> None:
        monkeypatch.setattr(pump.journal, "entries", torn)
        await hands.press("h")
        hands.says("DELIVERY HAS STOPPED", "cannot be read: disk I/O error")
        moved = pump.motor.poll(pump.now())
        assert moved is not None and moved.amount is not None
        assert moved.amount < 3_000_000, "the motor stands still half-way"
        await hands.press("q")

    assert drive(pump, script).return_value == 1


def test_simulated_time_hurries_only_while_nothing_is_entered(tmp_path: Path) -> None:
    pump = ready_pump(tmp_path / "pump.journal")

    async def script(hands: Hands) -> None:
        hands.app.speed = 60
        began = pump.now()
        hands.app.beat()
        assert pump.now() == began + MINUTE
        await hands.press("b")
        hands.app.beat()
        assert pump.now() == began + MINUTE + 1_000

    drive(pump, script)


def test_error_of_the_program_itself_ends_it_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(program.DEBUG, raising=False)
    pump = ready_pump(tmp_path / "pump.journal")
    app = program.PumpApp(pump, live=False)
    monkeypatch.setattr(app.actions, "stop", lambda: 1 // 0)

    async def session() -> None:
        async with app.run_test(size=(WIDE, HIGH)) as pilot:
            await pilot.pause()
            app.post_message(Key("f2", None))
            while app.failure is None:
                await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(session(), timeout=20))
    pump.close()
    assert isinstance(app.failure, ZeroDivisionError)
    assert "Traceback" not in "".join(capsys.readouterr())
