"""`newsetl serve` in its own process: a killed process, missed runs and the webhook."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support import replica_runs
from tests.support.held import Held
from tests.support.replica_runs import Failing
from tests.support.serve_process import ARTICLES, Serve, serving


@pytest.fixture
def replica() -> Iterator[Failing]:
    with replica_runs.served(60) as served:
        yield served


def hidden(replica: Failing) -> frozenset[date]:
    """Return the days of the newer half of the articles."""
    days = sorted(article.published_at.date() for article in replica.site.listed_articles)
    return frozenset(day for day in days if day > days[len(days) // 2])


def since_the_crash(served: Serve) -> list[str]:
    """Return the states of the runs after the crashed run."""
    states = served.states()
    return states[states.index("Crashed") + 1 :] if "Crashed" in states else []


def test_killed_in_the_second_run_it_catches_up_and_nothing_is_lost_or_twice(
    replica: Failing, tmp_path: Path
) -> None:
    later = hidden(replica)
    replica.site.hidden = later
    source = replica_runs.source_of(replica)
    replica_runs.ingest(tmp_path / "whole", source)
    folder = tmp_path / "killed"
    options = ("--port", 0, "--interval", 10, "--base-url", replica.base_url)
    with ExitStack() as stack:
        served = stack.enter_context(serving(folder, *options))
        served.wait(lambda: (folder / "news.duckdb").exists() and served.states()[:1] == ["Completed"])
        held = Held(after=12)
        stack.callback(held.release)
        replica.inject(held, at=ARTICLES)
        replica.site.hidden = frozenset()
        served.wait(held.came.is_set)
        served.post("check/nightly", "pause_deployment")
        served.kill()
        assert "Completed" in served.states()
        assert served.states()[-1] == "Running"
    replica.clear_faults()
    with serving(folder, *options) as served:
        # Of the runs that were due meanwhile, only one starts.
        served.wait(lambda: "Completed" in since_the_crash(served))
        assert served.end(signal.SIGINT) == 0
    assert re.search(r"ingest stdaily \d{4}-\d\d-\d\d: crashed\n", served.output)
    assert re.search(r"ingest/stdaily: was due .* UTC; caught up now\n", served.output)
    assert "check/nightly: paused manually" in served.output
    after = since_the_crash(served)
    assert set(after[: after.index("Completed")]) <= {"Skipped"}
    replica_runs.ingest(tmp_path / "whole", source)
    assert replica_runs.contents(folder) == replica_runs.contents(tmp_path / "whole")


def test_a_run_that_needs_a_person_calls_the_webhook(tmp_path: Path) -> None:
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
            served.wait(lambda: "serving; stop it with Ctrl-C" in served.output)
            # Start a run manually: Prefect delays the events of a run that its scheduler has just created.
            served.post("ingest/stdaily", "create_flow_run")
            served.wait(lambda: called)
            assert served.end() == 0
    assert re.fullmatch(r"ingest stdaily \d{4}-\d\d-\d\d", called[0]["run"])
    assert (called[0]["state"], "Connection refused" in called[0]["message"]) == ("Failed", True)
    assert "/runs/flow-run/" in called[0]["url"]
