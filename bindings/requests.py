"""One method for each kind of event, for everything that can step.

Every argument is by keyword. Times and durations are milliseconds of the caller's one monotonic
clock (durations may be a `timedelta`). Amounts and rates are **either** an `int` in micro-units
**or** a `Decimal` in the drug's own unit: `amount=2_500_000` and `amount=Decimal("2.5")` are the
same bolus. `issued_at` is when the request was made; left out, it is `at`.

Each returns an `Outcome`; a refusal is an outcome, not an exception. `InputError` is raised only
for what no event can hold (`InputTypeError` if it is of a wrong type, such as a float), and
`BusyError` while `step_many` steps the same kernel; then nothing was asked of it.

`source` says who asks. USER may ask for all, and any source may report and stop; what else
SCHEDULE, CONTROLLER and REMOTE may ask for stands at each method. All else has the reason SOURCE.
"""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from dosekernel.spec.reasons import Cause, Kind, Source

from ._native import Event
from .quantities import milliseconds, volume

if TYPE_CHECKING:
    from ._native import Outcome

Quantity = int | Decimal
Duration = int | timedelta

# Bound once: looking a member up in its enumeration costs a tenth of a call.
_ACKNOWLEDGE = Kind.ACKNOWLEDGE
_BOLUS = Kind.BOLUS
_CANCEL_BOLUS = Kind.CANCEL_BOLUS
_CANCEL_TEMP_BASAL = Kind.CANCEL_TEMP_BASAL
_CONFIRM = Kind.CONFIRM
_CONNECT = Kind.CONNECT
_DISCONNECT = Kind.DISCONNECT
_EXTENDED_BOLUS = Kind.EXTENDED_BOLUS
_FAULT = Kind.FAULT
_FILL_CANNULA = Kind.FILL_CANNULA
_GLUCOSE = Kind.GLUCOSE
_INSERT_SET = Kind.INSERT_SET
_LOAD_RESERVOIR = Kind.LOAD_RESERVOIR
_PRIME = Kind.PRIME
_RESUME = Kind.RESUME
_SET_BASAL = Kind.SET_BASAL
_SUSPEND = Kind.SUSPEND
_TEMP_BASAL = Kind.TEMP_BASAL
_TICK = Kind.TICK
_UNCERTAIN = Kind.UNCERTAIN


class Requests:
    """What a pump, its user and its controller can say to a kernel."""

    __slots__ = ()

    if TYPE_CHECKING:

        def step(self, event: Event) -> "Outcome":
            """Decide one event; what inherits this brings it."""

    # ---- reports: what the pump tells --------------------------------------------------------

    def tick(self, *, at: int, source: int = Source.USER) -> "Outcome":
        """Time has come to `at` (milliseconds): the only event that releases drug.

        The outcome's `pulses` say how much, `path` where. A report: any source.
        """
        return self.step(Event(_TICK, at=at, source=source))

    def confirm(
        self, *, sequence: int, amount: Quantity, at: int, source: int = Source.USER
    ) -> "Outcome":
        """The motor's report that `amount` of release `sequence` was really delivered.

        An int in micro-units or a `Decimal` in the drug's unit. A report: any source.
        """
        return self.step(
            Event(_CONFIRM, id=sequence, at=at, amount=volume(amount, "amount"), source=source)
        )

    def uncertain(self, *, sequence: int, at: int, source: int = Source.USER) -> "Outcome":
        """Nobody can say how much of release `sequence` was delivered; it counts as delivered.

        A report: any source.
        """
        return self.step(Event(_UNCERTAIN, id=sequence, at=at, source=source))

    def fault(
        self,
        *,
        at: int,
        cause: int = Cause.OTHER,
        amount: Quantity = 0,
        issued_at: int | None = None,
        source: int = Source.USER,
    ) -> "Outcome":
        """Something broke: stop everything.

        `cause` is a `Cause`; `amount` is what is known to have flowed beyond what was released, an
        int in micro-units or a `Decimal` in the drug's unit. A report and a stop: any source.
        """
        return self.step(
            Event(
                _FAULT,
                at=at,
                issued_at=issued_at,
                amount=volume(amount, "amount"),
                code=cause,
                source=source,
            )
        )

    def glucose(
        self, *, at: int, glucose: int, issued_at: int | None = None, source: int = Source.USER
    ) -> "Outcome":
        """A sensor's reading in mg/dL, taken at `issued_at` (milliseconds).

        It may suspend delivery and end that; it never raises it. A report: any source.
        """
        return self.step(
            Event(_GLUCOSE, at=at, issued_at=issued_at, glucose=glucose, source=source)
        )

    # ---- boluses and basal -------------------------------------------------------------------

    def bolus(
        self,
        *,
        id: int,
        at: int,
        amount: Quantity,
        issued_at: int | None = None,
        source: int = Source.USER,
    ) -> "Outcome":
        """A bolus of `amount`: an int in micro-units or a `Decimal` in the drug's unit.

        Refused, the outcome's `allowable` is the largest that would be accepted now, in
        micro-units. CONTROLLER and REMOTE too, each up to a cap of its own.
        """
        return self.step(
            Event(
                _BOLUS,
                id=id,
                at=at,
                issued_at=issued_at,
                amount=volume(amount, "amount"),
                source=source,
            )
        )

    def extended_bolus(
        self,
        *,
        id: int,
        at: int,
        amount: Quantity,
        duration: Duration,
        issued_at: int | None = None,
        source: int = Source.USER,
    ) -> "Outcome":
        """A bolus spread evenly over `duration`; with a normal one it makes a dual wave.

        `amount` is an int in micro-units or a `Decimal` in the drug's unit, `duration` an int in
        milliseconds or a `timedelta`. Refused, `allowable` is the largest of this duration.
        """
        return self.step(
            Event(
                _EXTENDED_BOLUS,
                id=id,
                at=at,
                issued_at=issued_at,
                amount=volume(amount, "amount"),
                duration=milliseconds(duration, "duration"),
                source=source,
            )
        )

    def cancel_bolus(
        self, *, id: int = 0, at: int, issued_at: int | None = None, source: int = Source.USER
    ) -> "Outcome":
        """Stop what is owed of boluses, fill and prime; `not_given` says how much that was.

        A stop: accepted from any source, whatever the id, age or clock.
        """
        return self._plain(_CANCEL_BOLUS, id, at, issued_at, source)

    def set_basal(
        self,
        *,
        id: int,
        at: int,
        rate: Quantity,
        issued_at: int | None = None,
        source: int = Source.USER,
    ) -> "Outcome":
        """The programmed rate, per hour; a running temporary rate stays.

        An int in micro-units per hour or a `Decimal` in the drug's unit per hour. SCHEDULE too.
        """
        return self.step(
            Event(
                _SET_BASAL,
                id=id,
                at=at,
                issued_at=issued_at,
                rate=volume(rate, "rate"),
                source=source,
            )
        )

    def temp_basal(
        self,
        *,
        id: int,
        at: int,
        rate: Quantity,
        duration: Duration,
        issued_at: int | None = None,
        source: int = Source.USER,
    ) -> "Outcome":
        """A temporary rate, per hour, that ends itself after `duration`.

        An int in micro-units per hour or a `Decimal` in the drug's unit per hour; an int in
        milliseconds or a `timedelta`. CONTROLLER too, with caps of its own for both, and REMOTE,
        not above the programmed rate.
        """
        return self.step(
            Event(
                _TEMP_BASAL,
                id=id,
                at=at,
                issued_at=issued_at,
                rate=volume(rate, "rate"),
                duration=milliseconds(duration, "duration"),
                source=source,
            )
        )

    def cancel_temp_basal(
        self, *, id: int, at: int, issued_at: int | None = None, source: int = Source.USER
    ) -> "Outcome":
        """Back to the programmed rate. CONTROLLER and REMOTE too."""
        return self._plain(_CANCEL_TEMP_BASAL, id, at, issued_at, source)

    # ---- stop and go -------------------------------------------------------------------------

    def suspend(
        self, *, id: int = 0, at: int, issued_at: int | None = None, source: int = Source.USER
    ) -> "Outcome":
        """Stop all delivery until `resume`.

        A stop: accepted from any source, whatever the id, age or clock.
        """
        return self._plain(_SUSPEND, id, at, issued_at, source)

    def resume(
        self, *, id: int, at: int, issued_at: int | None = None, source: int = Source.USER
    ) -> "Outcome":
        """End a suspension; what was stopped does not restart. USER alone."""
        return self._plain(_RESUME, id, at, issued_at, source)

    def acknowledge(
        self, *, id: int, at: int, issued_at: int | None = None, source: int = Source.USER
    ) -> "Outcome":
        """A person saw the alarm of a fault or a gap. USER alone."""
        return self._plain(_ACKNOWLEDGE, id, at, issued_at, source)

    # ---- reservoir and infusion set ----------------------------------------------------------

    def load_reservoir(
        self,
        *,
        id: int,
        at: int,
        amount: Quantity,
        issued_at: int | None = None,
        source: int = Source.USER,
    ) -> "Outcome":
        """A reservoir that holds `amount` was put in, while disconnected. USER alone.

        An int in micro-units or a `Decimal` in the drug's unit.
        """
        return self._amount(_LOAD_RESERVOIR, id, at, amount, issued_at, source)

    def prime(
        self,
        *,
        id: int,
        at: int,
        amount: Quantity,
        issued_at: int | None = None,
        source: int = Source.USER,
    ) -> "Outcome":
        """Fill the tubing with `amount`, into the air, while disconnected. USER alone.

        An int in micro-units or a `Decimal` in the drug's unit.
        """
        return self._amount(_PRIME, id, at, amount, issued_at, source)

    def insert_set(
        self,
        *,
        id: int,
        at: int,
        site: int = 0,
        issued_at: int | None = None,
        source: int = Source.USER,
    ) -> "Outcome":
        """A new set was put in at `site`, a number of the caller's own. USER alone."""
        return self.step(
            Event(_INSERT_SET, id=id, at=at, issued_at=issued_at, code=site, source=source)
        )

    def fill_cannula(
        self,
        *,
        id: int,
        at: int,
        amount: Quantity,
        issued_at: int | None = None,
        source: int = Source.USER,
    ) -> "Outcome":
        """Fill the cannula of a new set with `amount`, counted as if in the body. USER alone.

        An int in micro-units or a `Decimal` in the drug's unit.
        """
        return self._amount(_FILL_CANNULA, id, at, amount, issued_at, source)

    def connect(
        self, *, id: int, at: int, issued_at: int | None = None, source: int = Source.USER
    ) -> "Outcome":
        """The pump was connected to the set in the body. USER alone."""
        return self._plain(_CONNECT, id, at, issued_at, source)

    def disconnect(
        self, *, id: int = 0, at: int, issued_at: int | None = None, source: int = Source.USER
    ) -> "Outcome":
        """The pump was taken off (a shower); the set stays.

        A stop: accepted from any source, whatever the id, age or clock.
        """
        return self._plain(_DISCONNECT, id, at, issued_at, source)

    def _plain(self, kind: Kind, id: int, at: int, issued_at: int | None, source: int) -> "Outcome":
        return self.step(Event(kind, id=id, at=at, issued_at=issued_at, source=source))

    def _amount(
        self, kind: Kind, id: int, at: int, amount: Quantity, issued_at: int | None, source: int
    ) -> "Outcome":
        return self.step(
            Event(
                kind,
                id=id,
                at=at,
                issued_at=issued_at,
                amount=volume(amount, "amount"),
                source=source,
            )
        )
