"""Process pool that replaces crashed workers.

Threads cannot speed up BeautifulSoup, which holds Python's global lock. The caller needs one thread per
worker; a worker that died is replaced at the thread's next call.
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
    """Pool with one worker process per calling thread, which runs the module-level `function`."""

    function: Callable[[Argument], Result]
    workers: dict[int, _Worker] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_shut_down: bool = False

    def run(self, argument: Argument) -> Result:
        """Return `function(argument)`, computed in the calling thread's worker.

        Raise ChildProcessError if the worker dies, and NewsetlError with the text of the function's error.
        """
        worker = self._get_worker()
        try:
            worker.connection.send(argument)
            result, error_text = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            with self.lock:
                self.workers.pop(threading.get_ident(), None)
            code = worker.process.exitcode
            cause = f"by signal {-code}" if code and code < 0 else f"with status {code}"
            raise ChildProcessError(f"its worker died {cause}") from None
        if error_text is not None:
            raise NewsetlError(error_text)
        return result  # type: ignore[no-any-return]  # a connection carries anything

    def shut_down(self) -> None:
        """Kill every worker at once."""
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
                # A forked worker would inherit DuckDB's locks without its threads.
                context = multiprocessing.get_context("spawn")
                own_end, worker_end = context.Pipe()
                process = context.Process(target=_run_worker, args=(worker_end, self.function), daemon=True)
                # Ctrl-C must reach only the parent, also while a worker still imports.
                mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
                try:
                    with _hide_main_module():
                        process.start()
                finally:
                    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
                # Once no other process holds this end, a dead worker shows as end of file.
                worker_end.close()
                worker = self.workers[threading.get_ident()] = _Worker(process, own_end)
            return worker


@contextmanager
def _hide_main_module() -> Iterator[None]:
    """Keep multiprocessing from running the program's main module again in a new process.

    That would take as long as the program's own start (seconds for Prefect). A user's script without
    `if __name__ == "__main__"` would even repeat all its work.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _run_worker(connection: Connection, function: Callable[[Any], Any]) -> None:
    """Run the worker loop until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            argument = connection.recv()
            try:
                result = function(argument)
            except (NewsetlError, OSError) as error:
                connection.send((None, str(error)))
            except Exception as error:
                connection.send((None, repr(error)))
            else:
                connection.send((result, None))


def count_cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
