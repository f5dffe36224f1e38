"""What a person can do at a pump; commands and screens do it only through here.

What gives drug or changes a setting is proposed, shown, and confirmed within a minute; what stops
is done at once. Nothing is decided here: the kernel is asked, and its answer is put into words.
"""

from collections.abc import Sequence
from decimal import Decimal

from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Reason, Status

from .. import Event, Kernel, Outcome
from ..errors import InputError, LimitsRefusedError
from . import words
from .proposals import (
    PATIENCE,
    Adoption,
    Change,
    ExpiredError,
    OvertakenError,
    Pending,
    Proposal,
    Request,
    SettingChange,
    limit_changes,
)
from .set_change import SetChange
from .shell import Pump

WHOLE = 100  # per cent
PERCENT_MAX = 1000
# What is owed once these are accepted has to pass the caps: what they lead to is shown.
DOSES = (Kind.BOLUS, Kind.EXTENDED_BOLUS, Kind.FILL_CANNULA)


class Actions:
    """One person's hands at one pump."""

    def __init__(self, pump: Pump) -> None:
        """`pump` is used, never copied."""
        self.pump = pump
        self._used: list[Pending] = []

    # ---- proposals ---------------------------------------------------------------------------

    def propose(
        self, kind: Kind, *, amount: int = 0, rate: int = 0, duration: int = 0, code: int = 0
    ) -> Proposal:
        """What would happen if the kernel were asked for this now; values in kernel units."""
        return self._proposed([Request(kind, amount, rate, duration, code)])

    def bolus(self, amount: int) -> Proposal:
        """A bolus, in micro-units."""
        return self.propose(Kind.BOLUS, amount=amount)

    def extended(self, amount: int, duration: int) -> Proposal:
        """A bolus spread over a time."""
        return self.propose(Kind.EXTENDED_BOLUS, amount=amount, duration=duration)

    def dual(self, now: int, later: int, duration: int) -> Proposal:
        """A part at once and a part over a time: both are accepted, or nothing is asked."""
        return self._proposed(
            [
                Request(Kind.EXTENDED_BOLUS, amount=later, duration=duration),
                Request(Kind.BOLUS, amount=now),
            ]
        )

    def temporary(
        self, *, duration: int, rate: int | None = None, percent: int | Decimal | None = None
    ) -> Proposal:
        """A temporary rate, in micro-units per hour or in per cent of the programmed rate."""
        if (rate is None) == (percent is None):
            raise InputError("a temporary rate: allowed: either a rate or a percentage")
        if rate is None and percent is not None:
            if not 0 <= percent <= PERCENT_MAX:
                raise InputError(f"percent: {percent}; allowed: 0 to {PERCENT_MAX}")
            rate = int(self.pump.state.basal_rate * percent // WHOLE)
        return self.propose(Kind.TEMP_BASAL, rate=rate or 0, duration=duration)

    def confirm(self, proposal: Proposal) -> Outcome:
        """Ask what was proposed; raises `ExpiredError` or `OvertakenError`, and then asks nothing.

        The requests bear the time of the proposal, so that the kernel, too, sees their age.
        """
        self._use(proposal)
        previews = self._previews(proposal.requests)
        if len(previews) > 1 and previews[-1].status is not Status.ACCEPTED:
            self.pump.notice(f"Nothing was asked. {proposal.sentence}")
            return previews[-1]
        outcome = previews[-1]
        for request in proposal.requests:
            outcome = self.pump.ask(
                request.kind,
                issued_at=proposal.made_at,
                amount=request.amount,
                rate=request.rate,
                duration=request.duration,
                code=request.code,
            )
            if outcome.status is not Status.ACCEPTED:
                return outcome
        return outcome

    def in_words(self, kind: Kind, outcome: Outcome) -> str:
        """What became of a request, in a sentence."""
        return words.decision(self.pump, kind, outcome)

    # ---- what is done at once ----------------------------------------------------------------

    def stop(self) -> Outcome:
        """Suspend all delivery, at once and unasked."""
        return self.pump.ask(Kind.SUSPEND)

    def resume(self) -> Outcome:
        """End a suspension; what was stopped does not come back."""
        return self.pump.ask(Kind.RESUME)

    def cancel_bolus(self) -> Outcome:
        """Cancel every bolus that is still owed; `not_given` says how much that was."""
        return self.pump.ask(Kind.CANCEL_BOLUS)

    def cancel_temporary(self) -> Outcome:
        """Back to the programmed rate."""
        return self.pump.ask(Kind.CANCEL_TEMP_BASAL)

    def quick_disconnect(self) -> Outcome:
        """Take the pump off, for a shower; the set stays."""
        return self.pump.ask(Kind.DISCONNECT)

    def reconnect(self) -> Outcome:
        """Join the pump and the set again."""
        return self.pump.ask(Kind.CONNECT)

    def acknowledge(self) -> Outcome:
        """A person has seen the fault or the gap."""
        return self.pump.ask(Kind.ACKNOWLEDGE)

    def glucose(self, reading: int) -> Outcome:
        """A reading in mg/dL, from a finger or from a sensor, taken now."""
        return self.pump.report(Kind.GLUCOSE, glucose=reading)

    # ---- limits and settings -------------------------------------------------------------------

    def adopt(self, limits: Limits) -> Adoption:
        """Other limits, shown as what would change; see `confirm_limits`."""
        copy = Kernel.from_state(None, self.pump.kernel.state)
        changes = limit_changes(self.pump.limits, limits)
        sentence = f"{len(changes)} entries change; the new limits hold from then on, all at once."
        accepted = True
        try:
            copy.adopt(limits, self.pump.now())
        except LimitsRefusedError as error:
            sentence, accepted = f"Refused: {Reason(error.reason).sentence}", False
        return Adoption(
            made_at=self.pump.now(),
            number=self.pump.last_id,
            accepted=accepted,
            sentence=sentence,
            limits=limits,
            changes=changes,
        )

    def confirm_limits(self, adoption: Adoption) -> None:
        """Adopt what was shown; raises `LimitsRefusedError`, and then the old limits stay."""
        self._use(adoption)
        self.pump.adopt(adoption.limits)

    def setting(self, name: str, value: object, sentence: str = "") -> SettingChange:
        """Another value for a setting, shown beside the old one; see `confirm_setting`."""
        before = self.pump.settings.get(name)
        change = Change(name, shown(before), shown(value))
        return SettingChange(
            made_at=self.pump.now(),
            number=self.pump.last_id,
            accepted=True,
            sentence=sentence or f"{name}: {change.before} becomes {change.after}.",
            name=name,
            value=value,
            changes=() if before == value else (change,),
        )

    def confirm_setting(self, change: SettingChange) -> None:
        """Keep what was shown."""
        self._use(change)
        self.pump.set(change.name, change.value)

    # ---- procedures ------------------------------------------------------------------------------

    def set_change(self) -> SetChange:
        """The change of reservoir and set, as far as it has come; see `SetChange.begin`."""
        return SetChange(self.pump)

    # ---- how a proposal is made and used ---------------------------------------------------

    def _proposed(self, requests: Sequence[Request]) -> Proposal:
        previews = self._previews(requests)
        preview, last = previews[-1], requests[len(previews) - 1]
        accepted = len(previews) == len(requests) and preview.status is Status.ACCEPTED
        asked = " ".join(words.asked_for(self.pump, each.kind, each.fields) for each in requests)
        told = [asked]
        if not accepted:
            told.append(words.refusal(self.pump, last.kind, preview))
        elif last.kind in DOSES:
            told.append(words.room_after(self.pump, preview))
        return Proposal(
            made_at=self.pump.now(),
            number=self.pump.last_id,
            accepted=accepted,
            sentence=" ".join(told),
            kind=last.kind,
            fields=last.fields,
            asked=asked,
            preview=preview,
            requests=tuple(requests),
        )

    def _previews(self, requests: Sequence[Request]) -> list[Outcome]:
        """The answers to requests one after the other, up to the first that is not accepted."""
        copy = Kernel.from_state(None, self.pump.kernel.state)
        found: list[Outcome] = []
        for number, each in enumerate(requests, start=self.pump.last_id + 1):
            event = Event(each.kind, id=number, at=self.pump.now(), **each.fields)
            found.append(copy.step(event))
            if found[-1].status is not Status.ACCEPTED:
                break
        return found

    def _use(self, pending: Pending) -> None:
        """Take a proposal: not too late, not twice, and not after anything else was asked."""
        if self.pump.now() > pending.expires_at():
            raise ExpiredError(
                f"this was shown more than {words.span(PATIENCE)} ago and nothing was asked; "
                "ask again if it is still wanted"
            )
        if any(each is pending for each in self._used) or pending.number != self.pump.last_id:
            raise OvertakenError(
                "something else was asked since this was shown, or it was confirmed already; "
                "nothing was asked: look again"
            )
        still = [each for each in self._used if each.expires_at() >= self.pump.now()]
        self._used = [*still, pending]


def shown(value: object) -> str:
    """A setting's value for a table."""
    return "not set" if value is None else str(value)
