"""Histories that only coverage asks for: no hazard is about them, nor is any vector."""

from collections.abc import Callable
from dataclasses import replace

from dosekernel import Limits
from dosekernel.kernel import records as k
from dosekernel.strategies.damage import MEMORY_NAMES, STATE_WORDS
from tests.vectors.recorder import INSULIN, Book, Recorder, expect
from tests.vectors.vector_file import Vectors

U = 1_000_000
PULSE = INSULIN.pulse
HANDLING = (k.LOAD_RESERVOIR, k.PRIME, k.INSERT_SET, k.FILL_CANNULA, k.CONNECT)


def make() -> Vectors:
    """All of them, each told afresh."""
    book = Book()
    for case in CASES:
        book.title = case.__doc__ or case.__name__
        case(book)
    return book.vectors()


# ---- states that no history leads to


def damaged(pump: Recorder, **words: int) -> None:
    """Words of the state change from outside, and their inverses with them."""
    for name, value in words.items():
        place = MEMORY_NAMES.index(f"state.{name}")
        pump.damage(place, value)
        pump.damage(place + STATE_WORDS, -1 - value)


def corrupt(pump: Recorder, **words: int) -> None:
    """With these words the kernel does not take the state for one of its own; then they go back."""
    before = dict(zip(MEMORY_NAMES, pump.memory.words(), strict=True))
    damaged(pump, **words)
    expect(pump.ask(k.TICK), status=k.CORRUPT)
    damaged(pump, **{name: before[f"state.{name}"] for name in words})


def every_word_out_of_range(book: Book) -> None:
    """Each word of a state below and above what it can be, its inverse repaired"""
    for pump in (book.begin(), book.pump(), _busy(book)):
        for place in range(STATE_WORDS):
            word = pump.memory.words()[place]
            for value in (-2, 2**62):
                pump.damage(place, value)
                pump.damage(place + STATE_WORDS, -1 - value)
                pump.ask(k.TICK)
            pump.damage(place, word)
            pump.damage(place + STATE_WORDS, -1 - word)
        expect(pump.ask(k.TICK), status=k.ACCEPTED)


def words_that_disagree(book: Book) -> None:
    """Words that are each in range, and cannot stand together"""
    fresh = book.begin()
    corrupt(fresh, temporary_rate=1)
    corrupt(fresh, extended_duration=1)
    corrupt(fresh, prime_fresh=1)
    corrupt(fresh, connected=1)
    corrupt(fresh, connected=1, loaded=1)
    corrupt(fresh, outstanding_class=k.RELEASE_PRIME)
    corrupt(fresh, outstanding=1)
    pump = book.pump()
    corrupt(pump, temporary_until=pump.now)
    corrupt(pump, extended_amount=U)
    corrupt(pump, extended_amount=U, extended_given=U, extended_duration=k.HOUR)
    corrupt(pump, prime_owed=1)
    corrupt(pump, bolus_owed=k.VOLUME_MAX, fill_owed=1)
    assert pump.ask(k.TICK).status == k.ACCEPTED
    pump.damage(MEMORY_NAMES.index("state.carry"), -1)
    assert pump.adopt(INSULIN) == k.REASON_CORRUPT_STATE


def a_prime_and_a_fault(book: Book) -> None:
    """A prime is owed and a fault stands, which no history leads to: nothing moves"""
    pump = book.begin()
    pump.ask(k.LOAD_RESERVOIR, amount=100 * U)
    pump.ask(k.PRIME, amount=U)
    damaged(pump, faulted=1, fault_code=k.CAUSE_OTHER)
    expect(pump.tick(k.MINUTE), path=k.PATH_NONE, amount=0)


def _busy(book: Book) -> Recorder:
    """A pump with something of everything under way."""
    pump = book.pump()
    pump.ask(k.GLUCOSE, glucose=150)
    pump.ask(k.GLUCOSE, 5 * k.MINUTE, glucose=140)
    pump.ask(k.TEMP_BASAL, rate=2 * U, duration=k.HOUR)
    pump.ask(k.EXTENDED_BOLUS, amount=U, duration=k.HOUR)
    pump.ask(k.BOLUS, amount=U)
    expect(pump.tick(k.MINUTE), path=k.PATH_PATIENT)
    return pump


# ---- the set


def handled_at_the_wrong_time(book: Book) -> None:
    """The set is handled while connected, while priming, and while a release is open"""
    pump = book.pump()
    for kind in HANDLING:
        expect(pump.ask(kind, amount=PULSE, code=1), status=k.REFUSED)
    pump.ask(k.BOLUS, amount=U)
    pump.tick(k.MINUTE)
    pump.ask(k.DISCONNECT)
    for kind in (*HANDLING, k.RESUME):
        expect(pump.ask(kind, amount=PULSE, code=1), status=k.REFUSED)
    pump.confirm()
    pump.ask(k.LOAD_RESERVOIR, amount=100 * U)
    pump.ask(k.PRIME, amount=U)
    for kind in HANDLING:
        expect(pump.ask(kind, amount=PULSE, code=1), status=k.REFUSED)
    pump.tick(k.MINUTE)
    for kind in HANDLING:
        expect(pump.ask(kind, amount=PULSE, code=1), status=k.REFUSED)


def faults_that_are_not_the_same(book: Book) -> None:
    """A standing fault again: the same one, another amount, another time, another cause"""
    pump = book.pump()
    first = {"code": k.CAUSE_OCCLUSION, "amount": U, "issued_at": pump.now}
    pump.ask(k.FAULT, **first)
    for change in ({}, {"issued_at": pump.now + 1}, {"amount": 2 * U}, {"code": k.CAUSE_AIR}):
        pump.now += k.MINUTE
        expect(pump.ask(k.FAULT, **{**first, **change}), mode=k.MODE_FAULTED)
    expect(pump.ask(k.DISCONNECT), status=k.ACCEPTED)
    expect(pump.ask(k.PRIME, amount=PULSE), reason=k.REASON_FAULTED)


def handled_in_the_wrong_order(book: Book) -> None:
    """Primed before it is loaded; the cannula filled twice, and with more than there is"""
    fresh = book.begin()
    expect(fresh.ask(k.PRIME, amount=PULSE), reason=k.REASON_NOT_LOADED)
    pump = _unfilled(book, amount=13 * PULSE)
    expect(pump.ask(k.FILL_CANNULA, amount=4 * PULSE), reason=k.REASON_RESERVOIR)
    expect(pump.ask(k.FILL_CANNULA, amount=2 * PULSE), status=k.ACCEPTED)
    expect(pump.ask(k.FILL_CANNULA, amount=PULSE), reason=k.REASON_BUSY)


def a_slow_fill(book: Book) -> None:
    """A motor so slow that the fill leaves in parts, and none of it in no time"""
    slow = replace(INSULIN, delivery_speed=240 * PULSE)
    pump = _unfilled(book, slow)
    pump.ask(k.FILL_CANNULA, amount=6 * PULSE)
    first = pump.tick(k.MINUTE)
    expect(first, path=k.PATH_PATIENT)
    assert first.amount < 6 * PULSE
    pump.confirm()
    expect(pump.tick(), amount=0, reason=k.REASON_SPEED)


def a_short_extended_bolus(book: Book) -> None:
    """An extended bolus faster than the motor: what is due waits for the speed"""
    slow = replace(INSULIN, delivery_speed=240 * PULSE)
    pump = book.pump(slow, rate=0)
    pump.ask(k.EXTENDED_BOLUS, amount=100 * PULSE, duration=k.MINUTE * 30)
    pump.tick(10 * k.MINUTE)
    while pump.model.pump.outstanding:
        pump.confirm()
        last = pump.tick()
    expect(last, amount=0, reason=k.REASON_SPEED)


def _unfilled(book: Book, limits: Limits = INSULIN, amount: int = 100 * U) -> Recorder:
    """A pump whose set is connected and whose cannula is empty; ten pulses went into the tubing."""
    pump = book.begin(limits)
    pump.ask(k.LOAD_RESERVOIR, amount=amount)
    pump.ask(k.PRIME, amount=10 * PULSE)
    pump.run_out()
    pump.ask(k.INSERT_SET, code=1)
    expect(pump.ask(k.CONNECT), status=k.ACCEPTED)
    return pump


# ---- rooms, rates and limits


def more_than_the_caps(book: Book) -> None:
    """What a fault reports fills the windows beyond their caps: no room for any bolus"""
    pump = book.pump()
    pump.ask(k.FAULT, code=k.CAUSE_OVERFLOW, amount=INSULIN.day_max + U)
    pump.ask(k.ACKNOWLEDGE)
    expect(pump.ask(k.RESUME), status=k.ACCEPTED)
    expect(pump.ask(k.BOLUS, amount=PULSE), status=k.REFUSED, allowable=0)


def too_long_a_temporary_rate(book: Book) -> None:
    """A temporary rate that lasts longer than may be"""
    pump = book.pump()
    long = INSULIN.temp_duration_max + 1
    expect(pump.ask(k.TEMP_BASAL, rate=U, duration=long), reason=k.REASON_DURATION)


def limits_that_do_not_agree(book: Book) -> None:
    """A pulse that cannot leave in the time of a release"""
    pump = book.begin()
    slow = INSULIN.to_record()
    slow.delivery_speed = 1
    slow.basal_max = slow.basal_reserve = slow.controller_basal_max = 0
    assert pump.adopt(slow) == k.REASON_LIMITS


def caps_below_what_was_given(book: Book) -> None:
    """New caps that the windows of the last hours do not satisfy"""
    pump = book.pump(rate=0)
    pump.ask(k.BOLUS, amount=5 * U)
    pump.run_out()
    assert pump.adopt(replace(INSULIN, window_max=4 * U, basal_reserve=U)) == k.REASON_LIMITS_STATE
    pump.run(2 * k.HOUR, 10 * k.MINUTE)
    assert pump.adopt(replace(INSULIN, day_max=4 * U, basal_reserve=0)) == k.REASON_LIMITS_STATE


def another_pulse(book: Book) -> None:
    """Another pulse while something is connected, owed or under way, and when all is still"""
    finer = replace(INSULIN, pulse=PULSE // 2)
    pump = book.pump()
    pump.ask(k.BOLUS, amount=U)
    assert pump.adopt(finer) == k.REASON_LIMITS_PULSE
    pump.tick(k.MINUTE)
    pump.ask(k.DISCONNECT)
    assert pump.adopt(finer) == k.REASON_LIMITS_PULSE
    pump.confirm()
    pump.ask(k.LOAD_RESERVOIR, amount=100 * U)
    pump.ask(k.PRIME, amount=U)
    assert pump.adopt(finer) == k.REASON_LIMITS_PULSE
    pump.ask(k.SUSPEND)
    pump.run_out()
    assert pump.adopt(finer) == k.REASON_NONE
    owing = book.pump()
    owing.ask(k.BOLUS, amount=U)
    assert owing.adopt(INSULIN, INSULIN.gap_max + 1) == k.REASON_BUSY


CASES: tuple[Callable[[Book], None], ...] = (
    every_word_out_of_range,
    words_that_disagree,
    a_prime_and_a_fault,
    handled_at_the_wrong_time,
    faults_that_are_not_the_same,
    handled_in_the_wrong_order,
    a_slow_fill,
    a_short_extended_bolus,
    more_than_the_caps,
    too_long_a_temporary_rate,
    limits_that_do_not_agree,
    caps_below_what_was_given,
    another_pulse,
)
