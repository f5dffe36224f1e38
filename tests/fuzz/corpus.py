"""Makes the seeds of `dosekernel fuzz` from what campaigns kept: the fewest that reach as much.

python -m tests.fuzz.corpus FOLDER...    # folders that `dosekernel fuzz --keep` filled
"""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dosekernel.fuzz import building, corpus

# Lives written by hand, always kept: preset, plan, start; then operations (`decoder.h`, `play.h`).
SCENARIOS = {
    "two falling readings foretell a low; it ends by a resume": (
        "000000 55 130932 1309cc 1f06 0503 00 0c03 1309c0 1f06"
    ),
    "a foretold low ends by recovery": "000000 55 130932 1309cc 1309c8 130944 1d",
    "a foretold low outlasts its longest time": "000000 55 130932 1309cc 1f14 130932 1309cc 1f06",
    "over-flow until the slots hold no more": (
        "001f00000000000d0000000000000000001b1b1a000004a86800001d1bdb0000000000000000000000db1bdb"
        "0000000000000040000040005001d0"
    ),
    "a bolus at what is allowable, again and again, until the day is full": (
        "000000 55 1e 1d 1e 1d 1e 1d 1e 1d 1e 1d 1e fd 1e fd 1e fd"
    ),
    "a set change while an extended bolus runs, over a gap": (
        "000000 55 0603000a 1d 1f0d 1203 0d0300 55 1f06 0603000a 1f4d 1403 1d"
    ),
    "uncertain twice is a fault": "000000 55 05030302 0106 0303 0106 0303 0106 0303 1403 0c03 1d",
    "three faults latch until a new set": (
        "000000 55 040301 1403 040302 1403 040303 1403 0c03 1203 55 0f0301 55 1d"
    ),
}
LONGEST = 192  # bytes of a seed
LARGEST = 250_000  # characters of the file


def merged(folders: Sequence[Path]) -> list[bytes]:
    """libFuzzer's choice among all that the folders and the present seeds hold."""
    with tempfile.TemporaryDirectory() as place:
        old, kept = Path(place) / "old", Path(place) / "kept"
        corpus.write_seeds(old)
        kept.mkdir()
        for life in scenarios():
            (old / hashlib.sha256(life).hexdigest()[:16]).write_bytes(life)
        words = [str(building.target("libfuzzer")), "-merge=1", f"-max_len={LONGEST}"]
        subprocess.run([*words, str(kept), str(old), *map(str, folders)], check=True)
        return [*scenarios(), *(path.read_bytes() for path in kept.iterdir())]


def scenarios() -> list[bytes]:
    """The lives written by hand."""
    return [bytes.fromhex(life) for life in SCENARIOS.values()]


def main(arguments: Sequence[str]) -> int:
    """Write the seeds anew."""
    written = corpus.written(merged([Path(each) for each in arguments]))
    if len(written) > LARGEST:
        print(f"{len(written)} characters; allowed: {LARGEST}", file=sys.stderr)
        return 1
    corpus.SEEDS.write_text(written, encoding="ascii")
    print(f"{len(corpus.seeds())} seeds, {len(written)} characters")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
