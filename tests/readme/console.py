"""Runs a console block: each command in a shell, what it prints held against what is shown."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.readme.page import Typed

SECONDS = 120.0
# What differs from run to run: times, dates, and what a run knew from the one before.
VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"), "<date>"),
    (re.compile(r"\b\d+(\.\d+)? s\b"), "<time>"),
    (re.compile(r", \d+ of \d+ units known from before"), ""),
    (re.compile(r"\S*/(lib/|_native)"), r"\1"),
)
# Answers to what a command asks on its terminal stand behind the question.
QUESTION = re.compile(r"^(Confirm with \w+:) (\w+)$", re.MULTILINE)
LEFT_OUT = "..."


def plain(text: str) -> str:
    """The words of a text, without what differs from run to run and where its lines are broken."""
    for pattern, word in VARYING:
        text = pattern.sub(word, text)
    return " ".join(text.split())


def shows(shown: str, said: str) -> bool:
    """True if a command said what is shown; a line of three dots stands for lines left out."""
    pieces = [plain(each) for each in re.split(r"^\s*\.\.\.$", shown, flags=re.MULTILINE)]
    return (
        re.fullmatch(".*".join(re.escape(each) for each in pieces), plain(said), re.DOTALL)
        is not None
    )


def environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The variables of a person who has just installed it."""
    programs = Path(sys.executable).parent
    return {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "DOSEKERNEL_CACHE": str(folder / "cache"),
        "COLUMNS": "120",
        **more,
    }


def said_by(typed: Typed, folder: Path, more: Mapping[str, str]) -> tuple[int, str]:
    """The exit code and all that a command prints; where a question is shown, it is answered."""
    variables = environment(folder, more)
    answers = [answer for _, answer in QUESTION.findall(typed.shown)]
    if answers:
        return _on_a_terminal(typed.command, answers, folder, variables)
    done = subprocess.run(
        ["sh", "-c", typed.command],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    # Progress and reminders go to standard error; they are shown only if a command fails.
    return done.returncode, done.stdout if done.stdout else done.stderr


def _on_a_terminal(
    command: str, answers: list[str], folder: Path, variables: dict[str, str]
) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["sh", "-c", command],
        cwd=folder,
        env=variables,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        heard, end = b"", time.monotonic() + SECONDS
        while time.monotonic() < end and select.select([ours], [], [], SECONDS)[0]:
            try:
                read = os.read(ours, 1 << 16)
            except OSError:  # the other end is closed
                break
            if not read:
                break
            heard += read
        os.close(ours)
        code = process.wait(timeout=SECONDS)
    return code, heard.decode().replace("\r\n", "\n")
