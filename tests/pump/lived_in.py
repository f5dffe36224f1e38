"""Pumps with a past, for looking at screens: the same to the millisecond each time."""

from pathlib import Path

from dosekernel import Limits
from dosekernel.pump.actions import Actions
from dosekernel.pump.opening import make
from dosekernel.pump.shell import Pump
from dosekernel.pump.therapy import programme
from dosekernel.pump.therapy.sites import Site
from dosekernel.pump.unread import mark_read
from dosekernel.spec.reasons import Kind, Status

MINUTE = 60_000
HOUR = 60 * MINUTE
UNIT = 1_000_000
# Tuesday 2027-01-12, 07:00 in Berlin.
BEGINS = 1_799_733_600_000
STEP = 5 * MINUTE
WEEKDAY = [[0, 800_000], [360, 1_100_000], [600, 900_000], [1080, 950_000], [1320, 750_000]]
WEEKEND = [[0, 750_000], [540, 1_000_000], [1320, 750_000]]
# Minutes after the beginning, and micro-units.
BOLUSES = {35: 4_500_000, 330: 6_000_000, 660: 5_500_000, 905: 1_500_000, 1475: 4_000_000}
LIVED = 26 * 60


def new_pump(path: Path, preset: str = "insulin-u100") -> Pump:
    """A pump that was just made."""
    pump = make(path, Limits.load(preset), simulated=True, wall=BEGINS)
    # A disk's patience is tested elsewhere.
    pump.journal._connection.pragma("synchronous", "off")
    pump.set("timezone", "Europe/Berlin")
    return pump


def ready_pump(path: Path) -> Pump:
    """A pump that delivers a programme, with a set in the abdomen."""
    pump = new_pump(path)
    pump.set("programmes", {"weekday": WEEKDAY, "weekend": WEEKEND})
    pump.set("programme", "weekday")
    pump.set("set", "orbit-soft")
    pump.set("ratios", [[0, "10"], [660, "12"]])
    pump.set("correction", 40)
    pump.set("target", 110)
    change = Actions(pump).set_change()
    change.begin()
    done = [change.load(180 * UNIT), change.prime(11 * UNIT)]
    live(pump, 10 * MINUTE)
    site = Site.read("abdomen left 2")
    done += [change.insert(site.code, str(site)), change.connect(), change.fill(200_000)]
    live(pump, MINUTE)
    assert all(each.status is Status.ACCEPTED for each in done), done
    assert programme.active(pump) is not None
    return pump


def lived_in(path: Path, minutes: int = LIVED) -> Pump:
    """A pump after a day: meals, a night, glucose every five minutes."""
    pump = ready_pump(path)
    for minute in range(0, minutes, STEP // MINUTE):
        pump.clock.sleep(STEP)
        pump.advance()
        pump.settle()
        pump.report(Kind.GLUCOSE, issued_at=pump.now(), glucose=glucose_at(minute))
        if minute in BOLUSES:
            pump.ask(Kind.BOLUS, amount=BOLUSES[minute])
            live(pump, 5 * MINUTE)
    mark_read(pump)
    return pump


def live(pump: Pump, duration: int) -> None:
    """Let time pass in larger steps than a program makes."""
    for _ in range(0, duration, MINUTE // 6):
        pump.clock.sleep(MINUTE // 6)
        pump.advance()


def glucose_at(minute: int) -> int:
    """A day of glucose: it rises after each meal and falls back, with a low stretch at night."""
    level = 112.0
    for meal, amount in BOLUSES.items():
        age = minute - meal
        if age > 0 and amount > 2 * UNIT:
            level += amount / UNIT * 26 * (age / 55) * 2.718281828 ** (1 - age / 55) / 2
    night = min(abs(minute - 1130), 90)
    level -= 34 * (1 - night / 90)
    return round(level + (minute * 7919 % 13 - 6) / 3)
