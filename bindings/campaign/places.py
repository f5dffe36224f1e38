"""Where shards are done: in processes here, or on a Dask cluster; whoever is lost, no shard is."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from ..errors import InputError
from .shards import LostError, Shard, perform

TRIES = 3  # of one shard, before a campaign gives up
CONNECTING = 10  # seconds

Answer = dict[str, Any]


def here(
    shards: Sequence[Shard], jobs: int, begun: Callable[[int], None] | None = None
) -> Iterator[Answer]:
    """Every shard in a process of this machine, some at a time, as they are done."""
    with ThreadPoolExecutor(jobs) as pool:
        asked = [pool.submit(_kept_at, shard, begun) for shard in shards]
        try:
            for done in as_completed(asked):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _kept_at(shard: Shard, begun: Callable[[int], None] | None) -> Answer:
    """A shard whose process is killed is begun anew, a few times."""
    for _ in range(TRIES - 1):
        try:
            return perform(shard, begun)
        except LostError:
            continue
    return perform(shard, begun)


def on_cluster(shards: Sequence[Shard], address: str) -> Iterator[Answer]:
    """Every shard on the workers of a Dask scheduler; a lost worker's shards go to others."""
    import distributed

    try:
        client = distributed.Client(address, timeout=CONNECTING)
    except (OSError, ValueError) as error:
        raise InputError(f"--scheduler {address}: no scheduler there ({error})") from None
    with client:
        asked = [client.submit(perform, shard, pure=False, retries=TRIES - 1) for shard in shards]
        for done in distributed.as_completed(asked):
            yield done.result()
