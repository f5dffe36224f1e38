"""The theorems of two runs: what tighter limits accept, looser limits accept."""

from dosekernel.kernel.records import WINDOW_FOUR_HOURS, WINDOW_HOUR

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "monotone/bolus",
        "A bolus that tighter limits accept is accepted by looser ones",
        "bolus_reason",
        "looser_accepts_a_bolus",
        "gives_no_reason",
        ("bolus_ready", "bolus_reason"),
    ),
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
    rule(
        "monotone/rate",
        "A rate that tighter caps have room for is accepted by looser ones",
        "rate_reason",
        "looser_accepts_a_rate",
        "gives_no_reason",
        ("rate_reason",),
    ),
    rule(
        "monotone/request",
        "A request that is fresh under a shorter age is fresh under a longer one",
        "request_reason",
        "looser_accepts_a_request",
        "gives_no_reason",
        ("request_reason",),
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
