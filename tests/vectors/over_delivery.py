"""Histories for section A of the hazards, more drug than was meant: one or more for each row."""

from dataclasses import replace

from dosekernel.kernel import records as k

from .recorder import INSULIN, ZEROS, Book, expect

U = 1_000_000
PULSE = INSULIN.pulse
ROOMY = replace(INSULIN, on_board_max=200 * U)  # only the windows bind
NO_BOLUS = replace(INSULIN, bolus_max=0, controller_bolus_max=0, remote_bolus_max=0)


def h01(book: Book) -> None:
    """Rates above the limit are refused"""
    pump = book.pump()
    expect(pump.ask(k.SET_BASAL, rate=6 * U + 1), reason=k.REASON_RATE_CAP)
    temporary = pump.ask(k.TEMP_BASAL, rate=6 * U + 1, duration=k.HOUR)
    expect(temporary, reason=k.REASON_RATE_CAP)
    expect(pump.tick(), rate=U)


def h02(book: Book) -> None:
    """Small boluses one after the other meet the window"""
    pump = book.pump(replace(ROOMY, window_max=8 * U))
    for _ in range(12):
        outcome = pump.ask(k.BOLUS, 30_000, amount=U // 2)
        pump.run(30_000, 30_000)
    expect(outcome, reason=k.REASON_WINDOW)


def h03(book: Book) -> None:
    """All the bolus that is allowed, then basal that is never withheld"""
    pump = book.pump(ROOMY, rate=3 * U)
    while room := pump.ask(k.BOLUS, amount=1).allowable:
        expect(pump.ask(k.BOLUS, amount=room), status=k.ACCEPTED)
        pump.run_out(2 * k.MINUTE)
    for _ in range(12):
        expect(pump.tick(10 * k.MINUTE), reason=k.REASON_NONE)
        pump.confirm()


def h04(book: Book) -> None:
    """One pulse above the largest bolus is refused, not cut"""
    pump = book.pump()
    above = pump.ask(k.BOLUS, amount=INSULIN.bolus_max + PULSE)
    expect(above, reason=k.REASON_BOLUS_CAP, allowable=INSULIN.bolus_max, owed=0)


def h05(book: Book) -> None:
    """Spacing runs from the last pulse, whoever asks"""
    for source in (k.USER, k.REMOTE):
        pump = book.pump(replace(INSULIN, bolus_lockout=6 * k.MINUTE))
        pump.ask(k.BOLUS, amount=U)
        pump.run_out()
        soon = pump.ask(k.BOLUS, 6 * k.MINUTE - 1, amount=U, source=source)
        expect(soon, reason=k.REASON_LOCKOUT)
        expect(pump.ask(k.BOLUS, 1, amount=U, source=source), status=k.ACCEPTED)


def h06(book: Book) -> None:
    """Spacing holds after a dose that is uncertain or cancelled"""
    locked = replace(INSULIN, bolus_lockout=10 * k.MINUTE)
    pump = book.pump(locked)
    pump.ask(k.BOLUS, amount=U)
    released = pump.tick(k.MINUTE)
    pump.ask(k.UNCERTAIN, id=released.sequence)
    expect(pump.ask(k.BOLUS, k.MINUTE, amount=U), reason=k.REASON_LOCKOUT)
    pump = book.pump(locked)
    pump.ask(k.BOLUS, amount=5 * U)
    pump.ask(k.CANCEL_BOLUS, k.MINUTE)
    expect(pump.ask(k.BOLUS, k.MINUTE, amount=U), reason=k.REASON_LOCKOUT)


def h07(book: Book) -> None:
    """An unconfirmed bolus counts and blocks the next"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=U)
    pump.tick(k.MINUTE)
    expect(pump.ask(k.BOLUS, k.MINUTE, amount=U), reason=k.REASON_BUSY)
    pump.confirm()
    expect(pump.ask(k.BOLUS, amount=U), status=k.ACCEPTED)


def h08(book: Book) -> None:
    """The step that releases has already booked"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=U)
    before = pump.tick()
    after = pump.tick(k.MINUTE)
    booked = before.window_total + after.amount
    expect(after, window_total=booked, reservoir=before.reservoir - after.amount)


def h09(book: Book) -> None:
    """Unknown delivery is booked in full, the rest is cancelled"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=5 * U)
    released = pump.tick(k.MINUTE)
    outcome = pump.ask(k.UNCERTAIN, id=released.sequence)
    expect(outcome, window_total=released.window_total, owed=0, alarms=k.ALARM_UNCERTAIN)
    expect(outcome, not_given=5 * U - released.amount)


def h10(book: Book) -> None:
    """A dose outlives a new set and new limits until it has acted"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=10 * U)
    pump.run_out(2 * k.MINUTE)
    pump.set_up()
    assert pump.adopt(replace(INSULIN, bolus_max=5 * U)) == k.REASON_NONE
    on_board = [pump.tick(40 * k.MINUTE).on_board for _ in range(12)]
    assert on_board == sorted(on_board, reverse=True)


def h11(book: Book) -> None:
    """A slot of the ledger that was lost is corrupt, not zero"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=U)
    pump.run_out()
    words = pump.memory.words()
    slot = len(words) // 2 - k.SLOTS  # the newest of the action window, the state's last words
    assert words[slot] > 0
    pump.damage(slot, 0)
    expect(pump.tick(), status=k.CORRUPT, amount=0)


def h12(book: Book) -> None:
    """Basal that was missed is not repaid after a resume"""
    pump = book.pump(rate=2 * U)
    pump.run(30 * k.MINUTE, 10 * k.MINUTE)
    pump.ask(k.SUSPEND)
    assert pump.run(k.HOUR, 10 * k.MINUTE) == 0
    expect(pump.ask(k.RESUME), rate=2 * U)
    assert pump.run(30 * k.MINUTE, 10 * k.MINUTE) <= U


def h13(book: Book) -> None:
    """A resume without a suspension is refused"""
    pump = book.pump()
    expect(pump.ask(k.RESUME), reason=k.REASON_NOT_SUSPENDED)


def h14(book: Book) -> None:
    """A temporary rate replaces the one before"""
    pump = book.pump()
    pump.ask(k.TEMP_BASAL, rate=2 * U, duration=k.HOUR)
    pump.run(30 * k.MINUTE, 10 * k.MINUTE)
    expect(pump.ask(k.TEMP_BASAL, rate=3 * U, duration=30 * k.MINUTE), rate=3 * U)
    pump.run(40 * k.MINUTE, 10 * k.MINUTE)
    expect(pump.tick(), rate=U)


def h15(book: Book) -> None:
    """A cap between two pulses rounds down"""
    for cap, most in ((3_030_000, 3 * U), (30_000, 0)):
        pump = book.pump(replace(NO_BOLUS, bolus_max=cap))
        expect(pump.ask(k.BOLUS, amount=1), allowable=most)
        expect(pump.ask(k.BOLUS, amount=most + PULSE), reason=k.REASON_BOLUS_CAP)


def h16(book: Book) -> None:
    """A cap of 0 allows nothing, and limits of zeros are refused"""
    expect(book.pump(NO_BOLUS).ask(k.BOLUS, amount=PULSE), reason=k.REASON_BOLUS_CAP)
    assert book.pump().adopt(ZEROS) == k.REASON_LIMITS
    unmade = book.begin(ZEROS)
    assert unmade.start.reason == k.REASON_LIMITS
    expect(unmade.tick(), status=k.CORRUPT)


def h17(book: Book) -> None:
    """Only a TICK releases, whatever else is asked while something is owed"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=2 * U)
    for kind in (k.GLUCOSE, k.RESUME, k.ACKNOWLEDGE, k.CONFIRM, k.FILL_CANNULA, k.PRIME):
        expect(pump.ask(kind, k.MINUTE, glucose=150), pulses=0, amount=0, path=k.PATH_NONE)
    expect(pump.tick(), path=k.PATH_PATIENT)


def h18(book: Book) -> None:
    """An unknown source and an unknown kind are refused"""
    pump = book.pump()
    expect(pump.ask(k.BOLUS, amount=U, source=5), reason=k.REASON_RANGE)
    expect(pump.ask(21), reason=k.REASON_KIND)


def h19(book: Book) -> None:
    """The limit holds for the rate that results, not for its factors"""
    pump = book.pump()
    pump.ask(k.SET_BASAL, rate=3 * U)
    doubled = pump.ask(k.TEMP_BASAL, rate=2 * 4 * U, duration=k.HOUR)
    expect(doubled, reason=k.REASON_RATE_CAP, rate=3 * U)


def h20(book: Book) -> None:
    """An over-flow stops at once and is booked, even after a disconnection"""
    for stop in (k.NEVER, k.DISCONNECT):
        pump = book.pump()
        pump.ask(k.BOLUS, amount=5 * U)
        before = pump.tick()
        if stop != k.NEVER:
            pump.ask(stop)
        outcome = pump.ask(k.FAULT, 1000, code=k.CAUSE_OVERFLOW, amount=2 * U)
        expect(outcome, mode=k.MODE_FAULTED, owed=0, window_total=before.window_total + 2 * U)
        expect(pump.tick(k.MINUTE), amount=0)


def h21(book: Book) -> None:
    """A fault ends the running dose, and none starts in it"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=5 * U)
    given = pump.tick(k.MINUTE).amount
    expect(pump.ask(k.FAULT, code=k.CAUSE_MOTOR), not_given=5 * U - given)
    expect(pump.ask(k.BOLUS, amount=U), reason=k.REASON_FAULTED)
    extended = pump.ask(k.EXTENDED_BOLUS, amount=U, duration=k.HOUR)
    expect(extended, reason=k.REASON_FAULTED)


def h22(book: Book) -> None:
    """At each stage of the set-up a bolus is refused with what is missing"""
    pump = book.begin()
    stages: tuple[tuple[int, dict[str, int], int], ...] = (
        (k.LOAD_RESERVOIR, {"amount": 200 * U}, k.REASON_NOT_READY),
        (k.PRIME, {"amount": U}, k.REASON_NOT_READY),
        (k.INSERT_SET, {"code": 1}, k.REASON_DISCONNECTED),
        (k.CONNECT, {}, k.REASON_NOT_READY),
        (k.FILL_CANNULA, {"amount": 300_000}, k.REASON_NONE),
    )
    expect(pump.ask(k.BOLUS, amount=U), reason=k.REASON_NOT_READY)
    for kind, fields, reason in stages:
        expect(pump.ask(kind, **fields), status=k.ACCEPTED)
        pump.run_out()
        expect(pump.ask(k.BOLUS, amount=U), reason=reason)


def h23(book: Book) -> None:
    """One ceiling on board for every source"""
    for source in (k.USER, k.CONTROLLER, k.REMOTE):
        pump = book.pump(replace(INSULIN, on_board_max=4 * U, basal_reserve=0), rate=0)
        pump.ask(k.BOLUS, amount=3 * U)
        pump.run_out(2 * k.MINUTE)
        pump.ask(k.GLUCOSE, glucose=150)
        above = pump.ask(k.BOLUS, amount=3 * U // 2, source=source)
        expect(above, reason=k.REASON_ON_BOARD)
