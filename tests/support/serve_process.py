"""`newsetl serve` in its own process."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from newsetl.replica import MockServer
from tests.support import replica_runs
from tests.support.held import TIMEOUT

# Paths of articles, for `MockServer.inject`.
ARTICLES = ".*content_.*"


def count_article_requests(server: MockServer) -> int:
    """Return the number of requests for articles."""
    return sum("content_" in path for _, path in tuple(server.requests))


class Serve:
    """`newsetl serve` in its own process; `output` has stdout and stderr."""

    def __init__(self, folder: Path, *options: object) -> None:
        self.folder, self.output = folder, ""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        self.process = subprocess.Popen(
            [*replica_runs.COMMAND, "serve", "--data", str(folder), *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=clean,
            start_new_session=True,
        )
        self._output_thread = threading.Thread(target=self._collect_output)
        self._output_thread.start()

    def _collect_output(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.output += line

    def wait(self, find: Callable[[], Any]) -> Any:
        """Return the first true result of `find`.

        Raise AssertionError if the process ends, or after TIMEOUT seconds.
        """
        deadline = time.monotonic() + TIMEOUT
        while not (found := find()):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.2)
        return found

    def runs(self) -> list[tuple[str, str]]:
        """Return name and state of each flow run, in the order of their scheduled times."""
        with closing(sqlite3.connect(self.folder / "prefect" / "prefect.db", timeout=30)) as connection:
            return connection.execute(
                "SELECT name, state_name FROM flow_run WHERE state_type <> 'SCHEDULED' "
                "ORDER BY expected_start_time"
            ).fetchall()

    def states(self) -> list[str]:
        """Return the state of each flow run, in the order of their scheduled times."""
        return [state for _, state in self.runs()]

    def post(self, deployment: str, action: str) -> None:
        """Send the action to Prefect's API. Repeat it on a 503, which means that the database is locked."""
        url = json.loads((self.folder / "prefect" / "newsetl.json").read_text())["url"]
        with httpx.Client(base_url=f"{url}/api/deployments/", timeout=TIMEOUT) as client:

            def find() -> httpx.Response | None:
                response = client.get(f"name/{deployment}")
                return None if response.status_code == httpx.codes.SERVICE_UNAVAILABLE else response

            id_ = self.wait(find).raise_for_status().json()["id"]
            self.wait(lambda: client.post(f"{id_}/{action}", json={}).is_success)

    def kill(self) -> None:
        """Kill the process and its children."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._output_thread.join(10)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and return the exit status."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for the end of the process and return its exit status."""
        status = self.process.wait(TIMEOUT)
        self._output_thread.join(10)
        return status


@contextmanager
def serving(folder: Path, *options: object) -> Iterator[Serve]:
    """Serve the data directory for the duration of a with block."""
    served = Serve(folder, *options)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.kill()
