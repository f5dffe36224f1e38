"""The exact model as a judge: told each event and its outcome, it checks every word of the answer.

It decides nothing for the kernel. Where the kernel's slots may differ from true history the
outcome must lie between two exact bounds; everywhere else it must be equal.
"""

from dosekernel.kernel import records as k

from . import adoption, apply, guards
from .history import wider
from .pump import Pump
from .words import EVENT_FIELDS, Answer, Asked

WINDOWS = ("window", "day")


class DisagreementError(AssertionError):
    """The kernel's answer is not one that the model allows."""


class Model:
    """A pump with unlimited memory, beside the one under test.

    `observe(event, outcome)` checks an outcome and follows it; `may_release`, `may_accept` and
    `must_accept` answer before the kernel is asked.
    """

    def __init__(self, limits: k.Limits, at: int) -> None:
        self.pump = Pump(limits.duplicate(), at, released_at=at)
        self.accepted = 0  # everything that was ever owed
        self.given = 0  # what of it was released
        self.lost = 0  # what of it was cancelled

    # ---- questions

    def may_release(self, amount: int, at: int) -> bool:
        """Whether the rules allow a TICK at `at` to let this amount leave."""
        aged = self.pump.twin()
        aged.age(at)
        aim = apply.purpose(aged)
        most = apply.releasable(aged, aim, wide=False)
        return apply.releasable(aged, aim, wide=True) <= amount <= most

    def answers(self, event: Asked, on_board: int | None = None) -> frozenset[int]:
        """The reasons with which an event may be answered, REASON_NONE for acceptance.

        `on_board` is the figure that the kernel shows; without it the exact one is used.
        """
        if event.kind in guards.STOPS or event.kind == k.TICK:
            return frozenset((k.REASON_NONE,))
        early = guards.reasons(guards.admission(self.pump, event))
        if early != {k.REASON_NONE}:
            return early
        aged = self.pump.twin()
        aged.age(event.at)
        acting = self.bounds_on_board(aged)[0] if on_board is None else on_board
        if event.kind not in guards.REPORTS:
            stale = guards.reasons(guards.freshness(aged, event))
            if stale != {k.REASON_NONE}:
                return stale
        return guards.reasons(guards.KINDS[event.kind](aged, event, acting))

    def may_accept(self, event: Asked, on_board: int | None = None) -> bool:
        """Whether true history leaves room for this event."""
        return k.REASON_NONE in self.answers(event, on_board)

    def must_accept(self, event: Asked, on_board: int) -> bool:
        """Whether there is room even if each window reached one slot further back."""
        return self.answers(event, on_board) == {k.REASON_NONE}

    @staticmethod
    def bounds_on_board(pump: Pump) -> tuple[int, int]:
        """Drug on board: what truly acts, rounded up, and the most a coarse ledger may say."""
        remaining = pump.limits.action_remaining
        least = pump.history.on_board_least(pump.now, k.ACTION_SLOT, remaining)
        most = pump.history.on_board_most(pump.now, k.ACTION_SLOT, remaining)
        return -(-least // 1), -(-most // 1)

    # ---- following the kernel

    def observe(self, event: Asked, outcome: Answer) -> None:
        """Check one outcome and follow it; raises DisagreementError."""
        if event.kind in guards.STOPS:
            self._observe_stop(event, outcome)
            return
        early = guards.reasons(guards.admission(self.pump, event))
        if early != {k.REASON_NONE}:
            self._refused(event, outcome, early, self.pump)
            return
        aged = self.pump.twin()
        cancelled = aged.age(event.at)
        if event.kind not in guards.REPORTS and guards.content(event) == aged.last:
            self._expect(event, outcome, "status", k.REPEATED)
            self._nothing_happened(event, outcome, aged)
            return
        answers = self.answers(event, outcome.on_board)
        if event.kind != k.TICK and outcome.reason not in answers:
            self._fail(event, "reason", outcome.reason, sorted(answers))
        if event.kind in (k.BOLUS, k.EXTENDED_BOLUS):
            self._check_allowable(event, outcome, aged)
        if outcome.reason != k.REASON_NONE and event.kind != k.TICK:
            self._refused(event, outcome, answers, aged)
            return
        self._expect(event, outcome, "status", k.ACCEPTED)
        if event.kind == k.TICK:
            self._tick(event, outcome, aged)
            lost = short = 0
        else:
            self._expect(event, outcome, "amount", 0)
            lost, short = self._apply(aged, event)
        self._keep(event, outcome, aged, cancelled + lost, short)

    def adopt(self, limits: k.Limits, at: int, reason: int) -> None:
        """The kernel was given other limits and answered with `reason`."""
        aged, answers = adoption.judge(self.pump, limits, at)
        if reason not in answers:
            raise DisagreementError(f"adopt at {at}: reason is {reason}, allowed {sorted(answers)}")
        if reason == k.REASON_NONE:
            self.pump = aged

    def _apply(self, aged: Pump, event: Asked) -> tuple[int, int]:
        """An accepted event other than TICK: what it cancels, what of a release was short."""
        before = aged.outstanding
        if event.kind in (k.BOLUS, k.EXTENDED_BOLUS, k.PRIME, k.FILL_CANNULA):
            self.accepted += event.amount
        if event.kind not in guards.REPORTS:
            aged.last, aged.last_id = guards.content(event), event.id
        lost = apply.KINDS[event.kind](aged, event)
        short = 0
        if event.kind == k.CONFIRM and before is not None:
            short = max(before.amount - event.amount, 0)
        return lost - short, short

    def _observe_stop(self, event: Asked, outcome: Answer) -> None:
        """A stop is accepted whatever its id, age or clock."""
        if event.kind == k.FAULT and self.pump.faulted and apply.cause(event) == self.pump.fault:
            self._expect(event, outcome, "status", k.REPEATED)
            self._nothing_happened(event, outcome, self.pump)
            return
        self._expect(event, outcome, "status", k.ACCEPTED)
        self._expect(event, outcome, "reason", k.REASON_NONE)
        self._expect(event, outcome, "amount", 0)
        aged, cancelled = self.pump.twin(), 0
        timely = aged.now <= event.at <= min(aged.now + k.AHEAD_MAX, k.TIME_MAX)
        if timely:
            cancelled = aged.age(event.at)
        highest = min(k.ID_MAX, aged.last_id + k.ID_STEP_MAX)
        if timely and event.kind != k.FAULT and aged.last_id < event.id <= highest:
            aged.last, aged.last_id = guards.content(event), event.id
        cancelled += apply.KINDS[event.kind](aged, event)
        self._keep(event, outcome, aged, cancelled, 0)

    def _tick(self, event: Asked, outcome: Answer, aged: Pump) -> None:
        """What a tick let go is what the rules ask for, within both caps over true history."""
        aim = apply.purpose(aged)
        least = apply.releasable(aged, aim, wide=True)
        most = apply.releasable(aged, aim, wide=False)
        if not least <= outcome.amount <= most or outcome.amount % aged.limits.pulse:
            self._fail(event, "amount", outcome.amount, (least, most))
        if outcome.amount > 0:
            allowed = frozenset((k.REASON_NONE,))
        elif aged.outstanding:
            allowed = frozenset((k.REASON_UNCONFIRMED,))
        elif aim == k.RELEASE_NONE:
            allowed = frozenset((guards.MODE_REASONS[aged.mode()],))
        else:
            allowed = apply.withheld(aged, aim)
        if outcome.reason not in allowed:
            self._fail(event, "reason", outcome.reason, sorted(allowed))
        owed = aged.owed
        apply.release(aged, outcome.amount, aim)
        self.given += owed - aged.owed
        path = k.PATH_AIR if aim == k.RELEASE_PRIME else k.PATH_PATIENT
        self._expect(event, outcome, "path", path if outcome.amount else k.PATH_NONE)
        self._check_windows(event, aged, outcome.amount)

    def _check_windows(self, event: Asked, aged: Pump, amount: int) -> None:
        """No true window that ends with a release holds more than its cap."""
        if amount > 0 and aged.outstanding and aged.outstanding.purpose != k.RELEASE_PRIME:
            for name, room in zip(WINDOWS, apply.cap_rooms(aged, wide=False), strict=True):
                if room < 0:
                    self._fail(event, f"{name} over its cap by", -room, 0)

    def _keep(self, event: Asked, outcome: Answer, aged: Pump, cancelled: int, short: int) -> None:
        """The event was accepted: the aged pump, settled, is the pump from now on."""
        lost = cancelled + aged.settle_mode()
        self.lost += lost
        self._expect(event, outcome, "not_given", lost + short)
        self.pump = aged
        if self.accepted != self.given + self.lost + aged.owed:
            self._fail(event, "accepted", self.accepted, (self.given, self.lost, aged.owed))
        self._check_readouts(event, outcome, aged)

    # ---- checks

    def _refused(self, event: Asked, outcome: Answer, answers: frozenset[int], shown: Pump) -> None:
        self._expect(event, outcome, "status", k.REFUSED)
        if outcome.reason not in answers:
            self._fail(event, "reason", outcome.reason, sorted(answers))
        self._nothing_happened(event, outcome, shown)

    def _nothing_happened(self, event: Asked, outcome: Answer, shown: Pump) -> None:
        for name in ("amount", "path", "not_given"):
            self._expect(event, outcome, name, 0)
        self._check_readouts(event, outcome, shown)

    def _check_allowable(self, event: Asked, outcome: Answer, aged: Pump) -> None:
        least, most = 0, 0
        if guards.reasons(guards.freshness(aged, event)) == {k.REASON_NONE}:
            least, most = guards.allowable(aged, event, outcome.on_board)
        if not least <= outcome.allowable <= most:
            self._fail(event, "allowable", outcome.allowable, (least, most))
        asked = event.amount > 0 and event.amount % aged.limits.pulse == 0
        fits = asked and event.amount <= outcome.allowable
        if fits != (outcome.reason == k.REASON_NONE):
            self._fail(event, "accepted beside allowable", outcome.reason, outcome.allowable)

    def _check_readouts(self, event: Asked, outcome: Answer, pump: Pump) -> None:
        """The figures of an outcome: equal, and for slots between two exact bounds."""
        now, limits = pump.now, pump.limits
        mode = pump.mode()
        exact = {
            "pulses": outcome.amount // limits.pulse,
            "mode": mode,
            "sequence": pump.sequence,
            "reservoir": pump.reservoir,
            "owed": pump.owed,
            "rate": pump.rate if mode == k.MODE_DELIVERING else 0,
            "alarms": alarms(pump),
        }
        for name, value in exact.items():
            self._expect(event, outcome, name, value)
        total = pump.history.total
        length = limits.window_length
        bounds = {
            "window_total": (total(now - length, now), total(now - wider(length), now)),
            "day_total": (total(now - k.DAY, now), total(now - wider(k.DAY), now)),
            "on_board": self.bounds_on_board(pump),
        }
        for name, (least, most) in bounds.items():
            # A ledger that is full far above every cap stays full.
            if not min(least, k.VOLUME_MAX) <= getattr(outcome, name) <= most:
                self._fail(event, name, getattr(outcome, name), (least, most))

    def _expect(self, event: Asked, outcome: Answer, name: str, value: int) -> None:
        if getattr(outcome, name) != value:
            self._fail(event, name, getattr(outcome, name), value)

    def _fail(self, event: Asked, name: str, found: object, expected: object) -> None:
        words = {field: getattr(event, field) for field in EVENT_FIELDS}
        raise DisagreementError(
            f"event {words} at model time {self.pump.now}: "
            f"{name} is {found}, the model allows {expected}"
        )


def alarms(pump: Pump) -> int:
    """The sum of the alarms whose cause holds."""
    limits, now = pump.limits, pump.now

    def outlasts(start: int | None, life: int) -> bool:
        return start is not None and 0 < life < now - start

    waits = pump.outstanding is not None and now - pump.released_at > limits.confirm_max
    worn = pump.set_at is not None and now - pump.set_at >= limits.set_expiry > 0
    causes = (
        (pump.faulted, k.ALARM_FAULT),
        (pump.latched, k.ALARM_LATCHED),
        (pump.uncertain, k.ALARM_UNCERTAIN),
        (waits, k.ALARM_UNCONFIRMED),
        (pump.gap, k.ALARM_GAP),
        (pump.loaded and pump.reservoir < limits.pulse, k.ALARM_EMPTY),
        (pump.loaded and pump.reservoir <= limits.reservoir_low, k.ALARM_RESERVOIR_LOW),
        (
            pump.loaded and outlasts(pump.reservoir_at, limits.reservoir_life),
            k.ALARM_RESERVOIR_AGE,
        ),
        (outlasts(pump.set_at, limits.set_life), k.ALARM_SET_AGE),
        (worn, k.ALARM_SET_EXPIRED),
        (outlasts(pump.suspended_at, limits.suspend_reminder), k.ALARM_SUSPENDED),
        (pump.low_since is not None, k.ALARM_LOW_SUSPENDED),
    )
    return sum(alarm for holds, alarm in causes if holds)
