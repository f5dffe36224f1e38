"""Basal programmes: several by name, one of them active, and a companion that has it followed.

The follower asks the kernel for the rate of the segment that the clock on the wall is in. However
that clock is set, the rate is always one of the programme's; the kernel meters it by its own time.
A daylight-saving hour that is skipped is not given, one that is repeated is given twice: the rate
follows local time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from dosekernel.kernel.records import MINUTE
from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Source, Status

from ...errors import InputError
from ...quantities import in_units, volume
from ..shell import Pump
from .wall import MINUTES_A_DAY, minute_now, read_minute, shown

PROGRAMMES = "programmes"
ACTIVE = "programme"
SEGMENTS_MAX = 48
NAME_MAX = 40
RETRY = MINUTE


@dataclass(frozen=True)
class Segment:
    """A part of the day, from a minute on, at a rate in micro-units per hour."""

    minute: int
    rate: int


@dataclass(frozen=True)
class Programme:
    """A day's rates; the first segment begins at midnight."""

    name: str
    segments: tuple[Segment, ...]

    def rate_at(self, minute: int) -> int:
        """The rate in a minute of the day."""
        return [each for each in self.segments if each.minute <= minute][-1].rate

    def a_day(self) -> int:
        """What a day of 24 hours comes to, in micro-units, rounded down."""
        ends = [each.minute for each in self.segments[1:]] + [MINUTES_A_DAY]
        pairs = zip(self.segments, ends, strict=True)
        return sum(each.rate * (end - each.minute) for each, end in pairs) // 60

    def as_setting(self) -> list[list[int]]:
        """As it is kept in the journal."""
        return [[each.minute, each.rate] for each in self.segments]

    def lines(self, unit: str = "U") -> list[str]:
        """One line for each segment."""
        return [f"{shown(each.minute)}  {in_units(each.rate)} {unit}/h" for each in self.segments]


def made(name: str, segments: Sequence[Sequence[Any]], limits: Limits) -> Programme:
    """A programme of (minute, rate) pairs that these limits allow; raises `InputError`."""
    where = f"programme {name!r}"
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable() or name != name.strip():
        raise InputError(f"{where}: its name; allowed: 1 to {NAME_MAX} printable characters")
    if not isinstance(segments, Sequence) or not 1 <= len(segments) <= SEGMENTS_MAX:
        raise InputError(f"{where}: allowed: 1 to {SEGMENTS_MAX} segments")
    found = [_segment(where, number, each, limits) for number, each in enumerate(segments, 1)]
    starts = [each.minute for each in found]
    if starts[0] != 0 or starts != sorted(set(starts)):
        written = ", ".join(shown(start) for start in starts)
        raise InputError(
            f"{where}: segments at {written}; allowed: from 00:00 on, each later than the last"
        )
    return Programme(name, tuple(found))


def _segment(where: str, number: int, pair: Any, limits: Limits) -> Segment:
    whole = (
        isinstance(pair, Sequence) and len(pair) == 2 and all(type(each) is int for each in pair)
    )
    if not whole or not 0 <= pair[0] < MINUTES_A_DAY:
        raise InputError(
            f"{where}: segment {number}: {pair!r}; allowed: [minute of the day, micro-units/h]"
        )
    if not 0 <= pair[1] <= limits.basal_reserve:
        raise InputError(
            f"{where}: segment {number} ({shown(pair[0])}): {in_units(pair[1])} {limits.unit}/h; "
            f"allowed: 0 to {in_units(limits.basal_reserve)} (basal_reserve of {limits.name}: "
            "above it room for basal is not promised)"
        )
    return Segment(pair[0], pair[1])


def read(name: str, words: Sequence[str], limits: Limits) -> Programme:
    """A programme as a person writes it: `00:00=0.8 06:30=1.15`, in the drug's unit per hour."""
    pairs = []
    for word in words:
        start, equals, rate = word.partition("=")
        try:
            amount = volume(Decimal(rate), f"programme {name!r}: {word}")
        except InvalidOperation:
            equals = ""
            amount = 0
        if not equals:
            raise InputError(f"programme {name!r}: {word!r}; allowed: TIME=RATE such as 06:30=1.15")
        pairs.append((read_minute(start, f"programme {name!r}"), amount))
    return made(name, pairs, limits)


# ---- what the pump keeps ----------------------------------------------------------------------


def programmes(pump: Pump) -> dict[str, Programme]:
    """All programmes by name."""
    kept: Mapping[str, Any] = pump.settings.get(PROGRAMMES, {})
    return {
        name: Programme(name, tuple(Segment(minute, rate) for minute, rate in segments))
        for name, segments in kept.items()
    }


def active(pump: Pump) -> Programme | None:
    """The programme that is followed, if there is one."""
    name = pump.settings.get(ACTIVE)
    return programmes(pump).get(str(name)) if name is not None else None


def keep(pump: Pump, programme: Programme) -> None:
    """Add a programme, or replace the one of that name. The caller has it confirmed."""
    checked = made(programme.name, programme.as_setting(), pump.limits)
    pump.set(PROGRAMMES, {**pump.settings.get(PROGRAMMES, {}), checked.name: checked.as_setting()})


def activate(pump: Pump, name: str) -> Programme:
    """Follow another programme from now on. The caller has it confirmed."""
    chosen = _named(pump, name)
    checked = made(name, chosen.as_setting(), pump.limits)
    pump.set(ACTIVE, name)
    return checked


def remove(pump: Pump, name: str) -> None:
    """Forget a programme that is not followed."""
    _named(pump, name)
    if pump.settings.get(ACTIVE) == name:
        raise InputError(f"programme {name!r}: it is followed now; activate another one first")
    kept = pump.settings[PROGRAMMES]
    pump.set(PROGRAMMES, {each: segments for each, segments in kept.items() if each != name})


def _named(pump: Pump, name: str) -> Programme:
    found = programmes(pump)
    if name not in found:
        known = ", ".join(found) or "none yet"
        raise InputError(f"programme {name!r}: there is none of that name; allowed: {known}")
    return found[name]


class ProgrammeFollower:
    """The companion that has the active programme's rate set whenever it differs."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._again = 0
        self._told: tuple[str, int] | None = None
        self._wrong = ""

    def follow(self, pump: Pump, at: int) -> None:
        """Ask for the rate of now; if it is refused say so once, and try again each minute.

        Where the time zone or the clock makes no sense the rate stays, and that is told once.
        """
        programme = active(pump)
        if programme is None:
            return
        try:
            rate = programme.rate_at(minute_now(pump))
        except InputError as error:
            if str(error) != self._wrong:
                pump.notice(f"Programme {programme.name!r} cannot be followed: {error}")
            self._wrong = str(error)
            return
        self._follow(pump, at, programme, rate)

    def _follow(self, pump: Pump, at: int, programme: Programme, rate: int) -> None:
        if rate == pump.state.basal_rate:
            self._again, self._told = 0, None
            return
        if at < self._again:
            return
        outcome = pump.ask(Kind.SET_BASAL, source=Source.SCHEDULE, rate=rate)
        if outcome.status is Status.ACCEPTED:
            self._again, self._told = 0, None
            return
        self._again = at + RETRY
        if self._told != (programme.name, rate):
            self._told = (programme.name, rate)
            pump.notice(
                f"Programme {programme.name!r}: {in_units(rate)} {pump.limits.unit}/h was refused, "
                f"{in_units(pump.state.basal_rate)} goes on. {outcome.reason.sentence}"
            )
