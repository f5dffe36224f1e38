"""An object file or a shared library as a processor will see it: functions, bytes, addresses."""

import hashlib
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import SymbolTableSection

# Where the sections of an object that was not linked yet are taken to lie.
BASE, PAGE = 0x10000, 0x1000
ARCHIVE, MEMBER = b"!<arch>\n", 60
WRITABLE, ALLOCATED = 0x1, 0x2
# Relocations of x86-64, by how they are computed: what is added to the symbol and the addend.
RELATIVE, ABSOLUTE_32 = (2, 4), (10, 11)


class ImageError(Exception):
    """A file that is no object this prover reads; says which and why."""


@dataclass(frozen=True)
class Segment:
    """Bytes at an address."""

    address: int
    data: bytes
    writable: bool


@dataclass(frozen=True)
class Code:
    """One function: where it lies, and its bytes."""

    name: str
    address: int
    data: bytes


@dataclass(frozen=True)
class Image:
    """All that is loaded, and the functions by name."""

    path: str
    # SHA-256 of the file; of an archive, of its one object.
    file_hash: str
    machine: str
    segments: tuple[Segment, ...]
    functions: dict[str, Code]

    @cached_property
    def starts(self) -> dict[int, str]:
        """The name of the function that begins at an address."""
        return {each.address: each.name for each in self.functions.values()}

    def text_at(self, address: int) -> str:
        """The text that begins at an address and ends with a zero; empty if there is none."""
        for each in self.segments:
            at = address - each.address
            if 0 <= at < len(each.data) and not each.writable:
                text, zero, _ = each.data[at:].partition(b"\0")
                return text.decode("ascii", "replace") if zero else ""
        return ""

    def text_hash(self, names: Collection[str]) -> str:
        """SHA-256 over the names and the bytes of some functions, by address."""
        digest = hashlib.sha256()
        chosen = [each for each in self.functions.values() if each.name in names]
        for each in sorted(chosen, key=lambda code: (code.address, code.name)):
            digest.update(f"{each.name} {len(each.data)}\n".encode())
            digest.update(each.data)
        return digest.hexdigest()


def read_image(path: Path) -> Image:
    """The object in a file: `.o`, `.so`, or the one object of an archive `.a`."""
    data = path.read_bytes()
    if data.startswith(ARCHIVE):
        data = only_object(data, path)
    try:
        return image_of(ELFFile(io.BytesIO(data)), path, hashlib.sha256(data).hexdigest())
    except ELFError as error:
        raise ImageError(f"{path}: no ELF object: {error}") from error


def only_object(data: bytes, path: Path) -> bytes:
    """The one object of an archive; its tables of names are passed over."""
    found, at = [], len(ARCHIVE)
    while at + MEMBER <= len(data):
        name = data[at : at + 16].decode("ascii", "replace").strip()
        size = int(data[at + 48 : at + 58])
        if name not in ("/", "//", "/SYM64/"):
            found.append(data[at + MEMBER : at + MEMBER + size])
        at += MEMBER + size + size % 2
    if len(found) != 1:
        raise ImageError(f"{path}: an archive of {len(found)} objects; give one object")
    return found[0]


def image_of(file: ELFFile, path: Path, file_hash: str) -> Image:
    """Sections at their addresses, relocations applied, functions found."""
    relocatable = file.header["e_type"] == "ET_REL"
    places: dict[int, int] = {}
    bodies: dict[int, bytearray] = {}
    free = BASE
    for index, section in enumerate(file.iter_sections()):
        if section["sh_flags"] & ALLOCATED:
            places[index] = free if relocatable else section["sh_addr"]
            bodies[index] = bytearray(section.data())
            free += -(-max(1, section["sh_size"]) // PAGE) * PAGE
    machine = str(file.header["e_machine"])
    if relocatable:
        relocate(file, machine, places, bodies, path)
    segments = tuple(
        Segment(
            places[index],
            bytes(bodies[index]),
            bool(file.get_section(index)["sh_flags"] & WRITABLE),
        )
        for index in places
    )
    functions = dict(functions_of(file, places, bodies, relocatable))
    if not functions:
        raise ImageError(f"{path}: no function is named in it (stripped?)")
    return Image(str(path), file_hash, machine, segments, functions)


def relocate(
    file: ELFFile, machine: str, places: dict[int, int], bodies: dict[int, bytearray], path: Path
) -> None:
    """Put addresses in where the linker would; a kind that is not known is refused."""
    for section in file.iter_sections():
        if not isinstance(section, RelocationSection) or section["sh_info"] not in places:
            continue
        target = section["sh_info"]
        symbols = file.get_section(section["sh_link"])
        for entry in section.iter_relocations():
            kind, offset = entry["r_info_type"], entry["r_offset"]
            assert isinstance(symbols, SymbolTableSection)
            symbol = symbols.get_symbol(entry["r_info_sym"])
            home = symbol["st_shndx"]
            if machine != "EM_X86_64" or kind not in RELATIVE + ABSOLUTE_32 or home not in places:
                text = f"relocation {kind} of {symbol.name or 'a section'} at {offset:#x}"
                raise ImageError(f"{path}: {text} is not one this prover reads")
            value = places[home] + symbol["st_value"] + entry["r_addend"]
            if kind in RELATIVE:
                value -= places[target] + offset
            bodies[target][offset : offset + 4] = (value & 0xFFFFFFFF).to_bytes(4, "little")


def functions_of(
    file: ELFFile, places: dict[int, int], bodies: dict[int, bytearray], relocatable: bool
) -> Iterator[tuple[str, Code]]:
    """Every function that a table of symbols names."""
    for table in file.iter_sections():
        if not isinstance(table, SymbolTableSection):
            continue
        for symbol in table.iter_symbols():
            home = symbol["st_shndx"]
            if symbol["st_info"]["type"] != "STT_FUNC" or home not in places:
                continue
            address = symbol["st_value"] + (places[home] if relocatable else 0)
            start = address - places[home]
            data = bytes(bodies[home][start : start + symbol["st_size"]])
            yield symbol.name, Code(symbol.name, address, data)
