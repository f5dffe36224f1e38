"""An external package of one Cython module, linked to an installed dosekernel."""

from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

import dosekernel

fleet = Extension(
    "pumpfleet",
    ["pumpfleet.pyx"],
    include_dirs=[dosekernel.get_include()],
    extra_objects=[str(Path(dosekernel.get_library_dir()) / "libdosekernel.a")],
)
setup(ext_modules=cythonize([fleet]))
