"""A broken limit is shown by a call that a person knows: a preset's limits, a plain time."""

from pathlib import Path

from dosekernel.proofs.flows import Facts
from dosekernel.proofs.runner import read_program
from dosekernel.proofs.search import broken_function
from dosekernel.proofs.solvers import ask

from .kernels import twice_the_largest_bolus


def test_twice_the_bolus_cap_is_found_and_goes_wrong_on_ints(tmp_path: Path) -> None:
    copy = twice_the_largest_bolus(tmp_path / "kernel")
    replay = broken_function(Facts(read_program(copy)), "bolus_reason", (), "z3", ask)
    assert replay is not None
    assert [broken.kind for broken in replay.broken] == ["ensures"]


def test_nothing_is_found_in_the_kernel_as_it_is() -> None:
    facts = Facts(read_program(None))
    assert broken_function(facts, "bolus_reason", (), "z3", ask) is None
