"""What no event, state or limits can hold: named with what, where and what is allowed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosekernel import (
    Event,
    InputError,
    InputTypeError,
    Kernel,
    Kind,
    Limits,
    LimitsRefusedError,
    Outcome,
    Source,
)
from dosekernel.json_lines import read_event
from dosekernel.quantities import in_units, milliseconds, volume
from tests.conftest import AnyKernel

HUGE = 2**63


class Whole(int):
    """An int of another class, as a bool is."""


# ---- events


@pytest.mark.parametrize(
    "field", ["id", "at", "issued_at", "amount", "rate", "duration", "glucose", "code", "source"]
)
@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), True, "5", b"5", Decimal(1), Whole(5), Kind.TICK, [1], object()],
    ids=lambda value: type(value).__name__,
)
def test_a_field_is_an_int_and_nothing_like_it(field: str, value: Any) -> None:
    with pytest.raises(InputTypeError) as refused:
        Event(Kind.BOLUS, **{field: value})
    assert str(refused.value).startswith(f"{field}: ")
    assert f"is a {type(value).__name__}; allowed: an int" in str(refused.value)


@pytest.mark.parametrize("value", [HUGE, -HUGE - 1, 10**5000], ids=["above", "below", "far"])
def test_a_field_fits_in_64_bits(value: int) -> None:
    with pytest.raises(InputError, match="amount: .* does not fit in 64 bits"):
        Event(Kind.BOLUS, amount=value)
    assert Event(Kind.BOLUS, amount=HUGE - 1).amount == HUGE - 1
    assert Event(Kind.BOLUS, amount=-HUGE).amount == -HUGE


def test_an_event_has_a_kind_and_only_its_own_fields() -> None:
    event: Any = Event
    with pytest.raises(InputTypeError, match="kind: an event needs one; allowed"):
        event(at=1)
    with pytest.raises(InputTypeError, match="amuont: no such field of an event; allowed"):
        event(Kind.BOLUS, amuont=1)
    with pytest.raises(InputTypeError, match="kind: .* is a Source"):
        event(Source.USER)
    for words in ([1] * 9, [1] * 11, []):
        with pytest.raises(InputError, match=f"event: {len(words)} words; allowed: 10"):
            Event.from_words(words)
    with pytest.raises(InputTypeError, match="amount: 'x' is a str"):
        event.from_words([1, 1, 1, 1, 1, "x", 1, 1, 1, 1])


def test_an_outcome_comes_only_from_a_kernel() -> None:
    with pytest.raises(InputTypeError, match="only a kernel makes outcomes"):
        Outcome()
    with pytest.raises(InputError, match="outcome: status: 9; allowed: 1, 2, 3, 4"):
        Outcome.from_words([9, *[0] * 15])


@pytest.mark.parametrize("event", [None, 3, "TICK", {"kind": "TICK"}])
def test_only_an_event_can_be_stepped(ready: AnyKernel, event: Any) -> None:
    before = ready.state
    with pytest.raises(InputTypeError, match="allowed: an Event"):
        ready.step(event)
    assert ready.state == before


# ---- quantities


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (2.5, "is a float; allowed: a Decimal in the drug's unit or an int in micro-units"),
        (True, "is a bool"),
        ("2.5", "is a str"),
        (Decimal("0.0000001"), "not a whole number of micro-units; allowed: at most 6 decimal"),
        (Decimal("1e-999999"), "not a whole number of micro-units"),
        (Decimal("1e999999"), "more than any pump holds"),
        (Decimal("NaN"), "not a finite amount"),
        (Decimal("sNaN"), "not a finite amount"),
        (Decimal("-Infinity"), "not a finite amount"),
    ],
)
def test_an_amount_is_exact_or_refused(value: Any, what: str, ready: AnyKernel) -> None:
    before = ready.state
    with pytest.raises(InputError, match=f"amount: .*{what}"):
        ready.bolus(id=7, at=ready.inspect().now, amount=value)
    assert ready.state == before


@given(st.integers(-(10**15), 10**15))
def test_drug_units_are_read_and_written_exactly(micro_units: int) -> None:
    assert volume(Decimal(in_units(micro_units)), "amount") == micro_units
    assert volume(Decimal(micro_units).scaleb(-6), "amount") == micro_units
    assert volume(micro_units, "amount") == micro_units


def test_amounts_of_many_digits_are_not_rounded() -> None:
    assert volume(Decimal("0.50000000000000000000000000000000000000"), "amount") == 500_000
    with pytest.raises(InputError, match="not a whole number"):
        volume(Decimal("0.50000000000000000000000000000000000001"), "amount")
    assert volume(Decimal("0e999999999"), "amount") == 0
    assert volume(Decimal("1.5e3"), "amount") == 1_500_000_000


def test_a_duration_is_whole_milliseconds() -> None:
    assert milliseconds(timedelta(minutes=30), "duration") == 1_800_000
    assert milliseconds(7, "duration") == 7
    with pytest.raises(InputError, match="duration: .* not a whole number of milliseconds"):
        milliseconds(timedelta(microseconds=1), "duration")
    wrong: Any
    for wrong in (1.5, True, "30m", Decimal(1)):
        with pytest.raises(InputTypeError, match="duration: .*allowed: a timedelta or an int"):
            milliseconds(wrong, "duration")


# ---- limits and times


@pytest.mark.parametrize("wrong", [None, 3, {}, "insulin-u100"])
def test_a_kernel_takes_limits_and_nothing_like_them(face: type[AnyKernel], wrong: Any) -> None:
    with pytest.raises(InputTypeError, match="limits: .*allowed: dosekernel.Limits"):
        face(wrong)


def test_a_kernel_begins_at_a_time(face: type[AnyKernel], limits: Limits) -> None:
    wrong: Any
    for wrong in (1.0, True, "0", None):
        with pytest.raises(InputTypeError, match="at: .* allowed: an int"):
            face(limits, at=wrong)
    with pytest.raises(InputError, match="does not fit in 64 bits"):
        face(limits, at=HUGE)
    with pytest.raises(LimitsRefusedError):
        face(limits, at=-1)


# ---- lines of JSON


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"kind": "TICK", "at": 1.5}', "at: 1.5; allowed: an integer in kernel units"),
        ('{"kind": "TICK", "at": 1e3}', "at: 1e3; allowed: an integer"),
        ('{"kind": "TICK", "at": NaN}', "at: NaN; allowed: an integer"),
        ('{"kind": "TICK", "at": -Infinity}', "at: -Infinity; allowed: an integer"),
        ('{"kind": "TICK", "at": "5"}', 'at: "5"; allowed: an integer'),
        ('{"kind": "TICK", "at": true}', "at: true; allowed: an integer"),
        ('{"kind": "TICK", "at": null}', "at: null; allowed: an integer"),
        ('{"kind": "TICK", "at": [1.5]}', "at: ..1.5..; allowed: an integer"),
        ('{"kind": "TICK", "at": {"ms": 5}}', "at: .*; allowed: an integer"),
        ('{"kind": "TICK", "at": 9223372036854775808}', "at: 9223372036854775808 does not fit"),
        ('{"kind": "TICK", "at": ' + "9" * 6000 + "}", "too many digits"),
        ('{"kind": "TICK", "kind": "BOLUS"}', '"kind": given twice'),
        ('{"kind": "TICK", "att": 5}', '"att": no such field; allowed: kind, id, at'),
        ('{"kind": "TOCK"}', 'kind: "TOCK"; allowed: TICK, CONFIRM'),
        ('{"kind": "tick"}', 'kind: "tick"; allowed: TICK'),
        ('{"kind": 1}', "kind: 1; allowed: TICK"),
        ('{"at": 5}', "kind: missing; allowed: TICK"),
        ('{"kind": "TICK", "source": "NURSE"}', 'source: "NURSE"; allowed: USER, SCHEDULE'),
        ('{"kind": "TICK", "source": 1}', "source: 1; allowed: USER"),
        ('{"kind": "FAULT", "code": "FIRE"}', 'code: "FIRE"; allowed: OCCLUSION'),
        ('{"kind": "PRIME", "code": "AIR"}', "a name of a cause belongs to a FAULT"),
        ('{"kind": "TICK"', "not JSON: .* at column 16"),
        ('{"kind": "TI', "not JSON: .* at column"),
        ("{'kind': 'TICK'}", "not JSON"),
        ('{"kind": "TICK"} {"kind": "TICK"}', "not JSON: Extra data"),
        ("TICK", "not JSON"),
        ("[]", r"\[\] is not an event; allowed: a JSON object"),
        ("1.5", "1.5 is not an event; allowed: a JSON object"),
        ("[" * 60000, "nested too deep"),
    ],
)
def test_a_bad_line_says_what_is_wrong(line: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as refused:
        read_event(line)
    assert len(str(refused.value)) < 400


def test_what_a_line_leaves_out() -> None:
    assert read_event('{"kind": "BOLUS", "at": 5}') == Event(
        Kind.BOLUS, at=5, issued_at=5, source=Source.USER
    )
    assert read_event('{"kind": "FAULT", "code": "AIR", "issued_at": 3}').words == (
        Event(Kind.FAULT, code=4, issued_at=3).words
    )


@given(st.text())
def test_any_text_is_an_event_or_an_error(text: str) -> None:
    expect_event_or_error(lambda: read_event(text))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(), st.lists))
def test_any_value_is_a_field_or_an_error(value: Any) -> None:
    event: Any = Event
    expect_event_or_error(lambda: event(Kind.BOLUS, amount=value))


def expect_event_or_error(make: Callable[[], Event]) -> None:
    """An event that a kernel can step, or an error that says more than its class."""
    try:
        event = make()
    except InputError as error:
        assert "allowed" in str(error) or ":" in str(error)
        return
    outcome = Kernel(Limits.load("insulin-u100")).step(event)
    assert outcome.pulses == 0
