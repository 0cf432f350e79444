"""Progress line of a command on the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def show_progress(name: str, first: str = "") -> Iterator[Callable[[str], None]]:
    """Yield a function that updates the progress line; without a terminal, print at most every ten seconds.

    On a terminal the line begins as `first`.
    """
    from rich.console import Console

    console, printed_at = Console(stderr=True), time.monotonic()
    if console.is_terminal:
        with console.status(f"{name}: {first}" if first else name) as live:
            yield lambda line: live.update(f"{name}: {line}")
        return

    def print_line(line: str) -> None:
        nonlocal printed_at
        if time.monotonic() - printed_at >= 10:
            printed_at = time.monotonic()
            print(f"{name}: {line}", file=sys.stderr, flush=True)

    yield print_line


def report_progress(update: Callable[[str], None], template: str, state: object) -> None:
    """Update the progress line with `template`, formatted with `state` as its argument 0."""
    update(template.format(state))
