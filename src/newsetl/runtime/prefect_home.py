"""Files and status of `newsetl serve`, read without an import of Prefect."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from newsetl.errors import ConfigError, NewsetlError
from newsetl.runtime.data_folder import DataFolder

HOST = "127.0.0.1"
# Variable with the path of the stop file: once that file exists, the current run ends.
STOP_FILE = "NEWSETL_STOP_FILE"
ADVICE = "move it away, and newsetl creates a new one; it holds only the history of runs, no articles"


@dataclass(frozen=True, slots=True)
class PrefectHome:
    """Directory of the Prefect server's own database: runs, no articles."""

    path: Path

    @classmethod
    def for_folder(cls, folder: DataFolder) -> PrefectHome:
        """Return the directory that PREFECT_HOME names, else prefect/ in the data directory."""
        return cls(Path(os.environ.get("PREFECT_HOME") or folder.path / "prefect").absolute())

    @property
    def stop_file(self) -> Path:
        """Path of the stop file."""
        return self.path / "newsetl.stop"

    @property
    def address_file(self) -> Path:
        """Path of the file with the last server's address."""
        return self.path / "newsetl.json"

    @property
    def database(self) -> Path:
        """Path of Prefect's SQLite database."""
        return self.path / "prefect.db"

    def check_database(self) -> None:
        """Raise ConfigError if the database is damaged or locked by another program."""
        if not self.database.exists():
            return
        try:
            # Prefect itself would wait a minute for the lock.
            with closing(sqlite3.connect(self.database, timeout=5, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise ConfigError(
                f"{self.database}: in use by another program ({error}); stop that program first"
            ) from None
        except sqlite3.DatabaseError as error:
            raise ConfigError(f"{self.database}: cannot be used ({error}); {ADVICE}") from None


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """URL and process id of a running server."""

    url: str
    process: int

    def write(self, path: Path) -> None:
        """Write the address to a JSON file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def build_settings(home: PrefectHome, port: int) -> dict[str, str]:
    """Return the environment for the server and its clients: localhost only, no telemetry."""
    url = f"http://{HOST}:{port}/api"
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_API_URL": url,
        "PREFECT_HOME": str(home.path),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        # `newsetl serve` migrates first, and reports an error in one line.
        "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_UI_API_URL": url,
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # Beside the database, since the installed packages may belong to another user.
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home.path / "ui"),
        STOP_FILE: str(home.stop_file),
    }


@contextmanager
def bind_port(number: int) -> Iterator[socket.socket]:
    """Yield a listening socket on localhost; 0 means any free port. Raise ConfigError if it is in use."""
    with socket.socket() as bound:
        # Without this option the port stays blocked for a minute after each stop.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, number))
            bound.listen()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(
                f"port {number} cannot be served ({reason}); choose another with --port, 0 for any"
            ) from None
        yield bound


def format_status(home: PrefectHome) -> Iterable[str]:
    """Yield lines on the server, each deployment's last and next run, and the running ones.

    Raise NewsetlError if no server answers.
    """
    try:
        address = ServerAddress(**json.loads(home.address_file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NewsetlError(f"{home.path}: not served; start it with newsetl serve") from None
    except (OSError, ValueError, TypeError) as error:
        raise NewsetlError(
            f"{home.address_file}: cannot be read ({error}); start newsetl serve again"
        ) from None
    try:
        with httpx.Client(base_url=f"{address.url}/api/", timeout=10, trust_env=False) as client:
            flows = {flow["id"]: flow["name"] for flow in _query_api(client, "flows")}
            deployments = _query_api(client, "deployments")
            lines = [_format_deployment(client, flows[each["flow_id"]], each) for each in deployments]
            running = _query_api(client, "flow_runs", flow_runs={"state": {"type": {"any_": ["RUNNING"]}}})
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise NewsetlError(
            f"{address.url}: does not answer ({type(error).__name__}); it was served by process "
            f"{address.process}; start it again with newsetl serve"
        ) from None
    yield f"served at {address.url} by process {address.process}"
    yield from sorted(lines)
    for run in running:
        yield f"running: {run['name']}, since {_format_time(run['start_time'])}"


def _format_deployment(client: httpx.Client, flow: str, deployment: dict[str, Any]) -> str:
    own_id = {"any_": [deployment["id"]]}
    ended = {
        "type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]},
        "name": {"not_any_": ["Skipped"]},
    }

    def find_first(sort: str, state: dict[str, Any]) -> dict[str, Any] | None:
        run_filter = {"deployment_id": own_id, "state": state}
        runs = _query_api(client, "flow_runs", limit=1, sort=sort, flow_runs=run_filter)
        return runs[0] if runs else None

    last = find_first("END_TIME_DESC", ended)
    upcoming = find_first("NEXT_SCHEDULED_START_TIME_ASC", {"type": {"any_": ["SCHEDULED"]}})
    parts = [f"{flow}/{deployment['name']:<10}".ljust(22)]
    parts.append(
        f"next {_format_time(upcoming['next_scheduled_start_time'])}" if upcoming else "started manually"
    )
    if deployment["paused"]:
        parts[-1] = "paused"
    if last:
        state = last["state"]
        parts.append(f"last {_format_time(last['end_time'])} {state['name']}: {state['message'] or ''}")
    return "  ".join(parts)


def _query_api(client: httpx.Client, collection: str, **filters: Any) -> list[dict[str, Any]]:
    response = client.post(f"{collection}/filter", json=filters)
    response.raise_for_status()
    records: list[dict[str, Any]] = response.json()
    return records


def _format_time(text: str | None) -> str:
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S %z}" if text else "?"
