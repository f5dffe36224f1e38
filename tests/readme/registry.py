"""Every command of the README, and what runs it: nothing in it is typed by a reader first.

A key is an inline command as it stands there, or the name of a block (its section and first line).
"""

from dataclasses import dataclass, field

CHECK_ALL, CI_RUN = ".ci/check-all", ".ci/run"
INCIDENTS = "A minute with it: $ dosekernel replay incidents.csv --limits insulin"
DAY = "A minute with it: $ dosekernel simulate --quiet --plot day.png"
EVENT = '{"kind": "BOLUS", "id": 1, "at": 1000, "amount": 2500000}'
LEAVE = "\x11"  # Ctrl+Q


@dataclass(frozen=True)
class Run:
    """Run by tests/readme/test_commands.py: as it stands, or with its placeholders filled in."""

    typed: str
    says: str
    code: int = 0
    asked: tuple[tuple[str, str], ...] = ()
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ByTest:
    """Run by a test: `file::function`; `holds` is the text of that file that shows it."""

    name: str
    holds: str


@dataclass(frozen=True)
class Step:
    """Run by a script of CI; for a target of make, script and recipe have `holds` in common."""

    script: str
    holds: str


@dataclass(frozen=True)
class Within:
    """Run as a part of a block, by whatever runs that."""

    block: str


Runner = Run | ByTest | Step | Within

INLINE: dict[str, Runner] = {
    "make run": Step(CHECK_ALL, "make --no-print-directory run"),
    "make test": Step(CI_RUN, "make --no-print-directory test"),
    "make docs": ByTest(
        "tests/docs/test_reference.py::test_every_public_name_of_python_has_an_entry",
        "build(afresh=True)",
    ),
    "make readme-table": ByTest(
        "tests/readme/test_recipes.py::test_a_table_is_written", '"readme-table"'
    ),
    "make firmware": Step(CHECK_ALL, "-m tests.firmware.run"),
    # WP, some minutes of it, is left to whoever calls `make analyse`.
    "make analyse": Step(CHECK_ALL, "tests/analysers/run.py"),
    "make mcdc": Step(CHECK_ALL, "-m tests.mcdc.run"),
    "make benchmarks WRITE=README.md": ByTest(
        "tests/test_benchmarks.py::test_every_table_comes_out",
        '"tests/benchmarks/run.py", "--quick"',
    ),
    "pip install .": ByTest("tests/readme/test_ci.py::test_the_steps_of_ci", "STEPS[0]"),
    "dosekernel prove": Step(CHECK_ALL, "make --no-print-directory run"),
    "dosekernel prove --list": Run("dosekernel prove --list", "A fresh pump has released nothing"),
    "dosekernel prove --mutants": ByTest(
        "tests/proofs/test_mutants.py::test_the_command_judges_a_module",
        'main(["--mutants", "--only"',
    ),
    "dosekernel run --limits L": Run(
        f"echo '{EVENT}' | dosekernel run --limits insulin-u100", '"reason": "NOT_READY"'
    ),
    "dosekernel simulate": Within(DAY),
    "dosekernel replay FILE": Within(INCIDENTS),
    "dosekernel pump": Run(
        "dosekernel pump new --limits insulin-u100 --simulated --timezone UTC && dosekernel pump",
        "Nothing is delivered while the program is closed.",
        asked=(("NOT READY", LEAVE), ("leave the program", "y")),
        variables={"DOSEKERNEL_PUMP": "demo.journal", "TERM": "xterm-256color"},
    ),
    "dosekernel fuzz": Step(CHECK_ALL, '"$BIN/dosekernel" fuzz'),
    "dosekernel campaign": ByTest(
        "tests/campaign/test_campaign.py::test_a_stopped_campaign_goes_on",
        'words = ["prove", "--only", "clock"',
    ),
    "dosekernel report": ByTest(
        "tests/report/test_page.py::test_what_was_found_as_json",
        'main(["report", "--json", *files])',
    ),
    "dosekernel report day PATH": ByTest(
        "tests/report/test_days.py::test_a_page_of_a_day_alone", 'main(["report", "day", str(lived)'
    ),
    "dosekernel limits check FILE": Run(
        "dosekernel limits check {root}/spec/presets/insulin-u100.toml", "bolus_max 17 U"
    ),
    "dosekernel explain CODE": Run("dosekernel explain BUSY", "A dose is still being given"),
    "dosekernel export-c DIR": Within("Linking it: cd examples/c"),
}

BLOCKS: dict[str, Runner] = {
    "Two commands: make run": Step(CHECK_ALL, "make --no-print-directory run"),
    "A minute with it: $ dosekernel prove --property requests": ByTest(
        "tests/readme/test_tour.py::test_a_session_says_what_is_shown", "QUICK"
    ),
    DAY: ByTest("tests/readme/test_tour.py::test_a_session_says_what_is_shown", "QUICK"),
    INCIDENTS: ByTest("tests/readme/test_tour.py::test_a_session_says_what_is_shown", "QUICK"),
    "A minute with it: $ export DOSEKERNEL_PUMP=demo.journal": ByTest(
        "tests/readme/test_tour.py::test_a_session_says_what_is_shown", "QUICK"
    ),
    "What is proved: $ dosekernel prove --object": ByTest(
        "tests/readme/test_tour.py::test_the_machine_code_is_proved_as_shown", "--object"
    ),
    'Linking it: #include "dosekernel.h"': ByTest(
        "tests/readme/test_snippets.py::test_the_c_of_the_readme_compiles", '"c"'
    ),
    "Linking it: cd examples/c": ByTest(
        "tests/bindings/test_linking.py::test_the_readme_links_it", '"C", "Python"'
    ),
    "Linking it: cd examples/cmake": ByTest(
        "tests/bindings/test_linking.py::test_the_readme_links_it_with_cmake", 'follow("CMake"'
    ),
    "Linking it: cd examples/cython": ByTest(
        "tests/bindings/test_packaging.py::test_a_fresh_environment_can_install_and_run",
        'commands("Cython")',
    ),
    "Linking it: from decimal import Decimal": ByTest(
        "tests/readme/test_snippets.py::test_the_python_of_the_readme_says_what_it_says", '"python"'
    ),
    "Linking it: python examples/python/controller.py": ByTest(
        "tests/bindings/test_linking.py::test_the_readme_links_it", '"C", "Python"'
    ),
    'Use it in your CI: - run: pip install "./dosekernel[prove]" # a check': ByTest(
        "tests/readme/test_ci.py::test_the_steps_of_ci", "STEPS"
    ),
    "Changing a guard: REFUTED totality: broken/bolus.py:194: bolus_reaso": ByTest(
        "tests/readme/test_snippets.py::test_the_counterexample_is_the_one_that_is_found", "REFUTED"
    ),
}
