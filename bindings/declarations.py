"""The kernel's C interface declared for Cython: `from dosekernel cimport dosekernel_step, ...`.

Records, the four functions and every constant of `records.py`: a build needs `get_include()`, and
one of the libraries in `get_library_dir()`.
"""

from pathlib import Path

from dosekernel.kernel import records
from dosekernel.kernel.contract import Record

# The records in an order in which each comes after those that it holds, with their C names.
STRUCTS: dict[str, type[Record]] = {
    "dosekernel_limits": records.Limits,
    "dosekernel_window": records.Window,
    "dosekernel_event": records.Event,
    "dosekernel_words": records.State,
    "dosekernel_state": records.Memory,
    "dosekernel_outcome": records.Outcome,
}
NAMES = {record: name for name, record in STRUCTS.items()}
ENTRIES = """\
    const char *dosekernel_version()
    int64_t dosekernel_init(dosekernel_state *, const dosekernel_limits *, int64_t)
    int64_t dosekernel_adopt(dosekernel_state *, const dosekernel_limits *, int64_t)
    int64_t dosekernel_step(dosekernel_state *, const dosekernel_event *, dosekernel_outcome *)
"""


def cython_declarations() -> str:
    """The text of `dosekernel/__init__.pxd`."""
    lines = [
        "# Generated from kernel/records.py by bindings/declarations.py.",
        "from libc.stdint cimport int64_t",
        "",
        'cdef extern from "dosekernel.h" nogil:',
    ]
    for name, record in STRUCTS.items():
        lines.append(f"    ctypedef struct {name}:")
        lines.extend(f"        {word}" for word in _words(record))
        lines.append("")
    lines.extend(f"    const int64_t DOSEKERNEL_{name}" for name in constants())
    return "\n".join(lines) + "\n\n" + ENTRIES


def constants() -> list[str]:
    """The names of the constants of `records.py`, in its order."""
    return [name for name, value in vars(records).items() if name.isupper() and type(value) is int]


def write_cython_declarations(path: Path) -> None:
    """Write them, if they differ from what is there."""
    text = cython_declarations()
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _words(record: type[Record]) -> list[str]:
    fields = []
    for name, kind in record.__annotations__.items():
        declared = getattr(record, name, None)
        if isinstance(declared, list):
            fields.append(f"int64_t {name}[{len(declared)}]")
        elif kind is int:
            fields.append(f"int64_t {name}")
        else:
            fields.append(f"{NAMES[kind]} {name}")
    return fields
