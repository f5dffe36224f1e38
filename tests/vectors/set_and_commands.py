"""Histories for sections D and E of the hazards: reservoir and set, commands and limits."""

from dataclasses import replace

from dosekernel.kernel import records as k

from .recorder import INSULIN, Book, expect

U = 1_000_000
PULSE = INSULIN.pulse
FEW = 10 * k.MINUTE


def h40(book: Book) -> None:
    """A small reservoir runs dry: the pump stops at less than a pulse"""
    pump = book.pump(rate=3 * U, amount=4 * U + 20_000)
    pump.ask(k.BOLUS, amount=2 * U)
    pump.run(30 * k.MINUTE, 2 * k.MINUTE)
    outcome = pump.tick()
    expect(outcome, mode=k.MODE_EMPTY, reason=k.REASON_EMPTY, reservoir=20_000)
    assert outcome.alarms & k.ALARM_EMPTY


def h41(book: Book) -> None:
    """The low alarm comes with the very release that reaches the threshold"""
    pump = book.pump(rate=0, amount=INSULIN.reservoir_low + 3 * U)
    pump.ask(k.BOLUS, amount=3 * U - 26 * PULSE)
    while pump.model.pump.owed:
        outcome = pump.tick(20_000)
        reached = outcome.reservoir <= INSULIN.reservoir_low
        assert bool(outcome.alarms & k.ALARM_RESERVOIR_LOW) == reached
        pump.confirm()
    assert outcome.alarms & k.ALARM_RESERVOIR_LOW


def h42(book: Book) -> None:
    """A bolus above the remainder is refused before it starts"""
    pump = book.pump(rate=0, amount=3 * U + 26 * PULSE)
    above = pump.ask(k.BOLUS, amount=5_200_000)
    expect(above, reason=k.REASON_RESERVOIR, allowable=3 * U)
    expect(pump.ask(k.BOLUS, amount=3 * U), status=k.ACCEPTED)


def h44(book: Book) -> None:
    """A fill volume above the capacity, and nothing, are refused"""
    pump = book.begin()
    for amount in (INSULIN.reservoir_capacity + 1, k.VOLUME_MAX, 0):
        expect(pump.ask(k.LOAD_RESERVOIR, amount=amount), reason=k.REASON_CAPACITY)
    full = pump.ask(k.LOAD_RESERVOIR, amount=INSULIN.reservoir_capacity)
    expect(full, status=k.ACCEPTED)


def h45(book: Book) -> None:
    """No prime into the body, and no connection without a whole prime"""
    expect(book.pump().ask(k.PRIME, amount=U), reason=k.REASON_CONNECTED)
    pump = book.begin()
    pump.ask(k.LOAD_RESERVOIR, amount=100 * U)
    expect(pump.ask(k.INSERT_SET, code=1), reason=k.REASON_NOT_PRIMED)
    pump.ask(k.PRIME, amount=PULSE)
    pump.tick(k.MINUTE)
    pump.confirm(short=1)
    pump.ask(k.ACKNOWLEDGE)
    expect(pump.ask(k.INSERT_SET, code=1), reason=k.REASON_NOT_PRIMED)
    expect(pump.ask(k.CONNECT), reason=k.REASON_NOT_PRIMED)


def h46(book: Book) -> None:
    """A prime is not on board, and a fill is bounded"""
    pump = book.begin()
    pump.ask(k.LOAD_RESERVOIR, amount=100 * U)
    pump.ask(k.PRIME, amount=3 * U)
    pump.run_out(2 * k.MINUTE)
    expect(pump.tick(), reservoir=97 * U, on_board=0, window_total=0, day_total=0)
    pump.ask(k.INSERT_SET, code=1)
    pump.ask(k.CONNECT)
    most = INSULIN.cannula_fill
    expect(pump.ask(k.FILL_CANNULA, amount=most + PULSE), reason=k.REASON_FILL_CAP)
    pump.ask(k.FILL_CANNULA, amount=most)
    pump.run_out()
    expect(pump.tick(), window_total=most)


def h47(book: Book) -> None:
    """An interrupted prime goes to the air and never becomes a bolus"""
    pump = book.begin()
    pump.ask(k.LOAD_RESERVOIR, amount=100 * U)
    pump.ask(k.PRIME, amount=10 * U)
    released = pump.tick(k.MINUTE)
    expect(released, path=k.PATH_AIR)
    expect(pump.ask(k.CANCEL_BOLUS), not_given=10 * U - released.amount)
    pump.confirm()
    pump.set_up(rate=0)
    expect(pump.tick(FEW), amount=0)


def h48(book: Book) -> None:
    """No basal is delivered or made up while disconnected"""
    pump = book.pump(rate=2 * U)
    pump.ask(k.DISCONNECT)
    assert pump.run(k.HOUR, FEW) == 0
    expect(pump.ask(k.CONNECT), owed=0)
    assert pump.run(20 * k.MINUTE, FEW) <= 2 * U // 3


def h49(book: Book) -> None:
    """A negative word is refused, and no figure is negative"""
    pump = book.pump()
    for field in ("amount", "rate", "duration", "issued_at", "code"):
        outcome = pump.ask(k.BOLUS, **{field: -1})
        expect(outcome, reason=k.REASON_RANGE)
        assert min(outcome.words) >= 0


def h50(book: Book) -> None:
    """A recorded command has no second effect"""
    pump = book.pump(rate=0)
    asked: dict[str, int] = {"id": pump.id + 1, "amount": U, "issued_at": pump.now}
    expect(pump.ask(k.BOLUS, **asked), owed=U)
    expect(pump.ask(k.BOLUS, k.MINUTE, **asked), status=k.REPEATED, owed=U)
    pump.run_out()
    expect(pump.ask(k.BOLUS, **{**asked, "amount": 2 * U}), reason=k.REASON_ID_REUSED)
    pump.ask(k.CANCEL_BOLUS)
    expect(pump.ask(k.BOLUS, **asked), reason=k.REASON_ID_OLD)


def h52(book: Book) -> None:
    """A forged command stays inside the limits; a forged stop is seen"""
    pump = book.pump()
    above = INSULIN.remote_bolus_max + PULSE
    expect(pump.ask(k.BOLUS, amount=above, source=k.REMOTE), reason=k.REASON_BOLUS_CAP)
    raised = pump.ask(k.TEMP_BASAL, rate=U + 1, duration=k.HOUR, source=k.REMOTE)
    expect(raised, reason=k.REASON_RATE_CAP)
    for kind in (k.SET_BASAL, k.RESUME, k.LOAD_RESERVOIR, k.PRIME, k.CONNECT, k.ACKNOWLEDGE):
        expect(pump.ask(kind, source=k.REMOTE), reason=k.REASON_SOURCE)
    expect(pump.ask(k.SUSPEND, source=k.REMOTE), mode=k.MODE_SUSPENDED)
    assert pump.tick(INSULIN.suspend_reminder + 1).alarms & k.ALARM_SUSPENDED


def h55(book: Book) -> None:
    """Insisting does not pass a hard limit"""
    pump = book.pump()
    for attempt in range(8):
        source = (k.USER, k.REMOTE)[attempt % 2]
        asked = {"id": pump.id + 1 + attempt, "amount": 18 * U, "source": source}
        expect(pump.ask(k.BOLUS, **asked), reason=k.REASON_BOLUS_CAP)


def h56(book: Book) -> None:
    """A request that comes late, or from the future, is refused"""
    pump = book.pump()
    age = INSULIN.request_age_max
    pump.tick(k.HOUR)
    late = pump.ask(k.BOLUS, amount=U, issued_at=pump.now - age - 1)
    expect(late, reason=k.REASON_EXPIRED)
    early = pump.ask(k.BOLUS, amount=U, issued_at=pump.now + 1)
    expect(early, reason=k.REASON_FUTURE)
    pump.ask(k.ACKNOWLEDGE)
    expect(pump.ask(k.BOLUS, amount=U, issued_at=pump.now - age), status=k.ACCEPTED)


def h57(book: Book) -> None:
    """A stuck key asks once"""
    pump = book.pump(rate=0)
    fields: dict[str, int] = {"id": pump.id + 1, "amount": U, "issued_at": pump.now}
    for status in (k.ACCEPTED, k.REPEATED, k.REPEATED):
        expect(pump.ask(k.BOLUS, 10, **fields), status=status)
    for _ in range(2):
        expect(pump.ask(k.BOLUS, 10, amount=U), reason=k.REASON_BUSY)


def h58(book: Book) -> None:
    """Units that were meant instead of micro-units, and the reverse, are refused"""
    pump = book.pump()
    expect(pump.ask(k.BOLUS, amount=40), reason=k.REASON_AMOUNT)
    expect(pump.ask(k.BOLUS, amount=40 * U), reason=k.REASON_BOLUS_CAP)
    expect(pump.ask(k.BOLUS, amount=1_250_000), owed=1_250_000)


def h59(book: Book) -> None:
    """A lowered limit binds at once; a refused set of limits changes nothing"""
    pump = book.pump(rate=0)
    lower = replace(INSULIN, bolus_max=3 * U, controller_bolus_max=2 * U, remote_bolus_max=3 * U)
    assert pump.adopt(lower) == k.REASON_NONE
    expect(pump.ask(k.BOLUS, amount=5 * U), allowable=3 * U)
    other = replace(INSULIN, window_length=4 * k.HOUR)
    assert pump.adopt(other) == k.REASON_LIMITS_WINDOW
    expect(pump.ask(k.BOLUS, amount=5 * U), allowable=3 * U)
