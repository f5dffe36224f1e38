"""The JSON of a history, parsed exactly, its fields checked as they are read."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from .history import EARLIEST, LATEST, HistoryError, in_range, moment

# Where a document may hold its time, best first; the numbers are milliseconds since 1970.
TIMES = ("created_at", "mills", "timestamp", "dateString", "date")


def parse_json(text: str, place: str) -> Any:
    """A JSON text with its fractions as exact decimals; `HistoryError` that begins with `place`."""

    def constant(name: str) -> Any:
        raise HistoryError(f"{place}: {name} is not a number of JSON; allowed: finite numbers")

    def decimal(digits: str) -> Decimal:
        try:
            return Decimal(digits)
        except InvalidOperation:
            raise HistoryError(f"{place}: {_shown(digits)} is beyond any range") from None

    try:
        return json.loads(text, parse_float=decimal, parse_constant=constant)
    except HistoryError:
        raise
    except json.JSONDecodeError as error:
        raise HistoryError(
            f"{place}: line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
        ) from None
    except RecursionError:
        raise HistoryError(f"{place}: nested too deeply to be a history") from None
    except ValueError:
        raise HistoryError(f"{place}: a number of too many digits") from None


class Record:
    """Document `number` of its list; every error names the file, it and the field."""

    def __init__(self, file: str, what: str, number: int, document: Any) -> None:
        """`what` is the list's own name for one of its documents."""
        self.place = f"{file}: {what} {number}"
        self.number = number
        if not isinstance(document, dict):
            raise HistoryError(f"{self.place}: {_shown(document)}; allowed: a JSON object")
        self.document = document

    def error(self, name: str, why: str) -> HistoryError:
        """What is wrong with a field."""
        return HistoryError(f"{self.place}: {name}: {why}")

    def has(self, name: str) -> bool:
        """True if the field is there and is not null."""
        return self.document.get(name) is not None

    def text(self, name: str) -> str:
        """A text; empty if it is not there."""
        value = self.document.get(name)
        if value is not None and not isinstance(value, str):
            raise self.error(name, f"{_shown(value)}; allowed: a text")
        return value or ""

    def flag(self, name: str) -> bool:
        """True or false; false if it is not there."""
        value = self.document.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.error(name, f"{_shown(value)}; allowed: true or false")
        return bool(value)

    def number_of(self, name: str, most: Decimal) -> Decimal:
        """A number from 0 to `most`; 0 if it is not there."""
        return self.signed_number_of(name, Decimal(0), most)

    def signed_number_of(self, name: str, least: Decimal, most: Decimal) -> Decimal:
        """A number from `least` to `most`; 0 if it is not there."""
        value = self.document.get(name)
        if value is None:
            return Decimal(0)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.error(name, f"{_shown(value)}; allowed: a number from {least} to {most}")
        if not least <= value <= most:
            raise self.error(name, f"{value}; allowed: {least} to {most}")
        return Decimal(value)

    def time(self) -> int:
        """When it was, ms since 1970."""
        for name in TIMES:
            if self.has(name):
                return self.time_of(name)
        raise self.error("created_at", f"missing; allowed: one of {', '.join(TIMES)}")

    def time_of(self, name: str) -> int:
        """The time in that field."""
        value = self.document[name]
        if isinstance(value, str):
            try:
                value = moment(value)
            except ValueError:
                raise self.error(name, f"{_shown(value)}; allowed: an ISO 8601 time") from None
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not in_range(value):
            raise self.error(
                name,
                f"{_shown(value)}; allowed: an ISO 8601 time, or milliseconds since 1970 "
                f"from {EARLIEST} to {LATEST} (the years 2000 to 2100)",
            )
        return int(value)


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
