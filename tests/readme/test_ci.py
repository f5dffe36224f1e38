"""The steps that the README gives for CI: typed in a fork, in an environment of its own."""

import json
import re
import shutil
import venv
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bindings.installed import clean, clone, shell
from tests.conftest import ROOT
from tests.readme import page

(YAML,) = [each.text for each in page.blocks() if each.language == "yaml"]
# What each step runs; a folded text is one line.
STEPS = [
    " ".join(re.sub(r"\s#.*", "", each).split())
    for each in re.findall(r"^- run: (?:>-\n)?(.*?)(?=^- |\Z)", YAML, re.MULTILINE | re.DOTALL)
]
# One family instead of all, with one process.
LITTLE = " --property requests --jobs 1"


def test_there_are_two_steps_and_a_cache() -> None:
    assert [step.split()[0] for step in STEPS] == ["pip", "dosekernel"]
    assert "path: ~/.cache/dosekernel" in YAML


@pytest.mark.packaging
def test_the_steps_of_ci(tmp_path: Path) -> None:
    clone(ROOT, tmp_path / "dosekernel")
    shutil.copytree(tmp_path / "dosekernel" / "kernel", tmp_path / "src" / "pump")
    venv.create(tmp_path / "venv", with_pip=True)
    named = ("DOSEKERNEL_CACHE", "XDG_CACHE_HOME")
    variables = {name: value for name, value in clean(ROOT).items() if name not in named}
    variables["PATH"] = f"{tmp_path / 'venv' / 'bin'}:{variables['PATH']}"
    variables["HOME"] = str(tmp_path)
    variables["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary.md")
    for step in (STEPS[0], STEPS[1] + LITTLE):
        shell("sh", "-e", "-u", "-c", step, cwd=tmp_path, environment=variables)
    assert "PROVED" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert ElementTree.parse(tmp_path / "proof.xml").getroot().get("failures", "0") == "0"
    assert json.loads((tmp_path / "proof.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((tmp_path / "proof.json").read_text())["headline"] == "PROVED"
    assert list((tmp_path / "failing").glob("*.py")) == []
    assert (tmp_path / ".cache" / "dosekernel").is_dir()
