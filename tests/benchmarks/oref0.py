"""oref0 in node beside the kernel, where it is at hand: `run.py --oref0 node_modules/oref0`.

oref0 is the open reference of closed-loop dosing. What is timed, and in what it is no like for
like, stands at the head of `oref0.js`.
"""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
NANOSECONDS = 1e9
CAPS, DECISION = "oref0 in node, caps of a rate alone", "oref0 in node, one decision"
# What each is called in oref0.js, and how many calls are timed at once.
CALLS = {CAPS: ("caps", 200_000), DECISION: ("decision", 2_000)}


def is_package(folder: Path) -> bool:
    """True if oref0 lies in a folder."""
    return (folder / "lib" / "basal-set-temp.js").is_file()


class Oref0:
    """One node process that times calls when it is asked to."""

    def __init__(self, package: Path, share: float) -> None:
        """`share` of the usual number of calls at a time."""
        node = shutil.which("node")
        if node is None:
            raise SystemExit("benchmarks: missing: node (Debian: apt-get install nodejs)")
        if not is_package(package):
            raise SystemExit(
                f"benchmarks: --oref0 {package}: no oref0 there; allowed: node_modules/oref0, "
                "made by npm install --ignore-scripts oref0@0.7.1"
            )
        self.share = share
        self.process = subprocess.Popen(
            [node, str(HERE / "oref0.js"), str(package)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, name: str) -> float:
        """The time of one call."""
        word, count = CALLS[name]
        assert self.process.stdin is not None and self.process.stdout is not None
        print(word, max(int(count * self.share), 1), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"benchmarks: oref0.js ended: exit code {self.process.wait()}")
        return float(line) / NANOSECONDS

    def close(self) -> None:
        """End the process."""
        self.process.communicate()
