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
from newsetl.pipeline.shards import Piece
from newsetl.runtime.process_pool import Crew

Kind = Literal["threads", "processes"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ATTEMPTS = 3
# Pieces that are handed out before the first of them is taken, for each worker.
AHEAD = 4


class Promise(Protocol):
    """A piece that is being made: why it could not be, None once it is there."""

    def result(self) -> str | None:
        """Waits for it."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Somebody who makes pieces, `width` at a time."""

    submit: Callable[[Piece], Promise]
    width: int = 0

    def made(self, wanted: Iterable[Piece]) -> Iterator[tuple[Piece, str | None]]:
        """The pieces in order, each once it is made, with why it could not be."""
        waiting: deque[tuple[Piece, Promise]] = deque()
        for piece in wanted:
            waiting.append((piece, self.submit(piece)))
            if len(waiting) > AHEAD * self.width:
                first, promise = waiting.popleft()
                yield first, promise.result()
        while waiting:
            first, promise = waiting.popleft()
            yield first, promise.result()


def attempted(make: Callable[[Piece], None], piece: Piece) -> str | None:
    """Makes the piece, in ATTEMPTS at most; why it could not be made."""
    said = ""
    for _ in range(ATTEMPTS):
        try:
            make(piece)
        except ConfigError as error:
            return str(error)
        except Exception as error:
            said = str(error) if isinstance(error, (NewsetlError, OSError)) else repr(error)
        else:
            return None
    return said


def here(piece: Piece) -> Promise:
    """The piece, made before anything else happens."""
    promise: Future[str | None] = Future()
    promise.set_result(attempted(shards.make, piece))
    return promise


HERE = Runner(here)


@contextmanager
def local(workers: int = 1, kind: str = "processes") -> Iterator[Runner]:
    """A runner of so many workers on this machine; one is this process itself.

    What is handed out when the block ends early is dropped. Raises ConfigError for another kind.
    """
    if workers == 1:
        yield HERE
        return
    if kind not in KINDS:
        raise ConfigError(
            f"no runner {kind!r}; commands have {' and '.join(KINDS)}, newsetl.flows.reparse has more"
        )
    crew = Crew(shards.make) if kind == "processes" else None
    executor = ThreadPoolExecutor(workers, thread_name_prefix="piece")
    make = crew.do if crew else shards.make
    try:
        yield Runner(lambda piece: executor.submit(attempted, make, piece), workers)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        if crew:
            crew.end()
