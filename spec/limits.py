"""The limits of a prescription: read from a file or a preset, exact, whole, and always valid.

A `Limits` object that exists may be adopted: whatever it was made from, it has passed every rule
of the table (`spec/limits_table.py`) and, as the last word, the kernel's own `limits_valid`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from dosekernel.kernel import records
from dosekernel.kernel.limits import limits_valid
from dosekernel.kernel.records import SLOTS, WHOLE

from . import limits_file, limits_rules
from .limits_file import LimitsError, preset_names
from .limits_table import BY_NAME, LIMITS, UNITS, Limit
from .quantity import shown, to_text

__all__ = ["LIMITS", "Limit", "Limits", "LimitsError", "preset_names"]

WORDS = len(LIMITS) - 1 + SLOTS
HEADING = ("limit", "value", "allowed", "0 means")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits in kernel units (micro-units, micro-units per hour, milliseconds, mg/dL).

    The fields after `source` are those of the kernel's record, in its order.
    Making one that may not be adopted raises `LimitsError`.
    """

    name: str
    unit: str
    source: str = field(default="limits", compare=False)
    pulse: int
    reservoir_capacity: int
    reservoir_low: int
    reservoir_life: int
    set_life: int
    set_expiry: int
    prime_max: int
    cannula_fill: int
    bolus_max: int
    bolus_lockout: int
    extended_duration_max: int
    request_age_max: int
    delivery_speed: int
    basal_max: int
    basal_reserve: int
    temp_duration_max: int
    window_length: int
    window_max: int
    day_max: int
    on_board_max: int
    action_remaining: tuple[int, ...]
    controller_bolus_max: int
    controller_basal_max: int
    controller_duration_max: int
    remote_bolus_max: int
    glucose_low: int
    glucose_resume: int
    glucose_predict: int
    glucose_stale: int
    glucose_suspend_max: int
    suspend_reminder: int
    gap_max: int
    confirm_max: int

    def __post_init__(self) -> None:
        """Refuse limits that the kernel would refuse, with every reason."""
        found = self._shape_problems()
        if not found:
            found = limits_rules.problems(self.values(), self.unit)
        if not found and not limits_valid(self.to_record()):
            found = ["the kernel refuses these limits"]
        if found:
            raise LimitsError(self.source, found)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """The limits of a preset such as "insulin-u100", or of a TOML file."""
        content, source = limits_file.read(name_or_path)
        return cls._made(content, source)

    @classmethod
    def parse(cls, text: str, source: str = "limits") -> Self:
        """The limits of a TOML file's text; `source` names it in errors."""
        return cls._made(limits_file.parse(text, source), source)

    @classmethod
    def from_words(cls, words: Sequence[int], name: str = "limits", unit: str = "U") -> Self:
        """The limits of a kernel record's words, in the order of its layout."""
        if len(words) != WORDS:
            problem = f"{len(words)} words: allowed exactly {WORDS}"
            raise LimitsError(name, [problem])
        values: dict[str, Any] = {}
        rest = list(words)
        for limit in LIMITS:
            count = SLOTS if limit.name == "action_remaining" else 1
            taken, rest = rest[:count], rest[count:]
            values[limit.name] = tuple(taken) if count > 1 else taken[0]
        return cls(name=name, unit=unit, source=name, **values)

    @classmethod
    def from_record(cls, record: records.Limits, name: str = "limits", unit: str = "U") -> Self:
        """The limits of a kernel record."""
        return cls.from_words(record.words(), name, unit)

    @classmethod
    def _made(cls, content: limits_file.Content, source: str) -> Self:
        values: Mapping[str, Any] = content.values
        return cls(name=content.name, unit=content.unit, source=source, **values)

    def values(self) -> dict[str, int | tuple[int, ...]]:
        """Every limit by its name, in kernel units and the kernel's order."""
        return {limit.name: getattr(self, limit.name) for limit in LIMITS}

    def to_record(self) -> records.Limits:
        """The kernel's record, to be adopted."""
        record = records.Limits()
        record.set_words(self.words())
        return record

    def words(self) -> list[int]:
        """The words of the kernel's record, in the order of its layout."""
        found: list[int] = []
        for value in self.values().values():
            found.extend(value if isinstance(value, tuple) else (value,))
        return found

    def shown(self, name: str) -> str:
        """One limit for people, with its unit."""
        value = getattr(self, name)
        if isinstance(value, tuple):
            return " ".join(f"{entry / WHOLE:.3f}" for entry in value)
        return to_text(value, BY_NAME[name].quantity, self.unit)

    def format(self) -> str:
        """Every limit, its value, its range and what it is for, as a table for people."""
        rows = [HEADING]
        for limit in LIMITS:
            value = "in 25 steps" if limit.name == "action_remaining" else self.shown(limit.name)
            bounds = limits_rules.allowed(limit, self.values(), self.unit)
            rows.append((limit.name, value, bounds, limit.zero or "not allowed"))
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADING))]
        lines = [f"{self.name} ({self.unit})", ""]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            lines.append("  ".join(cells).rstrip())
        lines.append("")
        lines.append("action_remaining: " + self.shown("action_remaining"))
        return "\n".join(lines)

    def _shape_problems(self) -> list[str]:
        """What is not even of the right type: only integers, and the name and unit of a drug."""
        found = []
        if not isinstance(self.name, str) or not 1 <= len(self.name) <= limits_file.NAME_MAX:
            found.append(f"name: value {shown(self.name)}: allowed 1 to 60 characters")
        if self.unit not in UNITS:
            found.append(f"unit: value {shown(self.unit)}: allowed {', '.join(UNITS)}")
        for limit in LIMITS:
            value = getattr(self, limit.name)
            whole = limit.name != "action_remaining"
            entries = (value,) if whole else value
            if not isinstance(entries, tuple) or any(type(entry) is not int for entry in entries):
                kind = "an integer in kernel units" if whole else "a tuple of integers"
                found.append(f"{limit.name}: value {shown(value)}: allowed {kind}")
        return found
