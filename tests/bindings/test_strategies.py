"""The strategies that users import give what they say, and the machine catches a faulty shell."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test

from dosekernel import Event, Kernel, Limits, Outcome, StateError, strategies
from dosekernel.kernel import records as k

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(strategies.limits(), strategies.events())
def test_a_fresh_pump_delivers_nothing(limits: Limits, event: Event) -> None:
    outcome = Kernel(limits).step(event)
    assert (outcome.amount, outcome.status != k.CORRUPT) == (0, True)


@QUICK
@given(strategies.states(sound=True), strategies.events())
def test_sound_states_are_taken(state: bytes, event: Event) -> None:
    kernel = Kernel.from_state(None, state)
    assert kernel.step(event).status != k.CORRUPT


@QUICK
@given(strategies.states(sound=False))
def test_unsound_states_are_not(state: bytes) -> None:
    with pytest.raises(StateError):
        Kernel.from_state(None, state)


@QUICK
@given(strategies.states())
def test_any_bytes_are_taken_or_refused_with_an_error(state: bytes) -> None:
    try:
        assert Kernel.from_state(None, state).state == state
    except StateError as error:
        assert str(error).startswith("state: ")


class ForgetfulShell(strategies.KernelMachine):
    """A shell that goes back to an older state at a confirmation, as a bad restart would."""

    def decide(self, event: Event) -> Outcome:
        before = self.kernel.state
        outcome = self.kernel.step(event)
        if event.kind == k.CONFIRM:
            self.kernel = Kernel.from_state(None, before)
        return outcome


def test_the_machine_catches_a_shell_that_forgets() -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            ForgetfulShell,
            settings=settings(QUICK, max_examples=100, phases=(Phase.generate,), database=None),
        )
