"""The terminal program, driven by its keys at 80 by 24; each screen compared with a kept one."""

import asyncio
import shutil
from pathlib import Path

import pytest
from textual.widgets import Input

from dosekernel.pump.errors import JournalError
from dosekernel.pump.opening import open_pump
from dosekernel.pump.screens import app as program
from dosekernel.pump.screens.app import PumpApp
from dosekernel.pump.screens.home import HomeScreen
from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Alarm, Cause, Kind, Mode
from tests.pump.hands import Hands, drive
from tests.pump.lived_in import MINUTE, UNIT, lived_in


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error inside the program is an error of the test."""
    monkeypatch.setenv(program.DEBUG, "1")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of a pump that was worn for a day, closed."""
    path = tmp_path_factory.mktemp("past") / "pump.journal"
    lived_in(path).close()
    return path


@pytest.fixture
def worn(past: Path, tmp_path: Path) -> Pump:
    """That pump, to be used."""
    for part in past.parent.glob("pump.journal*"):
        shutil.copy(part, tmp_path)
    pump = open_pump(tmp_path / past.name).pump
    pump.journal._connection.pragma("synchronous", "off")
    return pump


def asked(pump: Pump) -> int:
    """How many entries the journal has: equal before and after where nothing may be asked."""
    return pump.journal.seq


def mode(pump: Pump) -> Mode:
    """What the pump is doing."""
    assert pump.last is not None
    return pump.last.mode


def test_home_shows_the_day_and_every_screen_is_one_key_away(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        hands.looks_like("home")
        before = worn.kernel.state, worn.last_id
        for key, name in (
            ("b", "bolus"),
            ("e", "extended"),
            ("d", "dual"),
            ("t", "temporary"),
            ("x", "cancel"),
            ("p", "programmes"),
            ("c", "set-change"),
            ("o", "connection"),
            ("g", "glucose"),
            ("h", "history"),
            ("a", "alarms"),
            ("L", "limits"),
            ("question_mark", "help"),
            ("q", "leave"),
        ):
            await hands.press(key)
            hands.looks_like(name)
            hands.says("F2 SUSPEND at once", "F3 resume")
            await hands.press("escape")
            assert isinstance(hands.app.screen, HomeScreen), name
        assert (worn.kernel.state, worn.last_id) == before, "looking asks nothing"

    drive(worn, script)


def test_bolus_is_shown_confirmed_and_given(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        given = worn.kernel.inspect().committed
        await hands.press("b")
        await hands.type("2.5", "enter")
        hands.looks_like("bolus-confirm")
        assert worn.last is not None and worn.last.owed == 0
        await hands.press("y")
        hands.says("Accepted: Bolus 2.5 U.")
        assert worn.last.owed == 2_500_000
        await hands.wait(3 * MINUTE)
        assert worn.last.owed == 0
        # The programme's own pulses came as well.
        assert 2_500_000 <= worn.kernel.inspect().committed - given <= 2_600_000
        hands.says("Last bolus 2.5 U at 09:5")

    drive(worn, script)


def test_bolus_refused_says_why_and_what_would_be_allowed(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        before = asked(worn)
        await hands.press("b")
        await hands.type("20", "enter")
        hands.looks_like("bolus-refused")
        hands.says("larger than the limit", "At most 17 U")
        await hands.press("ctrl+u")
        await hands.type("2.53", "enter")
        hands.says("whole number of pulses")
        await hands.press("ctrl+u")
        await hands.type("two", "enter")
        hands.says("is not a decimal number")
        await hands.press("ctrl+u")
        await hands.type("-1", "enter")
        hands.says("allowed: 0 or more")
        assert asked(worn) == before

    drive(worn, script)


def test_calculator_only_fills_in_the_amount(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        before = asked(worn)
        await hands.press("b", "enter")
        await hands.type("45", "enter", "enter")
        hands.looks_like("calculator")
        assert hands.app.screen.query_one("#entry-amount", Input).value == "4.5"
        await hands.press("enter")
        hands.says("Bolus 4.5 U.")
        assert asked(worn) == before
        await hands.press("escape", "escape")
        await hands.press("b", "enter", "enter", "enter")
        hands.says("allowed: an amount or carbohydrate")

    drive(worn, script)


def test_extended_dual_and_temporary_run_and_are_cancelled(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("e")
        await hands.type("3", "enter")
        await hands.type("90m", "enter")
        hands.says("Extended bolus 3 U over 1 h 30 min.")
        await hands.press("y")
        hands.says("Still owed 3 U", "1 h 30 min to go")
        await hands.press("x", "b")
        hands.says("Every bolus is cancelled. Not given: 3 U.")
        await hands.press("d")
        await hands.type("1", "enter")
        await hands.type("2", "enter")
        await hands.type("2h", "enter")
        hands.looks_like("dual-confirm")
        await hands.press("Y")
        assert worn.last is not None and worn.last.owed == 3 * UNIT
        await hands.press("t")
        await hands.type("150%", "enter")
        await hands.type("2h", "enter")
        hands.looks_like("temporary-confirm")
        await hands.press("y")
        assert worn.kernel.inspect().temporary_rate == 1_650_000
        hands.says("1.65 U/h, 2 h left")
        await hands.press("x", "t")
        assert worn.kernel.inspect().temporary_until == 0

    drive(worn, script)


def test_suspend_is_one_key_from_anywhere_and_never_resumes(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("b")
        await hands.type("4", "f2")
        assert mode(worn) is Mode.SUSPENDED
        assert isinstance(hands.app.screen, HomeScreen), "what was half entered is dropped"
        hands.looks_like("suspended")
        await hands.press("f2")
        assert mode(worn) is Mode.SUSPENDED, "pressed again it still only stops"
        await hands.press("c", "f3")
        assert mode(worn) is Mode.DELIVERING
        await hands.press("escape", "f3")
        hands.says("Delivery is not suspended")

    drive(worn, script)


def test_half_entered_request_is_dropped_after_a_minute(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("b")
        await hands.type("2.5")
        await hands.wait(MINUTE - 1)
        assert not isinstance(hands.app.screen, HomeScreen)
        await hands.wait(1)
        assert isinstance(hands.app.screen, HomeScreen)
        hands.looks_like("dropped")
        await hands.press("y")
        await hands.press("b")
        await hands.type("2.5", "enter")
        await hands.wait(MINUTE + 1)
        await hands.press("y")
        assert worn.last is not None and worn.last.owed == 0

    drive(worn, script)


def test_set_change_is_walked_step_by_step(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("c", "o", "f8")
        hands.says("What is to be changed?")
        await hands.press("r")
        hands.looks_like("set-disconnect")
        await hands.press("n")
        hands.looks_like("set-load")
        await hands.type("400", "enter")
        hands.says("at most 300 U")
        await hands.press("ctrl+u")
        await hands.type("180", "enter", "y")
        hands.looks_like("set-prime")
        await hands.type("9", "enter", "y")
        hands.says("The motor is at it")
        await hands.press("escape", "c")
        hands.says("✓ load ▶ prime")
        await hands.wait(10 * MINUTE)
        hands.looks_like("set-insert")
        await hands.press("ctrl+u")
        await hands.type("abdomen left 2", "enter")
        hands.says("was used 1 days ago")
        await hands.press("escape", "ctrl+u")
        await hands.type("thigh right 5", "enter", "y")
        hands.looks_like("set-connect")
        await hands.press("y", "y")
        hands.says("▶ connect")
        assert not worn.state.connected, "a key that bounces carries nothing on"
        await hands.press("n")
        await hands.type("0.2", "enter")
        hands.looks_like("set-fill-confirm")
        await hands.press("y")
        await hands.wait(2 * MINUTE)
        hands.says("The change is complete.", "What is to be changed?")
        await hands.press("escape")
        hands.says("thigh right 5")
        await hands.press("o", "y", "c")
        hands.says("What is to be changed?")
        await hands.press("escape", "o", "y")
        assert mode(worn) is Mode.DELIVERING

    drive(worn, script)


@pytest.mark.parametrize("key", ["f10", "q", "ctrl+q", "ctrl+c"])
def test_nobody_leaves_without_being_asked(worn: Pump, key: str) -> None:
    async def script(hands: Hands) -> None:
        await hands.press(key)
        hands.says("Nothing is delivered while the program is closed.")
        await hands.press("n", "escape")
        assert isinstance(hands.app.screen, HomeScreen)
        await hands.press(key, "y")

    assert drive(worn, script).return_value == 0


def test_quick_disconnect_and_back(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("o", "y")
        assert mode(worn) is Mode.DISCONNECTED
        hands.says("◇ DISCONNECTED", "O connects again")
        await hands.press("o")
        hands.says("it is joined again")
        await hands.press("y")
        assert mode(worn) is Mode.DELIVERING

    drive(worn, script)


def test_glucose_is_typed_in_the_persons_unit_and_seen_before_it_counts(worn: Pump) -> None:
    worn.set("glucose_unit", "mmol/L")

    async def script(hands: Hands) -> None:
        await hands.wait(MINUTE)
        await hands.press("g")
        await hands.type("120", "enter")
        hands.says("is it in mg/dL?")
        await hands.press("ctrl+u")
        await hands.type("5.5", "enter")
        hands.says("Glucose 5.5 mmol/L, measured now.")
        await hands.press("y")
        assert worn.state.glucose == 99
        hands.says("Glucose 5.5 mmol/L", "10.0 ┤", "✓ Accepted")
        await hands.wait(MINUTE)
        assert "✓ Accepted" not in hands.screen(), "what was said does not stay for ever"

    drive(worn, script)


def test_programme_is_edited_and_followed_after_its_name_was_typed(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("p", "n")
        await hands.type("sport", "enter")
        for segment in ("00:00 0.7", "07:30 0.5", "09:00 0.9", "07:30 -"):
            await hands.type(segment, "enter")
        await hands.type("06:00 9", "enter")
        hands.says("segment 2 (06:00): 9 U/h; allowed: 0 to 3")
        await hands.press("ctrl+u", "enter")
        hands.looks_like("programme-confirm")
        await hands.type("spirt", "enter")
        hands.says('"spirt" is not "sport": nothing was changed.')
        assert "sport" not in worn.settings["programmes"]
        await hands.press("ctrl+u")
        await hands.type("sport", "enter")
        assert worn.settings["programmes"]["sport"] == [[0, 700_000], [540, 900_000]]
        await hands.press("p", "down", "down", "enter")
        hands.looks_like("programme-follow")
        await hands.type("sport", "enter")
        assert worn.settings["programme"] == "sport"
        await hands.wait(MINUTE)
        assert worn.kernel.inspect().basal_rate == 900_000
        await hands.press("p", "up", "r")
        await hands.type("weekend", "enter")
        assert set(worn.settings["programmes"]) == {"weekday", "sport"}

    drive(worn, script)


def test_limits_are_only_adopted_as_shown_and_named(
    worn: Pump, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (root / "spec" / "presets" / "insulin-u100.toml").read_text(encoding="utf-8")
    text = text.replace('name = "insulin-u100"', 'name = "clinic"')
    text = text.replace("bolus_max = 17", "bolus_max = 12")
    (tmp_path / "clinic.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    async def script(hands: Hands) -> None:
        await hands.press("l", "a")
        hands.looks_like("adopt")
        await hands.type("nothing", "enter")
        hands.says("cannot be read", "allowed a file or a preset")
        await hands.press("ctrl+u")
        await hands.type("insulin-u200", "enter")
        hands.says("another pulse", "nothing was adopted")
        await hands.press("ctrl+u")
        await hands.type("clinic.toml", "enter")
        hands.looks_like("adopt-confirm")
        await hands.press("y", "enter")
        assert worn.limits.bolus_max == 17 * UNIT
        await hands.press("ctrl+u")
        await hands.type("clinic", "enter")
        assert worn.limits.bolus_max == worn.kernel.inspect().limits.bolus_max == 12 * UNIT
        hands.says("The limits clinic are in force now.")

    drive(worn, script)


def test_alarms_are_told_in_sentences_and_acknowledged(worn: Pump) -> None:
    async def script(hands: Hands) -> None:
        worn.report(Kind.FAULT, code=Cause.OCCLUSION)
        worn.notice("The sensor was silent for an hour.")
        await hands.wait(0)
        hands.says("✗ STOPPED BY A FAULT", "▲ A fault has stopped the pump")
        hands.says("• 13 Jan 09:51 The sensor was silent for an hour. (A: read)")
        await hands.press("a")
        hands.looks_like("alarms-fault")
        await hands.press("k")
        assert worn.last is not None and not worn.last.alarms & Alarm.FAULT
        hands.says("There is no alarm.", "Acknowledged.")
        await hands.press("f3", "escape")
        assert "The sensor was silent" not in hands.screen(), "it has been read"
        assert mode(worn) is Mode.DELIVERING

    drive(worn, script)


def test_what_was_found_at_the_start_has_to_be_read_first(worn: Pump) -> None:
    sentences = (
        "Release 12 of 2.5 U was under way when the pump ended. It counts as given; nobody "
        "knows whether it was.",
        "The clock says that the pump was off for 9 h 12 min; 1 h of it count.",
    )

    async def script(hands: Hands) -> None:
        hands.looks_like("found")
        await hands.press("escape", "b")
        assert not isinstance(hands.app.screen, HomeScreen)
        await hands.press("y")
        assert isinstance(hands.app.screen, HomeScreen)

    drive(worn, script, *sentences)


def test_journal_that_cannot_be_written_ends_everything_with_its_reason(
    worn: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise JournalError("pump.journal: cannot be written: database or disk is full")

    async def script(hands: Hands) -> None:
        await hands.press("b")
        await hands.type("2", "enter")
        monkeypatch.setattr(worn.journal, "append", full)
        await hands.press("y")
        hands.looks_like("halted")
        before = asked(worn)
        await hands.press("escape", "f2", "f3", "b")
        await hands.wait(MINUTE)
        hands.looks_like("halted")
        assert asked(worn) == before
        await hands.press("q")

    app = drive(worn, script)
    assert app.return_value == 1


def test_screens_lay_themselves_out_for_a_larger_terminal(worn: Pump) -> None:
    app = PumpApp(worn, live=False)

    async def session() -> None:
        async with app.run_test(size=(160, 48)) as pilot:
            await pilot.pause()
            lines = Hands(app, pilot).screen().splitlines()
            assert len(lines) == 48
            basal = next(line for line in lines if line.startswith(" basal│"))
            assert len(basal) > 140, "the day takes the room there is"
            assert sum("│" in line or "┤" in line for line in lines) > 30
            await pilot.resize_terminal(60, 20)
            Hands(app, pilot).says("This terminal is smaller than 80 by 24")

    asyncio.run(session())
    worn.close()


def test_each_meaning_has_a_sign_and_a_word_besides_its_colour() -> None:
    from dosekernel.pump.screens.palette import MODES

    assert set(MODES) == set(Mode)
    assert len({look.word for look in MODES.values()}) == len(MODES)
    running = MODES[Mode.DELIVERING]
    assert all(look.sign != running.sign for mode, look in MODES.items() if mode != Mode.DELIVERING)


def test_every_screen_names_itself_and_shows_its_keys() -> None:
    from dosekernel.pump.screens.ways import WAYS

    headings = [screen.heading for screen in WAYS.values()]
    assert all(headings) and len(set(headings)) == len(WAYS)
