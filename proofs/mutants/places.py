"""Places in a source text: where a node stands, and the word between two nodes."""

import ast
import io
import tokenize
from bisect import bisect_right

# From one character of the text to another.
Place = tuple[int, int]


class Source:
    """One module's text, addressed by character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.words = [
            (self.at(token.start), self.at(token.end), token.string)
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type in (tokenize.OP, tokenize.NAME)
        ]
        self._word_starts = [start for start, _, _ in self.words]

    def at(self, position: tuple[int, int]) -> int:
        """The character at a line and a column of characters."""
        return self.starts[position[0] - 1] + position[1]

    def place(self, node: ast.stmt | ast.expr | ast.alias) -> Place:
        """Where a node stands; the tree counts columns in bytes."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return (
            self.starts[node.lineno - 1] + self._column(node.lineno, node.col_offset),
            self.starts[node.end_lineno - 1] + self._column(node.end_lineno, node.end_col_offset),
        )

    def _column(self, line: int, offset: int) -> int:
        return len(self.lines[line - 1].encode()[:offset].decode())

    def of(self, node: ast.stmt | ast.expr) -> str:
        """The text of a node."""
        return self.text[slice(*self.place(node))]

    def line(self, character: int) -> int:
        """The line of a character, from 1."""
        return bisect_right(self.starts, character)

    def word_between(self, left: ast.expr, right: ast.expr, word: str) -> Place:
        """Where a word stands between two nodes, brackets aside."""
        start, end = self.place(left)[1], self.place(right)[0]
        index = bisect_right(self._word_starts, start - 1)
        for begin, finish, text in self.words[index:]:
            if begin >= end:
                break
            if text == word:
                return begin, finish
        raise ValueError(f"no {word} between {self.of(left)} and {self.of(right)}")


def without_import(text: str, name: str) -> str:
    """A module without one imported name, every line where it was."""
    source = Source(text)
    for node in ast.parse(text).body:
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if alias.name != name:
                continue
            start, end = source.place(node if len(node.names) == 1 else alias)
            if len(node.names) > 1:
                start, end = _with_comma(source, start, end, alias is node.names[-1])
            gone = "".join(each if each == "\n" else " " for each in text[start:end])
            return text[:start] + gone + text[end:]
    return text


def _with_comma(source: Source, start: int, end: int, last: bool) -> Place:
    """A name in a list and the comma that goes with it."""
    words = source.words
    at = next(i for i, word in enumerate(words) if word[0] == start)
    if words[at + 1][2] == ",":
        return start, words[at + 1][1]
    if last and words[at - 1][2] == ",":
        return words[at - 1][0], end
    return start, end
