"""Wrong machine code does not pass: miscompilations, broken conventions, flipped bits."""

from pathlib import Path

import pytest

from dosekernel.proofs.machine.image import Image, read_image
from dosekernel.proofs.machine.judge import Standing
from dosekernel.proofs.machine.trials import Fate, flips
from tests.conftest import ROOT

from .objects import SHIPPED, Miscompilation, assembled, judged, settings, source, wrong_object

WRONG = (
    Miscompilation("bound of a comparison", "within", "(low <= word)", "(low < word)"),
    Miscompilation("arms swapped", "larger", "return b;", "return a;"),
    Miscompilation("wrong constant", "flag", "(word == 1)", "(word == 2)"),
    Miscompilation("32-bit product", "flow", "(rate * duration)", "(int32_t)(rate * duration)"),
    Miscompilation(
        "quotient for remainder", "whole_pulses", "(amount % pulse)", "(amount / pulse)"
    ),
    Miscompilation("rounded to nothing", "pulses_in", "(volume / pulse)", "((volume + 1) / pulse)"),
    Miscompilation("loop one short", "total", "T1 < 25", "T1 < 24"),
    Miscompilation(
        "bound of a slot", "window_valid", "> DOSEKERNEL_TOTAL_MAX))", ">= DOSEKERNEL_TOTAL_MAX))"
    ),
    Miscompilation("slot beside", "advance", "(shift <= i)", "(shift < i)"),
    Miscompilation("rounding lost", "on_board", "((acting + DOSEKERNEL_WHOLE) - 1)", "(acting)"),
    Miscompilation("a store lost", "suspend", "state->suspended_at = T2;", ";"),
    Miscompilation("another field", "fault", "T2 = state->fault_at;", "T2 = state->fault_issued;"),
    Miscompilation("a call lost", "book_excess", "dosekernel_book((&state->day), amount);", ";"),
    Miscompilation("an unsigned test", "outlasts", "(life > 0)", "((uint64_t)life > 0)"),
    Miscompilation("a word not copied", "assign_words", "T1 < 0xC3", "T1 < 0xC2"),
    Miscompilation("a word not cleared", "clear_outcome", "T1 < 16", "T1 < 15"),
    Miscompilation(
        "only the last word", "sealed_words", "difference = (difference |", "difference = (0 |"
    ),
    Miscompilation("sealed with itself", "seal_words", "(~(from_[i]))", "(from_[i])"),
)
# Each is `flow`, rate * duration, against the convention or the machine.
AGAINST = {
    "a saved register lost": "movq %rdi, %rax; imulq %rsi, %rax; xorl %ebx, %ebx; ret",
    "the stack left moved": "movq %rdi, %rax; imulq %rsi, %rax; popq %rcx; jmp *%rcx",
    "a store above the frame": "movq %rdi, %rax; imulq %rsi, %rax; movq %rax, 8(%rsp); ret",
    "the return address changed": "movq %rdi, %rax; imulq %rsi, %rax; addq $1, (%rsp); ret",
    "a store to an unknown place": "movq %rdi, %rax; imulq %rsi, %rax; movq %rax, (%rdi); ret",
    "a vector register": "movq %rdi, %xmm0; movq %xmm0, %rax; imulq %rsi, %rax; ret",
    "no end": "jmp dosekernel_flow",
    "itself": "call dosekernel_flow; ret",
    "a trap": "movq %rdi, %rax; cqto; idivq %rsi; imulq %rsi, %rdi; movq %rdi, %rax; ret",
    "half a word": "movl %edi, %eax; imulq %rsi, %rax; ret",
    "a jump into nothing": "movq %rdi, %rax; imulq %rsi, %rax",
    "the direction flag": "std; movq %rdi, %rax; imulq %rsi, %rax; ret",
    "a system call": "movq %rdi, %rax; imulq %rsi, %rax; syscall; ret",
}


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The object with every miscompilation."""
    return wrong_object(tmp_path_factory.mktemp("wrong"), WRONG)


@pytest.mark.parametrize("each", WRONG, ids=lambda each: each.name)
def test_a_miscompilation_is_not_proved(wrong: Image, each: Miscompilation) -> None:
    """Not one fault passes; every one is refuted or left open, and none is `missing`."""
    assert judged(wrong, each.function).standing in (Standing.UNKNOWN, Standing.NOT_UNDERSTOOD)


def test_the_wrong_objects_are_counted() -> None:
    """As many as the page about what is trusted says."""
    told = f"{len(WRONG)} miscompilations and {len(AGAINST)} functions that break the convention"
    assert told in " ".join((ROOT / "SOUNDNESS.md").read_text(encoding="utf-8").split())


def test_a_refutation_is_a_run(wrong: Image) -> None:
    """Where the bytes part from the source the words are named, from a native run."""
    found = judged(wrong, "within", search=True)
    assert found.standing is Standing.REFUTED
    assert "returns 0, and the source 1" in found.detail
    found = judged(wrong, "suspend", search=True)
    assert found.standing is Standing.REFUTED
    assert "leaves state.suspended_at" in found.detail


def test_the_right_assembly_is_proved(tmp_path: Path) -> None:
    """The same function without the fault passes, so it is the fault that stops the others."""
    image = assembled(tmp_path, "flow", "movq %rdi, %rax; imulq %rsi, %rax; ret")
    assert judged(image, "flow").standing is Standing.PROVED


@pytest.mark.parametrize("name", AGAINST)
def test_code_against_the_convention_is_not_proved(tmp_path: Path, name: str) -> None:
    """The result alone does not make a function right."""
    image = assembled(tmp_path, "flow", AGAINST[name])
    assert judged(image, "flow").standing in (Standing.UNKNOWN, Standing.NOT_UNDERSTOOD)


def test_what_is_not_understood_says_where(tmp_path: Path) -> None:
    """An instruction without a model stops with its address and its text."""
    found = judged(assembled(tmp_path, "flow", AGAINST["a vector register"]), "flow")
    assert found.standing is Standing.NOT_UNDERSTOOD
    assert "0x10000" in found.detail
    assert "XMM0" in found.detail


def test_flipped_bits_do_not_pass() -> None:
    """Of a few flipped bits none passes, but where it changes no operation or decides nothing."""
    found = list(flips(read_image(SHIPPED), source(), settings(timeout=5.0), 6, seed=3))
    assert len(found) == 6
    assert not [each for each in found if each.fate is Fate.PASSED]
    assert any(each.fate is Fate.REFUSED for each in found)
