"""`dosekernel explain`: what a reason or an alarm means, in one sentence."""

import argparse
import json
from collections.abc import Sequence

from dosekernel.spec.reasons import Alarm, Reason

from ..errors import InputError
from .codes import GOOD


def main(arguments: Sequence[str]) -> int:
    """Print the sentence of one name or number, or of all."""
    parser = argparse.ArgumentParser(prog="dosekernel explain", description=__doc__)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("name", nargs="?", metavar="REASON", help="such as WINDOW or 33; or all")
    chosen = parser.parse_args(arguments)
    found = sentences() if chosen.name is None else _one(chosen.name)
    if chosen.json:
        print(json.dumps(found))
        return GOOD
    for group in found:
        print(f"{group['name']} ({group['group']} {group['value']}): {group['sentence']}")
    return GOOD


def sentences() -> list[dict[str, object]]:
    """Every reason and alarm: its name, value and sentence."""
    reasons = [("reason", one.name, one.value, one.sentence) for one in Reason]
    alarms = [("alarm", one.name, one.value, one.sentence) for one in Alarm]
    keys = ("group", "name", "value", "sentence")
    return [dict(zip(keys, entry, strict=True)) for entry in [*reasons, *alarms]]


def _one(name: str) -> list[dict[str, object]]:
    wanted = name.upper()
    found = [
        entry
        for entry in sentences()
        if entry["name"] == wanted or (entry["group"] == "reason" and str(entry["value"]) == name)
    ]
    if not found:
        names = ", ".join(str(entry["name"]) for entry in sentences())
        raise InputError(f"{name}: no such reason or alarm; allowed: {names}")
    return found
