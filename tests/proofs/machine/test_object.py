"""The shipped libraries and the extension: proved function by function, and run beside that."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import dosekernel
from dosekernel.compile import PREFIX
from dosekernel.kernel import arithmetic, records, window
from dosekernel.proofs import command
from dosekernel.proofs.machine.command import shipped
from dosekernel.proofs.machine.cotest import Natives, cotest, followed
from dosekernel.proofs.machine.image import ImageError, only_object, read_image
from dosekernel.proofs.machine.judge import Standing, judge
from dosekernel.proofs.machine.meaning import Source
from dosekernel.proofs.machine.native import meant
from dosekernel.proofs.machine.run import ObjectOptions, kernel_text, prove_object
from dosekernel.proofs.machine.trials import with_bytes

from .objects import SHIPPED, settings, source

SOME = ("within", "whole_pulses", "speed_room", "window_valid", "assign_words", "release", "tick")
NAMES = [PREFIX + name for name in SOME]


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that was proved before counts here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOSEKERNEL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def test_some_functions_cold_and_warm() -> None:
    """Proved once they are kept, by their bytes and their source."""
    options = ObjectOptions(solvers=("z3",), only=NAMES)
    first = prove_object(SHIPPED, source(), options)
    again = prove_object(SHIPPED, source(), options)
    for report, kept in ((first, False), (again, True)):
        assert {each.symbol for each in report.judgements} == set(NAMES)
        assert all(each.standing is Standing.PROVED for each in report.judgements)
        assert all(each.cached is kept for each in report.judgements)


@pytest.mark.slow
def test_the_shipped_objects_are_proved() -> None:
    """Every function of the libraries and of the extension, and every lemma."""
    for path in shipped():
        report = prove_object(path, source(), ObjectOptions())
        assert report.proved, [each for each in report.judgements if each.detail]
        assert report.count(Standing.PROVED) == len(report.judgements) > 160
        assert 0 < report.stack(PREFIX + "step") < 4096


def test_the_same_text_everywhere() -> None:
    """What C programs link and what Python runs are the same bytes."""
    images = [read_image(path) for path in shipped()]
    assert len(images) == 3
    assert len({image.text_hash(kernel_text(image)) for image in images}) == 1


def test_build_info_tells_the_proved_build() -> None:
    """The proved build is the default, and the object's hash is that of the library's member."""
    told = dosekernel.build_info()
    assert told["build"] == "proved"
    assert "-DDOSEKERNEL_PROVED" in told["flags"]
    assert read_image(SHIPPED).file_hash == told["object_sha256"]


def test_the_version_names_the_source() -> None:
    """An object of another source says so, even if every function were equal."""
    image = read_image(SHIPPED)
    other = Source(source().program, source().version.replace("source ", "source 0"))
    symbol = PREFIX + "version"
    assert judge(image, source(), symbol, settings()).standing is Standing.PROVED
    found = judge(image, other, symbol, settings())
    assert found.standing is Standing.REFUTED
    assert "and the source is" in found.detail


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Its JSON, and a file that is no object."""
    words = ["--object", str(SHIPPED), "--solver", "z3", "--function", NAMES[0], "--quiet"]
    assert command.main([*words, "--json"]) == command.PROVED
    (told,) = json.loads(capsys.readouterr().out)
    assert told["proved"] and told["functions"][0]["symbol"] == NAMES[0]
    nothing = tmp_path / "no.o"
    nothing.write_bytes(b"no object")
    assert command.main(["--object", str(nothing), "--quiet"]) == command.USAGE
    assert "no ELF object" in capsys.readouterr().err
    words[words.index(NAMES[0])] = "dosekernel_nothing"
    assert command.main(words) == command.USAGE
    assert "dosekernel_nothing is no function" in capsys.readouterr().err
    with pytest.raises(ImageError, match="give one object"):
        only_object(b"!<arch>\n", nothing)


@pytest.mark.parametrize("name", SOME)
def test_lifted_words_beside_native_runs(name: str) -> None:
    """The words of each path, evaluated on random rows, are what the bytes do."""
    found = cotest(read_image(SHIPPED), source(), PREFIX + name, [{}], 300)
    assert found.wrong == ""
    assert found.rows == 300
    assert found.reached >= 1


def test_a_wrong_lifting_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of one object beside the bytes of another: the first difference is told."""
    image = read_image(SHIPPED)
    code = image.functions[PREFIX + "flow"]
    other = with_bytes(image, code, 0, bytes.fromhex("31c0c3"))  # returns 0
    natives = Natives(other, source())
    monkeypatch.setattr("dosekernel.proofs.machine.cotest.Natives", lambda *_: natives)
    with pytest.raises(ValueError, match="was lifted to"):
        followed(image, source(), PREFIX + "flow", [{}], 50)


def test_the_64_bit_reading_is_python_in_range() -> None:
    """The second algebra and CPython agree wherever the kernel's sums stay in range."""
    chance = random.Random(7)
    for _ in range(200):
        a, b = chance.randrange(1 << 30), 1 + chance.randrange(1 << 20)
        for function in (arithmetic.smaller, arithmetic.larger, arithmetic.flow):
            subject = source().by_name[function.__name__]
            found = meant(source(), subject, ((a,), (b,)))
            assert found is not None
            assert found[1] == function(a, b)
        found = meant(source(), source().by_name["whole_pulses"], ((a,), (b,)))
        assert found is not None
        assert found[1] == a - a % b
    slots = [chance.randrange(1 << 30) for _ in range(records.SLOTS)]
    held = records.Window()
    held.slots[:] = slots
    found = meant(source(), source().by_name["total"], (tuple(slots),))
    assert found is not None
    assert found[1] == window.total(held)
