"""The C file as MC/DC reads it: each decision in C's own `&&` and `||`, and one decision whole.

The shipped file writes `and` and `or` as macros, which clang's MC/DC does not look into, and a
decision inside another as `(... != 0)`, which it does not look through. Both are changed by text
alone, line by line, and a test holds that the object code does not change.
"""

import re

WORDS = {"DOSEKERNEL_AND": "&&", "DOSEKERNEL_OR": "||"}
CALL = re.compile(r"\b(?:DOSEKERNEL_AND|DOSEKERNEL_OR)\(")
NOT_ZERO = " != 0)"


def plain_decisions(text: str) -> str:
    """The same file, line for line, with every decision in C's own operators."""
    return "\n".join(
        line if line.startswith("#define") else plain_line(line) for line in text.split("\n")
    )


def plain_line(line: str) -> str:
    """One line without macros."""
    while True:
        calls = list(CALL.finditer(line))
        if not calls:
            return line
        # The last call holds no other, so its two conditions are as they will stay.
        call = calls[-1]
        end, comma = _close(line, call.end())
        first, second = line[call.end() : comma].strip(), line[comma + 1 : end].strip()
        decision = f"({first} {WORDS[call.group()[:-1]]} {second})"
        start, after = call.start(), end + 1
        if line[start - 1] == "(" and line.startswith(NOT_ZERO, after):
            start, after = start - 1, after + len(NOT_ZERO)
            if len(calls) > 1 and line[start - 1] == "!":
                # Nor does it look through a `not` inside a decision; this is the same without.
                other = {"&&": "||", "||": "&&"}[WORDS[call.group()[:-1]]]
                start, decision = start - 1, f"(!{_one(first)} {other} !{_one(second)})"
        line = line[:start] + decision + line[after:]


def _one(condition: str) -> str:
    """A condition in brackets of its own."""
    return condition if condition.startswith("(") else f"({condition})"


def _close(line: str, start: int) -> tuple[int, int]:
    """Where the bracket that is open at `start` closes, and its own one comma."""
    depth, commas = 1, []
    for place in range(start, len(line)):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(line[place], 0)
        if depth == 1 and line[place] == ",":
            commas.append(place)
        if depth == 0:
            (comma,) = commas
            return place, comma
    raise ValueError(f"a decision that ends on another line: {line.strip()}")
