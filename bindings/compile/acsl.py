"""The kernel's contracts in ACSL: comments for the generated C, read from the same parsed source.

Every function of the C file gets its `require` as `requires`, its `ensure` as `ensures`, and what
it may write as `assigns`. The functions that contracts speak of become definitions of logic in
front of the code. Loops are marked as to be unrolled. Nothing but comments is added: without them
the text is the shipped file's, word for word, and `annotate` checks that before it returns.
"""

import importlib.util
import re
from pathlib import Path as FilePath

from dosekernel.spec.effects import Path, leaves
from dosekernel.spec.effects import calls as calls_in
from dosekernel.spec.language import parse_kernel, writes
from dosekernel.spec.tree import BOOL, INT, NONE, Function, Program

from .logic import HERE, OLD, Environment, Writer
from .naming import ENTRIES, CompileError, function_name, word_function

LOOP = re.compile(
    r"(?P<indent>\s*)for \((?P<counter>T\d+) = 0; T\d+ < (?P<count>0x[0-9A-F]+|\d+); "
)
ASSIGNED = re.compile(r"^\s*(\w+) = ", re.MULTILINE)
HEAD = re.compile(r"^(?:DOSEKERNEL_INTERNAL )?DOSEKERNEL_KEPT .*?\b(\w+)\((.*)\)$")
COMMENT = re.compile(r"/\*.*?\*/\n?", re.DOTALL)
# Loops over whole records are longer, and loops that can end early double the paths with each turn:
# unrolled as text they would be all that a prover sees. Their counter is bounded instead.
ARRAY_LONGEST = 25
NOTHING = "\\nothing"
# The words over whole records: what each says of a word of its target and of its source.
WORD_MEANINGS = {
    "assign": "{to} == \\old({source})",
    "clear": "{to} == 0",
    "seal": "{to} == -1 - \\old({source})",
    "sealed": "{to} == -1 - {source}",
    "same": "{to} == {source}",
}


def installed_kernel() -> Program:
    """The kernel's source that the C file was made of."""
    found = importlib.util.find_spec("dosekernel.kernel")
    if found is None or found.origin is None:
        raise CompileError("the package dosekernel.kernel is not installed")
    return parse_kernel(FilePath(found.origin).parent)


def annotate(text: str, program: Program, unrolled: bool = False) -> str:
    """The C file `text` with the contracts of `program` as ACSL comments, and nothing else new.

    EVA turns through loops by itself. For WP (`unrolled`) they are to be unrolled as text; what is
    said of a loop then holds only of what is left of it after its last turn.

    Errors: `CompileError` if a function has no place in `text`, or if more than comments changed.
    """
    contracts = Contracts(program)
    lines: list[str] = []
    found: set[str] = set()
    given = text.split("\n")
    for number, line in enumerate(given):
        head = HEAD.match(line)
        if head:
            if not found:
                lines += contracts.definitions()
            found.add(head[1])
            lines += contracts.of(head[1])
        elif LOOP.match(line):
            lines.append(_loop(given, number, unrolled))
        lines.append(line)
    missing = sorted(contracts.bound(text) - found)
    if missing:
        raise CompileError(f"{missing[0]}: the C file does not define it as it did")
    annotated = "\n".join(lines)
    if without_comments(annotated) != without_comments(text):
        raise CompileError("the annotations changed more than comments")
    return annotated


def _loop(lines: list[str], start: int, unrolled: bool) -> str:
    """What EVA, or WP, needs to know of the loop whose head is `lines[start]`."""
    head = LOOP.match(lines[start])
    if head is None:
        raise CompileError(f"not the head of a loop: {lines[start].strip()}")
    count, counter = int(head["count"], 0), head["counter"]
    body = "\n".join(lines[start + 1 : lines.index(f"{head['indent']}}}", start)])
    if "return" in body or count > ARRAY_LONGEST:
        assigned = sorted(
            {counter, *ASSIGNED.findall(body), *[f"to[0 .. {count - 1}]"] * ("(to[i]) =" in body)}
        )
        bound = (
            f"loop invariant 0 <= {counter} <= {count}; loop assigns {', '.join(assigned)};"
            f" loop variant {count} - {counter};"
        )
    else:
        bound = f"loop invariant {counter} == {count}; loop assigns {NOTHING};"
        bound = f"loop pragma UNROLL {count}; {bound}"
    said = bound if unrolled else f"loop unroll {count};"
    return f"{head['indent']}/*@ {said} */"


def without_comments(text: str) -> list[str]:
    """The lines of a C text that are no comment and not empty, without indentation."""
    return [line.strip() for line in COMMENT.sub("", text).split("\n") if line.strip()]


class Contracts:
    """The contract of each C function as ACSL."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.writer = Writer(program)
        self.writes = writes(program)
        self.names = {function_name(name): name for name in program.functions}
        self.words = {
            word_function(word, record): (word, record)
            for word in WORD_MEANINGS
            for record in program.records
        }

    def bound(self, text: str) -> set[str]:
        """The C symbols of `text` that this program gives a contract."""
        known = {*self.names, *self.words}
        return {name for name in re.findall(r"\bdosekernel_\w+(?=\()", text) if name in known}

    def definitions(self) -> list[str]:
        """The logic that the contracts speak of, each definition before its uses."""
        roots = [
            call.function
            for function in self.program.functions.values()
            for expression in (*function.requires, *function.ensures)
            for call in calls_in(expression)
        ]
        pure = [
            name
            for name, function in self.program.functions.items()
            if not self.writes[name] and function.returns != NONE
        ]
        return self.writer.definitions([*roots, *(name for name in pure if self._said(name))])

    def of(self, symbol: str) -> list[str]:
        """The comment in front of one C function."""
        clauses = self._word(symbol) if symbol in self.words else self._function(symbol)
        body = [f"  @ {clause}" for clause in clauses]
        return [f"/*@{body[0][3:]}", *body[1:], "  @*/"] if body else []

    def _said(self, name: str) -> bool:
        """A function without a promise of its own promises its meaning."""
        function = self.program.functions[name]
        return not self.writes[name] and function.returns != NONE and name not in ENTRIES

    def _function(self, symbol: str) -> list[str]:
        name = self.names[symbol]
        function = self.program.functions[name]
        environment = Environment.of(self.program, function, HERE)
        clauses = self._memory(function, {position for position, _ in self.writes[name]})
        clauses += [
            f"requires {self.writer.predicate(each, environment)};" for each in function.requires
        ]
        clauses.append(self._assigns(function))
        after = environment.with_snapshots(function.snapshots, OLD)
        if function.returns in (INT, BOOL):
            after = after.with_result(function.returns)
        if function.returns == BOOL:
            clauses.append("ensures \\result == 0 || \\result == 1;")
        clauses += [f"ensures {self.writer.predicate(each, after)};" for each in function.ensures]
        if self._said(name):
            clauses.append(f"ensures {self.writer.meaning(function, environment)};")
        return clauses

    def _memory(self, function: Function, written: set[int]) -> list[str]:
        """Each record is there, and none that is written lies in another."""
        records = [
            (position, parameter)
            for position, parameter in enumerate(function.parameters)
            if parameter.type in self.program.records
        ]
        clauses = [
            f"requires \\valid{'' if position in written else '_read'}({parameter.name});"
            for position, parameter in records
        ]
        apart = [
            f"requires \\separated({first.name}, {second.name});"
            for place, (i, first) in enumerate(records)
            for j, second in records[place + 1 :]
            if i in written or j in written
        ]
        return clauses + apart

    def _assigns(self, function: Function) -> str:
        by_record: dict[int, set[Path]] = {}
        for position, path in self.writes[function.name]:
            by_record.setdefault(position, set()).add(path)
        places: list[str] = []
        for position, paths in sorted(by_record.items()):
            parameter = function.parameters[position]
            whole = leaves(self.program, parameter.type)
            if paths >= set(whole):
                places.append(f"*{parameter.name}")
            else:
                places += [
                    self._words(parameter.name, parameter.type, path)
                    for path in whole
                    if path in paths
                ]
        return f"assigns {', '.join(places) or NOTHING};"

    def _words(self, name: str, record: str, path: Path) -> str:
        """A field, or all the words of an array."""
        length = self._length(record, path)
        text = f"{name}->{'.'.join(path)}"
        return f"{text}[0 .. {length - 1}]" if length else text

    def _length(self, record: str, path: Path) -> int:
        word = next(each for each in self.program.records[record].words if each.name == path[0])
        return self._length(word.type, path[1:]) if len(path) > 1 else word.length

    def _word(self, symbol: str) -> list[str]:
        """A word over whole records: its meaning, word for word."""
        word, record = self.words[symbol]
        reads = word in ("sealed", "same")
        two = word != "clear"
        clauses = [f"requires \\valid{'_read' if reads else ''}(target);"]
        clauses += ["requires \\valid_read(source);"] * two
        clauses += ["requires \\separated(target, source);"] * (two and not reads)
        clauses.append(f"assigns {NOTHING if reads else '*target'};")
        equal = " && ".join(
            WORD_MEANINGS[word].format(to=f"target->{place}", source=f"source->{place}")
            for place in self.writer.words(record)
        )
        if reads:
            clauses.append("ensures \\result == 0 || \\result == 1;")
            clauses.append(f"ensures \\result == 1 <==> ({equal});")
        else:
            clauses.append(f"ensures {equal};")
        return clauses
