"""Each preset as a page shows it: every limit with its value, its meaning and where it is from.

The sources stand in the presets as comments, beside the value that they are of; a value without one
is shown without one.
"""

import re
from dataclasses import dataclass
from importlib import resources

from dosekernel.spec.limits_table import BY_NAME

ENTRY = re.compile(r"(?P<name>[a-z_]+) *= *(?P<value>[^#]*?) *(?:# *(?P<note>.*))?")
CITED = re.compile(r"\[(?P<key>[^\]]+)\] *(?P<what>.*)")
NAMES = ("name", "unit")


@dataclass(frozen=True)
class Value:
    """One limit of a preset."""

    name: str
    value: str
    meaning: str
    note: str


@dataclass(frozen=True)
class Prescription:
    """A preset: what it is for, its values, and the sources that it names."""

    name: str
    purpose: str
    unit: str
    values: tuple[Value, ...]
    sources: tuple[tuple[str, str], ...]


def prescriptions() -> list[Prescription]:
    """Every preset, by name."""
    room = resources.files("dosekernel.spec").joinpath("presets")
    files = sorted((file for file in room.iterdir() if file.name.endswith(".toml")), key=str)
    return [_read(file.name.removesuffix(".toml"), file.read_text("utf-8")) for file in files]


def _read(name: str, text: str) -> Prescription:
    comments: list[str] = []
    values: list[Value] = []
    unit = ""
    for line in text.splitlines():
        entry = ENTRY.fullmatch(line.strip())
        if entry is None:
            if not values:
                comments.append(line.removeprefix("#").strip())
            continue
        key, value, note = entry["name"], entry["value"].strip('"'), entry["note"] or ""
        if key == "unit":
            unit = value
        elif key not in NAMES:
            known = BY_NAME.get(key)
            values.append(Value(key, value, known.meaning if known else "", note))
    purpose, sources = _sources(comments)
    return Prescription(name, purpose, unit, tuple(values), sources)


def _sources(comments: list[str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The first sentences, and each source that is named after them; a source may go on."""
    purpose: list[str] = []
    sources: list[tuple[str, str]] = []
    for line in comments:
        cited = CITED.match(line)
        if cited:
            sources.append((cited["key"], cited["what"]))
        elif sources and line and not line.endswith(":"):
            key, said = sources[-1]
            sources[-1] = key, f"{said} {line}"
        elif line and not sources and not line.startswith("Sources"):
            purpose.append(line)
    return " ".join(purpose), tuple(sources)
