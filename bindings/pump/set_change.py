"""The change of reservoir and infusion set, walked step by step.

What has been done is read from the kernel's state, and what is being changed from the journal, so
that the procedure goes on where it was after any interruption. Each step is asked of the kernel,
which alone knows whether it may come now.
"""

from enum import StrEnum
from typing import Any

from dosekernel.spec.reasons import Kind, Status

from .. import Outcome
from ..errors import InputError
from . import words
from .shell import Pump
from .therapy.infusion_set import worn
from .therapy.sites import log_site

SETTING = "set_change"


class Step(StrEnum):
    """A step, in the only order that the kernel takes."""

    DISCONNECT = "disconnect"
    LOAD = "load"
    PRIME = "prime"
    INSERT = "insert"
    CONNECT = "connect"
    FILL = "fill"


class SetChange:
    """How far a change has come, what is next, and how to do it."""

    def __init__(self, pump: Pump) -> None:
        """Nothing is begun by looking."""
        self.pump = pump

    # ---- where it stands -----------------------------------------------------------------------

    def begin(self, *, reservoir: bool = True, infusion_set: bool = True) -> None:
        """Begin a change of the reservoir, the set or both; an earlier one is forgotten."""
        if not reservoir and not infusion_set:
            raise InputError("a set change: allowed: the reservoir, the set, or both")
        state = self.pump.state
        # What was put in before must not look as if it had been put in now.
        while self.pump.now() <= max(state.reservoir_at, state.set_at):
            self.pump.clock.sleep(1)
        self.pump.set(
            SETTING,
            {"began": self.pump.now(), "reservoir": reservoir, "infusion_set": infusion_set},
        )

    def abandon(self) -> None:
        """Forget the change; what was done stays done."""
        self.pump.set(SETTING, None)

    @property
    def under_way(self) -> bool:
        """True from `begin` on until nothing is left to be done."""
        return self._about() is not None and self.next is not None

    @property
    def begun(self) -> bool:
        """True if a change was begun and not abandoned, complete or not."""
        return self._about() is not None

    @property
    def steps(self) -> list[Step]:
        """The steps of this change; of one of both, while none was begun."""
        about = self._about()
        if about is None:
            return self.steps_of(reservoir=True, infusion_set=True)
        return self.steps_of(reservoir=about["reservoir"], infusion_set=about["infusion_set"])

    def steps_of(self, *, reservoir: bool, infusion_set: bool) -> list[Step]:
        """The steps of such a change, with those left out that this drug's set does not need."""
        limits = self.pump.limits
        wanted = {
            Step.DISCONNECT: True,
            Step.LOAD: reservoir,
            Step.PRIME: limits.prime_max > 0,
            Step.INSERT: infusion_set,
            Step.CONNECT: True,
            Step.FILL: infusion_set and limits.cannula_fill > 0,
        }
        return [step for step in Step if wanted[step]]

    @property
    def next(self) -> Step | None:
        """The first step that is not done; None when the change is complete."""
        return next((step for step in self.steps if not self.done(step)), None)

    def done(self, step: Step) -> bool:
        """True if the kernel's state says that this step of this change is behind."""
        about = self._about()
        if about is None:
            return False
        state = self.pump.state
        loaded = not about["reservoir"] or (
            state.loaded == 1 and state.reservoir_at >= about["began"]
        )
        inserted = state.inserted == 1 and state.set_at >= about["began"]
        # A set's insertion uses up the prime that was made for it.
        fresh = state.prime_fresh == 1 or inserted if about["infusion_set"] else state.primed == 1
        still = state.prime_owed == 0 and state.outstanding == 0
        primed = loaded and (self.pump.limits.prime_max == 0 or (fresh and still))
        handled = primed and (inserted or not about["infusion_set"])
        connected = handled and state.connected == 1
        return {
            Step.DISCONNECT: state.connected == 0 or handled,
            Step.LOAD: loaded,
            Step.PRIME: primed,
            Step.INSERT: handled,
            Step.CONNECT: connected,
            Step.FILL: connected and state.filled == 1,
        }[step]

    def instruction(self, step: Step) -> str:
        """What the person does at a step, in plain words."""
        limits = self.pump.limits
        state = self.pump.state
        prime_left = words.amount(self.pump, limits.prime_max - state.prime_used)
        fill_left = words.amount(self.pump, limits.cannula_fill - state.fill_used)
        return {
            Step.DISCONNECT: "Part the tubing from the cannula. The pump delivers nothing "
            "until it is connected again.",
            Step.LOAD: "Put in the new reservoir and say how much it holds: at most "
            f"{words.amount(self.pump, limits.reservoir_capacity)}.",
            Step.PRIME: "Hold the tubing with its end up, off the body, and prime until drops "
            f"come: at most {prime_left}{' more' if state.prime_used else ''}.",
            Step.INSERT: "Clean the skin at a rested site, insert the set, press the patch "
            "down, and say where it is.",
            Step.CONNECT: "Join the tubing and the cannula until it clicks.",
            Step.FILL: f"Fill the empty cannula in the body: at most {fill_left}; "
            "none for a steel needle.",
        }[step]

    # ---- doing it ----------------------------------------------------------------------------

    def disconnect(self) -> Outcome:
        """The tubing is off the body."""
        return self.pump.ask(Kind.DISCONNECT)

    def load(self, amount: int) -> Outcome:
        """A reservoir that holds `amount` micro-units is in."""
        return self.pump.ask(Kind.LOAD_RESERVOIR, amount=amount)

    def prime(self, amount: int) -> Outcome:
        """Fill the tubing, into the air; it is primed once this has been delivered."""
        return self.pump.ask(Kind.PRIME, amount=amount)

    def insert(self, site: int, where: str = "") -> Outcome:
        """A new set is in at a site, a number of the person's own; kept in the site log."""
        outcome = self.pump.ask(Kind.INSERT_SET, code=site)
        if outcome.status is Status.ACCEPTED:
            found = worn(self.pump)
            log_site(self.pump, site, where, "" if found is None else found.id)
        return outcome

    def connect(self) -> Outcome:
        """Tubing and cannula are joined."""
        return self.pump.ask(Kind.CONNECT)

    def fill(self, amount: int) -> Outcome:
        """Fill the cannula, in the body."""
        return self.pump.ask(Kind.FILL_CANNULA, amount=amount)

    def _about(self) -> dict[str, Any] | None:
        found = self.pump.settings.get(SETTING)
        return found if isinstance(found, dict) else None
