"""The hazards that the kernel, the shell or nobody here answers: `hazards.toml` as rows.

An answer is `theorem: NAME`, `test: PREFIX` (tests whose names begin so), `shell: WHAT IT DOES`
or `out of scope: WHY`. A test holds that no row is unanswered and that every named test exists.
"""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

Owner = Literal["kernel", "shell", "out of scope"]


class Hazard(BaseModel):
    """One hazard: what goes wrong, where that is recorded, what is owed, who answers and how."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: str
    group: str
    hazard: str
    source: str
    owes: str
    owner: Owner
    answered_by: list[str]


@dataclass(frozen=True)
class Answer:
    """One entry of `answered_by`: its kind, and the name or the words."""

    kind: str
    text: str


def answers(hazard: Hazard) -> list[Answer]:
    """What answers a hazard."""
    pairs = (entry.partition(": ") for entry in hazard.answered_by)
    return [Answer(kind, text) for kind, _, text in pairs]


def load() -> tuple[Hazard, ...]:
    """Every hazard, in the order of the table."""
    text = resources.files("dosekernel.spec").joinpath("hazards.toml").read_text("utf-8")
    return tuple(Hazard.model_validate(row) for row in tomllib.loads(text)["hazard"])
