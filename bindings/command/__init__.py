"""The command `dosekernel`: each part is a module, imported only when it is asked for."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import dosekernel

from .. import linking
from ..errors import InputError
from .codes import BAD_INPUT, GOOD, INTERNAL, INTERRUPTED, PIPE_CLOSED, TOOL_MISSING

# Each command: its module, whose `main(arguments) -> exit code` parses the rest, and its purpose.
COMMANDS = {
    "run": ("dosekernel.command.run", "events in, outcomes out, as JSON Lines"),
    "prove": ("dosekernel.proofs.command", "prove the kernel from its own source"),
    "simulate": ("dosekernel.simulate.command", "a virtual patient's days on the pump"),
    "replay": ("dosekernel.replay.command", "a real therapy history through the kernel"),
    "pump": ("dosekernel.pump.commands", "the reference pump: terminal program and commands"),
    "fuzz": ("dosekernel.fuzz.command", "fire dose requests at it, with independent bookkeeping"),
    "campaign": ("dosekernel.campaign.command", "fuzz, simulate or prove in shards, anywhere"),
    "limits": ("dosekernel.command.limits", "check a limits file, list the presets"),
    "explain": ("dosekernel.command.explain", "what a reason or an alarm means"),
    "report": ("dosekernel.report.command", "the assurance case, or a pump's days, as a page"),
    "export-c": ("dosekernel.command.export_c", "write the kernel as one C file and its header"),
}
# The extra that brings a package which not everyone needs.
EXTRAS = {
    "z3": "prove",
    "cvc5": "prove",
    "elftools": "machine",
    "pypcode": "machine",
    "numpy": "numpy",
    "matplotlib": "simulate",
    "simglucose": "simulate",
    "scipy": "simulate",
    "pandas": "simulate",
    "icontract": "checked",
    "atheris": "fuzz",
    "hypothesis": "test",
    "distributed": "scale",
    "apsw": "pump",
    "textual": "pump",
    "cryptography": "pump",
    "jinja2": "report",
}
DEBUG = "DOSEKERNEL_DEBUG"  # set, an internal error shows where it came from


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code and lets no traceback through."""
    try:
        code = _dispatch(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else GOOD
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output is gone; what is still buffered must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except InputError as error:
        return _say(str(error), BAD_INPUT)
    except ImportError as error:
        return _say(_missing(error), TOOL_MISSING)
    except OSError as error:
        return _say(f"{error.filename or 'input or output'}: {error.strerror}", BAD_INPUT)
    except Exception as error:
        if DEBUG in os.environ:
            raise
        what = f"{type(error).__name__}: {error}"
        return _say(f"internal error: {what} (set {DEBUG}=1 to see where)", INTERNAL)


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] in linking.OPTIONS:
        return linking.main(arguments)
    if not arguments or arguments[0] not in COMMANDS:
        _parser().parse_args(arguments or ["--help"])
    command, *rest = arguments
    return int(import_module(COMMANDS[command][0]).main(rest))


def _parser() -> argparse.ArgumentParser:
    """Only for what is not a command: help, version, and a word that it does not know."""
    parser = argparse.ArgumentParser(
        prog="dosekernel",
        description="A formally verified dosing kernel for infusion pumps. Not a medical device.",
        epilog="Exit codes: 0 good, 1 a finding, 2 usage or bad input, 3 undecided, "
        "4 a tool is missing. To link the kernel elsewhere: dosekernel --cflags --libs [--static], "
        "--includedir, --libdir, --cmakedir, --pkgconfigdir.",
    )
    version = f"dosekernel {dosekernel.__version__}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (_, purpose) in COMMANDS.items():
        commands.add_parser(name, help=purpose, add_help=False)
    return parser


def _missing(error: ImportError) -> str:
    package = (error.name or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or package not in EXTRAS:
        return str(error)
    extra = EXTRAS[package]
    return f'the package {package} is missing; install it with: pip install "dosekernel[{extra}]"'


def _say(message: str, code: int) -> int:
    print(f"dosekernel: {message}", file=sys.stderr)
    return code
