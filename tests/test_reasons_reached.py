"""Every reason, mode, alarm, status and path is reached by a scenario that anyone can read.

A scenario ends in the outcome that it is for; each is also checked by the exact model on its way.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dosekernel import Event, Kernel, Limits, Outcome
from dosekernel.kernel import records as k
from dosekernel.strategies import Bedside

U = 1_000_000
LIMITS = Limits.load("insulin-u100")
PULSE = LIMITS.pulse
PCA = Limits.load("pca-morphine")
ROOMY = replace(LIMITS, on_board_max=400 * U, window_max=100 * U)


def pump(limits: Limits = LIMITS, rate: int = U, amount: int = 0) -> Bedside:
    return Bedside(limits).set_up(rate, amount)


def named(prefix: str) -> dict[int, str]:
    """Every constant of a family by its value."""
    return {value: name for name, value in vars(k).items() if name.startswith(prefix)}


def suspended() -> Bedside:
    beside = pump()
    beside.ask(k.SUSPEND)
    return beside


def faulted() -> Bedside:
    beside = pump()
    beside.ask(k.FAULT, code=k.CAUSE_OCCLUSION)
    return beside


def latched() -> Bedside:
    beside = pump()
    for _ in range(3):
        beside.ask(k.FAULT, 1000, code=k.CAUSE_OCCLUSION)
        beside.ask(k.ACKNOWLEDGE)
    return beside


def low() -> Bedside:
    beside = pump()
    beside.ask(k.GLUCOSE, glucose=60)
    return beside


def loaded(limits: Limits = LIMITS) -> Bedside:
    beside = Bedside(limits)
    beside.ask(k.LOAD_RESERVOIR, amount=100 * U)
    return beside


def primed() -> Bedside:
    beside = loaded()
    beside.ask(k.PRIME, amount=U)
    beside.run_out()
    return beside


def unfilled() -> Bedside:
    beside = primed()
    beside.ask(k.INSERT_SET, code=1)
    beside.ask(k.CONNECT)
    return beside


def released() -> Bedside:
    beside = pump()
    beside.ask(k.BOLUS, amount=2 * U)
    beside.tick(k.MINUTE)
    return beside


def empty() -> Bedside:
    beside = pump(rate=0, amount=2 * U)
    beside.ask(k.BOLUS, amount=2 * U - 26 * PULSE)
    beside.run_out()
    return beside


def disconnected() -> Bedside:
    beside = pump()
    beside.ask(k.DISCONNECT)
    return beside


def worn_out() -> Bedside:
    beside = pump()
    beside.tick(LIMITS.set_expiry)
    return beside


def over_delivered(day: bool) -> Bedside:
    """The motor reports more than a cap leaves; then the fault is dealt with."""
    limits = replace(ROOMY, window_max=190 * U, day_max=190 * U)
    limits = limits if day else replace(limits, window_max=100 * U)
    beside = pump(limits, amount=200 * U)
    beside.ask(k.FAULT, code=k.CAUSE_OVERFLOW, amount=limits.window_max - U // 2)
    beside.ask(k.ACKNOWLEDGE)
    beside.ask(k.RESUME)
    return beside


def full(limits: Limits) -> Bedside:
    """A few boluses, each as large as it may be: then a cap of these limits leaves little room."""
    beside = pump(limits, rate=0)
    for _ in range(4):
        beside.ask(k.BOLUS, amount=beside.ask(k.BOLUS, amount=1).allowable)
        beside.run_out()
    return beside


def corrupt() -> Outcome:
    kernel = Kernel(LIMITS)
    kernel._set_words([0] * len(kernel._words()))
    return kernel.step(Event(k.TICK))


def adopted(limits: Limits, beside: Bedside) -> int:
    """The reason with which limits are answered."""
    return beside.kernel._adopt(limits.words(), beside.now)


def controller(beside: Bedside) -> Outcome:
    return beside.ask(k.BOLUS, amount=U, source=k.CONTROLLER)


def reused() -> Outcome:
    beside = pump()
    return beside.ask(k.BOLUS, amount=U, id=beside.id)


def old() -> Outcome:
    beside = pump()
    return beside.ask(k.BOLUS, amount=U, id=beside.id - 1)


def repeated() -> Outcome:
    beside = pump()
    fields: dict[str, int] = {"id": 100, "amount": U, "issued_at": beside.now}
    beside.ask(k.BOLUS, **fields)
    return beside.ask(k.BOLUS, 1, **fields)


def old_reading() -> Outcome:
    beside = pump()
    beside.ask(k.GLUCOSE, glucose=100)
    return beside.ask(k.GLUCOSE, glucose=100)


def locked_out() -> Outcome:
    beside = pump(PCA)
    beside.ask(k.BOLUS, amount=U)
    beside.run_out()
    return beside.ask(k.BOLUS, amount=U)


def busy() -> Outcome:
    beside = pump()
    beside.ask(k.BOLUS, amount=U)
    return beside.ask(k.BOLUS, amount=U)


def short_of_speed() -> Outcome:
    beside = released()
    beside.confirm()
    return beside.tick()


def moved_to_another_state() -> int:
    """Limits whose highest rate is below the programmed one."""
    lower = replace(LIMITS, basal_max=U // 2, basal_reserve=0, controller_basal_max=0)
    return adopted(lower, pump())


def invalid_limits() -> int:
    kernel = Kernel(LIMITS)
    return kernel._adopt([0] * len(LIMITS.words()), 0)


def low_by_controller() -> Outcome:
    """The first reading after a RESUME is low: no suspension starts, and no increase either."""
    beside = low()
    beside.ask(k.RESUME)
    beside.ask(k.GLUCOSE, 5 * k.MINUTE, glucose=60)
    return controller(beside)


def bolus(beside: Bedside, amount: int = U, **fields: int) -> Outcome:
    return beside.ask(k.BOLUS, amount=amount, **fields)


REASONS: dict[int, Callable[[], Outcome | int]] = {
    k.REASON_NONE: lambda: bolus(pump()),
    k.REASON_CORRUPT_STATE: corrupt,
    k.REASON_KIND: lambda: pump().ask(21),
    k.REASON_RANGE: lambda: bolus(pump(), k.VOLUME_MAX + 1),
    k.REASON_SOURCE: lambda: pump().ask(k.RESUME, source=k.REMOTE),
    k.REASON_CLOCK_BACKWARD: lambda: pump().ask(k.TICK, at=0),
    k.REASON_CLOCK_AHEAD: lambda: pump().ask(k.TICK, at=32 * k.DAY),
    k.REASON_ID_RANGE: lambda: bolus(pump(), id=2**40),
    k.REASON_ID_REUSED: reused,
    k.REASON_ID_OLD: old,
    k.REASON_FUTURE: lambda: bolus(pump(), issued_at=k.DAY),
    k.REASON_EXPIRED: lambda: bolus(pump(), at=k.HOUR, issued_at=0),
    k.REASON_SEQUENCE: lambda: pump().ask(k.CONFIRM, id=1, amount=U),
    k.REASON_GLUCOSE_RANGE: lambda: pump().ask(k.GLUCOSE, glucose=10),
    k.REASON_GLUCOSE_OLD: old_reading,
    k.REASON_GLUCOSE_STALE: lambda: pump().ask(k.GLUCOSE, at=k.HOUR, glucose=100, issued_at=0),
    k.REASON_FAULTED: lambda: bolus(faulted()),
    k.REASON_NOT_READY: lambda: bolus(Bedside(LIMITS)),
    k.REASON_DISCONNECTED: lambda: bolus(disconnected()),
    k.REASON_SET_EXPIRED: lambda: bolus(worn_out()),
    k.REASON_EMPTY: lambda: bolus(empty()),
    k.REASON_SUSPENDED: lambda: bolus(suspended()),
    k.REASON_LOW_SUSPENDED: lambda: bolus(low()),
    k.REASON_UNCONFIRMED: lambda: released().tick(k.MINUTE),
    k.REASON_BUSY: busy,
    k.REASON_LOCKOUT: locked_out,
    k.REASON_GLUCOSE_MISSING: lambda: controller(pump()),
    k.REASON_GLUCOSE_LOW: low_by_controller,
    k.REASON_DURATION: lambda: pump().ask(k.TEMP_BASAL, rate=U),
    k.REASON_AMOUNT: lambda: bolus(pump(), 1),
    k.REASON_BOLUS_CAP: lambda: bolus(pump(), 18 * U),
    k.REASON_RATE_CAP: lambda: pump().ask(k.SET_BASAL, rate=7 * U),
    k.REASON_RESERVOIR: lambda: bolus(pump(amount=5 * U), 5 * U),
    k.REASON_WINDOW: lambda: bolus(full(replace(ROOMY, window_max=20 * U)), 5 * U),
    k.REASON_DAY: lambda: bolus(full(replace(ROOMY, day_max=90 * U)), 5 * U),
    k.REASON_ON_BOARD: lambda: bolus(full(replace(ROOMY, on_board_max=20 * U)), 15 * U),
    k.REASON_CONNECTED: lambda: pump().ask(k.LOAD_RESERVOIR, amount=U),
    k.REASON_CAPACITY: lambda: Bedside(LIMITS).ask(k.LOAD_RESERVOIR, amount=301 * U),
    k.REASON_PRIME_CAP: lambda: loaded().ask(k.PRIME, amount=31 * U),
    k.REASON_FILL_CAP: lambda: unfilled().ask(k.FILL_CANNULA, amount=U),
    k.REASON_NOT_PRIMED: lambda: loaded().ask(k.INSERT_SET, code=1),
    k.REASON_NOT_INSERTED: lambda: primed().ask(k.CONNECT),
    k.REASON_FILLED: lambda: pump().ask(k.FILL_CANNULA, amount=PULSE),
    k.REASON_NOT_SUSPENDED: lambda: pump().ask(k.RESUME),
    k.REASON_NO_TEMPORARY: lambda: pump().ask(k.CANCEL_TEMP_BASAL),
    k.REASON_NOTHING_TO_ACKNOWLEDGE: lambda: pump().ask(k.ACKNOWLEDGE),
    k.REASON_NOTHING_DUE: lambda: pump().tick(),
    k.REASON_SPEED: short_of_speed,
    k.REASON_LIMITS: invalid_limits,
    k.REASON_LIMITS_WINDOW: lambda: adopted(PCA, pump()),
    k.REASON_LIMITS_PULSE: lambda: adopted(replace(LIMITS, pulse=100_000), pump()),
    k.REASON_LIMITS_STATE: moved_to_another_state,
    k.REASON_NOT_LOADED: lambda: Bedside(LIMITS).ask(k.CONNECT),
}
MODES: dict[int, Callable[[], Bedside]] = {
    k.MODE_NOT_READY: lambda: Bedside(LIMITS),
    k.MODE_DELIVERING: pump,
    k.MODE_SUSPENDED: suspended,
    k.MODE_LOW_SUSPENDED: low,
    k.MODE_FAULTED: faulted,
    k.MODE_DISCONNECTED: disconnected,
    k.MODE_EXPIRED: worn_out,
    k.MODE_EMPTY: empty,
}


def uncertain() -> Outcome:
    beside = released()
    return beside.ask(k.UNCERTAIN, id=beside.model.pump.sequence)


ALARMS: dict[int, Callable[[], Outcome]] = {
    k.ALARM_CORRUPT: corrupt,
    k.ALARM_FAULT: lambda: faulted().tick(),
    k.ALARM_LATCHED: lambda: latched().tick(),
    k.ALARM_UNCERTAIN: uncertain,
    k.ALARM_UNCONFIRMED: lambda: released().tick(LIMITS.confirm_max + 1),
    k.ALARM_GAP: lambda: pump().tick(LIMITS.gap_max + 1),
    k.ALARM_EMPTY: lambda: empty().tick(),
    k.ALARM_RESERVOIR_LOW: lambda: pump(amount=20 * U).tick(),
    k.ALARM_RESERVOIR_AGE: lambda: pump().tick(73 * k.HOUR),
    k.ALARM_SET_AGE: lambda: pump().tick(73 * k.HOUR),
    k.ALARM_SET_EXPIRED: lambda: worn_out().tick(),
    k.ALARM_SUSPENDED: lambda: suspended().tick(LIMITS.suspend_reminder + 1),
    k.ALARM_LOW_SUSPENDED: lambda: low().tick(),
}
STATUSES: dict[int, Callable[[], Outcome]] = {
    k.ACCEPTED: lambda: bolus(pump()),
    k.REFUSED: lambda: bolus(pump(), 1),
    k.REPEATED: repeated,
    k.CORRUPT: corrupt,
}


def prime_tick() -> Outcome:
    beside = loaded()
    beside.ask(k.PRIME, amount=U)
    return beside.tick(k.MINUTE)


def bolus_tick() -> Outcome:
    beside = pump()
    beside.ask(k.BOLUS, amount=U)
    return beside.tick(k.MINUTE)


PATHS: dict[int, Callable[[], Outcome]] = {
    k.PATH_NONE: lambda: pump().tick(),
    k.PATH_PATIENT: bolus_tick,
    k.PATH_AIR: prime_tick,
}


@pytest.mark.parametrize(
    ("scenarios", "names"),
    [
        (REASONS, named("REASON_")),
        (MODES, named("MODE_")),
        (ALARMS, named("ALARM_")),
        (PATHS, named("PATH_")),
        (STATUSES, {status: str(status) for status in (1, 2, 3, 4)}),
    ],
    ids=["reasons", "modes", "alarms", "paths", "statuses"],
)
def test_there_is_a_scenario_for_each(scenarios: dict[int, object], names: dict[int, str]) -> None:
    missing = [name for value, name in names.items() if value not in scenarios]
    assert not missing, f"no scenario reaches {', '.join(missing)}"


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: named("REASON_")[reason])
def test_every_reason_is_reached(reason: int) -> None:
    found = REASONS[reason]()
    assert (found if isinstance(found, int) else found.reason) == reason


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: named("MODE_")[mode])
def test_every_mode_is_reached(mode: int) -> None:
    assert MODES[mode]().tick().mode == mode


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: named("ALARM_")[alarm])
def test_every_alarm_is_reached(alarm: int) -> None:
    assert ALARMS[alarm]().alarms & alarm


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_reached(status: int) -> None:
    assert STATUSES[status]().status == status


@pytest.mark.parametrize("path", PATHS, ids=lambda path: named("PATH_")[path])
def test_every_path_is_reached(path: int) -> None:
    assert PATHS[path]().path == path


@pytest.mark.parametrize(("day", "reason"), [(False, k.REASON_WINDOW), (True, k.REASON_DAY)])
def test_a_tick_names_the_cap_that_an_over_delivery_used_up(day: bool, reason: int) -> None:
    beside = over_delivered(day)
    found = set()
    for _ in range(40):
        found.add(beside.tick(10 * k.MINUTE).reason)
        beside.confirm()
    assert reason in found
