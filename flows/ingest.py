"""Flow that ingests the sources: one task per source, one load per batch.

The annotations are evaluated at run time: Prefect builds the form of the parameters from them.
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
from newsetl.pipeline.summaries import format_summary
from newsetl.pipeline.summary import RunSummary
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
    workers: int,
    should_stop: Callable[[], bool],
) -> State[RunSummary]:
    """Ingest one source; if it fails, the others continue."""
    source = sources.load(name)
    if base_url:
        source = source.with_base_url(base_url)
    progress = reporting.Progress(f"ingest-{name}", name)

    def report_progress(summary: RunSummary) -> None:
        progress(
            (summary.fetched + summary.already_loaded) / max(summary.discovered, 1),
            f"{summary.fetched} pages fetched, {summary.discovered} discovered, "
            f"{summary.already_loaded} already loaded, {summary.rejected.total()} rejected",
        )

    summary = ingest_.ingest(
        source,
        warehouse,
        folder.archive,
        clock=reporting.now,
        contact=contact,
        window=window,
        workers=workers,
        on_progress=report_progress,
        should_stop=should_stop,
    )
    warnings = [_describe_regressions(summary)] if summary.state == "degraded" else []
    return reporting.build_task_state(summary, format_summary(summary), warnings, progress)


def _build_run_name() -> str:
    names = reporting.get_parameter("source_names") or ["all"]
    zone = sources.load(names[0]).timezone if names[0] in sources.list_all() else None
    return f"ingest {' '.join(names)} {reporting.get_scheduled_day(zone)}"


@flow(name="ingest", flow_run_name=_build_run_name, persist_result=False)
@reporting.without_retries
def ingest(
    source_names: list[SourceName] | None = None,
    since: date | None = None,
    until: date | None = None,
    data: Path = Path("data"),
    contact: str | None = None,
    base_url: str | None = None,
    max_hours: float | None = 6,
    workers: int | None = None,
) -> list[RunSummary]:
    """Load the articles that the sources have published and the warehouse lacks.

    If one source fails, the others are still loaded and the flow ends as Degraded. A regression of a field
    ends as Degraded too. The flow ends as Failed if no source could be loaded.

    Args:
        source_names: Names of the sources. Default: every enabled source.
        since: First day, in each source's timezone. Without since and until this is the daily run.
        until: Last day, included. Default: no limit.
        data: Data directory with news.duckdb and archive/.
        contact: Email address or web page where a site can reach you.
        base_url: URL of another server for the sources, such as a mock site.
        max_hours: Hours after which the flow loads the fetched pages and stops.
        workers: Processes that parse a source's pages. Default: NEWSETL_WORKERS, else 1, which starts none.
    """
    if since and until and since > until:
        raise ConfigError(f"since {since} is after until {until}; exchange them")
    folder, names = DataFolder(data), list(dict.fromkeys(source_names or sources.list_enabled()))
    window, worker_count = Window(since, until), reporting.get_worker_count(workers)
    with reporting.watch_stop(max_hours) as should_stop:
        with reporting.open_warehouse(folder) as warehouse:
            futures = [
                ingest_source.submit(
                    name, warehouse, folder, window, contact, base_url, worker_count, should_stop
                )
                for name in names
            ]
            wait(futures)
        results = dict(zip(names, (future.result(raise_on_failure=False) for future in futures), strict=True))
        is_stopped = should_stop()
    return _build_final_state(results, folder, is_stopped=is_stopped)  # type: ignore[return-value]  # Prefect takes states


def _build_final_state(
    results: dict[str, Any], folder: DataFolder, *, is_stopped: bool
) -> State[list[RunSummary]]:
    summaries = [result for result in results.values() if isinstance(result, RunSummary)]
    errors = {
        name: result.error if isinstance(result, RunSummary) else str(result)
        for name, result in results.items()
        if not isinstance(result, RunSummary) or result.error
    }
    reporting.create_table(
        "ingest", [_build_table_row(name, result) for name, result in results.items()], "Results by source"
    )
    reporting.report_action_items("action-items", folder)
    if len(errors) == len(results) and not is_stopped:
        if all(isinstance(result, ConfigError) for result in results.values()):
            raise ConfigError("; ".join(dict.fromkeys(str(error) for error in errors.values())))
        raise NewsetlError("; ".join(f"{name}: {error}" for name, error in errors.items()))
    failures = [f"{name} failed: {error}" for name, error in errors.items()]
    return reporting.build_final_state(
        summaries,
        line=f"{sum(each.new for each in summaries)} new, {sum(each.changed for each in summaries)} changed",
        failures=[f"{len(errors)} of {len(results)} sources failed", *failures] if failures else (),
        warnings=[
            f"{each.source}: {_describe_regressions(each)}" for each in summaries if each.state == "degraded"
        ],
        is_stopped=is_stopped,
    )


def _build_table_row(name: str, result: Any) -> dict[str, Any]:
    if not isinstance(result, RunSummary):
        return {"source": name, "state": "failed", "error": str(result)}
    return {
        "source": name,
        "state": result.state,
        **reporting.build_count_columns(result),
    }


def _describe_regressions(summary: RunSummary) -> str:
    return "; ".join(checks.describe_regression(row) for row in checks.find_regressions(summary.findings))
