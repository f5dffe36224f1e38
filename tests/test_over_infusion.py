"""The published over-infusion: a pump whose rule is to add up the last hours passes its own limit.

Basal of 0.1 a minute from minute 60, a bolus of 1 asked for at 100, 140 and 180, at most 26.5 in
any 240 minutes (Open PCA Pump requirements, exception case 13; ovasicek/pca-pump-ec-artifacts).
"""

from dataclasses import replace
from fractions import Fraction

import pytest

from dosekernel import Limits
from dosekernel.kernel import records as k
from dosekernel.spec.model.history import History
from dosekernel.strategies import Bedside

MG = 1_000_000
CAP = 26_500_000
RATE = 6 * MG  # an hour: 0.1 a minute
BOLUS = MG
ASKED = (100, 140, 180)
WINDOW = 240 * k.MINUTE
END = 12 * 60

LIMITS = replace(
    Limits.load("pca-morphine"),
    basal_max=RATE,
    basal_reserve=RATE,
    bolus_max=BOLUS,
    bolus_lockout=0,
    window_max=CAP,
    day_max=200 * MG,
    on_board_max=100 * MG,
    gap_max=2 * k.MINUTE,
)


def naive(withhold: bool) -> tuple[History, int]:
    """The rule that adds up the last hours and compares; returns minutes without basal as well.

    With `withhold` basal is compared, too; otherwise boluses alone are.
    """
    history, missed = History(), 0
    for minute in range(60, END):
        now = minute * k.MINUTE
        if minute in ASKED and history.total(now - WINDOW, now) + BOLUS <= CAP:
            history.book(now, BOLUS)
        if withhold and history.total(now - WINDOW, now) + RATE // 60 > CAP:
            missed += 1
        else:
            history.book(now, RATE // 60)
    return history, missed


def test_the_rule_that_adds_up_boluses_exceeds_the_cap() -> None:
    """So the check below can fail: this rule accepts all three and gives 27 in 240 minutes."""
    history, _ = naive(withhold=False)
    assert history.highest(WINDOW) >= 27 * MG


def test_the_rule_that_withholds_starves_basal() -> None:
    """Comparing basal as well keeps the cap, by leaving the person without basal for minutes."""
    history, missed = naive(withhold=True)
    assert history.highest(WINDOW) <= CAP
    assert missed > 0


@pytest.mark.parametrize("offset", [0, 1, 59_999, 299_999, 7 * k.MINUTE + 13])
def test_the_kernel_never_exceeds_the_cap_and_never_withholds_basal(offset: int) -> None:
    """Whatever the phase of its slots: no true window is over, no scheduled pulse is late."""
    beside = Bedside(LIMITS, at=offset).set_up()
    start = offset + 60 * k.MINUTE
    beside.tick(start - beside.now)
    beside.ask(k.ACKNOWLEDGE)
    beside.ask(k.SET_BASAL, rate=RATE)
    accepted, released = 0, 0
    for minute in range(61, END):
        outcome = beside.tick(k.MINUTE)
        assert outcome.reason not in (k.REASON_WINDOW, k.REASON_DAY)
        released += outcome.amount
        if outcome.amount:
            beside.confirm()
        if minute in ASKED:
            accepted += beside.ask(k.BOLUS, amount=BOLUS).status == k.ACCEPTED
        programme = Fraction(RATE * (beside.now - start), k.HOUR)
        given = accepted * BOLUS - beside.model.pump.bolus_owed
        assert programme - LIMITS.pulse < released - given <= programme
    assert beside.highest(WINDOW) <= CAP
    assert accepted == 1


def test_every_bolus_that_has_room_is_accepted() -> None:
    """With the cap at 28.4 in place of 26.5 there is room for all three beside basal."""
    beside = Bedside(replace(LIMITS, window_max=28_400_000)).set_up()
    beside.ask(k.SET_BASAL, rate=RATE)
    for _ in ASKED:
        beside.run(40 * k.MINUTE, k.MINUTE)
        assert beside.ask(k.BOLUS, amount=BOLUS).status == k.ACCEPTED
    beside.run(5 * k.HOUR, k.MINUTE)
    assert 27 * MG - LIMITS.pulse <= beside.highest(WINDOW) <= 28_400_000
