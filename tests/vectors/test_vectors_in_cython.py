"""The vectors through a Cython module of our own, compiled here with the kernel's declarations."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import dosekernel
from tests.conftest import ROOT

from . import vector_file
from .vector_file import Adopt, Step, sum_of

NAME = "vectors_in_cython"
SETUP = """\
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup

source, include, declarations = sys.argv[1:4]
del sys.argv[1:4]
made = Extension("vectors_in_cython", [source, include + "/dosekernel.c"], include_dirs=[include])
setup(
    name="vectors_in_cython",
    ext_modules=cythonize([made], include_path=[declarations], build_dir="cython", quiet=True),
)
"""


def compiled(folder: Path) -> ModuleType:
    """The module, built out of the tree with the declarations that the package ships."""
    (folder / "setup.py").write_text(SETUP, encoding="utf-8")
    source = folder / f"{NAME}.pyx"
    source.write_bytes((Path(__file__).parent / source.name).read_bytes())
    declarations = folder / "declarations" / "dosekernel"
    declarations.mkdir(parents=True)
    shipped = (ROOT / "bindings" / "__init__.pxd").read_bytes()
    (declarations / "__init__.pxd").write_bytes(shipped)
    command = [sys.executable, "setup.py", source.name, dosekernel.get_include()]
    command += [str(declarations.parent), "--quiet", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob(f"{NAME}*.so")
    spec = importlib.util.spec_from_file_location(NAME, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.packaging
def test_cython_agrees(tmp_path: Path) -> None:
    module = compiled(tmp_path)
    vectors = vector_file.read()
    steps = 0
    for history in vectors.histories:
        begin, pump = history.start, module.Pump()
        found = pump.initialise(vectors.limits[begin.limits], begin.at)
        assert (found, sum_of(pump.words())) == (begin.reason, begin.state), begin.name
        for move in history.moves:
            where = f"line {move.line}, {begin.name}"
            if isinstance(move, Step):
                status, outcome = pump.step(move.event)
                assert (status, tuple(outcome)) == (move.outcome[0], move.outcome), where
                steps += 1
            elif isinstance(move, Adopt):
                assert pump.adopt(vectors.limits[move.limits], move.at) == move.reason, where
            else:
                pump.damage(move.word, move.value)
            assert sum_of(pump.words()) == move.state, where
    assert steps == vectors.steps
