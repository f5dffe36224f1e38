"""What a remote asks is done once, within its limits, and what became of it is told."""

from pathlib import Path

import pytest

from dosekernel.kernel.records import MINUTE
from dosekernel.pump.journal import What, beside
from dosekernel.pump.motor import Fault
from dosekernel.pump.remote import client as clients
from dosekernel.pump.remote.client import Client, UnansweredError
from dosekernel.pump.remote.desk import ASKABLE, RECENT, Desk
from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Kind, Mode, Source, Status

from .faulty_vfs import Break, Disk, FaultyVFS
from .lives import UNIT, Life, cut, decided, whole
from .serving import NAME, Served, looking, remote


def test_a_bolus_from_afar_is_given_and_told(served: Served) -> None:
    with remote(served) as client:
        found = client.ask("BOLUS", amount=UNIT)
        assert (found.answer, found.repeated) == ("accepted", False)
        assert found.delivery == "under way, not yet confirmed"
        number = client.last
    served.pump.run(2 * MINUTE)
    with remote(served) as client:
        assert client.last == number
        assert client.what_became(number).delivery == "given"
        assert client.status().told["mode"] == Mode.DELIVERING.name


def test_what_a_remote_may_not_is_the_kernels_word(served: Served) -> None:
    limits = served.life.limits
    with remote(served) as client:
        over = client.ask("BOLUS", amount=limits.remote_bolus_max + limits.pulse)
        assert (over.answer, over.told["reason"]) == ("refused", "BOLUS_CAP")
        assert over.told["allowable"] == limits.remote_bolus_max
        assert "at most 5 would be accepted now" in over.sentence
        raised = client.ask("TEMP_BASAL", rate=2 * UNIT, duration=30 * MINUTE)
        assert (raised.answer, raised.told["reason"]) == ("refused", "RATE_CAP")
        lowered = client.ask("TEMP_BASAL", rate=UNIT // 2, duration=30 * MINUTE)
        assert lowered.answer == "accepted"
        for kind in ("SET_BASAL", "RESUME", "EXTENDED_BOLUS", "ACKNOWLEDGE", "CONNECT"):
            assert client.ask(kind, amount=UNIT).told["reason"] == "SOURCE"
        assert client.ask("SUSPEND").answer == "accepted"
    assert served.pump.state.suspended == 1


@pytest.mark.parametrize("kind", ["TICK", "CONFIRM", "UNCERTAIN", "FAULT", "GLUCOSE", "", "bolus"])
def test_reports_are_not_a_remotes_to_make(served: Served, kind: str) -> None:
    asked = served.events()
    with remote(served) as client:
        assert client.ask(kind, amount=UNIT).answer == "wrong"
    assert served.events() == asked
    assert kind not in ASKABLE


# ---- H50, H57: replayed, repeated, out of order, late


def test_the_same_number_again_does_nothing_twice(served: Served) -> None:
    with remote(served) as client:
        message = {"ask": "BOLUS", "number": 7, "issued_at": client.now(), "amount": UNIT}
        first = client.send(message)
        asked = served.events()
        again = client.send(message)
        assert (first.answer, again.answer, again.repeated) == ("accepted", "accepted", True)
        other = client.send(message | {"amount": 2 * UNIT})
        assert other.answer == "wrong"
        assert "stands for another request" in other.sentence
        older = client.send(message | {"number": 6})
        assert (older.answer, "older than" in older.sentence) == ("wrong", True)
    assert served.events() == asked
    for killed in (False, True):
        served.restart(killed=killed)
        asked = served.events()
        with remote(served) as client:
            assert client.last == 7
            again = client.send(message)
            assert (again.answer, again.repeated) == ("accepted", True)
        assert served.events() == asked


def test_a_refusal_is_repeated_as_well(served: Served) -> None:
    served.pump.ask(Kind.SUSPEND)
    with remote(served) as client:
        message = {"ask": "BOLUS", "number": 3, "issued_at": client.now(), "amount": UNIT}
        assert client.send(message).told["reason"] == "SUSPENDED"
        served.pump.ask(Kind.RESUME)
        again = client.send(message)
        assert (again.told["reason"], again.repeated) == ("SUSPENDED", True)
        assert client.ask("BOLUS", amount=UNIT).answer == "accepted"


def test_only_so_many_are_remembered_and_none_is_done_again(served: Served) -> None:
    with remote(served) as client:
        for _ in range(RECENT + 2):
            served.seconds += 10
            client.ask("CANCEL_TEMP_BASAL")
        asked = served.events()
        first = {"ask": "CANCEL_TEMP_BASAL", "number": 1, "issued_at": client.now()}
        assert client.send(first).answer == "wrong"
        assert client.what_became(1).answer == "unknown"
        assert client.what_became(RECENT).answer == "refused"
    assert served.events() == asked


def test_a_request_that_is_late_or_early_is_refused(served: Served) -> None:
    limits = served.life.limits
    with remote(served) as client:
        now = client.now()
        late = {"ask": "BOLUS", "number": 1, "issued_at": now - limits.request_age_max - 1}
        assert client.send(late | {"amount": UNIT}).told["reason"] == "EXPIRED"
        early = {"ask": "BOLUS", "number": 2, "issued_at": now + 1, "amount": UNIT}
        assert client.send(early).told["reason"] == "FUTURE"
        stop = {"ask": "SUSPEND", "number": 3, "issued_at": 0}
        assert client.send(stop).answer == "accepted"


# ---- uncertain is an answer


def test_a_pump_that_stops_while_it_is_asked_says_uncertain(served: Served) -> None:
    with remote(served) as client:
        served.pump.journal.halt("the disk is full")
        found = client.ask("BOLUS", amount=UNIT)
        assert found.answer == "uncertain"
        assert "ask what became of it" in found.sentence
        number = client.last
    served.restart(killed=True)
    with remote(served) as client:
        assert client.what_became(number).answer == "unknown"


def cut_at(served: Served, entry: What, monkeypatch: pytest.MonkeyPatch) -> int:
    """The pump dies as it writes such an entry for a remote's bolus; returns the number."""
    write = Pump.write

    def dies(pump: Pump, what: What, body: bytes, code: int = 0) -> int:
        if what is entry:
            pump.journal.halt("killed")
        return write(pump, what, body, code)

    with remote(served) as client, monkeypatch.context() as patch:
        patch.setattr(Pump, "write", dies)
        assert client.ask("BOLUS", amount=UNIT).answer == "uncertain"
        number = client.last
    served.restart(killed=True)
    return number


@pytest.mark.parametrize("entry", [What.EVENT, What.OUTCOME])
def test_a_request_that_was_cut_is_lost_and_never_done(
    served: Served, entry: What, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = cut_at(served, entry, monkeypatch)
    with remote(served) as client:
        assert client.what_became(number).answer == "lost"
        message = {"ask": "BOLUS", "number": number + 1, "issued_at": client.now()}
        assert client.send(message | {"amount": UNIT}).answer == "accepted"
        assert client.what_became(number).answer == "lost"
    assert served.pump.state.bolus_owed == UNIT
    served.pump.close()
    whole(served.life.path)


def test_no_answer_is_never_taken_for_one(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "PATIENCE", 0.2)
    monkeypatch.setattr(clients.next_line, "__defaults__", (0.2,))
    with looking(served):
        client = Client(served.key, lambda: 0.0)
    with pytest.raises(UnansweredError, match="ask what became of it") as raised:
        client.ask("BOLUS", amount=UNIT)
    assert raised.value.number == 1
    client.close()


@pytest.mark.parametrize(
    ("fault", "delivery"),
    [
        (Fault.SILENT, "uncertain: it counts as given, nobody knows whether it was"),
        (Fault.STALL, "cut short"),
    ],
)
def test_delivery_that_went_wrong_is_told(served: Served, fault: Fault, delivery: str) -> None:
    with remote(served) as client:
        served.life.motor.next_fault = fault
        assert client.ask("BOLUS", amount=UNIT).answer == "accepted"
    served.pump.run(10 * MINUTE)
    with remote(served) as client:
        assert client.what_became(1).delivery == delivery
    served.pump.ask(Kind.ACKNOWLEDGE)
    served.pump.ask(Kind.RESUME)
    served.pump.ask(Kind.BOLUS, amount=UNIT)
    served.pump.run(2 * MINUTE)
    with remote(served) as client:
        assert client.what_became(1).delivery == delivery


# ---- wherever the disk breaks

MESSAGE = {"ask": "BOLUS", "number": 1, "amount": UNIT}


def asked_on(life: Life, disk: Disk, after: int) -> tuple[dict[str, object], dict[str, object]]:
    """A bolus from afar on a disk that breaks so many operations later, and what is answered."""
    vfs = FaultyVFS(disk)
    pump = life.resume(vfs.name).pump
    disk.at = disk.operations + after
    message: dict[str, object] = MESSAGE | {"issued_at": pump.now()}
    found = Desk(pump).take(NAME, message)
    cut(pump)
    vfs.unregister()
    disk.lose_power()
    return message, found


def accepted(path: Path) -> int:
    """How many boluses from afar a pump has accepted in its life."""
    entries, _ = whole(path)
    return sum(
        event.kind is Kind.BOLUS and outcome.status is Status.ACCEPTED
        for event, outcome in decided(entries)
        if event.source is Source.REMOTE
    )


@pytest.mark.parametrize("how", [Break.ERROR, Break.DEAD, Break.POWER])
def test_a_bolus_is_given_at_most_once_and_known_wherever_the_disk_breaks(
    served: Served, how: Break, tmp_path: Path
) -> None:
    served.pump.close()
    heard = set()
    for after in range(1, 60):
        life = Life(tmp_path / f"journal-{after}", served.life.limits, served.life.clock)
        for mine, theirs in zip(beside(life.path), beside(served.life.path), strict=True):
            if theirs.exists():
                mine.write_bytes(theirs.read_bytes())
        disk = Disk(how, seed=after)
        message, first = asked_on(life, disk, after)
        heard.add(first["answer"])
        pump = life.resume().pump
        desk = Desk(pump)
        became = desk.take(NAME, {"number": 1})["answer"]
        again = desk.take(NAME, message)
        if first["answer"] == "accepted":
            assert became == "accepted"
        assert became in ("accepted", "lost", "unknown")
        assert again["answer"] == ("accepted" if became == "unknown" else became)
        assert bool(again.get("repeated")) == (became != "unknown")
        pump.close()
        assert accepted(life.path) == (again["answer"] == "accepted")
        if not disk.broken:
            break
    assert heard == {"accepted", "uncertain"}
    assert not disk.broken
