"""Runs what is typed in a shell, and holds what it prints against what is shown."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.readme.page import Typed

SECONDS = 300.0
ENDING = 10.0  # seconds that a program may take to end once its terminal is gone
SIZE = (30, 120)  # rows and columns of a terminal
# What differs from run to run: dates, times, how often a pump ticked in them, the folder of an
# installation, and what a run knew from the one before.
VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"), "<date>"),
    (re.compile(r"\b\d+(\.\d+)? s\b"), "<time>"),
    (re.compile(r"\b\d+ entries, \d+ steps\b"), "<entries and steps>"),
    (re.compile(r", \d+ of \d+ units known from before"), ""),
)
# Answers to what a command asks on its terminal stand behind the question.
QUESTION = re.compile(r"^(Confirm with \w+:) (\w+)$", re.MULTILINE)
LEFT_OUT = re.compile(r"^\s*\.\.\.$", re.MULTILINE)


def plain(text: str) -> str:
    """The words of a text, without what differs from run to run and where its lines are broken."""
    for pattern, word in VARYING:
        text = pattern.sub(word, text)
    return " ".join(text.split())


def shows(shown: str, said: str) -> bool:
    """True if a command said what is shown; a line of three dots stands for lines left out."""
    pieces = [re.escape(plain(each)) for each in LEFT_OUT.split(shown)]
    return re.fullmatch(r"\s?.*\s?".join(pieces), plain(said)) is not None


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The variables of a person who has just installed it."""
    programs = Path(sys.executable).parent
    return {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "120",
        **more,
    }


def said_by(typed: Typed, folder: Path, more: Mapping[str, str]) -> tuple[int, str]:
    """The exit code and what a command prints; where a question is shown, it is answered."""
    variables = environment(more)
    asked = [(question, f"{answer}\n") for question, answer in QUESTION.findall(typed.shown)]
    if asked:
        return on_a_terminal(typed.command, asked, folder, variables)
    done = subprocess.run(
        ["sh", "-c", typed.command],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    # Progress and reminders go to standard error: it is told where there is nothing else.
    return done.returncode, done.stdout or done.stderr


def on_a_terminal(
    command: str, asked: Sequence[tuple[str, str]], folder: Path, variables: Mapping[str, str]
) -> tuple[int, str]:
    """The same on a terminal of its own: to each text that is waited for, in order, its answer."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, SIZE)
    with subprocess.Popen(
        ["sh", "-c", command],
        cwd=folder,
        env=dict(variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        left, heard, answered = list(asked), b"", 0
        end = time.monotonic() + SECONDS
        while read := _read(ours, end):
            heard += read
            if left and left[0][0].encode() in heard[answered:]:
                answered = len(heard)
                os.write(ours, left.pop(0)[1].encode())
        os.close(ours)
        try:
            code = process.wait(timeout=ENDING)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert not left, f"{command}: never asked {left[0][0]!r}, but said\n{heard.decode()}"
    return code, heard.decode().replace("\r\n", "\n")


def _read(terminal: int, end: float) -> bytes:
    """What comes next; nothing once the program has ended, or the time is over."""
    while time.monotonic() < end:
        if select.select([terminal], [], [], 1.0)[0]:
            try:
                return os.read(terminal, 1 << 16)
            except OSError:  # the program has ended
                return b""
    return b""
