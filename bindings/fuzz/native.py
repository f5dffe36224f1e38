"""The harness as a library: play bytes, learn what was found, and what happened step by step."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

INIT, ADOPT, STEP, DAMAGE = 1, 2, 3, 4
ANSWERS = 6
EVERYTHING = 4096  # more words than any thing that happens has
WATCHER = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.POINTER(ctypes.c_int64), ctypes.c_int64)


@dataclass(frozen=True)
class Verdict:
    """What one life came to: the oracle that was broken, if one was, and the numbers."""

    oracle: str
    sentence: str
    found: int
    allowed: int
    line: int
    asked: int
    steps: int

    @property
    def good(self) -> bool:
        """Nothing was found."""
        return self.oracle == "nothing"


@dataclass(frozen=True)
class Told:
    """One thing that happened: a tag, and the words that belong to it."""

    tag: int
    words: tuple[int, ...]


class Harness:
    """The compiled target, loaded."""

    def __init__(self, path: Path) -> None:
        self.library = ctypes.CDLL(str(path))
        self.library.dosekernel_fuzz_play.restype = ctypes.c_int64
        self.library.dosekernel_fuzz_play.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_int64),
        ]
        for name in ("dosekernel_fuzz_name", "dosekernel_fuzz_sentence"):
            function = getattr(self.library, name)
            function.restype, function.argtypes = ctypes.c_char_p, [ctypes.c_int64]

    def play(self, data: bytes) -> Verdict:
        """One life, checked by the oracles in C."""
        return self._play(data, None)

    def watch(self, data: bytes, told: Callable[[Told], None], most: int = EVERYTHING) -> Verdict:
        """One life; `told` hears of everything that happens, of each at most so many words."""

        def heard(tag: int, words: "ctypes._Pointer[ctypes.c_int64]", count: int) -> None:
            told(Told(tag, tuple(words[: min(count, most)])))

        return self._play(data, WATCHER(heard))

    def _play(self, data: bytes, watcher: "ctypes._FuncPointer | None") -> Verdict:
        said = (ctypes.c_int64 * ANSWERS)()
        pointer = None if watcher is None else ctypes.cast(watcher, ctypes.c_void_p)
        oracle = self.library.dosekernel_fuzz_play(data, len(data), pointer, said)
        name = self.library.dosekernel_fuzz_name(oracle).decode()
        sentence = self.library.dosekernel_fuzz_sentence(oracle).decode()
        return Verdict(name, sentence, *said[1:])
