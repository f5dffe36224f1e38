"""Every command, verb and option as argparse itself knows them."""

import argparse
import textwrap
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from unittest import mock

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dosekernel import linking
from dosekernel.command import COMMANDS
from dosekernel.proofs.machine.command import main as prove_object
from dosekernel.pump.commands import VERBS, help_parser

from .prose import as_markup

PROGRAM = "dosekernel"
USAGE = "usage: "


class _FoundError(Exception):
    """Carries a parser out of the program that made it."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        super().__init__(parser.prog)
        self.parser = parser


def parser_of(
    main: Callable[[Sequence[str]], object], words: Sequence[str] = ()
) -> argparse.ArgumentParser:
    """The parser to which a program gives its words, caught before it reads them."""

    def catch(self: argparse.ArgumentParser, *args: object, **more: object) -> None:
        raise _FoundError(self)

    with mock.patch.object(argparse.ArgumentParser, "parse_args", catch):
        try:
            main(list(words))
        except _FoundError as found:
            return found.parser
    raise RuntimeError(f"{main.__module__}: {' '.join(words)}: reads no words by argparse")


def parsers() -> Iterator[argparse.ArgumentParser]:
    """Of every command and verb, in the order of the help."""
    for name, (module, _) in COMMANDS.items():
        main = import_module(module).main
        yield parser_of(main)
        if name == "prove":
            yield parser_of(prove_object, ["--object"])
        if name == "report":
            yield parser_of(main, ["day"])
        if name == "pump":
            yield help_parser()
            for verb in VERBS:
                yield parser_of(main, [verb])
    yield parser_of(linking.main)


def titles() -> dict[str, argparse.ArgumentParser]:
    """Each parser under the heading of its command."""
    found: dict[str, argparse.ArgumentParser] = {}
    for parser in parsers():
        for title, each in _with_actions(parser):
            while title in found:
                title = {"prove": "prove --object"}.get(title.split()[-1], f"{title} VERB")
                title = title if title.startswith(PROGRAM) else f"{PROGRAM} {title}"
            found[title] = each
    return found


def _with_actions(
    parser: argparse.ArgumentParser,
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """A parser, and those of the words that it knows."""
    yield parser.prog, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                if any(own.option_strings != ["-h", "--help"] for own in each._actions):
                    yield from _with_actions(each)


def described(title: str, parser: argparse.ArgumentParser) -> list[str]:
    """One command."""
    usage = textwrap.dedent(" " * len(USAGE) + parser.format_usage().removeprefix(USAGE))
    line = "~" if title.count(" ") > 1 else "-"  # a verb stands under its command
    lines = [f".. _{title}:", "", title, line * len(title), ""]
    lines += as_markup((parser.description or "").splitlines())
    lines += ["", ".. code-block:: text", "", *(f"   {each}" for each in usage.splitlines()), ""]
    lines += [f".. program:: {title}", ""]
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        lines += _option(parser, action)
    return [*lines, *as_markup((parser.epilog or "").splitlines()), ""]


def _option(parser: argparse.ArgumentParser, action: argparse.Action) -> list[str]:
    formatter = parser._get_formatter()
    if action.option_strings:
        metavar = formatter._get_default_metavar_for_optional(action)
        value = "" if action.nargs == 0 else " " + formatter._format_args(action, metavar)
        named = ", ".join(f"{each}{value}" for each in action.option_strings)
    else:
        metavar = formatter._get_default_metavar_for_positional(action)
        named = formatter._format_args(action, metavar).split()[0].strip("[]")
    told = formatter._expand_help(action) if action.help else ""
    if action.choices is not None and "{" not in named:
        told = f"{told}; one of {', '.join(f'`{each}`' for each in action.choices)}".lstrip("; ")
    said = as_markup(told.splitlines())
    return [f".. option:: {named}", "", *(f"   {each}" for each in said), ""]


class Commands(SphinxDirective):
    """`.. commands::`: all of them."""

    def run(self) -> list[nodes.Node]:
        """Read them and describe each."""
        lines = [line for title, parser in titles().items() for line in described(title, parser)]
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def setup(app: Sphinx) -> None:
    """The directive."""
    app.add_directive("commands", Commands)
