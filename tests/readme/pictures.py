"""Pictures of the README that a run makes: `python -m tests.readme.pictures docs`.

A limit broken on purpose, as the report draws it, and the virtual patient's first day.
"""

import io
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

from dosekernel.proofs.flows import Facts
from dosekernel.proofs.plain import deep
from dosekernel.proofs.solvers import ask
from dosekernel.proofs.source import read_program
from dosekernel.proofs.units import TOTALITY, run_job
from dosekernel.proofs.work import Finding, Job, Settings
from dosekernel.report.picture import picture
from tests.proofs.kernels import twice_the_largest_bolus

FUNCTION = "bolus_reason"
SECONDS = 20.0
REFUTED, DAY = "refuted.svg", "day.png"
DAY_SIZE, COLOURS = (1170, 990), 64
STYLE = """<style>
svg { font: 14px system-ui, sans-serif; background: #fff }
.box { fill: #f4f6f8; stroke: #b6c0ca } .box.wrong { fill: #fdecea; stroke: #b3261e }
.word, .value { font-weight: 600; fill: #1c2733 } .name { text-anchor: end; fill: #1c2733 }
.small { font-size: 12px; fill: #52606d } .end { text-anchor: end }
.wrong { fill: #b3261e } .arrow { fill: none; stroke: #52606d; stroke-width: 1.5 }
.track { fill: #e8ecf0 } .good { fill: #5b8db8 } .over { fill: #b3261e }
.slot { stroke: #fff } .cap { stroke: #1c2733; stroke-width: 2 }
</style>"""


def finding(kernel: Path) -> Finding:
    """The first promise of the broken function that does not hold, with its call made small."""
    settings = Settings(Facts(read_program(kernel)), (), {}, ("z3",), SECONDS, ask, kernel)
    with deep():
        (result,) = run_job(settings, Job("function", FUNCTION, (TOTALITY,)))
    return result.findings[0]


def refuted(found: Finding) -> str:
    """Its call as a picture that stands alone."""
    assert found.call is not None
    drawn = str(picture(found.call))
    end = drawn.index(">") + 1
    start = drawn[:end].replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    return f"{start}\n{STYLE}\n{drawn[end:]}\n"


def small(picture_file: Path) -> bytes:
    """A picture of a day, in fewer pixels and colours."""
    with Image.open(picture_file) as day:
        shrunk = day.convert("RGB").resize(DAY_SIZE, Image.Resampling.LANCZOS).quantize(COLOURS)
    held = io.BytesIO()
    shrunk.save(held, "PNG", optimize=True)
    return held.getvalue()


def main(folder: Path) -> None:
    """Write both."""
    scratch = folder / "scratch"
    scratch.mkdir()
    try:
        found = finding(twice_the_largest_bolus(scratch / "broken"))
        (folder / REFUTED).write_text(refuted(found), encoding="utf-8")
        plot = scratch / "day.png"
        words = [sys.executable, "-m", "dosekernel", "simulate", "--quiet", "--plot", str(plot)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        (folder / DAY).write_bytes(small(plot))
    finally:
        shutil.rmtree(scratch)
    print(f"{folder}: {REFUTED}, {DAY}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
