"""The dosing kernel for infusion pumps: one small total function, proved from its own source.

    from decimal import Decimal
    from dosekernel import Kernel, Limits

    kernel = Kernel(Limits.load("insulin-u100"), at=0)
    outcome = kernel.bolus(id=1, at=1000, amount=Decimal("2.5"))
    print(outcome)                 # what was decided, and why, in a sentence
    outcome.status, outcome.reason, outcome.allowable, outcome.pulses

It is not a medical device. `step(state, event) -> outcome` decides about every request and every
tick; `outcome.pulses` is all that the motor may do, and each release is then reported by `confirm`
or `uncertain`. A refusal is an outcome, never an exception, and leaves the state as it was.

Units, one for each quantity: volumes are micro-units (1e-6 U, mg or mL), rates micro-units an
hour, times milliseconds of your one monotonic clock, glucose mg/dL. Methods take a `Decimal` too,
in the drug's own unit. `id` and `at` come from your own sequencer and clock, never from a message.

    Kernel         a pump's decisions: a method for each kind of event, or step(Event(...))
    Limits         what a prescription allows: Limits.load(preset or file)
    Event          what happens or is asked for, in kernel units; its kind is a Kind
    Outcome        what was decided: Status, Reason, Path, Mode, Alarm, and what a display needs
    Kind, Source, Status, Reason, Path, Mode, Cause, Alarm
                   the closed lists; each member but an alarm has its .sentence
    step_many      many events or many pumps in one call over numpy arrays: see dosekernel.batch
    Interpreted    the same kernel, run from its Python source: slow, for looking inside
    dosekernel.checked.Kernel
                   that with every contract checked while it runs (icontract), for tests
    dosekernel.strategies
                   Hypothesis strategies, to test your own program against the kernel
    get_include, get_library_dir, build_info
                   where the C header and the libraries are, and which object is in them: see
                   dosekernel.linking

Errors say what is wrong, where, and what is allowed: InputError (a value that nothing can hold)
with InputTypeError, LimitsRefusedError and StateError under it; BusyError for two calls at once.

Names are imported when they are first used, so that the prover runs where nothing was compiled and
the command line starts at once.
"""

import json as _json
from importlib import import_module
from pathlib import Path as _Path
from typing import TYPE_CHECKING
from typing import Any as _Any

if TYPE_CHECKING:
    from dosekernel.spec.limits import Limits
    from dosekernel.spec.reasons import Alarm, Cause, Kind, Mode, Path, Reason, Source, Status

    from ._native import Event, Outcome
    from .batch import step_many
    from .compiled import Kernel
    from .errors import BusyError, InputError, InputTypeError, LimitsRefusedError, StateError
    from .interpreted import Interpreted

__version__ = "0.1.0"

_HOMES = {
    "Alarm": "dosekernel.spec.reasons",
    "BusyError": "dosekernel.errors",
    "Cause": "dosekernel.spec.reasons",
    "Event": "dosekernel._native",
    "InputError": "dosekernel.errors",
    "InputTypeError": "dosekernel.errors",
    "Interpreted": "dosekernel.interpreted",
    "Kernel": "dosekernel.compiled",
    "Kind": "dosekernel.spec.reasons",
    "Limits": "dosekernel.spec.limits",
    "LimitsRefusedError": "dosekernel.errors",
    "Mode": "dosekernel.spec.reasons",
    "Outcome": "dosekernel._native",
    "Path": "dosekernel.spec.reasons",
    "Reason": "dosekernel.spec.reasons",
    "Source": "dosekernel.spec.reasons",
    "StateError": "dosekernel.errors",
    "Status": "dosekernel.spec.reasons",
    "step_many": "dosekernel.batch",
}

__all__ = [
    "Alarm",
    "BusyError",
    "Cause",
    "Event",
    "InputError",
    "InputTypeError",
    "Interpreted",
    "Kernel",
    "Kind",
    "Limits",
    "LimitsRefusedError",
    "Mode",
    "Outcome",
    "Path",
    "Reason",
    "Source",
    "StateError",
    "Status",
    "__version__",
    "build_info",
    "get_include",
    "get_library_dir",
    "step_many",
]


def get_include() -> str:
    """The folder of `dosekernel.h` and of the `dosekernel.c` that this extension was built from."""
    return str(_Path(__file__).parent / "include")


def get_library_dir() -> str:
    """The folder of `libdosekernel.a` and `libdosekernel.so`, both of that C, compiled once."""
    return str(_Path(__file__).parent / "lib")


def build_info() -> dict[str, _Any]:
    """Which kernel this is: `build` ("proved" or "fast"), `compiler`, `flags`, `object_sha256`.

    The proved build is the default, and the one that `dosekernel prove --object` is about.
    """
    text = (_Path(__file__).parent / "lib" / "build.json").read_text(encoding="utf-8")
    found: dict[str, _Any] = _json.loads(text)
    return found


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'dosekernel' has no attribute {name!r}")
    try:
        value: object = getattr(import_module(home), name)
    except ModuleNotFoundError as error:
        if error.name != "dosekernel._native":
            raise
        raise ImportError(
            f"dosekernel.{name} needs the compiled kernel, and it was not built here; "
            "build it with: make build"
        ) from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
