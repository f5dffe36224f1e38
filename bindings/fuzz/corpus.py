"""The seeds that every engine begins with: small lives that reach much of the kernel."""

import hashlib
from pathlib import Path

SEEDS = Path(__file__).parent / "corpus.txt"
DICTIONARY = Path(__file__).parent / "dictionary.txt"
LONGEST_LIFE = 512  # bytes of one input


def seeds() -> list[bytes]:
    """Every seed of the repository."""
    kept = SEEDS.read_text(encoding="ascii").splitlines()
    return [bytes.fromhex(line) for line in kept if line and not line.startswith("#")]


def write_seeds(folder: Path, most: int | None = None) -> int:
    """The seeds as files, named by their hash; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = seeds()[:most]
    for seed in chosen:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    return len(chosen)


def written(lives: list[bytes]) -> str:
    """Seeds as the text of the repository's file, the short ones first."""
    head = "# Seeds of dosekernel fuzz: a life a line, in hex. Made by tests/fuzz/corpus.py."
    ordered = sorted(set(lives), key=lambda life: (len(life), life))
    return "\n".join([head, *[life.hex() for life in ordered], ""])
