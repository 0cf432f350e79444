"""Graceful stop on Ctrl-C and SIGTERM."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def catch_stop_signals(*, is_quiet: bool = False) -> Iterator[Callable[[], bool]]:
    """Yield a function that returns True after Ctrl-C or SIGTERM; a second one raises KeyboardInterrupt."""
    is_stopped = False

    def stop(*_: object) -> None:
        nonlocal is_stopped
        if is_stopped:
            raise KeyboardInterrupt
        is_stopped = True
        if not is_quiet:
            sys.stderr.write("stopping after the current page; a second Ctrl-C stops at once\n")
            sys.stderr.flush()

    handlers = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: is_stopped
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
