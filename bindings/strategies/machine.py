"""A Hypothesis machine that leads a pump through its life and checks it against the exact model.

Subclass it to test your own shell:

    class MyPump(KernelMachine):
        def start(self, limits, at):
            self.shell = MyShell(limits, at)

        def decide(self, event):
            return self.shell.handle(event)      # a dosekernel.Outcome

        def check(self, event, outcome):
            assert self.shell.display.reservoir == outcome.reservoir

    TestMyPump = MyPump.TestCase

Every outcome that `decide` returns is checked by `dosekernel.spec.model.Model`, word by word.
"""

from collections.abc import Callable
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from dosekernel import Event, Kernel, Limits, Outcome
from dosekernel.kernel import records as k
from dosekernel.spec.limits import preset_names
from dosekernel.spec.model import Model

from .walk import EDGES, EVENT_FIELDS, vary

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
# Shares of a maximum, in hundredths: nothing, a little, all of it, and just above.
SHARES = st.sampled_from((0, 1, 2, 5, 10, 25, 50, 75, 99, 100, 100, 101))
SOON = st.sampled_from((0, 1, 1000, 30_000, k.MINUTE, k.MINUTE, 5 * k.MINUTE, 5 * k.MINUTE))
LATER = st.sampled_from((10 * k.MINUTE, 20 * k.MINUTE, k.HOUR, 4 * k.HOUR, k.DAY, 4 * k.DAY))
STRANGE = st.sampled_from((-1, -k.MINUTE, k.AHEAD_MAX, k.AHEAD_MAX + 1, 32 * k.DAY))
PAUSES = st.one_of(SOON, SOON, SOON, LATER)
STOPS = st.sampled_from((k.SUSPEND, k.CANCEL_BOLUS, k.DISCONNECT))
SET_UP_STEPS = 400


class KernelMachine(RuleBasedStateMachine):
    """One pump; override `start` and `decide`, and `check` for what your shell shows."""

    model: Model
    kernel: Kernel

    # ---- what a subclass overrides

    def start(self, limits: Limits, at: int) -> None:
        """Begin with a fresh pump under these limits."""
        self.kernel = Kernel(limits, at)

    def decide(self, event: Event) -> Outcome:
        """Let the pump under test decide an event."""
        return self.kernel.step(event)

    def check(self, event: Event, outcome: Outcome) -> None:
        """Whatever else must hold after an event; raise AssertionError where it does not."""

    def change_limits(self, limits: Limits, at: int) -> int | None:
        """Adopt other limits; the reason, or None where the pump under test cannot."""
        return self.kernel._adopt(limits.words(), at)

    # ---- how an event is made and sent

    def send(self, kind: int, pause: int = 0, **fields: int) -> Outcome:
        """Build an event, let it be decided, and let the model check the answer."""
        pump = self.model.pump
        event = k.Event()
        event.kind = kind
        event.at = max(pump.now + pause, 0)
        event.issued_at = event.at
        event.source = k.USER
        event.id = pump.last_id + 1
        for name, value in fields.items():
            setattr(event, name, value)
        return self.send_event(event)

    def send_event(self, asked: k.Event) -> Outcome:
        """Let an event be decided, and the model check the answer."""
        event = Event.from_words(asked.words())
        self.sent.append(asked)
        outcome = self.decide(event)
        self.model.observe(event, outcome)
        self.check(event, outcome)
        return outcome

    def pulses(self, most: int, share: int) -> int:
        """A share of a maximum, in hundredths, in whole pulses."""
        pulse = self.model.pump.limits.pulse
        return min(most * share // 100 // pulse * pulse, k.VOLUME_MAX)

    def able(self) -> bool:
        """The pump delivers; every third time it does not matter, so that refusals are met too."""
        return self.model.pump.mode() == k.MODE_DELIVERING or len(self.sent) % 3 == 0

    def confirm_all(self, pause: int = 1000) -> None:
        """The motor reports that it delivered what was released."""
        release = self.model.pump.outstanding
        if release is not None:
            self.send(k.CONFIRM, pause, id=release.sequence, amount=release.amount)

    # ---- lives begin: half of them with a pump that delivers

    @initialize(
        preset=st.sampled_from(preset_names()),
        seed=st.one_of(st.none(), SEEDS),
        at=st.sampled_from((0, 10**12)),
        ready=st.booleans(),
    )
    def begin(self, preset: str, seed: int | None, at: int, ready: bool) -> None:
        """A fresh pump, or one that was set up."""
        limits = Limits.load(preset)
        if seed is not None:
            limits = Limits.from_record(vary(Random(seed), limits.to_record()), unit=limits.unit)
        self.sent: list[k.Event] = []
        self.model = Model(limits.to_record(), at)
        self.start(limits, at)
        if ready:
            self.set_up(100)

    @rule(share=SHARES)
    @precondition(lambda self: self.model.pump.mode() != k.MODE_DELIVERING)
    def set_up(self, share: int) -> None:
        """All that a person does to make a pump deliver, as far as these limits allow it."""
        pump = self.model.pump
        if pump.faulted or pump.gap:
            self.send(k.ACKNOWLEDGE)
        self.confirm_all()
        worn = pump.body_mode() in (k.MODE_EXPIRED, k.MODE_FAULTED) or not pump.inserted
        used_up = pump.body_mode() == k.MODE_EMPTY or not pump.loaded
        if worn or used_up or not self.model.pump.primed:
            self.send(k.DISCONNECT)
            self.change_set(worn)
        if self.model.pump.suspended_at is not None or self.model.pump.low_since is not None:
            self.send(k.RESUME)
        self.fill()
        rate = self.model.pump.limits.basal_reserve * share // 100
        self.send(k.SET_BASAL, rate=rate, source=k.SCHEDULE)

    def change_set(self, insert: bool) -> None:
        """A new reservoir, its prime, perhaps a new set, and the connection."""
        limits = self.model.pump.limits
        self.send(k.LOAD_RESERVOIR, amount=limits.reservoir_capacity)
        amount = min(limits.prime_max, 40 * limits.pulse) // limits.pulse * limits.pulse
        if amount > 0:
            self.send(k.PRIME, amount=amount)
            self.run_until(lambda: self.model.pump.prime_owed == 0)
        if insert:
            self.send(k.INSERT_SET, code=3)
        self.send(k.CONNECT)

    def fill(self) -> None:
        """Fill the cannula, where this set has one."""
        limits = self.model.pump.limits
        amount = min(limits.cannula_fill, 4 * limits.pulse) // limits.pulse * limits.pulse
        if amount > 0 and not self.model.pump.filled:
            self.send(k.FILL_CANNULA, amount=amount)
            self.run_until(lambda: self.model.pump.fill_owed == 0)

    def run_until(self, done: Callable[[], bool]) -> None:
        """Tick and confirm until something is done, or for a while."""
        for _ in range(SET_UP_STEPS):
            if done() and self.model.pump.outstanding is None:
                return
            self.send(k.TICK, min(self.model.pump.limits.gap_max, 10_000))
            self.confirm_all()

    # ---- time and reports

    @rule(pause=PAUSES)
    def tick(self, pause: int) -> None:
        """Time passes."""
        self.send(k.TICK, pause)

    @rule(pause=st.sampled_from((30_000, k.MINUTE, 5 * k.MINUTE)), times=st.integers(1, 20))
    def run(self, pause: int, times: int) -> None:
        """The pump is set up if it must be, and runs for a while as it should."""
        if self.model.pump.mode() != k.MODE_DELIVERING:
            self.set_up(50)
        for _ in range(times):
            self.send(k.TICK, pause)
            self.confirm_all(0)

    @rule(pause=SOON)
    def confirm(self, pause: int) -> None:
        """The motor reports in full."""
        self.confirm_all(pause)

    @rule(pause=SOON, pulses=st.sampled_from((-(10**6), -2, -1, 1, 2)), sequence=st.integers(-1, 1))
    @precondition(lambda self: self.model.pump.outstanding is not None)
    def report_another_amount(self, pause: int, pulses: int, sequence: int) -> None:
        """The motor reports less or more than was released, or on another release."""
        release = self.model.pump.outstanding
        if release is not None:
            amount = max(release.amount + pulses * self.model.pump.limits.pulse, 0)
            number = release.sequence + sequence
            self.send(k.CONFIRM, pause, id=number, amount=amount)

    @rule(pause=PAUSES, sequence=st.sampled_from((0, 0, 0, -1)))
    @precondition(lambda self: self.model.pump.outstanding is not None)
    def report_uncertain(self, pause: int, sequence: int) -> None:
        """Nobody knows what was delivered."""
        self.send(k.UNCERTAIN, pause, id=self.model.pump.sequence + sequence)

    @rule(
        start=st.sampled_from((60, 75, 95, 130, 200)),
        falls=st.lists(st.integers(-30, 20), min_size=1, max_size=4),
        age=st.sampled_from((0, 0, 0, k.MINUTE, k.HOUR, -1)),
        apart=st.sampled_from((k.MINUTE, 5 * k.MINUTE, 5 * k.MINUTE, 17 * k.MINUTE)),
    )
    @precondition(lambda self: self.able())
    def read_glucose(self, start: int, falls: list[int], age: int, apart: int) -> None:
        """Some readings in a row."""
        value = start
        for change in falls:
            value = max(value + change, 15)
            at = max(self.model.pump.now + apart - age, 0)
            self.send(k.GLUCOSE, apart, glucose=value, issued_at=at)

    @rule(rate=SHARES, reading=st.sampled_from((50, 65, 75, 95)), fall=st.integers(0, 20))
    @precondition(lambda self: self.able())
    def fall_low(self, rate: int, reading: int, fall: int) -> None:
        """A raised temporary rate, then readings that fall."""
        limits = self.model.pump.limits
        raised = min(self.model.pump.basal_rate + limits.pulse, limits.basal_max)
        self.send(k.TEMP_BASAL, rate=raised * rate // 100, duration=limits.temp_duration_max)
        for value in (reading + fall, reading):
            self.send(k.GLUCOSE, 5 * k.MINUTE, glucose=value)
        self.send(k.TICK)

    # ---- requests

    @rule(
        pause=SOON,
        share=SHARES,
        source=st.sampled_from((1, 1, 3, 4)),
        extra=st.sampled_from((0, 0, 0, 1)),
    )
    @precondition(lambda self: self.able())
    def bolus(self, pause: int, share: int, source: int, extra: int) -> None:
        """A normal bolus: a share of its source's cap."""
        limits = self.model.pump.limits
        caps = {k.CONTROLLER: limits.controller_bolus_max, k.REMOTE: limits.remote_bolus_max}
        amount = self.pulses(caps.get(source, limits.bolus_max), share) + extra
        self.send(k.BOLUS, pause, amount=amount, source=source)

    @rule(pause=SOON, kind=st.sampled_from((k.BOLUS, k.EXTENDED_BOLUS)))
    @precondition(lambda self: self.able())
    def bolus_all_there_is_room_for(self, pause: int, kind: int) -> None:
        """Ask for one micro-unit, then exactly what the refusal says would be accepted.

        A refusal leaves the clock where it was, so all three are asked after the same pause.
        """
        duration = min(k.HOUR, self.model.pump.limits.extended_duration_max)
        asked = self.send(kind, pause, amount=1, duration=duration)
        if asked.allowable > 0:
            more = asked.allowable + self.model.pump.limits.pulse
            refused = self.send(kind, pause, amount=more, duration=duration)
            assert refused.status == k.REFUSED, "more than what is allowable must be refused"
            taken = self.send(kind, pause, amount=asked.allowable, duration=duration)
            assert taken.status == k.ACCEPTED, "what is allowable must be accepted"

    @rule(share=SHARES, length=SHARES)
    @precondition(lambda self: self.able())
    def extended_bolus(self, share: int, length: int) -> None:
        """An extended bolus."""
        limits = self.model.pump.limits
        duration = limits.extended_duration_max * length // 100
        amount = self.pulses(limits.bolus_max, share)
        self.send(k.EXTENDED_BOLUS, amount=amount, duration=duration)

    @rule(share=SHARES, source=st.sampled_from((1, 2)), pause=SOON)
    @precondition(lambda self: self.able())
    def set_basal(self, share: int, source: int, pause: int) -> None:
        """Another programmed rate."""
        rate = min(self.model.pump.limits.basal_max * share // 100, k.RATE_MAX)
        self.send(k.SET_BASAL, pause, rate=rate, source=source)

    @rule(share=SHARES, length=SHARES, source=st.sampled_from((1, 3, 4)), pause=SOON)
    @precondition(lambda self: self.able())
    def temporary_basal(self, share: int, length: int, source: int, pause: int) -> None:
        """A temporary rate."""
        limits = self.model.pump.limits
        highest, longest = limits.basal_max, limits.temp_duration_max
        if source == k.CONTROLLER:
            highest, longest = limits.controller_basal_max, limits.controller_duration_max
        if source == k.REMOTE:
            highest = self.model.pump.basal_rate
        rate = min(highest * share // 100, k.RATE_MAX)
        duration = longest * length // 100
        self.send(k.TEMP_BASAL, pause, rate=rate, duration=duration, source=source)

    @rule(source=st.sampled_from((1, 3, 4)), pause=SOON)
    @precondition(lambda self: self.able() and self.model.pump.temporary is not None)
    def cancel_temporary(self, source: int, pause: int) -> None:
        """Back to the programmed rate."""
        self.send(k.CANCEL_TEMP_BASAL, pause, source=source)

    @rule(kind=st.sampled_from((k.RESUME, k.ACKNOWLEDGE)), pause=PAUSES)
    def go_on(self, kind: int, pause: int) -> None:
        """The user resumes or acknowledges."""
        self.send(kind, pause)

    @rule(
        kind=st.sampled_from((k.LOAD_RESERVOIR, k.PRIME, k.INSERT_SET, k.CONNECT, k.FILL_CANNULA)),
        share=SHARES,
        pause=SOON,
    )
    def handle_set(self, kind: int, share: int, pause: int) -> None:
        """Some act on the set, in whatever order."""
        limits = self.model.pump.limits
        most = {
            k.LOAD_RESERVOIR: limits.reservoir_capacity,
            k.PRIME: limits.prime_max,
            k.FILL_CANNULA: limits.cannula_fill,
        }
        self.send(kind, pause, amount=self.pulses(most.get(kind, 0), share), code=share)

    # ---- stops and mischief

    @rule(kind=STOPS, pause=st.one_of(SOON, STRANGE), id_step=st.sampled_from((1, 0, -5, 2**40)))
    @precondition(lambda self: self.able())
    def stop(self, kind: int, pause: int, id_step: int) -> None:
        """A stop, with any id and clock."""
        self.send(kind, pause, id=self.model.pump.last_id + id_step)

    @rule(
        code=st.integers(0, 7),
        pulses=st.sampled_from((0, 0, 1, 40)),
        pause=SOON,
        late=st.booleans(),
    )
    @precondition(lambda self: self.able())
    def fault(self, code: int, pulses: int, pause: int, late: bool) -> None:
        """The motor reports a fault, perhaps with volume that flowed too much."""
        amount = pulses * self.model.pump.limits.pulse
        issued = self.model.pump.now if late else self.model.pump.now + pause
        self.send(k.FAULT, pause, code=code, amount=amount, issued_at=issued)

    @rule(pause=PAUSES)
    @precondition(lambda self: self.able() and not self.model.pump.latched)
    def three_faults(self, pause: int) -> None:
        """The same fault again and again, each acknowledged."""
        for _ in range(3):
            self.send(k.FAULT, 1000, code=k.CAUSE_OCCLUSION)
            self.send(k.ACKNOWLEDGE, min(pause, k.MINUTE))

    @rule(back=st.integers(1, 8), pause=st.one_of(SOON, st.none()))
    @precondition(lambda self: len(self.sent) > 0)
    def replay(self, back: int, pause: int | None) -> None:
        """An event again: late, twice or out of order."""
        event = self.sent[-min(back, len(self.sent))].duplicate()
        if pause is not None:
            event.at = self.model.pump.now + pause
        self.send_event(event)

    @rule(
        kind=st.integers(k.TICK - 1, k.ACKNOWLEDGE + 1),
        field=st.sampled_from(EVENT_FIELDS),
        word=st.sampled_from(EDGES),
        pause=st.one_of(SOON, STRANGE),
    )
    def send_strange_words(self, kind: int, field: str, word: int, pause: int) -> None:
        """An event with a word that it should not have."""
        words = {"kind": kind, "pause": pause, "amount": self.model.pump.limits.pulse, field: word}
        self.send(**words)

    @rule(
        seed=SEEDS,
        pause=st.one_of(SOON, STRANGE),
        preset=st.one_of(st.none(), st.sampled_from(preset_names())),
    )
    def adopt(self, seed: int, pause: int, preset: str | None) -> None:
        """Other limits: near these, or those of another drug."""
        limits = Limits.from_record(vary(Random(seed), self.model.pump.limits))
        if preset is not None:
            limits = Limits.load(preset)
        at = self.model.pump.now + pause
        reason = self.change_limits(limits, at)
        if reason is not None:
            self.model.adopt(limits.to_record(), at, reason)
