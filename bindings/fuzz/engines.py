"""The engines: each starts its jobs over the one target, says how far it is, and what it found."""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from .building import ToolMissingError, target
from .corpus import DICTIONARY, LONGEST_LIFE, write_seeds

WORD = 8  # bytes of the counter of steps
GRACE = 20.0  # seconds that an engine may take to end after its time
AFL_SEEDS = 40


@dataclass
class Progress:
    """How far a campaign is."""

    runs: int = 0
    steps: int = 0
    coverage: int = 0
    newest: float = 0.0  # when the last new path was found, in seconds since the start
    measure: str = "edges"


@dataclass
class Job:
    """One process of an engine."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    counter: Path
    log: Path
    progress: Progress = field(default_factory=Progress)

    @property
    def steps(self) -> int:
        """How many steps it has made."""
        return int.from_bytes(self.counter.read_bytes()[:WORD], "little")


class Engine(ABC):
    """One campaign: `start` it, `look` now and then, `stop` it."""

    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, kernel: Path | None, folder: Path, seconds: float, seed: int) -> None:
        self.kernel, self.folder, self.seconds, self.seed = kernel, folder, seconds, seed
        self.jobs: list[Job] = []
        self.began = time.monotonic()

    @abstractmethod
    def prepare(self) -> None:
        """Build what is needed; raises `ToolMissingError`."""

    @abstractmethod
    def command(self, number: int, folder: Path) -> list[str]:
        """The words that start one job."""

    @abstractmethod
    def read(self, job: Job) -> None:
        """Bring a job's progress up to date."""

    def found(self, job: Job) -> list[Path]:
        """Files with bytes that showed something."""
        return sorted(job.folder.glob("finding-*"))

    def environment(self) -> dict[str, str]:
        """What a job needs of its environment."""
        return {}

    def start(self, jobs: int) -> None:
        """Start all jobs; the clock begins."""
        self.prepare()
        self.began = time.monotonic()
        for number in range(jobs):
            folder = self.folder / f"job-{number}"
            folder.mkdir(parents=True, exist_ok=True)
            counter, log = folder / "steps", folder / "log"
            counter.write_bytes(bytes(WORD))
            given = {
                **os.environ,
                **self.environment(),
                "DOSEKERNEL_FUZZ_COUNTER": str(counter),
            }
            with log.open("wb") as output:
                process = subprocess.Popen(
                    self.command(number, folder),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                    env=given,
                    start_new_session=True,
                )
            self.jobs.append(Job(process, folder, counter, log))

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    @property
    def running(self) -> bool:
        """Some job is still at work."""
        return any(job.process.poll() is None for job in self.jobs)

    def look(self) -> Progress:
        """The progress of all jobs together."""
        for job in self.jobs:
            before = job.progress.coverage
            self.read(job)
            job.progress.steps = max(job.steps, job.progress.steps)
            if job.progress.coverage > before:
                job.progress.newest = self.elapsed
        each = [job.progress for job in self.jobs]
        return Progress(
            sum(one.runs for one in each),
            sum(one.steps for one in each),
            max((one.coverage for one in each), default=0),
            max((one.newest for one in each), default=0.0),
            each[0].measure if each else "edges",
        )

    def findings(self) -> list[Path]:
        """What all jobs found."""
        return [path for job in self.jobs for path in self.found(job)]

    def failure(self) -> str:
        """What a job said that ended badly without a finding; empty if none did."""
        for job in self.jobs:
            if job.process.poll() not in (None, 0, -signal.SIGTERM) and not self.found(job):
                said = job.log.read_text(encoding="utf-8", errors="replace").splitlines()
                return "\n".join([line for line in said if line.strip()][-6:])
        return ""

    def stop(self) -> None:
        """End every job."""
        for job in self.jobs:
            if job.process.poll() is None:
                os.killpg(job.process.pid, signal.SIGTERM)
        for job in self.jobs:
            try:
                job.process.wait(GRACE)
            except subprocess.TimeoutExpired:
                os.killpg(job.process.pid, signal.SIGKILL)
                job.process.wait()


class LibFuzzer(Engine):
    """libFuzzer: in one process, coverage of every edge; all jobs share what they learn."""

    name = "libfuzzer"
    title = "libFuzzer (clang)"
    recipe: ClassVar[str] = "libfuzzer"

    def prepare(self) -> None:
        """Build the target, lay out the seeds."""
        self.binary = target(self.recipe, self.kernel)
        self.corpus = self.folder / "corpus"
        write_seeds(self.corpus)

    def command(self, number: int, folder: Path) -> list[str]:
        """One process of libFuzzer."""
        return [
            str(self.binary),
            f"-max_len={LONGEST_LIFE}",
            f"-max_total_time={max(int(self.seconds), 1)}",
            f"-seed={self.seed + number + 1}",
            f"-artifact_prefix={folder}/finding-",
            f"-dict={DICTIONARY}",
            "-reload=1",
            "-len_control=0",
            "-print_final_stats=1",
            str(self.corpus),
        ]

    def read(self, job: Job) -> None:
        """libFuzzer's own lines: `#12345 NEW cov: 678 ft: 901 ...`."""
        said = job.log.read_text(encoding="utf-8", errors="replace")
        lines = re.findall(r"^#(\d+)\s.*?cov: (\d+) ft: (\d+)", said, re.MULTILINE)
        if lines:
            job.progress.runs = int(lines[-1][0])
            job.progress.coverage = int(lines[-1][1])
        done = re.search(r"^Done (\d+) runs", said, re.MULTILINE)
        if done:
            job.progress.runs = int(done.group(1))


class Sanitized(LibFuzzer):
    """libFuzzer with the sanitizers: address, undefined, integer."""

    name = "libfuzzer-sanitized"
    title = "libFuzzer with address, undefined and integer sanitizers"
    recipe = "libfuzzer-sanitized"


class Afl(Engine):
    """AFL++ in its persistent mode, inputs in shared memory."""

    name = "afl"
    title = "AFL++, persistent mode"

    def prepare(self) -> None:
        """Build the target, lay out a part of the seeds."""
        if shutil.which("afl-fuzz") is None:
            raise ToolMissingError("afl-fuzz is missing (Debian: apt-get install afl++)")
        self.binary = target("afl", self.kernel)
        self.corpus = self.folder / "seeds"
        write_seeds(self.corpus, AFL_SEEDS)

    def environment(self) -> dict[str, str]:
        """No screens, no questions about the machine."""
        switches = (
            "AFL_NO_UI",
            "AFL_SKIP_CPUFREQ",
            "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES",
            "AFL_NO_AFFINITY",
            "AFL_NO_COLOR",
            "AFL_FAST_CAL",
            "AFL_BENCH_UNTIL_CRASH",
            "AFL_DISABLE_TRIM",
        )
        return {**dict.fromkeys(switches, "1"), "AFL_FUZZER_STATS_UPDATE_INTERVAL": "1"}

    def command(self, number: int, folder: Path) -> list[str]:
        """One instance; the first is the main one."""
        role = ["-M", "main"] if number == 0 else ["-S", f"other{number}"]
        return [
            "afl-fuzz",
            *role,
            *("-i", str(self.corpus)),
            *("-o", str(self.folder / "afl")),
            *("-V", str(max(int(self.seconds), 1))),
            *("-s", str(self.seed + number + 1)),
            *("-t", "5000"),
            *("-G", str(LONGEST_LIFE)),
            *("-x", str(DICTIONARY)),
            "--",
            str(self.binary),
        ]

    def place(self, job: Job) -> Path:
        """Where this instance keeps its things."""
        number = self.jobs.index(job)
        return self.folder / "afl" / ("main" if number == 0 else f"other{number}")

    def found(self, job: Job) -> list[Path]:
        """Its crashes."""
        return sorted((self.place(job) / "crashes").glob("id:*"))

    def read(self, job: Job) -> None:
        """`fuzzer_stats`: a name and a value a line."""
        stats = self.place(job) / "fuzzer_stats"
        if not stats.exists():
            return
        said = dict(re.findall(r"^(\w+)\s*: (.*)$", stats.read_text("utf-8"), re.MULTILINE))
        job.progress.runs = int(said.get("execs_done", 0))
        job.progress.coverage = int(said.get("edges_found", 0))


class Worker(Engine):
    """An engine in Python, in a process of its own: `dosekernel.fuzz.worker`."""

    recipe: ClassVar[str] = "library"
    package: ClassVar[str]
    extra: ClassVar[str]

    def prepare(self) -> None:
        """Build the library."""
        if importlib.util.find_spec(self.package) is None:
            raise ToolMissingError(
                f"the package {self.package} is missing; "
                f'install it with: pip install "dosekernel[{self.extra}]"'
            )
        self.binary = target(self.recipe, self.kernel)

    def command(self, number: int, folder: Path) -> list[str]:
        """One worker."""
        return [
            *(sys.executable, "-m", "dosekernel.fuzz.worker", self.name),
            *("--library", str(self.binary)),
            *("--seconds", str(self.seconds)),
            *("--seed", str(self.seed + number + 1)),
            *("--folder", str(folder)),
        ]

    def read(self, job: Job) -> None:
        """The worker's own file, replaced as a whole."""
        status = job.folder / "status.json"
        if status.exists():
            said = json.loads(status.read_text(encoding="utf-8"))
            job.progress.runs, job.progress.steps = said["runs"], said["steps"]
            job.progress.coverage = said["coverage"]
            job.progress.measure = said["measure"]


class Atheris(Worker):
    """atheris: libFuzzer inside Python, coverage of the kernel, the model and the properties."""

    name = "atheris"
    title = "atheris, with the exact model and the properties"
    recipe = "atheris"
    package = "atheris"
    extra = "fuzz"

    def environment(self) -> dict[str, str]:
        """The kernel's counters of edges look for libFuzzer where every library can see it."""
        found = importlib.util.find_spec(self.package)
        if found is None or found.origin is None:
            return {}
        return {"LD_PRELOAD": str(Path(found.origin).parent.parent / "ubsan_with_fuzzer.so")}


class Hypothesis(Worker):
    """Hypothesis: lives by rules, with the exact model and the properties, made small at once."""

    name = "hypothesis"
    title = "Hypothesis, with the exact model and the properties"
    package = "hypothesis"
    extra = "test"


class Outsider(Worker):
    """Days told from hazards and therapy, not from the kernel's code: `strategies.outsider`."""

    name = "outsider"
    title = "long ordinary days with rare coincidences, with the exact model and the properties"
    package = "hypothesis"
    extra = "test"


ENGINES: dict[str, type[Engine]] = {
    engine.name: engine for engine in (LibFuzzer, Sanitized, Afl, Atheris, Hypothesis, Outsider)
}
