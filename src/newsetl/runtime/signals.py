"""Graceful stop on Ctrl-C and SIGTERM."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def catch_stop_signals(*, is_quiet: bool = False) -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C or SIGTERM has come. A second one raises KeyboardInterrupt."""
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True
        if not is_quiet:
            sys.stderr.write("stopping after the page in hand; once more stops at once\n")
            sys.stderr.flush()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
