"""Lock file of a data directory: one writer at a time, released with its process."""

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
ADVICE = "try again when that process has ended, or wait longer with --lock-timeout"
# Seconds: enough for another run's last batch.
DEFAULT_TIMEOUT = 10.0
# Seconds until a waiting process reports the holder of the lock.
NOTICE_SECONDS = 2.0


@contextmanager
def hold_lock(
    folder: Path,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    advice: str = ADVICE,
    on_wait: Callable[[str], None] = lambda _: None,
) -> Iterator[None]:
    """Lock the warehouse and archive of `folder` for this process; wait up to `timeout` seconds.

    Call `on_wait` once with the holder's name if the wait is longer than NOTICE_SECONDS. Raise
    WarehouseError, with the holder's command, process id and start, after the timeout, or if the directory
    cannot be written. The lock file stays; the operating system releases the lock when its process ends.
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
    started, is_reported = time.monotonic(), False
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
            if waited >= NOTICE_SECONDS and not is_reported:
                on_wait(f"{path.parent}: in use by {holder}; waiting up to {timeout:g} s")
                is_reported = True
            time.sleep(0.1)
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
    line = f"{command} (process {os.getpid()}, started {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC)\n"
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, line.encode("utf-8", "replace"), 0)
    except OSError as error:
        raise WarehouseError(f"{path}: cannot be written ({error.strerror})") from error
