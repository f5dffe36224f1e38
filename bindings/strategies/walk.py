"""A random walk through a pump's life: fast events that reach deep states, from one seed.

Hypothesis strategies find and shrink; a walk is for millions of steps. It looks at the state that
it is to disturb, so that most events mean something there, and about one in five does not.
"""

from random import Random

from dosekernel.kernel import records as k
from dosekernel.kernel.limits import limits_valid

LEAST = -(2**63)
GREATEST = 2**63 - 1
# Words at which arithmetic or a guard changes its mind.
EDGES = (
    *(LEAST, LEAST + 1, -(2**62), -2, -1, 0, 1, 2, GREATEST - 1, GREATEST, 2**62, 2**31, 2**32),
    *(k.VOLUME_MAX, k.VOLUME_MAX + 1, k.RATE_MAX, k.RATE_MAX + 1, k.TIME_MAX, k.TIME_MAX + 1),
    *(k.TOTAL_MAX, k.TOTAL_MAX + 1, k.CODE_MAX, k.CODE_MAX + 1, k.HOUR, k.DAY, k.AHEAD_MAX),
)
EVENT_FIELDS = tuple(k.Event.__annotations__)
CHANGE = (k.LOAD_RESERVOIR, k.PRIME, k.INSERT_SET, k.CONNECT, k.FILL_CANNULA, k.SET_BASAL)
SOURCES = (k.SCHEDULE, k.CONTROLLER, k.REMOTE, 0, 5)
AUTOMATIC = (k.BOLUS, k.TEMP_BASAL, k.CANCEL_TEMP_BASAL)
REPORTS = (*(k.TICK,) * 8, *(k.GLUCOSE,) * 5, k.CONFIRM, k.UNCERTAIN)
THERAPY = (k.BOLUS, k.BOLUS, k.EXTENDED_BOLUS, k.TEMP_BASAL, k.SET_BASAL, k.CANCEL_TEMP_BASAL)
STOPS = (k.SUSPEND, k.CANCEL_BOLUS, k.DISCONNECT, k.FAULT)


class Walk:
    """Events for one pump, each from what its state is now."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.past: list[k.Event] = []

    def event(self, state: k.State) -> k.Event:
        """The next event: what a pump would do next, a request, a stop, or mischief."""
        random = self.random
        if self.past and random.random() < 0.05:
            recent = [state.last, *self.past[-8:]]
            faults = [event for event in recent if event.kind == k.FAULT]
            event = random.choice(faults or recent).duplicate()
            if random.random() < 0.7:
                event.at = min(state.now + self.pause(state.limits), GREATEST)
            return event
        event = k.Event()
        event.kind = self.kind(state)
        event.source = self.source(event.kind)
        event.at = state.now + self.pause(state.limits)
        event.issued_at = event.at
        event.id = state.last.id + 1
        self.fill_in(event, state)
        self.disturb(event, state)
        event.set_words([min(max(word, LEAST), GREATEST) for word in event.words()])
        self.past.append(event)
        return event

    # ---- time

    def pause(self, limits: k.Limits) -> int:
        """How long until the next event: mostly seconds or minutes, sometimes an edge or a gap."""
        random, chance = self.random, self.random.random()
        if chance < 0.25:
            return random.randint(0, 2000)
        if chance < 0.80:
            return random.randint(1, 6) * k.MINUTE + random.choice((-1, 0, 0, 1))
        if chance < 0.92:
            edges = (limits.gap_max, limits.confirm_max, limits.window_length // k.SPANS)
            return random.choice(edges) + random.choice((-1, 0, 1))
        if chance < 0.96:
            lasting = (limits.bolus_lockout, limits.glucose_stale, limits.suspend_reminder, k.HOUR)
            return random.choice(lasting) + random.choice((-1, 0, 1))
        if chance < 0.985:
            return random.randint(1, 30) * k.HOUR
        return random.choice(
            (-1, -k.MINUTE, k.AHEAD_MAX, k.AHEAD_MAX + 1, limits.set_expiry, k.DAY)
        )

    # ---- what

    def source(self, kind: int) -> int:
        """Mostly one that may ask for this."""
        chance = self.random.random()
        if kind in AUTOMATIC and chance < 0.5:
            return self.random.choice((k.CONTROLLER, k.REMOTE))
        return k.USER if chance < 0.97 else self.random.choice(SOURCES)

    def kind(self, state: k.State) -> int:
        """A kind that means something now."""
        random, chance = self.random, self.random.random()
        if state.outstanding > 0 and chance < 0.55:
            return k.UNCERTAIN if chance < 0.01 else k.CONFIRM
        if chance < 0.62:
            wanted = needed(state)
            if wanted != k.NEVER:
                return wanted
            return random.choice((*REPORTS, *THERAPY))
        if chance < 0.80:
            return random.choice(REPORTS)
        if chance < 0.93:
            return random.choice(THERAPY)
        if chance < 0.955:
            return random.choice(STOPS)
        if chance < 0.975:
            return random.choice((k.RESUME, k.ACKNOWLEDGE))
        if chance < 0.99:
            return random.choice(CHANGE)
        return random.randint(k.TICK - 1, k.ACKNOWLEDGE + 1)

    def fill_in(self, event: k.Event, state: k.State) -> None:
        """The fields that the kind uses, mostly of a size that could be accepted."""
        random, limits = self.random, state.limits
        if event.kind in (k.CONFIRM, k.UNCERTAIN):
            event.id = state.sequence
            event.amount = self.reported(state) if event.kind == k.CONFIRM else 0
        elif event.kind in (k.BOLUS, k.EXTENDED_BOLUS):
            most = (limits.bolus_max, limits.controller_bolus_max, limits.remote_bolus_max)
            event.amount = self.volume(limits, random.choice(most))
            if event.kind == k.EXTENDED_BOLUS:
                event.duration = self.up_to(limits.extended_duration_max)
        elif event.kind in (k.SET_BASAL, k.TEMP_BASAL):
            highest = (limits.basal_max, limits.basal_reserve, limits.controller_basal_max)
            event.rate = self.up_to(random.choice((*highest, state.basal_rate)))
            if event.kind == k.TEMP_BASAL:
                longest = (limits.temp_duration_max, limits.controller_duration_max)
                event.duration = self.up_to(random.choice(longest))
        elif event.kind == k.LOAD_RESERVOIR:
            event.amount = self.up_to(limits.reservoir_capacity)
        elif event.kind == k.PRIME:
            event.amount = self.volume(limits, limits.prime_max)
        elif event.kind == k.FILL_CANNULA:
            event.amount = self.volume(limits, limits.cannula_fill)
        elif event.kind == k.INSERT_SET:
            event.code = random.randint(0, 9)
        elif event.kind == k.FAULT:
            event.code = random.randint(0, 7)
            event.amount = random.choice((0, 0, 0, limits.pulse, limits.bolus_max))
        elif event.kind == k.GLUCOSE:
            event.glucose = self.reading(state)
            event.issued_at = event.at - random.choice((0, 0, 0, k.MINUTE, limits.glucose_stale))

    def reported(self, state: k.State) -> int:
        """What the motor says: nearly always what was released."""
        if self.random.random() < 0.96:
            return state.outstanding
        pulse = state.limits.pulse
        return max(state.outstanding + self.random.choice((-1, 1, -pulse, pulse, -(2**40))), 0)

    def reading(self, state: k.State) -> int:
        """A reading that wanders from the last one."""
        if state.glucose == 0 or self.random.random() < 0.1:
            return self.random.choice((40, 60, 90, 120, 150, 200))
        return min(max(state.glucose + self.random.randint(-25, 25), 30), 400)

    def volume(self, limits: k.Limits, most: int) -> int:
        """Whole pulses up to a maximum, often at it, now and then a little off."""
        amount = self.up_to(most)
        whole = amount - amount % limits.pulse
        return whole if self.random.random() < 0.97 else whole + self.random.choice((1, -1))

    def up_to(self, most: int) -> int:
        """From 1 to a maximum: at it, small, or anywhere."""
        chance = self.random.random()
        if chance < 0.25:
            return most
        if chance < 0.50:
            return self.random.randint(0, most) // 16
        return self.random.randint(0, most)

    def disturb(self, event: k.Event, state: k.State) -> None:
        """Now and then a wrong id, a wrong age or an impossible word."""
        random, chance = self.random, self.random.random()
        if chance < 0.03:
            last = state.last.id
            event.id = random.choice(
                (last, last - 1, 0, last + k.ID_STEP_MAX + random.randint(0, 1))
            )
        elif chance < 0.05:
            age = state.limits.request_age_max
            event.issued_at = event.at - random.choice((-1, age, age + 1))
        elif chance < 0.07:
            setattr(event, random.choice(EVENT_FIELDS), random.choice(EDGES))


def needed(state: k.State) -> int:
    """The kind that brings the pump nearer to delivering; NEVER if it delivers."""
    limits = state.limits
    if state.faulted == 1 or state.gap == 1:
        return k.ACKNOWLEDGE
    if state.prime_owed > 0:
        return k.TICK
    expired = 0 < limits.set_expiry <= state.now - state.set_at
    worn_out = state.inserted == 0 or expired or state.latched == 1
    if state.loaded == 0 or state.reservoir < limits.pulse:
        return k.DISCONNECT if state.connected == 1 else k.LOAD_RESERVOIR
    if worn_out and state.connected == 1:
        return k.DISCONNECT
    if limits.prime_max > 0 and (state.primed == 0 or (worn_out and state.prime_fresh == 0)):
        spent = state.prime_used + limits.pulse > limits.prime_max
        return k.LOAD_RESERVOIR if spent else k.PRIME
    if worn_out:
        return k.INSERT_SET
    if state.connected == 0:
        return k.CONNECT
    if state.suspended == 1:
        return k.RESUME
    if limits.cannula_fill > 0 and state.filled == 0:
        if state.fill_owed > 0:
            return k.TICK
        return k.DISCONNECT if state.fill_used >= limits.cannula_fill else k.FILL_CANNULA
    return k.SET_BASAL if state.basal_rate == 0 else k.NEVER


VOLUME_LIMITS = ("bolus_max", "prime_max", "cannula_fill", "reservoir_low", "on_board_max")
TIME_LIMITS = ("bolus_lockout", "set_expiry", "set_life", "suspend_reminder", "reservoir_life")


def vary(random: Random, limits: k.Limits) -> k.Limits:
    """Other valid limits near these: caps drawn close to what basal needs, rooms switched off."""
    for _ in range(20):
        other = limits.duplicate()
        other.basal_reserve = random.choice((0, other.basal_max // 8, other.basal_reserve))
        backlog = other.pulse * k.HOUR + other.basal_max * other.gap_max
        length = other.window_length // k.SPANS
        for name, slot in (("window_max", length), ("day_max", k.DAY_SLOT)):
            if random.random() < 0.6:
                least = (other.basal_reserve * k.SLOTS * slot + backlog) // k.HOUR + 1
                more = random.randint(0, 40) * other.pulse * random.choice((1, 10))
                setattr(other, name, min(least + more, k.VOLUME_MAX))
        for name in VOLUME_LIMITS:
            if random.random() < 0.25:
                pulses = random.choice((0, 1, 7, 100))
                setattr(other, name, min(pulses * other.pulse, other.reservoir_capacity))
        for name in TIME_LIMITS:
            if random.random() < 0.25:
                setattr(other, name, random.choice((0, k.MINUTE, k.HOUR, 4 * k.HOUR)))
        if random.random() < 0.3:
            other.glucose_low = random.choice((0, 70))
            other.glucose_resume = random.choice((80, 120))
            other.glucose_predict = random.choice((0, 30 * k.MINUTE, k.HOUR))
            other.glucose_suspend_max = random.choice((30 * k.MINUTE, 2 * k.HOUR))
            other.glucose_stale = random.choice((k.MINUTE, 15 * k.MINUTE))
        if random.random() < 0.3:
            other.gap_max = random.choice((k.MINUTE, 10 * k.MINUTE, k.HOUR))
            other.confirm_max = random.choice((k.MINUTE, 5 * k.MINUTE))
        for name in ("controller_bolus_max", "remote_bolus_max"):
            setattr(other, name, min(getattr(limits, name), other.bolus_max))
        if limits_valid(other):
            return other
    return limits.duplicate()
