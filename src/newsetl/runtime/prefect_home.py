"""What `newsetl serve` keeps beside the warehouse, and how it stands: told without Prefect's packages."""

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
# The file that ends the run in hand once it is there; the run is told of it by this variable.
STOP_FILE = "NEWSETL_STOP_FILE"
ADVICE = "it holds the record of runs and no articles: move it away, and a new one is made"


@dataclass(frozen=True, slots=True)
class PrefectHome:
    """The folder with the server's own records: those of runs, and no article."""

    path: Path

    @classmethod
    def for_folder(cls, folder: DataFolder) -> PrefectHome:
        """The one in the data folder, or where PREFECT_HOME says."""
        return cls(Path(os.environ.get("PREFECT_HOME") or folder.path / "prefect").absolute())

    @property
    def stop_file(self) -> Path:
        """The stop file."""
        return self.path / "newsetl.stop"

    @property
    def address_file(self) -> Path:
        """Where the server was started last."""
        return self.path / "newsetl.json"

    @property
    def database(self) -> Path:
        """The records."""
        return self.path / "prefect.db"

    def check_database(self) -> None:
        """Raises ConfigError if the records are no database, or another program keeps them for itself."""
        if not self.database.exists():
            return
        try:
            # Of its own accord Prefect waits a minute for what may never come.
            with closing(sqlite3.connect(self.database, timeout=5, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise ConfigError(f"{self.database}: in use by another program ({error}); end it first") from None
        except sqlite3.DatabaseError as error:
            raise ConfigError(f"{self.database}: cannot be used ({error}); {ADVICE}") from None


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server is, and of which process."""

    url: str
    process: int

    def write(self, path: Path) -> None:
        """It stands in the file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def build_settings(home: PrefectHome, port: int) -> dict[str, str]:
    """The environment of whatever talks to the server: it is on this machine and reports to nobody."""
    url = f"http://{HOST}:{port}/api"
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_API_URL": url,
        "PREFECT_HOME": str(home.path),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        # It is done before, where what goes wrong can be told in a line.
        "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_UI_API_URL": url,
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # Beside the records, since the packages may be another user's.
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home.path / "ui"),
        STOP_FILE: str(home.stop_file),
    }


@contextmanager
def bind_port(number: int) -> Iterator[socket.socket]:
    """A socket on this machine, of that port or any for 0. Raises ConfigError if it is in use."""
    with socket.socket() as bound:
        # Or the port would rest for a minute after each stop.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, number))
            bound.listen()
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise ConfigError(
                f"port {number} cannot be served ({why}); choose another with --port, 0 for any"
            ) from None
        yield bound


def format_status(home: PrefectHome) -> Iterable[str]:
    """What is served, how each deployment's last run ended and when the next begins.

    Raises NewsetlError if nobody answers.
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
    mine = {"any_": [deployment["id"]]}
    ended = {
        "type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]},
        "name": {"not_any_": ["Skipped"]},
    }

    def first(sort: str, state: dict[str, Any]) -> dict[str, Any] | None:
        wanted = {"deployment_id": mine, "state": state}
        found = _query_api(client, "flow_runs", limit=1, sort=sort, flow_runs=wanted)
        return found[0] if found else None

    last = first("END_TIME_DESC", ended)
    coming = first("NEXT_SCHEDULED_START_TIME_ASC", {"type": {"any_": ["SCHEDULED"]}})
    parts = [f"{flow}/{deployment['name']:<10}".ljust(22)]
    parts.append(
        f"next {_format_time(coming['next_scheduled_start_time'])}" if coming else "when it is asked for"
    )
    if deployment["paused"]:
        parts[-1] = "paused"
    if last:
        state = last["state"]
        parts.append(f"last {_format_time(last['end_time'])} {state['name']}: {state['message'] or ''}")
    return "  ".join(parts)


def _query_api(client: httpx.Client, collection: str, **wanted: Any) -> list[dict[str, Any]]:
    answer = client.post(f"{collection}/filter", json=wanted)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def _format_time(text: str | None) -> str:
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S %z}" if text else "?"
