"""Runners that parse shards: in this process, in its threads, or in a process pool.

`flows/reparse.py` has runners for clusters.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, get_args

from newsetl.errors import ConfigError, NewsetlError, ShardError
from newsetl.pipeline import shards
from newsetl.pipeline.shards import Shard
from newsetl.runtime.process_pool import ProcessPool

RunnerKind = Literal["threads", "processes"]
RUNNER_KINDS: tuple[RunnerKind, ...] = get_args(RunnerKind)
MAX_ATTEMPTS = 3
# Shards submitted per worker before the result of the first one is taken.
QUEUED_PER_WORKER = 4


class PendingShard(Protocol):
    """Shard that is being written by a worker."""

    def result(self) -> None:
        """Wait for the shard. Raise ShardError if it cannot be written."""


class ShardResult(NamedTuple):
    """Shard that a runner has finished, and its error if it cannot be written."""

    shard: Shard
    error: ShardError | None


@dataclass(frozen=True, slots=True)
class ShardRunner:
    """Runner that writes shards, `worker_count` at a time; 0 means in this process."""

    submit: Callable[[Shard], PendingShard]
    worker_count: int = 0

    def run(self, shards: Iterable[Shard]) -> Iterator[ShardResult]:
        """Yield each shard in order once it is written, with None or its error."""
        waiting: deque[tuple[Shard, PendingShard]] = deque()
        for shard in shards:
            waiting.append((shard, self.submit(shard)))
            if len(waiting) > QUEUED_PER_WORKER * self.worker_count:
                yield _wait_for(*waiting.popleft())
        while waiting:
            yield _wait_for(*waiting.popleft())


def _wait_for(shard: Shard, pending: PendingShard) -> ShardResult:
    try:
        pending.result()
    except ShardError as error:
        return ShardResult(shard, error)
    return ShardResult(shard, None)


def run_with_retries(function: Callable[[Shard], None], shard: Shard) -> None:
    """Write the shard in at most MAX_ATTEMPTS attempts. Raise ShardError with the last error's message."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            function(shard)
            return
        except Exception as error:
            if isinstance(error, ConfigError) or attempt == MAX_ATTEMPTS:
                message = str(error) if isinstance(error, (NewsetlError, OSError)) else repr(error)
                raise ShardError(message) from error


def run_inline(shard: Shard) -> PendingShard:
    """Write the shard in this process, before returning."""
    future: Future[None] = Future()
    try:
        run_with_retries(shards.write_shard, shard)
    except ShardError as error:
        future.set_exception(error)
    else:
        future.set_result(None)
    return future


INLINE_RUNNER = ShardRunner(run_inline)


@contextmanager
def open_local_runner(workers: int = 1, kind: str = "processes") -> Iterator[ShardRunner]:
    """Yield a runner with so many workers on this machine; one worker means this process.

    Pending shards are cancelled if the block ends early. Raise ConfigError for an unknown kind.
    """
    if workers == 1:
        yield INLINE_RUNNER
        return
    if kind not in RUNNER_KINDS:
        raise ConfigError(
            f"runner {kind!r}: unknown; use one of {' and '.join(RUNNER_KINDS)}, or a flow for the others"
        )
    pool = ProcessPool(shards.write_shard) if kind == "processes" else None
    executor = ThreadPoolExecutor(workers, thread_name_prefix="shard")
    write = pool.run if pool else shards.write_shard
    try:
        yield ShardRunner(lambda shard: executor.submit(run_with_retries, write, shard), workers)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        if pool:
            pool.shut_down()
