"""A journal gone through again: every event through a kernel, every outcome compared.

`Retrace` takes entries in their order and ends up knowing what the pump knew: its kernel, its
settings, and what was under way.
"""

from typing import Any

from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Reason

from .. import Event, Kernel, Outcome
from ..errors import LimitsRefusedError
from .bodies import from_json, limits_of, packed, state_of, unpacked
from .errors import TamperedError
from .journal import Entry, What

# Their id is the number of a release, or none at all.
REPORTS = (Kind.TICK, Kind.CONFIRM, Kind.UNCERTAIN, Kind.FAULT, Kind.GLUCOSE)


class Retrace:
    """What a journal says, up to the entry that was taken last."""

    def __init__(self, journal: str) -> None:
        """`journal` names the file in errors."""
        self.journal = journal
        self.kernel: Kernel | None = None
        self.limits: Limits | None = None
        self.settings: dict[str, Any] = {}
        self.last_id = 0
        self.last: Outcome | None = None
        self.pending: Entry | None = None  # asked, and not answered yet
        self.session: Entry | None = None
        self.newest: Entry | None = None
        self.steps = 0

    def start_from(self, state: Entry, limits: Entry) -> None:
        """Begin in the middle: from a kept state and the limits that were in force then."""
        self.limits, _ = limits_of(limits.body)
        self.last_id, words = state_of(state.body)
        self.kernel = Kernel.from_state(None, words)

    def take(self, entry: Entry) -> None:
        """The next entry; raises `TamperedError` where journal and kernel do not agree."""
        try:
            self._take(entry)
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, TamperedError):
                raise
            raise self.wrong(entry, f"is not readable: {error}") from error
        self.newest = entry

    def wrong(self, entry: Entry, why: str) -> TamperedError:
        """An error about an entry."""
        return TamperedError(f"{self.journal}: entry {entry.seq} ({entry.kind}) {why}")

    def _take(self, entry: Entry) -> None:
        if entry.kind in (What.EVENT, What.LIMITS):
            self._asked(entry)
        elif entry.kind is What.OUTCOME:
            self._decided(entry)
        elif entry.kind is What.ADOPTED:
            self._adopted(entry)
        elif entry.kind is What.LOST:
            self._answered(entry)
        elif entry.kind is What.STATE:
            self._compared(entry)
        elif entry.kind is What.SETTING:
            found = from_json(entry.body)
            self.settings[found["name"]] = found["value"]
        elif entry.kind is What.SESSION:
            self.session = entry

    def _asked(self, entry: Entry) -> None:
        if self.pending is not None:
            raise self.wrong(entry, f"comes before an answer to entry {self.pending.seq}")
        self.pending = entry
        if entry.kind is What.EVENT:
            event = Event.from_words(unpacked(entry.body))
            if event.kind not in REPORTS:
                self.last_id = max(self.last_id, event.id)

    def _answered(self, entry: Entry) -> Entry:
        asked, self.pending = self.pending, None
        if asked is None:
            raise self.wrong(entry, "answers nothing that was asked")
        return asked

    def _decided(self, entry: Entry) -> None:
        asked = self._answered(entry)
        if self.kernel is None or asked.kind is not What.EVENT:
            raise self.wrong(entry, f"answers entry {asked.seq}, which is no event for a kernel")
        outcome = self.kernel.step(Event.from_words(unpacked(asked.body)))
        if packed(outcome.words) != entry.body:
            told = Outcome.from_words(unpacked(entry.body))
            raise self.wrong(
                entry,
                f"says {told.status.name} ({told.reason.name}, {told.pulses} pulses); "
                f"the kernel says {outcome.status.name} ({outcome.reason.name}, "
                f"{outcome.pulses} pulses), or another read-out",
            )
        self.last = outcome
        self.steps += 1

    def _adopted(self, entry: Entry) -> None:
        asked = self._answered(entry)
        limits, at = limits_of(asked.body)
        try:
            if self.kernel is None:
                self.kernel = Kernel(limits, at)
            else:
                self.kernel.adopt(limits, at)
            reason = int(Reason.NONE)
        except LimitsRefusedError as error:
            reason = int(error.reason)
        if reason != entry.code:
            raise self.wrong(
                entry, f"says {Reason(entry.code).name}; the kernel says {Reason(reason).name}"
            )
        if reason == Reason.NONE:
            self.limits = limits

    def _compared(self, entry: Entry) -> None:
        last_id, state = state_of(entry.body)
        if self.kernel is None or self.kernel.state != state or self.last_id != last_id:
            raise self.wrong(entry, "is not the state that the entries before it lead to")
