"""The pictures of the screens are of today's screens, small, and ask nobody for anything."""

from pathlib import Path

import pytest

from dosekernel.pump.screens import app as program
from tests.pump.lived_in import lived_in
from tests.pump.pictures import KEPT, taken

BYTES_MAX = 100_000


def test_kept_pictures_are_of_the_screens_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(program.DEBUG, "1")
    found = taken(lived_in(tmp_path / "pump.journal"))
    assert {path.stem for path in KEPT.glob("*.svg")} == set(found)
    for name, text in found.items():
        assert len(text.encode()) < BYTES_MAX
        assert "url(http" not in text and "@import" not in text
        kept = (KEPT / f"{name}.svg").read_text(encoding="utf-8")
        assert text == kept, f"docs/pump/{name}.svg is of an older screen: make pump-pictures"
