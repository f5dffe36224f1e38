"""The journal: what was written is there, what was changed is found, other files are refused."""

import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import pytest

from dosekernel import Limits
from dosekernel.errors import InputError
from dosekernel.pump.errors import (
    HaltedError,
    JournalBusyError,
    JournalError,
    JournalVersionError,
    TamperedError,
)
from dosekernel.pump.head import Head, head_path, read_head
from dosekernel.pump.journal import SCHEMA, Journal, What, wal_path
from dosekernel.pump.retrace import Retrace
from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Kind

from .faulty_vfs import Break, Disk, FaultyVFS
from .lives import MEMORY, MINUTE, UNIT, WALL, Life, hour, set_up, whole

FLIPS = 60
PAGE = 4096


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty journal."""
    found = Journal.create(tmp_path / "journal")
    yield found
    found.close()


@pytest.fixture(scope="module")
def lived(limits: Limits) -> Iterator[Path]:
    """The journal of a whole hour."""
    folder = tempfile.TemporaryDirectory(dir=MEMORY)
    life = Life(Path(folder.name) / "journal", limits)
    hour(life, life.begin())
    yield life.path
    folder.cleanup()


@pytest.fixture
def copied(lived: Path, tmp_path: Path) -> Path:
    """A copy of it, with its head, to be spoilt."""
    path = tmp_path / "journal"
    path.write_bytes(lived.read_bytes())
    head_path(path).write_bytes(head_path(lived).read_bytes())
    return path


def edit(path: Path, *statements: str) -> None:
    """Change the file as somebody with a database tool would."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


# ---- what is written


def test_entries_come_back_as_they_were(journal: Journal) -> None:
    for number in range(1, 6):
        assert journal.append(What.NOTICE, bytes([number]), wall=WALL, at=number) == number
    found = list(journal.chained())
    assert [(entry.seq, entry.at, entry.body) for entry in found] == [
        (number, number, bytes([number])) for number in range(1, 6)
    ]
    assert [entry.seq for entry in journal.chained(3)] == [4, 5]
    path = journal.path
    journal.close()
    with closing(Journal.open(path)) as again:
        assert list(again.chained()) == found
        assert not again.headless


def test_only_the_owner_can_read_it(journal: Journal) -> None:
    journal.append(What.NOTICE, b"", wall=WALL, at=1)
    for path in (journal.path, wal_path(journal.path), head_path(journal.path)):
        assert path.stat().st_mode & 0o077 == 0


def test_it_is_synced_before_append_returns(tmp_path: Path) -> None:
    disk = Disk()
    vfs = FaultyVFS(disk)
    with closing(Journal.create(tmp_path / "journal", vfs.name)) as journal:
        for number in range(1, 20):
            journal.append(What.NOTICE, b"x" * 100, wall=WALL, at=number)
            assert not any(disk.unsynced.values())
    vfs.unregister()


def test_a_second_program_is_told_so(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dosekernel.pump.journal.WAIT", 10)
    child = os.fork()
    if child == 0:
        try:
            Journal.open(journal.path)
        except JournalBusyError as error:
            os._exit(7 if "another program has this journal open" in str(error) else 1)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


# ---- what was changed


@pytest.mark.parametrize("seq", [1, 2, 40, 41, 150])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET at = at + 1 WHERE seq = {0}",
        "UPDATE entries SET wall = 0 WHERE seq = {0}",
        "UPDATE entries SET code = code + 1 WHERE seq = {0}",
        "UPDATE entries SET kind = 'site' WHERE seq = {0}",
        "UPDATE entries SET body = CAST(body || x'00' AS BLOB) WHERE seq = {0}",
        "UPDATE entries SET chain = randomblob(32) WHERE seq = {0}",
        "DELETE FROM entries WHERE seq = {0}",
    ],
)
def test_an_edited_or_missing_entry_is_named(copied: Path, change: str, seq: int) -> None:
    edit(copied, change.format(seq))
    with (
        closing(Journal.open(copied)) as journal,
        pytest.raises(TamperedError, match=rf"entry {seq} (was edited|is missing)"),
    ):
        list(journal.chained())


def test_a_foreign_entry_is_found(copied: Path) -> None:
    edit(
        copied,
        "UPDATE entries SET seq = seq + 1000000 WHERE seq >= 50",
        "UPDATE entries SET seq = seq - 999999 WHERE seq > 1000000",
        "INSERT INTO entries SELECT 50, wall, at, kind, code, body, chain FROM entries "
        "WHERE seq = 49",
    )
    with pytest.raises(TamperedError):
        whole(copied)


def test_entries_in_another_order_are_found(copied: Path) -> None:
    edit(
        copied,
        "UPDATE entries SET seq = -seq WHERE seq IN (60, 61)".replace("-seq", "seq + 100000"),
        "UPDATE entries SET seq = 61 WHERE seq = 100060",
        "UPDATE entries SET seq = 60 WHERE seq = 100061",
    )
    with (
        closing(Journal.open(copied)) as journal,
        pytest.raises(TamperedError, match="entry 60 was edited"),
    ):
        list(journal.chained())


def test_a_chain_made_anew_around_a_forged_outcome_is_found_by_the_kernel(copied: Path) -> None:
    with closing(Journal.open(copied)) as journal:
        entries = list(journal.chained())
    victim = next(entry for entry in entries if entry.kind is What.OUTCOME and entry.seq > 60)
    trace = Retrace("journal")
    body = bytearray(victim.body)
    body[8 * 10] ^= 1  # the read-out of the reservoir
    forged = victim.__class__(
        victim.seq, victim.wall, victim.at, victim.kind, victim.code, bytes(body), victim.chain
    )
    for entry in entries[: victim.seq - 1]:
        trace.take(entry)
    with pytest.raises(TamperedError, match=rf"entry {victim.seq} \(outcome\) says"):
        trace.take(forged)


@pytest.mark.parametrize("count", [1, 2, 30])
def test_missing_entries_at_the_end_are_found(copied: Path, count: int) -> None:
    head = read_head(copied)
    assert head is not None
    edit(copied, f"DELETE FROM entries WHERE seq > {head.seq - count}")
    with pytest.raises(TamperedError, match=f"entries {head.seq - count + 1} to {head.seq} are"):
        Journal.open(copied)


def test_a_lost_write_ahead_log_is_found(tmp_path: Path, limits: Limits) -> None:
    life = Life(tmp_path / "journal", limits)
    pump = life.begin()
    set_up(life, pump)
    other = tmp_path / "other"
    other.write_bytes(life.path.read_bytes())
    head_path(other).write_bytes(head_path(life.path).read_bytes())
    with pytest.raises(JournalError, match="missing at the end|not a pump's journal"):
        Journal.open(other)
    pump.close()


@pytest.mark.parametrize("head", [None, b"", b"00000000000000000004 00 00\n", b"\xff" * 102])
def test_a_missing_or_torn_head_is_told(copied: Path, head: bytes | None) -> None:
    head_path(copied).unlink()
    if head is not None:
        head_path(copied).write_bytes(head)
    with closing(Journal.open(copied)) as journal:
        assert journal.headless
    with closing(Journal.open(copied)) as journal:
        assert not journal.headless


def test_a_head_of_another_journal_is_found(copied: Path) -> None:
    head_path(copied).write_bytes(Head(40, bytes(32)).line())
    with pytest.raises(TamperedError, match="entry 40 is not the one"):
        Journal.open(copied)


def test_a_flipped_bit_is_found_or_is_nowhere_that_counts(copied: Path) -> None:
    sound = copied.read_bytes()
    head = head_path(copied).read_bytes()
    entries, trace = whole(copied)
    assert trace.kernel is not None
    state = trace.kernel.state
    chance = random.Random(8)
    found = 0
    for flip in range(FLIPS):
        page = flip % (len(sound) // PAGE)
        damaged = bytearray(sound)
        damaged[page * PAGE + chance.randrange(PAGE)] ^= 1 << chance.randrange(8)
        wal_path(copied).unlink(missing_ok=True)
        copied.write_bytes(damaged)
        head_path(copied).write_bytes(head)
        try:
            again, trace = whole(copied)
        except InputError as error:
            assert str(copied) in str(error)
            found += 1
            continue
        assert again == entries
        assert trace.kernel is not None
        assert trace.kernel.state == state
    assert found > FLIPS // 4


# ---- what is no journal


def test_files_that_are_no_journal_are_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"", b"hello", b"x" * 9000, b"SQLite format 3\0" + bytes(4000)):
        path.write_bytes(content)
        with pytest.raises(JournalVersionError, match=str(path)):
            Journal.open(path)
        assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    edit(path, "CREATE TABLE notes (text TEXT)", "INSERT INTO notes VALUES ('milk')")
    before = path.read_bytes()
    with pytest.raises(JournalVersionError, match="not a pump's journal"):
        Journal.open(path)
    assert path.read_bytes() == before
    assert not head_path(path).exists()


def test_a_newer_journal_is_refused(copied: Path) -> None:
    edit(copied, f"PRAGMA user_version = {SCHEMA + 1}")
    expected = f"journal version {SCHEMA + 1}; this dosekernel reads {SCHEMA}"
    with pytest.raises(JournalVersionError, match=expected):
        Journal.open(copied)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_found(copied: Path, part: float) -> None:
    content = copied.read_bytes()
    copied.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(JournalError, match=str(copied)):
        whole(copied)


def test_nothing_is_overwritten(copied: Path, tmp_path: Path) -> None:
    before = copied.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        Journal.create(copied)
    assert copied.read_bytes() == before
    head_path(tmp_path / "next").touch()
    with pytest.raises(InputError, match="exists already"):
        Journal.create(tmp_path / "next")
    with pytest.raises(InputError, match="there is no folder"):
        Journal.create(tmp_path / "nowhere" / "journal")
    with pytest.raises(InputError, match="there is no such journal"):
        Journal.open(tmp_path / "nothing")


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Root may write anything; as nobody, permissions count."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_cannot_be_written_is_refused(copied: Path) -> None:
    folder = copied.parent
    for each in (folder, *folder.parents):
        if each.stat().st_uid == os.geteuid() and each != Path("/"):
            each.chmod(each.stat().st_mode | 0o055)
    copied.chmod(0o444)
    head_path(copied).chmod(0o444)
    folder.chmod(0o555)
    before = copied.read_bytes()
    with ordinary_user(), pytest.raises(JournalError, match="journal: "):
        Journal.open(copied)
    with ordinary_user(), pytest.raises(JournalError, match="cannot be made"):
        Journal.create(folder / "new")
    folder.chmod(0o755)
    assert copied.read_bytes() == before


# ---- what fails while the pump is at work


def bolus_under_way(tmp_path: Path, limits: Limits) -> tuple[Life, Pump]:
    life = Life(tmp_path / "journal", limits)
    pump = life.begin()
    set_up(life, pump)
    pump.run(2 * MINUTE)
    life.ask(pump, Kind.BOLUS, amount=2 * UNIT)
    pump.run(20_000)
    return life, pump


def test_a_journal_that_is_deleted_stops_the_pump_and_loses_nothing(
    tmp_path: Path, limits: Limits
) -> None:
    life, pump = bolus_under_way(tmp_path, limits)
    seq = pump.journal.seq
    life.path.unlink()
    with pytest.raises(JournalError, match=r"was deleted, .*written again to .*rescued-1"):
        pump.run(10 * MINUTE)
    moved = dict(life.motor.moved)
    with pytest.raises(HaltedError):
        pump.ask(Kind.BOLUS, amount=UNIT)
    life.clock.sleep(MINUTE)
    life.motor.poll(pump.now())
    assert life.motor.moved == moved
    pump.journal.close()
    rescued = life.path.with_name("journal.rescued-1")
    entries, _ = whole(rescued)
    assert len(entries) == seq + 1
    life.path = rescued
    assert "counts as given" in " ".join(life.resume().sentences)


def test_a_folder_that_is_deleted_stops_the_pump(tmp_path: Path, limits: Limits) -> None:
    folder = tmp_path / "pump"
    folder.mkdir()
    _, pump = bolus_under_way(folder, limits)
    shutil.rmtree(folder)
    with pytest.raises(JournalError, match=r"was deleted, .* cannot be written elsewhere"):
        pump.run(10 * MINUTE)
    pump.journal.close()


def test_a_full_disk_stops_the_pump_and_loses_nothing(tmp_path: Path, limits: Limits) -> None:
    disk = Disk(Break.FULL)
    vfs = FaultyVFS(disk)
    life = Life(tmp_path / "journal", limits)
    pump = life.begin(vfs.name)
    set_up(life, pump)
    pump.run(2 * MINUTE)
    life.ask(pump, Kind.BOLUS, amount=2 * UNIT)
    pump.run(20_000)
    disk.at = disk.operations + 1
    with pytest.raises(JournalError, match=r"cannot be written: .*the pump has stopped"):
        pump.run(10 * MINUTE)
    with pytest.raises(HaltedError, match="open the journal again to go on"):
        pump.tick()
    pump.journal.close()
    vfs.unregister()
    assert "2 U was under way" in " ".join(life.resume().sentences)


def test_an_interrupted_entry_halts_the_journal(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(journal._head, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        journal.append(What.NOTICE, b"", wall=WALL, at=1)
    with pytest.raises(HaltedError, match="was begun and not finished"):
        journal.append(What.NOTICE, b"", wall=WALL, at=1)


def test_what_a_kind_no_pump_knows_is_refused(copied: Path) -> None:
    edit(copied, "UPDATE entries SET kind = 'wish' WHERE seq = 7")
    with (
        closing(Journal.open(copied)) as journal,
        pytest.raises(TamperedError, match="entry 7: there is no kind 'wish'"),
    ):
        list(journal.chained())


def test_apsw_is_as_new_as_the_journal_needs() -> None:
    assert tuple(map(int, apsw.sqlitelibversion().split("."))) >= (3, 37, 0)  # STRICT tables
