"""Linking from an installed wheel: the README's own commands, then what else is promised."""

import os
import re
import shutil
from pathlib import Path

import pytest

import dosekernel
from dosekernel import linking
from dosekernel.command import main
from dosekernel.compile import VERSION, link_files
from dosekernel.kernel.records import LAYOUT
from tests.bindings.conftest import Stranger
from tests.bindings.installed import copy_examples
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
# What the examples end with.
SAID = {
    "C": "15:00 bolus: refused, reason 30, at most 17.00 U now\n",
    "CMake": "the pump has stopped\na bolus now: refused\n",
    "Cython": "2 U/h: 48.00 U in a day\n",
    "Python": "a controller that asks for 50 U: REFUSED (BOLUS_CAP)\n",
}
PROGRAM = """\
#include <stdio.h>
#include "dosekernel.h"
int main(void) { puts(dosekernel_version()); return 0; }
"""


def section() -> str:
    """The README's section on linking."""
    return README.partition("\n## Linking it\n")[2].partition("\n## ")[0]


def commands(face: str) -> str:
    """The commands that the README gives for a face."""
    found = re.search(rf"\*\*{face}\*\*.*?```sh\n(.*?)```", section(), re.DOTALL)
    assert found is not None, face
    assert found[1].count("\n") <= 5
    return found[1]


def follow(face: str, stranger: Stranger, folder: Path) -> str:
    """What those commands print, in a copy of the examples far from this checkout."""
    copy_examples(ROOT, folder)
    return stranger.run("sh", "-e", "-u", "-c", commands(face), cwd=folder)


def program(folder: Path) -> Path:
    """A program that prints the version of the kernel that it is linked to."""
    source = folder / "version.c"
    source.write_text(PROGRAM)
    return source


def cmake(stranger: Stranger, folder: Path, text: str, *options: str) -> str:
    """What a CMake project says while it is configured."""
    folder.mkdir(parents=True)
    (folder / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.19)\n{text}")
    return stranger.run("cmake", *options, "-S", folder, "-B", folder / "build", cwd=folder)


# ---- the README, followed


@pytest.mark.parametrize("face", ["C", "Python"])
def test_the_readme_links_it(face: str, stranger: Stranger, tmp_path: Path) -> None:
    assert SAID[face] in follow(face, stranger, tmp_path)


@pytest.mark.linking
def test_the_readme_links_it_with_cmake(stranger: Stranger, tmp_path: Path) -> None:
    assert SAID["CMake"] in follow("CMake", stranger, tmp_path)


def test_every_face_is_in_the_readme_and_every_example_is_followed() -> None:
    assert set(re.findall(r"^\*\*(\w+)\*\*,", section(), re.MULTILINE)) == set(SAID)
    for folder in (ROOT / "examples").iterdir():
        assert f"examples/{folder.name}" in section()


def test_the_c_example_is_clean_c99(stranger: Stranger, tmp_path: Path) -> None:
    copy_examples(ROOT, tmp_path)
    example = tmp_path / "examples" / "c"
    stranger.run("dosekernel", "export-c", example, "--limits", "insulin-u100", cwd=tmp_path)
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
    for name in ("main.c", "dosekernel.c"):
        stranger.run("cc", *strict, "-c", name, "-o", f"{name}.o", cwd=example)


# ---- an installed wheel


@pytest.mark.parametrize("way", ["shared", "static"])
def test_a_program_is_linked_and_runs(way: str, stranger: Stranger, tmp_path: Path) -> None:
    options = ("--cflags", "--libs", *(["--static"] if way == "static" else []))
    flags = stranger.ask(*options, cwd=tmp_path).split()
    made = tmp_path / "version"
    stranger.run("cc", program(tmp_path), *flags, "-o", made, cwd=tmp_path)
    assert stranger.run(made, cwd=tmp_path).startswith(f"dosekernel {VERSION} layout {LAYOUT} ")
    told = stranger.run("readelf", "--dynamic", made, cwd=tmp_path)
    assert (f"libdosekernel.so.{LAYOUT}" in told) is (way == "shared")


def test_python_and_the_command_say_the_same(stranger: Stranger, tmp_path: Path) -> None:
    python = stranger.programs / "python"
    asked = "import dosekernel as d; print(d.get_include(), d.get_library_dir())"
    include, library = stranger.run(python, "-c", asked, cwd=tmp_path).split()
    for option, told in (
        ("--includedir", include),
        ("--libdir", library),
        ("--cflags", f"-I{include}"),
        ("--pkgconfigdir", f"{library}/pkgconfig"),
        ("--cmakedir", f"{library}/cmake/dosekernel"),
    ):
        assert stranger.ask(option, cwd=tmp_path) == told
        assert stranger.run(python, "-m", "dosekernel", option, cwd=tmp_path).strip() == told


def test_the_three_faces_hold_the_very_same_machine_code(
    stranger: Stranger, tmp_path: Path
) -> None:
    """Byte for byte, but for the addresses of data, which only a linker can fill in."""
    library = Path(stranger.ask("--libdir", cwd=tmp_path))
    (extension,) = library.parent.glob("_native*.so")
    stranger.run("ar", "x", library / "libdosekernel.a", cwd=tmp_path)

    def machine_code(file: Path) -> bytes:
        text = tmp_path / f"{file.name}.text"
        copy = ("objcopy", "-O", "binary", "--only-section=.text", file, text)
        stranger.run(*copy, cwd=tmp_path)
        return text.read_bytes()

    kernel = machine_code(tmp_path / "dosekernel.o")
    told = stranger.run("readelf", "--relocs", "--wide", "dosekernel.o", cwd=tmp_path)
    in_text = told.partition("'.rela.text'")[2].partition("Relocation section")[0]
    pieces, start = [], 0
    for place in re.findall(r"^([0-9a-f]{8,}) .* R_X86_64_PC32 ", in_text, re.MULTILINE):
        pieces.append(re.escape(kernel[start : int(place, 16)]))
        start = int(place, 16) + 4
    whole = re.compile(b"....".join([*pieces, re.escape(kernel[start:])]), re.DOTALL)
    assert len(kernel) > 10_000 > 10 * 4 * len(pieces)
    for file in (library / "libdosekernel.so", library / f"libdosekernel.so.{LAYOUT}", extension):
        assert whole.search(machine_code(file)), file


# ---- pkg-config and CMake, in place and after a move


@pytest.fixture
def moved(stranger: Stranger, tmp_path: Path) -> Path:
    """The folders of header and libraries, somewhere else, in a folder with a space."""
    include = Path(stranger.ask("--includedir", cwd=tmp_path))
    target = tmp_path / "else where"
    for name in ("include", "lib"):
        shutil.copytree(include.parent / name, target / name)
    return target


@pytest.mark.linking
def test_pkg_config_works_where_the_folder_was_moved_to(
    moved: Path, stranger: Stranger, tmp_path: Path
) -> None:
    path = {"PKG_CONFIG_PATH": str(moved / "lib" / "pkgconfig")}
    there = Stranger(stranger.programs, stranger.environment | path)
    assert there.run("pkg-config", "--modversion", "dosekernel", cwd=tmp_path) == f"{VERSION}\n"
    compile_it = f"cc {program(tmp_path)} $(pkg-config --cflags --libs dosekernel) -o version"
    static = there.run("pkg-config", "--variable=static_library", "dosekernel", cwd=tmp_path)
    assert Path(static.strip().replace("\\ ", " ")).is_file()
    # pkg-config escapes the space for a shell that reads the line once more.
    there.run("sh", "-c", f'eval "{compile_it}" && ./version', cwd=tmp_path)
    assert str(moved) in there.run("readelf", "--dynamic", "version", cwd=tmp_path)


@pytest.mark.linking
@pytest.mark.parametrize("way", ["static", "shared"])
def test_cmake_works_where_the_folder_was_moved_to(
    way: str, moved: Path, stranger: Stranger, tmp_path: Path
) -> None:
    project = (
        "project(user LANGUAGES C)\nfind_package(dosekernel REQUIRED)\n"
        f'add_executable(version "{program(tmp_path)}")\n'
        "target_link_libraries(version PRIVATE dosekernel::dosekernel)\n"
    )
    folder = tmp_path / "project"
    shared = f"-DBUILD_SHARED_LIBS={'ON' if way == 'shared' else 'OFF'}"
    place = f"-Ddosekernel_DIR={moved / 'lib' / 'cmake' / 'dosekernel'}"
    cmake(stranger, folder, project, place, shared)
    stranger.run("cmake", "--build", folder / "build", cwd=folder)
    made = folder / "build" / "version"
    assert f"dosekernel {VERSION}" in stranger.run(made, cwd=folder)
    told = stranger.run("readelf", "--dynamic", made, cwd=folder)
    assert (f"libdosekernel.so.{LAYOUT}" in told) is (way == "shared")


VERSIONS = {
    "": True,
    "0.1": True,
    VERSION: True,
    f"{VERSION} EXACT": True,
    "0.1...<0.2": True,
    "0.1...0.9": True,
    "0.1.1": False,
    "0.2": False,
    "1.0": False,
    "0.0.9": False,
    "0.10": False,
    "0.0.1...<0.1": False,
}


@pytest.mark.linking
def test_cmake_finds_the_versions_that_are_compatible(stranger: Stranger, tmp_path: Path) -> None:
    text = "project(user LANGUAGES NONE)\n"
    for number, version in enumerate(VERSIONS):
        text += (
            f"unset(dosekernel_FOUND)\nfind_package(dosekernel {version} QUIET)\n"
            f'message("found {number} ${{dosekernel_FOUND}}")\n'
            f'set(dosekernel_DIR "${{place}}" CACHE PATH "" FORCE)\n'
        )
    place = stranger.ask("--cmakedir", cwd=tmp_path)
    told = cmake(stranger, tmp_path / "p", text, f"-Ddosekernel_DIR={place}", f"-Dplace={place}")
    found = dict(re.findall(r"found (\d+) (\d)", told))
    assert [found[str(number)] == "1" for number in range(len(VERSIONS))] == list(VERSIONS.values())


@pytest.mark.linking
def test_cmake_says_what_is_missing(moved: Path, stranger: Stranger, tmp_path: Path) -> None:
    (moved / "lib" / "libdosekernel.a").unlink()
    place = f"-Ddosekernel_DIR={moved / 'lib' / 'cmake' / 'dosekernel'}"
    text = "project(user LANGUAGES NONE)\nfind_package(dosekernel)\n"
    told = cmake(stranger, tmp_path / "p", text, place)
    assert "libdosekernel.a is not there" in " ".join(told.split())


# ---- the files and the flags


def test_a_template_with_an_unknown_word_is_refused() -> None:
    assert link_files.filled("@VERSION@-@ABI@", link_files.words("2.3.4")) == f"2.3.4-{LAYOUT}"
    assert link_files.words("2.3.4")["SERIES"] == "2"
    with pytest.raises(Exception, match="@SOMETHING@: not known; allowed: VERSION"):
        link_files.filled("@SOMETHING@", link_files.words("1.0.0"))


def test_a_wrong_use_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--static"]) == 2
    assert "only together with --libs" in capsys.readouterr().err
    assert main(["--cflags", "--nonsense"]) == 2
    assert "--nonsense" in capsys.readouterr().err


def test_what_was_not_built_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dosekernel, "get_library_dir", lambda: str(tmp_path))
    assert main(["--libs"]) == 2
    assert f"{tmp_path / 'libdosekernel.a'}: not built here" in capsys.readouterr().err


def test_a_folder_with_a_space_is_quoted_for_the_shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    (folder / "dosekernel.h").touch()
    monkeypatch.setattr(dosekernel, "get_include", lambda: str(folder))
    assert main(["--cflags"]) == 0
    assert capsys.readouterr().out == f"'-I{folder}'{os.linesep}"
    assert linking.compiler_flags() == [f"-I{folder}"]
