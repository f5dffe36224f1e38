"""Objects that are wrong on purpose: of the kernel's C with texts replaced, or of assembly."""

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dosekernel
from dosekernel.compile import PREFIX
from dosekernel.proofs.machine.image import Image, read_image
from dosekernel.proofs.machine.judge import Judgement, Settings, judge
from dosekernel.proofs.machine.meaning import Source
from dosekernel.proofs.machine.run import read_source
from dosekernel.proofs.solvers import SOLVERS, ask
from dosekernel.spec.obligations import CASES

SHIPPED = Path(dosekernel.get_library_dir()) / "libdosekernel.a"


@dataclass(frozen=True)
class Miscompilation:
    """One function compiled wrong: a text of its C, and what stands there instead."""

    name: str
    function: str
    old: str
    new: str


@cache
def source() -> Source:
    """The kernel's source."""
    return read_source()


def settings(search: bool = False, timeout: float = 10.0) -> Settings:
    """Both solvers, nothing kept."""
    return Settings(SOLVERS, timeout, CASES, ask, search=search)


def judged(image: Image, function: str, search: bool = False) -> Judgement:
    """The verdict on one function of the source."""
    return judge(image, source(), PREFIX + function, settings(search))


def compiler() -> list[str]:
    """The C compiler with the flags of the proved build."""
    return [*shlex.split(os.environ.get("CC") or "cc"), *dosekernel.build_info()["flags"]]


def wrong_object(folder: Path, wrong: Sequence[Miscompilation]) -> Image:
    """The kernel's object with these functions compiled wrong, one fault in each."""
    text = (Path(dosekernel.get_include()) / "dosekernel.c").read_text(encoding="utf-8")
    for each in wrong:
        start = text.index(f" {PREFIX}{each.function}(", text.index(f" {PREFIX}{each.function}("))
        end = text.index("\n}\n", start)
        body = text[start:end]
        assert body.count(each.old) == 1, (
            f"{each.name}: {each.old!r} stands {body.count(each.old)} times"
        )
        text = text[:start] + body.replace(each.old, each.new) + text[end:]
    path = folder / "wrong.c"
    path.write_text(text, encoding="utf-8")
    made = folder / "wrong.o"
    command = [*compiler(), "-Wno-error", f"-I{dosekernel.get_include()}", "-c", str(path)]
    subprocess.run([*command, "-w", "-o", str(made)], check=True)
    return read_image(made)


def assembled(folder: Path, function: str, lines: str) -> Image:
    """An object with one function, in assembly."""
    symbol = PREFIX + function
    path = folder / f"{function}.s"
    body = "\n".join(f"\t{line.strip()}" for line in lines.split(";"))
    path.write_text(
        f"\t.text\n\t.globl {symbol}\n\t.type {symbol}, @function\n{symbol}:\n{body}\n"
        f'\t.size {symbol}, .-{symbol}\n\t.section .note.GNU-stack,"",@progbits\n',
        encoding="utf-8",
    )
    made = folder / f"{function}.o"
    subprocess.run([compiler()[0], "-c", str(path), "-o", str(made)], check=True)
    return read_image(made)
