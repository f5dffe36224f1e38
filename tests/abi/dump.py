"""What a program that links the kernel relies on, as text: `python tests/abi/dump.py [--write]`.

Every symbol of the shared library with its signature, and every size, offset and constant as a
compiler sees them, a line each. Within one LAYOUT lines may only be added: a line that changes or
goes breaks programs that are already built, and then LAYOUT must rise, and with it the library's
name, the version of its symbols, and the first word of every saved state.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import dosekernel
from dosekernel.kernel.records import LAYOUT

HERE = Path(__file__).resolve().parent
SIGNATURE = re.compile(r"^DOSEKERNEL_API (.*?)\b(dosekernel_\w+)(\(.*\));$", re.MULTILINE)
PARAMETER = re.compile(r"(?: |(?<=\*))\w+(?=[,)])")
STRUCT = re.compile(r"^typedef struct (dosekernel_\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^    \w+ (\w+)(?:\[\d+\])?;", re.MULTILINE)
CONSTANT = re.compile(r"^#define (DOSEKERNEL_\w+) .*\d", re.MULTILINE)


def kept(layout: int = LAYOUT) -> Path:
    """Where the text of a layout is kept."""
    return HERE / f"layout-{layout}.txt"


def dump(include: Path, library: Path) -> str:
    """The text for the header in one folder and the shared library in another."""
    header = (include / "dosekernel.h").read_text(encoding="utf-8")
    symbols = exported(library / "libdosekernel.so")
    # What a parameter is called matters to nobody who is already built.
    signatures = {
        name: f"{kind}{name}{PARAMETER.sub('', rest)}"
        for kind, name, rest in SIGNATURE.findall(header)
    }
    if set(symbols) != set(signatures):
        odd = ", ".join(sorted(set(symbols) ^ set(signatures)))
        raise SystemExit(f"abi: in the header or in the library, but not in both: {odd}")
    lines = [f"library {soname(library / 'libdosekernel.so')}"]
    lines += [f"function {symbols[name]} {signatures[name]}" for name in sorted(symbols)]
    return "\n".join([*lines, *measured(header, include)]) + "\n"


def exported(library: Path) -> dict[str, str]:
    """Every symbol that the library shows, with its version; a symbol version is not one."""
    told = run("nm", "--dynamic", "--defined-only", "--with-symbol-versions", str(library))
    found = {}
    for line in told.splitlines():
        _, kind, name = line.split()
        if kind != "A":
            symbol, _, version = name.partition("@@")
            found[symbol] = version
    return found


def soname(library: Path) -> str:
    """The name by which programs ask for the library."""
    found = re.search(r"\(SONAME\).*\[(.*)\]", run("readelf", "--dynamic", "--wide", str(library)))
    return found[1] if found else "has no name"


def measured(header: str, include: Path) -> list[str]:
    """Constants, sizes and offsets, printed by a program that a compiler made of the header."""
    wanted = [(f"constant {name}", name) for name in CONSTANT.findall(header)]
    for struct, body in STRUCT.findall(header):
        wanted.append((f"struct {struct} bytes", f"sizeof({struct})"))
        for field in FIELD.findall(body):
            name = f"{struct}.{field}"
            wanted.append((f"field {name} at", f"offsetof({struct}, {field})"))
            wanted.append((f"field {name} bytes", f"sizeof((({struct} *)0)->{field})"))
    prints = "".join(f'  told("{what}", (int64_t)({value}));\n' for what, value in wanted)
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "abi.c", Path(folder) / "abi"
        source.write_text(PROGRAM.replace("PRINTS", prints), encoding="utf-8")
        run(os.environ.get("CC", "cc"), f"-I{include}", str(source), "-o", str(program))
        return run(str(program)).splitlines()


PROGRAM = """\
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include "dosekernel.h"
static void told(const char *what, int64_t value) { printf("%s %" PRId64 "\\n", what, value); }
int main(void) {
PRINTS  return 0;
}
"""


def broken(before: str, after: str) -> list[str]:
    """What programs built before rely on and would no longer find."""
    still = set(after.splitlines())
    return [line for line in before.splitlines() if line not in still]


def run(*words: str) -> str:
    """What a tool printed; its failure ends all."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"abi: {words[0]} failed:\n{done.stderr}")
    return done.stdout


def main() -> int:
    """Print the text, or write it if that breaks nothing."""
    parser = argparse.ArgumentParser(description="The ABI of the shared library, as text.")
    parser.add_argument("--write", action="store_true", help="keep it, if nothing was broken")
    chosen = parser.parse_args()
    text = dump(Path(dosekernel.get_include()), Path(dosekernel.get_library_dir()))
    if not chosen.write:
        print(text, end="")
        return 0
    lost = broken(kept().read_text(encoding="utf-8"), text) if kept().exists() else []
    if lost:
        print("\n".join(lost))
        print(f"abi: these lines of {kept().name} changed or went: raise LAYOUT", file=sys.stderr)
        return 1
    kept().write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
