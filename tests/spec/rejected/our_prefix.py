# expect: 6: dosekernel_at: the prefix dosekernel is the compiler's
from .records import State


def wrong(state: State, at: int) -> int:
    dosekernel_at = at
    return dosekernel_at + state.now
