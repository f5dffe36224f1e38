"""Which reasons the rules allow for an event: a guard refuses, passes, or may do either.

Only guards about windows may do either: the kernel's window reaches up to 1/24 further back than
the true one, so between "the true window has no room" and "even the longer window has room" both
answers are right. Every other guard has one answer.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

from dosekernel.kernel import records as k

from .history import wider
from .pump import Pump
from .words import EVENT_FIELDS, Asked

# True: it refuses; False: it passes; None: the kernel may do either.
Verdict = bool | None
Guards = Iterator[tuple[int, Verdict]]

MODE_REASONS = {
    k.MODE_FAULTED: k.REASON_FAULTED,
    k.MODE_NOT_READY: k.REASON_NOT_READY,
    k.MODE_DISCONNECTED: k.REASON_DISCONNECTED,
    k.MODE_EXPIRED: k.REASON_SET_EXPIRED,
    k.MODE_EMPTY: k.REASON_EMPTY,
    k.MODE_SUSPENDED: k.REASON_SUSPENDED,
    k.MODE_LOW_SUSPENDED: k.REASON_LOW_SUSPENDED,
}
STOPS = frozenset((k.SUSPEND, k.CANCEL_BOLUS, k.DISCONNECT, k.FAULT))
REPORTS = frozenset((k.TICK, k.CONFIRM, k.UNCERTAIN, k.GLUCOSE))
AUTOMATIC = frozenset((k.BOLUS, k.TEMP_BASAL, k.CANCEL_TEMP_BASAL))
MAY_ASK = {k.SCHEDULE: frozenset((k.SET_BASAL,)), k.CONTROLLER: AUTOMATIC, k.REMOTE: AUTOMATIC}


def reasons(guards: Guards) -> frozenset[int]:
    """Every reason that these guards, in their order, allow; REASON_NONE where all may pass."""
    found = set()
    for reason, verdict in guards:
        if verdict is not False:
            found.add(reason)
        if verdict is True:
            return frozenset(found)
    return frozenset(found | {k.REASON_NONE})


# ---- before anything is known of the event but its words


def admission(pump: Pump, event: Asked) -> Guards:
    """Guards of every event that is no stop: form, range, source, clock."""
    ranged = (
        (event.amount, k.VOLUME_MAX),
        (event.rate, k.RATE_MAX),
        (event.duration, k.TIME_MAX),
        (event.at, k.TIME_MAX),
        (event.issued_at, k.TIME_MAX),
        (event.code, k.CODE_MAX),
    )
    yield k.REASON_KIND, not k.TICK <= event.kind <= k.ACKNOWLEDGE
    in_range = all(0 <= word <= most for word, most in ranged)
    yield k.REASON_RANGE, not (in_range and k.USER <= event.source <= k.REMOTE)
    allowed = event.source == k.USER or event.kind in REPORTS
    yield k.REASON_SOURCE, not (allowed or event.kind in MAY_ASK[event.source])
    yield k.REASON_CLOCK_BACKWARD, event.at < pump.now
    yield k.REASON_CLOCK_AHEAD, event.at > pump.now + k.AHEAD_MAX


def content(event: Asked) -> tuple[int, ...]:
    """What makes two requests the same: every field but the time of arrival."""
    return tuple(getattr(event, name) for name in EVENT_FIELDS if name != "at")


def freshness(pump: Pump, event: Asked) -> Guards:
    """Guards of a request's id and age."""
    yield (
        k.REASON_ID_RANGE,
        not 1 <= event.id <= k.ID_MAX or event.id > pump.last_id + k.ID_STEP_MAX,
    )
    yield k.REASON_ID_REUSED, event.id == pump.last_id
    yield k.REASON_ID_OLD, event.id < pump.last_id
    yield k.REASON_FUTURE, event.issued_at > event.at
    yield k.REASON_EXPIRED, event.at - event.issued_at > pump.limits.request_age_max


# ---- room


def needs(pump: Pump, rate: int, length: int) -> tuple[Fraction, Fraction]:
    """What a true window may come to hold with all that is owed, and what the kernel may count."""

    def need(reach: int) -> Fraction:
        near = pump.history.need(pump.now, reach, rate, pump.metered)
        far = Fraction(rate * reach, k.HOUR) + pump.backlog
        return max(near, far) + pump.body_owed

    return need(length), need(wider(length))


def crowded(pump: Pump, amount: int, rate: int, length: int, cap: int) -> Verdict:
    """Whether a window would have no room for an amount beside basal at `rate`."""
    least, most = needs(pump, rate, length)
    if least + amount > cap:
        return True
    return None if most + amount > cap else False


def rooms(pump: Pump, amount: int, rate: int) -> Guards:
    """The guards of both windows."""
    limits = pump.limits
    yield (
        k.REASON_WINDOW,
        crowded(pump, amount, rate, limits.window_length, limits.window_max),
    )
    yield k.REASON_DAY, crowded(pump, amount, rate, k.DAY, limits.day_max)


def blocked(pump: Pump, mode: int) -> Guards:
    """The guard of a mode."""
    if mode != k.MODE_DELIVERING:
        yield MODE_REASONS[mode], True


# ---- boluses


def source_cap(pump: Pump, source: int) -> int:
    """The largest bolus for a source."""
    if source == k.CONTROLLER:
        return pump.limits.controller_bolus_max
    return pump.limits.remote_bolus_max if source == k.REMOTE else pump.limits.bolus_max


def increase(pump: Pump) -> Guards:
    """What a controller needs to give more: a fresh reading that is not low."""
    if pump.limits.glucose_low > 0:
        last = pump.readings[-1][0] if pump.readings else None
        stale = last is None or pump.now - last > pump.limits.glucose_stale
        yield k.REASON_GLUCOSE_MISSING, stale
        yield k.REASON_GLUCOSE_LOW, pump.low()


def bolus_ready(pump: Pump, event: Asked) -> Guards:
    """The guards of a bolus that are not about its amount."""
    yield from blocked(pump, pump.mode())
    if event.kind == k.EXTENDED_BOLUS:
        yield k.REASON_BUSY, pump.extended is not None
    else:
        unsettled = pump.outstanding is not None and pump.outstanding.bolus > 0
        yield k.REASON_BUSY, pump.bolus_owed > 0 or unsettled
    ended = pump.bolus_ended
    yield k.REASON_LOCKOUT, ended is not None and pump.now - ended < pump.limits.bolus_lockout
    if event.source == k.CONTROLLER:
        yield from increase(pump)
    if event.kind == k.EXTENDED_BOLUS:
        yield k.REASON_DURATION, not 1 <= event.duration <= pump.limits.extended_duration_max


def whole(pump: Pump, amount: int) -> bool:
    """At least one pulse, and whole pulses."""
    return amount > 0 and amount % pump.limits.pulse == 0


def bolus(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of a bolus, normal or extended."""
    yield from bolus_ready(pump, event)
    yield k.REASON_AMOUNT, not whole(pump, event.amount)
    yield k.REASON_BOLUS_CAP, event.amount > source_cap(pump, event.source)
    yield k.REASON_RESERVOIR, event.amount + pump.body_owed > pump.reservoir
    yield from rooms(pump, event.amount, pump.committed_rate)
    yield (
        k.REASON_ON_BOARD,
        on_board + pump.body_owed + event.amount > pump.limits.on_board_max,
    )


def allowable(pump: Pump, event: Asked, on_board: int) -> tuple[int, int]:
    """The largest bolus that would be accepted: at least, at most."""
    if k.REASON_NONE not in reasons(bolus_ready(pump, event)):
        return 0, 0
    limits, rate = pump.limits, pump.committed_rate
    room = min(
        source_cap(pump, event.source),
        pump.reservoir - pump.body_owed,
        limits.on_board_max - on_board - pump.body_owed,
    )
    short, day = needs(pump, rate, limits.window_length), needs(pump, rate, k.DAY)

    def fitting(window: Fraction, day: Fraction) -> int:
        most = min(Fraction(room), limits.window_max - window, limits.day_max - day)
        return max(int(most // limits.pulse) * limits.pulse, 0)

    return fitting(short[1], day[1]), fitting(short[0], day[0])


# ---- rates


def rate(pump: Pump, rate: int) -> Guards:
    """The guards of any rate; room is kept for the committed one already."""
    yield k.REASON_RATE_CAP, rate > pump.limits.basal_max
    if rate > pump.committed_rate:
        yield from rooms(pump, 0, rate)


def controller_rate(pump: Pump, rate: int, duration: int, on_board: int) -> Guards:
    """The guards of a rate that a controller brings about."""
    if rate > pump.rate:
        yield from increase(pump)
        extra = -(-max(rate - pump.basal_rate, 0) * duration // k.HOUR)
        yield (
            k.REASON_ON_BOARD,
            on_board + pump.body_owed + extra > pump.limits.on_board_max,
        )


def set_basal(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of a programmed rate."""
    yield from rate(pump, event.rate)


def temporary(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of a temporary rate."""
    limits = pump.limits
    if event.rate > pump.basal_rate:
        yield from blocked(pump, pump.mode())
    yield k.REASON_DURATION, not 1 <= event.duration <= limits.temp_duration_max
    if event.source == k.CONTROLLER:
        yield k.REASON_DURATION, event.duration > limits.controller_duration_max
        yield k.REASON_RATE_CAP, event.rate > limits.controller_basal_max
        yield from controller_rate(pump, event.rate, event.duration, on_board)
    if event.source == k.REMOTE:
        yield k.REASON_RATE_CAP, event.rate > pump.basal_rate
    yield from rate(pump, event.rate)


def cancel_temporary(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of ending a temporary rate: for a controller that may be an increase."""
    yield k.REASON_NO_TEMPORARY, pump.temporary is None
    if event.source == k.CONTROLLER:
        yield from controller_rate(pump, pump.basal_rate, 0, on_board)


# ---- the infusion set


def handling(pump: Pump) -> Guards:
    """The guards of every change of set or reservoir."""
    yield k.REASON_CONNECTED, pump.connected
    yield k.REASON_BUSY, pump.prime_owed > 0
    yield k.REASON_UNCONFIRMED, pump.outstanding is not None


def load(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of a new reservoir."""
    yield from handling(pump)
    yield k.REASON_CAPACITY, not 1 <= event.amount <= pump.limits.reservoir_capacity


def prime(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of a prime."""
    yield k.REASON_CONNECTED, pump.connected
    yield k.REASON_FAULTED, pump.faulted
    yield k.REASON_NOT_LOADED, not pump.loaded
    yield k.REASON_EMPTY, pump.reservoir < pump.limits.pulse
    yield k.REASON_UNCONFIRMED, pump.outstanding is not None
    yield k.REASON_BUSY, pump.prime_owed > 0
    yield k.REASON_AMOUNT, not whole(pump, event.amount)
    yield k.REASON_PRIME_CAP, pump.prime_used + event.amount > pump.limits.prime_max
    yield k.REASON_RESERVOIR, event.amount > pump.reservoir


def insert(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of an insertion."""
    yield from handling(pump)
    yield k.REASON_NOT_PRIMED, pump.limits.prime_max > 0 and not pump.prime_fresh


def connect(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of connecting."""
    yield from handling(pump)
    yield k.REASON_NOT_LOADED, not pump.loaded
    yield k.REASON_NOT_PRIMED, pump.limits.prime_max > 0 and not pump.primed
    yield k.REASON_NOT_INSERTED, not pump.inserted


def fill(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of a cannula fill."""
    yield from blocked(pump, pump.body_mode())
    yield k.REASON_UNCONFIRMED, pump.outstanding is not None
    yield k.REASON_BUSY, pump.fill_owed > 0
    yield k.REASON_FILLED, pump.filled
    yield k.REASON_AMOUNT, not whole(pump, event.amount)
    yield k.REASON_FILL_CAP, pump.fill_used + event.amount > pump.limits.cannula_fill
    yield k.REASON_RESERVOIR, event.amount + pump.body_owed > pump.reservoir
    yield from rooms(pump, event.amount, pump.committed_rate)


# ---- the person, and reports


def resume(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of ending a suspension."""
    yield k.REASON_FAULTED, pump.faulted or pump.latched
    yield k.REASON_NOT_SUSPENDED, pump.suspended_at is None and pump.low_since is None


def acknowledge(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of an acknowledgement."""
    yield k.REASON_NOTHING_TO_ACKNOWLEDGE, not (pump.faulted or pump.gap)


def report(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of a motor's report: it names the release that waits."""
    release = pump.outstanding
    yield k.REASON_SEQUENCE, release is None or event.id != release.sequence


def glucose(pump: Pump, event: Asked, on_board: int) -> Guards:
    """The guards of a reading."""
    yield k.REASON_GLUCOSE_RANGE, not k.GLUCOSE_MIN <= event.glucose <= k.GLUCOSE_MAX
    yield k.REASON_FUTURE, event.issued_at > event.at
    yield k.REASON_GLUCOSE_OLD, bool(pump.readings) and event.issued_at <= pump.readings[-1][0]
    yield k.REASON_GLUCOSE_STALE, event.at - event.issued_at > pump.limits.glucose_stale


def tick(pump: Pump, event: Asked, on_board: int) -> Guards:
    """A tick is never refused."""
    yield k.REASON_NONE, False


KINDS: dict[int, Callable[[Pump, Asked, int], Guards]] = {
    k.TICK: tick,
    k.CONFIRM: report,
    k.UNCERTAIN: report,
    k.BOLUS: bolus,
    k.EXTENDED_BOLUS: bolus,
    k.SET_BASAL: set_basal,
    k.TEMP_BASAL: temporary,
    k.CANCEL_TEMP_BASAL: cancel_temporary,
    k.RESUME: resume,
    k.LOAD_RESERVOIR: load,
    k.PRIME: prime,
    k.INSERT_SET: insert,
    k.FILL_CANNULA: fill,
    k.CONNECT: connect,
    k.GLUCOSE: glucose,
    k.ACKNOWLEDGE: acknowledge,
}
