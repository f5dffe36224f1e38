"""A status as the commands print it in JSON."""

from dataclasses import fields, is_dataclass
from typing import Any

from ..status import Status


def status_document(status: Status) -> dict[str, object]:
    """All of a status; the day's series by name."""
    said = {each.name: plain(getattr(status, each.name)) for each in fields(status)}
    said["day"] |= {"boluses": plain(status.day.boluses)}
    return said


def plain(value: Any) -> Any:
    """A value of a status as JSON holds it; what a record keeps to itself is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value) if not each.name.startswith("_")]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
