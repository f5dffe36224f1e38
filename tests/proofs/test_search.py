"""A broken limit is shown by a call that a person knows: a preset's limits, a plain time."""

import shutil
from pathlib import Path

from dosekernel.proofs.flows import Facts
from dosekernel.proofs.runner import kernel_home, read_program
from dosekernel.proofs.search import broken_function
from dosekernel.proofs.solvers import ask

GUARD = "if event.amount > source_cap(state, event.source):"
BROKEN = "if event.amount > 2 * source_cap(state, event.source):"


def test_twice_the_bolus_cap_is_found_and_goes_wrong_on_ints(tmp_path: Path) -> None:
    copy = tmp_path / "kernel"
    shutil.copytree(kernel_home(), copy)
    source = (copy / "bolus.py").read_text()
    assert GUARD in source
    (copy / "bolus.py").write_text(source.replace(GUARD, BROKEN))
    replay = broken_function(Facts(read_program(copy)), "bolus_reason", (), "z3", ask)
    assert replay is not None
    assert [broken.kind for broken in replay.broken] == ["ensures"]


def test_nothing_is_found_in_the_kernel_as_it_is() -> None:
    facts = Facts(read_program(None))
    assert broken_function(facts, "bolus_reason", (), "z3", ask) is None
