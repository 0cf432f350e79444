"""The progress line of a command on the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def show_progress(name: str, first: str = "") -> Iterator[Callable[[str], None]]:
    """A line on the terminal that is told how far it is; without a terminal, one every ten seconds.

    On the terminal it begins with `first`.
    """
    from rich.console import Console

    console, told = Console(stderr=True), time.monotonic()
    if console.is_terminal:
        with console.status(f"{name}: {first}" if first else name) as live:
            yield lambda line: live.update(f"{name}: {line}")
        return

    def tell(line: str) -> None:
        nonlocal told
        if time.monotonic() - told >= 10:
            told = time.monotonic()
            print(f"{name}: {line}", file=sys.stderr, flush=True)

    yield tell


def told(count: Callable[[str], None], form: str, state: object) -> None:
    count(form.format(state))
