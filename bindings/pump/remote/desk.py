"""Where a remote's requests are taken: each done once, each answered, whatever is repeated.

A remote numbers its requests. The number and what it stands for are in the journal before the
kernel is asked, so the same number again, also after a restart, gets the decision that was made,
and other content under a used number is refused. The kernel's own id and time are the pump's.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dosekernel.spec.reasons import Kind, Source, Status

from ... import Event, Outcome
from ...wording import outcome_in_words
from ..bodies import as_json, from_json, unpacked
from ..errors import JournalError
from ..journal import What
from ..retrace import REPORTS
from ..shell import Pump

SETTING = "remote "  # and the remote's name
RECENT = 16  # requests of a remote that can be asked for again
NUMBER_MAX = 2**53
FIELD_MAX = 2**60
# A bolus has ended, one way or another, long before so many entries.
ENTRIES_MAX = 10_000
FIELDS = ("amount", "rate", "duration")
ASKABLE = {kind.name: kind for kind in Kind if kind not in REPORTS}


class Became(StrEnum):
    """What became of a request, and of the bolus that it asked for."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"  # the pump failed in between; ask again when it runs
    LOST = "lost"  # the pump ended before it was decided: nothing was done, nothing will be
    UNKNOWN = "unknown"  # never arrived, or too long ago
    WRONG = "wrong"  # not a request that can be looked at
    BUSY = "busy"  # too many at once; nothing was done


class Delivery(StrEnum):
    """How far a bolus that was accepted has come."""

    UNDER_WAY = "under way, not yet confirmed"
    UNCERTAIN = "uncertain: it counts as given, nobody knows whether it was"
    CUT_SHORT = "cut short"
    GIVEN = "given"


@dataclass(frozen=True)
class Asked:
    """A request as the journal remembers it: its number, its content, and where to look."""

    number: int
    digest: str
    after: int


@dataclass(frozen=True)
class Decided:
    """What the kernel decided, and the entry that says so."""

    event: Event
    outcome: Outcome
    seq: int


class Desk:
    """Takes the requests of all remotes of a pump."""

    def __init__(self, pump: Pump) -> None:
        self.pump = pump
        self.failure: JournalError | None = None  # the pump stopped while it was asked

    def take(self, name: str, message: Mapping[str, Any]) -> dict[str, object]:
        """The answer to a message of a remote that proved to be `name`."""
        if "ask" in message:
            return self._request(name, message)
        if "number" in message:
            return self._what_became(name, message["number"])
        return self.status()

    def status(self) -> dict[str, object]:
        """What a display shows."""
        state, last = self.pump.state, self.pump.last
        return {
            "answer": "status",
            "mode": None if last is None else last.mode.name,
            "alarms": [] if last is None else [alarm.name for alarm in last.alarms],
            "reservoir": state.reservoir,
            "on_board": None if last is None else last.on_board,
            "basal": state.basal_rate,
            "unit": self.pump.limits.unit,
        }

    def last_number(self, name: str) -> int:
        """The newest number that a remote has used."""
        recent = self._recent(name)
        return recent[-1].number if recent else 0

    # ---- requests --------------------------------------------------------------------------

    def _request(self, name: str, message: Mapping[str, Any]) -> dict[str, object]:
        problem = problem_of(message)
        if problem:
            return answer(Became.WRONG, message.get("number"), problem)
        number, digest = message["number"], digest_of(message)
        recent = self._recent(name)
        for asked in recent:
            if asked.number == number:
                if asked.digest != digest:
                    told = "this number stands for another request; nothing was done"
                    return answer(Became.WRONG, number, told)
                return self._found(asked) | {"repeated": True}
        if recent and number < recent[-1].number:
            told = "this number is older than what can be asked for; nothing was done"
            return answer(Became.WRONG, number, told)
        asked = Asked(number, digest, self.pump.journal.seq)
        try:
            kept = [vars(each) for each in (*recent, asked)[-RECENT:]]
            self.pump.set(SETTING + name, kept)
            self._ask(message)
        except JournalError as error:
            self.failure = error
            told = "the pump stopped while it was asked; ask what became of it when it runs again"
            return answer(Became.UNCERTAIN, number, told)
        return self._found(asked)

    def _ask(self, message: Mapping[str, Any]) -> None:
        fields = {field: message[field] for field in FIELDS if field in message}
        self.pump.ask(
            ASKABLE[message["ask"]],
            source=Source.REMOTE,
            issued_at=message["issued_at"],
            **fields,
        )

    def _recent(self, name: str) -> list[Asked]:
        return [Asked(**each) for each in self.pump.settings.get(SETTING + name, [])]

    # ---- what became of them ---------------------------------------------------------------

    def _what_became(self, name: str, number: object) -> dict[str, object]:
        for asked in self._recent(name):
            if asked.number == number:
                return self._found(asked) | {"repeated": True}
        return answer(Became.UNKNOWN, number, "no such request is known; nothing was done for it")

    def _found(self, asked: Asked) -> dict[str, object]:
        decided = self._decided(asked)
        if decided is None:
            return answer(
                Became.LOST, asked.number, "the pump ended before it was decided; nothing was done"
            )
        outcome = decided.outcome
        accepted = outcome.status is Status.ACCEPTED
        told = "" if accepted else outcome_in_words(outcome)
        found = answer(Became.ACCEPTED if accepted else Became.REFUSED, asked.number, told)
        found |= {"reason": outcome.reason.name, "allowable": outcome.allowable}
        if accepted and decided.event.kind is Kind.BOLUS:
            found |= self._delivered(decided)
        return found

    def _decided(self, asked: Asked) -> Decided | None:
        """The kernel's answer to a request; None if it was never asked, or lost.

        The event follows the setting that announced it, in the same session, before any other
        request of a remote. Its id alone would not do: an id that was never written is used again.
        """
        event: Event | None = None
        announced = False
        for entry in self.pump.journal.entries(asked.after):
            if event is None and entry.kind is What.SETTING and is_remote(entry.body):
                if announced:
                    return None
                announced = True
            elif event is None and entry.kind is What.SESSION:
                return None
            elif event is None and entry.kind is What.EVENT:
                found = Event.from_words(unpacked(entry.body))
                event = found if found.source == Source.REMOTE else None
            elif event is not None and entry.kind is What.OUTCOME:
                return Decided(event, Outcome.from_words(unpacked(entry.body)), entry.seq)
            elif event is not None and entry.kind is What.LOST:
                return None
        return None

    def _delivered(self, decided: Decided) -> dict[str, object]:
        """How far an accepted bolus has come: from its acceptance to the next bolus, or to now."""
        uncertain, not_given, newest = False, 0, True
        asked: Event | None = None
        entries = self.pump.journal.entries(decided.seq, (What.EVENT, What.OUTCOME))
        for count, entry in enumerate(entries):
            if entry.kind is What.EVENT:
                asked = Event.from_words(unpacked(entry.body))
                continue
            outcome = Outcome.from_words(unpacked(entry.body))
            if asked is None or outcome.status is not Status.ACCEPTED:
                continue
            if asked.kind is Kind.BOLUS or count > ENTRIES_MAX:
                newest = False
                break
            uncertain = uncertain or asked.kind is Kind.UNCERTAIN
            not_given += outcome.not_given
        state = self.pump.state
        delivery = Delivery.GIVEN
        if newest and (state.bolus_owed or state.outstanding_bolus):
            delivery = Delivery.UNDER_WAY
        elif uncertain:
            delivery = Delivery.UNCERTAIN
        elif not_given:
            delivery = Delivery.CUT_SHORT
        return {"delivery": delivery.value, "not_given": not_given}


def answer(became: Became, number: object, told: str) -> dict[str, object]:
    """An answer to a request."""
    return {"answer": became.value, "number": number, "sentence": told}


def is_remote(body: bytes) -> bool:
    """True for the setting that announces a remote's request."""
    return str(from_json(body)["name"]).startswith(SETTING)


def digest_of(message: Mapping[str, Any]) -> str:
    """What a request asks for, all of it."""
    return hashlib.sha256(as_json(message)).hexdigest()


def problem_of(message: Mapping[str, Any]) -> str:
    """Why a message is no request; empty if it is one."""
    if not isinstance(message["ask"], str) or message["ask"] not in ASKABLE:
        return f"ask: {message['ask']!r:.40}; allowed: {', '.join(ASKABLE)}"
    extra = set(message) - {"ask", "number", "issued_at", *FIELDS}
    if extra:
        return f"{min(extra)!r:.40}; allowed: ask, number, issued_at, {', '.join(FIELDS)}"
    ranges = dict.fromkeys(FIELDS, (0, FIELD_MAX))
    ranges |= {"number": (1, NUMBER_MAX), "issued_at": (0, FIELD_MAX)}
    for field, (least, most) in ranges.items():
        value = message.get(field, None if field in ("number", "issued_at") else 0)
        if type(value) is not int or not least <= value <= most:
            return f"{field}: {value!r:.40}; allowed: a whole number from {least} to {most}"
    return ""


def parsed(text: bytes) -> dict[str, Any]:
    """A message that is a JSON mapping; raises `ValueError`."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not a mapping")
    return found
