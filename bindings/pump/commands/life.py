"""Verbs about the pump itself: new, status, run, wait, time."""

import argparse
from datetime import UTC

from ...command.codes import GOOD
from ...command.limits import load
from ...command.stopping import terminable
from ...errors import InputError
from ...quantities import in_units
from .. import words
from ..clocks import SimulatedClock
from ..opening import default_path, make
from ..status import status
from ..therapy import glucose, wall
from . import frame
from .frame import Session, Verb
from .home import home_lines
from .narrator import Narrator
from .papers import status_document

SPEED_MAX = 86_400


# ---- new ------------------------------------------------------------------------------------


def _new_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limits", required=True, metavar="L", help="a preset or a limits file")
    parser.add_argument(
        "--simulated",
        action="store_true",
        help="time stands still but for `wait` and `run`: for scripts and demonstrations",
    )
    parser.add_argument(
        "--starts", metavar="TIME", help="of a simulated pump: its first moment (ISO 8601, UTC)"
    )
    parser.add_argument("--timezone", metavar="ZONE", help="such as Europe/Berlin; else UTC")


def _new(chosen: argparse.Namespace) -> int:
    limits = load(chosen.limits)
    zone = None if chosen.timezone is None else wall.zone(chosen.timezone).key
    begins = None if chosen.starts is None else wall.read_moment(chosen.starts, "--starts", UTC)
    if begins is not None and not chosen.simulated:
        raise InputError("--starts: only a simulated pump can begin at another time; --simulated")
    if chosen.path == default_path():
        chosen.path.parent.mkdir(parents=True, exist_ok=True)
    pump = make(chosen.path, limits, simulated=chosen.simulated, wall=begins)
    try:
        if zone is not None:
            pump.set(wall.TIMEZONE, zone)
    finally:
        pump.close()
    what = "simulated pump" if chosen.simulated else "pump"
    text = (
        f"A new {what} with the limits {limits.name} ({limits.unit}): {chosen.path}\n"
        "It is empty: begin with dosekernel pump change-set."
    )
    document = {
        "journal": str(chosen.path),
        "limits": limits.name,
        "unit": limits.unit,
        "simulated": chosen.simulated,
    }
    frame.say(chosen.json, text, document)
    return GOOD


# ---- status ---------------------------------------------------------------------------------


def _status(session: Session) -> int:
    now = status(session.pump)
    unit = glucose.unit_of(session.pump)
    session.say("\n".join(home_lines(session.pump, now, unit)), status_document(now))
    return GOOD


# ---- time passes --------------------------------------------------------------------------------


def _wait_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("time", metavar="TIME", help="such as 90s, 30m or 8h")


def _wait(session: Session) -> int:
    pump = session.pump
    duration = frame.duration(session.chosen.time, "TIME")
    moved = _moved(session)
    with terminable():
        Narrator(session).pass_time(duration)
    given = _moved(session) - moved
    text = (
        f"{words.span(duration)} passed; it is {wall.local(pump):%Y-%m-%d %H:%M:%S}. "
        f"The motor moved {words.amount(pump, given)}."
    )
    document = {
        "passed": duration,
        "local_time": wall.local(pump).isoformat(timespec="seconds"),
        "released": given,
    }
    session.say(text, document)
    return GOOD


def _moved(session: Session) -> int:
    """What the kernel has let go to the patient so far."""
    return session.pump.state.committed


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--speed",
        type=int,
        default=1,
        metavar="N",
        help="of a simulated pump: so many of its seconds in each real one",
    )


def _run(session: Session) -> int:
    speed: int = session.chosen.speed
    if not 1 <= speed <= SPEED_MAX:
        raise InputError(f"--speed: {speed}; allowed: 1 to {SPEED_MAX}")
    if speed != 1 and not isinstance(session.pump.clock, SimulatedClock):
        raise InputError("--speed: this pump lives by the machine's own clock; allowed: 1")
    try:
        with terminable():
            Narrator(session).for_ever(speed)
    except KeyboardInterrupt:
        session.say("The pump ended; nothing more is delivered.", {"ended": True})
    return GOOD


# ---- clocks -----------------------------------------------------------------------------------


def _time_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--timezone", metavar="ZONE", help="travel: an IANA name, or UTC")
    frame.confirming(parser)


def _time(session: Session) -> int:
    pump, wanted = session.pump, session.chosen.timezone
    if wanted is not None:
        zone = wall.zone(wanted).key
        before = str(wall.zone_of(pump))
        there = wall.moment(pump.clock.now().wall, wall.zone(zone))
        change = session.actions.setting(
            wall.TIMEZONE,
            zone,
            f"Time zone {before} becomes {zone}: it is {there:%H:%M} there. The basal programme "
            "follows the clock there; nothing else changes.",
        )
        if session.chosen.preview:
            return session.previewed(change)
        if not session.confirmed(change):
            return GOOD
        session.actions.confirm_setting(change)
    simulated = isinstance(pump.clock, SimulatedClock)
    local = wall.local(pump)
    text = (
        f"{local:%A %Y-%m-%d %H:%M:%S} ({wall.zone_of(pump)})\n"
        f"kernel time {in_units(pump.now() * 1000)} s"
        + (", simulated: it stands still between commands" if simulated else "")
    )
    document = {
        "local_time": local.isoformat(timespec="seconds"),
        "timezone": str(wall.zone_of(pump)),
        "kernel_time": pump.now(),
        "simulated": simulated,
    }
    session.say(text, document)
    return GOOD


VERBS = {
    "new": Verb(_new_arguments, alone=_new),
    "status": Verb(frame.nothing, _status),
    "wait": Verb(_wait_arguments, _wait, about="Delivers what is due meanwhile."),
    "run": Verb(_run_arguments, _run, about="Ends cleanly on Ctrl-C or a terminate signal."),
    "time": Verb(_time_arguments, _time),
}
