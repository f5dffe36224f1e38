"""What many tests begin with: limits, and pumps of every face that are ready to deliver."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings

import dosekernel.checked
from dosekernel import Interpreted, Kernel, Limits, _native
from tests.report.browser import Browser, browser, chromium

ROOT = Path(__file__).resolve().parent.parent
TICK = 10_000  # ms
SOURCE = _native.version().rpartition(" ")[2]

AnyKernel = Kernel | Interpreted | dosekernel.checked.Kernel
Ready = Callable[[type[AnyKernel]], AnyKernel]

# A shared machine may pause for long; what a test finds must not depend on that.
settings.register_profile("dosekernel", deadline=None)
settings.load_profile("dosekernel")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Each test's record (`--junitxml`) says which kernel it was about, by its source's hash."""
    item.user_properties.append(("kernel_source", SOURCE))


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def limits() -> Limits:
    """An adult's limits, U-100."""
    return Limits.load("insulin-u100")


@pytest.fixture(params=[Kernel, Interpreted], ids=["compiled", "interpreted"])
def face(request: pytest.FixtureRequest) -> type[AnyKernel]:
    """Each face of the kernel in turn."""
    kind: type[AnyKernel] = request.param
    return kind


@pytest.fixture(scope="session")
def ready_state(limits: Limits) -> bytes:
    """The state of a pump that was set up: 1 U/h basal, nothing owed, last request id 6."""
    kernel = Kernel(limits)
    kernel.load_reservoir(id=1, at=0, amount=Decimal(200))
    kernel.prime(id=2, at=0, amount=Decimal(1))
    at = deliver(kernel, 0)
    kernel.insert_set(id=3, at=at, site=1)
    kernel.connect(id=4, at=at)
    kernel.fill_cannula(id=5, at=at, amount=Decimal("0.3"))
    at = deliver(kernel, at)
    kernel.set_basal(id=6, at=at, rate=Decimal(1))
    return kernel.state


@pytest.fixture
def ready(ready_state: bytes, face: type[AnyKernel]) -> AnyKernel:
    """A pump that delivers, for each face."""
    return face.from_state(None, ready_state)


def deliver(kernel: AnyKernel, at: int) -> int:
    """Tick and confirm until nothing is owed; returns the time of the last tick."""
    while True:
        at += TICK
        outcome = kernel.tick(at=at)
        if outcome.pulses:
            kernel.confirm(sequence=outcome.sequence, amount=outcome.amount, at=at)
        if not outcome.owed:
            return at


@pytest.fixture(scope="module")
def program() -> Iterator[Browser]:
    """One browser for all that is looked at."""
    found = chromium()
    assert found is not None, "Chromium is missing (Debian: apt-get install chromium)"
    with browser(found) as started:
        yield started
