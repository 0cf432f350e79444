"""Who makes the pieces: this process, its threads, or processes of its own that may die and are replaced.

`flows/reparse.py` has those of a cluster.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from newsetl.errors import ConfigError, NewsetlError
from newsetl.pipeline import shards
from newsetl.pipeline.shards import Shard
from newsetl.runtime.process_pool import ProcessPool

RunnerKind = Literal["threads", "processes"]
RUNNER_KINDS: tuple[RunnerKind, ...] = get_args(RunnerKind)
MAX_ATTEMPTS = 3
# Pieces that are handed out before the first of them is taken, for each worker.
QUEUED_PER_WORKER = 4


class PendingShard(Protocol):
    """A piece that is being made: why it could not be, None once it is there."""

    def result(self) -> str | None:
        """Waits for it."""


@dataclass(frozen=True, slots=True)
class ShardRunner:
    """Somebody who makes pieces, `width` at a time."""

    submit: Callable[[Shard], PendingShard]
    worker_count: int = 0

    def run(self, shards: Iterable[Shard]) -> Iterator[tuple[Shard, str | None]]:
        """The pieces in order, each once it is made, with why it could not be."""
        waiting: deque[tuple[Shard, PendingShard]] = deque()
        for piece in shards:
            waiting.append((piece, self.submit(piece)))
            if len(waiting) > QUEUED_PER_WORKER * self.worker_count:
                first, promise = waiting.popleft()
                yield first, promise.result()
        while waiting:
            first, promise = waiting.popleft()
            yield first, promise.result()


def run_with_retries(function: Callable[[Shard], None], shard: Shard) -> str | None:
    """Makes the piece, in ATTEMPTS at most; why it could not be made."""
    said = ""
    for _ in range(MAX_ATTEMPTS):
        try:
            function(shard)
        except ConfigError as error:
            return str(error)
        except Exception as error:
            said = str(error) if isinstance(error, (NewsetlError, OSError)) else repr(error)
        else:
            return None
    return said


def run_inline(shard: Shard) -> PendingShard:
    """The piece, made before anything else happens."""
    promise: Future[str | None] = Future()
    promise.set_result(run_with_retries(shards.write_shard, shard))
    return promise


INLINE_RUNNER = ShardRunner(run_inline)


@contextmanager
def open_local_runner(workers: int = 1, kind: str = "processes") -> Iterator[ShardRunner]:
    """A runner of so many workers on this machine; one is this process itself.

    What is handed out when the block ends early is dropped. Raises ConfigError for another kind.
    """
    if workers == 1:
        yield INLINE_RUNNER
        return
    if kind not in RUNNER_KINDS:
        raise ConfigError(
            f"no runner {kind!r}; commands have {' and '.join(RUNNER_KINDS)}, newsetl.flows.reparse has more"
        )
    crew = ProcessPool(shards.write_shard) if kind == "processes" else None
    executor = ThreadPoolExecutor(workers, thread_name_prefix="piece")
    make = crew.run if crew else shards.write_shard
    try:
        yield ShardRunner(lambda piece: executor.submit(run_with_retries, make, piece), workers)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        if crew:
            crew.shut_down()
