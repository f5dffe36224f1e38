"""What a stranger installs: an editable checkout, and the archives of a release."""

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import dosekernel
from dosekernel.compile import VERSION, build_c
from tests.bindings import installed
from tests.bindings.installed import LOCKED, clean
from tests.bindings.test_linking import SAID, commands
from tests.conftest import ROOT

LOCK = ROOT / LOCKED
# simglucose is used without what it asks for; see requirements.lock.
ALONE = {"simglucose"}
ROOMS = ("", ".kernel", ".spec", ".proofs", ".command", ".compile")
USES = """
import importlib.resources, importlib.util, pathlib
import dosekernel
from dosekernel import Event, Kernel, Kind, Limits, Status
for room in {rooms}:
    importlib.import_module("dosekernel" + room)
for name in ("kernel", "spec", "proofs", "bindings"):
    assert importlib.util.find_spec(name) is None, name
kernel = pathlib.Path(importlib.import_module("dosekernel.kernel").__file__).parent
assert (kernel / "step.py").is_file() and (kernel / "records.py").is_file()
package = pathlib.Path(dosekernel.__file__).parent
assert (package / "py.typed").is_file() and (package / "_native.pyi").is_file()
assert (package / "__init__.pxd").is_file()
include = pathlib.Path(dosekernel.get_include())
assert (include / "dosekernel.c").is_file() and (include / "dosekernel.h").is_file()
library = pathlib.Path(dosekernel.get_library_dir())
assert (library / "libdosekernel.a").is_file() and (library / "libdosekernel.so").is_file()
assert (library / "pkgconfig" / "dosekernel.pc").is_file()
histories = importlib.resources.files("dosekernel.histories").iterdir()
assert {{"loop-day.json", "incidents.csv"}} <= {{history.name for history in histories}}
outcome = Kernel(Limits.load("insulin-u100")).step(Event(Kind.TICK, at=5))
assert outcome.status is Status.ACCEPTED
"""


# ---- the lock


def locked(root: Path) -> dict[str, str]:
    """Every pin of requirements.lock that holds on this machine."""
    lines = (root / "requirements.lock").read_text().splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(str(pin.specifier).startswith("==") for pin in pins)
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }


def asked(root: Path) -> list[Requirement]:
    """All that pyproject.toml asks for, extras and build included."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    texts = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for extra in project["project"]["optional-dependencies"].values():
        texts += extra
    return [Requirement(text) for text in texts]


def test_the_lock_is_what_is_installed_and_lacks_nothing(root: Path) -> None:
    pins = locked(root)
    wanted = {canonicalize_name(requirement.name) for requirement in asked(root)}
    assert wanted <= set(pins)
    for name, exact in pins.items():
        assert version(name) == exact, name
        for text in [] if name in ALONE else requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                needed = canonicalize_name(requirement.name)
                assert needed in pins, f"{name} needs {text}"
                assert requirement.specifier.contains(pins[needed]), f"{name} needs {text}"


def test_the_lock_is_within_what_the_package_accepts(root: Path) -> None:
    pins = locked(root)
    for requirement in asked(root):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


def test_the_version_is_one() -> None:
    assert VERSION == dosekernel.__version__ == version("dosekernel")
    include = Path(dosekernel.get_include())
    assert f"dosekernel {VERSION}" in (include / "dosekernel.c").read_text()


# ---- installs


def shell(*words: str | Path, cwd: Path) -> str:
    """What a command printed; a failure shows all of it."""
    # The same Cython as here, so that the C can be compared.
    variables = clean(ROOT) | {"PIP_BUILD_CONSTRAINT": str(LOCK)}
    return installed.shell(*words, cwd=cwd, environment=variables)


def environment(folder: Path) -> Path:
    """A fresh virtual environment; its interpreter."""
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole release of the source as it lies here."""
    folder = tmp_path_factory.mktemp("release") / "dist"
    words = (sys.executable, "-m", "tests.release.run", "--uncommitted", "--out", folder)
    told = shell(*words, cwd=ROOT)
    assert "built twice in two folders: the same bytes" in told
    assert "builds without a network, into the same libraries" in told
    assert told.count(" PROVED: ") == 4
    return folder


@pytest.mark.packaging
def test_a_release_is_an_archive_a_wheel_and_their_sums(released: Path) -> None:
    lines = (released / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    assert {each.name for each in released.iterdir()} == {*sums, "SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((released / name).read_bytes()).hexdigest() == digest
    wheel, source = sorted(sums)
    assert re.fullmatch(rf"dosekernel-{VERSION}-cp\d+-cp\d+-m(any|usl)linux.*\.whl", wheel)
    assert source == f"dosekernel-{VERSION}.tar.gz"
    with tarfile.open(released / source) as archive:
        names = {each.name.partition("/")[2] for each in archive}
    assert {"README.md", "CHANGELOG.md", "Makefile", ".ci/run", "kernel/step.py"} <= names
    assert not {name for name in names if name.endswith((".so", ".a", ".o"))}


@pytest.mark.packaging
@pytest.mark.parametrize("way", ["editable", "wheel"])
def test_a_fresh_environment_can_install_and_run(
    way: str, tree: Path, released: Path, tmp_path: Path
) -> None:
    python = environment(tmp_path / "venv")
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet"]
    if way == "editable":
        shell(*pip, "--editable", tree, cwd=tmp_path)
    else:
        shell(*pip, *released.glob("*.whl"), cwd=tmp_path)
        check_cython(python, tmp_path)
        check_types(python, tmp_path)
    shell(python, "-c", USES.format(rooms=ROOMS), cwd=tmp_path)
    command = python.parent / "dosekernel"
    assert shell(command, "--version", cwd=tmp_path) == f"dosekernel {dosekernel.__version__}\n"
    shell(command, "export-c", "c", cwd=tmp_path)
    build_c(tree / "kernel", tmp_path / "here")
    for name in ("dosekernel.c", "dosekernel.h"):
        assert (tmp_path / "c" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def check_cython(python: Path, folder: Path) -> None:
    """A stranger's Cython package, by the README's own commands."""
    shell(python, "-m", "pip", "install", "--quiet", "Cython", "setuptools", cwd=folder)
    installed.copy_examples(ROOT, folder)
    variables = clean(ROOT)
    variables["PATH"] = os.pathsep.join((str(python.parent), variables["PATH"]))
    words = ("sh", "-e", "-u", "-c", commands("Cython"))
    assert SAID["Cython"] in installed.shell(*words, cwd=folder, environment=variables)


def check_types(python: Path, folder: Path) -> None:
    """A stranger's program is checked against our types."""
    program = folder / "program.py"
    program.write_text(
        "from decimal import Decimal\n"
        "from dosekernel import Kernel, Limits, Reason\n"
        'kernel = Kernel(Limits.load("insulin-u100"))\n'
        'outcome = kernel.bolus(id=1, at=5, amount=Decimal("2.5"))\n'
        "reason: Reason = outcome.reason\n"
        "allowable: str = outcome.allowable\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, program],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert 'program.py:6: error: Incompatible types in assignment (expression has type "int"' in (
        done.stdout
    )
    assert "Found 1 error" in done.stdout
