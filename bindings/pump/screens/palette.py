"""Colours and signs of the screens: every meaning has a sign and a word, colour only repeats it.

The colours are those of Okabe and Ito, which people with any kind of colour vision can tell apart.
"""

from dataclasses import dataclass

from rich.text import Text

from dosekernel.spec.reasons import Mode

BACKGROUND = "#10151c"
PANEL = "#1a222d"
RULE = "#3a4a5c"
TEXT = "#dfe6ee"
QUIET = "#8fa1b3"
BLUE = "#56b4e9"
ORANGE = "#e69f00"
VERMILION = "#ff7a45"
GREEN = "#2bc59b"

GOOD_SIGN = "✓"
BAD_SIGN = "✗"
ALARM_SIGN = "▲"
NOTE_SIGN = "•"


@dataclass(frozen=True)
class Look:
    """How a mode is shown: its sign, its plain word and its colour."""

    sign: str
    word: str
    colour: str


MODES: dict[Mode, Look] = {
    Mode.NOT_READY: Look("○", "NOT READY", ORANGE),
    Mode.DELIVERING: Look("▶", "DELIVERING", GREEN),
    Mode.SUSPENDED: Look("■", "SUSPENDED", ORANGE),
    Mode.LOW_SUSPENDED: Look("▼", "SUSPENDED FOR LOW GLUCOSE", ORANGE),
    Mode.FAULTED: Look("✗", "STOPPED BY A FAULT", VERMILION),
    Mode.DISCONNECTED: Look("◇", "DISCONNECTED", ORANGE),
    Mode.EXPIRED: Look("✗", "SET EXPIRED", VERMILION),
    Mode.EMPTY: Look("✗", "RESERVOIR EMPTY", VERMILION),
}


def marked(text: str, style: str) -> Text:
    """A text whose style ends with it, whatever is appended."""
    return Text().append(text, style)


STYLE = f"""
Screen {{ background: {BACKGROUND}; color: {TEXT}; layout: vertical; }}
#head {{ height: 1; }}
#body {{ height: 1fr; padding: 0 1; }}
#told {{ height: auto; padding: 0 1; }}
#keys {{ height: auto; background: {PANEL}; color: {QUIET}; padding: 0 1; }}
.line {{ height: 1; }}
.name {{ width: 22; color: {QUIET}; }}
.unit {{ width: 1fr; padding: 0 0 0 2; color: {QUIET}; }}
Input {{
    width: 24; height: 1; border: none; padding: 0 1; background: {PANEL}; color: {TEXT};
}}
Input:focus {{ border: none; background: #2b3a4c; color: #ffffff; text-style: bold; }}
OptionList {{
    height: 1fr; border: none; padding: 0; background: {BACKGROUND}; scrollbar-size: 1 1;
}}
OptionList:focus {{ border: none; background-tint: {BACKGROUND} 0%; }}
OptionList > .option-list--option-highlighted {{ background: #2b3a4c; color: #ffffff; }}
OptionList:focus > .option-list--option-highlighted {{
    background: #2b3a4c; color: #ffffff; text-style: bold;
}}
VerticalScroll {{ scrollbar-size: 1 1; }}
* {{
    scrollbar-color: {RULE}; scrollbar-color-hover: {QUIET}; scrollbar-color-active: {QUIET};
    scrollbar-background: {PANEL}; scrollbar-background-hover: {PANEL};
    scrollbar-background-active: {PANEL};
}}
Static {{ height: auto; }}
"""
