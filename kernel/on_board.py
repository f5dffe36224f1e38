"""Drug still acting: a safety bound, never below the true sum; not the figure on a calculator."""

from .arithmetic import share
from .contract import ensure, require
from .records import SLOTS, SPANS, TOTAL_MAX, WHOLE, State
from .state import state_valid

# What `on_board` can be at most: every slot full.
ON_BOARD_RANGE = SLOTS * TOTAL_MAX


@require(lambda state: state_valid(state))
@ensure(lambda result: 0 <= result <= ON_BOARD_RANGE)
def on_board(state: State) -> int:
    """The sum of each slot x the fraction left at the slot's youngest possible age, rounded up.

    Slot 0 has no age yet, slot i is at least i - 1 slots old.
    """
    acting = share(state.action.slots[0], state.limits.action_remaining[0])
    for i in range(SPANS):
        acting = acting + share(state.action.slots[i + 1], state.limits.action_remaining[i])
    return (acting + WHOLE - 1) // WHOLE
