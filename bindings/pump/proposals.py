"""What a person is about to do: shown in full first, then confirmed within a minute, once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dosekernel.kernel.records import MINUTE
from dosekernel.spec.limits import Limits
from dosekernel.spec.limits_table import BY_NAME
from dosekernel.spec.reasons import Kind, Status

from .. import Outcome
from ..errors import InputError

# A proposal waits so long; a half-entered request is never completed much later.
PATIENCE = MINUTE
BRIEF = 29  # characters of a value in a table of changes


class ExpiredError(InputError):
    """A proposal was confirmed too late; nothing was asked."""


class OvertakenError(InputError):
    """Something else was asked since a proposal was shown, or it was used; nothing was asked."""


@dataclass(frozen=True)
class Request:
    """One question to the kernel."""

    kind: Kind
    amount: int = 0
    rate: int = 0
    duration: int = 0
    code: int = 0

    @property
    def fields(self) -> dict[str, int]:
        """What an event of this kind holds beside its kind, by name; zeros left out."""
        named = {name: getattr(self, name) for name in ("amount", "rate", "duration", "code")}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, kw_only=True)
class Pending:
    """What waits for a confirmation: `sentence` says what would happen, or why nothing would."""

    made_at: int  # kernel time
    number: int  # the last id that the pump had given away
    accepted: bool  # what the answer would have been then
    sentence: str

    def expires_at(self) -> int:
        """The kernel time from which on it can be confirmed no more."""
        return self.made_at + PATIENCE


@dataclass(frozen=True, kw_only=True)
class Proposal(Pending):
    """Requests that are asked together, and what the kernel would answer to the last of them."""

    kind: Kind
    fields: Mapping[str, int]
    asked: str  # what is asked for, as a sentence
    preview: Outcome
    requests: tuple[Request, ...] = field(repr=False)

    @property
    def allowable(self) -> int:
        """The largest amount that would be accepted instead, in micro-units."""
        return self.preview.allowable if self.preview.status is Status.REFUSED else 0


@dataclass(frozen=True)
class Change:
    """One line of a table of changes: a name, what holds now, what would hold."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Adoption(Pending):
    """Other limits, and each limit that would change."""

    limits: Limits = field(repr=False)
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class SettingChange(Pending):
    """Another value for a setting of the shell, such as the day's basal programme."""

    name: str
    value: object
    changes: tuple[Change, ...]


def limit_changes(old: Limits, new: Limits) -> tuple[Change, ...]:
    """Each limit that differs, in the order of the table."""
    found = [
        Change(name, before, after)
        for name, before, after in (("name", old.name, new.name), ("unit", old.unit, new.unit))
        if before != after
    ]
    for name in BY_NAME:
        if getattr(old, name) != getattr(new, name):
            found.append(Change(name, brief(old.shown(name)), brief(new.shown(name))))
    return tuple(found)


def brief(text: str) -> str:
    """A value that is a whole table, by its beginning."""
    return text if len(text) <= BRIEF else f"{text[:BRIEF]}..."
