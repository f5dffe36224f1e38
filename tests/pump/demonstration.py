"""A morning with the pump, by its keys alone: from the box to lunch, with what goes wrong in one.

`python -m tests.pump.demonstration FILE` writes it down, each step with its keys and the screen
after it; a test lives the same morning and holds the kept file (docs/pump/demonstration.txt) to it.
"""

import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from dosekernel.pump.motor import Fault, SimulatedMotor
from dosekernel.pump.shell import Pump
from dosekernel.spec.quantity import time_to_kernel
from dosekernel.spec.reasons import Kind
from tests.pump.hands import Hands, drive
from tests.pump.lived_in import glucose_at, new_pump

KEPT = Path(__file__).resolve().parents[2] / "docs" / "pump" / "demonstration.txt"
READING_EVERY = 300_000
TITLE = """A morning with the reference pump
=================================

Every key of a morning with `dosekernel pump` on a simulated pump, and the screen after each step
(without its empty lines). Keys stand behind "press", text behind "type".
A test lives the same morning and compares (tests/pump/test_demonstration.py). To live your own:

    dosekernel pump --journal day.journal --speed 60 --sensor 1

Not a medical device.
"""


@dataclass(frozen=True)
class Step:
    """What somebody does and why: `press` keys, `type` text, `wait` a time, one a line."""

    told: str
    does: tuple[str, ...]


MORNING = (
    Step("A new pump. It is not ready and says what is missing.", ()),
    Step("First the day's basal programme: N makes one; a segment a line.", ("press p n",)),
    Step(
        "A night rate and a day rate. A rate above what the limits keep room for is refused.",
        (
            "type work day",
            "press enter",
            "type 00:00 0.8",
            "press enter",
            "type 06:00 1.1",
            "press enter",
            "type 10:00 4",
            "press enter",
        ),
    ),
    Step("Corrected, finished; its name is typed to confirm.", ("press ctrl+u enter",)),
    Step("Kept. It is followed once that, too, is confirmed by its name.", ("type work day",)),
    Step("", ("press enter p enter", "type work day", "press enter")),
    Step("C walks through a new reservoir and set: load ...", ("press c r", "type 180")),
    Step("... confirm; then prime, off the body.", ("press enter y", "type 11", "press enter")),
    Step("The motor fills the tubing; meanwhile nothing else is offered.", ("press y",)),
    Step("The site: the map shows what has rested.", ("wait 9m", "press ctrl+u")),
    Step("Inserted and connected; the cannula is filled.", ("type thigh left 2", "press enter y")),
    Step("", ("press n", "type 0.2", "press enter y", "wait 1m")),
    Step("Home: basal flows. The sensor sends a reading every five minutes.", ("press escape",)),
    Step(
        "Breakfast, 45 g: the calculator only fills in the amount.", ("wait 20m", "press b enter")
    ),
    Step("", ("type 45", "press enter enter")),
    Step("What would happen, against every cap.", ("press enter",)),
    Step("Y asks the kernel; the bolus flows at the pump's speed.", ("press y", "wait 2m")),
    Step(
        "A slip: 45 U instead of 4.5. Refused, with what would be accepted.", ("wait 3m", "press b")
    ),
    Step("", ("type 45", "press enter")),
    Step("The telephone rings. After a minute without a key nothing is left of it.", ("wait 1m",)),
    Step("Sport at half past nine: half the rate for two hours.", ("wait 110m", "press t")),
    Step("", ("type 50%", "press enter", "type 2h", "press enter y")),
    Step("Off for a shower; ten minutes later on again.", ("wait 50m", "press o y", "wait 10m")),
    Step("", ("press o y",)),
    Step("A correction of 1 U. The tubing kinks: an occlusion stops everything.", ("kink",)),
    Step("", ("press b", "type 1", "press enter y", "wait 2m")),
    Step("A says what it is, and what to do.", ("press a",)),
    Step("Mended, acknowledged, resumed; the rest of the bolus is gone.", ("press k f3",)),
    Step("Lunch: 3 U now, 2 U over two hours.", ("press escape", "wait 60m", "press d", "type 3")),
    Step("", ("press enter", "type 2", "press enter", "type 2h", "press enter")),
    Step("An hour later something feels wrong: F2 stops all, at once.", ("press y", "wait 1h")),
    Step("", ("press f2",)),
    Step("F3 resumes the basal rate, and only that.", ("wait 5m", "press f3", "wait 1m")),
    Step("All of it is in the history, and in the journal behind it.", ("press h",)),
)


@dataclass
class Sensor:
    """Goes along with the pump and reports a reading every five minutes."""

    since: int
    reported: int = field(default=0)

    def follow(self, pump: Pump, at: int) -> None:
        """Report what is due."""
        if pump.state.filled and at - self.reported >= READING_EVERY:
            self.reported = at
            pump.report(Kind.GLUCOSE, issued_at=at, glucose=glucose_at((at - self.since) // 60_000))


async def do(hands: Hands, pump: Pump, line: str) -> None:
    """One line of a step."""
    verb, _, rest = line.partition(" ")
    if verb == "press":
        await hands.press(*rest.split())
    elif verb == "type":
        await hands.type(rest)
    elif verb == "wait":
        await hands.wait(time_to_kernel(rest))
    elif line == "kink" and isinstance(pump.motor, SimulatedMotor):
        pump.motor.next_fault = Fault.OCCLUSION
    else:
        raise ValueError(f"{line!r}: allowed: press, type, wait or kink")


def box(screen: str) -> str:
    """A screen with a frame around it, without its long empty parts."""
    shown = re.sub(r"\n{4,}", "\n\n", screen)
    lines = [f"│{line:<80}│" for line in shown.splitlines()]
    return "\n".join([f"┌{'─' * 80}┐", *lines, f"└{'─' * 80}┘"])


def live(path: Path) -> tuple[Pump, str]:
    """The whole morning on a new journal: the pump at its end, and all of it written down."""
    pump = new_pump(path)
    for name, value in (
        ("set", "orbit-soft"),
        ("ratios", [[0, "10"]]),
        ("correction", 40),
        ("target", 110),
    ):
        pump.set(name, value)
    pump.companions.append(Sensor(pump.now()))
    written = [TITLE]

    async def script(hands: Hands) -> None:
        for step in MORNING:
            if step.told:
                written.append(step.told)
            for line in step.does:
                await do(hands, pump, line)
            if step.does:
                written.append("    " + "; ".join(step.does))
            written.append(box(hands.screen()) + "\n")

    drive(pump, script)
    return pump, "\n".join(written)


def main() -> None:
    """Write it down."""
    with tempfile.TemporaryDirectory() as folder:
        _, written = live(Path(folder) / "pump.journal")
    Path(sys.argv[1]).write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
