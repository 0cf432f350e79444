"""`newsetl serve` as a process of its own: it runs by itself, dies, catches up, and ends when it is asked."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from newsetl.replica.response import MockResponse
from tests.support import replica_runs
from tests.support.replica_runs import Failing

# Seconds for what takes Prefect ten on an idle machine.
PATIENCE = 180


class Slow(Failing):
    """A channel with days that come later, whose articles take their time once it is told."""

    min_delay = 0.0
    asked = 0

    def respond(self, path: str) -> MockResponse:
        if "content_" in path and self.min_delay:
            self.asked += 1
            time.sleep(self.min_delay)
        return super().respond(path)


@pytest.fixture
def replica() -> Iterator[Slow]:
    with replica_runs.served(60, cls=Slow) as served:
        assert isinstance(served, Slow)
        yield served


class Serve:
    """The process, with what it has said."""

    def __init__(self, folder: Path, *options: object) -> None:
        self.folder, self.said = folder, ""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        self.process = subprocess.Popen(
            [*replica_runs.COMMAND, "serve", "--data", str(folder), *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=clean,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line

    def wait(self, what: Callable[[], Any]) -> Any:
        """What is there at last."""
        deadline = time.monotonic() + PATIENCE
        while not (found := what()):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.2)
        return found

    def runs(self) -> list[tuple[str, str]]:
        """Name and state of each run, in the order in which they were to begin."""
        with closing(sqlite3.connect(self.folder / "prefect" / "prefect.db", timeout=30)) as connection:
            return connection.execute(
                "SELECT name, state_name FROM flow_run WHERE state_type <> 'SCHEDULED' "
                "ORDER BY expected_start_time"
            ).fetchall()

    def states(self) -> list[str]:
        return [state for _, state in self.runs()]

    def ask(self, deployment: str, what: str) -> None:
        """Of Prefect's interface, as its pages do; while its records are locked it answers 503."""
        url = json.loads((self.folder / "prefect" / "newsetl.json").read_text())["url"]
        with httpx.Client(base_url=f"{url}/api/deployments/", timeout=30) as client:
            found = client.get(f"name/{deployment}").raise_for_status().json()
            self.wait(lambda: client.post(f"{found['id']}/{what}", json={}).is_success)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(10)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit status, after it was asked to end."""
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self._reader.join(10)
        return status


@contextmanager
def serving(folder: Path, *options: object) -> Iterator[Serve]:
    served = Serve(folder, *options)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.kill()


def status(folder: Path) -> tuple[int, str, str]:
    return replica_runs.ended("serve", "--status", "--data", folder)


def hidden(replica: Slow) -> frozenset[Any]:
    """The days of the newer half of the articles."""
    days = sorted(story.published_at.date() for story in replica.site.listed_articles)
    return frozenset(day for day in days if day > days[len(days) // 2])


def since_the_crash(served: Serve) -> list[str]:
    states = served.states()
    return states[states.index("Crashed") + 1 :] if "Crashed" in states else []


def test_it_runs_by_itself_tells_how_it_stands_and_ends_with_the_page_in_hand(
    replica: Slow, tmp_path: Path
) -> None:
    replica.min_delay = 0.3
    with serving(tmp_path, "--port", 0, "--interval", 2, "--base-url", replica.base_url) as served:
        served.wait(lambda: replica.asked >= 5)
        told = replica_runs.ended("serve", "--port", 0, "--base-url", replica.base_url, "--data", tmp_path)
        assert told[0] == 2
        assert re.search(r"prefect: in use by newsetl serve \(process \d+, started .*serve --status", told[2])
        code, output, _ = status(tmp_path)
        assert code == 0
        assert re.search(r"^served at http://127\.0\.0\.1:\d+ by process \d+$", output, re.MULTILINE)
        assert re.search(r"^check/nightly +next \d{4}-\d\d-\d\d 01:30:00 ", output, re.MULTILINE)
        assert "backfill/manual         started manually" in output
        assert "running: ingest stdaily " in output
        asked, started = replica.asked, time.monotonic()
        assert served.end() == 0, served.said
        # Sixty pages would have taken it eighteen seconds.
        assert replica.asked - asked < 8, time.monotonic() - started
        assert served.said.rstrip().endswith("stopped")
        name, state = served.runs()[0]
        assert (state, bool(re.fullmatch(r"ingest stdaily \d{4}-\d\d-\d\d", name))) == ("Stopped", True)
    ((state, error, had),) = replica_runs.rows(
        tmp_path, "SELECT state, error, (SELECT count(*) FROM articles) > 3 FROM runs"
    )
    assert (state, had) == ("failed", True)
    assert re.fullmatch(r"stopped after \d+ pages", error)
    code, _, errors = status(tmp_path)
    assert (code, "does not answer" in errors) == (2, True)
    # The records of another Prefect: of the next, or none at all.
    with closing(sqlite3.connect(tmp_path / "prefect" / "prefect.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    code, output, errors = replica_runs.ended(
        "serve", "--port", 0, "--base-url", replica.base_url, "--data", tmp_path
    )
    assert (code, errors.count("\n")) == (2, 1), errors
    assert "prefect.db: created by a newer Prefect (Can't locate revision" in errors


def test_what_cannot_be_served_is_told_in_a_line(tmp_path: Path) -> None:
    options = ("serve", "--base-url", "http://127.0.0.1:9", "--data", tmp_path)
    assert replica_runs.ended("serve", "--status", "--data", tmp_path)[2] == (
        f"newsetl: {tmp_path}/prefect: not served; start it with newsetl serve\n"
    )
    code, _, errors = replica_runs.ended("serve", "--data", tmp_path, env={"PATH": os.environ["PATH"]})
    assert (code, "who is asking? set NEWSETL_CONTACT" in errors) == (2, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, errors = replica_runs.ended(*options, "--port", port)
        assert code == 2
        assert errors == (
            f"newsetl: port {port} cannot be served (Address already in use); "
            "choose another with --port, 0 for any\n"
        )
    code, _, errors = replica_runs.ended(*options, "--port", 0, "--webhook", "example.org")
    assert (code, "--webhook example.org: not a URL; write one" in errors) == (2, True)
    records = tmp_path / "prefect" / "prefect.db"
    with closing(sqlite3.connect(records, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE held (number INTEGER)")
        connection.execute("BEGIN EXCLUSIVE")
        code, _, errors = replica_runs.ended(*options, "--port", 0)
        assert (code, "prefect.db: in use by another program (database is locked)" in errors) == (2, True)
    records.write_bytes(b"no database, but long enough to be taken for one" * 50)
    code, _, errors = replica_runs.ended(*options, "--port", 0)
    assert (code, "prefect.db: cannot be used (file is not a database)" in errors) == (2, True)


def test_killed_in_the_second_run_it_catches_up_and_nothing_is_lost_or_twice(
    replica: Slow, tmp_path: Path
) -> None:
    later = hidden(replica)
    replica.site.hidden = later
    source = replica_runs.source_of(replica)
    replica_runs.ingest(tmp_path / "whole", source)
    folder = tmp_path / "killed"
    options = ("--port", 0, "--interval", 10, "--base-url", replica.base_url)
    with serving(folder, *options) as served:
        served.wait(lambda: (folder / "news.duckdb").exists() and served.states()[:1] == ["Completed"])
        replica.site.hidden = frozenset()
        replica.min_delay = 0.1
        served.wait(lambda: replica.asked >= 12)
        served.ask("check/nightly", "pause_deployment")
        served.kill()
        assert "Completed" in served.states()
        assert served.states()[-1] == "Running"
    replica.min_delay = 0.0
    with serving(folder, *options) as served:
        # However many were due meanwhile, one goes.
        served.wait(lambda: "Completed" in since_the_crash(served))
        assert served.end(signal.SIGINT) == 0
    assert re.search(r"ingest stdaily \d{4}-\d\d-\d\d: crashed\n", served.said)
    assert re.search(r"ingest/stdaily: was due .* UTC; caught up now\n", served.said)
    assert "check/nightly: paused manually" in served.said
    after = since_the_crash(served)
    assert set(after[: after.index("Completed")]) <= {"Skipped"}
    replica_runs.ingest(tmp_path / "whole", source)
    assert replica_runs.contents(folder) == replica_runs.contents(tmp_path / "whole")


def test_a_run_that_needs_a_person_calls_the_webhook(replica: Slow, tmp_path: Path) -> None:
    called: list[dict[str, Any]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            called.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        hook = f"http://127.0.0.1:{listener.server_port}/hook"
        with serving(tmp_path, "--port", 0, "--base-url", "http://127.0.0.1:9", "--webhook", hook) as served:
            served.wait(lambda: "serving; stop it with Ctrl-C" in served.said)
            # By hand: Prefect holds back the events of a run that its scheduler has only just made.
            served.ask("ingest/stdaily", "create_flow_run")
            served.wait(lambda: called)
            assert served.end() == 0
    assert re.fullmatch(r"ingest stdaily \d{4}-\d\d-\d\d", called[0]["run"])
    assert (called[0]["state"], "Connection refused" in called[0]["message"]) == ("Failed", True)
    assert "/runs/flow-run/" in called[0]["url"]
