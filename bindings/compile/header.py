"""The header: records, constants and their units, layout asserts, and what a caller holds to."""

import io
import re
import textwrap
import tokenize

from dosekernel.spec.names import LEAST
from dosekernel.spec.tree import BOOL, INT, Program, RecordType

from .fields import constant_told, told_of
from .layout import WORD_BYTES, field_offsets, word_count
from .naming import PREFIX, VERSION_FUNCTION, constant_name, record_name

WIDTH = 97
ROW = re.compile(r" +\S+ {2,}")
WARNINGS = """\
dosekernel: the dosing kernel for infusion pumps.
Generated from the kernel's source; not to be edited.

This is not a medical device.

What a program that links it must hold to:

- `id`, `at` and `issued_at` are stamped by the program's one sequencer and one monotonic clock,
  never taken from a message: who could choose them could replay or age a request.
- A release is delivered by the motor, then reported by CONFIRM or UNCERTAIN; nothing else of an
  outcome moves the motor.
- `on_board` is a safety bound, never below the true sum; it is no estimate to dose by.
- Records passed to one call do not overlap, and no two calls share a state at one time.
- A state is kept as it is, word by word; a word changed from outside is found, and nothing is
  delivered from then on.
- Every pointer points to a whole record; a null pointer is not looked for.

Constants are named here without DOSEKERNEL_, fields by their names."""
ENTRY_NOTES = {
    "initialise": "A fresh state under these limits, at this time in milliseconds. Returns 0, or "
    "the DOSEKERNEL_REASON_ why the limits are refused; then the state is untouched.",
    "adopt": "Other limits for a state that is in use, at this time in milliseconds. Returns 0, or "
    "the DOSEKERNEL_REASON_ why they are refused; then the state is untouched.",
    "step": "Judge one event. Fills the whole outcome and returns its status; a refusal leaves "
    "every word of the state as it was.",
}
VERSION_NOTE = "Version, layout and source hash, as one line."


def comment(text: str, indent: str = "", opening: str = "/*") -> str:
    """A C comment of one or more lines."""
    lines: list[str] = []
    for line in text.replace("*/", "* /").splitlines():
        row = ROW.match(line)  # of a table: what it tells stays in its column
        hang = " " * (row.end() if row else len(line) - len(line.lstrip()))
        lines += textwrap.wrap(
            line, WIDTH - len(indent), subsequent_indent=hang, break_on_hyphens=False
        ) or [""]
    if len(lines) == 1:
        return f"{indent}{opening} {lines[0].strip()} */"
    return "\n".join(
        [f"{indent}{opening}", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]
    )


def documentation(text: str, indent: str = "") -> str:
    """A comment that editors and documentation tools show with what stands below it."""
    return comment(text, indent, "/**")


def source_comments(text: str) -> dict[int, str]:
    """The comments of a source file by line: behind code, and alone above it."""
    found: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            found[token.start[0]] = token.string.lstrip("# ").rstrip()
    return found


def _alone(texts: dict[str, str], file: str, line: int) -> str:
    """The comment lines straight above a line of the source, joined."""
    lines = texts[file].splitlines()
    found: list[str] = []
    while line >= 2 and lines[line - 2].strip().startswith("#"):
        line -= 1
        found.insert(0, lines[line - 1].strip().lstrip("# "))
    return " ".join(found)


def c_integer(value: int) -> str:
    """A literal of 64 bits."""
    if value == LEAST:
        return f"(-INT64_C({-(LEAST + 1)}) - 1)"
    return f"INT64_C({value})" if value >= 0 else f"(-INT64_C({-value}))"


class Header:
    """Writes the header of one program; `texts` holds the source by file, for its comments."""

    def __init__(self, program: Program, texts: dict[str, str], prototypes: dict[str, str]) -> None:
        """`prototypes` are those of the entries, by their names in the kernel."""
        self.program = program
        self.texts = texts
        self.prototypes = prototypes
        self.comments = {file: source_comments(text) for file, text in texts.items()}

    def text(self, units: str, source_hash: str) -> str:
        """The whole header; `units` is what the source says of them."""
        head = [
            documentation(f"{WARNINGS}\n\n{units.strip()}"),
            comment(f"source {source_hash}"),
            "#ifndef DOSEKERNEL_H",
            "#define DOSEKERNEL_H",
            "",
            "#include <stdint.h>",
            "",
            "#ifndef DOSEKERNEL_API",
            "#if defined(__GNUC__)",
            '#define DOSEKERNEL_API __attribute__((visibility("default")))',
            "#else",
            "#define DOSEKERNEL_API",
            "#endif",
            "#endif",
            "",
            "#ifdef __cplusplus",
            'extern "C" {',
            "#endif",
        ]
        tail = ["#ifdef __cplusplus", "}", "#endif", "", "#endif", ""]
        blocks = [*head, *self.constants(), ""]
        for record in self.program.records.values():
            blocks += [self.record(record), ""]
        blocks += [*self.asserts(), "", *self.entries(), *tail]
        return "\n".join(blocks)

    def constants(self) -> list[str]:
        """Every constant with its comment, and the sentence that people read."""
        lines: list[str] = []
        for name, constant in self.program.constants.items():
            above = _alone(self.texts, constant.file, constant.line)
            note = self.comments[constant.file].get(constant.line, "")
            told = constant_told(name, constant.value)
            if above:
                lines += ["", documentation(above)]
            if above and told:
                lines.append("")  # what stands above is then the heading of a group
            lines += [documentation(told)] if told else []
            define = f"#define {constant_name(name)} {c_integer(constant.value)}"
            lines.append(f"{define} {comment(note)}" if note else define)
        return lines

    def record(self, record: RecordType) -> str:
        """A struct, each field with its meaning, unit and range, and the source's own comment."""
        lines = [documentation(record.doc)] if record.doc else []
        lines.append(f"typedef struct {record_name(record.name)} {{")
        for word in record.words:
            above = _alone(self.texts, record.file, word.line)
            if above:
                lines.append(comment(above, "    "))
            told = told_of(record.name, word.name)
            if told:
                lines.append(documentation(told, "    "))
            kind = "int64_t" if word.type in (INT, BOOL) else record_name(word.type)
            field = f"    {kind} {word.name}" + (f"[{word.length}];" if word.length else ";")
            note = self.comments[record.file].get(word.line, "")
            lines.append(f"{field} {comment(note)}" if note else field)
        return "\n".join([*lines, f"}} {record_name(record.name)};"])

    def asserts(self) -> list[str]:
        """Size of every record and offset of every field, asserted by whoever compiles."""
        lines = [
            comment("The layout: words of 8 bytes, one after another, nothing between them."),
            "#ifdef __cplusplus",
            "#define DOSEKERNEL_ASSERT(test, text) static_assert(test, text)",
            "#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L",
            "#define DOSEKERNEL_ASSERT(test, text) _Static_assert(test, text)",
            "#else",
            "#define DOSEKERNEL_ASSERT(test, text) extern char dosekernel_layout[(test) ? 1 : -1]",
            "#endif",
        ]
        offsets: list[str] = []
        for name in self.program.records:
            kind = record_name(name)
            words = word_count(self.program, name)
            lines.append(f"#define {kind.upper()}_WORDS {words}")
            lines.append(
                f'DOSEKERNEL_ASSERT(sizeof({kind}) == {words * WORD_BYTES}, "size of {kind}");'
            )
            for field, offset in field_offsets(self.program, name):
                offsets.append(
                    f"DOSEKERNEL_ASSERT(__builtin_offsetof({kind}, {field}) == "
                    f'{offset * WORD_BYTES}, "{kind.removeprefix(PREFIX)}.{field}");'
                )
        return [*lines, "#if defined(__GNUC__)", *offsets, "#endif", "#undef DOSEKERNEL_ASSERT"]

    def entries(self) -> list[str]:
        """The four functions that a program links to."""
        lines: list[str] = []
        for name, prototype in self.prototypes.items():
            lines += [documentation(ENTRY_NOTES[name]), f"DOSEKERNEL_API {prototype};", ""]
        version = f"DOSEKERNEL_API const char *{VERSION_FUNCTION}(void);"
        return [*lines, documentation(VERSION_NOTE), version, ""]
