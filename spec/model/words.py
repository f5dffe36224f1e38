"""What the model reads of an event and an outcome, whichever face of the kernel they come from."""

from typing import Protocol

from dosekernel.kernel.records import Event, Outcome

EVENT_FIELDS = tuple(Event.__annotations__)
OUTCOME_FIELDS = tuple(Outcome.__annotations__)


class Asked(Protocol):
    """An event's words by name."""

    @property
    def kind(self) -> int:
        """What kind of event it is."""
        ...

    @property
    def id(self) -> int:
        """The request's number, or the release that a report settles."""
        ...

    @property
    def at(self) -> int:
        """When it arrives."""
        ...

    @property
    def issued_at(self) -> int:
        """When it was made, or when a reading was taken."""
        ...

    @property
    def source(self) -> int:
        """Who asks."""
        ...

    @property
    def amount(self) -> int:
        """A volume."""
        ...

    @property
    def rate(self) -> int:
        """A rate."""
        ...

    @property
    def duration(self) -> int:
        """A time it is to last."""
        ...

    @property
    def glucose(self) -> int:
        """A reading."""
        ...

    @property
    def code(self) -> int:
        """A site, or a fault's cause."""
        ...


class Answer(Protocol):
    """The words of an outcome that the model looks at; the rest it reads by name."""

    @property
    def status(self) -> int:
        """What was decided."""
        ...

    @property
    def reason(self) -> int:
        """Why."""
        ...

    @property
    def amount(self) -> int:
        """A volume."""
        ...

    @property
    def allowable(self) -> int:
        """The largest bolus that would be accepted."""
        ...

    @property
    def on_board(self) -> int:
        """Drug still acting, as the kernel counts it."""
        ...
