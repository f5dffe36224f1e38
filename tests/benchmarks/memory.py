"""What it takes of memory: a Python process before and after it uses the kernel.

Read from the process itself, at its highest (`VmHWM`): what `getrusage` tells of a child holds the
size of its parent too.
"""

import subprocess
import sys
from pathlib import Path

KIB = 1024
STEP = "kernel = Kernel(Limits.load('insulin-u100'))\nkernel.tick(at=1)\n"
TOLD = (
    "lines = open('/proc/self/status').read().splitlines()\n"
    "print(next(line.split()[1] for line in lines if line.startswith('VmHWM')))\n"
)
PROGRAMS = {
    "a Python process, nothing imported": "",
    "a Python process that steps the kernel": f"from dosekernel import Kernel, Limits\n{STEP}",
    "that with step_many over numpy": (
        "from dosekernel import Kernel, Limits, step_many\nfrom dosekernel.batch import EVENT\n"
        f"import numpy\n{STEP}step_many(kernel, numpy.zeros(1000, EVENT))\n"
    ),
    "a process of dosekernel.checked": (
        f"from dosekernel import Limits\nfrom dosekernel.checked import Kernel\n{STEP}"
    ),
}


def processes() -> dict[str, int]:
    """The bytes of each process at its highest; nothing where the system does not tell."""
    if not Path("/proc/self/status").exists():
        return {}
    return {name: highest(program) for name, program in PROGRAMS.items()}


def highest(program: str) -> int:
    """The bytes that a program holds at its highest."""
    done = subprocess.run(
        [sys.executable, "-c", program + TOLD], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"benchmarks: memory: a program failed:\n{program}\n{done.stderr}")
    return int(done.stdout) * KIB
