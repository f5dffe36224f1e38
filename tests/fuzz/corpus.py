"""Makes the seeds of `dosekernel fuzz` from what campaigns kept: the fewest that reach as much.

python -m tests.fuzz.corpus FOLDER...    # folders that `dosekernel fuzz --keep` filled
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dosekernel.fuzz import building, corpus

LONGEST = 192  # bytes of a seed
LARGEST = 150_000  # characters of the file


def merged(folders: Sequence[Path]) -> list[bytes]:
    """libFuzzer's choice among all that the folders and the present seeds hold."""
    with tempfile.TemporaryDirectory() as place:
        old, kept = Path(place) / "old", Path(place) / "kept"
        corpus.write_seeds(old)
        kept.mkdir()
        words = [str(building.target("libfuzzer")), "-merge=1", f"-max_len={LONGEST}"]
        subprocess.run([*words, str(kept), str(old), *map(str, folders)], check=True)
        return [path.read_bytes() for path in kept.iterdir()]


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
