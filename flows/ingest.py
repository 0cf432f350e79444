"""What the channels published lately: one task a source, one load a batch.

Annotations are evaluated here: a worker makes the form of the parameters from them.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import wait

from newsetl import sources
from newsetl.db import checks
from newsetl.db.writer import Warehouse
from newsetl.errors import ConfigError, NewsetlError
from newsetl.model import Window
from newsetl.pipeline import ingest as ingest_
from newsetl.pipeline.summaries import outcome_line
from newsetl.pipeline.summary import Summary
from newsetl.runtime.data_folder import DataFolder

from . import reporting
from .reporting import SourceName


@task(task_run_name="ingest {name}", cache_policy=NO_CACHE, persist_result=False)
def ingest_source(
    name: str,
    warehouse: Warehouse,
    folder: DataFolder,
    window: Window,
    contact: str | None,
    base_url: str | None,
    should_stop: Callable[[], bool],
) -> State[Summary]:
    """Ingest one source; if it fails, the others go on."""
    source = sources.load(name)
    if base_url:
        source = source.at(base_url)
    progress = reporting.Progress(f"ingest-{name}", name)

    def tell(done: Summary) -> None:
        progress(
            (done.fetched + done.already_loaded) / max(done.discovered, 1),
            f"{done.fetched} pages fetched, {done.discovered} found, {done.already_loaded} known, "
            f"{done.rejected.total()} refused",
        )

    summary = ingest_.ingest(
        source,
        warehouse,
        folder.archive,
        clock=reporting.now,
        contact=contact,
        window=window,
        on_progress=tell,
        should_stop=should_stop,
    )
    doubts = [_doubt(summary)] if summary.state == "degraded" else []
    return reporting.task_ended(summary, outcome_line(summary), doubts, progress)


def _name() -> str:
    names = reporting.parameter("source_names") or ["all"]
    zone = sources.load(names[0]).timezone if names[0] in sources.known() else None
    return f"ingest {' '.join(names)} {reporting.day(zone)}"


@flow(name="ingest", flow_run_name=_name, persist_result=False)
@reporting.unretried
def ingest(
    source_names: list[SourceName] | None = None,
    since: date | None = None,
    until: date | None = None,
    data: Path = Path("data"),
    contact: str | None = None,
    base_url: str | None = None,
    max_hours: float | None = 6,
) -> list[Summary]:
    """Ingest what the sources have published and the warehouse lacks.

    Ends as Degraded, saying why, if a source failed and others are loaded, or if what was read lacks
    fields that articles used to have; as Failed if no source could be loaded.

    Args:
        source_names: The sources; all of them if none is named.
        since: The first day, in each source's timezone. Without any days it is the daily run.
        until: The last day, included.
        data: The folder with news.duckdb and archive/.
        contact: A mail address or page where a site can reach you.
        base_url: Another URL that serves the sources, such as a replica.
        max_hours: After so many hours it stops, with what was fetched loaded.
    """
    if since and until and since > until:
        raise ConfigError(f"since {since} is after until {until}; exchange them")
    folder, names = DataFolder(data), list(dict.fromkeys(source_names or sources.names()))
    window = Window(since, until)
    with reporting.ending(max_hours) as should_stop:
        with reporting.opened(folder) as warehouse:
            futures = [
                ingest_source.submit(name, warehouse, folder, window, contact, base_url, should_stop)
                for name in names
            ]
            wait(futures)
        results = dict(zip(names, (future.result(raise_on_failure=False) for future in futures), strict=True))
        is_stopped = should_stop()
    return _ended(results, folder, is_stopped=is_stopped)  # type: ignore[return-value]  # Prefect takes states


def _ended(results: dict[str, Any], folder: DataFolder, *, is_stopped: bool) -> State[list[Summary]]:
    summaries = [result for result in results.values() if isinstance(result, Summary)]
    errors = {
        name: result.error if isinstance(result, Summary) else str(result)
        for name, result in results.items()
        if not isinstance(result, Summary) or result.error
    }
    reporting.table("ingest", [_row(name, result) for name, result in results.items()], "What came of it")
    reporting.needs("action-items", folder)
    if len(errors) == len(results) and not is_stopped:
        if all(isinstance(result, ConfigError) for result in results.values()):
            raise ConfigError("; ".join(dict.fromkeys(str(error) for error in errors.values())))
        raise NewsetlError("; ".join(f"{name}: {error}" for name, error in errors.items()))
    failures = [f"{name} failed: {error}" for name, error in errors.items()]
    return reporting.ended(
        summaries,
        line=f"{sum(each.new for each in summaries)} new, {sum(each.changed for each in summaries)} changed",
        failures=[f"{len(errors)} of {len(results)} sources failed", *failures] if failures else (),
        doubts=[f"{each.source}: {_doubt(each)}" for each in summaries if each.state == "degraded"],
        is_stopped=is_stopped,
    )


def _row(name: str, result: Any) -> dict[str, Any]:
    if not isinstance(result, Summary):
        return {"source": name, "state": "failed", "error": str(result)}
    return {
        "source": name,
        "state": result.state,
        **reporting.counts(result),
    }


def _doubt(summary: Summary) -> str:
    return "; ".join(checks.fall(row) for row in checks.fallen(summary.findings))
