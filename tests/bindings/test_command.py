"""The command line: lines in and out, state files that survive, exit codes, never a traceback."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import dosekernel
from dosekernel import Event, Kernel, Kind, Limits, Reason
from dosekernel.command import COMMANDS, main
from dosekernel.command.run import LINE_LONGEST
from dosekernel.face import STATE_BYTES
from dosekernel.json_lines import outcome_fields, read_event

SET_UP = [
    {"kind": "LOAD_RESERVOIR", "id": 1, "at": 1000, "amount": 200_000_000},
    {"kind": "PRIME", "id": 2, "at": 1000, "amount": 500_000},
    {"kind": "TICK", "at": 30_000},
    {"kind": "INSERT_SET", "id": 3, "at": 30_000, "code": 1},
    {"kind": "CONNECT", "id": 4, "at": 30_000},
    {"kind": "FILL_CANNULA", "id": 5, "at": 30_000, "amount": 300_000},
    {"kind": "TICK", "at": 60_000},
    {"kind": "SET_BASAL", "id": 6, "at": 60_000, "rate": 1_000_000},
    {"kind": "BOLUS", "id": 7, "at": 60_000, "amount": 2_500_000},
    {"kind": "BOLUS", "id": 8, "at": 60_000, "amount": 2_500_000},
    {"kind": "TICK", "at": 90_000},
]
Fields = dict[str, object]
Run = Callable[..., tuple[int, list[Fields], str]]
COMMAND = [sys.executable, "-m", "dosekernel"]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`dosekernel run` of some lines: the exit code, the outcomes and what was said of errors."""

    def start(lines: list[Fields | str], *options: str) -> tuple[int, list[Fields], str]:
        events = tmp_path / "events.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        events.write_text("".join(f"{text}\n" for text in texts))
        code = main(["run", "--limits", "insulin-u100", *options, str(events)])
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    return start


# ---- run


def test_run_answers_each_event_with_its_outcome(run: Run, limits: Limits) -> None:
    code, outcomes, errors = run([*SET_UP])
    assert (code, errors) == (0, "")
    kernel = Kernel(limits)
    for said, line in zip(outcomes, SET_UP, strict=True):
        assert said == outcome_fields(kernel.step(read_event(json.dumps(line))))
    assert list(outcomes[0])[:4] == ["status", "reason", "pulses", "path"]


def test_run_confirms_what_it_releases_if_asked_to(run: Run) -> None:
    code, outcomes, _ = run([*SET_UP], "--auto-confirm")
    assert code == 0
    statuses = [said["status"] for said in outcomes]
    assert statuses == ["ACCEPTED"] * 9 + ["REFUSED", "ACCEPTED"]
    assert outcomes[9]["sentence"] == Reason.BUSY.sentence
    assert (outcomes[-1]["path"], outcomes[-1]["mode"]) == ("PATIENT", "DELIVERING")
    assert isinstance(outcomes[-1]["amount"], int)
    assert outcomes[-1]["amount"] > 0


def test_a_refusal_says_why_and_how_much_is_allowed(run: Run) -> None:
    much: Fields = {"kind": "BOLUS", "id": 9, "at": 60_000, "amount": 25_000_000}
    code, outcomes, _ = run([*SET_UP[:8], much], "--auto-confirm")
    assert code == 0
    refused = outcomes[-1]
    assert (refused["status"], refused["reason"]) == ("REFUSED", "BOLUS_CAP")
    assert (refused["sentence"], refused["allowable"]) == (Reason.BOLUS_CAP.sentence, 17_000_000)


def test_alarms_are_names(run: Run) -> None:
    _, outcomes, _ = run([{"kind": "FAULT", "at": 5, "code": "MOTOR"}])
    assert outcomes[0]["alarms"] == ["FAULT"]
    assert outcomes[0]["mode"] == "FAULTED"


def test_a_day_in_two_halves_is_the_same_day(run: Run, tmp_path: Path) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    _, expected, _ = run([*SET_UP], "--auto-confirm", "--state", str(whole))
    found: list[Fields] = []
    for part in (SET_UP[:5], SET_UP[5:]):
        code, outcomes, _ = run([*part], "--auto-confirm", "--state", str(halves))
        assert code == 0
        found += outcomes
    assert found == expected
    assert halves.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.jsonl", "halves", "whole"]


@pytest.mark.parametrize(
    "bad", ['{"kind": "BOLUS", "amount": 2.5}', '{"kind": "TI', "\ufeff{}", '{"dose": 1}']
)
def test_a_bad_line_keeps_all_that_came_before(bad: str, run: Run, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    run([*SET_UP[:4]], "--state", str(before))
    code, outcomes, errors = run([*SET_UP[:4], bad, SET_UP[4]], "--state", str(after))
    assert code == 2
    assert errors.startswith("line 5: ")
    assert len(outcomes) == 4
    assert after.read_bytes() == before.read_bytes()


def test_blank_lines_count_but_say_nothing(run: Run) -> None:
    code, outcomes, errors = run(["", "  ", SET_UP[0], "nonsense"])
    assert (code, len(outcomes)) == (2, 1)
    assert errors.startswith("line 4: not JSON")


def test_a_line_without_end_is_refused(run: Run) -> None:
    code, outcomes, errors = run([SET_UP[0], " " * (LINE_LONGEST + 10) + "x"])
    assert (code, len(outcomes)) == (2, 1)
    assert f"line 2: longer than {LINE_LONGEST} bytes" in errors


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_bytes(b'{"kind": "TICK"}\n\xff\xfe\n')
    done = command("run", "--limits", "insulin-u100", str(events))
    assert done.returncode == 2
    assert done.stderr == "line 2: not UTF-8 text: byte 1 of the line\n"


# ---- the state file


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "0 bytes; allowed: exactly"),
        (b"\0" * (STATE_BYTES - 1), "allowed: exactly"),
        (b"\0" * (STATE_BYTES + 100), "allowed: exactly"),
        (b"\0" * STATE_BYTES, "corrupt"),
        (b"\xff" * STATE_BYTES, "corrupt"),
    ],
    ids=["empty", "short", "long", "zeros", "ones"],
)
def test_a_file_that_is_no_state_is_left_alone(
    content: bytes, what: str, run: Run, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.write_bytes(content)
    code, outcomes, errors = run([SET_UP[0]], "--state", str(state))
    assert (code, outcomes) == (2, [])
    assert what in errors
    assert str(state) in errors
    assert state.read_bytes() == content


def test_a_state_of_another_layout_or_corrupt_is_left_alone(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run([SET_UP[0]], "--state", str(state))
    good = state.read_bytes()
    half = len(good) // 2
    other = bytearray(good)
    other[0] += 1
    other[half] -= 1
    flipped = bytearray(good)
    flipped[half - 9] ^= 1
    for wrong, what in ((other, "layout version 2; allowed: 1"), (flipped, "corrupt")):
        state.write_bytes(wrong)
        code, outcomes, errors = run([SET_UP[1]], "--state", str(state))
        assert (code, outcomes) == (2, [])
        assert what in errors
        assert state.read_bytes() == wrong


def test_limits_that_the_state_refuses_leave_it_alone(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run([SET_UP[0]], "--state", str(state))
    before = state.read_bytes()
    code, _, errors = run([SET_UP[1]], "--state", str(state), "--limits", "pca-morphine")
    assert code == 2
    assert Reason.LIMITS_WINDOW.sentence in errors
    assert state.read_bytes() == before


def test_a_state_file_that_cannot_be_made_or_read(run: Run, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere" / "state", tmp_path):
        code, outcomes, errors = run([SET_UP[0]], "--state", str(path))
        assert (code, outcomes) == (2, [])
        assert errors.startswith(f"dosekernel: {path}: cannot be")


def test_a_state_that_cannot_be_written_keeps_the_old_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    run([SET_UP[0]], "--state", str(state))
    before = state.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(state))

    monkeypatch.setattr(os, "fsync", full)
    code, _, errors = run([SET_UP[1]], "--state", str(state))
    assert (code, errors) == (2, f"dosekernel: {state}: No space left on device\n")
    assert state.read_bytes() == before
    assert not list(tmp_path.glob(".state*"))


def test_a_state_file_is_only_its_owners(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run([SET_UP[0]], "--state", str(state))
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


# ---- as a process


def command(*arguments: str, said: str = "") -> "subprocess.CompletedProcess[str]":
    """The command as a person runs it."""
    return subprocess.run(
        [*COMMAND, *arguments], input=said, capture_output=True, text=True, timeout=60
    )


def test_run_answers_each_line_at_once() -> None:
    with subprocess.Popen(
        [*COMMAND, "run", "--limits", "insulin-u100"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in SET_UP[:3]:
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["status"] == "ACCEPTED"
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_saves_what_was_decided(number: signal.Signals, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with subprocess.Popen(
        [*COMMAND, "run", "--limits", "insulin-u100", "--state", str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(json.dumps(SET_UP[0]) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(number)
        assert process.wait(timeout=30) == 130
        assert process.stderr.read() == "dosekernel: interrupted\n"
    assert Kernel.from_state(None, state.read_bytes()).inspect().reservoir == 200_000_000


def test_a_reader_that_leaves_is_no_error_to_trace(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text('{"kind": "TICK"}\n' * 20_000)
    with subprocess.Popen(
        [*COMMAND, "run", "--limits", "insulin-u100", str(events)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=30) == 141
        assert process.stderr.read() == ""


def test_run_does_not_load_what_it_does_not_need() -> None:
    program = (
        "import sys; from dosekernel.command import main; "
        "main(['run', '--limits', 'insulin-u100', '/dev/null']); "
        "print(sorted({'numpy', 'z3', 'cvc5', 'matplotlib', 'icontract'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n"


# ---- the other commands


def test_help_names_every_command_and_exit_code() -> None:
    for arguments in ([], ["--help"]):
        done = command(*arguments)
        assert done.returncode == 0
        for name in COMMANDS:
            assert name in done.stdout
        assert "4 a tool is missing" in " ".join(done.stdout.split())


def test_version() -> None:
    assert command("--version").stdout == f"dosekernel {dosekernel.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["run"],
        ["run", "--limits"],
        ["run", "--limits", "insulin-u100", "--frob"],
        ["run", "--limits", "no-such-limits", "/dev/null"],
        ["run", "--limits", "insulin-u100", "/no/such/file"],
        ["run", "--limits", "insulin-u100", "--at", "-5", "/dev/null"],
        ["run", "--limits", "insulin-u100", "--at", "1.5", "/dev/null"],
        ["limits"],
        ["limits", "check", "/no/such/file"],
        ["explain", "NO_SUCH_REASON"],
        ["export-c", "/dev/null"],
    ],
)
def test_a_wrong_use_exits_2_and_says_why(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err
    assert "Traceback" not in said.err


def test_a_missing_package_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'z3'", name="z3")

    monkeypatch.setattr("dosekernel.command.import_module", missing)
    assert main(["prove"]) == 4
    assert 'pip install "dosekernel[prove]"' in capsys.readouterr().err


def test_an_internal_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(name: str) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("dosekernel.command.import_module", broken)
    assert main(["prove"]) == 70
    assert capsys.readouterr().err == (
        "dosekernel: internal error: ZeroDivisionError: by nothing "
        "(set DOSEKERNEL_DEBUG=1 to see where)\n"
    )
    monkeypatch.setenv("DOSEKERNEL_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["prove"])


def test_explain_knows_every_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    everything = capsys.readouterr().out
    for reason in Reason:
        assert f"{reason.name} (reason {reason.value}): {reason.sentence}" in everything
    assert main(["explain", "window"]) == 0
    assert Reason.WINDOW.sentence in capsys.readouterr().out
    assert main(["explain", str(Reason.WINDOW.value), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "WINDOW"


def test_limits_check_and_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["limits", "check", "insulin-u100"]) == 0
    assert "bolus_max" in capsys.readouterr().out
    assert main(["limits", "check", "insulin-u100", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bolus_max"] == 17_000_000
    assert main(["limits", "list", "--json"]) == 0
    found = {entry["preset"] for entry in json.loads(capsys.readouterr().out)}
    assert {"insulin-u100", "pca-morphine", "iv-fluid"} <= found
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('name = "x"\nunit = "U"\nbolus_max = -1\n')
    assert main(["limits", "check", str(wrong)]) == 2
    assert f"{wrong}: bolus_max" in capsys.readouterr().err


def test_every_kind_has_a_line(limits: Limits) -> None:
    for kind in Kind:
        assert read_event(json.dumps({"kind": kind.name})) == Event(kind)
