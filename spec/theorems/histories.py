"""The theorems about whole histories, and the facts about one step that they rest on."""

from ..theorem import Theorem
from .steps import BLOCKED, CLOCK, LIMITS, SOUNDNESS, of_a_step

CONSERVATION = of_a_step(
    name="conservation",
    title="Released, still owed and reported not given make up what was accepted",
    statements=("owed_conserved", "basal_conserved", "body_ledger"),
    cover="delivers_to_the_patient",
)
PROMPT = of_a_step(
    name="metering/prompt",
    title="A tick leaves less than one pulse of basal, if reservoir and windows have room",
    statements=("basal_prompt", "ticks_commit_no_more"),
    cover="delivers_to_the_patient",
)
ON_BOARD_CHECKED = of_a_step(
    name="on-board/checked",
    title="No accepted bolus takes what acts and is owed over the largest amount on board",
    statements=("on_board_checked", "on_board_shown"),
    cover="accepts_a_bolus",
)
ROOM_CHECKED = of_a_step(
    name="room/checked",
    title="More is owed, or a higher rate committed, only if all basal keeps its room",
    statements=("room_checked",),
    cover="accepts_a_bolus",
)
SPEED_STEP = of_a_step(
    name="speed/step",
    title="What is released beyond basal is what the motor can deliver in the time since",
    statements=("at_speed", "releases_timed"),
    cover="delivers_to_the_patient",
)
LEDGER = of_a_step(
    name="window/ledger",
    title="Each window moves with the time and holds all that is released",
    statements=("window_ledger", "day_ledger", "action_ledger"),
    cover="delivers_to_the_patient",
)

ADOPTION_LEDGER = Theorem(
    name="window/adoption-ledger",
    title="An adoption of limits starts and ends sound, moves the windows and books nothing",
    about="adopt",
    statements=("adoption_sound", "adoption_ledger"),
    opens=("adopt",),
    cover="adopts_other_limits",
)

START_FITS = Theorem(
    name="room/start-checked",
    title="A fresh pump has room for its basal at every later time",
    about="initialise",
    statements=("fits_then",),
    opens=("fits", "initialise"),
    cover="begins",
)
ADOPTION_FITS = Theorem(
    name="room/adoption-checked",
    title="Limits are adopted only with room for the committed basal at every later time",
    about="adopt",
    statements=("fits_then",),
    opens=("adopt", "fits"),
    cover="adopts_other_limits",
)


def of_histories(
    name: str, title: str, statements: tuple[str, ...], rests_on: tuple[Theorem, ...]
) -> Theorem:
    """A theorem about any sequence of events: an invariant that every step keeps."""
    return Theorem(
        name, title, "step", statements, cover="delivers_to_the_patient", rests_on=rests_on
    )


THEOREMS: tuple[Theorem, ...] = (
    CONSERVATION,
    LEDGER,
    ON_BOARD_CHECKED,
    PROMPT,
    ROOM_CHECKED,
    SPEED_STEP,
    of_histories(
        name="day",
        title="Any 24 hours of volume released to the patient are under the day's cap",
        statements=("any_day",),
        rests_on=(SOUNDNESS, CLOCK, LIMITS, BLOCKED, LEDGER),
    ),
    ADOPTION_LEDGER,
    Theorem(
        name="window/adoption",
        title="An adoption of limits keeps every rolling window in sight",
        about="adopt",
        statements=("adoption_keeps_windows",),
        rests_on=(ADOPTION_LEDGER,),
        cover="adopts_other_limits",
    ),
    Theorem(
        name="window/start",
        title="A fresh pump has released nothing and owes nothing",
        about="initialise",
        statements=("starts_empty",),
        cover="begins",
    ),
    ADOPTION_FITS,
    START_FITS,
    Theorem(
        name="metering/accrued",
        title="Basal accrues at each instant's own rate, after a gap only the last of it",
        about="accrued",
        statements=("accrued_meaning",),
        cover="basal_accrues",
    ),
    Theorem(
        name="basal-cap/adoption",
        title="An adoption of limits keeps basal behind its programme",
        about="adopt",
        statements=("adoption_follows",),
        opens=("adopt",),
        cover="adopts_other_limits",
    ),
    Theorem(
        name="on-board",
        title="What is counted as on board is never below what still acts of any release",
        about="on_board",
        statements=("acts_no_more",),
        cover="something_acts",
    ),
    Theorem(
        name="room/adoption",
        title="The room that every step keeps is there after an adoption of limits",
        about="adopt",
        statements=("roomy_then",),
        rests_on=(ADOPTION_FITS,),
        cover="adopts_other_limits",
    ),
    Theorem(
        name="room/start",
        title="The room that every step keeps is there in a fresh pump",
        about="initialise",
        statements=("roomy_then",),
        rests_on=(START_FITS,),
        cover="begins",
    ),
    of_histories(
        name="room",
        title="What is owed and the basal of all time to come have room in the short window",
        statements=("short_room_kept",),
        rests_on=(SOUNDNESS, CLOCK, LIMITS, BLOCKED, LEDGER, CONSERVATION, ROOM_CHECKED),
    ),
    of_histories(
        name="room/day",
        title="What is owed and the basal of all time to come have room in the day's window",
        statements=("day_room_kept",),
        rests_on=(SOUNDNESS, CLOCK, LIMITS, BLOCKED, LEDGER, CONSERVATION, ROOM_CHECKED),
    ),
    of_histories(
        name="basal-cap",
        title="Rates are capped; basal never gives more than was programmed and left over",
        statements=("rates_capped", "basal_follows"),
        rests_on=(SOUNDNESS, CLOCK, LIMITS, CONSERVATION),
    ),
    of_histories(
        name="metering",
        title="Less than one pulse of basal is behind after a tick: no cap ever withholds one",
        statements=("no_cap_withholds",),
        rests_on=(SOUNDNESS, CLOCK, LIMITS, BLOCKED, LEDGER, CONSERVATION, PROMPT),
    ),
    of_histories(
        name="speed",
        title="In any interval the motor delivers no more beyond basal than its speed allows",
        statements=("speed_kept",),
        rests_on=(SOUNDNESS, CLOCK, LIMITS, BLOCKED, CONSERVATION, SPEED_STEP),
    ),
    of_histories(
        name="window",
        title="Any rolling window of volume released to the patient is under its cap",
        statements=("any_window",),
        rests_on=(SOUNDNESS, CLOCK, LIMITS, BLOCKED, LEDGER),
    ),
)
