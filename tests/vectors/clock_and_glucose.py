"""Histories for sections F and G of the hazards: state and clock, glucose."""

from dosekernel.kernel import records as k

from .recorder import INSULIN, Book, expect

U = 1_000_000
PULSE = INSULIN.pulse
FEW = 10 * k.MINUTE


def h60(book: Book) -> None:
    """Time never goes back, and nothing comes from the future"""
    pump = book.pump()
    for kind in (k.TICK, k.BOLUS, k.SET_BASAL, k.GLUCOSE, k.RESUME):
        expect(pump.ask(kind, at=pump.now - 1), reason=k.REASON_CLOCK_BACKWARD)
    ahead = pump.ask(k.TICK, at=pump.now + k.AHEAD_MAX + 1)
    expect(ahead, reason=k.REASON_CLOCK_AHEAD)
    future = pump.ask(k.BOLUS, amount=U, issued_at=pump.now + k.MINUTE)
    expect(future, reason=k.REASON_FUTURE)
    expect(pump.ask(k.SUSPEND, at=pump.now - k.DAY), mode=k.MODE_SUSPENDED)


def h61(book: Book) -> None:
    """A clock change during a bolus keeps one entry"""
    pump = book.pump(rate=0)
    start = pump.tick().day_total
    pump.ask(k.BOLUS, amount=4 * U)
    pump.run(k.MINUTE, k.MINUTE)
    pump.ask(k.TICK, at=pump.now - k.MINUTE)
    pump.ask(k.BOLUS, at=pump.now - k.MINUTE, amount=4 * U)
    pump.run_out()
    expect(pump.tick(k.HOUR), day_total=start + 4 * U)


def h62(book: Book) -> None:
    """A damaged word, in either copy, is seen, and nothing is delivered"""
    pump = book.pump()
    pump.ask(k.BOLUS, amount=5 * U)
    words = pump.memory.words()
    for word in (0, 1, 58, 106, len(words) // 2, len(words) - 1):
        pump.damage(word, words[word] ^ 1 << 40)
        damaged = pump.tick()
        expect(damaged, status=k.CORRUPT, amount=0, reason=k.REASON_CORRUPT_STATE)
        expect(damaged, alarms=k.ALARM_CORRUPT)
        pump.damage(word, words[word])
    expect(pump.tick(k.MINUTE), path=k.PATH_PATIENT)


def h63(book: Book) -> None:
    """There is no default dose after a reset"""
    pump = book.begin(at=10**12)
    expect(pump.tick(k.MINUTE), mode=k.MODE_NOT_READY, rate=0)
    pump.damage(0, 0)
    expect(pump.tick(k.MINUTE), status=k.CORRUPT)


def h64(book: Book) -> None:
    """A fault stops until it is acknowledged and then resumed"""
    pump = book.pump()
    pump.ask(k.FAULT, code=k.CAUSE_MOTOR)
    expect(pump.ask(k.RESUME), reason=k.REASON_FAULTED)
    pump.ask(k.SET_BASAL, rate=2 * U)
    pump.ask(k.GLUCOSE, glucose=300)
    raised = pump.ask(k.TEMP_BASAL, rate=3 * U, duration=k.HOUR)
    expect(raised, reason=k.REASON_FAULTED)
    pump.ask(k.DISCONNECT)
    pump.ask(k.CONNECT)
    expect(pump.tick(k.HOUR), amount=0)
    pump.ask(k.ACKNOWLEDGE)
    expect(pump.tick(FEW), amount=0)
    pump.ask(k.RESUME)
    expect(pump.tick(FEW), path=k.PATH_PATIENT)


def h65(book: Book) -> None:
    """A late tick makes up no more than the gap"""
    pump = book.pump(rate=2 * U)
    pump.ask(k.BOLUS, amount=5 * U)
    late = pump.tick(5 * k.HOUR)
    assert late.amount <= 2 * U * INSULIN.gap_max // k.HOUR + PULSE
    expect(late, not_given=5 * U, owed=0)
    assert late.alarms & k.ALARM_GAP
    pump.confirm()
    assert not pump.ask(k.ACKNOWLEDGE).alarms & k.ALARM_GAP


def h67(book: Book) -> None:
    """High flat readings never raise delivery"""
    pump = book.pump()
    for _ in range(6):
        expect(pump.ask(k.GLUCOSE, 5 * k.MINUTE, glucose=400), owed=0, rate=U)
        pump.tick()
        pump.confirm()


def h68(book: Book) -> None:
    """A reading from the future, and a stale one, are refused"""
    pump = book.pump()
    future = pump.ask(k.GLUCOSE, glucose=150, issued_at=pump.now + 1)
    expect(future, reason=k.REASON_FUTURE)
    pump.tick(k.HOUR)
    before = pump.now - INSULIN.glucose_stale - 1
    stale = pump.ask(k.GLUCOSE, glucose=150, issued_at=before)
    expect(stale, reason=k.REASON_GLUCOSE_STALE)


def h69(book: Book) -> None:
    """A raised rate ends by itself, and with a low suspension"""
    pump = book.pump()
    pump.ask(k.GLUCOSE, glucose=250)
    longest = INSULIN.controller_duration_max
    raised = {"rate": 4 * U, "duration": longest, "source": k.CONTROLLER}
    longer = pump.ask(k.TEMP_BASAL, **{**raised, "duration": longest + 1})
    expect(longer, reason=k.REASON_DURATION)
    expect(pump.ask(k.TEMP_BASAL, **raised), rate=4 * U)
    pump.run(longest - 1, FEW)
    expect(pump.tick(), rate=4 * U)
    expect(pump.tick(1), rate=U)
    expect(pump.ask(k.TEMP_BASAL, **raised), reason=k.REASON_GLUCOSE_MISSING)
    pump = book.pump()
    pump.ask(k.TEMP_BASAL, rate=4 * U, duration=4 * k.HOUR)
    low = pump.ask(k.GLUCOSE, glucose=INSULIN.glucose_low)
    expect(low, mode=k.MODE_LOW_SUSPENDED, rate=0)
    expect(pump.ask(k.BOLUS, amount=U), reason=k.REASON_LOW_SUSPENDED)
    recovered = pump.ask(k.GLUCOSE, 30 * k.MINUTE, glucose=INSULIN.glucose_resume)
    expect(recovered, mode=k.MODE_DELIVERING, rate=U)


def h70(book: Book) -> None:
    """An error code is no reading"""
    pump = book.pump()
    for glucose in (0, 1, 10, 19, 1001, -40):
        refused = pump.ask(k.GLUCOSE, glucose=glucose)
        expect(refused, status=k.REFUSED, mode=k.MODE_DELIVERING)
