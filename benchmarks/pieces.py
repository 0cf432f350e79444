"""Reparse of 10,000 archived pages by one process, two, threads, and a Dask cluster of two; some of them die.

Each way starts from the same warehouse, in which an earlier parser found no credits, and has to end with the
same rows. A number as argument is how many pages.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid5

from newsetl import compare, journal, rebuild, recover, reparse, runners, schema, sources
from newsetl.archive import Archive
from newsetl.folder import DataFolder
from newsetl.identity import NAMESPACE
from newsetl.model import Capture, Window
from newsetl.replica import Channel, pages

PAGES = 10_000
RUNS = 10
START = datetime(2026, 1, 1, tzinfo=UTC)
HOME = "https://www.stdaily.com"
WAYS = {
    "one process": ("1", "processes"),
    "two threads": ("2", "threads"),
    "two processes": ("2", "processes"),
    "two processes, one killed": ("2", "processes", "kill"),
    "Prefect, Dask of two": ("2", "dask"),
    "Prefect, Dask of two, one killed": ("2", "dask", "kill"),
}


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def fill(folder: Path, count: int) -> None:
    """An archive of so many pages of the replica's, in ten runs; and the warehouse of an earlier parser."""
    channel = Channel(articles=count, since=date(2023, 3, 1), until=date(2025, 1, 28), refused=0)
    source, stories = sources.load("stdaily"), channel.stories
    for run in range(RUNS):
        started = START + timedelta(days=run)
        name = uuid5(NAMESPACE, f"run {run}")
        start = journal.start_of(source, name, kind="ingest", window=Window(), started_at=started)
        about = journal.note_of(start)
        with Archive(folder / "archive", started_at=started, software="newsetl", about=about) as archive:
            for number in range(run * count // RUNS, (run + 1) * count // RUNS):
                story = stories[number]
                url = HOME + story.paths[0]
                top = stories[max(0, number - 5) : number]
                body = pages.article(story, story.paths[0], HOME, top, number, channel.attic).encode()
                headers = (("Content-Type", "text/html; charset=utf-8"),)
                at = started + timedelta(seconds=number)
                archive.store(
                    Capture(
                        uuid5(NAMESPACE, url),
                        source.slug,
                        "article",
                        url,
                        url,
                        at,
                        200,
                        headers,
                        "utf-8",
                        body,
                        body,
                    )
                )
    worse = replace(
        source, read=replace(source.read, editor_labels=(), author_labels=(), by_labels=(), photo_labels=())
    )
    with runners.local(2) as runner:
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


def local(folder: Path, workers: int, kind: str, *, is_killed: bool) -> str:
    """Reparse on this machine: seconds of reading and of loading."""
    source, data = sources.load("stdaily"), DataFolder(folder)
    begun = time.monotonic()
    with recover.opened(data, clock=now) as warehouse:
        with runners.local(workers, kind) as runner, killing(is_wanted=is_killed):
            made = reparse.changes(source, warehouse, data.archive, runner=runner)
        read = time.monotonic() - begun
        reparse.apply(made, source, warehouse, data.archive, clock=now)
    loaded = time.monotonic() - begun - read
    assert not made.failed
    assert len(made.due) > 0.9 * made.pages > 0
    spent = sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    return (
        f"{made.pages / read:,.0f} pages/s: {read:.1f} s to read, {loaded:.1f} s to load, "
        f"{spent:.0f} s of processors"
    )


def by_flow(folder: Path, workers: int, *, is_killed: bool) -> str:
    """Reparse by the flow, on a Prefect server of its own that is there already."""
    os.environ |= {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_LOGGING_LEVEL": "ERROR"}
    os.environ |= {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415  # reads its settings then

    with prefect_test_harness(server_startup_timeout=180):
        from newsetl.flows.reparse import reparse as flow  # noqa: PLC0415

        begun = time.monotonic()
        with killing(is_wanted=is_killed):
            (made,) = flow(data=folder, runner="dask", workers=workers)
        seconds = time.monotonic() - begun
    return f"{made.pages / seconds:,.0f} pages/s: {seconds:.1f} s to start the cluster, read and load"


def main(count: int) -> None:
    """One line a way."""
    found: dict[str, dict[str, tuple[int, str]]] = {}
    with tempfile.TemporaryDirectory() as name:
        base = Path(name) / "base"
        fill(base, count)
        for way, arguments in WAYS.items():
            folder = Path(name) / "way"
            folder.mkdir()
            shutil.copy(base / "work.duckdb", folder)
            (folder / "archive").symlink_to(base / "archive")
            ran = subprocess.run(
                [sys.executable, "-m", "benchmarks.pieces", "way", folder, *arguments],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            sys.stdout.write(f"{count:,} pages read anew, {way}\t{ran.stdout.strip().splitlines()[-1]}\n")
            sys.stdout.flush()
            with schema.opened(folder / "work.duckdb", is_read_only=True) as connection:
                found[way] = compare.rebuilt_contents(connection)
            shutil.rmtree(folder)
    first, *others = found.values()
    different = {table for other in others for table in compare.differences(first, other)}
    sys.stdout.write(f"tables that differ between these {len(found)}\t{', '.join(different) or 'none'}\n")
    assert not different


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["way", folder, workers, "dask", *killed]:
            sys.stdout.write(by_flow(Path(folder), int(workers), is_killed=bool(killed)) + "\n")
        case ["way", folder, workers, kind, *killed]:
            sys.stdout.write(local(Path(folder), int(workers), kind, is_killed=bool(killed)) + "\n")
        case [count]:
            main(int(count))
        case _:
            main(PAGES)
