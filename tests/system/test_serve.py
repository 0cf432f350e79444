"""`newsetl serve` in its own process: scheduled runs, its status, and a stop on a signal."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.support import commands, replica_runs
from tests.support.held import Held
from tests.support.replica_runs import Failing
from tests.support.serve_process import ARTICLES, count_article_requests, serving


@pytest.fixture
def replica() -> Iterator[Failing]:
    with replica_runs.served(60) as served:
        yield served


def status(folder: Path) -> subprocess.CompletedProcess[str]:
    return commands.newsetl("serve", "--status", "--data", folder)


def test_it_runs_by_itself_tells_how_it_stands_and_ends_with_the_page_in_hand(
    replica: Failing, tmp_path: Path
) -> None:
    held = Held(after=5)
    replica.inject(held, at=ARTICLES)
    options = ("--port", 0, "--interval", 2, "--base-url", replica.base_url)
    with ExitStack() as stack:
        stack.callback(held.release)
        served = stack.enter_context(serving(tmp_path, *options))
        served.wait(held.came.is_set)
        told = commands.newsetl("serve", "--port", 0, "--base-url", replica.base_url, "--data", tmp_path)
        assert told.returncode == 2
        in_use = r"prefect: in use by newsetl serve \(process \d+, started .*serve --status"
        assert re.search(in_use, told.stderr)
        told = status(tmp_path)
        assert told.returncode == 0
        output = told.stdout
        assert re.search(r"^served at http://127\.0\.0\.1:\d+ by process \d+$", output, re.MULTILINE)
        assert re.search(r"^check/nightly +next \d{4}-\d\d-\d\d 01:30:00 ", output, re.MULTILINE)
        assert "backfill/manual         started manually" in output
        assert "running: ingest stdaily " in output
        asked = count_article_requests(replica)
        served.process.send_signal(signal.SIGTERM)
        # The file tells the run to stop.
        served.wait((tmp_path / "prefect" / "newsetl.stop").exists)
        held.release()
        assert served.ended() == 0, served.output
        # Of sixty articles.
        assert count_article_requests(replica) - asked < 8
        assert served.output.rstrip().endswith("stopped")
        # On a slow machine several runs were due at once, of which all but one are skipped.
        (name, state), *_ = [run for run in served.runs() if run[1] != "Skipped"]
        assert (state, bool(re.fullmatch(r"ingest stdaily \d{4}-\d\d-\d\d", name))) == ("Stopped", True)
    ((state, error, had),) = replica_runs.rows(
        tmp_path, "SELECT state, error, (SELECT count(*) FROM articles) > 3 FROM runs"
    )
    assert (state, had) == ("failed", True)
    assert re.fullmatch(r"stopped after \d+ pages", error)
    told = status(tmp_path)
    assert (told.returncode, "does not answer" in told.stderr) == (2, True)
    # The database of a newer Prefect.
    with closing(sqlite3.connect(tmp_path / "prefect" / "prefect.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    code, output, errors = replica_runs.ended(
        "serve", "--port", 0, "--base-url", replica.base_url, "--data", tmp_path
    )
    assert (code, errors.count("\n")) == (2, 1), errors
    assert "prefect.db: created by a newer Prefect (Can't locate revision" in errors
