"""What tells a linker, pkg-config and CMake of the libraries: their version, series and ABI number.

The ABI number is the kernel's LAYOUT: it stands in the shared library's name, in the version of its
symbols and in the first word of every saved state.
"""

import re

from dosekernel.kernel.records import LAYOUT

from .naming import ENTRIES, VERSION_FUNCTION, CompileError

# Each template, with where it goes in the folder of the libraries.
FILES = {
    "dosekernel.pc.in": "pkgconfig/dosekernel.pc",
    "dosekernelConfig.cmake.in": "cmake/dosekernel/dosekernelConfig.cmake",
    "dosekernelConfigVersion.cmake.in": "cmake/dosekernel/dosekernelConfigVersion.cmake",
}


def words(version: str) -> dict[str, str]:
    """What stands in the templates between two `@`."""
    major, minor, _ = version.split(".")
    # Before 1.0 every minor version may change what is linked.
    series = f"{major}.{minor}" if major == "0" else major
    return {
        "VERSION": version,
        "ABI": str(LAYOUT),
        "SERIES": series,
        "SERIES_PATTERN": series.replace(".", "\\\\."),
    }


def filled(template: str, values: dict[str, str]) -> str:
    """A template with its words; one that is not known is an error, never left standing."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise CompileError(f"@{match[1]}@: not known; allowed: {', '.join(values)}")
        return values[match[1]]

    return re.sub(r"@(\w+)@", value, template)


def exports(abi: str) -> str:
    """The linker's version script: what the shared library shows; all else stays inside."""
    shown = sorted([*ENTRIES.values(), VERSION_FUNCTION])
    lines = "".join(f"    {name};\n" for name in shown)
    return f"DOSEKERNEL_{abi} {{\n  global:\n{lines}  local:\n    *;\n}};\n"
