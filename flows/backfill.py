"""Past dates of one source, day by day; what is complete is skipped, so it can be run again at any time.

Annotations are evaluated here: a worker makes the form of the parameters from them.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from newsetl import backfill as past
from newsetl import recover, sources
from newsetl.errors import NewsetlError
from newsetl.folder import DataFolder
from newsetl.model import Way, Window
from newsetl.show import backfill_line


@task(task_run_name="backfill {name} {since}", cache_policy=NO_CACHE, persist_result=False)
def backfill_source(
    name: str,
    since: date,
    until: date | None,
    ways: list[Way] | None,
    is_again: bool,
    is_retry: bool,
    is_oldest_first: bool,
    folder: DataFolder,
    contact: str | None,
    at: str | None,
) -> past.Backfilled:
    """Fill the days of one source. Raises NewsetlError if it did not get through."""
    source = sources.load(name)
    if at:
        source = source.at(at)
    log = get_run_logger()
    told = datetime.now(UTC)

    def tell(done: past.Backfilled) -> None:
        nonlocal told
        if (datetime.now(UTC) - told).total_seconds() >= 30:
            told = datetime.now(UTC)
            log.info("%d of %d days, %d new articles", done.days_done, done.days_due, done.new)

    with recover.opened(folder, clock=lambda: datetime.now(UTC)) as warehouse:
        done = past.backfill(
            source,
            warehouse,
            folder.archive,
            clock=lambda: datetime.now(UTC),
            window=Window(since, until),
            ways=ways,
            contact=contact,
            is_again=is_again,
            is_retry=is_retry,
            is_oldest_first=is_oldest_first,
            on_progress=tell,
        )
    log.info(backfill_line(done))
    if done.error:
        raise NewsetlError(f"{name}: {done.error}")
    return done


@flow(name="backfill", persist_result=False)
def backfill(
    source_name: str,
    since: date,
    until: date | None = None,
    ways: list[Way] | None = None,
    is_again: bool = False,
    is_retry: bool = False,
    is_oldest_first: bool = False,
    data: Path = Path("data"),
    contact: str | None = None,
    at: str | None = None,
) -> past.Backfilled:
    """Fill the days of one source that are not complete.

    since, until: days in the source's timezone, both included. ways: how to find the past, by default
    every way that the source declares. is_again: complete days too. is_retry: only days that failed or
    lack something. contact, at: as for ingest.
    """
    return backfill_source(
        source_name,
        since,
        until,
        ways,
        is_again,
        is_retry,
        is_oldest_first,
        DataFolder(data),
        contact,
        at,
    )
