"""The words and the kernel's constants agree one to one, and each is one plain sentence."""

import re

import pytest

from dosekernel.kernel import records
from dosekernel.spec.reasons import (
    ALARM_SENTENCES,
    Alarm,
    Cause,
    Kind,
    Mode,
    Path,
    Reason,
    Source,
    Status,
    Word,
)

PREFIXED: dict[str, type[Word] | type[Alarm]] = {
    "REASON_": Reason,
    "MODE_": Mode,
    "CAUSE_": Cause,
    "PATH_": Path,
    "ALARM_": Alarm,
}
# Constants without a prefix, by the comment that opens their block in `records.py`.
BLOCKS = {"Event kinds.": Kind, "Sources of an event.": Source, "Status of an outcome.": Status}
WORDS = (Kind, Source, Status, Path, Mode, Cause, Reason)


def constants(prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): value
        for name, value in vars(records).items()
        if name.startswith(prefix) and isinstance(value, int)
    }


def block(comment: str) -> dict[str, int]:
    with open(records.__file__, encoding="utf-8") as file:
        _, _, rest = file.read().partition(f"# {comment}\n")
    text, _, _ = rest.partition("\n\n")
    return {name: int(value) for name, value in re.findall(r"^([A-Z_]+) = (\d+)", text, re.M)}


@pytest.mark.parametrize("prefix", PREFIXED)
def test_every_prefixed_constant_has_its_word(prefix: str) -> None:
    assert {name: int(m) for name, m in PREFIXED[prefix].__members__.items()} == constants(prefix)


@pytest.mark.parametrize("comment", BLOCKS)
def test_every_constant_of_a_block_has_its_word(comment: str) -> None:
    found = block(comment)
    assert len(found) >= 4
    assert {m.name: m.value for m in BLOCKS[comment]} == found


def test_every_word_has_one_plain_sentence() -> None:
    sentences = [m.sentence for words in WORDS for m in words] + list(ALARM_SENTENCES.values())
    for sentence in sentences:
        assert re.fullmatch(r"[A-Z][^\n]{10,200}[.?]", sentence), sentence
        assert not re.search(r"\.\s+[A-Z]", sentence), f"more than one sentence: {sentence}"


@pytest.mark.parametrize("words", WORDS)
def test_sentences_of_a_list_differ(words: type[Word]) -> None:
    assert len({member.sentence for member in words}) == len(words)


def test_alarms_are_single_bits_with_sentences() -> None:
    assert set(ALARM_SENTENCES) == set(Alarm)
    assert [alarm.value for alarm in Alarm] == [1 << bit for bit in range(len(Alarm))]
    both = Alarm.FAULT | Alarm.EMPTY
    assert both.names == ["FAULT", "EMPTY"]
    assert both.sentence == f"{Alarm.FAULT.sentence} {Alarm.EMPTY.sentence}"


def test_a_word_is_its_number() -> None:
    assert Reason(33) is Reason.WINDOW
    assert Reason["WINDOW"] == records.REASON_WINDOW
    assert Kind.CANCEL_TEMP_BASAL.label == "cancel temp basal"
    with pytest.raises(ValueError, match="99"):
        Reason(99)
