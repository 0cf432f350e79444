"""Who makes the pieces: this process, its threads, or processes of its own that may die and are replaced.

`flows/reparse.py` has those of a cluster.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Literal, Protocol, get_args

from newsetl import pieces
from newsetl.errors import ConfigError, NewsetlError
from newsetl.pieces import Piece

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
    promise.set_result(attempted(pieces.make, piece))
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
    crew = _Crew() if kind == "processes" else None
    executor = ThreadPoolExecutor(workers, thread_name_prefix="piece")
    make = crew.make if crew else pieces.make
    try:
        yield Runner(lambda piece: executor.submit(attempted, make, piece), workers)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        if crew:
            crew.end()


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection


@dataclass(slots=True)
class _Crew:
    """One process for each thread that asks; one that dies is replaced when its thread asks again."""

    workers: dict[int, _Worker] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_ended: bool = False

    def make(self, piece: Piece) -> None:
        """Has the piece made. Raises ChildProcessError if the worker dies, RuntimeError with what it says."""
        worker = self._worker()
        try:
            worker.connection.send(piece)
            said = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            with self.lock:
                self.workers.pop(threading.get_ident(), None)
            code = worker.process.exitcode
            how = f"by signal {-code}" if code and code < 0 else f"with status {code}"
            raise ChildProcessError(f"its worker died {how}") from None
        if said:
            raise NewsetlError(said)

    def end(self) -> None:
        """No worker is left, whatever it was doing."""
        with self.lock:
            self.is_ended = True
            for worker in self.workers.values():
                worker.process.kill()
                worker.process.join()

    def _worker(self) -> _Worker:
        with self.lock:
            if self.is_ended:
                raise ConfigError("stopped")
            worker = self.workers.get(threading.get_ident())
            if worker is None:
                # Forked ones would have DuckDB's locks without its threads.
                context = multiprocessing.get_context("spawn")
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs,), daemon=True)
                process.start()
                # With no other holder of that end, a worker that dies is the end of the file for us.
                theirs.close()
                worker = self.workers[threading.get_ident()] = _Worker(process, ours)
            return worker


def _serve(connection: Connection) -> None:
    """A worker's life: it ends when whoever started it has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError):
        while True:
            piece = connection.recv()
            try:
                pieces.make(piece)
            except (NewsetlError, OSError) as error:
                connection.send(str(error))
            except Exception as error:
                connection.send(repr(error))
            else:
                connection.send(None)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
