"""A counterexample as a pytest file: it fails as long as the fault is there."""

from pathlib import Path

from .solvers import file_name
from .summary import Record, every_finding


def write_tests(record: Record, directory: Path) -> None:
    """A file for each obligation that was refuted, in a folder that is made if there is none."""
    directory.mkdir(parents=True, exist_ok=True)
    for theorem, finding in every_finding(record):
        if finding["test"]:
            (directory / test_name(theorem, finding)).write_text(finding["test"], encoding="utf-8")


def test_name(theorem: Record, finding: Record) -> str:
    """The name of the file: the theorem, the function and the line."""
    line = finding["place"].rpartition(":")[2]
    title = f"{theorem['name']}-{finding['function']}-{line}"
    return f"test_{file_name(title).replace('-', '_').replace('.', '_')}.py"
