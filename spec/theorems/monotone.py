"""The theorems of two runs: what tighter limits accept, looser limits accept."""

from dosekernel.kernel.records import WINDOW_FOUR_HOURS, WINDOW_HOUR

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "monotone/day-need",
        "A higher rate never needs less of the day's window",
        "day_need",
        "day_need_grows",
        "is_positive",
        ("day_need",),
    ),
    rule(
        "monotone/day-room",
        "Looser limits never leave less room in the day's window",
        "day_room",
        "day_room_grows",
        "is_positive",
        ("day_room", "spare"),
    ),
    rule(
        "monotone/on-board-room",
        "Looser limits never leave less room on board",
        "on_board_room",
        "on_board_room_grows",
        "is_positive",
        ("on_board", "on_board_room", "share"),
    ),
    Theorem(
        "monotone/window-need",
        "A higher rate never needs less of the short window",
        "window_need",
        ("window_need_grows",),
        ("window_need",),
        {"state.limits.window_length": (WINDOW_HOUR, WINDOW_FOUR_HOURS)},
        "is_positive",
    ),
    rule(
        "monotone/window-room",
        "Looser limits never leave less room in the short window",
        "window_room",
        "window_room_grows",
        "is_positive",
        ("spare", "window_room"),
    ),
)
