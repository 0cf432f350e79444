"""Rows of runs in the warehouse, written from the records of a run log."""

from __future__ import annotations

from newsetl.archive.run_log import RunEnd, RunStart
from newsetl.db.writer import Warehouse


def insert_run(warehouse: Warehouse, start: RunStart) -> None:
    """Insert the run's row."""
    warehouse.start_run(
        start.source,
        kind=start.kind,
        window=start.window,
        started_at=start.started_at,
        run_id=start.run_id,
        is_incremental=start.is_incremental,
    )


def finish_run(warehouse: Warehouse, start: RunStart, end: RunEnd) -> None:
    """Update the run's row with its end."""
    warehouse.finish_run(
        start.run_id,
        ended_at=end.ended_at,
        state=end.state,
        discovered=end.discovered,
        already_loaded=end.already_loaded,
        failed_listings=end.failed_listings,
        error=end.error,
    )
