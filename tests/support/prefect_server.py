"""Prefect server with workers, each in its own process, as in prefect.yaml."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.support import ROOT
from tests.support.held import TIMEOUT


class PrefectServer:
    """Prefect server on a free port, with its database in a directory, and its workers."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        self.environment = clean | {
            "DO_NOT_TRACK": "1",
            "NEWSETL_CONTACT": "you@example.org",
            "PREFECT_API_URL": f"{self.url}/api",
            # The shortest interval that Prefect accepts. A run is dead after two missing heartbeats.
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
            "PREFECT_HOME": str(home),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui"),
            "PREFECT_WORKER_QUERY_SECONDS": "2",
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = home / "log"

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `prefect` with these words in its own session, and log its output."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "prefect", *words],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def run(self, *words: str) -> str:
        """Run `prefect` with these words and return its output. Raise AssertionError if it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "prefect", *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it responds."""
        server = self.start("server", "start", "--port", str(self.port))
        self.wait(self.is_up)
        return server

    def work(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self.start("worker", "start", "--pool", "newsetl", "--limit", "2")

    def is_up(self) -> bool:
        """Return whether the server responds."""
        try:
            return httpx.get(f"{self.url}/api/health", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def wait(self, find: Callable[[], Any]) -> Any:
        """Return the first true result of `find`. Raise AssertionError after TIMEOUT seconds."""
        deadline = time.monotonic() + TIMEOUT
        while not (found := find()):
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")[-5000:]
            time.sleep(0.3)
        return found

    def found(self, kind: str, **filters: Any) -> Any:
        """Return the server's objects of this kind that match the filters."""
        return self.post(f"{kind}/filter", filters)

    def post(self, path: str, content: dict[str, Any]) -> Any:
        """Return the API's response. Repeat the request on a 503, which means that the database is locked."""

        def request() -> httpx.Response | None:
            response = httpx.post(f"{self.url}/api/{path}", json=content, timeout=TIMEOUT)
            return None if response.status_code == httpx.codes.SERVICE_UNAVAILABLE else response

        return self.wait(request).raise_for_status().json()

    def state(self, run_id: str) -> str:
        """Return the name of the flow run's state."""
        (run,) = self.found("flow_runs", flow_runs={"id": {"any_": [run_id]}})
        return str(run["state"]["name"])

    def start_run(self, entrypoint: str, **parameters: Any) -> str:
        """Create a flow run of the deployment that is due now, and return the run's id."""
        (deployment,) = (
            each for each in self.found("deployments") if each["entrypoint"].endswith(entrypoint)
        )
        content = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        return str(self.post(f"deployments/{deployment['id']}/create_flow_run", content)["id"])

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process and its children."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.processes.remove(process)
