"""Processes of our own that work beside this one: each serves a function, and ends when we do.

Threads do not help BeautifulSoup, which holds Python's lock. A worker that dies is replaced when it is asked
again. Who asks needs a thread of its own for each worker.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, Generic, TypeVar

from newsetl.errors import ConfigError, NewsetlError

Argument = TypeVar("Argument")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection


@dataclass(slots=True)
class ProcessPool(Generic[Argument, Result]):
    """One process for each thread that asks, in which `work`, a function of a module, is done."""

    function: Callable[[Argument], Result]
    workers: dict[int, _Worker] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_shut_down: bool = False

    def run(self, argument: Argument) -> Result:
        """What the work makes of it.

        Raises ChildProcessError if the worker dies, and NewsetlError with what the work raised.
        """
        worker = self._get_worker()
        try:
            worker.connection.send(argument)
            made, said = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            with self.lock:
                self.workers.pop(threading.get_ident(), None)
            code = worker.process.exitcode
            how = f"by signal {-code}" if code and code < 0 else f"with status {code}"
            raise ChildProcessError(f"its worker died {how}") from None
        if said is not None:
            raise NewsetlError(said)
        return made  # type: ignore[no-any-return]  # a connection carries anything

    def shut_down(self) -> None:
        """No worker is left, whatever it was doing."""
        with self.lock:
            self.is_shut_down = True
            for worker in self.workers.values():
                worker.process.kill()
                worker.process.join()

    def _get_worker(self) -> _Worker:
        with self.lock:
            if self.is_shut_down:
                raise ConfigError("stopped")
            worker = self.workers.get(threading.get_ident())
            if worker is None:
                # Forked ones would have DuckDB's locks without its threads.
                context = multiprocessing.get_context("spawn")
                ours, theirs = context.Pipe()
                process = context.Process(target=_run_worker, args=(theirs, self.function), daemon=True)
                # Ctrl-C is for who asks, also while a worker still imports.
                mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
                try:
                    with _hide_main_module():
                        process.start()
                finally:
                    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
                # With no other holder of that end, a worker that dies is the end of the file for us.
                theirs.close()
                worker = self.workers[threading.get_ident()] = _Worker(process, ours)
            return worker


@contextmanager
def _hide_main_module() -> Iterator[None]:
    """What is started now does not run the program's main module again, as multiprocessing has it.

    That takes as long as the program's own start (seconds, where it is Prefect's), and a script of a user's
    that has no `if __name__ == "__main__"` would do all its work again.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _run_worker(connection: Connection, function: Callable[[Any], Any]) -> None:
    """A worker's life: it ends when whoever started it has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            given = connection.recv()
            try:
                made = function(given)
            except (NewsetlError, OSError) as error:
                connection.send((None, str(error)))
            except Exception as error:
                connection.send((None, repr(error)))
            else:
                connection.send((made, None))


def count_cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
