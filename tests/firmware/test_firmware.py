"""The tools around the firmware: a stack bound that cannot be fooled, and a run that cannot pass
by telling nothing. The firmware itself runs in `make firmware`, which needs an Arm compiler.
"""

from pathlib import Path

import pytest

from tests.vectors import vector_file
from tests.vectors.report import Report, sum_of_given

from . import run, toolchain
from .run import Measure, Run
from .stack import Depth, Frame, StackError, compiled_frames, deepest, listed_frames
from .toolchain import Firmware, Sizes

GRAPH = """\
graph: { title: "kernel.c"
node: { title: "kernel.c:leaf" label: "leaf\\nkernel.c:1:5\\n8 bytes (static)" }
node: { title: "kernel.c:middle" label: "middle\\nkernel.c:2:5\\n100 bytes (static)" }
node: { title: "__aeabi_ldivmod" label: "__aeabi_ldivmod\\n<built-in>" shape : ellipse }
edge: { sourcename: "kernel.c:middle" targetname: "__aeabi_ldivmod" }
node: { title: "entry" label: "entry\\nkernel.c:3:5\\n24 bytes (static)" }
edge: { sourcename: "entry" targetname: "kernel.c:leaf" }
edge: { sourcename: "entry" targetname: "kernel.c:middle" }
}
"""
LISTING = """\
00000100 <__aeabi_ldivmod>:
 100:	cbnz	r3, 110 <__aeabi_ldivmod+0x10>
 104:	b.w	200 <__aeabi_idiv0>
 108:	sub.w	ip, sp, #8
 10c:	strd	ip, lr, [sp, #-16]!
 110:	bl	180 <__udivmoddi4>
 114:	ldr.w	lr, [sp, #4]
 118:	add	sp, #16
 11c:	bx	lr

00000180 <__udivmoddi4>:
 180:	stmdb	sp!, {r4, r5, r6, r7, r8, r9, sl, lr}
 184:	ldr	r5, [sp, #32]
 188:	sub	sp, #24	@ 0x18
 18c:	b.n	184 <__udivmoddi4+0x4>
 190:	ldmia.w	sp!, {r4, r5, r6, r7, r8, r9, sl, pc}

00000200 <__aeabi_idiv0>:
 200:	bx	lr
"""


# ---- the bound


def test_the_deepest_path_is_added_up() -> None:
    frames = compiled_frames(GRAPH) | listed_frames(LISTING, ["__aeabi_ldivmod"])
    found = deepest(frames, "entry")
    path = ("entry", "middle", "__aeabi_ldivmod", "__udivmoddi4")
    assert found == Depth(24 + 100 + 16 + 8 * 4 + 24, path)


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (GRAPH.replace("100 bytes (static)", "100 bytes (dynamic)"), "middle: .* dynamic"),
        (
            GRAPH.replace("kernel.c:leaf", "__indirect_call"),
            "a call through a pointer",
        ),
        (GRAPH.replace('"kernel.c:leaf" label', '"other.c:middle" label'), "two functions"),
    ],
)
def test_a_graph_without_a_bound_is_refused(graph: str, message: str) -> None:
    with pytest.raises(StackError, match=message):
        compiled_frames(graph)


def test_recursion_and_unknown_functions_have_no_bound() -> None:
    with pytest.raises(StackError, match="__aeabi_ldivmod: no frame is known"):
        deepest(compiled_frames(GRAPH), "entry")
    frames = {"a": Frame(8, frozenset({"b"})), "b": Frame(8, frozenset({"a"}))}
    with pytest.raises(StackError, match="recursion: a -> b -> a"):
        deepest(frames, "a")
    with pytest.raises(StackError, match="other: not in the linked program"):
        listed_frames(LISTING, ["other"])


@pytest.mark.parametrize(
    "line",
    [
        "sub	sp, r3",
        "mov	sp, r7",
        "add	sp, r7",
        "push	{r4-r7}",
        "vpush	{d8}",
        "msr	MSP, r0",
        "ldr	r0, [sp, #-8]!",
        "str	r0, [sp], #-8",
        "ldr	sp, [r0, #8]",
        "ldmia	r0, {r1, sp}",
        "sub.w	sp, sp, r3, lsl #2",
        "blx	r3",
        "bx	r3",
    ],
)
def test_what_is_not_understood_has_no_bound(line: str) -> None:
    listing = LISTING.replace("sub	sp, #24	@ 0x18", line)
    assert listing != LISTING
    with pytest.raises(StackError, match=r"__udivmoddi4: "):
        listed_frames(listing, ["__aeabi_ldivmod"])


# ---- the run


def a_run(
    status: int = 0, failed: int = 0, stack: int = 100, other: int = 0
) -> tuple[Firmware, Run]:
    vectors = vector_file.read()
    moves = sum(1 + len(history.moves) for history in vectors.histories)
    total = sum_of_given(vectors) ^ other
    told = Report(len(vectors.histories), vectors.steps, moves - failed, failed, total, ())
    bounds = {entry: Depth(100, (entry,)) for entry in toolchain.ENTRIES}
    measured = {entry: Measure(1, 1.0, 1.0, stack) for entry in toolchain.ENTRIES}
    firmware = Firmware(Path("firmware.elf"), Sizes(1, 1, 0, 1), bounds)
    return firmware, Run(status, told, measured)


def test_a_good_run_has_no_finding() -> None:
    firmware, good = a_run()
    assert good.findings(firmware, vector_file.read()) == []


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (a_run(status=1), "left with status 1"),
        (a_run(failed=1), "left with status 0"),
        (a_run(other=1), "left with status 0"),
        (a_run(stack=101), "step: 101 bytes of stack, the bound is 100"),
        (a_run(stack=0), "step: 0 bytes of stack"),
    ],
)
def test_every_failure_is_a_finding(told: tuple[Firmware, Run], message: str) -> None:
    firmware, bad = told
    assert any(message in finding for finding in bad.findings(firmware, vector_file.read()))


def test_ticks_become_instructions_by_the_known_loop() -> None:
    rows = [f"measured {entry} 10 1040 204 64 " for entry in toolchain.ENTRIES]
    printed = "\n".join(["counter 4 160004 200000 ", *rows])
    assert run.measures(printed)["step"] == Measure(10, 125.0, 250.0, 64)
    with pytest.raises(ValueError, match="told no counter"):
        run.measures("\n".join(rows))
    with pytest.raises(ValueError, match="stands still"):
        run.measures(printed.replace("160004", "4"))
    with pytest.raises(ValueError, match="init was never called"):
        run.measures(printed.replace("init 10", "init 0"))
    with pytest.raises(ValueError, match="told of"):
        run.measures("counter 4 160004 200000")


def test_one_word_wrong_is_one_word() -> None:
    vectors = vector_file.read()
    wrong, sentence = run.one_word_wrong(vectors)
    before = vector_file.text_of(vectors).splitlines()
    after = vector_file.text_of(wrong).splitlines()
    (line,) = (i for i, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b)
    assert sentence.startswith(f"line {line}, ")


def test_a_missing_tool_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run.main(["--folder", str(tmp_path / "firmware")]) == 4
    told = capsys.readouterr().err
    assert "arm-none-eabi-gcc (Debian: apt-get install gcc-arm-none-eabi)" in told
    assert "qemu-system-arm (Debian: apt-get install qemu-system-arm)" in told
    assert not (tmp_path / "firmware").exists()


def test_a_tool_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(toolchain.ToolError, match="ls failed"):
        toolchain.run("ls", tmp_path / "nothing", folder=tmp_path)


def test_the_library_is_measured_from_symbol_to_symbol() -> None:
    symbols = "00000100 T div\n00000140 T other\n00000140 W zero\n00000148 R data\n         U x\n"
    assert toolchain.library_bytes(symbols, {"div", "other", "zero"}) == 0x48
