"""Faults are found, made small, written, read and played again; engines that are missing say so."""

import json
import shutil
from pathlib import Path

import pytest

from dosekernel.command import main
from dosekernel.command.codes import BAD_INPUT, FINDING, GOOD, TOOL_MISSING
from dosekernel.fuzz import building, corpus, findings
from dosekernel.fuzz.engines import ENGINES
from dosekernel.fuzz.native import Harness
from tests.fuzz.broken import FAULTS, Fault, target
from tests.proofs.kernels import twice_the_largest_bolus

QUICK = [fault for fault in FAULTS if fault.function in ("busy", "repeats", "memory_sealed")]
SECONDS = {"libfuzzer": "20s", "libfuzzer-sanitized": "20s", "afl": "30s"}


def first_found(harness: Harness) -> findings.Finding:
    """What the seeds alone show of a fault, made small."""
    for seed in corpus.seeds():
        verdict = harness.play(seed)
        if not verdict.good:
            still = findings.shows_quickly(harness, verdict.oracle)
            small = findings.smaller(seed, still)
            told = (verdict.found, verdict.allowed, "seeds", 0, 0.0)
            return findings.Finding(verdict.oracle, verdict.sentence, *told, small)
    raise AssertionError("no seed shows the fault")


@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: fault.function)
def test_a_fault_is_found_by_the_seeds(fault: Fault, tmp_path: Path) -> None:
    harness = Harness(target(fault, tmp_path))
    finding = first_found(harness)
    assert finding.oracle in fault.oracles
    assert len(finding.data) <= 40
    assert harness.play(finding.data).oracle == finding.oracle
    written = tmp_path / "finding.txt"
    written.write_text(findings.text(finding, harness), encoding="utf-8")
    assert findings.read(written) == finding.data
    told = written.read_text(encoding="utf-8")
    assert "a fresh pump at" in told and finding.sentence in told


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.function)
def test_every_oracle_has_a_fault_that_it_finds(fault: Fault, tmp_path: Path) -> None:
    harness = Harness(target(fault, tmp_path))
    if fault.oracles:
        assert first_found(harness).oracle in fault.oracles
    else:
        verdicts = (findings.judged(harness, seed) for seed in corpus.seeds())
        assert any(verdict.oracle == "model" for verdict in verdicts)


def test_a_good_kernel_shows_nothing_when_a_finding_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    life = corpus.seeds()[-1]
    path = tmp_path / "finding.txt"
    path.write_text(f"{findings.HEADING}\n{findings.BYTES}{life.hex()}\n", encoding="utf-8")
    assert main(["fuzz", "--replay", str(path)]) == GOOD
    assert "oracle: nothing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("something else", "line 1: not a finding"),
        (f"{findings.HEADING}\n", "no line that begins with 'bytes:'"),
        (f"{findings.HEADING}\nbytes: xy\n", "line 2: the bytes are not in hex"),
    ],
)
def test_a_wrong_finding_is_said(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "finding.txt"
    path.write_text(content, encoding="utf-8")
    assert main(["fuzz", "--replay", str(path)]) == BAD_INPUT
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", ["libfuzzer", "afl"])
def test_a_missing_engine_names_its_package(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["fuzz", "--engine", name, "--time", "1s"]) == TOOL_MISSING
    assert "apt-get install" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--time", "0"], ["--time", "x"], ["--jobs", "0"]])
def test_wrong_calls_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", *words]) == BAD_INPUT
    assert "allowed:" in capsys.readouterr().err


def test_hypothesis_runs_as_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["fuzz", "--engine", "hypothesis", "--time", "2s", "--json", "--quiet"]
    assert main(words) == GOOD
    said = json.loads(capsys.readouterr().out)
    assert (said["engine"], said["finding"]) == ("hypothesis", None)
    assert said["lives"] > 10 and said["steps"] > said["lives"]


def present(name: str) -> bool:
    """Whether the tools of an engine are there."""
    recipe = building.RECIPES.get(name, building.RECIPES["library"])
    extra = {"afl": "afl-fuzz"}.get(name, recipe.compiler)
    return shutil.which(recipe.compiler) is not None and shutil.which(extra) is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SECONDS))
def test_an_engine_finds_a_planted_bug(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = twice_the_largest_bolus(tmp_path / "kernel")
    words = ["--engine", name, "--time", SECONDS[name], "--kernel", str(broken), "--quiet"]
    code = main(["fuzz", *words, "--json", "--out", str(tmp_path)])
    said = capsys.readouterr()
    if not present(name):
        assert code == TOOL_MISSING and "apt-get install" in said.err
        return
    assert code == FINDING
    found = json.loads(said.out)
    assert found["finding"]["oracle"] in ("allowable", "cap")
    assert main(["fuzz", "--replay", found["file"], "--kernel", str(broken)]) == FINDING
    assert main(["fuzz", "--replay", found["file"]]) == GOOD


def test_every_engine_is_named_in_the_page(root: Path) -> None:
    page = (root / "docs" / "fuzzing.md").read_text(encoding="utf-8")
    assert [name for name in ENGINES if f"`{name}`" not in page] == []
