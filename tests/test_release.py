"""What stands in the way of a release is found and named; whole releases are made in bindings/."""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import dosekernel
from tests.release import run, source
from tests.release.archives import ReleaseError, same_bytes, same_libraries, settled
from tests.release.checks import about, hashes
from tests.release.source import version

NAME = "pump-1.0-py3-none-any.whl"


def tree(folder: Path, changelog: str) -> Path:
    """A source tree of which only the version and the changelog are looked at."""
    (folder / "bindings").mkdir()
    (folder / "bindings" / "__init__.py").write_text('__version__ = "1.2.0"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    return folder


def wheel(folder: Path, **files: str) -> Path:
    """An archive with some files of some text."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / NAME, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name.replace("_", ".")), text)
    return folder / NAME


# ---- the version


def test_this_version_has_its_entry_and_its_day(root: Path) -> None:
    found = version(root)
    assert found.name == dosekernel.__version__
    assert date.fromisoformat(found.date) >= date(2026, 1, 1)


def test_the_day_of_a_version_is_the_time_of_its_files(tmp_path: Path) -> None:
    found = version(tree(tmp_path, "# Changelog\n\n## 1.2.0 - 1970-01-03\n\n- New.\n"))
    assert (found.name, found.epoch) == ("1.2.0", 2 * 24 * 60 * 60)


@pytest.mark.parametrize(
    ("changelog", "said"),
    [
        ("# Changelog\n", "the first entry is 'none'; allowed: '## 1.2.0 - YYYY-MM-DD'"),
        ("## 1.2.0\n\n- New.\n", "the first entry is '## 1.2.0'"),
        ("## 1.1.0 - 2026-01-01\n\n- Old.\n", "the first entry is '## 1.1.0 - 2026-01-01'"),
        ("## 1.2.0 - 2026-02-30\n\n- New.\n", "day"),
        ("## 1.2.0 - 2026-02-03\n\n## 1.1.0 - 2026-01-01\n\n- Old.\n", "says nothing"),
    ],
)
def test_a_version_without_a_dated_entry_is_refused(
    changelog: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ReleaseError, match=said):
        version(tree(tmp_path, changelog))


def test_what_is_not_committed_is_not_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ReleaseError, match="there is no git here: --uncommitted"):
        source.committed(tmp_path, tmp_path / "tree")
    monkeypatch.setattr(shutil, "which", lambda _name: "git")
    monkeypatch.setattr(source, "git", lambda *_words: b" M kernel/step.py\n")
    (tmp_path / ".git").mkdir()
    monkeypatch.setattr(run, "ROOT", tmp_path)
    assert run.main(["--out", str(tmp_path / "dist")]) == 1
    assert "not committed: kernel/step.py; commit them" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


# ---- the archives


def archive(names: list[str], time: int, mode: int) -> bytes:
    """A source archive as it comes from a machine with its own clock, order and habits."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode, member.uname = 3, time, mode, "someone"
            made.addfile(member, io.BytesIO(b"one"))
    return packed.getvalue()


def test_the_same_source_is_the_same_archive() -> None:
    here = settled(archive(["p/a.py", "p/b.py"], 1, 0o664), 7)
    assert here == settled(archive(["p/b.py", "p/a.py"], 2, 0o600), 7)
    assert here != settled(archive(["p/b.py", "p/c.py"], 2, 0o600), 7)
    with tarfile.open(fileobj=io.BytesIO(here)) as made:
        members = made.getmembers()
        assert [(each.name, each.mtime, each.mode, each.uid) for each in members] == [
            ("p/a.py", 7, 0o644, 0),
            ("p/b.py", 7, 0o644, 0),
        ]
        assert all(file.read() == b"one" for each in members if (file := made.extractfile(each)))
    assert int.from_bytes(here[4:8], "little") == 7
    assert gzip.decompress(here)


def test_a_file_that_differs_between_two_builds_is_named(tmp_path: Path) -> None:
    one = wheel(tmp_path / "one", a_py="1", b_py="2")
    same_bytes(one, wheel(tmp_path / "two", a_py="1", b_py="2"))
    with pytest.raises(ReleaseError, match=r"two folders differ: b\.py, c\.py$"):
        same_bytes(one, wheel(tmp_path / "two", a_py="1", b_py="3", c_py=""))
    with pytest.raises(ReleaseError, match="only how they are packed"):
        same_bytes(one, wheel(tmp_path / "two", b_py="2", a_py="1"))


def test_a_repair_that_touches_a_library_is_refused(tmp_path: Path) -> None:
    plain = wheel(tmp_path / "plain", lib_so="1", lib_a="2", a_py="3")
    repaired = wheel(tmp_path / "repaired", lib_so="1", lib_a="2", a_py="changed")
    assert same_libraries(plain, repaired) == ["lib.so", "lib.a"]
    for files in ({"lib_so": "x", "lib_a": "2"}, {"lib_so": "1", "lib_a": "2", "libc_so": "3"}):
        with pytest.raises(ReleaseError, match="the repair changed"):
            same_libraries(plain, wheel(tmp_path / "repaired", **files))
    with pytest.raises(ReleaseError, match="of \\[\\]"):
        same_libraries(*[wheel(tmp_path / "none", a_py="3")] * 2)


# ---- the record that goes along


def record(folder: Path, **changed: Any) -> Path:
    """The record of a proof of the kernel that is installed here."""
    kernel, c_file, built = hashes(Path(dosekernel.__file__).parent)
    told = {
        "verdict": "proved",
        "kernel_source": kernel,
        "c_file": {"sha256": c_file},
        "object": {"build": "proved", "sha256": built},
    }
    (folder / "proof.json").write_text(json.dumps(told | changed), encoding="utf-8")
    return folder / "proof.json"


def test_only_the_proof_of_what_is_released_goes_along(tmp_path: Path) -> None:
    package = Path(dosekernel.__file__).parent
    assert about(record(tmp_path), package)["verdict"] == "proved"
    other = hashlib.sha256(b"").hexdigest()
    for changed, said in (
        ({"verdict": "refuted"}, "verdict refuted"),
        ({"kernel_source": other}, f"kernel {other}"),
        ({"c_file": {"sha256": other}}, f"C file {other}"),
        ({"object": {"sha256": other}}, f"object {other}"),
        ({"object": None}, "object None"),
        ({"c_file": None}, "no record of dosekernel prove --report"),
    ):
        with pytest.raises(ReleaseError, match=said):
            about(record(tmp_path, **changed), package)
