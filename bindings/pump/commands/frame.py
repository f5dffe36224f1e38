"""What all plain commands share: options, opening the pump, confirming, printing, exit codes."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from dosekernel.spec.quantity import TIME_EXAMPLES, time_to_kernel
from dosekernel.spec.reasons import Kind, Status

from ...command.codes import FINDING, GOOD
from ...command.stopping import terminable
from ...errors import InputError
from ...quantities import volume

if TYPE_CHECKING:
    from ... import Outcome
    from ..actions import Actions
    from ..proposals import Pending, Proposal
    from ..shell import Pump

DIGITS_MAX = 30


@dataclass
class Session:
    """A pump that one command has open."""

    pump: "Pump"
    actions: "Actions"
    chosen: argparse.Namespace
    heard: int = 0  # the last entry of which notices were told

    # ---- saying ------------------------------------------------------------------------------

    def say(self, text: str, document: Mapping[str, object]) -> None:
        """One answer: words for a person, or with --json one document."""
        say(self.chosen.json, text, document)

    def told(self, kind: Kind, outcome: "Outcome", accepted: str = "") -> int:
        """Print what became of a request; the exit code says whether it was accepted."""
        from ...json_lines import outcome_in_names

        text = self.actions.in_words(kind, outcome)
        if accepted and outcome.status is Status.ACCEPTED:
            text = f"Accepted: {accepted}"
        document = {"asked": kind.name, "sentence": text, **outcome_in_names(outcome)}
        self.say(text, document)
        return GOOD if outcome.status is Status.ACCEPTED else FINDING

    def note(self, text: str) -> None:
        """Something beside the answer that a person should know."""
        print(f"pump: {text}", file=sys.stderr)

    def tell_notices(self) -> None:
        """What the pump had to say meanwhile."""
        from ..bodies import from_json
        from ..journal import What
        from ..therapy.wall import local

        stamp = f"{local(self.pump):%H:%M:%S}"
        for entry in self.pump.journal.entries(self.heard, (What.NOTICE,)):
            self.note(f"{stamp} {from_json(entry.body)['text']}")
        self.heard = self.pump.journal.seq

    # ---- confirming ----------------------------------------------------------------------------

    def dose(self, proposal: "Proposal") -> int:
        """Show a proposal, have it confirmed, ask it, say what became of it."""
        if self.chosen.preview:
            return self.previewed(proposal)
        if not proposal.accepted:
            # Asked all the same: that somebody wanted it, and why not, is part of the history.
            return self.told(proposal.kind, self.actions.confirm(proposal))
        if not self.confirmed(proposal):
            return FINDING
        code = self.told(proposal.kind, self.actions.confirm(proposal), proposal.asked)
        if code == GOOD and self.chosen.wait:
            self.until_given()
        elif code == GOOD and proposal.preview.owed:
            self.note("it is given while the pump runs: wait, run or the terminal program")
        return code

    def previewed(self, pending: "Pending") -> int:
        """Only say what would happen."""
        self.say(pending.sentence, {"accepted": pending.accepted, "sentence": pending.sentence})
        return GOOD if pending.accepted else FINDING

    def confirmed(self, pending: "Pending") -> bool:
        """True if the person says yes; raises `InputError` where nobody can be asked."""
        if self.chosen.yes:
            return True
        if not sys.stdin.isatty():
            raise InputError(
                f"{pending.sentence} Not confirmed, nothing was done: add --yes to confirm, "
                "or --preview only to look"
            )
        print(pending.sentence, file=sys.stderr)
        print("Confirm with yes: ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline().strip().lower()
        if answer in ("y", "yes"):
            return True
        print("Not confirmed, nothing was done.", file=sys.stderr)
        return False

    def until_given(self) -> None:
        """Stay until nothing is owed any more and the motor rests, or nothing goes on."""
        from .narrator import Narrator

        with terminable():
            Narrator(self).until_given()


@dataclass(frozen=True)
class Verb:
    """A verb: what it takes, and what it does with an open pump (or with the arguments alone)."""

    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Session], int] | None = None
    alone: Callable[[argparse.Namespace], int] | None = None
    about: str = ""
    stops: bool = False  # nothing may be delivered before it is done


def nothing(parser: argparse.ArgumentParser) -> None:
    """A verb that takes no arguments of its own."""


def common(parser: argparse.ArgumentParser) -> None:
    """The options that every verb has."""
    parser.add_argument("--journal", metavar="FILE", help="the pump's journal")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of words")
    parser.add_argument(
        "--off-for",
        metavar="TIME",
        help="how long the pump was off, if you know better than its clock (after a restart)",
    )
    parser.set_defaults(yes=False, preview=False, wait=False)


def confirming(parser: argparse.ArgumentParser, *, waits: bool = False) -> None:
    """The options of a verb that wants a confirmation."""
    parser.add_argument("--yes", action="store_true", help="confirm what is proposed")
    parser.add_argument("--preview", action="store_true", help="only say what would happen")
    if waits:
        parser.add_argument(
            "--wait", action="store_true", help="stay until it is given, letting time pass"
        )


def parsed(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments, the journal's path among them."""
    from ..opening import default_path

    chosen = parser.parse_args(arguments)
    chosen.path = Path(chosen.journal) if chosen.journal else default_path()
    return chosen


def run(verb: Verb, chosen: argparse.Namespace) -> int:
    """Do one thing with the pump, and leave its journal for the next program."""
    if verb.alone is not None:
        return verb.alone(chosen)
    from ..actions import Actions
    from ..opening import open_pump

    vouched = None if chosen.off_for is None else duration(chosen.off_for, "--off-for")
    found = open_pump(chosen.path, vouched, tick=not verb.stops)
    for sentence in found.sentences:
        print(f"pump: {sentence}", file=sys.stderr)
    session = Session(found.pump, Actions(found.pump), chosen, found.pump.journal.seq)
    if verb.run is None:
        raise RuntimeError("a verb does nothing")
    try:
        if not verb.stops:
            found.pump.advance()
        code = verb.run(session)
        found.pump.advance()
        session.tell_notices()
        return code
    finally:
        found.pump.close()


def say(as_json: bool, text: str, document: Mapping[str, object] | Sequence[object]) -> None:
    """One answer on standard output."""
    print(json.dumps(document, ensure_ascii=False) if as_json else text)


# ---- what a person writes ------------------------------------------------------------------------


def decimal(text: str, what: str) -> Decimal:
    """A decimal number as written."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or len(text) > DIGITS_MAX:
        raise InputError(f"{what}: {text!r}; allowed: a decimal number such as 2.5")
    return value


def quantity(text: str, what: str) -> int:
    """Micro-units, or micro-units per hour, of an amount as written; nothing is rounded."""
    value = decimal(text, what)
    if value < 0:
        raise InputError(f"{what}: {text}; allowed: 0 or more")
    return volume(value, what)


def duration(text: str, what: str) -> int:
    """Milliseconds of a time as written."""
    try:
        return time_to_kernel(text)
    except ValueError as error:
        raise InputError(f"{what}: {error}, such as {TIME_EXAMPLES}") from None
