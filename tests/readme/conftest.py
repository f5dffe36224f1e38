"""A person who has just installed it: nothing was proved before."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One place for what is proved and compiled here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOSEKERNEL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
