"""Days as a person on a pump has them, told by someone who knows hazards and not the kernel's code.

Most of a day is nothing: basal, a reading now and then, three meals. Into it come, rarely, two or
three things at once that nobody planned: a set change while an extended bolus runs, across a clock
that jumped. Each such thing stands with its rows of `spec/hazards.toml`. A day is told as
happenings, the same for the same seed, and spelled as the bytes that `dosekernel fuzz` plays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from hypothesis import strategies as st

from dosekernel.kernel import records as k
from dosekernel.spec.limits import preset_names

# How a happening is spelled: an operation, its variant, how long after the last one, what it reads.
OPERATIONS = 32
SET_UP, RUN, NEEDED, OTHER_LIMITS, AGAIN, DAMAGE = 21, 22, 23, 24, 25, 27
MISREPORT, LONG_RUN, AT_ALLOWABLE, TICK_CONFIRM = 28, 29, 30, 31
BY_USER, BY_CONTROLLER, BY_REMOTE, AFTER_CONFIRM, DISTURBED = 0, 2, 3, 4, 6
AT_ONCE, A_MINUTE, FIVE_MINUTES, TEN_MINUTES, TWENTY_MINUTES = 0, 6, 9, 11, 12
LONGEST_GAP, AN_HOUR, LOCKOUT, A_DAY, AHEAD, BACK_A_MOMENT, BACK_AN_HOUR = (
    13,
    17,
    18,
    25,
    28,
    29,
    30,
)
JUST_PAST = 64  # with a pause: a millisecond more
SHARES = 160  # a rate or a duration in parts of its limit
LEAST_SHARE = 64
OF_256 = 7  # an amount as parts of its limit
PULSES, ALLOWABLE, ABOVE_ALLOWABLE = 3, 4, 5


@dataclass(frozen=True)
class Happening:
    """One thing that happens, and the bytes that tell it."""

    words: str
    spelled: bytes


@dataclass
class Day:
    """A day as it is told."""

    random: Random
    happenings: list[Happening] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)

    def tell(self, words: str, operation: int, *read: int, variant: int = BY_USER) -> None:
        """Something happens."""
        spelled = bytes([variant * OPERATIONS + operation, *(each % 256 for each in read)])
        self.happenings.append(Happening(words, spelled))

    def share(self, least: float, most: float) -> int:
        """Some part of a limit on a rate or a duration."""
        return LEAST_SHARE + int(SHARES * self.random.uniform(least, most))

    def amount(self, least: float, most: float) -> tuple[int, int]:
        """Some part of a limit on an amount, whole pulses of it."""
        return OF_256, int(255 * self.random.uniform(least, most))

    def bytes(self) -> bytes:
        """The day as it is played."""
        return b"".join(each.spelled for each in self.happenings)


# ---- what an ordinary day is made of


def quiet(day: Day, hours: int) -> None:
    """Nothing: basal runs, the motor reports."""
    for _ in range(hours):
        day.tell("an hour passes", RUN, day.random.choice((11, 19, 31)), FIVE_MINUTES)


def reading(day: Day, low: int = 90, high: int = 220) -> None:
    """The sensor sends a reading."""
    glucose = day.random.randint(low, high)
    day.tell(f"glucose {glucose}", k.GLUCOSE, FIVE_MINUTES, (glucose - 19) // 2)


def meal(day: Day) -> None:
    """A meal: a reading, a bolus, sometimes a dual one."""
    reading(day)
    day.tell("a meal bolus", k.BOLUS, A_MINUTE, *day.amount(0.05, 0.6), variant=AFTER_CONFIRM)
    if day.random.random() < 0.4:
        extended(day)
    day.tell("it is delivered", RUN, 9, A_MINUTE)


def extended(day: Day) -> None:
    """Part of a meal over hours."""
    day.tell(
        "an extended bolus", k.EXTENDED_BOLUS, AT_ONCE, day.share(0.2, 0.9), *day.amount(0.05, 0.4)
    )


def exercise(day: Day) -> None:
    """A lower rate for some hours."""
    day.tell("a temporary rate", k.TEMP_BASAL, A_MINUTE, day.share(0, 0.4), day.share(0.1, 0.5))


def correction(day: Day) -> None:
    """A controller looks at the readings and corrects."""
    for _ in range(day.random.randint(1, 3)):
        reading(day, 120, 300)
    asked = (k.BOLUS, A_MINUTE, *day.amount(0.1, 1.0))
    day.tell("a controller's correction", *asked, variant=BY_CONTROLLER)
    rate = (k.TEMP_BASAL, A_MINUTE, day.share(0.2, 1.0), day.share(0.3, 1.0))
    day.tell("a controller's rate", *rate, variant=BY_CONTROLLER)
    quiet(day, 1)


def set_change(day: Day) -> None:
    """A new set, step by step, as far as it is needed."""
    day.tell("disconnected", k.DISCONNECT, A_MINUTE)
    day.tell("a new reservoir", k.LOAD_RESERVOIR, A_MINUTE, LEAST_SHARE - 1)
    for step in ("primed", "the prime runs", "inserted", "connected", "filled", "the fill runs"):
        day.tell(step, NEEDED, variant=2)
    day.tell("the rest of it", SET_UP, variant=2)


ORDINARY: tuple[Callable[[Day], None], ...] = (meal, meal, meal, reading, exercise, correction)


# ---- what happens rarely; the rows that each is about stand with it


def clock_back(day: Day) -> None:
    """The clock is set back, and a request comes from then."""
    day.tell("a tick from an hour ago", k.TICK, BACK_AN_HOUR)
    day.tell("a bolus from a moment ago", k.BOLUS, BACK_A_MOMENT, PULSES, 3)


def clock_ahead(day: Day) -> None:
    """The clock jumps a month, and a moment more than that."""
    day.tell("a stop from far ahead", k.SUSPEND, AHEAD + JUST_PAST)
    day.tell("resumed", k.RESUME, A_MINUTE)
    day.tell("a tick just past what is credible", k.TICK, AHEAD + JUST_PAST)


def power_gap(day: Day) -> None:
    """The pump is dead for longer than it may make up."""
    pause = day.random.choice((LONGEST_GAP + JUST_PAST, AN_HOUR, A_DAY))
    day.tell("power is back", k.TICK, pause, variant=AFTER_CONFIRM)
    day.tell("seen", k.ACKNOWLEDGE, A_MINUTE)
    quiet(day, 1)


def lost_report(day: Day) -> None:
    """The motor moves, and its report is lost; perhaps twice."""
    for _ in range(day.random.randint(1, 2)):
        day.tell("a bolus", k.BOLUS, AT_ONCE, PULSES, 9)
        day.tell("the motor moves", k.TICK, A_MINUTE)
        day.tell("nobody knows what it gave", k.UNCERTAIN, TEN_MINUTES)
    day.tell("seen", k.ACKNOWLEDGE, A_MINUTE)
    day.tell("resumed", k.RESUME, A_MINUTE)


def occlusion(day: Day) -> None:
    """Less arrives than was released; the alarm is silenced, and it happens again."""
    for _ in range(day.random.randint(1, 3)):
        day.tell("a bolus", k.BOLUS, AT_ONCE, PULSES, 9, variant=AFTER_CONFIRM)
        day.tell("the motor moves", k.TICK, A_MINUTE)
        day.tell("less arrived", MISREPORT, A_MINUTE, 0, variant=day.random.choice((0, 2)))
        day.tell("silenced", k.ACKNOWLEDGE, A_MINUTE)
        day.tell("a bolus at once", k.BOLUS, AT_ONCE, PULSES, 2)
        day.tell("resumed", k.RESUME, AT_ONCE)


def free_flow(day: Day) -> None:
    """More flows than was released, and a bolus is asked for on top."""
    flowed = (day.random.choice((5, 6)), *day.amount(0.2, 1.0))
    day.tell("over-flow", k.FAULT, A_MINUTE, *flowed)
    day.tell("silenced", k.ACKNOWLEDGE, A_MINUTE)
    day.tell("resumed", k.RESUME, A_MINUTE)
    day.tell("as much as may be", AT_ALLOWABLE)


def impatience(day: Day) -> None:
    """'Failed' is shown, so it is asked again: the same request, a new one, another amount."""
    day.tell("a bolus", k.BOLUS, AT_ONCE, *day.amount(0.1, 0.5), variant=AFTER_CONFIRM)
    day.tell("the same again", AGAIN, AT_ONCE)
    day.tell("the same, much later", AGAIN, AN_HOUR)
    day.tell("another with its number", AGAIN, A_MINUTE, 13, variant=DISTURBED)
    day.tell("yesterday's number", k.BOLUS, AT_ONCE, PULSES, 2, 1, variant=DISTURBED)
    day.tell("one more", k.BOLUS, AT_ONCE, *day.amount(0.1, 0.5))


def half_entered(day: Day) -> None:
    """A request is finished long after it was begun, or bears a date of the future."""
    for late in (7, 6, 5):
        asked = (k.BOLUS, A_MINUTE, PULSES, 5, late)
        day.tell("a bolus begun long ago", *asked, variant=DISTURBED)


def cancelled(day: Day) -> None:
    """A bolus is broken off under way; the next is asked for at once, and after the lockout."""
    day.tell("a bolus", k.BOLUS, A_MINUTE, *day.amount(0.2, 0.9), variant=AFTER_CONFIRM)
    day.tell("the motor moves", TICK_CONFIRM, A_MINUTE)
    day.tell("broken off", k.CANCEL_BOLUS, AT_ONCE)
    day.tell("the next at once", k.BOLUS, AT_ONCE, PULSES, 2, variant=AFTER_CONFIRM)
    day.tell("the next after the lockout", k.BOLUS, LOCKOUT, PULSES, 2, variant=AFTER_CONFIRM)
    quiet(day, 1)


def forgotten_suspension(day: Day) -> None:
    """Suspended for a shower, and forgotten; a remote and a controller go on asking."""
    day.tell("suspended", k.SUSPEND, A_MINUTE)
    quiet(day, day.random.randint(1, 3))
    day.tell("a remote asks", k.BOLUS, A_MINUTE, *day.amount(0.1, 1.0), variant=BY_REMOTE)
    day.tell("a controller asks", k.BOLUS, A_MINUTE, *day.amount(0.1, 1.0), variant=BY_CONTROLLER)
    day.tell("resumed", k.RESUME, A_MINUTE)
    quiet(day, 1)


def quick_disconnect(day: Day) -> None:
    """Off for a swim, back on; perhaps a prime between, to see drops."""
    day.tell("disconnected", k.DISCONNECT, A_MINUTE, variant=AFTER_CONFIRM)
    if day.random.random() < 0.5:
        day.tell("a few drops", k.PRIME, A_MINUTE, PULSES, 9)
        day.tell("they run", TICK_CONFIRM, A_MINUTE)
    quiet(day, 1)
    day.tell("connected", k.CONNECT, A_MINUTE)
    day.tell("a prime in the body", k.PRIME, A_MINUTE, PULSES, 3)
    quiet(day, 1)


def falling(day: Day) -> None:
    """Glucose falls; insulin must stop, and come back."""
    for glucose in (130, 105, 85, 72, 60):
        day.tell(f"glucose {glucose}", k.GLUCOSE, FIVE_MINUTES, (glucose - 19) // 2)
    day.tell("a correction on a low", k.BOLUS, AT_ONCE, PULSES, 4, variant=BY_CONTROLLER)
    quiet(day, day.random.randint(1, 4))
    reading(day, 100, 130)
    quiet(day, 1)


def bad_sensor(day: Day) -> None:
    """Codes in place of readings, readings from the past and the future, then silence."""
    day.tell("a sensor's code", k.GLUCOSE, FIVE_MINUTES, 0)
    for disturbance in (5, 8, 14):
        read = (k.GLUCOSE, FIVE_MINUTES, 60, disturbance, 8, 14)
        day.tell("a doubtful reading", *read, variant=DISTURBED)
    quiet(day, 1)
    rate = (k.TEMP_BASAL, A_MINUTE, LEAST_SHARE + SHARES, LEAST_SHARE + SHARES)
    day.tell("the controller goes on", *rate, variant=BY_CONTROLLER)
    day.tell("and doses", k.BOLUS, A_MINUTE, PULSES, 4, variant=BY_CONTROLLER)


def greed(day: Day) -> None:
    """As much as may be, as often as it may be, with basal at its highest."""
    day.tell("the highest rate", k.SET_BASAL, A_MINUTE, LEAST_SHARE - 1)
    for _ in range(day.random.randint(2, 8)):
        day.tell("as much as may be", AT_ALLOWABLE, variant=day.random.choice((0, 4)))
        day.tell("it runs", RUN, 15, A_MINUTE)
        above = (k.BOLUS, AT_ONCE, ABOVE_ALLOWABLE)
        day.tell("a step more than may be", *above, variant=AFTER_CONFIRM)


def intruder(day: Day) -> None:
    """A remote tries what is not its to ask."""
    for kind in (k.RESUME, k.LOAD_RESERVOIR, k.SET_BASAL, k.ACKNOWLEDGE, k.EXTENDED_BOLUS):
        read = (day.share(0, 1), *day.amount(0, 1))
        day.tell("a remote oversteps", kind, A_MINUTE, *read, variant=BY_REMOTE)
    rate = (k.TEMP_BASAL, A_MINUTE, day.share(0.5, 1.0), day.share(0.1, 0.9))
    day.tell("a remote raises the rate", *rate, variant=BY_REMOTE)


def dry_reservoir(day: Day) -> None:
    """The last units: a small load, and boluses until it is empty."""
    day.tell("disconnected", k.DISCONNECT, A_MINUTE, variant=AFTER_CONFIRM)
    day.tell("a small reservoir", k.LOAD_RESERVOIR, A_MINUTE, LEAST_SHARE + 3)
    day.tell("set up", SET_UP, variant=3)
    for _ in range(4):
        day.tell("all that is left", k.BOLUS, A_MINUTE, 6, variant=AFTER_CONFIRM)
        day.tell("a part, spread", k.EXTENDED_BOLUS, AT_ONCE, day.share(0, 0.2), 6)
        day.tell("it runs", RUN, 20, A_MINUTE)


def damage(day: Day) -> None:
    """A bit of the memory flips."""
    day.tell("a bit flips", DAMAGE, k.TICK, AT_ONCE, 0, day.random.randrange(256), 5)


def new_limits(day: Day) -> None:
    """The clinic sends other limits in the middle of it all."""
    read = (day.random.randrange(6), 0, 0)
    day.tell("other limits", OTHER_LIMITS, *read, variant=day.random.randrange(8))


# What nobody plans, and the rows of the hazards that it is about.
RARE: dict[Callable[[Day], None], tuple[str, ...]] = {
    clock_back: ("H60", "H61"),
    clock_ahead: ("H60",),
    power_gap: ("H12", "H38", "H65"),
    lost_report: ("H07", "H09"),
    occlusion: ("H21", "H26", "H39"),
    free_flow: ("H20", "H64"),
    impatience: ("H07", "H50", "H57"),
    half_entered: ("H56",),
    cancelled: ("H05", "H06", "H28", "H36"),
    forgotten_suspension: ("H30", "H37"),
    quick_disconnect: ("H45", "H48"),
    set_change: ("H46", "H47"),
    falling: ("H67",),
    bad_sensor: ("H67", "H68", "H69", "H70"),
    greed: ("H02", "H03", "H15", "H23"),
    intruder: ("H17", "H52"),
    dry_reservoir: ("H40", "H42"),
    damage: ("H62",),
    new_limits: ("H16", "H59"),
    extended: ("H32", "H33"),
}


def day_of(seed: int, rarely: float = 0.35) -> Day:
    """One day: three parts of it, and in some of them two or three rare things at once."""
    random = Random(seed)
    day = Day(random)
    preset = random.randrange(len(preset_names()))
    day.happenings.append(Happening("a pump is made", bytes([preset, 0, random.choice((0, 1))])))
    day.tell("set up, and it delivers", SET_UP, variant=random.randint(1, 4))
    for _ in range(random.randint(2, 5)):
        quiet(day, random.randint(0, 6))
        random.choice(ORDINARY)(day)
        if random.random() < rarely:
            coincidence(day)
    quiet(day, random.randint(1, 4))
    return day


def coincidence(day: Day) -> None:
    """Two or three rare things at once, often with an extended bolus or a higher rate under way."""
    if day.random.random() < 0.5:
        extended(day)
    else:
        rate = (k.TEMP_BASAL, A_MINUTE, day.share(0.5, 1.0), day.share(0.2, 1.0))
        day.tell("a higher temporary rate", *rate)
    for rare in day.random.sample(list(RARE), day.random.randint(2, 3)):
        day.rows += RARE[rare]
        rare(day)


def days_of(seed: int, count: int) -> Sequence[bytes]:
    """So many days, the same for the same seed."""
    random = Random(seed)
    return [day_of(random.randrange(2**32)).bytes() for _ in range(count)]


def outsider_days() -> st.SearchStrategy[bytes]:
    """Such days for a test that is `given` one; small seeds first."""
    return st.integers(0, 2**32 - 1).map(lambda seed: day_of(seed).bytes())
