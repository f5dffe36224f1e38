"""What the README tells people to type, and what it shows them: its blocks and inline commands."""

import re
from dataclasses import dataclass

from tests.conftest import ROOT

README = ROOT / "README.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
# What an inline text begins with if it is a command.
PROGRAM = re.compile(r"(?:[A-Z_]+=\S+ )*(?:dosekernel|make|python|pip|cmake|cc|c\+\+|git|sh) \S")
PROMPT = "$ "
LONGEST = 50  # of a first line


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the section that it stands in."""

    language: str
    text: str
    section: str

    @property
    def name(self) -> str:
        """How a registry calls it: the section and how the first line begins."""
        first = self.text.strip().splitlines()[0].strip()
        return f"{self.section}: {first[:LONGEST].strip()}"


@dataclass(frozen=True)
class Typed:
    """A command of a console block, and the lines that are shown below it."""

    command: str
    shown: str


def text() -> str:
    """The page."""
    return README.read_text(encoding="utf-8")


def blocks() -> list[Block]:
    """Every fenced block, in order."""
    page = text()
    return [
        Block(found[1], found[2], _section(page, found.start())) for found in FENCE.finditer(page)
    ]


def block(name: str) -> Block:
    """The block of that name."""
    (found,) = [each for each in blocks() if each.name == name]
    return found


def inline_commands(page: str) -> list[str]:
    """Every command between backticks in running text and tables, each once, in order."""
    prose = FENCE.sub("", page)
    found = (" ".join(each.split()) for each in INLINE.findall(prose))
    return list(dict.fromkeys(each for each in found if PROGRAM.match(each)))


def session(shown: Block) -> list[Typed]:
    """The commands of a console block with what each prints; a line that ends in \\ goes on."""
    parts = re.split(rf"^{re.escape(PROMPT)}", shown.text, flags=re.MULTILINE)
    assert parts[0] == "", f"{shown.name}: a console block begins with {PROMPT!r}"
    return [_typed(part) for part in parts[1:]]


def _typed(part: str) -> Typed:
    lines = part.split("\n")
    last = next(at for at, line in enumerate(lines) if not line.endswith("\\"))
    command = " ".join(line.removesuffix("\\").strip() for line in lines[: last + 1])
    return Typed(command, "\n".join(lines[last + 1 :]))


def _section(page: str, at: int) -> str:
    """The last second-level heading before a place."""
    headings: list[str] = re.findall(r"^## (.+)$", page[:at], re.MULTILINE)
    return headings[-1]
