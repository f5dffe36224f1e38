"""Where sets were inserted, and where the next one may go: a log, advice to rotate, a map."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dosekernel.kernel.records import DAY

from ...errors import InputError
from ..bodies import from_json
from ..journal import What
from ..shell import Pump

COLUMNS, ROWS = 3, 2
SPOTS = COLUMNS * ROWS
# Skin is left alone for this long: chosen here, two sets and a day more.
REST_DAYS = 7


class Area(StrEnum):
    """The parts of the body where a set may sit."""

    ABDOMEN = "abdomen"
    THIGH = "thigh"
    BUTTOCK = "buttock"
    HIP = "hip"
    UPPER_ARM = "upper arm"
    LOWER_BACK = "lower back"


class Side(StrEnum):
    """Of the person, not of who looks."""

    LEFT = "left"
    RIGHT = "right"


ALL = len(Area) * len(Side) * SPOTS


@dataclass(frozen=True, order=True)
class Site:
    """One place: a spot from 1 to 6, counted in rows of three from the top, centre outwards."""

    area: Area
    side: Side
    spot: int

    def __post_init__(self) -> None:
        """Refuse a spot that is not on the grid."""
        if not 1 <= self.spot <= SPOTS:
            raise InputError(f"site: spot {self.spot}; allowed: 1 to {SPOTS}")

    @property
    def code(self) -> int:
        """The number that the kernel keeps of it, from 1."""
        part = list(Area).index(self.area) * len(Side) + list(Side).index(self.side)
        return part * SPOTS + self.spot

    @classmethod
    def of_code(cls, code: int) -> "Site":
        """The site of a number."""
        part, spot = divmod(code - 1, SPOTS)
        if not 0 <= part < len(Area) * len(Side):
            raise InputError(f"site: number {code}; allowed: 1 to {ALL}")
        area, side = divmod(part, len(Side))
        return cls(list(Area)[area], list(Side)[side], spot + 1)

    @classmethod
    def read(cls, text: str) -> "Site":
        """A site as it is written: `abdomen left 3`, `upper-arm right 1`."""
        try:
            *area, side, spot = text.lower().replace("-", " ").split()
            return cls(Area(" ".join(area)), Side(side), int(spot))
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"site: {text!r}; allowed: one of {', '.join(Area)}, then left or right, then a "
                f"spot from 1 to {SPOTS}"
            ) from None

    def __str__(self) -> str:
        return f"{self.area} {self.side} {self.spot}"


@dataclass(frozen=True)
class Use:
    """A set that was inserted, and when by the clock on the wall (ms since 1970)."""

    site: Site
    wall: int
    infusion_set: str = ""


def every_site() -> list[Site]:
    """All sites, in the order of their numbers."""
    return [Site(area, side, spot) for area in Area for side in Side for spot in spots()]


def spots() -> range:
    """The spots of one side of an area."""
    return range(1, SPOTS + 1)


def log_site(pump: Pump, code: int, where: str = "", infusion_set: str = "") -> None:
    """Write down that a set was inserted there now; `where` in the person's own words."""
    pump.note(What.SITE, {"site": code, "where": where, "set": infusion_set})


def log_of(pump: Pump) -> list[Use]:
    """All insertions at sites of the map, the oldest first; other numbers are the person's own."""
    found = []
    for entry in pump.journal.rare(What.SITE):
        body = from_json(entry.body)
        if 1 <= body["site"] <= ALL:
            found.append(Use(Site.of_code(body["site"]), entry.wall, str(body.get("set", ""))))
    return found


def last_uses(log: Iterable[Use]) -> dict[Site, int]:
    """When each site was used last."""
    found: dict[Site, int] = {}
    for use in log:
        found[use.site] = max(use.wall, found.get(use.site, use.wall))
    return found


def warning(site: Site, log: Iterable[Use], now: int, rest: int = REST_DAYS) -> str:
    """What speaks against a site now; empty if nothing does."""
    used = last_uses(log).get(site)
    if used is None or now - used >= rest * DAY:
        return ""
    days = max(0, now - used) // DAY
    return (
        f"{str(site).capitalize()} was used {days} days ago. Skin that is left alone "
        f"for {rest} days takes insulin up better."
    )


def advice(log: Iterable[Use], now: int, rest: int = REST_DAYS) -> list[Site]:
    """The sites that may be used now, the best first.

    Rested ones, away from the side of the area where the last set sits; the longest unused first,
    those never used before all.
    """
    uses = list(log)
    used = last_uses(uses)
    latest = max(uses, key=lambda use: use.wall).site if uses else None

    def order(site: Site) -> tuple[bool, int, int]:
        same = latest is not None and (site.area, site.side) == (latest.area, latest.side)
        return same, used.get(site, -1), site.code

    return sorted((s for s in every_site() if not warning(s, uses, now, rest)), key=order)


def body_map(log: Iterable[Use], now: int, rest: int = REST_DAYS) -> list[str]:
    """A map for a screen of 80 columns: days since each spot was used, `--` for rested or never.

    Left and right are the person's own, as when looking down at oneself.
    """
    used = last_uses(log)
    lines = [f"{'':<12}  {'left':<14}  {'right':<14}"]
    for area in Area:
        for row in range(ROWS):
            cells = []
            for side in Side:
                numbers = [row * COLUMNS + column + 1 for column in range(COLUMNS)]
                cells.append(
                    " ".join(_cell(used.get(Site(area, side, n)), n, now, rest) for n in numbers)
                )
            lines.append(f"{area if row == 0 else '':<12}  {cells[0]:<14}  {cells[1]:<14}".rstrip())
    return lines


def _cell(used: int | None, spot: int, now: int, rest: int) -> str:
    if used is None or now - used >= rest * DAY:
        return f"{spot}:--"
    return f"{spot}:{max(0, now - used) // DAY:>2}"
