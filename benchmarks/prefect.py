"""A flow that starts Prefect's server for itself alone: what an ingest of 1,000 articles takes then.

The replica stands in another process. What Prefect adds where a server runs already, the whole job says.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx

from benchmarks.memory import served
from benchmarks.results import show

ARTICLES, TIMES = 1_000, 3
NEWSETL = "from newsetl.cli.main import main; main()"
FLOW = "import sys; from newsetl.flows.ingest import ingest; ingest(data=sys.argv[1], at=sys.argv[2])"
QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_LOGGING_LEVEL": "WARNING"}
EMBEDDED = {"PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120"}


class Cost(NamedTuple):
    """Seconds by the clock, and of the processor, which hold on a busy machine too."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} s ({self.processor:.2f} s of CPU)"


def seconds(*words: str, python: str = sys.executable, **environment: str) -> Cost:
    """Return the seconds of the command, from start to end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    started, before = time.monotonic(), os.times()
    done = subprocess.run(
        [python, *words], env=clean | QUIET | environment, capture_output=True, text=True, check=False
    )
    took, after = time.monotonic() - started, os.times()
    assert done.returncode == 0, done.stderr
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(took, used)


def median(*words: str, times: int = TIMES, **environment: str) -> Cost:
    """Return the median cost of several runs; `FOLDER` in the words is a new empty folder each time."""
    took = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            took.append(seconds(*(word.replace("FOLDER", folder) for word in words), **environment))
    return Cost(*(statistics.median(each) for each in zip(*took, strict=True)))


@contextmanager
def server(home: str) -> Iterator[str]:
    """Yield the API's URL of a running server, and the seconds that its start took."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, started = f"http://127.0.0.1:{port}/api", time.monotonic()
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    with subprocess.Popen(
        command, env=os.environ | QUIET | {"PREFECT_HOME": home}, stdout=subprocess.DEVNULL
    ) as process:
        try:
            while True:
                try:
                    httpx.get(f"{url}/health").raise_for_status()
                    break
                except httpx.HTTPError:
                    assert process.poll() is None
                    time.sleep(0.1)
            show(
                "Prefect's server, until it answers for the first time", f"{time.monotonic() - started:.1f} s"
            )
            yield url
        finally:
            process.terminate()


def main() -> None:
    """Prints one figure a line."""
    with tempfile.TemporaryDirectory() as home, served(ARTICLES) as base:
        own = median("-c", FLOW, "FOLDER", base, times=1, PREFECT_HOME=home, **EMBEDDED)
        show(f"an ingest of {ARTICLES:,} articles as a flow, with a server for this run alone", str(own))


if __name__ == "__main__":
    main()
