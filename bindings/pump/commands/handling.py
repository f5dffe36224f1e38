"""Verbs about reservoir and infusion set."""

import argparse

from dosekernel.spec.reasons import Kind, Status

from ... import Outcome
from ...command.codes import FINDING, GOOD
from ...errors import InputError
from .. import words
from ..set_change import SETTING, SetChange, Step
from ..therapy import infusion_set, sites
from . import frame
from .frame import Session, Verb

DONE, NEXT, LATER = "[x]", "[>]", "[ ]"
SITE_MAX = 1 << 30
# The command of each step, for whoever goes on by commands.
COMMANDS = {
    Step.DISCONNECT: "disconnect",
    Step.LOAD: "load AMOUNT",
    Step.PRIME: "prime AMOUNT --wait",
    Step.INSERT: "insert SITE",
    Step.CONNECT: "connect",
    Step.FILL: "fill AMOUNT --wait",
}


# ---- one step each -------------------------------------------------------------------------------


def _amount_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("amount", metavar="AMOUNT", help="in the drug's unit")
    frame.confirming(parser)


def _delivered_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("amount", metavar="AMOUNT", help="in the drug's unit")
    frame.confirming(parser, waits=True)


def _load(session: Session) -> int:
    amount = frame.quantity(session.chosen.amount, "AMOUNT")
    return session.dose(session.actions.propose(Kind.LOAD_RESERVOIR, amount=amount))


def _prime(session: Session) -> int:
    amount = frame.quantity(session.chosen.amount, "AMOUNT")
    return session.dose(session.actions.propose(Kind.PRIME, amount=amount))


def _fill(session: Session) -> int:
    amount = frame.quantity(session.chosen.amount, "AMOUNT")
    return session.dose(session.actions.propose(Kind.FILL_CANNULA, amount=amount))


def _disconnect(session: Session) -> int:
    return session.told(Kind.DISCONNECT, session.actions.quick_disconnect())


def _connect(session: Session) -> int:
    return session.told(Kind.CONNECT, session.actions.reconnect())


def _insert_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "site", metavar="SITE", help='such as "abdomen left 3", or a number of your own'
    )
    parser.add_argument("--note", metavar="TEXT", default="", help="kept in the log of sites")


def _insert(session: Session) -> int:
    site = _site(session.chosen.site)
    if site <= sites.ALL and site > 0:
        log = sites.log_of(session.pump)
        doubt = sites.warning(sites.Site.of_code(site), log, session.pump.clock.now().wall)
        if doubt:
            session.note(doubt)
    where = session.chosen.note or session.chosen.site
    outcome = SetChange(session.pump).insert(site, where)
    return session.told(Kind.INSERT_SET, outcome)


def _site(text: str) -> int:
    """The number of a site as written."""
    if text.isdecimal() and len(text) <= len(str(SITE_MAX)):
        number = int(text)
        if not 0 < number <= SITE_MAX:
            raise InputError(f"SITE: {text}; allowed: 1 to {SITE_MAX}")
        return number
    return sites.Site.read(text).code


# ---- the whole change ----------------------------------------------------------------------------


def _change_arguments(parser: argparse.ArgumentParser) -> None:
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument("--begin", action="store_true", help="begin a change of both")
    begin.add_argument(
        "--begin-reservoir", action="store_true", help="begin a change of the reservoir alone"
    )
    begin.add_argument("--begin-set", action="store_true", help="begin a change of the set alone")
    begin.add_argument("--abandon", action="store_true", help="forget the change that is under way")
    begin.add_argument(
        "--all", action="store_true", help="do all steps in one go, with the amounts below"
    )
    parser.add_argument("--amount", metavar="A", help="what the new reservoir holds")
    parser.add_argument("--prime", metavar="P", help="what fills the tubing")
    parser.add_argument("--site", metavar="SITE", help='such as "abdomen left 3"')
    parser.add_argument("--fill", metavar="F", help="what fills the cannula")
    frame.confirming(parser)


def _change(session: Session) -> int:
    chosen, change = session.chosen, session.actions.set_change()
    if chosen.abandon:
        change.abandon()
    elif chosen.begin or chosen.begin_reservoir or chosen.begin_set:
        change.begin(reservoir=not chosen.begin_set, infusion_set=not chosen.begin_reservoir)
    elif chosen.all:
        return _all_steps(session, change)
    return _standing(session, change)


def _standing(session: Session, change: SetChange) -> int:
    """Each step, done or not, and what is next."""
    following = change.next if change.under_way else None
    lines = []
    for step in change.steps:
        if change.done(step):
            lines.append(f"{DONE} {step}")
        else:
            mark = NEXT if step is following else LATER
            lines.append(f"{mark} {step:<10} {change.instruction(step)}")
    if following is not None:
        lines.append(f"Next: dosekernel pump {COMMANDS[following]}")
    elif change.begun:
        lines.append("The change is complete.")
    else:
        lines.append("No change is under way; begin with dosekernel pump change-set --begin.")
    document = {
        "under_way": change.under_way,
        "done": [str(step) for step in change.steps if change.done(step)],
        "next": None if following is None else str(following),
    }
    session.say("\n".join(lines), document)
    return GOOD


def _all_steps(session: Session, change: SetChange) -> int:
    """A whole change, confirmed once; ends at the first step that is refused."""
    amounts = _amounts(session, change.steps_of(reservoir=True, infusion_set=True))
    site = _site(_given(session, "site"))
    told = ", ".join(f"{step} {words.amount(session.pump, a)}" for step, a in amounts.items())
    sentence = f"A whole change of reservoir and set: {told}, site {site}."
    begun = session.actions.setting(SETTING, None, sentence)
    if session.chosen.preview:
        return session.previewed(begun)
    if not session.confirmed(begun):
        return FINDING
    session.actions.confirm_setting(begun)
    change.begin()
    while (step := change.next) is not None:
        kind, outcome = _done(session, change, step, amounts.get(step, 0), site)
        if outcome.status is not Status.ACCEPTED:
            return session.told(kind, outcome)
        session.until_given()
        if change.next is step:
            return _standing(session, change) or FINDING
    return _standing(session, change)


def _amounts(session: Session, steps: list[Step]) -> dict[Step, int]:
    named = {Step.LOAD: "amount", Step.PRIME: "prime", Step.FILL: "fill"}
    return {
        step: frame.quantity(_given(session, name), f"--{name}")
        for step, name in named.items()
        if step in steps
    }


def _given(session: Session, name: str) -> str:
    value = getattr(session.chosen, name)
    if value is None:
        raise InputError(f"--{name}: missing; --all needs --amount, --prime, --site and --fill")
    return str(value)


def _done(
    session: Session, change: SetChange, step: Step, amount: int, site: int
) -> tuple[Kind, Outcome]:
    if step is Step.DISCONNECT:
        return Kind.DISCONNECT, change.disconnect()
    if step is Step.LOAD:
        return Kind.LOAD_RESERVOIR, change.load(amount)
    if step is Step.PRIME:
        return Kind.PRIME, change.prime(amount)
    if step is Step.INSERT:
        return Kind.INSERT_SET, change.insert(site, str(session.chosen.site))
    if step is Step.CONNECT:
        return Kind.CONNECT, change.connect()
    return Kind.FILL_CANNULA, change.fill(amount)


# ---- what there is to know -----------------------------------------------------------------------


def _sites(session: Session) -> int:
    pump = session.pump
    now = pump.clock.now().wall
    log = sites.log_of(pump)
    best = sites.advice(log, now)
    lines = sites.body_map(log, now)
    lines.append("Days since each spot was used; -- rested or never used.")
    lines.append(f"Next: {best[0]}" if best else "No site is rested.")
    document = {
        "log": [
            {
                "site": str(use.site),
                "code": use.site.code,
                "wall": use.wall,
                "set": use.infusion_set,
            }
            for use in log
        ],
        "advice": [str(site) for site in best],
    }
    session.say("\n".join(lines), document)
    return GOOD


def _sets(chosen: argparse.Namespace) -> int:
    found = infusion_set.catalogue()
    lines = [
        f"{name:<{max(map(len, found))}}  {one.maker} {one.name}" for name, one in found.items()
    ]
    document = [one.model_dump(mode="json") for one in found.values()]
    frame.say(chosen.json, "\n".join(lines), document)
    return GOOD


VERBS = {
    "disconnect": Verb(
        frame.nothing, _disconnect, about="The set stays; nothing is delivered.", stops=True
    ),
    "connect": Verb(frame.nothing, _connect),
    "load": Verb(_amount_arguments, _load),
    "prime": Verb(_delivered_arguments, _prime),
    "insert": Verb(_insert_arguments, _insert),
    "fill": Verb(_delivered_arguments, _fill),
    "change-set": Verb(_change_arguments, _change, about="Without options: how far it has come."),
    "sites": Verb(frame.nothing, _sites),
    "sets": Verb(frame.nothing, alone=_sets),
}
