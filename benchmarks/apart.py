"""A replica in a process of its own, so that its work is not measured with that of who asks it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from newsetl.replica import MockServer


def serve(replica: MockServer) -> None:
    """Serves until standard input ends; says its address first."""
    with replica:
        sys.stdout.write(f"{replica.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()


@contextmanager
def served(module: str, *words: object) -> Iterator[str]:
    """Yield the base URL of the mock site that `python -m module words` serves."""
    command = [sys.executable, "-m", module, *map(str, words)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield server.stdout.readline().strip()
        server.communicate("")
