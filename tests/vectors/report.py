"""What a C program that ran the vectors printed, in the words of the vector file."""

from dataclasses import dataclass

from .vector_file import OUTCOME_FIELDS, SUM_MASK, Adopt, Step, Vectors, sum_of

# The codes of runner.h.
FILE, RETURN, OUTCOME, STATE = range(4)


@dataclass(frozen=True)
class Report:
    """How much ran, and every difference as a sentence."""

    histories: int
    events: int
    passed: int
    failed: int
    sum: int
    differences: tuple[str, ...]

    def complete(self, vectors: Vectors) -> bool:
        """Whether all of the file ran and all of it was as expected."""
        moves = sum(1 + len(history.moves) for history in vectors.histories)
        ran = (len(vectors.histories), vectors.steps, moves)
        agreed = self.failed == 0 and not self.differences and self.sum == sum_of_given(vectors)
        return agreed and (self.histories, self.events, self.passed) == ran


def sum_of_given(vectors: Vectors) -> int:
    """The sum over every word that the kernel must give, in the order in which runner.c asks."""
    words: list[int] = []
    for history in vectors.histories:
        words += (history.start.reason, history.start.state)
        for move in history.moves:
            if isinstance(move, Step):
                words += (*move.outcome, move.outcome[0])
            elif isinstance(move, Adopt):
                words.append(move.reason)
            words.append(move.state)
    return sum_of(words)


def read(printed: str, vectors: Vectors) -> Report:
    """The report of the lines `differs` and `tally`; raises ValueError without a tally."""
    differences: list[str] = []
    tally: list[int] = []
    for line in printed.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "differs":
            differences.append(sentence([int(word) for word in rest.split()], vectors))
        elif kind == "tally":
            tally = [int(word) for word in rest.split()]
    if len(tally) != 5:
        raise ValueError(f"the program told no tally; it printed:\n{printed}")
    histories, events, passed, failed, total = tally
    return Report(histories, events, passed, failed, total & SUM_MASK, tuple(differences))


def sentence(words: list[int], vectors: Vectors) -> str:
    """One difference: history, event, field, what was expected and what came."""
    line, number, where, word = words[:4]
    if where == FILE:
        return f"after line {line}: the words are not those of a vector file of this layout"
    history = vectors.histories[number - 1]
    lines = [history.start.line, *(move.line for move in history.moves if isinstance(move, Step))]
    event = f"event {lines.index(line)}" if line in lines[1:] else "no event"
    field = {RETURN: "returned", OUTCOME: f"outcome.{OUTCOME_FIELDS[word]}", STATE: "state"}[where]
    shown = [f"{each & SUM_MASK:016x}" if where == STATE else str(each) for each in words[4:]]
    return (
        f'line {line}, history "{history.start.name}", {event}, {field}: '
        f"expected {shown[0]}, found {shown[1]}"
    )
