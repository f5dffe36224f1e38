"""A journal gone through again: every event through a kernel, every outcome compared.

`Retrace` takes entries in their order and ends up knowing what the pump knew: its kernel, its
settings, and what was under way.
"""

from collections.abc import Mapping
from typing import Any

from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Reason

from .. import Event, Kernel, Outcome
from ..errors import LimitsRefusedError
from .bodies import Kept, Session, from_json, limits_of, packed, unpacked
from .errors import TamperedError
from .journal import Entry, What

# What damaged bodies raise.
UNREADABLE = (ValueError, KeyError, TypeError)
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
        self.session: Session | None = None
        self.newest: Entry | None = None
        # Notices since the last tick that a program made in use: nobody can know they were seen.
        # The first tick of each program belongs to its recovery, before anything is shown.
        self.untold: list[str] = []
        self._ticks = 0
        self.steps = 0

    def start_from(self, entry: Entry) -> None:
        """Begin in the middle, from a kept state; raises `TamperedError`."""
        try:
            kept = Kept.of(entry.body)
            self.last_id = kept.last_id
            self.kernel = Kernel.from_state(None, kept.kernel)
            name, unit = kept.shell["name"], kept.shell["unit"]
            self.limits = Limits.from_record(self.kernel.inspect().limits, name, unit)
            self.settings = dict(kept.shell["settings"])
            self.session = Session.of(kept.shell["session"])
        except UNREADABLE as error:
            raise self.wrong(entry, f"is not readable: {error}") from error
        self.newest = entry

    def take(self, entry: Entry) -> None:
        """The next entry; raises `TamperedError` where journal and kernel do not agree."""
        try:
            self._take(entry)
        except TamperedError:
            raise
        except UNREADABLE as error:
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
            self.session = Session.of(from_json(entry.body))
            self._ticks = 0
        elif entry.kind is What.NOTICE:
            self.untold.append(str(from_json(entry.body)["text"]))

    def _asked(self, entry: Entry) -> None:
        if self.pending is not None:
            raise self.wrong(entry, f"comes before an answer to entry {self.pending.seq}")
        self.pending = entry
        if entry.kind is What.EVENT:
            event = Event.from_words(unpacked(entry.body))
            if event.kind not in REPORTS:
                self.last_id = max(self.last_id, event.id)
            if event.kind is Kind.TICK:
                self._ticks += 1
                if self._ticks > 1:
                    self.untold.clear()

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
        if self.kernel is None or self.limits is None or self.session is None:
            raise self.wrong(entry, "comes before limits and a session")
        shell = shell_part(self.limits, self.settings, self.session)
        if Kept.of(entry.body) != Kept(self.last_id, self.kernel.state, shell):
            raise self.wrong(entry, "is not the state that the entries before it lead to")


def shell_part(limits: Limits, settings: Mapping[str, Any], session: Session) -> dict[str, Any]:
    """What a kept state says of the shell."""
    return {
        "name": limits.name,
        "unit": limits.unit,
        "settings": dict(settings),
        "session": session.body(),
    }
