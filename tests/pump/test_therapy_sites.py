"""Infusion sets: a catalogue with sources, what priming and filling takes, and where sets go."""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from dosekernel import Limits
from dosekernel.errors import InputError
from dosekernel.kernel.records import DAY, HOUR
from dosekernel.pump.therapy import infusion_set, sites
from dosekernel.pump.therapy.infusion_set import Cannula, Tubing, catalogue, fill, named, prime
from dosekernel.pump.therapy.sites import Area, Side, Site, Use

from .therapies import UNIT, delivering

U100 = 100


# ---- the catalogue


def test_every_set_has_its_sources_and_no_figure_is_made_up() -> None:
    assert {each.material for each in catalogue().values()} == {"soft", "steel"}
    for each in catalogue().values():
        assert all(source.startswith(("https://", "http://")) for source in each.sources)
        assert 24 * HOUR <= each.wear <= 7 * DAY
        if each.angle is not None:
            assert 20 <= each.angle[0] <= each.angle[1] <= 90
        for tubing, longer in pairwise(each.tubings):
            assert tubing.length < longer.length
            assert (tubing.prime is None) == (longer.prime is None)


def test_the_published_figures_of_one_set(limits: Limits) -> None:
    orbit = named("orbit-soft")
    volumes = [prime(each, limits, U100) for each in orbit.tubings]
    assert volumes == [11 * UNIT, 14 * UNIT, 17 * UNIT, 25 * UNIT]
    assert fill(orbit.cannula(Decimal("5.5")), limits, U100) == 200_000


def test_a_prime_is_rounded_up_to_pulses(limits: Limits) -> None:
    tubing = Tubing(length=60, prime=Decimal("2.61"))
    assert prime(tubing, limits, U100) == 2_650_000
    assert prime(tubing, limits, U100, connector=Decimal("0.04")) == 2_650_000
    assert prime(tubing, limits, U100, connector=Decimal("0.05")) == 2_700_000


def test_the_same_volume_of_a_stronger_drug_is_more_units() -> None:
    strong = Limits.load("insulin-u200")
    pod = named("omnipod")
    assert prime(pod.tubing(), strong, 200) == 5_200_000
    assert fill(pod.cannula(), strong, 200) == UNIT


def test_what_the_limits_do_not_allow_is_told(limits: Limits) -> None:
    with pytest.raises(
        InputError, match=r"this set takes 31 U; allowed by insulin-u100: at most 30"
    ):
        prime(Tubing(length=200, prime=Decimal(31)), limits, U100)
    with pytest.raises(InputError, match=r"cannula_fill: .* at most 0.7"):
        fill(Cannula(length=Decimal(20), fill=Decimal(1)), limits, U100)
    with pytest.raises(InputError, match="limits in U"):
        prime(Tubing(length=60, prime=Decimal(14)), Limits.load("pca-morphine"), U100)


def test_what_no_source_says_stays_unknown(limits: Limits) -> None:
    quick = named("quick-set")
    assert fill(quick.cannula(Decimal(6)), limits, U100) is None
    assert prime(named("trusteel").tubing(58), limits, U100) is None


def test_a_steel_needle_needs_no_fill_but_where_the_limits_want_one(limits: Limits) -> None:
    needle = named("sure-t").cannula()
    assert fill(needle, limits, U100) == limits.pulse
    assert fill(needle, Limits.load("iv-fluid"), U100) == 0


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda: named("fast-set"), "allowed: orbit-soft"),
        (lambda: named("quick-set").cannula(Decimal(7)), "allowed: 6, 9"),
        (lambda: named("quick-set").cannula(), "allowed: 6, 9"),
        (lambda: named("orbit-soft").tubing(50), "allowed: 45, 60, 75, 105"),
        (lambda: named("quick-set").tubing(60), "none known"),
    ],
)
def test_what_there_is_not_is_told(ask: object, why: str) -> None:
    assert callable(ask)
    with pytest.raises(InputError, match=why):
        ask()


def test_the_concentration_is_that_of_the_limits_or_as_set(tmp_path: Path, limits: Limits) -> None:
    pump = delivering(tmp_path, limits)
    assert infusion_set.concentration(pump) == U100
    pump.set("concentration", "200")
    assert infusion_set.concentration(pump) == 200
    pump.set("concentration", "many")
    with pytest.raises(InputError, match="concentration: 'many'"):
        infusion_set.concentration(pump)


def test_a_set_is_chosen_by_its_id(tmp_path: Path, limits: Limits) -> None:
    pump = delivering(tmp_path, limits)
    assert infusion_set.worn(pump) is None
    infusion_set.choose(pump, "orbit-micro")
    found = infusion_set.worn(pump)
    assert found is not None and found.material == "steel"
    with pytest.raises(InputError, match="allowed"):
        infusion_set.choose(pump, "none")
    assert pump.settings["set"] == "orbit-micro"


def test_an_old_set_takes_up_worse() -> None:
    assert infusion_set.absorption(72 * HOUR, 72 * HOUR) == ""
    assert "75 h old, 3 h past its life" in infusion_set.absorption(75 * HOUR, 72 * HOUR)
    assert infusion_set.absorption(75 * HOUR, 0) == ""


# ---- sites


def test_each_site_has_a_number_and_a_name() -> None:
    every = sites.every_site()
    assert [each.code for each in every] == list(range(1, 73))
    assert [Site.of_code(each.code) for each in every] == every
    assert [Site.read(str(each)) for each in every] == every
    assert Site.read("Upper-Arm right 1") == Site(Area.UPPER_ARM, Side.RIGHT, 1)


@pytest.mark.parametrize("text", ["", "abdomen", "abdomen left 7", "knee left 1", "hip middle 1"])
def test_a_site_that_is_not_on_the_map_is_told(text: str) -> None:
    with pytest.raises(InputError, match="allowed"):
        Site.read(text)


def test_the_log_is_in_the_journal_and_keeps_a_persons_own_numbers_out(
    tmp_path: Path, limits: Limits
) -> None:
    pump = delivering(tmp_path, limits)
    sites.log_site(pump, 9, "below the belt", "orbit-soft")
    sites.log_site(pump, 900, "somewhere else")
    (use,) = sites.log_of(pump)
    assert use == Use(Site.of_code(9), pump.clock.now().wall, "orbit-soft")


def test_rotation_advises_what_rested_longest() -> None:
    log = [Use(Site.of_code(code), code * 3 * DAY) for code in range(1, 73)]
    now = 73 * 3 * DAY
    found = sites.advice(log, now)
    # The last two are too fresh; the rest of the side where the last one sits comes last.
    assert Site.of_code(72) not in found and Site.of_code(71) not in found
    assert [each.code for each in found] == list(range(1, 71))
    assert found[0] == Site.of_code(1)


def test_a_year_of_advice_never_returns_too_soon() -> None:
    log: list[Use] = []
    for day in range(0, 365, 3):
        site = sites.advice(log, day * DAY)[0]
        assert sites.warning(site, log, day * DAY) == ""
        log.append(Use(site, day * DAY))
    assert len({use.site for use in log}) == 72
    for use, following in pairwise(log):
        same = (use.site.area, use.site.side) == (following.site.area, following.site.side)
        assert not same


def test_a_site_that_was_just_used_is_warned_of() -> None:
    site = Site(Area.THIGH, Side.LEFT, 2)
    log = [Use(site, 0)]
    assert "Thigh left 2 was used 4 days ago" in sites.warning(site, log, 4 * DAY)
    assert sites.warning(site, log, 7 * DAY) == ""
    # A clock that was set back makes it no older.
    assert "0 days" in sites.warning(site, log, -DAY)


def test_the_map_shows_days_since() -> None:
    log = [Use(Site.of_code(1), 0), Use(Site.of_code(9), 3 * DAY)]
    lines = sites.body_map(log, 5 * DAY)
    assert len(lines) == 13
    assert lines[1] == "abdomen       1: 5 2:-- 3:--  1:-- 2:-- 3: 2"
    assert all(len(line) <= 80 for line in lines)
