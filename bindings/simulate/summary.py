"""What the days came to, for people and as JSON."""

from dataclasses import dataclass
from typing import Any

from dosekernel.kernel.records import MINUTE
from dosekernel.spec.reasons import Kind, Mode, Status

from ..quantities import in_units
from ..replay.account import peaks, raised
from ..replay.summary import lasting
from .day import MIDNIGHT, Asked, Days
from .plan import MINUTES_A_DAY

# The range that clinics count time in, mg/dL.
RANGE_LOW, RANGE_HIGH = 70, 180
HOUR_MINUTES = 60


@dataclass(frozen=True)
class Stop:
    """A time in one mode other than delivering, in minutes; `end` is the first minute after."""

    mode: Mode
    start: int
    end: int


@dataclass(frozen=True)
class Speed:
    """How fast it went."""

    seconds: float  # all of it: pump, patient and sensor
    kernel_seconds: float  # the kernel's steps again, alone


def stops(days: Days) -> list[Stop]:
    """When the pump did not deliver."""
    found: list[Stop] = []
    for minute in days.minutes:
        if minute.mode is Mode.DELIVERING:
            continue
        if found and found[-1].mode is minute.mode and found[-1].end == minute.minute:
            found[-1] = Stop(minute.mode, found[-1].start, minute.minute + 1)
        else:
            found.append(Stop(minute.mode, minute.minute, minute.minute + 1))
    return found


def wall(minute: int, days: int) -> str:
    """The time on the wall, with the day if there is more than one."""
    day, within = divmod(minute, MINUTES_A_DAY)
    text = f"{within // HOUR_MINUTES:02}:{within % HOUR_MINUTES:02}"
    return text if days == 1 else f"day {day + 1} {text}"


def name_of(mode: Mode) -> str:
    """A mode as people say it."""
    return mode.name.lower().replace("_", " ")


def document(days: Days, speed: Speed, seed: int) -> dict[str, Any]:
    """The findings as JSON: volumes in micro-units, times in minutes from the first midnight."""
    given = days.pump.delivered
    return {
        "patient": days.subject.name,
        "limits": days.limits.name,
        "unit": days.limits.unit,
        "days": days.days,
        "seed": seed,
        "delivered": {
            "basal": given.basal,
            "bolus": given.bolus,
            "bolus_stopped": sum(a.amount for a in days.asked if a.accepted) - given.bolus,
            "cannula_fill": given.fill,
            "prime": given.prime,
            "a_day": given.therapy // days.days,
        },
        "carbohydrate": days.eaten,
        "boluses": [_bolus(asked) for asked in days.asked],
        "stops": [
            {"mode": stop.mode.name, "from": stop.start, "to": stop.end} for stop in stops(days)
        ],
        "glucose": _glucose(days),
        "peaks": [
            {"what": peak.what, "value": peak.value, "cap": peak.cap, "at": _minute(peak.at)}
            for peak in peaks(days.pump)
        ],
        "alarms": [
            {"alarm": alarm.name, "at": _minute(at)} for at, alarm in raised(days.pump, MIDNIGHT)
        ],
        "reservoir": days.pump.reservoir,
        "steps": len(days.pump.steps),
        "steps_a_second": _rate(len(days.pump.steps), speed.seconds),
        "kernel_steps_a_second": _rate(len(days.pump.steps), speed.kernel_seconds),
    }


def text(days: Days, speed: Speed, seed: int) -> str:
    """The summary that the command prints."""
    found = document(days, speed, seed)
    blocks = [
        _heading(days, seed),
        _insulin(days),
        _boluses(days),
        _glucose_text(found["glucose"]),
        _stops(days),
        _caps(days),
        _speed(days, speed),
    ]
    return "\n\n".join(blocks)


def _minute(at: int) -> int:
    return (at - MIDNIGHT) // MINUTE


def _rate(steps: int, seconds: float) -> int:
    return round(steps / seconds) if seconds > 0 else 0


def _bolus(asked: Asked) -> dict[str, Any]:
    return {
        "at": asked.minute,
        "for": asked.name,
        "kind": asked.kind.name,
        "amount": asked.amount,
        "status": asked.outcome.status.name,
        "reason": asked.outcome.reason.name,
        "sentence": asked.outcome.reason.sentence,
        "allowable": asked.outcome.allowable,
    }


def _glucose(days: Days) -> dict[str, Any]:
    readings = [minute.sensor for minute in days.minutes]
    true = [minute.true_glucose for minute in days.minutes]
    count = len(readings)
    return {
        "lowest_reading": min(readings),
        "highest_reading": max(readings),
        "lowest": round(min(true)),
        "highest": round(max(true)),
        "mean": round(sum(true) / count),
        "percent_in_range": round(
            100 * sum(RANGE_LOW <= reading <= RANGE_HIGH for reading in readings) / count, 1
        ),
        "percent_below": round(100 * sum(reading < RANGE_LOW for reading in readings) / count, 1),
        "percent_above": round(100 * sum(reading > RANGE_HIGH for reading in readings) / count, 1),
    }


def _heading(days: Days, seed: int) -> str:
    who = days.subject
    return (
        f"{who.name} ({who.weight:.0f} kg, 1 {days.limits.unit} for "
        f"{who.carbohydrate_ratio:g} g, steady at {who.basal:.2f} {days.limits.unit}/h) for "
        f"{days.days} {'day' if days.days == 1 else 'days'} on {days.limits.name}, seed {seed}\n"
        f"The person is simulated (UVA/Padova, simglucose); every dose passed the kernel."
    )


def _insulin(days: Days) -> str:
    given, unit = days.pump.delivered, days.limits.unit
    stopped = sum(asked.amount for asked in days.asked if asked.accepted) - given.bolus
    lines = [
        ("basal", given.basal),
        ("boluses", given.bolus),
        *([("boluses stopped", stopped)] if stopped else []),
        ("total a day", given.therapy // days.days),
        ("cannula fill", given.fill),
        ("prime, into the air", given.prime),
        ("left in the reservoir", days.pump.reservoir),
    ]
    return "Insulin delivered\n" + "\n".join(
        f"  {name:<22} {in_units(amount):>8} {unit}" for name, amount in lines
    )


def _boluses(days: Days) -> str:
    unit = days.limits.unit
    accepted = [asked for asked in days.asked if asked.accepted]
    lines = [
        f"Boluses: {len(days.asked)} asked for, {len(accepted)} accepted, "
        f"{len(days.asked) - len(accepted)} refused"
    ]
    for asked in days.asked:
        told = "accepted" if asked.accepted else f"REFUSED ({asked.outcome.reason.name})"
        lines.append(
            f"  {wall(asked.minute, days.days)}  {in_units(asked.amount):>6} {unit}  "
            f"{asked.name:<24} {told}"
        )
        if not asked.accepted:
            lines.append(f"         {asked.outcome.reason.sentence}")
            lines.append(f"         allowable: {in_units(asked.outcome.allowable)} {unit}")
    others = [entry for entry in days.refused if not _is_a_bolus(entry, days)]
    for minute, name, outcome in others:
        lines.append(f"  {wall(minute, days.days)}  {name}: REFUSED ({outcome.reason.name})")
        lines.append(f"         {outcome.reason.sentence}")
    return "\n".join(lines)


def _is_a_bolus(entry: tuple[int, str, object], days: Days) -> bool:
    return any(asked.outcome is entry[2] for asked in days.asked)


def _glucose_text(found: dict[str, Any]) -> str:
    return (
        f"Glucose {found['lowest']} to {found['highest']} mg/dL, mean {found['mean']}; readings "
        f"{found['lowest_reading']} to {found['highest_reading']}\n"
        f"  {found['percent_in_range']} % in range ({RANGE_LOW}-{RANGE_HIGH}), "
        f"{found['percent_below']} % below, {found['percent_above']} % above"
    )


def _stops(days: Days) -> str:
    found = stops(days)
    lines = [f"Not delivering: {len(found)} times"]
    for stop in found:
        length = lasting((stop.end - stop.start) * MINUTE)
        lines.append(f"  {wall(stop.start, days.days)}  {name_of(stop.mode)} for {length}")
    return "\n".join(lines)


def _caps(days: Days) -> str:
    unit = days.limits.unit
    lines = ["Highest, and the cap"]
    for peak in peaks(days.pump):
        share = round(100 * peak.value / peak.cap) if peak.cap else 0
        lines.append(
            f"  {peak.what:<12} {in_units(peak.value):>10} of {in_units(peak.cap):>4} {unit} "
            f"({share:>2} %) at {wall(_minute(peak.at), days.days)}"
        )
    return "\n".join(lines)


def _speed(days: Days, speed: Speed) -> str:
    steps = len(days.pump.steps)
    asked = sum(
        step.event.kind not in (Kind.TICK, Kind.CONFIRM, Kind.GLUCOSE) for step in days.pump.steps
    )
    refused = sum(step.outcome.status is Status.REFUSED for step in days.pump.steps)
    return (
        f"{steps} kernel steps ({asked} requests, {refused} refused) in {speed.seconds:.2f} s with "
        f"patient and sensor: {_rate(steps, speed.seconds)} steps/s\n"
        f"the same steps again, kernel alone, every outcome equal: "
        f"{_rate(steps, speed.kernel_seconds)} steps/s"
    )
