"""`help(dosekernel)` is enough to work from: every name is told, as the header tells it."""

import pydoc

import pytest

import dosekernel
from dosekernel import Event, Interpreted, Kernel, Outcome, batch, checked, linking
from dosekernel.compile.fields import EVENT, OUTCOME, Field


def told(value: object) -> str:
    """What help says of a thing, on one line."""
    return " ".join(str(getattr(value, "__doc__", "")).split())


@pytest.mark.parametrize("name", [each for each in dosekernel.__all__ if each != "__version__"])
def test_every_name_is_in_the_overview_and_has_words_of_its_own(name: str) -> None:
    value = getattr(dosekernel, name)
    assert name in str(dosekernel.__doc__)
    assert len(told(value)) > 15
    assert name in pydoc.plain(pydoc.render_doc(value))


@pytest.mark.parametrize("kind", [Kernel, Interpreted, checked.Kernel, Event, Outcome])
def test_every_method_and_property_has_words(kind: type) -> None:
    public = [name for name in dir(kind) if not name.startswith("_")]
    assert len(public) > 10
    assert [name for name in public if not told(getattr(kind, name))] == []


@pytest.mark.parametrize(("record", "table"), [(Event, EVENT), (Outcome, OUTCOME)])
def test_a_field_is_told_as_in_the_header(record: type, table: dict[str, Field]) -> None:
    for name, field in table.items():
        assert told(getattr(record, name)) == field.told()


def test_the_example_of_the_overview_runs(capsys: pytest.CaptureFixture[str]) -> None:
    lines = str(dosekernel.__doc__).splitlines()
    first = next(index for index, line in enumerate(lines) if "from decimal" in line)
    exec("\n".join(line.strip() for line in lines[first : first + 7]), {})
    assert "refused (NOT_READY)" in capsys.readouterr().out


def test_the_example_of_the_batches_names_what_is_there() -> None:
    for name in ("EVENT", "OUTCOME", "STATE", "states_of", "kernels_of", "step_many"):
        assert hasattr(batch, name)
        assert name in str(batch.__doc__) or len(told(getattr(batch, name))) > 20
    assert "--cflags --libs" in str(linking.__doc__)
