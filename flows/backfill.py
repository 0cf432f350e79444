"""Flow that backfills past days of one source; it skips complete days and can be run again at any time.

The annotations are evaluated at run time: Prefect builds the form of the parameters from them.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from newsetl import sources
from newsetl.db import checks
from newsetl.errors import NewsetlError
from newsetl.model import DiscoveryMethod, Window
from newsetl.pipeline import backfill as backfill_
from newsetl.pipeline.summaries import format_backfill
from newsetl.pipeline.summary import BackfillSummary
from newsetl.runtime.data_folder import DataFolder

from . import reporting
from .reporting import SourceName


@task(task_run_name="backfill {name} {since}", cache_policy=NO_CACHE, persist_result=False)
def backfill_source(
    name: str,
    since: date,
    until: date | None,
    methods: list[DiscoveryMethod] | None,
    include_complete: bool,
    retry_failed: bool,
    oldest_first: bool,
    folder: DataFolder,
    contact: str | None,
    base_url: str | None,
    workers: int,
    should_stop: Callable[[], bool],
) -> State[BackfillSummary]:
    """Fill the days of one source."""
    source = sources.load(name)
    if base_url:
        source = source.with_base_url(base_url)
    progress = reporting.Progress(f"backfill-{name}-{since}", f"{name} from {since}")

    def report_progress(summary: BackfillSummary) -> None:
        line = f"{summary.days_done} of {summary.days_due} days, {summary.new} new articles"
        progress(summary.days_done / max(summary.days_due, 1), line)

    with reporting.open_warehouse(folder) as warehouse:
        summary = backfill_.backfill(
            source,
            warehouse,
            folder.archive,
            clock=reporting.now,
            window=Window(since, until),
            methods=methods,
            contact=contact,
            include_complete=include_complete,
            retry_failed=retry_failed,
            oldest_first=oldest_first,
            workers=workers,
            on_progress=report_progress,
            should_stop=should_stop,
        )
    return reporting.build_task_state(summary, format_backfill(summary), list_warnings(summary), progress)


def _build_run_name() -> str:
    last = reporting.get_parameter("until")
    first = f"backfill {reporting.get_parameter('source_name')} {reporting.get_parameter('since')}"
    return f"{first} to {last}" if last else first


@flow(name="backfill", flow_run_name=_build_run_name, persist_result=False)
@reporting.without_retries
def backfill(
    source_name: SourceName,
    since: date,
    until: date | None = None,
    methods: list[DiscoveryMethod] | None = None,
    include_complete: bool = False,
    retry_failed: bool = False,
    oldest_first: bool = False,
    data: Path = Path("data"),
    contact: str | None = None,
    base_url: str | None = None,
    max_hours: float | None = None,
    workers: int | None = None,
) -> BackfillSummary:
    """Fill the incomplete days of one source.

    After a stop or a crash, the same run continues with the remaining days. The start of the daily run does
    not change. The flow ends as Degraded if a discovery method failed on some days.

    Args:
        source_name: Name of the source.
        since: First day to fill, in the source's timezone.
        until: Last day, included. Default: today.
        methods: Discovery methods. Default: every method that the source declares.
        include_complete: Complete days too.
        retry_failed: Only failed and partial days.
        oldest_first: Oldest day first. Default: newest day first.
        data: Data directory with news.duckdb and archive/.
        contact: Email address or web page where a site can reach you.
        base_url: URL of another server for the source, such as a mock site.
        max_hours: Hours after which the flow loads the fetched pages and stops. Default: no limit.
        workers: Processes that parse pages. Default: NEWSETL_WORKERS, else 1, which starts none.
    """
    folder = DataFolder(data)
    with reporting.watch_stop(max_hours) as should_stop:
        state = backfill_source(
            source_name,
            since,
            until,
            methods,
            include_complete,
            retry_failed,
            oldest_first,
            folder,
            contact,
            base_url,
            reporting.get_worker_count(workers),
            should_stop,
            return_state=True,
        )
        is_stopped = should_stop()
    result: Any = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    reporting.create_table("backfill", [build_table_row(result)], "Results by source")
    reporting.report_action_items("action-items", folder)
    if result.error and not is_stopped:
        raise NewsetlError(f"{source_name}: {result.error}")
    line = f"{result.days_done} of {result.days_due} days done, {result.new} new"
    warnings = list_warnings(result)
    return reporting.build_final_state(result, line=line, warnings=warnings, is_stopped=is_stopped)  # type: ignore[return-value]  # Prefect takes states


def list_warnings(summary: BackfillSummary) -> list[str]:
    """List the failed discovery methods and the regressions of a completed backfill."""
    return [
        *(f"{method} failed for {days} days" for method, days in summary.failed_methods.items()),
        *(checks.describe_regression(row) for row in checks.find_regressions(summary.findings)),
    ]


def build_table_row(summary: BackfillSummary) -> dict[str, Any]:
    """Build a row of a table artifact from a backfill's summary."""
    return {
        "source": summary.source,
        "state": summary.state,
        "days due": summary.days_due,
        "days done": summary.days_done,
        **reporting.build_count_columns(summary),
    }
