"""What a pump's home screen shows, read at this moment from the kernel's state and the journal.

Every figure is derived when it is asked for; none is stored.
"""

from dataclasses import dataclass

from dosekernel.kernel.records import HOUR, MINUTE, READINGS_FARTHEST, READINGS_NEAREST
from dosekernel.spec.reasons import ALARM_SENTENCES, Alarm, Kind

from .day_log import Day, Dose, Point
from .shell import Pump
from .therapy.programme import ACTIVE, active
from .therapy.wall import MINUTES_A_DAY, local, minute_of_day, moment, zone_of
from .words import SECOND

# No reservoir lasts longer; a programme is not followed further.
HORIZON = 31 * 24 * HOUR
# Trends as sensors show them: from so many mg/dL in a minute on.
TRENDS = (
    (3, "⇈", "rising very fast"),
    (2, "↑", "rising fast"),
    (1, "↗", "rising"),
    (-1, "→", "steady"),
    (-2, "↘", "falling"),
    (-3, "↓", "falling fast"),
)
FALLING_VERY_FAST = ("⇊", "falling very fast")


@dataclass(frozen=True)
class Trend:
    """Where glucose goes, as an arrow and in words; empty if the last two readings cannot say."""

    arrow: str = ""
    text: str = "no trend"
    per_minute: float = 0.0  # mg/dL


@dataclass(frozen=True)
class AlarmNow:
    """An alarm that is true."""

    name: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """All of it in kernel units: micro-units, micro-units per hour, milliseconds, mg/dL."""

    unit: str
    limits_name: str
    now: int  # kernel time
    local_time: str  # where the person is, to the second
    timezone: str
    mode: str
    mode_sentence: str
    rate: int  # in force now; 0 while nothing may flow
    programmed_rate: int
    temporary_rate: int | None
    temporary_left: int | None
    programme: str | None
    on_board: int
    on_board_max: int
    owed: int
    extended_left: int
    extended_time_left: int
    window_length: int
    window_total: int
    window_max: int
    day_total: int
    day_max: int
    reservoir: int
    reservoir_capacity: int
    reservoir_left: int | None  # how long it lasts, as things stand; None: nothing flows
    reservoir_age: int | None
    reservoir_life: int
    set_age: int | None
    set_life: int
    site: int | None
    glucose: int | None
    glucose_age: int | None
    glucose_fresh: bool
    trend: Trend
    alarms: tuple[AlarmNow, ...]
    last_bolus: Dose | None  # of the last 24 h
    unconfirmed: int | None  # the release under way
    suspended: bool
    connected: bool
    day: Day  # the last 24 h, for a graph


def status(pump: Pump, day: Day | None = None) -> Status:
    """The status now; `day` is kept by a screen between calls and read on from where it was."""
    day = Day() if day is None else day
    day.read(pump)
    outcome = pump.preview(Kind.TICK)
    state = pump.state
    at = pump.now()
    temporary = state.temporary_until > at
    readings = state.glucose_at >= 0 and state.glucose > 0
    limits = pump.limits
    extended = state.extended_amount > 0
    return Status(
        unit=limits.unit,
        limits_name=limits.name,
        now=at,
        local_time=local(pump).isoformat(timespec="seconds"),
        timezone=str(zone_of(pump)),
        mode=outcome.mode.name,
        mode_sentence=outcome.mode.sentence,
        rate=outcome.rate,
        programmed_rate=state.basal_rate,
        temporary_rate=state.temporary_rate if temporary else None,
        temporary_left=state.temporary_until - at if temporary else None,
        programme=pump.settings.get(ACTIVE),
        on_board=outcome.on_board,
        on_board_max=limits.on_board_max,
        owed=outcome.owed,
        extended_left=state.extended_amount - state.extended_given if extended else 0,
        extended_time_left=state.extended_duration - state.extended_elapsed if extended else 0,
        window_length=limits.window_length,
        window_total=outcome.window_total,
        window_max=limits.window_max,
        day_total=outcome.day_total,
        day_max=limits.day_max,
        reservoir=outcome.reservoir,
        reservoir_capacity=limits.reservoir_capacity,
        reservoir_left=reservoir_left(pump, outcome.reservoir - outcome.owed, outcome.rate),
        reservoir_age=at - state.reservoir_at if state.loaded else None,
        reservoir_life=limits.reservoir_life,
        set_age=at - state.set_at if state.inserted else None,
        set_life=limits.set_life,
        site=state.site if state.inserted else None,
        glucose=state.glucose if readings else None,
        glucose_age=at - state.glucose_at if readings else None,
        glucose_fresh=readings and at - state.glucose_at <= limits.glucose_stale,
        trend=trend(pump),
        alarms=alarms(outcome.alarms),
        last_bolus=day.boluses[-1] if day.boluses else None,
        unconfirmed=state.outstanding or None,
        suspended=state.suspended == 1,
        connected=state.connected == 1,
        day=day,
    )


def alarms(true: Alarm) -> tuple[AlarmNow, ...]:
    """Each alarm that is true, with its sentence."""
    return tuple(
        AlarmNow(alarm.name or "", ALARM_SENTENCES[alarm]) for alarm in Alarm if alarm in true
    )


def trend(pump: Pump) -> Trend:
    """The slope between the last two readings, if they lie as far apart as a forecast needs."""
    state = pump.state
    apart = state.glucose_at - state.glucose_before_at
    if min(state.glucose_at, state.glucose_before_at) < 0:
        return Trend()
    if not READINGS_NEAREST <= apart <= READINGS_FARTHEST:
        return Trend()
    slope = (state.glucose - state.glucose_before) * MINUTE / apart
    for least, arrow, text in TRENDS:
        if slope >= least:
            return Trend(arrow, text, slope)
    return Trend(*FALLING_VERY_FAST, slope)


def reservoir_left(pump: Pump, volume: int, rate: int) -> int | None:
    """How long a volume lasts as things stand; None if nothing flows.

    A temporary rate runs until it ends, then the programme by the clock on the wall.
    """
    state = pump.state
    temporary = max(0, state.temporary_until - pump.now())
    at, left = 0, max(0, volume) * HOUR
    if temporary:
        if rate * temporary >= left:
            return left // max(rate, 1)
        at, left = temporary, left - rate * temporary
    elif rate == 0:
        return None
    while at < HORIZON:
        flowing, until = segment(pump, at)
        length = until - at
        if flowing and flowing * length >= left:
            return at + left // flowing
        at, left = until, left - flowing * length
    return None


def segment(pump: Pump, ahead: int) -> tuple[int, int]:
    """The programmed rate so far ahead of now, and how far ahead it holds."""
    programme = active(pump)
    if programme is None:
        return pump.state.basal_rate, HORIZON
    then = moment(pump.clock.now().wall + ahead, zone_of(pump))
    minute = minute_of_day(then)
    later = [each.minute for each in programme.segments if each.minute > minute]
    until = later[0] if later else MINUTES_A_DAY
    into = then.second * SECOND + then.microsecond // 1000
    return programme.rate_at(minute), ahead + (until - minute) * MINUTE - into


__all__ = ["AlarmNow", "Day", "Dose", "Point", "Status", "Trend", "alarms", "status", "trend"]
