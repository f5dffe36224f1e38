"""How deep the stack can get: the frames along the deepest path of calls, added up.

Frames and calls of what gcc compiled come from `-fcallgraph-info=su`; those of libgcc, which came
compiled, are read from the linked program's disassembly. What cannot be bounded is an error:
recursion, a call through a pointer, a frame of unknown size, a function that nobody knows.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

WORD = 4  # bytes of a register

_NODE = re.compile(r'node: \{ title: "([^"]*)" label: "([^"]*)"')
_EDGE = re.compile(r'edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"')
_FRAME = re.compile(r"(\d+) bytes \(([^)]*)\)")
_HEADING = re.compile(r"^([0-9a-f]+) <([^>]+)>:$")
_LINE = re.compile(r"^\s+[0-9a-f]+:\s+(\S+)\s*(.*)$")
_TARGET = re.compile(r"<([^>+]+)(\+0x[0-9a-f]+)?>")
_LISTED = re.compile(r"\{([^}]*)\}$")
_STORED = re.compile(r"\[sp, #-(\d+)\]!$")
_BY_NUMBER = re.compile(r"^sp, (?:sp, )?#(\d+)$")
_IN_PLACE = re.compile(r"\[sp(?:, [^\]]*)?\](?:, #\d+)?$")
_STACK_POINTER = re.compile(r"\b(sp|msp|psp|r13)\b", re.IGNORECASE)
_RETURNS = ("bx lr", "bx.n lr")


class StackError(Exception):
    """There is no bound, and why."""


@dataclass(frozen=True)
class Frame:
    """What one function takes of the stack, and which functions it calls."""

    size: int
    calls: frozenset[str]


@dataclass(frozen=True)
class Depth:
    """The deepest path from a function, and what all its frames take."""

    size: int
    path: tuple[str, ...]


def compiled_frames(graph: str) -> dict[str, Frame]:
    """The functions that gcc compiled, from the text of its `.ci` file."""
    sizes: dict[str, int] = {}
    for title, label in _NODE.findall(graph):
        told = _FRAME.search(label)
        if title == "__indirect_call":
            raise StackError("a call through a pointer")
        if told is None:
            continue  # only called here, compiled elsewhere
        name = _plain(title)
        if told[2] != "static":
            raise StackError(f"{name}: its frame is {told[2]}, not static")
        if name in sizes:
            raise StackError(f"{name}: two functions of one name")
        sizes[name] = int(told[1])
    calls: dict[str, set[str]] = {name: set() for name in sizes}
    for source, target in _EDGE.findall(graph):
        calls[_plain(source)].add(_plain(target))
    return {name: Frame(size, frozenset(calls[name])) for name, size in sizes.items()}


def _plain(title: str) -> str:
    """A static function's title begins with its file."""
    return title.rpartition(":")[2]


def listed_frames(listing: str, wanted: Iterable[str]) -> dict[str, Frame]:
    """These functions and all that they call, from `objdump -d --no-show-raw-insn`."""
    bodies = _bodies(listing)
    found: dict[str, Frame] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name not in bodies:
            raise StackError(f"{name}: not in the linked program")
        found[name] = _listed_frame(name, bodies[name])
        waiting.extend(found[name].calls)
    return found


def _bodies(listing: str) -> dict[str, list[tuple[str, str]]]:
    """The instructions of each function: mnemonic and operands."""
    bodies: dict[str, list[tuple[str, str]]] = {}
    body: list[tuple[str, str]] = []
    for line in listing.splitlines():
        if heading := _HEADING.match(line):
            body = bodies.setdefault(heading[2], [])
        elif told := _LINE.match(line):
            body.append((told[1], re.split("[@;]", told[2])[0].strip()))
    return bodies


def _listed_frame(name: str, body: list[tuple[str, str]]) -> Frame:
    """Every lowering of the stack pointer counted, as though none was ever taken back."""
    size = 0
    calls: set[str] = set()
    for mnemonic, operands in body:
        where = f"{name}: {mnemonic} {operands}"
        if re.match(r"b(l?x)\b", mnemonic) and f"{mnemonic} {operands}" not in _RETURNS:
            raise StackError(f"{where}: a jump through a register")
        target = _TARGET.search(operands)
        if target and mnemonic.startswith(("b", "cb")) and target[1] != name:
            calls.add(target[1])
        if _STACK_POINTER.search(operands) or mnemonic.startswith(("push", "vpush")):
            size += _lowered(mnemonic, operands, where)
    return Frame(size, frozenset(calls))


def _lowered(mnemonic: str, operands: str, where: str) -> int:
    """By how much one instruction that names the stack pointer, or pushes, lowers it."""
    plain = mnemonic.partition(".")[0]
    listed = _LISTED.search(operands)
    if plain in ("push", "stmdb") and listed and not re.search(r"-|\bsp\b", listed[1]):
        if plain == "push" or operands.startswith("sp!, "):
            return WORD * len(listed[1].split(","))
    elif operands.startswith("sp, "):
        changed = _BY_NUMBER.match(operands)
        if changed and plain in ("add", "addw", "sub", "subw"):
            return int(changed[1]) if plain.startswith("sub") else 0
    elif plain.startswith("str") and (stored := _STORED.search(operands)):
        return int(stored[1])
    elif plain in ("pop", "ldmia") and listed and not re.search(r"\bsp\b", listed[1]):
        return 0  # gives back
    elif plain in ("add", "sub", "subw", "addw", "mov", "cmp") and "sp" not in operands[:2]:
        return 0  # reads it
    elif plain.startswith(("ldr", "str")) and _IN_PLACE.search(operands):
        return 0  # reads or writes where it points
    raise StackError(f"{where}: what this does to the stack pointer is not known")


def deepest(frames: Mapping[str, Frame], entry: str) -> Depth:
    """The deepest that the stack can get below the call of a function."""
    known: dict[str, Depth] = {}

    def depth(name: str, callers: tuple[str, ...]) -> Depth:
        if name in callers:
            raise StackError(f"recursion: {' -> '.join((*callers, name))}")
        if name not in frames:
            raise StackError(f"{name}: no frame is known")
        if name not in known:
            below = [depth(each, (*callers, name)) for each in sorted(frames[name].calls)]
            most = max(below, key=lambda each: each.size, default=Depth(0, ()))
            known[name] = Depth(frames[name].size + most.size, (name, *most.path))
        return known[name]

    return depth(entry, ())
