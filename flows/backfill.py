"""Past dates of one source, day by day; what is complete is skipped, so it can be run again at any time.

Annotations are evaluated here: a worker makes the form of the parameters from them.
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
from newsetl.pipeline import backfill as past
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
    should_stop: Callable[[], bool],
) -> State[BackfillSummary]:
    """Fill the days of one source."""
    source = sources.load(name)
    if base_url:
        source = source.with_base_url(base_url)
    progress = reporting.Progress(f"backfill-{name}-{since}", f"{name} from {since}")

    def tell(done: BackfillSummary) -> None:
        line = f"{done.days_done} of {done.days_due} days, {done.new} new articles"
        progress(done.days_done / max(done.days_due, 1), line)

    with reporting.open_warehouse(folder) as warehouse:
        done = past.backfill(
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
            on_progress=tell,
            should_stop=should_stop,
        )
    return reporting.build_task_state(done, format_backfill(done), list_warnings(done), progress)


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
) -> BackfillSummary:
    """Fill the days of one source that are not complete.

    Stopped or killed, the same run goes on with the days that are left; the daily run is not moved. Ends as
    Degraded if some of the ways failed on some of the days.

    Args:
        source_name: The source.
        since: The first day to fill, in the source's timezone.
        until: The last day, included; today if there is none.
        methods: The discovery methods; every one that the source declares if none is named.
        include_complete: Days that are complete, too.
        retry_failed: Only days that failed or lack something.
        oldest_first: The oldest day first, else the newest.
        data: The folder with news.duckdb and archive/.
        contact: A mail address or page where a site can reach you.
        base_url: Another URL that serves the source, such as a replica.
        max_hours: After so many hours it stops, with what was fetched loaded; never if there is none.
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
            should_stop,
            return_state=True,
        )
        is_stopped = should_stop()
    done: Any = state.result(raise_on_failure=False)
    if isinstance(done, BaseException):
        raise done
    reporting.create_table("backfill", [build_table_row(done)], "What came of it")
    reporting.report_action_items("action-items", folder)
    if done.error and not is_stopped:
        raise NewsetlError(f"{source_name}: {done.error}")
    line = f"{done.days_done} of {done.days_due} days done, {done.new} new"
    return reporting.build_final_state(done, line=line, warnings=list_warnings(done), is_stopped=is_stopped)  # type: ignore[return-value]  # Prefect takes states


def list_warnings(done: BackfillSummary) -> list[str]:
    """What of a backfill that got through is not whole."""
    return [
        *(f"{days} days lack {method}" for method, days in done.failed_methods.items()),
        *(checks.describe_regression(row) for row in checks.find_regressions(done.findings)),
    ]


def build_table_row(done: BackfillSummary) -> dict[str, Any]:
    """A backfill as a row of a table."""
    return {
        "source": done.source,
        "state": done.state,
        "days due": done.days_due,
        "days done": done.days_done,
        **reporting.count_columns(done),
    }
