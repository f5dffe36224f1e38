"""Histories for what no hazard is about: limits that are refused, and answers that are rare."""

from dataclasses import replace

from dosekernel import Limits
from dosekernel.kernel import records as k

from .recorder import INSULIN, Book, expect

U = 1_000_000
PULSE = INSULIN.pulse
MORPHINE = Limits.load("pca-morphine")
FEW = 10 * k.MINUTE


def limits_offered(book: Book) -> None:
    """Limits that do not fit the state, and limits that do"""
    pump = book.pump()
    lower = replace(INSULIN, basal_max=U // 2, basal_reserve=0, controller_basal_max=0)
    assert pump.adopt(lower) == k.REASON_LIMITS_STATE
    assert pump.adopt(MORPHINE) == k.REASON_LIMITS_WINDOW
    stronger = replace(INSULIN, pulse=100_000)
    assert pump.adopt(stronger) == k.REASON_LIMITS_PULSE
    pump.ask(k.DISCONNECT)
    assert pump.adopt(stronger, k.MINUTE) == k.REASON_NONE
    expect(pump.ask(k.CONNECT), reason=k.REASON_NOT_LOADED)
    pump.now -= k.HOUR
    assert pump.adopt(INSULIN) == k.REASON_CLOCK_BACKWARD


def rare_answers(book: Book) -> None:
    """Answers that no hazard is about"""
    pump = book.begin()
    expect(pump.ask(k.CONNECT), reason=k.REASON_NOT_LOADED)
    pump.ask(k.LOAD_RESERVOIR, amount=100 * U)
    expect(pump.ask(k.PRIME, amount=31 * U), reason=k.REASON_PRIME_CAP)
    pump.ask(k.PRIME, amount=U)
    pump.run_out()
    expect(pump.ask(k.CONNECT), reason=k.REASON_NOT_INSERTED)
    pump.set_up(U)
    expect(pump.ask(k.FILL_CANNULA, amount=PULSE), reason=k.REASON_FILLED)
    expect(pump.ask(k.CANCEL_TEMP_BASAL), reason=k.REASON_NO_TEMPORARY)
    pump.ask(k.TEMP_BASAL, rate=2 * U, duration=k.HOUR)
    expect(pump.ask(k.CANCEL_TEMP_BASAL, k.MINUTE), rate=U)
    expect(pump.ask(k.BOLUS, amount=U, id=2**40), reason=k.REASON_ID_RANGE)
    pump.ask(k.BOLUS, amount=12 * U)
    for pause in (k.MINUTE, INSULIN.confirm_max + 1):
        pump.tick(pause)
        expect(pump.tick(pause), reason=k.REASON_UNCONFIRMED)
        pump.confirm()
    pump.tick(k.MINUTE)
    pump.confirm()
    expect(pump.tick(), reason=k.REASON_SPEED)
    twice = {"code": k.CAUSE_AIR, "issued_at": pump.now}
    expect(pump.ask(k.FAULT, **twice), status=k.ACCEPTED)
    expect(pump.ask(k.FAULT, k.MINUTE, **twice), status=k.REPEATED)


def worn_set(book: Book) -> None:
    """A set and a reservoir at the end of their lives"""
    pump = book.pump()
    pump.tick(INSULIN.set_life + k.HOUR)
    pump.confirm()
    worn = pump.tick(INSULIN.set_expiry - INSULIN.set_life)
    expect(worn, mode=k.MODE_EXPIRED)
    aged = k.ALARM_SET_AGE | k.ALARM_RESERVOIR_AGE | k.ALARM_SET_EXPIRED
    assert worn.alarms & aged == aged
    expect(pump.ask(k.BOLUS, amount=U), reason=k.REASON_SET_EXPIRED)
    pump.set_up(U)


def full_day(book: Book) -> None:
    """Boluses until a day is full, and the day after"""
    pump = book.pump(replace(INSULIN, on_board_max=400 * U, window_max=100 * U, day_max=95 * U))
    for _ in range(3):
        pump.ask(k.BOLUS, amount=pump.ask(k.BOLUS, amount=1).allowable)
        pump.run_out(2 * k.MINUTE)
    expect(pump.ask(k.BOLUS, amount=5 * U), reason=k.REASON_DAY)
    pump.tick(25 * k.HOUR)
    pump.confirm()
    pump.ask(k.ACKNOWLEDGE)
    expect(pump.ask(k.BOLUS, amount=5 * U), status=k.ACCEPTED)


def readings(book: Book) -> None:
    """Readings that fall, repeat, recover and are too low for a controller"""
    pump = book.pump()
    asked = {"amount": U, "source": k.CONTROLLER}
    expect(pump.ask(k.BOLUS, **asked), reason=k.REASON_GLUCOSE_MISSING)
    pump.ask(k.GLUCOSE, glucose=140)
    expect(pump.ask(k.GLUCOSE, glucose=140), reason=k.REASON_GLUCOSE_OLD)
    expect(pump.ask(k.BOLUS, **asked), status=k.ACCEPTED)
    foretold = pump.ask(k.GLUCOSE, 5 * k.MINUTE, glucose=115)
    expect(foretold, mode=k.MODE_LOW_SUSPENDED, owed=0)
    assert foretold.alarms & k.ALARM_LOW_SUSPENDED
    expect(pump.ask(k.RESUME, k.MINUTE), mode=k.MODE_DELIVERING)
    pump.ask(k.GLUCOSE, 5 * k.MINUTE, glucose=65)
    expect(pump.ask(k.BOLUS, **asked), reason=k.REASON_GLUCOSE_LOW)
    expect(pump.tick(INSULIN.glucose_suspend_max), mode=k.MODE_DELIVERING)


def lockout(book: Book) -> None:
    """Boluses of a patient-controlled pump, and what the shift allows"""
    pump = book.pump(MORPHINE)
    for _ in range(3):
        pump.ask(k.BOLUS, FEW, amount=U)
        pump.run_out()
        expect(pump.ask(k.BOLUS, amount=U), reason=k.REASON_LOCKOUT)


def two_uncertain(book: Book) -> None:
    """A second uncertain release with no confirmation between is a fault"""
    pump = book.pump()
    for _ in range(2):
        released = pump.tick(FEW)
        outcome = pump.ask(k.UNCERTAIN, id=released.sequence)
    expect(outcome, mode=k.MODE_FAULTED)


def any_words(book: Book) -> None:
    """Words at the ends of 64 bits in every field of an event"""
    pump = book.pump()
    for field in ("id", "at", "issued_at", "source", "amount", "rate", "duration", "code"):
        for word in (-(2**63), 2**63 - 1):
            expect(pump.ask(k.TEMP_BASAL, **{field: word}), status=k.REFUSED)
    expect(pump.ask(2**63 - 1), reason=k.REASON_KIND)
    expect(pump.ask(-(2**63)), reason=k.REASON_KIND)
