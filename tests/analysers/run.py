"""Independent analysers on the C file: `make analyse`, or `python tests/analysers/run.py`.

Each row of the table is an analyser that knows nothing of this project's own prover. A row is
passed only if the analyser ran to its end and said nothing, or only what `expected.toml` has a
reason for. Logs are in build/analysers. `--self-test` puts errors into a copy of the file, which
must be found.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import dosekernel
from tests.analysers import compilers, frama_c, seeded
from tests.analysers.results import LOGS, Result, Verdict, table

PARTS: dict[str, Callable[[Path], list[Result]]] = {
    "compilers": compilers.all_of_them,
    "eva": lambda include: [frama_c.eva(include)],
    "wp": lambda include: [frama_c.wp(include)],
    "self-test": seeded.all_of_them,
}
DEFAULT = ("compilers", "eva", "wp")
GOOD, BAD, NOTHING_RUN = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """0: all that ran has passed; 1: a failure; 2: nothing could be run."""
    parser = argparse.ArgumentParser(prog="analyse", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=sorted(PARTS), help="this part alone; may be repeated"
    )
    parser.add_argument(
        "--self-test", action="store_true", help="the errors put in on purpose, as well"
    )
    chosen = parser.parse_args(arguments)
    parts = list(chosen.only or DEFAULT) + ["self-test"] * chosen.self_test
    include = Path(dosekernel.get_include())
    LOGS.mkdir(parents=True, exist_ok=True)
    results = [row for part in dict.fromkeys(parts) for row in PARTS[part](include)]
    told = table(results)
    (LOGS / "table.md").write_text(told + "\n", encoding="utf-8")
    print(told)
    verdicts = {row.verdict for row in results}
    if Verdict.FAILED in verdicts:
        return BAD
    return GOOD if Verdict.PASSED in verdicts else NOTHING_RUN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
