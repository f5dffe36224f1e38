"""A headless Chromium, spoken to through its debugging pipe: no driver and no network is needed."""

import base64
import fcntl
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60.0  # seconds
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
DESKTOP = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}


class PageError(AssertionError):
    """The page, or the browser, says that something is wrong."""


def chromium() -> str | None:
    """The browser, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One page, loaded from a file; `asked` are the addresses that it asked for."""

    def __init__(self, process: "subprocess.Popen[bytes]", send: int, receive: int) -> None:
        self.process = process
        self.send, self.receive = send, receive
        self.numbers = itertools.count(1)
        self.session = ""
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._held = b""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        found = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = found["sessionId"]
        for part in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{part}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """One command of the debugging protocol, and its answer."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.send, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            heard = self._hear()
            if heard.get("id") == number:
                if "error" in heard:
                    raise PageError(f"{method}: {heard['error']}")
                return heard["result"]
        raise PageError(f"{method}: no answer in {PATIENCE:.0f} s")

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._held:
            read = os.read(self.receive, 1 << 16)
            if not read:
                raise PageError("the browser has ended")
            self._held += read
        text, _, self._held = self._held.partition(b"\0")
        heard: dict[str, Any] = json.loads(text)
        self._note(heard.get("method", ""), heard.get("params", {}))
        return heard

    def _note(self, method: str, told: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", str(details)))
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.complaints.append(told["entry"]["text"])

    def open(self, path: Path, screen: dict[str, Any] = DESKTOP) -> float:
        """Load a page; returns the milliseconds that it took to be loaded."""
        self.call("Emulation.setDeviceMetricsOverride", **screen)
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.until("document.readyState === 'complete'")
        timing = "performance.getEntriesByType('navigation')[0].loadEventEnd"
        self.until(f"{timing} > 0")
        return float(self.run(timing))

    def run(self, expression: str) -> Any:
        """What an expression is on the page; promises are waited for."""
        found = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in found:
            raise PageError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"!!({expression})"):
            if time.monotonic() > end:
                raise PageError(f"not in {PATIENCE:.0f} s: {expression}; {self.complaints}")
            time.sleep(0.02)

    def picture(self, path: Path, whole: bool = False) -> None:
        """What the screen shows, or all of the page, as a PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def printed(self) -> bytes:
        """The page as a PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])


@contextmanager
def browser(program: str) -> Iterator[Browser]:
    """A browser that lives as long as the block."""
    here_reads, there_writes = os.pipe()
    there_reads, here_writes = os.pipe()
    with tempfile.TemporaryDirectory() as profile:
        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars",
            "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank",
        ]  # fmt: skip
        # The browser reads its file 3 and writes its file 4; these may be others' numbers here.
        above = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (there_reads, there_writes)]

        def handed() -> None:
            for number, each in enumerate(above, 3):
                os.dup2(each, number)

        process = subprocess.Popen(
            command,
            preexec_fn=handed,
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for each in above:
            os.close(each)
        os.close(there_reads)
        os.close(there_writes)
        try:
            yield Browser(process, here_writes, here_reads)
        finally:
            process.terminate()
            process.wait(PATIENCE)
            os.close(here_writes)
            os.close(here_reads)
