"""What an accepted event does to the model's pump; every function returns what is not given."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from dosekernel.kernel import records as k

from .history import wider
from .pump import Extended, Pump, Release
from .words import Asked

CAUSES = range(k.CAUSE_OCCLUSION, k.CAUSE_OTHER + 1)


# ---- what a tick lets go


def limited(pump: Pump, room: int) -> tuple[int, int, int]:
    """Basal, normal and extended part of the release that `room` allows: basal comes first."""
    pulse = pump.limits.pulse

    def pulses(amount: Fraction | int) -> int:
        return max(int(amount // pulse), 0) * pulse

    basal = pulses(min(pump.metered, Fraction(k.VOLUME_MAX), Fraction(room)))
    left = min(room - basal, speed_room(pump))
    normal = pulses(min(pump.bolus_owed, left))
    due = pump.extended.due(pulse) if pump.extended else 0
    extended = pulses(min(due, left - normal))
    return basal, normal, extended


def speed_room(pump: Pump) -> int:
    """What the motor can deliver beyond basal since the last release."""
    passed = min(pump.now - pump.released_at, pump.limits.confirm_max)
    return pump.limits.delivery_speed * passed // k.HOUR


def cap_rooms(pump: Pump, wide: bool) -> tuple[int, int]:
    """What both caps leave, for true windows, or for windows one slot wider."""
    now, limits = pump.now, pump.limits
    short, day = limits.window_length, k.DAY
    if wide:
        short, day = wider(short), wider(day)
    history = pump.history
    return (
        limits.window_max - history.total(now - short, now),
        limits.day_max - history.total(now - day, now),
    )


def purpose(pump: Pump) -> int:
    """What the next release is for; RELEASE_NONE where the mode keeps everything back."""
    if pump.prime_owed > 0 and not pump.faulted:
        return k.RELEASE_PRIME
    if pump.mode() == k.MODE_DELIVERING:
        return k.RELEASE_THERAPY
    return k.RELEASE_FILL if pump.fill_owed > 0 else k.RELEASE_NONE


def releasable(pump: Pump, aim: int, wide: bool) -> int:
    """The whole of what a tick would release now, with true windows, or with wider ones."""
    pulse = pump.limits.pulse
    if pump.outstanding or aim == k.RELEASE_NONE:
        return 0
    if aim == k.RELEASE_PRIME:
        return min(pump.prime_owed, pump.reservoir, speed_room(pump)) // pulse * pulse
    room = min(pump.reservoir, *cap_rooms(pump, wide))
    if aim == k.RELEASE_FILL:
        return max(min(pump.fill_owed, room, speed_room(pump)) // pulse * pulse, 0)
    return sum(limited(pump, room))


def withheld(pump: Pump, aim: int) -> frozenset[int]:
    """Why nothing of what is due leaves: the reasons that are true."""
    pulse = pump.limits.pulse
    if aim == k.RELEASE_PRIME:
        return frozenset((k.REASON_SPEED,))
    due = pump.extended.due(pulse) if pump.extended else 0
    if (
        aim == k.RELEASE_THERAPY
        and max(pump.metered, Fraction(pump.bolus_owed), Fraction(due)) < pulse
    ):
        return frozenset((k.REASON_NOTHING_DUE,))
    least, most = cap_rooms(pump, wide=True), cap_rooms(pump, wide=False)
    found = set()
    for reason, low, high in zip((k.REASON_WINDOW, k.REASON_DAY), least, most, strict=True):
        if low < pulse:
            found.add(reason)
        if high < pulse:
            return frozenset(found)
    return frozenset(found | {k.REASON_SPEED})


def release(pump: Pump, amount: int, aim: int) -> None:
    """The kernel released this much; every part of it is taken off what was owed."""
    if amount == 0:
        return
    basal, normal, extended = 0, 0, 0
    if aim == k.RELEASE_PRIME:
        pump.prime_owed -= amount
        ends = pump.prime_owed == 0
    elif aim == k.RELEASE_FILL:
        pump.fill_owed -= amount
        ends = pump.fill_owed == 0
    else:
        basal, normal, extended = limited(pump, amount)
        pump.metered -= basal
        pump.bolus_owed -= normal
        ends = normal > 0 and pump.bolus_owed == 0
        if ends:
            pump.bolus_ended = pump.now
    if extended > 0 and pump.extended:
        given = pump.extended.given + extended
        done = given == pump.extended.amount
        pump.extended = None if done else replace(pump.extended, given=given)
        pump.bolus_ended = pump.now if done else pump.bolus_ended
    if aim != k.RELEASE_PRIME:
        pump.history.book(pump.now, amount)
        pump.committed += amount
    pump.reservoir -= amount
    pump.sequence += 1
    pump.released_at = pump.now
    pump.outstanding = Release(pump.sequence, amount, aim, pump.now, normal, ends)


# ---- reports


def settle(pump: Pump) -> Release:
    """The release that waited is settled."""
    release = pump.outstanding
    if release is None:
        raise ValueError("no release waits for a report")
    if release.bolus > 0 and release.ends:
        pump.bolus_ended = pump.now
    pump.outstanding = None
    return release


def confirm(pump: Pump, event: Asked) -> int:
    """The motor's figure: equal to the release, or a fault, or cut short by a stop."""
    release = settle(pump)
    pump.uncertain = False
    pump.confirmed += event.amount
    if event.amount == release.amount:
        if release.ends and release.purpose == k.RELEASE_PRIME:
            pump.primed = pump.prime_fresh = True
        if release.ends and release.purpose == k.RELEASE_FILL:
            pump.filled = True
        return 0
    shortfall = max(release.amount - event.amount, 0)
    excess = max(event.amount - release.amount, 0)
    pump.book_excess(excess, in_body=release.purpose != k.RELEASE_PRIME)
    if shortfall > 0 and release.stopped:
        return shortfall
    return shortfall + pump.begin_fault((k.CAUSE_DELIVERY, excess, pump.now))


def uncertain(pump: Pump, event: Asked) -> int:
    """Counted as delivered; what is owed is cancelled; the second in a row is a fault."""
    settle(pump)
    lost = pump.cancel()
    if pump.uncertain:
        lost += pump.begin_fault((k.CAUSE_DELIVERY, 0, pump.now))
    pump.uncertain = True
    return lost


def glucose(pump: Pump, event: Asked) -> int:
    """A low or foretold low suspends; a recovery ends what readings began."""
    pump.readings = (*pump.readings, (event.issued_at, event.glucose))
    if pump.low():
        ended = pump.low_ended
        held = ended is not None and pump.now - ended < pump.limits.glucose_suspend_max
        if pump.low_since is None and not held:
            pump.low_since = pump.now
            pump.end_raised_temporary()
    elif event.glucose >= pump.limits.glucose_resume:
        pump.low_since = None
    return 0


# ---- stops


def cause(event: Asked) -> tuple[int, int, int]:
    """What makes two faults the same."""
    code = event.code if event.code in CAUSES else k.CAUSE_OTHER
    return code, min(max(event.amount, 0), k.VOLUME_MAX), event.issued_at


def fault(pump: Pump, event: Asked) -> int:
    """Stop everything; what flowed too much is booked."""
    identity = cause(event)
    moving = pump.outstanding is not None and pump.outstanding.purpose == k.RELEASE_PRIME
    pump.book_excess(identity[1], in_body=not moving and pump.prime_owed == 0)
    return pump.begin_fault(identity)


def suspend(pump: Pump, event: Asked) -> int:
    """Stop until the user resumes."""
    return pump.suspend()


def cancel_bolus(pump: Pump, event: Asked) -> int:
    """End all that is owed; basal goes on."""
    return pump.stop()


def disconnect(pump: Pump, event: Asked) -> int:
    """Nothing reaches the body any more."""
    pump.connected = False
    return pump.stop()


# ---- requests


def bolus(pump: Pump, event: Asked) -> int:
    """Owe a bolus."""
    if event.kind == k.BOLUS:
        pump.bolus_owed = event.amount
    else:
        pump.extended = Extended(event.amount, event.duration)
    return 0


def set_basal(pump: Pump, event: Asked) -> int:
    """The programmed rate changes; a temporary rate goes on."""
    pump.basal_rate = event.rate
    return 0


def temporary(pump: Pump, event: Asked) -> int:
    """The one temporary rate, from now."""
    pump.temporary = (event.rate, pump.now + event.duration)
    return 0


def cancel_temporary(pump: Pump, event: Asked) -> int:
    """Back to the programmed rate."""
    pump.temporary = None
    return 0


def resume(pump: Pump, event: Asked) -> int:
    """End suspension and low suspension; nothing that was stopped comes back."""
    pump.suspended_at = None
    if pump.low_since is not None:
        pump.low_since, pump.low_ended = None, pump.now
    return 0


def acknowledge(pump: Pump, event: Asked) -> int:
    """The person has seen the fault or the gap."""
    pump.faulted = pump.gap = False
    return 0


def load(pump: Pump, event: Asked) -> int:
    """A new reservoir: its tubing is unprimed; the insertion is kept."""
    pump.reservoir, pump.reservoir_at = event.amount, pump.now
    pump.loaded = True
    pump.primed = pump.prime_fresh = False
    pump.prime_used = 0
    return 0


def prime(pump: Pump, event: Asked) -> int:
    """Owe the air a prime."""
    pump.prime_owed = event.amount
    pump.prime_used += event.amount
    return 0


def insert(pump: Pump, event: Asked) -> int:
    """A new set: it uses up the prime, its cannula is empty, it ends a latch."""
    pump.inserted, pump.set_at = True, pump.now
    pump.filled, pump.fill_used = False, 0
    pump.prime_fresh = False
    pump.latched, pump.fault_starts = False, ()
    return 0


def connect(pump: Pump, event: Asked) -> int:
    """Tubing and cannula are joined."""
    pump.connected = True
    pump.prime_fresh = False
    return 0


def fill(pump: Pump, event: Asked) -> int:
    """Owe the cannula its fill."""
    pump.fill_owed = event.amount
    pump.fill_used += event.amount
    return 0


KINDS: dict[int, Callable[[Pump, Asked], int]] = {
    k.CONFIRM: confirm,
    k.UNCERTAIN: uncertain,
    k.FAULT: fault,
    k.BOLUS: bolus,
    k.EXTENDED_BOLUS: bolus,
    k.CANCEL_BOLUS: cancel_bolus,
    k.SET_BASAL: set_basal,
    k.TEMP_BASAL: temporary,
    k.CANCEL_TEMP_BASAL: cancel_temporary,
    k.SUSPEND: suspend,
    k.RESUME: resume,
    k.LOAD_RESERVOIR: load,
    k.PRIME: prime,
    k.INSERT_SET: insert,
    k.FILL_CANNULA: fill,
    k.CONNECT: connect,
    k.DISCONNECT: disconnect,
    k.GLUCOSE: glucose,
    k.ACKNOWLEDGE: acknowledge,
}
