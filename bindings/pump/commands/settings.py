"""Verbs about what the pump was told: basal programmes, settings of the person, limits."""

import argparse
from collections.abc import Callable
from typing import Any

from ...command.codes import FINDING, GOOD
from ...command.limits import load
from ...errors import InputError, LimitsRefusedError
from .. import unread, words
from ..proposals import Change, SettingChange
from ..remote.desk import SETTING as REMOTE
from ..therapy import calculator, glucose, infusion_set, programme, reminders, wall
from . import frame
from .frame import Session, Verb

TEXT_MAX = 200
# What stands in for settings that are not there yet while one of them is checked.
UNCHECKED = {calculator.RATIOS: [[0, "10"]], calculator.CORRECTION: 50, calculator.TARGET: 100}
# Not a person's to set.
INTERNAL = ("programmes", "programme", "set_change", reminders.TOLD, unread.SETTING)


# ---- basal programmes ----------------------------------------------------------------------------


def _basal_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=["list", "show", "set", "activate", "remove"],
        help="list (or nothing), show NAME, set NAME 00:00=RATE ..., activate NAME, remove NAME",
    )
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("segments", nargs="*", metavar="TIME=RATE", help="such as 06:30=1.15")
    frame.confirming(parser)


def _basal(session: Session) -> int:
    chosen = session.chosen
    if chosen.action == "list":
        return _programmes(session)
    if chosen.name is None:
        raise InputError(f"basal {chosen.action}: NAME is missing")
    if chosen.segments and chosen.action != "set":
        raise InputError(f"basal {chosen.action}: {chosen.segments[0]!r}; allowed: a name alone")
    actions: dict[str, Callable[[Session], int]] = {
        "show": _show,
        "set": _set_programme,
        "activate": _activate,
        "remove": _remove,
    }
    return actions[chosen.action](session)


def _programmes(session: Session) -> int:
    pump = session.pump
    active, found = programme.active(pump), programme.programmes(pump)
    lines = [
        f"{'*' if active and active.name == name else ' '} {name}: "
        f"{words.amount(pump, one.a_day())} a day in {len(one.segments)} segments"
        for name, one in found.items()
    ]
    document = {
        "active": active.name if active else None,
        "programmes": {name: one.as_setting() for name, one in found.items()},
    }
    session.say("\n".join(lines) or "no basal programme; add one with basal set", document)
    return GOOD


def _show(session: Session) -> int:
    one = _known(session)
    text = "\n".join(one.lines(session.pump.limits.unit))
    session.say(text, {"name": one.name, "segments": one.as_setting()})
    return GOOD


def _known(session: Session) -> programme.Programme:
    found, name = programme.programmes(session.pump), session.chosen.name
    if name not in found:
        raise InputError(f"basal: no programme {name!r}; allowed: {', '.join(found) or 'none yet'}")
    return found[name]


def _set_programme(session: Session) -> int:
    pump, name = session.pump, session.chosen.name
    wanted = programme.read(name, session.chosen.segments, pump.limits)
    before = programme.programmes(pump).get(name)
    active = programme.active(pump)
    told = "; ".join(wanted.lines(pump.limits.unit))
    sentence = f"Programme {name}: {told}: {words.amount(pump, wanted.a_day())} a day"
    sentence += f" (before: {words.amount(pump, before.a_day())})." if before else " (new)."
    if active is not None and active.name == name:
        sentence += " It is followed now, so the basal rate may change at once."
    kept = {**pump.settings.get(programme.PROGRAMMES, {}), name: wanted.as_setting()}
    return _confirmed(session, session.actions.setting(programme.PROGRAMMES, kept, sentence))


def _activate(session: Session) -> int:
    pump, one = session.pump, _known(session)
    checked = programme.made(one.name, one.as_setting(), pump.limits)
    active = programme.active(pump)
    sentence = (
        f"Programme {active.name if active else 'none'} becomes {checked.name}: "
        f"{'; '.join(checked.lines(pump.limits.unit))}."
    )
    return _confirmed(session, session.actions.setting(programme.ACTIVE, one.name, sentence))


def _remove(session: Session) -> int:
    pump, one = session.pump, _known(session)
    active = programme.active(pump)
    if active is not None and active.name == one.name:
        raise InputError(f"basal remove: {one.name} is followed now; activate another one first")
    kept = dict(pump.settings[programme.PROGRAMMES])
    del kept[one.name]
    sentence = f"Programme {one.name} is forgotten."
    return _confirmed(session, session.actions.setting(programme.PROGRAMMES, kept, sentence))


def _confirmed(session: Session, change: SettingChange) -> int:
    """Show a change, have it confirmed, keep it."""
    if session.chosen.preview:
        return session.previewed(change)
    if not session.confirmed(change):
        return FINDING
    session.actions.confirm_setting(change)
    session.say(f"Kept. {change.sentence}", {"name": change.name, "value": change.value})
    return GOOD


# ---- settings ------------------------------------------------------------------------------------


def _settings_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help=", ".join(READERS))
    parser.add_argument("value", nargs="*", metavar="VALUE", help="what it shall be")
    frame.confirming(parser)


def _settings(session: Session) -> int:
    name, value = session.chosen.name, session.chosen.value
    if name is None:
        kept = {
            key: held
            for key, held in session.pump.settings.items()
            if key not in INTERNAL and not key.startswith(REMOTE)
        }
        lines = [f"{key}: {held}" for key, held in kept.items()]
        session.say("\n".join(lines) or "nothing is set", kept)
        return GOOD
    if name not in READERS:
        raise InputError(f"settings: {name!r}; allowed: {', '.join(READERS)}")
    if not value:
        raise InputError(f"settings {name}: VALUE is missing; allowed: {ALLOWED[name]}")
    return _confirmed(session, session.actions.setting(name, READERS[name](session, value)))


def _zone(session: Session, value: list[str]) -> str:
    return wall.zone(" ".join(value)).key


def _ratios(session: Session, value: list[str]) -> list[list[object]]:
    pairs: list[list[object]] = []
    for word in value:
        start, _, grams = word.rpartition("=")
        figure = str(frame.decimal(grams, f"ratios {word}"))
        pairs.append([wall.read_minute(start or "00:00", "ratios"), figure])
    _check(session, calculator.RATIOS, pairs)
    return pairs


def _lowered(session: Session, value: list[str]) -> int:
    return _milligrams(session, calculator.CORRECTION, value)


def _target(session: Session, value: list[str]) -> int:
    return _milligrams(session, calculator.TARGET, value)


def _milligrams(session: Session, name: str, value: list[str]) -> int:
    """A glucose figure in the pump's unit, or in the one that stands beside it."""
    figure, *beside = value
    unit = glucose.unit(" ".join(beside)) if beside else glucose.unit_of(session.pump)
    found = glucose.in_milligrams(frame.decimal(figure, name), unit)
    _check(session, name, found)
    return found


def _check(session: Session, name: str, value: object) -> None:
    """A figure of the calculator among the others."""
    kept = {key: session.pump.settings.get(key, held) for key, held in UNCHECKED.items()}
    calculator.checked({**kept, name: value})


def _worn(session: Session, value: list[str]) -> str:
    return infusion_set.named(" ".join(value)).id


def _strength(session: Session, value: list[str]) -> int:
    text = " ".join(value)
    if not text.isdecimal() or not 1 <= int(text) <= infusion_set.STRONGEST:
        raise InputError(f"concentration: {text!r}; allowed: {ALLOWED['concentration']}")
    return int(text)


def _clinic(session: Session, value: list[str]) -> str:
    text = " ".join(value)
    if len(text) > TEXT_MAX or not text.isprintable():
        raise InputError(f"clinic: {len(text)} characters; allowed: {ALLOWED[reminders.CLINIC]}")
    return text


def _unit(session: Session, value: list[str]) -> str:
    return str(glucose.unit(" ".join(value)))


def _reminders(session: Session, value: list[str]) -> dict[str, Any]:
    """`high=250 missed_bolus=07:00-10:00 ...`, on top of what is set."""
    kept = session.pump.settings.get(reminders.SETTING, {})
    windows: list[list[str]] = []
    found: dict[str, Any] = {}
    for word in value:
        name, _, figure = word.partition("=")
        if name == reminders.MISSED:
            windows.append(figure.split("-"))
        elif figure.isdecimal() and len(figure) < frame.DIGITS_MAX:
            found[name] = int(figure)
        else:
            raise InputError(f"reminders: {word!r}; allowed: {ALLOWED[reminders.SETTING]}")
    if windows:
        found[reminders.MISSED] = windows
    return reminders.checked({**kept, **found})


READERS: dict[str, Callable[[Session, list[str]], Any]] = {
    wall.TIMEZONE: _zone,
    calculator.RATIOS: _ratios,
    calculator.CORRECTION: _lowered,
    calculator.TARGET: _target,
    infusion_set.SETTING: _worn,
    infusion_set.CONCENTRATION: _strength,
    reminders.CLINIC: _clinic,
    reminders.SETTING: _reminders,
    glucose.SETTING: _unit,
}
ALLOWED = {
    wall.TIMEZONE: "an IANA name such as Europe/Berlin",
    calculator.RATIOS: "TIME=GRAMS ..., such as 00:00=10 06:00=8",
    calculator.CORRECTION: "what a unit lowers, such as 50 mg/dL",
    calculator.TARGET: "such as 110 mg/dL",
    infusion_set.SETTING: "an id of dosekernel pump sets",
    infusion_set.CONCENTRATION: f"1 to {infusion_set.STRONGEST} units in a millilitre",
    reminders.SETTING: "NAME=FIGURE ..., such as high=250 missed_bolus=07:00-10:00; names: "
    + ", ".join(reminders.USUAL),
    reminders.CLINIC: f"what to do and whom to call, at most {TEXT_MAX} characters",
    glucose.SETTING: "mg/dL or mmol/L",
}


# ---- limits --------------------------------------------------------------------------------------


def _limits(session: Session) -> int:
    limits = session.pump.limits
    session.say(limits.format(), {"name": limits.name, "unit": limits.unit, **limits.values()})
    return GOOD


def _adopt_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("limits", metavar="L", help="a preset or a limits file")
    frame.confirming(parser)


def _adopt(session: Session) -> int:
    adoption = session.actions.adopt(load(session.chosen.limits))
    document = {
        "limits": adoption.limits.name,
        "accepted": adoption.accepted,
        "sentence": adoption.sentence,
        "changes": [vars(each) for each in adoption.changes],
    }
    table = "\n".join([*_table(adoption.changes), adoption.sentence])
    if session.chosen.preview:
        session.say(table, document)
        return GOOD if adoption.accepted else FINDING
    if adoption.accepted:
        if not session.chosen.yes:
            session.note("these limits would change:\n" + "\n".join(_table(adoption.changes)))
        if not session.confirmed(adoption):
            return FINDING
    try:
        session.actions.confirm_limits(adoption)
    except LimitsRefusedError:
        session.say(table, document)
        return FINDING
    session.say(f"{table}\nAdopted: {adoption.limits.name}.", document)
    return GOOD


def _table(changes: tuple[Change, ...]) -> list[str]:
    """A table of what changes."""
    rows = [("limit", "now", "then"), *((one.name, one.before, one.after) for one in changes)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in rows]


VERBS = {
    "basal": Verb(_basal_arguments, _basal),
    "settings": Verb(_settings_arguments, _settings, about="Without a name: what is set."),
    "limits": Verb(frame.nothing, _limits),
    "adopt": Verb(_adopt_arguments, _adopt, about="What changes is shown and has to be confirmed."),
}
