"""A closed-loop controller as a client of the kernel: it asks, the kernel decides.

A toy: the patient is three lines and the controller a few. What it shows is the shape: readings go
in, temporary rates and small corrections are asked for as CONTROLLER, and whatever the controller
gets wrong stays within the limits that were adopted.
"""

from decimal import Decimal

from dosekernel import Event, Kernel, Kind, Limits, Mode, Outcome, Source, Status

UNIT = 1_000_000  # micro-units
MINUTE = 60_000  # milliseconds
TARGET = 110  # mg/dL


class Pump:
    """The kernel with the one clock and the one sequencer of this program."""

    def __init__(self, limits: Limits) -> None:
        self.kernel = Kernel(limits)
        self.now = self.last_id = self.given = 0

    def ask(self, kind: Kind, source: Source = Source.USER, **fields: int) -> Outcome:
        """A request, stamped here and nowhere else."""
        self.last_id += 1
        event = Event(kind, id=self.last_id, at=self.now, source=source, **fields)
        return self.kernel.step(event)

    def minute(self) -> int:
        """A minute passes: what is released is delivered and reported; returns it."""
        self.now += MINUTE
        told = self.kernel.tick(at=self.now)
        if told.pulses:
            self.kernel.confirm(sequence=told.sequence, amount=told.amount, at=self.now)
        return told.amount

    def set_up(self) -> None:
        """Reservoir, prime, set, connection, fill, basal."""
        self.ask(Kind.LOAD_RESERVOIR, amount=200 * UNIT)
        self.ask(Kind.PRIME, amount=UNIT)
        self.minute()
        self.ask(Kind.INSERT_SET, code=1)
        self.ask(Kind.CONNECT)
        self.ask(Kind.FILL_CANNULA, amount=3 * UNIT // 10)
        self.minute()
        self.ask(Kind.SET_BASAL, rate=UNIT)


class Patient:
    """Glucose drifts up by itself and with meals; insulin lowers it as long as it acts."""

    def __init__(self) -> None:
        self.glucose, self.acting, self.carbohydrate = 180.0, 1.0, 0.0

    def minute(self, amount: int) -> None:
        """A minute with so much insulin."""
        self.acting += amount / UNIT - self.acting / 60
        self.carbohydrate -= self.carbohydrate / 40
        self.glucose += 0.85 + self.carbohydrate / 12 - 0.8 * self.acting


def controller(pump: Pump, glucose: int, before: int) -> Outcome:
    """Every five minutes: look half an hour ahead, then ask for a rate, or a small correction."""
    ahead = glucose + 6 * (glucose - before)
    if ahead > TARGET + 120:
        return pump.ask(Kind.BOLUS, Source.CONTROLLER, amount=UNIT // 2)
    rate = min(max((ahead - TARGET) * 30_000 + UNIT, 0), 5 * UNIT)
    return pump.ask(Kind.TEMP_BASAL, Source.CONTROLLER, rate=rate, duration=30 * MINUTE)


def main() -> int:
    """A day; exit 1 if the hostile request at its end gets through."""
    pump, patient = Pump(Limits.load("insulin-u100")), Patient()
    pump.set_up()
    readings, accepted, asked, before = [], 0, 0, 180
    for minute in range(24 * 60):
        if minute in (7 * 60, 12 * 60, 18 * 60):
            patient.carbohydrate += 60
            pump.ask(Kind.BOLUS, amount=3 * UNIT)
        patient.minute(pump.minute())
        if minute % 5 == 0:
            glucose = round(patient.glucose)
            pump.kernel.glucose(at=pump.now, glucose=glucose)
            told = controller(pump, glucose, before)
            asked, accepted = asked + 1, accepted + (told.status == Status.ACCEPTED)
            readings.append(glucose)
            before = glucose
    inside = sum(70 <= glucose <= 180 for glucose in readings)
    print(
        f"glucose {min(readings)} to {max(readings)} mg/dL, {inside / len(readings):.0%} in range"
    )
    print(f"the controller asked {asked} times, the kernel accepted {accepted}")
    hostile = pump.ask(Kind.BOLUS, Source.CONTROLLER, amount=50 * UNIT)
    print(f"a controller that asks for 50 U: {hostile.status.name} ({hostile.reason.name})")
    print(f"the user, with 0.1 U: {pump.kernel.bolus(id=9999, at=pump.now, amount=Decimal('0.1'))}")
    assert pump.kernel.tick(at=pump.now).mode in (Mode.DELIVERING, Mode.LOW_SUSPENDED)
    return hostile.status == Status.ACCEPTED


if __name__ == "__main__":
    raise SystemExit(main())
