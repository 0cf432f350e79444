"""Data directories with small runs in them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from newsetl import sources
from newsetl.model import Window
from newsetl.normalise import people
from newsetl.pipeline import recover
from newsetl.query import reader
from newsetl.runtime.data_folder import DataFolder
from tests.support import replica_runs
from tests.support.factories import batch, page, web


def load_run(folder: DataFolder, *numbers: int) -> UUID:
    """Load articles with these numbers in a run of its own, and publish them."""
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        warehouse.register_source(sources.load("stdaily"))
        run_id = warehouse.start_run("stdaily", kind="ingest", window=Window(), started_at=replica_runs.now())
        pages = [page(number, web(number), title=f"Number {number}") for number in numbers]
        warehouse.load(batch(*pages), run_id=run_id)
        warehouse.finish_run(
            run_id, ended_at=replica_runs.now(), state="completed", discovered=len(pages), already_loaded=0
        )
        warehouse.refresh_derived("stdaily", people.match_people)
    return run_id


def count(path: Path) -> int:
    """Return how many articles the warehouse has."""
    ((found,),) = reader.run_query(path, "SELECT count(*) FROM articles").rows
    return int(found)
