"""Verbs that give, stop or measure: boluses, temporary rates, suspend and resume, glucose."""

import argparse
from decimal import Decimal

from dosekernel.spec.reasons import Kind

from ...command.codes import GOOD
from ...errors import InputError
from ..therapy import calculator, glucose
from . import frame
from .frame import Session, Verb

PER_CENT = "%"


def _bolus_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("amount", metavar="AMOUNT", help="in the drug's unit, such as 2.5")
    frame.confirming(parser, waits=True)


def _bolus(session: Session) -> int:
    amount = frame.quantity(session.chosen.amount, "AMOUNT")
    return session.dose(session.actions.bolus(amount))


def _extended_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("amount", metavar="AMOUNT", help="in the drug's unit")
    parser.add_argument("time", metavar="TIME", help="over how long, such as 2h")
    frame.confirming(parser, waits=True)


def _extended(session: Session) -> int:
    amount = frame.quantity(session.chosen.amount, "AMOUNT")
    duration = frame.duration(session.chosen.time, "TIME")
    return session.dose(session.actions.extended(amount, duration))


def _dual_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("now", metavar="NOW", help="the part given at once")
    parser.add_argument("later", metavar="LATER", help="the part given over the time")
    parser.add_argument("time", metavar="TIME", help="over how long, such as 2h")
    frame.confirming(parser, waits=True)


def _dual(session: Session) -> int:
    now = frame.quantity(session.chosen.now, "NOW")
    later = frame.quantity(session.chosen.later, "LATER")
    duration = frame.duration(session.chosen.time, "TIME")
    return session.dose(session.actions.dual(now, later, duration))


def _temporary_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "rate",
        metavar="RATE",
        help="per hour, such as 0.8, or of the programmed rate, such as 150%%",
    )
    parser.add_argument("time", metavar="TIME", help="for how long, such as 30m")
    frame.confirming(parser)


def _temporary(session: Session) -> int:
    written: str = session.chosen.rate
    duration = frame.duration(session.chosen.time, "TIME")
    if written.endswith(PER_CENT):
        percent = frame.decimal(written.removesuffix(PER_CENT), "RATE")
        proposal = session.actions.temporary(percent=percent, duration=duration)
    else:
        rate = frame.quantity(written, "RATE")
        proposal = session.actions.temporary(rate=rate, duration=duration)
    return session.dose(proposal)


# ---- at once ----------------------------------------------------------------------------------


def _suspend(session: Session) -> int:
    return session.told(Kind.SUSPEND, session.actions.stop())


def _resume(session: Session) -> int:
    return session.told(Kind.RESUME, session.actions.resume())


def _cancel(session: Session) -> int:
    return session.told(Kind.CANCEL_BOLUS, session.actions.cancel_bolus())


def _cancel_temporary(session: Session) -> int:
    return session.told(Kind.CANCEL_TEMP_BASAL, session.actions.cancel_temporary())


def _acknowledge(session: Session) -> int:
    return session.told(Kind.ACKNOWLEDGE, session.actions.acknowledge())


# ---- glucose and the calculator -----------------------------------------------------------------


def _glucose_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reading", metavar="READING", help="a figure, taken now")
    _unit_argument(parser)


def _unit_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unit", metavar="UNIT", help="mg/dL or mmol/L; else as the pump is set (glucose_unit)"
    )


def _reading(session: Session, text: str) -> int:
    wanted = session.chosen.unit
    unit = glucose.unit_of(session.pump) if wanted is None else glucose.unit(wanted)
    return glucose.read(text, unit)


def _glucose(session: Session) -> int:
    reading = _reading(session, session.chosen.reading)
    return session.told(Kind.GLUCOSE, session.actions.glucose(reading))


def _calculator_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("grams", metavar="GRAMS", help="of carbohydrate; 0 for a correction alone")
    parser.add_argument("--glucose", metavar="READING", help="measured now; else the sensor's")
    _unit_argument(parser)


def _calculator(session: Session) -> int:
    pump = session.pump
    grams: Decimal = frame.decimal(session.chosen.grams, "GRAMS")
    if grams < 0:
        raise InputError(f"GRAMS: {grams}; allowed: 0 or more")
    written = session.chosen.glucose
    reading = None if written is None else _reading(session, written)
    advice = calculator.calculate(pump, grams, glucose=reading)
    text = "\n".join(advice.lines)
    document = {
        "amount": advice.amount,
        "acting": advice.acting,
        "on_board": advice.bound,
        "lines": list(advice.lines),
    }
    session.say(text, document)
    return GOOD


VERBS = {
    "bolus": Verb(_bolus_arguments, _bolus),
    "extended": Verb(_extended_arguments, _extended),
    "dual": Verb(_dual_arguments, _dual, about="Both parts are accepted, or nothing is asked."),
    "temp": Verb(_temporary_arguments, _temporary),
    "suspend": Verb(frame.nothing, _suspend, stops=True),
    "resume": Verb(frame.nothing, _resume, about="What was stopped does not come back."),
    "cancel": Verb(frame.nothing, _cancel, stops=True),
    "cancel-temp": Verb(frame.nothing, _cancel_temporary),
    "acknowledge": Verb(frame.nothing, _acknowledge),
    "glucose": Verb(_glucose_arguments, _glucose),
    "calculator": Verb(_calculator_arguments, _calculator, about="It only proposes."),
}
