"""What the channels published lately: one task a source, one load a batch.

Annotations are evaluated here: a worker makes the form of the parameters from them.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait

from newsetl import pipeline, recover, sources
from newsetl.errors import ConfigError, NewsetlError
from newsetl.folder import DataFolder
from newsetl.load import Warehouse
from newsetl.model import Window
from newsetl.show import outcome_line


@task(task_run_name="ingest {name}", cache_policy=NO_CACHE, persist_result=False)
def ingest_source(
    name: str, warehouse: Warehouse, folder: DataFolder, window: Window, contact: str | None, at: str | None
) -> pipeline.Summary:
    """Ingest one source. Raises NewsetlError if it failed, which leaves the others alone."""
    source = sources.load(name)
    if at:
        source = source.at(at)
    summary = pipeline.ingest(
        source,
        warehouse,
        folder.archive,
        clock=lambda: datetime.now(UTC),
        contact=contact,
        window=window,
    )
    log = get_run_logger()
    log.info(outcome_line(summary))
    if summary.error:
        raise NewsetlError(f"{name}: {summary.error}")
    return summary


@flow(name="ingest", persist_result=False)
def ingest(
    source_names: list[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    data: Path = Path("data"),
    contact: str | None = None,
    at: str | None = None,
) -> list[pipeline.Summary]:
    """Ingest the sources named, or all, into the warehouse in the folder `data`.

    since, until: days in each source's timezone, both included. contact: a mail address or page where a
    site can reach you. at: another address that serves the sources, such as a replica.
    Ends as failed, naming the sources that failed, after the others are loaded.
    """
    if since and until and since > until:
        raise ConfigError(f"since {since} is after until {until}; exchange them")
    folder, names = DataFolder(data), list(dict.fromkeys(source_names or sources.names()))
    window = Window(since, until)
    with recover.opened(folder, clock=lambda: datetime.now(UTC)) as warehouse:
        futures = [ingest_source.submit(name, warehouse, folder, window, contact, at) for name in names]
        wait(futures)
    results = [future.result(raise_on_failure=False) for future in futures]
    failures = [
        f"{name}: {str(result).removeprefix(f'{name}: ')}"
        for name, result in zip(names, results, strict=True)
        if isinstance(result, BaseException)
    ]
    if failures:
        raise NewsetlError(f"{len(failures)} of {len(results)} sources failed: {'; '.join(failures)}")
    return results
