"""Events and outcomes as lines of JSON: names for what has names, integers in kernel units."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dosekernel.spec.reasons import Cause, Kind, Source, Status

from ._native import EVENT_FIELDS, OUTCOME_FIELDS, Event, Outcome
from .errors import InputError

NAMED: dict[str, Mapping[str, int]] = {
    "kind": Kind.__members__,
    "source": Source.__members__,
    "code": Cause.__members__,
}
NAMES_OF_CODE = "a name of a cause belongs to a FAULT"
SHOWN = 60  # characters of a wrong value that a message repeats


@dataclass(frozen=True)
class _NotWhole:
    """A number such as 1.5, 1e3 or NaN: kept as it was written, so that an error can say where."""

    text: str


def read_event(line: str) -> Event:
    """The event that a line says; fields left out are 0, `source` USER, `issued_at` equal to `at`.

    Raises `InputError` that names the field, the value and what is allowed.
    """
    said = _parse(line)
    if not isinstance(said, dict):
        raise InputError(f"{_shown(said)} is not an event; allowed: a JSON object")
    unknown = sorted(set(said) - set(EVENT_FIELDS))
    if unknown:
        names = ", ".join(_shown(name) for name in unknown)
        raise InputError(f"{names}: no such field; allowed: {', '.join(EVENT_FIELDS)}")
    if "kind" not in said:
        raise InputError("kind: missing; allowed: " + ", ".join(Kind.__members__))
    fields = {name: _field(name, value) for name, value in said.items()}
    if isinstance(said.get("code"), str) and fields["kind"] != Kind.FAULT:
        raise InputError(f"code: {_shown(said['code'])}: {NAMES_OF_CODE}; allowed here: an integer")
    return Event(**fields)


def outcome_in_names(outcome: Outcome) -> dict[str, object]:
    """An outcome as JSON says it, in kernel units."""
    said: dict[str, object] = dict(zip(OUTCOME_FIELDS, outcome.words, strict=True))
    said["status"] = outcome.status.name
    said["reason"] = outcome.reason.name
    said["path"] = outcome.path.name
    said["mode"] = outcome.mode.name
    said["alarms"] = [alarm.name for alarm in outcome.alarms]
    return said


def outcome_fields(outcome: Outcome) -> dict[str, object]:
    """An outcome's fields for JSON; one that is refused or corrupt has its reason's sentence."""
    said = outcome_in_names(outcome)
    if outcome.status in (Status.REFUSED, Status.CORRUPT):
        said["sentence"] = outcome.reason.sentence
    return said


def _field(name: str, value: object) -> int:
    names = NAMED.get(name)
    if names is not None and isinstance(value, str):
        if value not in names:
            raise InputError(f"{name}: {_shown(value)}; allowed: {', '.join(names)}")
        return names[value]
    if name in ("kind", "source"):
        assert names is not None
        raise InputError(f"{name}: {_shown(value)}; allowed: {', '.join(names)}")
    if type(value) is not int:
        raise InputError(f"{name}: {_shown(value)}; allowed: an integer in kernel units")
    return value


def _parse(line: str) -> Any:
    try:
        return json.loads(
            line, object_pairs_hook=_object, parse_float=_NotWhole, parse_constant=_NotWhole
        )
    except InputError:
        raise
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise InputError("not an event: nested too deep") from None
    except ValueError:
        raise InputError("a number of too many digits; allowed: integers of 64 bits") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise InputError(f"{_shown(name)}: given twice")
        found[name] = value
    return found


def _shown(value: object) -> str:
    if isinstance(value, _NotWhole):
        return _shorten(value.text)
    return _shorten(json.dumps(value, default=lambda number: number.text))


def _shorten(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
