"""`dosekernel pump VERB`: what a person does at the pump, as plain commands for scripts.

Without a verb the terminal program opens. The reference pump is not a medical device.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from ...command.codes import BAD_INPUT
from . import frame

# Each verb: the module that has it in its VERBS, and its purpose.
VERBS = {
    "new": ("life", "begin a pump with a new journal"),
    "status": ("life", "what the home screen shows"),
    "run": ("life", "keep the pump alive until interrupted"),
    "wait": ("life", "let time pass"),
    "time": ("life", "the clocks and the time zone"),
    "bolus": ("doses", "a bolus, now"),
    "extended": ("doses", "a bolus over a time"),
    "dual": ("doses", "a part now and a part over a time"),
    "calculator": ("doses", "propose a bolus for a meal and a reading"),
    "cancel": ("doses", "cancel every bolus that is still owed"),
    "temp": ("doses", "a temporary rate"),
    "cancel-temp": ("doses", "back to the programmed rate"),
    "suspend": ("doses", "stop all delivery, at once"),
    "resume": ("doses", "end a suspension"),
    "glucose": ("doses", "report a glucose reading"),
    "acknowledge": ("doses", "say that a fault or a gap was seen"),
    "disconnect": ("handling", "the pump is off the body"),
    "connect": ("handling", "the pump is on the body"),
    "load": ("handling", "a reservoir was put in"),
    "prime": ("handling", "fill the tubing, into the air"),
    "insert": ("handling", "a new set is in the body"),
    "fill": ("handling", "fill the cannula, in the body"),
    "change-set": ("handling", "the change of reservoir and set, step by step"),
    "sites": ("handling", "where sets were, and where the next may go"),
    "sets": ("handling", "the catalogue of infusion sets"),
    "basal": ("settings", "basal programmes: list, show, set, activate, remove"),
    "settings": ("settings", "what the pump was told about the person: list, set"),
    "limits": ("settings", "the limits in force"),
    "adopt": ("settings", "other limits, as a whole"),
    "serve": ("remotes", "keep the pump alive and let paired remotes ask"),
    "pair": ("remotes", "pair a remote, list them, or forget one"),
    "remote": ("remotes", "be a remote: ask a pump that serves"),
    "alarms": ("books", "what needs attention now"),
    "history": ("books", "what happened, in plain words"),
    "totals": ("books", "what each day amounts to"),
    "verify": ("books", "replay the whole journal through the kernel"),
    "export": ("books", "the journal as CSV, JSON or Nightscout treatments"),
}
SCREENS = "dosekernel.pump.screens"


def main(arguments: Sequence[str]) -> int:
    """Exit 0 if what was asked was accepted, 1 if the kernel refused it, 2 for bad input."""
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        return int(import_module(SCREENS).main(arguments))
    name, *rest = arguments
    if name not in VERBS:
        parser = help_parser()
        parser.parse_args([name])
        parser.print_usage(sys.stderr)
        return BAD_INPUT
    module, purpose = VERBS[name]
    verb: frame.Verb = import_module(f"{__name__}.{module}").VERBS[name]
    parser = argparse.ArgumentParser(
        prog=f"dosekernel pump {name}",
        description=f"{purpose[0].upper()}{purpose[1:]}. {verb.about}".rstrip(),
        epilog="Amounts are in the drug's unit, rates in that per hour, times like 30m or 2h. "
        "Exit codes: 0 accepted, 1 refused, 2 bad input, 4 a tool is missing.",
    )
    frame.common(parser)
    verb.arguments(parser)
    return frame.run(verb, frame.parsed(parser, rest))


def help_parser() -> argparse.ArgumentParser:
    """Only for what is not a verb: help, and a word that it does not know."""
    parser = argparse.ArgumentParser(
        prog="dosekernel pump",
        description="The reference pump. Not a medical device. Without a verb the terminal program "
        "opens; a verb does one thing and ends. The pump is alive only while a program runs it: "
        "`wait`, `run` or the terminal program let it deliver.",
        epilog="Journal: --journal FILE after the verb, else the environment's DOSEKERNEL_PUMP, "
        "else dosekernel/pump.journal in the user's data folder.",
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, (_, purpose) in VERBS.items():
        verbs.add_parser(name, help=purpose, add_help=False)
    return parser
