"""Constructs made by chance, the same each time: bodies that nest what the others show singly."""

from random import Random

COUNT = 60
SEED = 4
DEPTH = 3
WORDS = ("assign", "clear", "copy", "same", "seal", "sealed")
HELPERS = ("fill", "moved", "pick")


class _Body:
    """Writes the body of one function, a line at a time."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.turns: list[str] = []

    def int_(self, depth: int) -> str:
        """An int."""
        chance = self.random.random()
        if depth == 0 or chance < 0.3:
            return self.random.choice(
                [
                    *("a", "b", "x", "y", "box.level", "box.rate", "kept.level", self.item()),
                    *self.turns,
                    str(self.random.randint(0, 4)),
                ]
            )
        one, two = self.int_(depth - 1), self.int_(depth - 1)
        if chance < 0.8:
            return f"({one} {self.random.choice('+-')} {two})"
        if chance < 0.9:
            return f"({one} * {self.random.choice(('2', '3', two))})"
        if chance < 0.95:
            return f"({one} {self.random.choice(('//', '%'))} {self.random.choice('2357')})"
        return f"pick(box.near, {one})"

    def item(self) -> str:
        """A word of an array, mostly at an index that is there."""
        at = self.random.choice(["0", "1", "2", "0", "1", *self.turns, *self.turns, "x"])
        return f"{self.random.choice(('box.near', 'box.far', 'kept.far'))}.slots[{at}]"

    def bool_(self, depth: int) -> str:
        """A truth value."""
        chance = self.random.random()
        if depth == 0 or chance < 0.5:
            sign = self.random.choice(("==", "!=", "<", "<=", ">", ">="))
            return f"{self.int_(1)} {sign} {self.int_(1)}"
        one, two = self.bool_(depth - 1), self.bool_(depth - 1)
        if chance < 0.9:
            return f"({one} {self.random.choice(('and', 'or'))} {two})"
        if chance < 0.95:
            return f"not ({one})"
        return self.random.choice(("same(box.near, kept.near)", "sealed(box.far, box.near)"))

    def block(self, depth: int, count: int) -> None:
        """Some statements."""
        for _ in range(count):
            self.statement(depth)

    def write(self, line: str) -> None:
        """One line, as deep as it stands."""
        self.lines.append(f"{'    ' * (1 + self.indent)}{line}")

    indent = 0

    def statement(self, depth: int) -> None:
        """One statement."""
        chance = self.random.random()
        if depth and chance < 0.35:
            self.branch(depth - 1)
        elif depth and chance < 0.45 and len(self.turns) < 2:
            name = "ij"[len(self.turns)]
            self.write(f"for {name} in range({self.random.randint(1, 3)}):")
            self.turns.append(name)
            self.nested(depth - 1, f"y = {name} - y")
            self.turns.pop()
        elif chance < 0.55:
            words = ("assign(box.near, kept.far)", "clear(box.far)", "seal(box.far, box.near)")
            calls = (f"fill(box.far, {self.int_(1)})", "assign(box, kept)", "clear(kept.near)")
            self.write(self.random.choice((*words, *calls)))
        else:
            places = ("x", "y", "box.level", "box.rate", "kept.level", self.item())
            self.write(f"{self.random.choice(places)} = {self.int_(2)}")

    def branch(self, depth: int) -> None:
        """An `if`, whose first branch may return."""
        test = f"moved(box, {self.int_(1)})" if self.random.random() < 0.1 else self.bool_(2)
        self.write(f"if {test}:")
        ends = self.random.random() < 0.3
        self.nested(depth, f"return {self.int_(2)}" if ends else "")
        if self.random.random() < 0.5:
            self.write("else:")
            self.nested(depth)

    def nested(self, depth: int, last: str = "") -> None:
        """A block one deeper."""
        self.indent += 1
        self.block(depth, self.random.randint(1, 2))
        if last:
            self.write(last)
        self.indent -= 1


def module() -> str:
    """All of them as one module of the kernel language."""
    found: list[str] = []
    for number in range(COUNT):
        body = _Body(Random(SEED * COUNT + number))
        body.block(DEPTH, 5)
        found.append(
            f"def by_chance_{number}(box: Box, a: int, b: int) -> int:\n"
            f'    """Made by chance."""\n    kept = copy(box)\n    x = a\n    y = b\n'
            + "\n".join(body.lines)
            + "\n    return x + y + kept.level\n"
        )
    text = "\n\n".join(found)
    words = [word for word in WORDS if f"{word}(" in text]
    helpers = [name for name in HELPERS if f"{name}(" in text]
    head = f'"""Made by chance."""\n\nfrom .contract import {", ".join(words)}\n'
    head += f"from .plain import {', '.join(helpers)}\nfrom .records import Box\n\n\n"
    return head + text
