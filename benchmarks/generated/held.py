"""Warehouses of any size, to be measured: loaded as runs load, made of copies where that takes too long."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from benchmarks.generated import DAILY, SOURCE, Past
from benchmarks.generated.copies import tenfold
from newsetl import sources
from newsetl.db import search_index
from newsetl.db.writer import Warehouse
from newsetl.model import Batch, Window
from newsetl.normalise import people

BATCH = 2_000
# What is loaded by newsetl itself; what is larger is ten times as large as what is there.
LOADED = 10_000


def started(warehouse: Warehouse, batch: Batch) -> UUID:
    """Build a run that parsed the batch."""
    return warehouse.start_run(
        SOURCE, kind="ingest", window=Window(), started_at=batch.captures[0].fetched_at, is_incremental=True
    )


def loaded(warehouse: Warehouse, batch: Batch) -> None:
    """Load the batch by a run of its own, and finish the run."""
    run_id = started(warehouse, batch)
    warehouse.load(batch, run_id=run_id)
    ended_at = batch.captures[0].fetched_at + timedelta(hours=1)
    found = len(batch.articles)
    warehouse.finish_run(run_id, ended_at=ended_at, state="completed", discovered=found, already_loaded=0)


def filled(folder: Path, sizes: Iterable[int]) -> Iterator[tuple[int, Path, float]]:
    """Size, a warehouse of that size that may be changed, and seconds in which it was made larger.

    Sizes are in order; over LOADED each is ten times the one before.
    """
    path, done, level = folder / "growing.duckdb", 0, 0
    for size in sizes:
        begun = time.perf_counter()
        with Warehouse(path) as warehouse:
            warehouse.register_source(sources.load(SOURCE))
            if size <= LOADED:
                for batch in Past().batches(done, size - done, size=BATCH):
                    loaded(warehouse, batch)
                warehouse.update_search_and_duplicates()
            else:
                assert size == 10 * done, (size, done)
                tenfold(warehouse.connection, level=level, days=done // DAILY)
                # The copies' segments too; of so many loads none would be left to be brought together.
                while search_index.merge_segments(warehouse.connection):
                    pass
                level += 1
            warehouse.rebuild_coverage(SOURCE)
            warehouse.rebuild_people(SOURCE, people.match_people)
        seconds, done = time.perf_counter() - begun, size
        measured = folder / "measured.duckdb"
        shutil.copy(path, measured)
        yield size, measured, seconds
        measured.unlink()
