"""Work in a process of its own, which native code may stop and a time limit may end."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess


@contextmanager
def apart(
    work: Callable[..., None], *arguments: object
) -> Iterator[tuple[Connection, ForkProcess]]:
    """What the work says, and its process; the work is given the other end of it, last.

    Reading ends with `EOFError` where the process was stopped. On leaving it is over.
    """
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(*arguments, there))
    process.start()
    there.close()
    try:
        yield here, process
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        here.close()
