"""The page's example: the machine finds the bug that is planted in its shell, and only there."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

BLOCK = re.compile(r"^```python (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LIVES = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def machine(root: Path, *names: str) -> Any:
    """The machine of the page, after these snippets."""
    page = (root / "docs" / "fuzzing.md").read_text(encoding="utf-8")
    snippets = dict(BLOCK.findall(page))
    assert list(snippets) == ["shell", "machine", "mended"]
    names_known: dict[str, Any] = {"__name__": "page"}
    for name in names:
        exec(snippets[name], names_known)
    return names_known["PumpLife"]


def test_the_planted_bug_is_found(root: Path) -> None:
    with pytest.raises(AssertionError, match="the model allows"):
        run_state_machine_as_test(machine(root, "shell", "machine"), settings=LIVES)


def test_the_mended_shell_passes(root: Path) -> None:
    run_state_machine_as_test(machine(root, "shell", "mended", "machine"), settings=LIVES)
