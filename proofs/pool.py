"""Units at work: each in a fresh process, a few at a time, their results as they come."""

import gc
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from .covers import covers_of
from .trail import WatchedFacts
from .units import RECURSION, run_job
from .work import Job, Result, Settings

Progress = Callable[[str], None]


class Pool:
    """Runs units, at most `workers` at a time; the first of `work` is started first."""

    def __init__(self, settings: Settings, work: Sequence[Job], workers: int) -> None:
        self.settings, self.pending, self.workers = settings, list(reversed(work)), workers
        self.total, self.done = len(work), 0
        self.running: dict[Connection, tuple[Job, BaseProcess]] = {}

    def results(self, progress: Progress | None) -> Iterable[tuple[Job, Result | str]]:
        """The results as they come; a text where a unit broke."""
        try:
            while self.pending or self.running:
                while self.pending and len(self.running) < self.workers:
                    self.start(self.pending.pop())
                    self.tell(progress)
                for channel in wait(list(self.running)):
                    assert isinstance(channel, Connection)
                    try:
                        yield self.running[channel][0], channel.recv()
                    except EOFError:
                        yield from self.end(channel)
                        self.tell(progress)
        finally:
            for channel, (_, process) in self.running.items():
                process.kill()
                process.join()
                channel.close()

    def tell(self, progress: Progress | None) -> None:
        """How far it is, and what is at work."""
        if progress is not None:
            at_work = ", ".join(job.title for job, _ in self.running.values())
            progress(f"{self.done}/{self.total} {at_work}".rstrip())

    def end(self, channel: Connection) -> Iterable[tuple[Job, str]]:
        """A unit is done; a text if it ended otherwise than it should."""
        job, process = self.running.pop(channel)
        process.join()
        channel.close()
        self.done += 1
        if process.exitcode:
            yield job, f"its process ended with code {process.exitcode}"

    def start(self, job: Job) -> None:
        """Start one unit."""
        context = multiprocessing.get_context("fork")
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(self.settings, job, there))
        process.start()
        there.close()
        self.running[here] = (job, process)


def _work(settings: Settings, job: Job, channel: Connection) -> None:
    try:
        sys.setrecursionlimit(RECURSION)
        # A unit keeps all its terms until it ends: looking for garbage finds none.
        gc.disable()
        begin = time.monotonic()
        if isinstance(settings.facts, WatchedFacts):
            settings.facts.trail.begin()
        cover = job.kind == "cover"
        for result in covers_of(settings, job, begin) if cover else run_job(settings, job):
            channel.send(result)
    except Exception as error:  # a unit that breaks is reported, and nothing it owes is proved
        channel.send(f"{type(error).__name__}: {error}")
    channel.close()


def peak_memory() -> int:
    """Bytes of the largest process so far: this one, or one that it started."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # Linux counts in kilobytes, macOS in bytes.
    return max(own, others) * (1 if sys.platform == "darwin" else 1024)
