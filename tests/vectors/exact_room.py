"""Histories in which the room that is left is met exactly: caps, reservoir, speed and time."""

from dataclasses import replace

from dosekernel.kernel import records as k

from .recorder import INSULIN, Book, expect

U = 1_000_000
PULSE = INSULIN.pulse
# What may pile up behind a release that waits: one pulse, and 15 minutes at 6 U/h.
BACKLOG = PULSE + 3 * U // 2
BARE = replace(INSULIN, basal_reserve=0, on_board_max=400 * U)


def room_in_windows(book: Book) -> None:
    """A bolus, a fill and a rate that need exactly what a window leaves, and one step more"""
    hour = replace(BARE, window_max=BACKLOG + U)
    day = replace(BARE, day_max=BACKLOG + 25 * U // 2)
    for limits, room, reason in ((hour, U, k.REASON_WINDOW), (day, 25 * U // 2, k.REASON_DAY)):
        pump = book.pump(limits, rate=0)
        expect(pump.ask(k.BOLUS, amount=room + PULSE), reason=reason, allowable=room)
        expect(pump.ask(k.BOLUS, amount=room), status=k.ACCEPTED)
    for limits, rate, reason in ((hour, 960_000, k.REASON_WINDOW), (day, U // 2, k.REASON_DAY)):
        pump = book.pump(limits, rate=0)
        expect(pump.ask(k.SET_BASAL, rate=rate + 1), reason=reason)
        expect(pump.ask(k.SET_BASAL, rate=rate), status=k.ACCEPTED)
    narrow = replace(BARE, window_max=BACKLOG + 2 * PULSE)
    short = replace(BARE, day_max=BACKLOG + 2 * PULSE)
    for limits, reason in ((narrow, k.REASON_WINDOW), (short, k.REASON_DAY)):
        pump = book.begin(limits)
        pump.ask(k.LOAD_RESERVOIR, amount=2 * U)
        pump.ask(k.PRIME, amount=PULSE)
        pump.run_out()
        pump.ask(k.INSERT_SET, code=1)
        pump.ask(k.CONNECT)
        expect(pump.ask(k.FILL_CANNULA, amount=3 * PULSE), reason=reason)
        expect(pump.ask(k.FILL_CANNULA, amount=2 * PULSE), status=k.ACCEPTED)


def limits_that_just_fit(book: Book) -> None:
    """Caps that hold the reserved basal and its backlog exactly, and one micro-unit less"""
    pump = book.begin()
    for cap, most in (("window_max", BACKLOG + U), ("day_max", BACKLOG + 24 * U)):
        for less in (1, 0):
            offered = replace(INSULIN, basal_reserve=960_000).to_record()
            setattr(offered, cap, most - less)
            assert (pump.adopt(offered) == k.REASON_NONE) == (less == 0)


def room_in_the_reservoir(book: Book) -> None:
    """The reservoir to its last pulse: under an extended bolus, a bolus and basal together"""
    pump = book.pump(BARE, rate=0, amount=3 * U + 26 * PULSE)
    pump.ask(k.EXTENDED_BOLUS, amount=U, duration=k.HOUR)
    above = pump.ask(k.BOLUS, amount=2 * U + PULSE)
    expect(above, reason=k.REASON_RESERVOIR, allowable=2 * U)
    expect(pump.ask(k.BOLUS, amount=2 * U), status=k.ACCEPTED)
    pump = book.pump(BARE, rate=6 * U, amount=2 * U + 26 * PULSE)
    pump.tick(k.MINUTE)
    pump.confirm()
    left = pump.ask(k.BOLUS, amount=1).allowable
    pump.ask(k.BOLUS, amount=left)
    expect(pump.tick(2 * k.MINUTE), reservoir=0, mode=k.MODE_EMPTY)
    pump = book.pump(BARE, rate=0, amount=2 * PULSE + 26 * PULSE)
    pump.ask(k.BOLUS, amount=PULSE)
    expect(pump.tick(k.MINUTE), reservoir=PULSE, mode=k.MODE_DELIVERING)
    pump.confirm()
    expect(pump.ask(k.BOLUS, amount=PULSE), status=k.ACCEPTED)
    pump = book.begin()
    expect(pump.ask(k.LOAD_RESERVOIR, amount=1), mode=k.MODE_NOT_READY, status=k.ACCEPTED)


def shares_of_a_release(book: Book) -> None:
    """One release of basal, bolus and extended bolus, as much as the speed leaves for each"""
    pump = book.pump(BARE, rate=0)
    pump.ask(k.EXTENDED_BOLUS, amount=4 * U, duration=k.HOUR)
    pump.ask(k.BOLUS, 15 * k.MINUTE, amount=5 * U // 2)
    expect(pump.tick(k.MINUTE), amount=3 * U)
    pump.confirm()
    pump = book.pump(BARE, rate=3 * U)
    pump.ask(k.BOLUS, amount=PULSE)
    expect(pump.tick(k.MINUTE), amount=2 * PULSE)
    pump.confirm()
    pump.ask(k.EXTENDED_BOLUS, amount=2 * U, duration=40 * k.MINUTE)
    expect(pump.tick(k.MINUTE), amount=2 * PULSE)


def shortest(book: Book) -> None:
    """The shortest durations, the first id, and rates equal to the one in force"""
    pump = book.begin()
    expect(pump.ask(k.SUSPEND, id=1), status=k.ACCEPTED)
    expect(pump.ask(k.RESUME, id=1), reason=k.REASON_ID_REUSED)
    pump = book.pump()
    same = {"rate": U, "duration": k.HOUR // 2, "source": k.CONTROLLER}
    expect(pump.ask(k.TEMP_BASAL, **same), status=k.ACCEPTED, rate=U)
    expect(pump.ask(k.SUSPEND), status=k.ACCEPTED)
    expect(pump.ask(k.RESUME), status=k.ACCEPTED)
    expect(pump.ask(k.TEMP_BASAL, rate=2 * U, duration=1), rate=2 * U)
    expect(pump.tick(1), rate=U)
    expect(pump.ask(k.EXTENDED_BOLUS, amount=U, duration=1), status=k.ACCEPTED)
    expect(pump.tick(k.MINUTE), amount=U)
    reserve = pump.ask(k.SET_BASAL, rate=INSULIN.basal_reserve)
    expect(reserve, status=k.ACCEPTED)


def rooms_switched_off(book: Book) -> None:
    """No prime, no fill, no lives and no reminders: what is off is neither asked nor told"""
    alarms_off = replace(INSULIN, set_life=0, reservoir_life=0, set_expiry=0, suspend_reminder=0)
    pump = book.pump(replace(alarms_off, prime_max=0, cannula_fill=0, glucose_low=0))
    expect(pump.ask(k.GLUCOSE, glucose=40), mode=k.MODE_DELIVERING)
    pump.ask(k.SUSPEND)
    expect(pump.tick(30 * k.DAY), alarms=k.ALARM_GAP, mode=k.MODE_SUSPENDED)
    expect(pump.ask(k.PRIME, amount=PULSE), status=k.REFUSED)
    expect(pump.ask(k.FILL_CANNULA, amount=PULSE), status=k.REFUSED)


def low_suspension_in_time(book: Book) -> None:
    """A low suspension ends after its longest time, and a new one may start as long after"""
    pump = book.pump()
    longest = INSULIN.glucose_suspend_max
    for pause in (0, longest - 1, 1):
        pump.ask(k.GLUCOSE, pause, glucose=60)
        pump.tick(longest - 1)
        expect(pump.tick(1), mode=k.MODE_DELIVERING)
    pump = book.pump()
    pump.ask(k.GLUCOSE, glucose=60)
    pump.tick(longest)
    expect(pump.ask(k.GLUCOSE, longest - 1, glucose=60), mode=k.MODE_DELIVERING)
    expect(pump.ask(k.GLUCOSE, 1, glucose=60), mode=k.MODE_LOW_SUSPENDED)
