"""A limits file is exact and whole or refused in words; table, rules and kernel agree."""

import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosekernel.kernel import records
from dosekernel.kernel.limits import limits_valid
from dosekernel.spec import limits_rules
from dosekernel.spec.action import model_table, remaining
from dosekernel.spec.limits import LIMITS, Limits, LimitsError, preset_names
from dosekernel.spec.limits_table import BY_NAME
from dosekernel.spec.quantity import DURATION, VOLUME, time_text, to_kernel, to_text

MINUTE = records.MINUTE
PRESET = Path(__file__).resolve().parents[2] / "spec/presets/insulin-u100.toml"
TEXT = PRESET.read_text("utf-8")
U100 = Limits.parse(TEXT)


def edited(key: str, value: str) -> str:
    """The preset's text with one key's line replaced."""
    lines = [
        f"{key} = {value}" if line.split(" = ")[0] == key else line for line in TEXT.splitlines()
    ]
    return "\n".join(lines)


def without(key: str) -> str:
    return "\n".join(line for line in TEXT.splitlines() if line.split(" = ")[0] != key)


def refusal(text: str) -> str:
    with pytest.raises(LimitsError) as caught:
        Limits.parse(text, "my.toml")
    return str(caught.value)


# ---- the table and the kernel ------------------------------------------------------------------


def test_the_table_has_every_field_of_the_record_in_its_order() -> None:
    names = list(records.Limits.__annotations__)
    assert [limit.name for limit in LIMITS] == names
    assert [name for name in Limits.__annotations__ if name in BY_NAME] == names


def kernel_accepts(values: dict[str, int | tuple[int, ...]]) -> bool:
    record = records.Limits()
    words: list[int] = []
    for value in values.values():
        words.extend(value if isinstance(value, tuple) else (value,))
    record.set_words(words)
    return limits_valid(record)


def both(values: dict[str, int | tuple[int, ...]]) -> bool:
    """Whether these limits are valid: the rules in words and the kernel must say the same."""
    found = limits_rules.problems(values, "U")
    assert kernel_accepts(values) == (not found), found
    return not found


@pytest.mark.parametrize("preset", preset_names())
@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_rules_and_kernel_agree_at_every_boundary(limit: object, preset: str) -> None:
    values = Limits.load(preset).values()
    assert both(values)
    assert isinstance(limit, type(LIMITS[0]))
    if isinstance(values[limit.name], tuple):
        return
    bounds = [
        bound if isinstance(bound, int) else values[bound] for bound in (limit.low, limit.high)
    ]
    refused = 0
    for bound in [0, *bounds, *limit.choices, -(2**63), 2**63 - 1]:
        assert isinstance(bound, int)
        for value in (bound - 1, bound, bound + 1):
            if -(2**63) <= value < 2**63:
                refused += not both({**values, limit.name: value})
    assert refused >= 2


@pytest.mark.parametrize("slot", range(records.SLOTS))
def test_rules_and_kernel_agree_on_the_table(slot: int) -> None:
    values = U100.values()
    table = U100.action_remaining
    for change in (-(2**62), -65536, -1, 1, 65536, 2**62):
        changed = (*table[:slot], table[slot] + change, *table[slot + 1 :])
        both({**values, "action_remaining": changed})
    raised = (*table[:slot], table[slot] + 65536, *table[slot + 1 :])
    assert not both({**values, "action_remaining": raised})


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_rules_and_kernel_agree_on_random_changes(random: random.Random) -> None:
    values = dict(U100.values())
    for _ in range(random.randint(1, 4)):
        limit = random.choice(LIMITS)
        value = values[limit.name]
        if isinstance(value, int):
            low, high = sorted((0, 2 * value))
            values[limit.name] = random.choice(
                [random.randint(low, high), value * random.randint(2, 9), random.getrandbits(62)]
            )
    both(values)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=57, max_size=57))
def test_any_words_have_an_answer(words: list[int]) -> None:
    record = records.Limits()
    record.set_words(words)
    assert limits_valid(record) is False
    with pytest.raises(LimitsError):
        Limits.from_words(words)


@pytest.mark.parametrize(
    ("cap", "least"),
    [("window_max", 4_675_000), ("day_max", 76_550_000)],
)
def test_the_room_rule_is_exact(cap: str, least: int) -> None:
    # basal_reserve 3 U/h over 25/24 h (25 h), a pulse of 0.05 U and 6 U/h x 15 minutes.
    assert both({**U100.values(), cap: least})
    assert not both({**U100.values(), cap: least - 1})


# ---- reading -------------------------------------------------------------------------------------


def test_a_file_is_read_exactly() -> None:
    assert U100.pulse == 50_000
    assert U100.bolus_max == 17_000_000
    assert U100.basal_max == 6_000_000
    assert U100.delivery_speed == 90_000_000  # 1.5 U a minute, kept per hour
    assert U100.set_expiry == 80 * records.HOUR
    assert U100.glucose_low == 70
    assert limits_valid(U100.to_record())
    assert Limits.load(PRESET) == U100
    assert Limits.from_words(U100.words(), U100.name) == U100
    assert Limits.from_record(U100.to_record(), U100.name) == U100
    assert hash(Limits.load("insulin-u100")) == hash(U100)


@pytest.mark.parametrize("written", ["17", "17.0", '"17"', '"17.000000"', "1.7e1", "17.0000000000"])
def test_one_value_has_many_spellings(written: str) -> None:
    assert Limits.parse(edited("bolus_max", written)) == U100


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("90s", 90_000),
        ("30m", 1_800_000),
        ("72h", 259_200_000),
        ("2d", 172_800_000),
        ("1.5h", 5_400_000),
        ("250ms", 250),
        ("0s", 0),
    ],
)
def test_times(written: str, milliseconds: int) -> None:
    assert to_kernel(written, DURATION, "U") == milliseconds
    assert to_kernel(time_text(milliseconds), DURATION, "U") == milliseconds


@given(st.integers(0, records.VOLUME_MAX))
def test_what_is_shown_is_read_back(volume: int) -> None:
    shown, unit = to_text(volume, VOLUME, "mL").split(" ")
    assert unit == "mL"
    assert to_kernel(shown, VOLUME, "mL") == volume
    assert to_kernel(Decimal(volume) / 1_000_000, VOLUME, "mL") == volume


WRONG = {
    "a float that is not a number": ("bolus_max", "nan", "value NaN is not a finite number"),
    "infinite": ("bolus_max", "-inf", "is not a finite number"),
    "no whole micro-unit": ("pulse", "0.0500001", "no whole multiple of 1000000ths of a U"),
    "hidden digits": ("bolus_max", "10.00000000000000000000000000000001", "too many digits"),
    "a huge exponent": ("bolus_max", "1e999999", "too many digits"),
    "negative": ("bolus_max", "-1", "value -1 U: allowed 0 U .. 274877.906944 U"),
    "too large": ("bolus_max", "274877.906945", "allowed 0 U .. 274877.906944 U"),
    "a unit inside": ("bolus_max", '"10 U"', 'value "10 U" is not a decimal number'),
    "a truth value": ("bolus_max", "true", "value True is not a decimal number"),
    "a list": ("bolus_max", "[1]", "is not a decimal number"),
    "a date": ("bolus_max", "2024-01-01", "is not a decimal number"),
    "an empty text": ("bolus_max", '""', "is not a decimal number"),
    "other digits": ("bolus_max", '"\u0661"', "is not a decimal number"),
    "a time without unit": ("gap_max", "900", "is no time: allowed a time such as"),
    "a negative time": ("gap_max", '"-5m"', "is no time"),
    "part of a millisecond": ("gap_max", '"0.5ms"', "no whole number of milliseconds"),
    "a window of another length": ("window_length", '"2h"', "value 2h: allowed 1h or 4h"),
    "a part of a mg/dL": ("glucose_low", "70.5", "no whole multiple of 1 mg/dL"),
    "a speed off the grid": ("delivery_speed", "0.00000001", "no whole multiple of 1/60000000"),
    "a low that no sensor reports": ("glucose_low", "10", "0 or 20 mg/dL .. 1000 mg/dL"),
    "another unit": ("unit", '"mmol"', 'allowed the drug\'s own unit, "U" or "mg" or "mL"'),
    "no name": ("name", '""', "allowed a text of 1 to 60 characters"),
    "a long model": (
        "action",
        '{ peak = "75m", duration = "8h", delay = "10m" }',
        "action.delay + duration: allowed at most 8h",
    ),
    "a late peak": (
        "action",
        '{ peak = "3h", duration = "6h", delay = "0m" }',
        "action.peak: allowed above 0 and less than half of duration",
    ),
    "half a model": ("action", '{ peak = "75m", delay = "0m" }', "action.duration: missing"),
    "a model with more": (
        "action",
        '{ peak = "75m", duration = "6h", delay = "0m", delayy = "0m" }',
        "action.delayy: unknown key, perhaps delay",
    ),
    "no model": ("action", "3", "action: value 3: allowed { peak ="),
}


@pytest.mark.parametrize("case", WRONG)
def test_h58_a_wrong_value_is_named(case: str) -> None:
    key, value, told = WRONG[case]
    message = refusal(edited(key, value))
    assert message.startswith(f"my.toml: {key}")
    assert told in message
    assert "\n" not in message, "one problem, one line"
    assert "allowed" in message


@pytest.mark.parametrize("key", ["name", "unit", "action", *BY_NAME])
def test_h16_no_limit_is_optional(key: str) -> None:
    if key == "action_remaining":
        return
    message = refusal(without(key))
    missing = "action_remaining" if key == "action" else key
    assert f"my.toml: {missing}: missing: allowed" in message


def test_h16_unknown_keys_are_refused() -> None:
    assert "bolus_maximum: unknown key, perhaps bolus_max" in refusal(TEXT + "\nbolus_maximum = 3")
    assert "gap: unknown key" in refusal(TEXT + "\n[gap]\nmax = 3")


def test_every_problem_is_told_at_once() -> None:
    text = edited("bolus_max", "nan").replace('gap_max = "15m"', "gap_max = 15")
    text = text.replace("day_max = 180", "day_maxx = 180").replace("reservoir_low = 20", "x = 1")
    keys = [line.split(": ")[1] for line in refusal(text).splitlines()]
    assert set(keys) == {"bolus_max", "gap_max", "day_max", "day_maxx", "reservoir_low", "x"}


CONTRADICTIONS: dict[str, tuple[str, str, str]] = {
    "basal above the motor": (
        "basal_max",
        "91",
        "basal_max: value 91 U/h: allowed 0 U/h .. 1.5 U/min (delivery_speed)",
    ),
    "reserve above the highest rate": ("basal_reserve", "7", "allowed 0 U/h .. 6 U/h (basal_max)"),
    "low above capacity": ("reservoir_low", "301", "300 U (reservoir_capacity)"),
    "a reservoir below a pulse": ("reservoir_capacity", "0.04", "0.05 U (pulse)"),
    "a controller above all": ("controller_bolus_max", "18", "17 U (bolus_max)"),
    "a remote above all": ("remote_bolus_max", "18", "17 U (bolus_max)"),
    "recovery at the low": ("glucose_resume", "70", "allowed above glucose_low (70 mg/dL)"),
    "no time for a pulse": (
        "confirm_max",
        '"1s"',
        "a release moves 0.025 U in it, allowed at least one pulse (0.05 U)",
    ),
    "no room in the window": (
        "window_max",
        "4.6",
        "(3.125 U) and for a pulse + basal_max x gap_max that may pile up (1.55 U): "
        "allowed at least 4.675 U",
    ),
    "no room in the day": ("day_max", "76.5", "over 25h (75 U)"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_is_told_with_its_numbers(case: str) -> None:
    key, value, told = CONTRADICTIONS[case]
    message = refusal(edited(key, value))
    assert message.startswith(f"my.toml: {key}: value ")
    assert told in message


def test_a_table_may_be_written_out() -> None:
    zeros = ", ".join(["1", "0.5", "0.00001"] + ["0"] * 22)
    text = without("action") + f"\naction_remaining = [{zeros}]"
    assert Limits.parse(text).action_remaining[:4] == (65536, 32768, 1, 0)
    assert "either action or action_remaining" in refusal(TEXT + f"\naction_remaining = [{zeros}]")
    for wrong, told in {
        "[1, 0]": "exactly 25",
        "[" + ", ".join(["1"] * 25) + "]": "the last entry: allowed 0",
        "[" + ", ".join(["0"] * 25) + "]": "the first entry: allowed 1",
        "[1, 0, 1" + ", 0" * 22 + "]": "entry 2: allowed at most entry 1",
        "[1, 2" + ", 0" * 23 + "]": "entry 1: value 2: allowed 0 .. 1",
        "[1, true" + ", 0" * 23 + "]": "value True is not a decimal number",
    }.items():
        assert told in refusal(without("action") + f"\naction_remaining = {wrong}")


# ---- files ---------------------------------------------------------------------------------------


def unreadable(path: Path) -> str:
    with pytest.raises(LimitsError) as caught:
        Limits.load(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in unreadable(tmp_path / "none.toml")
    assert "cannot be read: Is a directory" in unreadable(tmp_path)
    file = tmp_path / "limits.toml"
    cases: dict[bytes, str] = {
        b"name = ": "not TOML: Invalid value (at end of document)",
        b"a = 1\na = 2\n": "not TOML: Cannot overwrite a value (at line 2, column 6)",
        b"name = '\xff'": "not UTF-8 text: byte 8",
        b"a = " + b"[" * 100_000: "not TOML",
        b"a = " + b"9" * 5000: "not TOML",
        b"#" * (1 << 21): "too large",
        b"": "name: missing",
    }
    for content, told in cases.items():
        file.write_bytes(content)
        assert told in unreadable(file)


def test_h18_an_unknown_preset_is_refused() -> None:
    with pytest.raises(LimitsError, match="insulin-u100-child, insulin-u200"):
        Limits.load("insulin-u100-teen")


# ---- made by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.update(bolus_max=17.0),
        lambda values: values.update(bolus_max=True),
        lambda values: values.update(action_remaining=list(U100.action_remaining)),
        lambda values: values.update(unit="pints"),
        lambda values: values.update(name=""),
        lambda values: values.update(bolus_max=-1),
        lambda values: values.update(day_max=1),
    ],
)
def test_h59_limits_that_exist_may_be_adopted(change: Callable[[dict[str, object]], None]) -> None:
    values: dict[str, object] = {"name": "x", "unit": "U", **U100.values()}
    made: Callable[..., Limits] = Limits
    assert made(**values).values() == U100.values()
    change(values)
    with pytest.raises(LimitsError, match="allowed"):
        made(**values)


def test_wrong_words_are_refused() -> None:
    with pytest.raises(LimitsError, match="56 words: allowed exactly 57"):
        Limits.from_words(U100.words()[1:])


def test_people_see_every_limit() -> None:
    text = U100.format()
    for limit in LIMITS:
        assert limit.name in text
    assert "17 U" in text
    assert U100.shown("delivery_speed") == "1.5 U/min"


# ---- the action of a drug ------------------------------------------------------------------


def test_the_model_has_its_published_value() -> None:
    left = remaining(108 * MINUTE, 75 * MINUTE, 360 * MINUTE, 0)
    assert round(left, 7) == Decimal("0.5110494")


@given(
    st.integers(1, 240).flatmap(
        lambda peak: (
            st.tuples(st.just(peak), st.integers(2 * peak + 1, 480), st.integers(0, 480)).filter(
                lambda model: model[1] + model[2] <= 480
            )
            if peak < 240
            else st.just((1, 3, 0))
        )
    )
)
@settings(max_examples=100, deadline=None)
def test_the_table_is_never_below_the_model(model: tuple[int, int, int]) -> None:
    peak, duration, delay = (minutes * MINUTE for minutes in model)
    table = model_table(peak, duration, delay)
    assert table[0] == records.WHOLE
    assert table[-1] == 0
    assert list(table) == sorted(table, reverse=True)
    for slot, entry in enumerate(table):
        true = Fraction(remaining(slot * records.ACTION_SLOT, peak, duration, delay))
        assert true * records.WHOLE <= entry < true * records.WHOLE + 1
