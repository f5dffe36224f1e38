"""Whole lives of a pump against the exact model: all event kinds, sources and presets.

`dosekernel.strategies.KernelMachine` makes the lives; here they are led once by the compiled
kernel, once by its Python source.
"""

from hypothesis import HealthCheck, settings

from dosekernel import Event, Interpreted, Limits, Outcome
from dosekernel.strategies import KernelMachine

LIVES = settings(
    max_examples=300,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class CompiledLife(KernelMachine):
    """The compiled kernel, as programs use it."""


class InterpretedLife(KernelMachine):
    """The kernel's own source, run by Python."""

    def start(self, limits: Limits, at: int) -> None:
        self.source = Interpreted(limits, at)

    def decide(self, event: Event) -> Outcome:
        return self.source.step(event)

    def change_limits(self, limits: Limits, at: int) -> int | None:
        return self.source._adopt(limits.words(), at)


TestCompiledLife = CompiledLife.TestCase
TestCompiledLife.settings = LIVES
TestInterpretedLife = InterpretedLife.TestCase
TestInterpretedLife.settings = settings(LIVES, max_examples=20)
