"""`dosekernel limits`: check a limits file, show what it allows, list the presets."""

import argparse
import json
from collections.abc import Sequence

from dosekernel.spec.limits import Limits, LimitsError, preset_names

from ..errors import InputError
from .codes import GOOD


def main(arguments: Sequence[str]) -> int:
    """Exit 0 for limits that the kernel would adopt, 2 with every problem for others."""
    chosen = _parser().parse_args(arguments)
    if chosen.action == "list":
        return _list(chosen.json)
    return _check(chosen.file, chosen.json)


def load(name_or_path: str) -> Limits:
    """Limits of a preset or a file; `InputError` with every problem."""
    try:
        return Limits.load(name_or_path)
    except LimitsError as error:
        raise InputError(str(error)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dosekernel limits", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="say everything that is wrong with a limits file")
    check.add_argument("file", metavar="FILE", help="a limits file, or the name of a preset")
    check.add_argument("--json", action="store_true", help="the values in kernel units, as JSON")
    presets = actions.add_parser("list", help="the presets that ship with the package")
    presets.add_argument("--json", action="store_true", help="as JSON")
    return parser


def _check(file: str, as_json: bool) -> int:
    limits = load(file)
    if as_json:
        print(json.dumps({"name": limits.name, "unit": limits.unit, **limits.values()}))
    else:
        print(limits.format())
    return GOOD


def _list(as_json: bool) -> int:
    found = {name: load(name) for name in preset_names()}
    if as_json:
        said = [{"preset": n, "name": one.name, "unit": one.unit} for n, one in found.items()]
        print(json.dumps(said))
        return GOOD
    width = max(map(len, found), default=0)
    for name, one in found.items():
        print(f"{name:<{width}}  {one.name} ({one.unit})")
    return GOOD
