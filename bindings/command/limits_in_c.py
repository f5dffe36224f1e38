"""Limits as a C constant: what a program without a file system hands to `dosekernel_init`."""

import re
from pathlib import Path

from dosekernel.spec.limits import Limits
from dosekernel.spec.limits_table import BY_NAME
from dosekernel.spec.quantity import to_text

from ..compile.header import c_integer
from ..errors import InputError


def header_name(name_or_path: str) -> str:
    """The header's name: that of the preset or of the file."""
    return f"{Path(name_or_path).stem}.h"


def limits_in_c(name_or_path: str, limits: Limits) -> str:
    """A header with one `static const dosekernel_limits`, its fields in the order of the struct."""
    name = re.sub(r"\W", "_", Path(name_or_path).stem).lower()
    if not re.fullmatch(r"[a-z]\w*", name):
        raise InputError(
            f"{name_or_path}: no name for C; allowed: a file name that begins with a-z"
        )
    guard = f"DOSEKERNEL_LIMITS_{name.upper()}_H"
    lines = [f"/* {_plain(limits.name)}, in {limits.unit}: written by dosekernel export-c. */"]
    lines += [f"#ifndef {guard}", f"#define {guard}", "", '#include "dosekernel.h"', ""]
    lines.append(f"static const dosekernel_limits {name} = {{")
    lines += [f"    {value}, /* {note} */" for value, note in _fields(limits)]
    return "\n".join([*lines, "};", "", "#endif", ""])


def _fields(limits: Limits) -> list[tuple[str, str]]:
    found = []
    for field, value in limits.values().items():
        if isinstance(value, int):
            note = f"{field}: {to_text(value, BY_NAME[field].quantity, limits.unit)}"
            found.append((c_integer(value), note))
        else:
            words = ", ".join(c_integer(each) for each in value)
            found.append((f"{{{words}}}", field))
    return found


def _plain(text: str) -> str:
    return text.replace("*/", "* /").encode("ascii", "replace").decode("ascii")
