"""A call in the C file that the source compiles to: built once, every function callable."""

import ctypes
import faulthandler
import multiprocessing
import os
import shutil
import subprocess
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from dosekernel.spec.tree import Program

from .origin import c_file
from .replay import Numbers, Replay

SAME, DIFFERS = "the same", "differs"
LIBRARY = "replay.so"
# The functions inside the file are visible here, and sums wrap: what an overflow does is seen.
FLAGS = ("-shared", "-fPIC", "-O1", "-fwrapv", "-DDOSEKERNEL_INTERNAL=")
# Seconds that one call may take.
PATIENCE = 20.0


@dataclass(frozen=True)
class Called:
    """What a call left: the words of its arguments and what it returned, or why there is none."""

    after: Numbers = ()
    result: int | None = None
    reason: str = ""


def call(kernel: Path, program: Program, name: str, words: Numbers) -> Called:
    """Call a function of the compiled kernel, in a process of its own that may die of it."""
    library, reason = built(kernel)
    if reason:
        return Called(reason=f"not compiled: {reason}")
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_call, args=(library, program, name, words, there))
    process.start()
    there.close()
    try:
        if here.poll(PATIENCE):
            said = here.recv()
            return said if isinstance(said, Called) else Called(reason="it said nothing")
        return Called(reason="it does not end")
    except EOFError:
        process.join()
        return Called(reason=f"it crashes (code {process.exitcode})")
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        here.close()


def compared(kernel: Path, program: Program, replay: Replay) -> str:
    """How the compiled kernel leaves a call, beside how terms left it: SAME, DIFFERS or why not."""
    ran = call(kernel, program, replay.function, replay.before)
    if ran.reason:
        return ran.reason
    left = tuple(tuple(int(word) for word in each) for each in replay.after)
    result = None if replay.result is None else int(replay.result)
    return SAME if (ran.after, ran.result) == (left, result) else DIFFERS


def built(kernel: Path) -> tuple[Path, str]:
    """The library, and otherwise why there is none."""
    path, _, reason = c_file(kernel)
    if reason:
        return path, reason
    library = path.parent / LIBRARY
    if library.is_file() and library.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        return library, ""
    compiler = os.environ.get("CC", "cc")
    if shutil.which(compiler) is None:
        return library, f"there is no C compiler {compiler}"
    fresh = library.with_suffix(f".{os.getpid()}")
    command = [compiler, *FLAGS, f"-I{path.parent}", "-o", str(fresh), str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return library, run.stderr.strip().partition("\n")[0]
    os.replace(fresh, library)
    return library, ""


def _call(library: Path, program: Program, name: str, words: Numbers, channel: Connection) -> None:
    from dosekernel.compile import symbols

    faulthandler.disable()  # that it dies is an answer, not an accident
    symbol = symbols(program).get(name)
    if symbol is None:
        channel.send(Called(reason=f"{name} is no part of the C file"))
        return
    function = program.functions[name]
    entry = getattr(ctypes.CDLL(str(library)), symbol)
    entry.restype = None if function.returns == "None" else ctypes.c_int64
    given = []
    for parameter, each in zip(function.parameters, words, strict=True):
        numbers = [int(word) for word in each]
        record = parameter.type in program.records
        given.append(
            (ctypes.c_int64 * len(numbers))(*numbers) if record else ctypes.c_int64(numbers[0])
        )
    result = entry(*given)
    after = tuple(
        tuple(each) if isinstance(each, ctypes.Array) else (each.value,) for each in given
    )
    channel.send(Called(after, result))
    channel.close()
