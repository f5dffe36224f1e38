"""What becomes of a docstring, a contract and a parser before Sphinx reads them."""

import argparse

from docs.api.from_source.commands import described, titles
from docs.api.from_source.prose import as_markup, contracts
from docs.api.from_source.values import constants
from dosekernel.command import COMMANDS
from dosekernel.pump.commands import VERBS


def markup(text: str) -> str:
    """A docstring as markup."""
    return "\n".join(as_markup(text.splitlines())).strip()


def test_code_is_code_and_a_public_name_is_a_link() -> None:
    assert markup("`at`s and `Kernel`") == "``at``\\ s and :py:obj:`~dosekernel.Kernel`"


def test_nothing_else_is_markup() -> None:
    assert markup("2 ** 38, DOSEKERNEL_REASON_ why") == "2 \\*\\* 38, DOSEKERNEL_REASON\\_ why"
    assert markup(".. MAX") == "\\.. MAX"


def test_an_indented_block_is_a_sample() -> None:
    assert markup("So:\n    x = 1\n    y = 2\nThen") == "So:\n\n::\n\n    x = 1\n    y = 2\n\nThen"


def test_an_indented_block_of_names_is_a_table() -> None:
    told = markup("Units:\n    volume    micro-units\n              of drug\n    Kernel    `at`")
    assert told == (
        "Units:\n\nvolume\n    micro-units of drug\n\n:py:obj:`~dosekernel.Kernel`\n    ``at``"
    )


def test_a_list_begins_a_paragraph_of_its_own() -> None:
    assert markup("Holds:\n- one\n  more\n- two") == "Holds:\n\n- one\n  more\n- two"


def test_a_contract_is_read_whole() -> None:
    assert contracts("dosekernel.kernel.bolus")["spare"] == [
        "requires 0 <= cap <= VOLUME_MAX",
        "requires 0 <= need <= NEED_RANGE",
        "ensures  0 <= result <= cap",
        "ensures  result == 0 or need + result * HOUR <= cap * HOUR",
    ]
    kept = contracts("dosekernel.kernel.glucose")["take_reading"]
    assert "keeps    state = copy(state)" in kept


def test_constants_have_their_values() -> None:
    assert constants()["DOSEKERNEL_NEVER"] == "-1"
    assert constants()["DOSEKERNEL_VOLUME_MAX"] == str(2**38)


def test_every_command_and_verb_is_described_with_its_options() -> None:
    found = titles()
    assert {f"dosekernel {name}" for name in COMMANDS} <= set(found)
    assert {f"dosekernel pump {verb}" for verb in VERBS} <= set(found)
    told = described("dosekernel run", found["dosekernel run"])
    assert ".. option:: --limits L" in told and ".. option:: FILE" in told


def test_the_choices_of_an_option_are_told() -> None:
    parser = argparse.ArgumentParser(prog="dosekernel x")
    parser.add_argument("--engine", choices=("a", "b"), metavar="E", help="which")
    assert "   which; one of ``a``, ``b``" in described("dosekernel x", parser)
