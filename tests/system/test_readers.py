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
from uuid import uuid5

import pytest

from newsetl.model import NAMESPACE, Capture, Reject, Window
from newsetl.pipeline import backfill, batch_size, parse_pool, shard_entries
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
    """Workers get three pages at a time, and loads begin while they parse."""
    monkeypatch.setattr(parse_pool, "CHUNK_PAGES", 3)
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

    summary = ingest(tmp_path, source_of(channel), workers=2, on_progress=look)
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
        workers=2,
        on_progress=lambda done: fetched.append(done.fetched),
        should_stop=lambda: len(fetched) == 30,
    )
    assert (summary.state, summary.error) == ("failed", "stopped after 30 pages")
    assert summary.new + summary.duplicate_urls + summary.rejected.total() == 30
    assert not active_children()


@pytest.mark.parametrize(("workers", "pages"), [(1, 1), (2, 60)])
def test_a_run_with_one_worker_or_no_more_pages_than_a_batch_starts_no_process(
    monkeypatch: pytest.MonkeyPatch, channel: Failing, tmp_path: Path, workers: int, pages: int
) -> None:
    monkeypatch.setattr(parse_pool, "CHUNK_PAGES", pages)
    seen: list[Any] = []
    summary = ingest(
        tmp_path,
        source_of(channel),
        workers=workers,
        on_progress=lambda _: seen.extend(active_children()),
    )
    assert summary.articles > 40
    assert not seen


def _nothing(captures: tuple[Capture, ...]) -> tuple[Reject, ...]:
    return tuple(shard_entries.build_skipped_reject(each) for each in captures)


def test_a_process_is_started_for_the_page_after_the_first_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parse_pool, "CHUNK_PAGES", 3)
    pages = [
        Capture(uuid5(NAMESPACE, str(n)), "x", "article", "", "", replica_runs.now(), 200, (), "", b"", b"")
        for n in range(4)
    ]
    with parse_pool.ParsePool(_nothing, workers=2) as pool:
        for page in pages[:3]:
            pool.submit(page)
        assert not active_children()
        pool.submit(pages[3])
        outcomes = [outcome.capture_id for outcome in pool.collect(max_pending=1)]
        assert len(active_children()) == 1
        outcomes += [outcome.capture_id for outcome in pool.collect(max_pending=0)]
    assert outcomes == [page.capture_id for page in pages]
    assert not active_children()


@pytest.mark.usefixtures("hasty")
def test_a_backfill_with_workers_gives_the_rows_that_it_gives_alone(channel: Failing, tmp_path: Path) -> None:
    made, seen, days = [], set[int | None](), channel.site
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        with replica_runs.opened(folder, source_of(channel)) as warehouse:
            done = backfill.backfill(
                source_of(channel),
                warehouse,
                folder / "archive",
                clock=replica_runs.now,
                window=Window(days.since, days.until),
                workers=workers,
                on_progress=lambda _: seen.update(child.pid for child in active_children()),
            )
        assert bool(seen) == (workers == 2)
        made.append((*told(done), done.articles, done.days_done, contents(folder)))
    assert made[0] == made[1]
    assert made[0][-3] > 40


def test_a_script_that_asks_workers_is_not_run_again_in_them(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from newsetl.runtime.process_pool import ProcessPool\nprint('begun')\npool = ProcessPool(len)\n"
        "print(pool.run('four'))\npool.shut_down()\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.split() == ["begun", "4"]


def test_what_a_worker_imports_is_what_reads() -> None:
    script = (
        "import sys, newsetl.runtime.process_pool, newsetl.pipeline.parse_page; "
        "print([name for name in ('duckdb', 'httpx', 'prefect', 'pyarrow', 'warcio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
