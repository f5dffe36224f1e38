"""Every theorem that must exist: a sorted list, kept by hand; a run that shows other ones fails.

What each says is in `spec/theorems`, by subject; this list is the second opinion, so that none is
ever lost, renamed or added unseen. `totality` is every function's own contract: no overflow, no bad
division or index, every promise kept.
"""

from collections.abc import Mapping

from dosekernel.kernel.records import (
    ACTION_SLOT,
    DAY_SLOT,
    SLOTS,
    SPANS,
    WINDOW_FOUR_HOURS,
    WINDOW_HOUR,
)

OBLIGATIONS: tuple[str, ...] = (
    "blocked",
    "bolus-cap",
    "bolus/allowable",
    "bolus/busy",
    "bolus/cap",
    "bolus/guards",
    "bolus/owed",
    "bolus/ready",
    "bolus/spare",
    "cancel/all",
    "cancel/body",
    "cancel/prime",
    "clock",
    "corruption",
    "corruption-seen",
    "exact-refusal/bolus",
    "exact-refusal/whole",
    "exactly-once",
    "extended/counted",
    "extended/due",
    "extended/pauses",
    "latch/acknowledge",
    "latch/acknowledge-guards",
    "latch/cause",
    "latch/clamped",
    "latch/echo",
    "latch/fault",
    "latch/resume",
    "latch/resume-guards",
    "latch/suspend",
    "limits",
    "lockout",
    "mode/body",
    "mode/cannula",
    "mode/empty",
    "mode/expired",
    "mode/reason",
    "mode/therapy",
    "mode/tubing",
    "refusal",
    "report/amount",
    "report/excess",
    "report/guards",
    "report/purpose",
    "report/settled",
    "report/uncertain",
    "reservoir",
    "set/connect",
    "set/connect-guards",
    "set/disconnect",
    "set/fill",
    "set/fill-guards",
    "set/fill-ready",
    "set/handling",
    "set/insert",
    "set/insert-guards",
    "set/load",
    "set/load-guards",
    "set/prime",
    "set/prime-guards",
    "source",
    "stop",
    "temp-ends/raised",
    "totality",
)

SLOT_LENGTHS = (WINDOW_HOUR // SPANS, WINDOW_FOUR_HOURS // SPANS, ACTION_SLOT, DAY_SLOT)

# Functions whose contract is proved for each value of an argument; that no value is left out is an
# obligation of its own.
CASES: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "advance": {"shift": tuple(range(SLOTS + 1))},
    "peak": {"length": SLOT_LENGTHS},
    "slots_passed": {"length": SLOT_LENGTHS},
}
