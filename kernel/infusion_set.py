"""Reservoir, tubing, cannula: what the pump can do now, and the only order of a set change."""

from .arithmetic import within
from .contract import ensure, require
from .records import (
    CODE_MAX,
    MODE_DELIVERING,
    MODE_DISCONNECTED,
    MODE_EMPTY,
    MODE_EXPIRED,
    MODE_FAULTED,
    MODE_LOW_SUSPENDED,
    MODE_NOT_READY,
    MODE_SUSPENDED,
    NEVER,
    REASON_AMOUNT,
    REASON_BUSY,
    REASON_CAPACITY,
    REASON_CONNECTED,
    REASON_DISCONNECTED,
    REASON_EMPTY,
    REASON_FAULTED,
    REASON_FILL_CAP,
    REASON_FILLED,
    REASON_LOW_SUSPENDED,
    REASON_NONE,
    REASON_NOT_INSERTED,
    REASON_NOT_LOADED,
    REASON_NOT_PRIMED,
    REASON_NOT_READY,
    REASON_PRIME_CAP,
    REASON_RANGE,
    REASON_RESERVOIR,
    REASON_SET_EXPIRED,
    REASON_SUSPENDED,
    REASON_UNCONFIRMED,
    VOLUME_MAX,
    State,
)
from .state import state_valid


def tubing_ready(state: State) -> bool:
    """The tubing is free of air, or this drug's set needs no prime."""
    return state.primed == 1 or state.limits.prime_max == 0


def cannula_ready(state: State) -> bool:
    """The cannula is filled, or this set needs no fill (a steel needle)."""
    return state.filled == 1 or state.limits.cannula_fill == 0


def set_expired(state: State) -> bool:
    """The set has been worn as long as it may be, where there is such a limit."""
    if state.limits.set_expiry == 0 or state.inserted == 0:
        return False
    return state.now - state.set_at >= state.limits.set_expiry


def empty(state: State) -> bool:
    """Less than one pulse is left."""
    return state.reservoir < state.limits.pulse


def body_mode(state: State) -> int:
    """What keeps volume from the patient, the missing fill apart: the first that applies."""
    if state.faulted == 1 or state.latched == 1:
        return MODE_FAULTED
    if state.loaded == 0 or not tubing_ready(state) or state.inserted == 0:
        return MODE_NOT_READY
    if state.connected == 0:
        return MODE_DISCONNECTED
    if set_expired(state):
        return MODE_EXPIRED
    if empty(state):
        return MODE_EMPTY
    if state.suspended == 1:
        return MODE_SUSPENDED
    if state.low_suspended == 1:
        return MODE_LOW_SUSPENDED
    return MODE_DELIVERING


def mode(state: State) -> int:
    """What the pump is doing: DELIVERING only if nothing at all keeps therapy from the patient."""
    found = body_mode(state)
    if found == MODE_DELIVERING and not cannula_ready(state):
        return MODE_NOT_READY
    return found


def mode_reason(found: int) -> int:
    """The reason that a mode gives for refusing; none if the pump delivers."""
    if found == MODE_DELIVERING:
        return REASON_NONE
    if found == MODE_FAULTED:
        return REASON_FAULTED
    if found == MODE_DISCONNECTED:
        return REASON_DISCONNECTED
    if found == MODE_EXPIRED:
        return REASON_SET_EXPIRED
    if found == MODE_EMPTY:
        return REASON_EMPTY
    if found == MODE_SUSPENDED:
        return REASON_SUSPENDED
    if found == MODE_LOW_SUSPENDED:
        return REASON_LOW_SUSPENDED
    return REASON_NOT_READY


def change_reason(state: State) -> int:
    """What keeps the set from being handled: it must be off the body, with nothing moving."""
    if state.connected == 1:
        return REASON_CONNECTED
    if state.prime_owed > 0:
        return REASON_BUSY
    if state.outstanding > 0:
        return REASON_UNCONFIRMED
    return REASON_NONE


@require(lambda state: state_valid(state))
@ensure(
    lambda state, amount, result: (
        result != REASON_NONE
        or (state.connected == 0 and amount >= 1 and amount <= state.limits.reservoir_capacity)
    )
)
def load_reason(state: State, amount: int) -> int:
    """Why a reservoir of this amount cannot be loaded now."""
    handling = change_reason(state)
    if handling != REASON_NONE:
        return handling
    if amount < 1 or amount > state.limits.reservoir_capacity:
        return REASON_CAPACITY
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda state: state.connected == 0)
@require(lambda state, amount: amount >= 1 and amount <= state.limits.reservoir_capacity)
@ensure(lambda state: state_valid(state))
@ensure(lambda state, amount: state.reservoir == amount)
def load(state: State, amount: int) -> None:
    """A new reservoir: the tubing must be primed again; the insertion is kept."""
    state.reservoir = amount
    state.reservoir_at = state.now
    state.loaded = 1
    state.primed = 0
    state.prime_fresh = 0
    state.prime_used = 0


@require(lambda state: state_valid(state))
@require(lambda amount: 0 <= amount <= VOLUME_MAX)
@ensure(
    lambda state, amount, result: (
        result != REASON_NONE
        or (
            state.connected == 0
            and amount > 0
            and state.prime_owed == 0
            and amount <= state.reservoir
            and state.prime_used + amount <= state.limits.prime_max
        )
    )
)
def prime_reason(state: State, amount: int) -> int:
    """Why the tubing cannot be primed with this amount now."""
    if state.connected == 1:
        return REASON_CONNECTED
    if state.faulted == 1:
        return REASON_FAULTED
    if state.loaded == 0:
        return REASON_NOT_LOADED
    if empty(state):
        return REASON_EMPTY
    if state.outstanding > 0:
        return REASON_UNCONFIRMED
    if state.prime_owed > 0:
        return REASON_BUSY
    if amount == 0 or amount % state.limits.pulse != 0:
        return REASON_AMOUNT
    if state.prime_used + amount > state.limits.prime_max:
        return REASON_PRIME_CAP
    if amount > state.reservoir:
        return REASON_RESERVOIR
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda state: state.connected == 0 and state.prime_owed == 0)
@require(lambda state, amount: amount > 0 and amount <= state.reservoir)
@require(lambda state, amount: state.prime_used + amount <= state.limits.prime_max)
@ensure(lambda state: state_valid(state))
@ensure(lambda state, amount: state.prime_owed == amount)
def prime(state: State, amount: int) -> None:
    """Owe a prime; it counts against the load's budget whether or not it is finished."""
    state.prime_owed = amount
    state.prime_used = state.prime_used + amount


@require(lambda state: state_valid(state))
@ensure(
    lambda state, site, result: (
        result != REASON_NONE or (state.connected == 0 and site >= 0 and site <= CODE_MAX)
    )
)
def insert_reason(state: State, site: int) -> int:
    """Why a set cannot be inserted at this site now."""
    handling = change_reason(state)
    if handling != REASON_NONE:
        return handling
    if not within(site, 0, CODE_MAX):
        return REASON_RANGE
    if state.limits.prime_max > 0 and state.prime_fresh == 0:
        return REASON_NOT_PRIMED
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda state: state.connected == 0)
@require(lambda site: site >= 0 and site <= CODE_MAX)
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.prime_fresh == 0 and state.filled == 0)
def insert(state: State, site: int) -> None:
    """A new set in the body: its cannula is empty, it used up the prime, and it ends a latch."""
    state.inserted = 1
    state.site = site
    state.set_at = state.now
    state.filled = 0
    state.fill_used = 0
    state.prime_fresh = 0
    state.latched = 0
    state.fault_at = NEVER
    state.fault_before = NEVER


@require(lambda state: state_valid(state))
@ensure(
    lambda state, result: (
        result != REASON_NONE
        or (
            state.connected == 0
            and state.prime_owed == 0
            and state.outstanding == 0
            and state.loaded == 1
            and state.inserted == 1
            and tubing_ready(state)
        )
    )
)
def connect_reason(state: State) -> int:
    """Why the tubing cannot be connected to the body now."""
    handling = change_reason(state)
    if handling != REASON_NONE:
        return handling
    if state.loaded == 0:
        return REASON_NOT_LOADED
    if not tubing_ready(state):
        return REASON_NOT_PRIMED
    if state.inserted == 0:
        return REASON_NOT_INSERTED
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda state: state.prime_owed == 0 and state.loaded == 1 and state.inserted == 1)
@ensure(lambda state: state_valid(state))
def connect(state: State) -> None:
    """Join tubing and cannula; a prime that was meant for this connection is used up."""
    state.connected = 1
    state.prime_fresh = 0


@require(lambda state: state_valid(state))
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.connected == 0)
def disconnect(state: State) -> None:
    """Part tubing and cannula; set and prime stay as they are."""
    state.connected = 0


@require(lambda state: state_valid(state))
@require(lambda amount: 0 <= amount <= VOLUME_MAX)
@ensure(
    lambda state, amount, result: (
        result != REASON_NONE
        or (
            body_mode(state) == MODE_DELIVERING
            and state.fill_owed == 0
            and amount > 0
            and state.fill_used + amount <= state.limits.cannula_fill
        )
    )
)
def fill_ready(state: State, amount: int) -> int:
    """Why the cannula cannot be filled with this amount now, room in the windows apart."""
    blocked = mode_reason(body_mode(state))
    if blocked != REASON_NONE:
        return blocked
    if state.outstanding > 0:
        return REASON_UNCONFIRMED
    if state.fill_owed > 0:
        return REASON_BUSY
    if state.filled == 1:
        return REASON_FILLED
    if amount == 0 or amount % state.limits.pulse != 0:
        return REASON_AMOUNT
    if state.fill_used + amount > state.limits.cannula_fill:
        return REASON_FILL_CAP
    return REASON_NONE
