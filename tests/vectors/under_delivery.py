"""Histories for sections B and C of the hazards: too little drug, wrong time, wrong order."""

from dosekernel.kernel import records as k

from .recorder import INSULIN, Book, expect

U = 1_000_000
PULSE = INSULIN.pulse
FEW = 10 * k.MINUTE


def h24(book: Book) -> None:
    """Nothing, half a pulse, no time and negative words are refused like too much"""
    pump = book.pump()
    for amount in (0, PULSE // 2, PULSE - 1):
        expect(pump.ask(k.BOLUS, amount=amount), reason=k.REASON_AMOUNT)
    for field in ("amount", "rate", "duration"):
        expect(pump.ask(k.TEMP_BASAL, **{field: -1}), reason=k.REASON_RANGE)
    expect(pump.ask(k.TEMP_BASAL, rate=U, duration=0), reason=k.REASON_DURATION)
    expect(pump.ask(k.EXTENDED_BOLUS, amount=U, duration=0), reason=k.REASON_DURATION)


def h25(book: Book) -> None:
    """A report of less, or of more, than was released is a fault"""
    for short in (PULSE, -PULSE):
        pump = book.pump()
        pump.ask(k.BOLUS, amount=2 * U)
        pump.tick(k.MINUTE)
        expect(pump.confirm(short=short), mode=k.MODE_FAULTED)


def h26(book: Book) -> None:
    """An occlusion stops; acknowledging alone does not restart"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=5 * U)
    released = pump.tick(k.MINUTE)
    pump.ask(k.FAULT, code=k.CAUSE_OCCLUSION)
    settled = pump.confirm(short=10 * PULSE)
    expect(settled, window_total=released.window_total, not_given=10 * PULSE)
    expect(pump.ask(k.ACKNOWLEDGE), mode=k.MODE_SUSPENDED)
    expect(pump.tick(FEW), amount=0)
    expect(pump.ask(k.RESUME), mode=k.MODE_DELIVERING)
    expect(pump.tick(FEW), status=k.ACCEPTED, path=k.PATH_PATIENT)


def h27(book: Book) -> None:
    """A bolus at its cap is given whole, one pulse more is refused"""
    pump = book.pump(rate=0)
    expect(pump.ask(k.BOLUS, amount=17 * U + PULSE), reason=k.REASON_BOLUS_CAP)
    expect(pump.ask(k.BOLUS, amount=17 * U), status=k.ACCEPTED)
    assert pump.run_out(2 * k.MINUTE) == 17 * U


def h28(book: Book) -> None:
    """A broken-off bolus is settled once"""
    pump = book.pump(rate=0)
    pump.ask(k.BOLUS, amount=5 * U)
    released = pump.tick(k.MINUTE)
    expect(pump.ask(k.CANCEL_BOLUS), not_given=5 * U - released.amount)
    expect(pump.ask(k.CANCEL_BOLUS), not_given=0)
    expect(pump.confirm(short=PULSE), not_given=PULSE)
    again = pump.ask(k.CONFIRM, id=released.sequence, amount=released.amount)
    expect(again, reason=k.REASON_SEQUENCE)


def h29(book: Book) -> None:
    """Ready and delivering are told apart"""
    pump = book.begin()
    expect(pump.tick(), mode=k.MODE_NOT_READY)
    pump.set_up(rate=0)
    expect(pump.tick(), mode=k.MODE_DELIVERING, rate=0, reason=k.REASON_NOTHING_DUE)
    expect(pump.ask(k.SET_BASAL, rate=U), rate=U)


def h30(book: Book) -> None:
    """A suspension that outlasts its reminder says so"""
    pump = book.pump()
    pump.ask(k.SUSPEND)
    last = pump.tick(INSULIN.suspend_reminder)
    assert not last.alarms & k.ALARM_SUSPENDED
    assert pump.tick(1).alarms & k.ALARM_SUSPENDED
    assert not pump.ask(k.RESUME).alarms & k.ALARM_SUSPENDED


def h31(book: Book) -> None:
    """No rate wraps at a boundary of 16 or 32 bits"""
    pump = book.pump(rate=65_535)
    for rate in (65_536, 65_537, 2**20, 2**22 + 1):
        expect(pump.ask(k.SET_BASAL, FEW, rate=rate), rate=rate)
        pump.run(FEW, FEW)
    for word in (k.RATE_MAX + 1, 2**36, 2**63 - 1, -1, -(2**63)):
        expect(pump.ask(k.SET_BASAL, rate=word), reason=k.REASON_RANGE)


def h32(book: Book) -> None:
    """An extended bolus pauses for a normal one"""
    pump = book.pump(rate=0)
    pump.ask(k.EXTENDED_BOLUS, amount=2 * U, duration=k.HOUR)
    pump.run(30 * k.MINUTE, FEW)
    pump.ask(k.BOLUS, amount=3 * U)
    pump.run_out(FEW)
    expect(pump.tick(), owed=0)


def h33(book: Book) -> None:
    """An extended bolus: one at a time, not too long, spread, its sum exact"""
    pump = book.pump(rate=0)
    too_long = INSULIN.extended_duration_max + 1
    late = pump.ask(k.EXTENDED_BOLUS, amount=U, duration=too_long)
    expect(late, reason=k.REASON_DURATION)
    pump.ask(k.EXTENDED_BOLUS, amount=3 * U, duration=2 * k.HOUR)
    expect(pump.ask(k.EXTENDED_BOLUS, amount=U, duration=k.HOUR), reason=k.REASON_BUSY)
    assert pump.run(2 * k.HOUR, 7 * k.MINUTE) == 3 * U


def h34(book: Book) -> None:
    """A bolus, asked and cancelled, does not touch the rates"""
    pump = book.pump()
    pump.ask(k.TEMP_BASAL, rate=2 * U, duration=k.HOUR)
    pump.run(FEW, FEW)
    pump.ask(k.BOLUS, amount=5 * U)
    pump.ask(k.EXTENDED_BOLUS, amount=U, duration=k.HOUR)
    expect(pump.ask(k.CANCEL_BOLUS), rate=2 * U, not_given=6 * U)


def h35(book: Book) -> None:
    """A refused rate leaves the running one"""
    pump = book.pump()
    for rate in (INSULIN.basal_max + 1, k.RATE_MAX + 1, -1):
        expect(pump.ask(k.SET_BASAL, rate=rate), status=k.REFUSED, rate=U)
    pump.run(20 * k.MINUTE, FEW)


def h36(book: Book) -> None:
    """A cancelled bolus is never delivered"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=10 * U)
    pump.run(k.MINUTE, k.MINUTE)
    expect(pump.ask(k.CANCEL_BOLUS), owed=0)
    assert pump.run(k.HOUR, FEW) <= U + PULSE


def h37(book: Book) -> None:
    """Only the user ends a user's suspension"""
    pump = book.pump()
    pump.ask(k.SUSPEND)
    for source in (k.SCHEDULE, k.CONTROLLER, k.REMOTE):
        expect(pump.ask(k.RESUME, source=source), reason=k.REASON_SOURCE)
    for glucose in (60, 150, 250):
        pump.ask(k.GLUCOSE, 5 * k.MINUTE, glucose=glucose)
    pump.ask(k.SET_BASAL, rate=2 * U, source=k.SCHEDULE)
    asked = pump.ask(k.BOLUS, amount=U, source=k.CONTROLLER)
    expect(asked, reason=k.REASON_SUSPENDED)
    expect(pump.tick(k.DAY), mode=k.MODE_SUSPENDED)
    expect(pump.ask(k.RESUME), mode=k.MODE_DELIVERING)


def h38(book: Book) -> None:
    """A resume restores basal only"""
    pump = book.pump()
    pump.ask(k.TEMP_BASAL, rate=3 * U, duration=4 * k.HOUR)
    pump.ask(k.BOLUS, amount=5 * U)
    pump.ask(k.EXTENDED_BOLUS, amount=2 * U, duration=k.HOUR)
    expect(pump.ask(k.SUSPEND), not_given=7 * U)
    expect(pump.ask(k.RESUME, k.MINUTE), owed=0, rate=U)


def h39(book: Book) -> None:
    """The third fault in ten minutes latches until another set"""
    pump = book.pump()
    for _ in range(3):
        pump.ask(k.FAULT, 2 * k.MINUTE, code=k.CAUSE_OCCLUSION)
        acknowledged = pump.ask(k.ACKNOWLEDGE)
        resumed = pump.ask(k.RESUME)
    assert acknowledged.alarms & k.ALARM_LATCHED
    expect(resumed, reason=k.REASON_FAULTED, mode=k.MODE_FAULTED)
    pump.ask(k.DISCONNECT)
    pump.ask(k.LOAD_RESERVOIR, amount=100 * U)
    pump.ask(k.PRIME, amount=U)
    pump.run_out()
    assert not pump.ask(k.INSERT_SET, code=2).alarms & k.ALARM_LATCHED
