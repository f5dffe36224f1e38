"""`dosekernel pump serve`, `pair` and `remote`, as a person or a script uses them."""

import contextlib
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

import pytest

from dosekernel import Limits
from dosekernel.command import main
from dosekernel.command.codes import BAD_INPUT, FINDING, GOOD, UNDECIDED
from dosekernel.pump.commands.remotes import Living
from dosekernel.pump.errors import JournalError
from dosekernel.pump.journal import Journal, What
from dosekernel.pump.remote.keys import KEY, RemoteKey, read_keys, socket_path
from dosekernel.pump.remote.server import Server
from dosekernel.spec.reasons import Kind

from .lives import UNIT, Life, set_up, whole
from .serving import NAME, Served

PATIENCE = 30


@pytest.fixture
def served(served: Served, tmp_path: Path) -> Served:
    """Its key is in a file."""
    served.key.write(tmp_path / "key")
    return served


class Remote:
    """A remote's commands, while the pump lives in real time."""

    def __init__(self, served: Served, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.served, self.key, self.capsys = served, key, capsys

    def __call__(self, *words: str) -> tuple[int, Any]:
        over = threading.Event()

        def live() -> None:
            living = Living(self.served.pump)
            while not over.is_set():
                self.served.server.poll(0.01)
                living.go_on()

        thread = threading.Thread(target=live)
        thread.start()
        try:
            code = main(["pump", "remote", *words, "--json", "--key", str(self.key)])
        finally:
            over.set()
            thread.join()
        out = self.capsys.readouterr()
        return code, json.loads(out.out) if out.out else out.err


@pytest.fixture
def remote(served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Remote:
    return Remote(served, tmp_path / "key", capsys)


def test_a_remote_asks_and_is_told(served: Served, remote: Remote) -> None:
    code, found = remote("bolus", "0.5")
    assert (code, found["answer"], found["number"]) == (GOOD, "accepted", 1)
    assert found["delivery"] == "under way, not yet confirmed"
    code, found = remote("bolus", "0.5")
    assert (code, found["answer"], found["reason"]) == (FINDING, "refused", "BUSY")
    code, found = remote("temp", "0.5", "30m")
    assert (code, found["answer"]) == (GOOD, "accepted")
    code, found = remote("cancel")
    assert (code, found["answer"], found["number"]) == (GOOD, "accepted", 4)
    code, found = remote("became", "1")
    assert (code, found["answer"], found["repeated"]) == (GOOD, "accepted", True)
    code, found = remote("status")
    assert (code, found["basal"], found["unit"]) == (GOOD, UNIT, "U")
    code, found = remote("suspend")
    assert code == GOOD
    assert served.pump.state.suspended == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("bolus",), "bolus: 0 values; allowed: 1"),
        (("bolus", "1", "2"), "bolus: 2 values; allowed: 1"),
        (("bolus", "much"), "amount: 'much'"),
        (("temp", "1", "soon"), "time: "),
        (("status", "--socket", "x"), "--socket: only for pair"),
        (("pair", "Phone"), "exists already"),
    ],
)
def test_a_wrong_use_is_told(remote: Remote, words: tuple[str, ...], told: str) -> None:
    code, said = remote(*words)
    assert code == BAD_INPUT
    assert told in said


def test_where_no_pump_serves_or_no_key_is(
    served: Served,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served.server.close()
    monkeypatch.delenv("DOSEKERNEL_REMOTE", raising=False)
    for words, told in (
        (["--key", str(tmp_path / "key")], "no pump serves here"),
        (["--key", str(tmp_path / "none")], "there is no such key"),
        ([], "no key; name its file with --key"),
    ):
        assert main(["pump", "remote", "status", *words]) == BAD_INPUT
        assert told in capsys.readouterr().err


def test_an_uncertain_answer_has_its_own_exit_code(
    served: Served, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.pump.journal.halt("the disk is full")
    monkeypatch.setattr(Living, "go_on", lambda living: None)
    monkeypatch.setattr(Server, "poll", told_quietly)
    code, found = remote("bolus", "1")
    assert (code, found["answer"]) == (UNDECIDED, "uncertain")


POLL = Server.poll


def told_quietly(server: Server, seconds: float) -> None:
    """As a program does that the pump's failure ends: nothing is served any more."""
    with contextlib.suppress(JournalError):
        POLL(server, seconds)


def test_remotes_are_listed_and_forgotten(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    served.pump.ask(Kind.SUSPEND)  # else each command waits for the stroke that it began
    served.pump.close()
    journal = ["--journal", str(served.life.path)]
    assert main(["pump", "pair", "--list", "--json", *journal]) == GOOD
    assert json.loads(capsys.readouterr().out) == {"remotes": [NAME]}
    assert main(["pump", "pair", "--forget", NAME, *journal]) == GOOD
    assert read_keys(served.life.path) == {}
    assert main(["pump", "pair", "--forget", NAME, *journal]) == BAD_INPUT
    assert "is not paired" in capsys.readouterr().err


# ---- each in a program of its own


def started(*words: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "dosekernel", "pump", *words]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def awaited(path: Path) -> None:
    """Wait for a socket."""
    until = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < until, f"{path} never came"
        time.sleep(0.02)


def line_of(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


@pytest.mark.slow
def test_paired_and_served_in_programs_of_their_own(tmp_path: Path, limits: Limits) -> None:
    life = Life(tmp_path / "journal", limits)
    pump = life.begin()
    set_up(life, pump)
    life.ask(pump, Kind.DISCONNECT)
    pump.close()
    journal, key = ["--journal", str(life.path)], ["--key", str(tmp_path / "key")]
    socket = socket_path(life.path)

    pump_side = started("pair", *journal)
    awaited(socket)
    device = started("remote", "pair", "watch", *key, *journal)
    shown = re.search(r"(\d{4}) (\d{4})", line_of(device.stderr))
    assert shown is not None
    said, _ = pump_side.communicate(f"{shown[1]}{shown[2]}\n", timeout=PATIENCE)
    assert (pump_side.returncode, said) == (GOOD, "watch is paired.\n")
    assert device.wait(PATIENCE) == GOOD
    assert len(RemoteKey.read(tmp_path / "key").key) == KEY

    serving = started("serve", *journal)
    awaited(socket)
    asked = started("remote", "suspend", "--json", *key)
    said, _ = asked.communicate(timeout=PATIENCE)
    assert json.loads(said)["answer"] == "accepted"
    serving.terminate()
    said, _ = serving.communicate(timeout=PATIENCE)
    assert (serving.returncode, "nothing more is delivered" in said) == (GOOD, True)
    assert not socket.exists()

    _, trace = whole(life.path)
    assert trace.kernel is not None
    assert trace.kernel.inspect().suspended == 1
    journal_again = Journal.open(life.path)
    told = [entry.body for entry in journal_again.entries(kinds=[What.NOTICE])]
    journal_again.close()
    assert any(b"The remote watch was paired" in each for each in told)
