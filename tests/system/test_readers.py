"""Pages read beside the run: the warehouse is the one of a run that reads them itself, whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from newsetl.pipeline import batch_size, parse_pool
from newsetl.pipeline.summary import RunSummary
from tests.support import replica_runs
from tests.support.replica_runs import Failing, contents, ingest, rows, source_of


@pytest.fixture(scope="module")
def channel() -> Iterator[Failing]:
    with replica_runs.served(60) as replica:
        # What is refused by the network stands between what is read.
        replica.broken = frozenset(story.paths[0] for story in replica.site.listed_articles[5:60:9])
        yield replica


@pytest.fixture(scope="module")
def alone(channel: Failing, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunSummary]:
    folder = tmp_path_factory.mktemp("alone")
    return folder, ingest(folder, source_of(channel))


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers after five pages, and batches that end while they read."""
    monkeypatch.setattr(parse_pool, "MIN_PAGES", 5)
    monkeypatch.setattr(parse_pool, "MIN_PARSE_SHARE", 0.0)
    monkeypatch.setattr(parse_pool, "CHUNK_PAGES", 3)
    monkeypatch.setattr(parse_pool, "count_cores", lambda: 3)
    monkeypatch.setattr(batch_size, "BATCH_PAGES", 12)


def told(summary: RunSummary) -> tuple[Any, ...]:
    counts = (summary.discovered, summary.new, summary.changed, summary.fetched, summary.duplicate_urls)
    return (summary.state, *counts, summary.blocked, summary.rejected)


@pytest.mark.parametrize("is_deadly", [False, True])
@pytest.mark.usefixtures("hasty")
def test_workers_give_the_rows_that_a_run_gives_alone(
    channel: Failing, alone: tuple[Path, RunSummary], tmp_path: Path, is_deadly: bool
) -> None:
    seen = set[int]()

    def look(_: RunSummary) -> None:
        pids = {child.pid for child in active_children() if child.pid}
        if is_deadly and pids - seen and len(seen) < 3:
            for pid in pids - seen:
                os.kill(pid, signal.SIGKILL)
        seen.update(pids)

    summary = ingest(tmp_path, source_of(channel), on_progress=look)
    assert len(seen) >= (3 if is_deadly else 1)
    assert not [child for child in active_children() if child.pid in seen]
    assert told(summary) == told(alone[1])
    assert contents(tmp_path) == contents(alone[0])
    # Each with its own page, in the order of the visits.
    order = 'SELECT articles.url FROM captures JOIN articles USING (capture_id) ORDER BY file, "offset"'
    assert rows(tmp_path, order) == rows(alone[0], order)
    # One of each attempt, though what is being read goes with the next batch.
    requests = "SELECT count(*), count(DISTINCT capture_id) FROM requests WHERE kind = 'article'"
    assert rows(tmp_path, requests) == rows(alone[0], requests)


@pytest.mark.usefixtures("hasty")
def test_a_run_that_is_stopped_waits_for_its_workers(channel: Failing, tmp_path: Path) -> None:
    fetched: list[int] = []
    summary = ingest(
        tmp_path,
        source_of(channel),
        on_progress=lambda done: fetched.append(done.fetched),
        should_stop=lambda: len(fetched) == 30,
    )
    assert (summary.state, summary.error) == ("failed", "stopped after 30 pages")
    assert summary.new + summary.duplicate_urls + summary.rejected.total() == 30
    assert not active_children()


def test_a_run_that_does_not_wait_for_its_reader_starts_no_worker(
    monkeypatch: pytest.MonkeyPatch, channel: Failing, tmp_path: Path
) -> None:
    monkeypatch.setattr(parse_pool, "MIN_PAGES", 5)
    monkeypatch.setattr(parse_pool, "count_cores", lambda: 2)
    monkeypatch.setattr(parse_pool, "MIN_PARSE_SHARE", 1.1)
    seen: list[Any] = []
    ingest(tmp_path, source_of(channel), on_progress=lambda _: seen.extend(active_children()))
    assert not seen


def test_a_script_that_asks_workers_is_not_run_again_in_them(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from newsetl.crew import ProcessPool\nprint('begun')\ncrew = ProcessPool(len)\n"
        "print(crew.run('four'))\ncrew.shut_down()\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.split() == ["begun", "4"]


def test_what_a_worker_imports_is_what_reads() -> None:
    script = (
        "import sys, newsetl.crew, newsetl.reading; "
        "print([name for name in ('duckdb', 'httpx', 'prefect', 'pyarrow', 'warcio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
