"""A limits file: flat TOML, every key required, every value exact, every problem named at once."""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from dosekernel.kernel.records import SLOTS

from . import limits_rules
from .action import fractions_table, model_problem, model_table
from .limits_rules import Value
from .limits_table import BY_NAME, UNITS, Limit
from .quantity import (
    DURATION,
    TIME_EXAMPLES,
    exact_number,
    shown,
    time_to_kernel,
    to_kernel,
)

SIZE_MAX = 1 << 20  # bytes; a limits file has about two thousand
NAME_MAX = 60
PRESETS = "dosekernel.spec.presets"
TABLE = "action_remaining"
MODEL = "action"
BARE_KEY = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class LimitsError(ValueError):
    """Limits that cannot be adopted: where they came from, and everything that is wrong."""

    def __init__(self, source: str, problems: list[str]) -> None:
        """Keep the source and its problems; the message has one line for each."""
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))


@dataclass(frozen=True)
class Content:
    """What a limits file says, in kernel units."""

    name: str
    unit: str
    values: dict[str, Value] = field(default_factory=dict)


# ---- the schema -------------------------------------------------------------------------------


class Action(BaseModel):
    """The exponential model of a drug's action, three times."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    peak: Annotated[int, BeforeValidator(time_to_kernel)]
    duration: Annotated[int, BeforeValidator(time_to_kernel)]
    delay: Annotated[int, BeforeValidator(time_to_kernel)]


def _table(value: object) -> tuple[int, ...]:
    """The 25 fractions of `action_remaining`, rounded up to 65536ths."""
    if not isinstance(value, list) or len(value) != SLOTS:
        raise ValueError(f"allowed a list of exactly {SLOTS} numbers from 1 down to 0")
    fractions = [exact_number(entry) for entry in value]
    for slot, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            raise ValueError(f"entry {slot}: value {shown(value[slot])}: allowed 0 .. 1")
    return fractions_table(fractions)


def _reader(limit: Limit, unit: str) -> Callable[[object], int]:
    return lambda value: to_kernel(value, limit.quantity, unit)


def keys(action: str) -> tuple[str, ...]:
    """Every key of a file; `action` is the one of the two that this file has."""
    return ("name", "unit", *(action if name == TABLE else name for name in BY_NAME))


def schema(unit: str, names: Sequence[str]) -> type[BaseModel]:
    """The schema of these keys, for a drug in this unit."""
    fields: dict[str, Any] = {}
    for name in names:
        if name == "name":
            fields[name] = (Annotated[str, Field(min_length=1, max_length=NAME_MAX)], ...)
        elif name == "unit":
            fields[name] = (Literal[UNITS], ...)
        elif name == MODEL:
            fields[name] = (Action, ...)
        elif name == TABLE:
            fields[name] = (Annotated[tuple[int, ...], BeforeValidator(_table)], ...)
        else:
            fields[name] = (Annotated[int, BeforeValidator(_reader(BY_NAME[name], unit))], ...)
    config = ConfigDict(extra="forbid", strict=True, frozen=True)
    return create_model("LimitsFile", __config__=config, **fields)


# ---- reading ----------------------------------------------------------------------------------


def parse(text: str, source: str) -> Content:
    """The content of a limits file's text; LimitsError with every problem."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise LimitsError(source, [f"not TOML: {error}"]) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise LimitsError(source, ["not TOML: a number too long, or lists too deep"]) from None
    return validate(data, source)


def validate(data: Mapping[str, object], source: str) -> Content:
    """The content of a file's keys and values; LimitsError with every problem."""
    unit = data.get("unit")
    drug = unit if isinstance(unit, str) and unit in UNITS else "unit"
    found: list[str] = []
    if MODEL in data and TABLE in data:
        found.append(f"{MODEL}: allowed either {MODEL} or {TABLE}, not both")
        data = {key: value for key, value in data.items() if key != MODEL}
    names = keys(MODEL if MODEL in data else TABLE)
    values = _read(data, drug, names, found)
    model = values.pop(MODEL, None)
    if isinstance(model, Action):
        trouble = model_problem(model.peak, model.duration, model.delay)
        if trouble:
            found.append(f"{MODEL}.{trouble}")
        else:
            values[TABLE] = model_table(model.peak, model.duration, model.delay)
    numbers = {name: values[name] for name in BY_NAME if name in values}
    found.extend(limits_rules.problems(numbers, drug))
    if found:
        raise LimitsError(source, found)
    return Content(values["name"], drug, numbers)


def _read(
    data: Mapping[str, object], unit: str, names: Sequence[str], found: list[str]
) -> dict[str, Any]:
    """Every value that is right by itself; what is wrong with the others goes to `found`."""
    try:
        return dict(schema(unit, names).model_validate(dict(data)))
    except ValidationError as error:
        details = error.errors(include_url=False)
    found.extend(_problem(detail, unit, names) for detail in details)
    bad = {detail["loc"][0] for detail in details}
    good = [name for name in names if name not in bad]
    return dict(schema(unit, good).model_validate({name: data[name] for name in good}))


def _problem(detail: Mapping[str, Any], unit: str, names: Sequence[str]) -> str:
    """One finding of the schema in the words of this house."""
    place = [str(part) for part in detail["loc"]]
    key = ".".join(place)
    if detail["type"] == "missing":
        return f"{key}: missing: {_wanted(place[-1], unit)}"
    if detail["type"] == "extra_forbidden":
        known = list(Action.model_fields) if len(place) > 1 else [*names, MODEL, TABLE]
        near = difflib.get_close_matches(place[-1], known, n=1)
        hint = f", perhaps {near[0]}" if near else ""
        plain = key if BARE_KEY.fullmatch(key) else shown(key)
        return f"{plain}: unknown key{hint}: allowed are only the keys of a limits file"
    if detail["type"] == "value_error":
        limit = BY_NAME.get(key)
        number = limit is not None and key != TABLE and limit.quantity is not DURATION
        bounds = f": {_wanted(key, unit)}" if number else ""
        return f"{key}: {detail['ctx']['error']}{bounds}"
    return f"{key}: value {shown(detail['input'])}: {_wanted(place[-1], unit)}"


def _wanted(key: str, unit: str) -> str:
    """What belongs under a key."""
    if key == "name":
        return f"allowed a text of 1 to {NAME_MAX} characters"
    if key == "unit":
        return "allowed the drug's own unit, " + " or ".join(f'"{name}"' for name in UNITS)
    if key in Action.model_fields:
        return f"allowed a time such as {TIME_EXAMPLES}"
    if key == MODEL:
        return 'allowed { peak = "75m", duration = "6h", delay = "10m" }'
    if key == TABLE:
        return f"allowed a list of {SLOTS} numbers, or {MODEL} = {{ peak, duration, delay }}"
    limit = BY_NAME[key]
    bounds = f"allowed {limits_rules.allowed(limit, {}, unit)}"
    if limit.quantity is DURATION:
        return f"{bounds}, as a time such as {TIME_EXAMPLES}: {limit.meaning}"
    return f"{bounds}: {limit.meaning}"


# ---- where files are --------------------------------------------------------------------------


def preset_names() -> tuple[str, ...]:
    """The names of the limits files that ship with the package."""
    folder = resources.files(PRESETS)
    return tuple(sorted(e.name[:-5] for e in folder.iterdir() if e.name.endswith(".toml")))


def read(name_or_path: str | Path) -> tuple[Content, str]:
    """The content of a preset or of a file, and where it was found."""
    if isinstance(name_or_path, str) and name_or_path in preset_names():
        text = resources.files(PRESETS).joinpath(f"{name_or_path}.toml").read_text("utf-8")
        return parse(text, name_or_path), name_or_path
    source = str(name_or_path)
    try:
        with open(source, "rb") as file:
            raw = file.read(SIZE_MAX + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        presets = ", ".join(preset_names())
        raise LimitsError(
            source, [f"cannot be read: {why}; allowed a file or a preset: {presets}"]
        ) from None
    if len(raw) > SIZE_MAX:
        raise LimitsError(source, [f"too large: allowed at most {SIZE_MAX} bytes"])
    try:
        return parse(raw.decode("utf-8"), source), source
    except UnicodeDecodeError as error:
        raise LimitsError(source, [f"not UTF-8 text: byte {error.start} is wrong"]) from None
