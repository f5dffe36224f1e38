"""Pictures of the terminal program for people who have not started it: `make pump-pictures`.

`python -m tests.pump.pictures FOLDER` writes an SVG of each; they are the same to the byte every
time, and a test holds the kept ones (docs/pump/*.svg) to today's screens.
"""

import re
import sys
import tempfile
from pathlib import Path

from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Cause, Kind
from tests.pump import demonstration
from tests.pump.hands import Hands, drive
from tests.pump.lived_in import lived_in

KEPT = demonstration.KEPT.parent
# A picture asks nobody for anything: the fonts that it may name are those at hand.
OUTSIDE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


def picture(hands: Hands) -> str:
    """The screen as an SVG."""
    return OUTSIDE.sub("", hands.app.export_screenshot())


def taken(pump: Pump) -> dict[str, str]:
    """Each picture by its name, of a pump that was worn for a day."""
    found: dict[str, str] = {}

    async def script(hands: Hands) -> None:
        found["home"] = picture(hands)
        await hands.press("b")
        await hands.type("20", "enter")
        found["refused"] = picture(hands)
        await hands.press("ctrl+u", "enter")
        await hands.type("30", "enter", "enter")
        found["calculator"] = picture(hands)
        await hands.press("enter")
        found["bolus"] = picture(hands)
        await hands.press("escape", "escape", "p", "down")
        found["programmes"] = picture(hands)
        await hands.press("escape", "h")
        found["history"] = picture(hands)
        await hands.press("escape", "c", "s", "n")
        await hands.type("9", "enter", "y")
        await hands.wait(8 * 60_000)
        found["set-change"] = picture(hands)
        await hands.press("enter", "y", "n")
        await hands.type("0.2", "enter", "y")
        await hands.wait(60_000)
        pump.report(Kind.FAULT, code=Cause.OCCLUSION)
        await hands.press("escape")
        found["fault"] = picture(hands)

    drive(pump, script)
    return found


def main() -> None:
    """Write them all, and the demonstration beside them."""
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        pictures = taken(lived_in(Path(scratch) / "pump.journal"))
        _, written = demonstration.live(Path(scratch) / "morning.journal")
    for name, text in pictures.items():
        (folder / f"{name}.svg").write_text(text, encoding="utf-8")
    (folder / demonstration.KEPT.name).write_text(written, encoding="utf-8")
    print(f"{folder}: {', '.join(pictures)}, {demonstration.KEPT.name}")


if __name__ == "__main__":
    main()
