"""Where every word of a record lies: the numbers that C asserts and Python reads."""

from dosekernel.spec.tree import Program

WORD_BYTES = 8


def word_count(program: Program, record: str) -> int:
    """How many words a record holds."""
    return sum(
        word_count(program, word.type) if word.type in program.records else max(word.length, 1)
        for word in program.records[record].words
    )


def field_offsets(program: Program, record: str) -> list[tuple[str, int]]:
    """Each field of a record by name, with the word that it starts at."""
    found: list[tuple[str, int]] = []
    start = 0
    for word in program.records[record].words:
        found.append((word.name, start))
        nested = word.type in program.records
        start += word_count(program, word.type) if nested else max(word.length, 1)
    return found


def layout(program: Program) -> dict[str, list[tuple[str, int]]]:
    """For each record every word by its path (`window.slots[3]`), with its offset in words."""
    return {record: _paths(program, record, "", 0) for record in program.records}


def _paths(program: Program, record: str, prefix: str, start: int) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for word, (name, offset) in zip(
        program.records[record].words, field_offsets(program, record), strict=True
    ):
        path, at = prefix + name, start + offset
        if word.type in program.records:
            found.extend(_paths(program, word.type, f"{path}.", at))
        elif word.length:
            found.extend((f"{path}[{i}]", at + i) for i in range(word.length))
        else:
            found.append((path, at))
    return found
