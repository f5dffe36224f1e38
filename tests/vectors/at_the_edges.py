"""Histories at the ends of ranges: the last value that is taken, and the first that is not."""

from dataclasses import replace

from dosekernel.kernel import records as k
from dosekernel.spec.limits_table import LIMITS, Limit

from .recorder import INSULIN, Book, Recorder, expect

U = 1_000_000
PULSE = INSULIN.pulse


# Limits with room on all sides, so that one of them can go to either end of its range alone.
WIDE = replace(
    INSULIN,
    pulse=1,
    reservoir_capacity=k.VOLUME_MAX,
    reservoir_low=0,
    bolus_max=k.VOLUME_MAX,
    delivery_speed=k.RATE_MAX,
    basal_max=0,
    basal_reserve=0,
    window_max=k.VOLUME_MAX,
    day_max=k.VOLUME_MAX,
    controller_bolus_max=0,
    controller_basal_max=0,
    controller_duration_max=0,
    remote_bolus_max=0,
    glucose_resume=k.GLUCOSE_MAX,
    confirm_max=k.HOUR,
)


def ranges_of_limits(book: Book) -> None:
    """Each limit at the ends of its range and just beyond, offered to a fresh pump"""
    book.call("wide", WIDE)
    pump = book.begin()
    assert pump.adopt(WIDE) == k.REASON_NONE
    for limit in LIMITS:
        for word in _ends(limit):
            offered = WIDE.to_record()
            if limit.name == "action_remaining":
                offered.action_remaining[1] = word
            else:
                setattr(offered, limit.name, word)
            pump.adopt(offered)


def _ends(limit: Limit) -> list[int]:
    """The first and last words of a limit's range, and those just outside."""
    low, high = (
        getattr(WIDE, bound) if isinstance(bound, str) else bound
        for bound in (limit.low, limit.high)
    )
    return [low - 1, low, low + 1, high, high + 1]


def ids(book: Book) -> None:
    """Ids at the ends of what may follow"""
    pump = book.pump()
    first = pump.id
    for number in (0, first, first - 1, first + k.ID_STEP_MAX + 1, k.ID_MAX + 1):
        expect(pump.ask(k.SUSPEND, id=number), status=k.ACCEPTED)
        expect(pump.ask(k.RESUME, id=number), status=k.REFUSED)
    expect(pump.ask(k.RESUME, id=first + k.ID_STEP_MAX), status=k.ACCEPTED)
    expect(pump.ask(k.CANCEL_BOLUS, id=pump.id + k.ID_STEP_MAX), status=k.ACCEPTED)
    expect(pump.ask(k.BOLUS, amount=U, id=pump.id), reason=k.REASON_ID_REUSED)


def contents(book: Book) -> None:
    """The last id again, each word of its content changed in turn"""
    pump = book.pump()
    asked = {"id": pump.id + 1, "rate": 2 * U, "duration": k.HOUR, "issued_at": pump.now}
    expect(pump.ask(k.TEMP_BASAL, **asked), status=k.ACCEPTED)
    for field in ("amount", "rate", "duration", "glucose", "code"):
        other = {**asked, field: asked.get(field, 0) + 1}
        expect(pump.ask(k.TEMP_BASAL, **other), reason=k.REASON_ID_REUSED)
    earlier = {**asked, "issued_at": pump.now - 1}
    expect(pump.ask(k.TEMP_BASAL, **earlier), reason=k.REASON_ID_REUSED)
    remote = {**asked, "source": k.CONTROLLER}
    expect(pump.ask(k.TEMP_BASAL, **remote), reason=k.REASON_ID_REUSED)
    expect(pump.ask(k.SET_BASAL, **asked), reason=k.REASON_ID_REUSED)
    expect(pump.ask(k.TEMP_BASAL, k.HOUR, **asked), status=k.REPEATED)


def times(book: Book) -> None:
    """The latest times, and steps of the clock as long as may be"""
    pump = book.begin(at=k.TIME_MAX - k.AHEAD_MAX - 1)
    expect(pump.ask(k.TICK, at=pump.now + k.AHEAD_MAX + 1), reason=k.REASON_CLOCK_AHEAD)
    expect(pump.ask(k.SUSPEND, at=pump.now + k.AHEAD_MAX + 1), status=k.ACCEPTED)
    expect(pump.tick(k.AHEAD_MAX), status=k.ACCEPTED)
    expect(pump.tick(1), status=k.ACCEPTED)
    expect(pump.ask(k.TICK, at=k.TIME_MAX + 1), reason=k.REASON_RANGE)
    expect(pump.ask(k.SUSPEND, at=k.TIME_MAX + 1), status=k.ACCEPTED)
    late = book.begin(at=k.TIME_MAX + 1)
    assert late.start.reason != k.REASON_NONE


def words_of_events(book: Book) -> None:
    """Each word of an event at the end of its range and just beyond"""
    pump = book.pump()
    ranges = {
        "amount": k.VOLUME_MAX,
        "rate": k.RATE_MAX,
        "duration": k.TIME_MAX,
        "code": k.CODE_MAX,
        "issued_at": k.TIME_MAX,
        "glucose": k.GLUCOSE_MAX,
    }
    for field, most in ranges.items():
        for word in (most, most + 1):
            pump.ask(k.EXTENDED_BOLUS, **{"amount": U, "duration": k.HOUR, field: word})
    for glucose in (k.GLUCOSE_MIN - 1, k.GLUCOSE_MIN, k.GLUCOSE_MAX, k.GLUCOSE_MAX + 1):
        pump.ask(k.GLUCOSE, 1, glucose=glucose)


def controller_caps(book: Book) -> None:
    """A controller and a remote at their caps and one step above"""
    pump = book.pump()
    pump.ask(k.GLUCOSE, glucose=200)
    cap = INSULIN.controller_basal_max
    for rate, reason in ((cap + 1, k.REASON_RATE_CAP), (cap, k.REASON_NONE)):
        asked = {"rate": rate, "duration": k.MINUTE, "source": k.CONTROLLER}
        expect(pump.ask(k.TEMP_BASAL, **asked), reason=reason)
    expect(pump.ask(k.CANCEL_TEMP_BASAL, source=k.CONTROLLER), rate=U)
    for rate, reason in ((U + 1, k.REASON_RATE_CAP), (U, k.REASON_NONE)):
        asked = {"rate": rate, "duration": k.MINUTE, "source": k.REMOTE}
        expect(pump.ask(k.TEMP_BASAL, **asked), reason=reason)
    for source, most in ((k.CONTROLLER, 2 * U), (k.REMOTE, 5 * U)):
        for amount, reason in ((most + PULSE, k.REASON_BOLUS_CAP), (most, k.REASON_NONE)):
            expect(pump.ask(k.BOLUS, amount=amount, source=source), reason=reason)
        pump.ask(k.CANCEL_BOLUS)
    stale = {"rate": 2 * U, "duration": k.MINUTE, "source": k.CONTROLLER}
    at_age = pump.ask(k.TEMP_BASAL, INSULIN.glucose_stale, **stale)
    expect(at_age, status=k.ACCEPTED)
    pump.ask(k.CANCEL_TEMP_BASAL)
    expect(pump.ask(k.TEMP_BASAL, 1, **stale), reason=k.REASON_GLUCOSE_MISSING)


def on_board_room(book: Book) -> None:
    """Drug on board up to its cap exactly, with an extended bolus that is still owed"""
    pump = book.pump(replace(INSULIN, on_board_max=10 * U, basal_reserve=0), rate=0)
    acting = pump.tick().on_board
    pump.ask(k.EXTENDED_BOLUS, amount=4 * U, duration=k.HOUR)
    room = 10 * U - acting - 4 * U
    above = pump.ask(k.BOLUS, amount=room + PULSE)
    expect(above, reason=k.REASON_ON_BOARD, allowable=room)
    expect(pump.ask(k.BOLUS, amount=room), status=k.ACCEPTED)
    pump.ask(k.GLUCOSE, glucose=200)
    raised = {"duration": k.HOUR // 2, "source": k.CONTROLLER}
    expect(pump.ask(k.TEMP_BASAL, rate=1, **raised), reason=k.REASON_ON_BOARD)


def windows_full(book: Book) -> None:
    """An over-flow that fills a window to the last pulse, and past it"""
    for window, reason in ((100 * U, k.REASON_WINDOW), (190 * U, k.REASON_DAY)):
        limits = replace(INSULIN, on_board_max=400 * U, window_max=window, day_max=175 * U)
        pump = book.pump(limits, rate=6 * U)
        left = min(window, 175 * U) - pump.tick().day_total
        pump.ask(k.FAULT, code=k.CAUSE_OVERFLOW, amount=left - PULSE)
        pump.ask(k.ACKNOWLEDGE)
        pump.ask(k.RESUME)
        for _ in range(4):
            outcome = pump.tick(2 * k.MINUTE)
            pump.confirm()
        expect(outcome, reason=reason)


def readings_at_bounds(book: Book) -> None:
    """Readings at each threshold, as near and as far apart as a prediction takes"""
    low, resume = INSULIN.glucose_low, INSULIN.glucose_resume
    falls = (
        (k.READINGS_NEAREST - 1, 130, 90),
        (k.READINGS_NEAREST, 130, 90),
        (k.READINGS_FARTHEST, 130, 90),
        (k.READINGS_FARTHEST + 1, 130, 90),
        (5 * k.MINUTE, 80, 80),
        (6 * k.MINUTE, 90, 87),  # foretells 72 in half an hour
        (6 * k.MINUTE, 88, 85),  # foretells 70
        (5 * k.MINUTE, low + 2, low + 1),
        (5 * k.MINUTE, 100, low),
    )
    pump = book.pump()
    for apart, before, after in falls:
        _recover(pump)
        pump.ask(k.GLUCOSE, INSULIN.glucose_suspend_max, glucose=before)
        pump.ask(k.GLUCOSE, apart, glucose=after)
    for glucose in (resume - 1, resume):
        pump.ask(k.GLUCOSE, 20 * k.MINUTE, glucose=glucose)


def _recover(pump: Recorder) -> None:
    """A low suspension is over, and so is the time in which no new one starts."""
    pump.ask(k.GLUCOSE, 20 * k.MINUTE, glucose=200)


def ages(book: Book) -> None:
    """Each age at its limit and one millisecond above"""
    pump = book.pump(replace(INSULIN, set_life=70 * k.HOUR))
    start = pump.now
    for life in (70 * k.HOUR, INSULIN.reservoir_life, INSULIN.set_expiry):
        for at in (-k.MINUTE, -1, 0, 1, k.MINUTE):
            pump.tick(start + life + at - pump.now)
            pump.confirm()
    pump = book.pump()
    for pause in (INSULIN.gap_max, INSULIN.gap_max + 1):
        pump.tick(pause)
        pump.tick(INSULIN.confirm_max)
        pump.tick(1)
        pump.confirm()


def faults_apart(book: Book) -> None:
    """Three faults in ten minutes exactly, and in one millisecond more"""
    for more in (0, 1):
        pump = book.pump()
        for pause in (0, k.MINUTE, k.FAULT_SPAN - k.MINUTE + more):
            outcome = pump.ask(k.FAULT, pause, code=k.CAUSE_OTHER)
            pump.ask(k.ACKNOWLEDGE)
        assert bool(outcome.alarms & k.ALARM_LATCHED) == (more == 0)


def reports(book: Book) -> None:
    """Reports of one micro-unit more and less, after a stop, and of a prime"""
    for stop in (k.NEVER, k.SUSPEND):
        for amount in (-1, 1):
            pump = book.pump()
            pump.ask(k.BOLUS, amount=U)
            pump.tick(k.MINUTE)
            if stop != k.NEVER:
                pump.ask(stop)
            pump.confirm(short=-amount)
    pump = book.begin()
    pump.ask(k.LOAD_RESERVOIR, amount=2 * U)
    for amount in (2 * U + PULSE, 2 * U):
        pump.ask(k.PRIME, amount=amount)
    pump.tick(2 * k.MINUTE)
    pump.confirm(short=-2 * U)


def distant_doses(book: Book) -> None:
    """A bolus seen through every slot of the windows, from both sides of each edge"""
    pump = book.pump(rate=0)
    pump.ask(k.BOLUS, amount=5 * U)
    pump.run_out(2 * k.MINUTE)
    for slot in (k.HOUR // k.SPANS, k.ACTION_SLOT, k.DAY_SLOT):
        for _ in range(4):
            pump.tick(slot - pump.now % slot - 1)
            pump.tick(1)
    for hours in (1, 7, 8, 23, 24, 25):
        pump.tick(hours * k.HOUR)
