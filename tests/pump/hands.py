"""Somebody at the pump's keys, for tests and pictures: presses, types, waits, and reads the screen.

The kept screens are `screens/*.txt`: what stands on them, without colours. After a change that is
meant, `DOSEKERNEL_UPDATE_SCREENS=1 pytest tests/pump/test_screens.py` writes them anew.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import patch

from textual.events import Key
from textual.pilot import Pilot

from dosekernel.pump.screens.app import PumpApp
from dosekernel.pump.shell import Pump

KEPT = Path(__file__).parent / "screens"
UPDATE = "DOSEKERNEL_UPDATE_SCREENS"
WIDE, HIGH = 80, 24
# From the terminal to the program, to its screen, to an entry, and back with what it says.
HOPS = 6
NAMES = {" ": "space", ".": "full_stop", "%": "percent_sign", "-": "minus", ":": "colon"}
NAMES |= {"/": "slash", "_": "underscore"}


class Hands:
    """Somebody at the keys, who reads the screen."""

    def __init__(self, app: PumpApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.app.post_message(Key(key, key if len(key) == 1 else None))
            for _ in range(HOPS):
                await self.pilot.pause(0)
        await self.pilot.pause()

    async def type(self, text: str, *then: str) -> None:
        """Text, and keys after it."""
        for each in text:
            self.app.post_message(Key(NAMES.get(each, each), each))
        await self.press(*then)

    async def wait(self, duration: int) -> None:
        """Let the pump live for a time."""
        self.app.pass_time(duration)
        await self.pilot.pause()

    def screen(self) -> str:
        """What stands on the screen."""
        strips = self.app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip).rstrip() for strip in strips]
        return "\n".join(lines) + "\n"

    def looks_like(self, name: str) -> None:
        """The screen is the kept one, and fits."""
        compare(name, self.screen())

    def says(self, *texts: str) -> None:
        """Each of these stands on the screen, wherever lines break."""
        flowing = " ".join(self.screen().split())
        for text in texts:
            assert text in flowing, f"{text!r} is not on the screen:\n{self.screen()}"


def compare(name: str, shown: str) -> None:
    """A picture is the kept one, or becomes it."""
    lines = shown.splitlines()
    assert len(lines) == HIGH and max(map(len, lines)) <= WIDE
    path = KEPT / f"{name}.txt"
    if os.environ.get(UPDATE):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8"), f"screens/{name}.txt differs:\n{shown}"


Script = Callable[[Hands], Awaitable[None]]


def drive(pump: Pump, script: Script, *sentences: str) -> PumpApp:
    """Let somebody do something; whatever goes wrong in the program goes wrong here."""
    with patch.dict(os.environ):
        # Pictures are in colour, whoever looks at them.
        os.environ.pop("NO_COLOR", None)
        app = PumpApp(pump, sentences, live=False)

    async def session() -> None:
        async with app.run_test(size=(WIDE, HIGH)) as pilot:
            await pilot.pause()
            await script(Hands(app, pilot))

    try:
        asyncio.run(session())
    finally:
        pump.journal.close()
    return app
