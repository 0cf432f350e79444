"""One writer at a time in a data folder: a lock that says who holds it and goes with the process."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from newsetl.errors import WarehouseError

LOCK_FILE = "lock"
ADVICE = "try again when it has ended, or wait longer with --lock-timeout"
# Seconds: enough for another run's last batch; who wants more says so with --lock-timeout.
DEFAULT_TIMEOUT = 10.0
# Seconds until who waits is told for whom.
NOTICE_SECONDS = 2.0


@contextmanager
def hold_lock(
    folder: Path,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    advice: str = ADVICE,
    on_wait: Callable[[str], None] = lambda _: None,
) -> Iterator[None]:
    """Holds warehouse and archive of `folder` for this process; waits up to `wait` seconds for another.

    `on_wait` is told once for whom, when that takes longer than a moment.

    Raises WarehouseError, naming the holder's command, process and start, if it does not end in time, or
    if the folder cannot be written. The file stays; the lock on it is the system's and no process leaves
    one behind.
    """
    path = folder / LOCK_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise WarehouseError(f"{folder}: cannot be written ({error.strerror})") from error
    try:
        _acquire(file, path, timeout, advice, on_wait)
        yield
    finally:
        os.close(file)


def _acquire(file: int, path: Path, timeout: float, advice: str, on_wait: Callable[[str], None]) -> None:
    started, is_told = time.monotonic(), False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            waited = time.monotonic() - started
            holder = path.read_text(encoding="utf-8").strip() or "another newsetl"
            if waited >= timeout:
                raise WarehouseError(
                    f"{path.parent}: in use by {holder}; waited {timeout:g} s; {advice}"
                ) from None
            if waited >= NOTICE_SECONDS and not is_told:
                on_wait(f"{path.parent}: in use by {holder}; waiting up to {timeout:g} s")
                is_told = True
            time.sleep(0.1)
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
    line = f"{command} (process {os.getpid()}, started {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC)\n"
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, line.encode("utf-8", "replace"), 0)
    except OSError as error:
        raise WarehouseError(f"{path}: cannot be written ({error.strerror})") from error
