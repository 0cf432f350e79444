"""The archive read anew: by one process and two in turns, by threads, by a Dask cluster of two; some die.

Each way starts from the same warehouse, in which an earlier parser found no credits, and has to end with
the same rows. Pages a second are those of reading; one writer loads what was read. Then what archive and
warehouse need on disk for an article, beside its HTML. A number as argument is how many pages; 4,000 without.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple
from uuid import uuid5

from benchmarks.results import show
from newsetl import sources
from newsetl.archive import run_log
from newsetl.archive.writer import ArchiveWriter
from newsetl.authoring.examples import build_capture
from newsetl.db import compare
from newsetl.db.connection import open_connection
from newsetl.model import NAMESPACE, Window
from newsetl.pipeline import rebuild, recover, reparse, runners
from newsetl.replica import MockSite, article_pages
from newsetl.runtime.data_folder import DataFolder

PAGES, ROUNDS, RUNS = 4_000, 3, 10
START = datetime(2026, 1, 1, tzinfo=UTC)
HOME = "https://www.stdaily.com"
IN_TURNS = {"one process": ("1", "processes"), "two processes": ("2", "processes")}
ONCE = {
    "two threads": ("2", "threads"),
    "two processes, one killed": ("2", "processes", "kill"),
    "Prefect, Dask of two": ("2", "dask"),
    "Prefect, Dask of two, one killed": ("2", "dask", "kill"),
}


class Took(NamedTuple):
    """Seconds that a method took."""

    pages: int
    read: float
    load: float
    processors: float


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def fill(folder: Path, count: int) -> None:
    """Create an archive of mock-site pages in ten runs, and the warehouse of an earlier parser."""
    channel = MockSite(articles=count, since=date(2023, 3, 1), until=date(2025, 1, 28), rejected=0)
    source, stories = sources.load("stdaily"), channel.listed_articles
    for run in range(RUNS):
        started = START + timedelta(days=run)
        name = uuid5(NAMESPACE, f"run {run}")
        start = run_log.build_run_start(source, name, kind="ingest", window=Window(), started_at=started)
        about = run_log.build_note(start)
        with ArchiveWriter(
            folder / "archive", started_at=started, software="newsetl", first_note=about
        ) as archive:
            for number in range(run * count // RUNS, (run + 1) * count // RUNS):
                story = stories[number]
                url = HOME + story.paths[0]
                top = stories[max(0, number - 5) : number]
                body = article_pages.render_article(
                    story, story.paths[0], HOME, top, number, channel.unlisted_articles
                ).encode()
                capture = replace(
                    build_capture(source, body, url),
                    capture_id=uuid5(NAMESPACE, url),
                    fetched_at=started + timedelta(seconds=number),
                    headers=(("Content-Type", "text/html; charset=utf-8"),),
                    charset="utf-8",
                )
                archive.store(capture)
    worse = replace(
        source, parse=replace(source.parse, editor_labels=(), author_labels=(), by_labels=(), photo_labels=())
    )
    with runners.open_local_runner(2) as runner:
        rebuild.rebuild(DataFolder(folder), clock=now, declared=[worse], runner=runner)


@contextmanager
def killing(*, is_wanted: bool) -> Iterator[list[int]]:
    """Kills one worker while it reads the archive, if that is wanted; which one."""
    killed: list[int] = []
    is_over = threading.Event()

    def kill() -> None:
        import psutil  # noqa: PLC0415  # comes with Dask

        while not killed and not is_over.wait(0.002):
            for child in psutil.Process().children(recursive=True):
                try:
                    if ".warc.gz" in Path(f"/proc/{child.pid}/maps").read_text():
                        child.kill()
                        killed.append(child.pid)
                        break
                except (OSError, psutil.Error):
                    continue

    thread = threading.Thread(target=kill, daemon=True)
    if is_wanted:
        thread.start()
    yield killed
    is_over.set()
    assert bool(killed) == is_wanted


def local(folder: Path, workers: int, kind: str, *, is_killed: bool) -> Took:
    """Reparse on this machine."""
    source, data = sources.load("stdaily"), DataFolder(folder)
    begun = time.monotonic()
    with recover.open_warehouse(data, clock=now) as warehouse:
        with runners.open_local_runner(workers, kind) as runner, killing(is_wanted=is_killed):
            made = reparse.find_changes(source, warehouse, data.archive, runner=runner)
        read = time.monotonic() - begun
        reparse.load_changes(made, source, warehouse, data.archive, clock=now)
    loaded = time.monotonic() - begun - read
    assert not made.failed
    assert len(made.pages_to_load) > 0.9 * made.pages > 0
    spent = sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    return Took(made.pages, read, loaded, spent)


def by_flow(folder: Path, workers: int, *, is_killed: bool) -> Took:
    """Reparse by the flow, on a Prefect server that is there already; the cluster's start is counted."""
    os.environ |= {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_LOGGING_LEVEL": "ERROR"}
    os.environ |= {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415  # reads its settings then

    with prefect_test_harness(server_startup_timeout=180):
        from newsetl.flows.reparse import reparse as flow  # noqa: PLC0415

        begun = time.monotonic()
        with killing(is_wanted=is_killed):
            (made,) = flow(data=folder, runner="dask", workers=workers)
        seconds = time.monotonic() - begun
    return Took(made.pages, seconds, 0, 0)


def sizes(folder: Path, count: int) -> None:
    """Bytes an article, on disk."""
    with open_connection(folder / "work.duckdb", is_read_only=True) as connection:
        ((html, articles),) = connection.execute(
            "SELECT (SELECT sum(bytes) FROM captures), (SELECT count(*) FROM articles)"
        ).fetchall()
    assert articles == count
    show("HTML, as the site sends it", f"{html / count:,.0f} bytes an article")
    for what, files in (
        ("archive, as WARC.gz", [*(folder / "archive").rglob("*")]),
        ("warehouse, with its search index", [folder / "work.duckdb"]),
    ):
        size = sum(file.stat().st_size for file in files if file.is_file())
        show(what, f"{size / count:,.0f} bytes an article", beside=f"{size / html:.2f} of the HTML")


def main(count: int = PAGES) -> None:
    """Yield one row per method."""
    contents, took = [], defaultdict[str, list[Took]](list)
    with tempfile.TemporaryDirectory() as name:
        base = Path(name) / "base"
        fill(base, count)
        for method, arguments in [*list(IN_TURNS.items()) * ROUNDS, *ONCE.items()]:
            folder = Path(name) / "method"
            folder.mkdir()
            shutil.copy(base / "work.duckdb", folder)
            (folder / "archive").symlink_to(base / "archive")
            command = [sys.executable, "-m", "benchmarks.replay", "method", folder, *arguments]
            ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            took[method].append(Took(*json.loads(ran.stdout.splitlines()[-1])))
            with open_connection(folder / "work.duckdb", is_read_only=True) as connection:
                contents.append(compare.compute_rebuilt_digests(connection))
            shutil.rmtree(folder)
        middles = {
            method: sorted(goes, key=lambda each: each.read)[len(goes) // 2] for method, goes in took.items()
        }
        for method, middle in middles.items():
            ratio = middles["one process"].read / middle.read
            is_goal = method == "two processes"
            loading = (
                f", {middle.load:.1f} s to load, {middle.processors:.0f} s of CPU" if middle.load else ""
            )
            show(
                f"{count:,} pages read anew, {method}",
                f"{middle.pages / middle.read:,.0f} pages/s; {middle.read:.1f} s{loading}",
                beside=f"{ratio:.2f} of one process",
                goal="at least 1.8" if is_goal else "",
                met=ratio >= 1.8 if is_goal else None,
            )
        different = {table for other in contents[1:] for table in compare.compare_digests(contents[0], other)}
        show(f"tables that differ between these {len(contents)}", ", ".join(different) or "none")
        sizes(base, count)
    assert not different


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["method", folder, workers, kind, *killed]:
            method = by_flow if kind == "dask" else partial(local, kind=kind)
            took = method(Path(folder), workers=int(workers), is_killed=bool(killed))
            sys.stdout.write(f"{json.dumps(took)}\n")
        case [count]:
            main(int(count))
        case _:
            main()
