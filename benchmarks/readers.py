"""Readers and a run at once: two processes query in a loop while 5,000 articles are ingested.

The replica stands in another process. The same run is made twice without readers before, once publishing as
newsetl does and once not at all; then at a warehouse of about 1 GB, what publishing costs.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.load import START, load
from benchmarks.memory import served
from benchmarks.results import show
from newsetl import sources
from newsetl.db import publish
from newsetl.db.writer import Warehouse
from newsetl.model import Window
from newsetl.pipeline import ingest as ingest_
from newsetl.query.reader import run_query
from newsetl.runtime.data_folder import DataFolder

ARTICLES, READERS = 5_000, 2
LARGE = 1_000_000_000
QUERY = "SELECT section, count(*), avg(words) FROM articles_flat GROUP BY ALL"


def ingest(base: str, folder: DataFolder, *, is_published: bool) -> float:
    """Seconds that the run takes."""
    with Warehouse(folder.warehouse, published=folder.published if is_published else None) as warehouse:
        started = time.monotonic()
        done = ingest_.ingest(
            sources.load("stdaily").with_base_url(base),
            warehouse,
            folder.archive,
            clock=lambda: datetime.now(UTC),
        )
        seconds = time.monotonic() - started
    assert done.new == ARTICLES, done
    return seconds


def read(path: Path, over: Path) -> None:
    """Asks until `over` is there, opening the file each time; prints what came of it."""
    while not path.exists():
        time.sleep(0.01)
    seconds, failed = [], []
    while not over.exists():
        started = time.monotonic()
        try:
            _ = run_query(path, QUERY).rows
        except Exception as error:
            failed.append(str(error))
        seconds.append(time.monotonic() - started)
    sys.stdout.write(json.dumps({"seconds": seconds, "failed": failed}))


def together(base: str, folder: DataFolder) -> tuple[float, list[float], list[str]]:
    """Seconds of a run that is read meanwhile, seconds of each read, and what failed."""
    over = folder.path / "over"
    command = [sys.executable, "-m", "benchmarks.readers", "read", str(folder.published), str(over)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    try:
        seconds = ingest(base, folder, is_published=True)
    finally:
        over.touch()
    found = [json.loads(reader.communicate()[0]) for reader in readers]
    return (
        seconds,
        [second for each in found for second in each["seconds"]],
        [failure for each in found for failure in each["failed"]],
    )


def large(folder: DataFolder) -> None:
    """Measure the cost of publishing a warehouse of 1 GB."""
    with Warehouse(folder.warehouse, published=folder.published) as warehouse:
        warehouse.register_source(sources.load("stdaily"))
        run_id = warehouse.start_run("stdaily", kind="ingest", window=Window(), started_at=START)
        first = 0
        while folder.warehouse.stat().st_size < LARGE:
            load(warehouse, run_id, first, 20_000)
            first += 20_000
            warehouse.connection.execute("CHECKPOINT")
        costs, checkpoints = [], []
        for _ in range(3):
            load(warehouse, run_id, first, 200)
            first += 200
            started = time.monotonic()
            warehouse.connection.execute("CHECKPOINT")
            checkpoints.append(time.monotonic() - started)
            started = time.monotonic()
            warehouse.publish(run_id=run_id)
            costs.append(time.monotonic() - started)
        assert warehouse.publisher
        how = (
            "shared blocks (reflink)"
            if warehouse.publisher.has_shared_blocks
            else "every byte copied, no reflink"
        )
        size = folder.warehouse.stat().st_size
    cost, checkpoint = statistics.median(costs), statistics.median(checkpoints)
    show(f"publishing {size / 1e9:.2f} GB ({first:,} articles), {how}", f"{cost:.2f} s")
    show("before it, the checkpoint after 200 more articles", f"{checkpoint:.2f} s")
    rest = max(publish.MIN_INTERVAL_SECONDS, publish.INTERVAL_FACTOR * (cost + checkpoint))
    show("so in the middle of a run it is published at most every", f"{rest:.0f} s")


def main() -> None:
    """Prints one figure a line."""
    with tempfile.TemporaryDirectory() as name, served(ARTICLES) as base:
        folders = [DataFolder(Path(name) / kind) for kind in ("alone", "publishing", "read", "large")]
        for folder in folders:
            folder.path.mkdir()
        alone = ingest(base, folders[0], is_published=False)
        publishing = ingest(base, folders[1], is_published=True)
        read_, reads, failed = together(base, folders[2])
        show(f"a run of {ARTICLES:,} articles that publishes nothing", f"{alone:.1f} s")
        show("the same, published as it goes", f"{publishing:.1f} s, {publishing / alone - 1:+.1%}")
        show(
            f"the same, read by {READERS} processes all the time", f"{read_:.1f} s, {read_ / alone - 1:+.1%}"
        )
        show("reads", f"{len(reads):,}")
        show("of these failed", f"{len(failed)}{': ' + failed[0] if failed else ''}")
        show("a read, median and longest", f"{statistics.median(reads):.3f} s, {max(reads):.2f} s")
        large(folders[3])


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        read(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
