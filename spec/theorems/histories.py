"""The theorems about whole histories, and the facts about one step that they rest on."""

from ..theorem import Theorem
from .steps import of_a_step

THEOREMS: tuple[Theorem, ...] = (
    of_a_step(
        name="conservation",
        title="Released, still owed and reported not given make up what was accepted",
        statements=("owed_conserved", "basal_conserved"),
        cover="delivers_to_the_patient",
    ),
    of_a_step(
        name="metering/prompt",
        title="A tick leaves less than one pulse of basal, if reservoir and windows have room",
        statements=("basal_prompt",),
        cover="delivers_to_the_patient",
    ),
    of_a_step(
        name="on-board/checked",
        title="No accepted bolus takes what acts and is owed over the largest amount on board",
        statements=("on_board_checked", "on_board_shown"),
        cover="accepts_a_bolus",
    ),
    of_a_step(
        name="room/checked",
        title="More is owed, or a higher rate committed, only if all basal keeps its room",
        statements=("room_checked",),
        cover="accepts_a_bolus",
    ),
    of_a_step(
        name="speed/step",
        title="What is released beyond basal is what the motor can deliver in the time since",
        statements=("at_speed", "releases_timed"),
        cover="delivers_to_the_patient",
    ),
    of_a_step(
        name="window/ledger",
        title="Each window moves with the time and holds all that is released",
        statements=("window_ledger", "day_ledger", "action_ledger"),
        cover="delivers_to_the_patient",
    ),
)
