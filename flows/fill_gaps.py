"""Flow that backfills the gaps of the view coverage_gaps; one task per range of days.

The annotations are evaluated at run time: Prefect builds the form of the parameters from them.
"""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from newsetl import sources
from newsetl.errors import NewsetlError
from newsetl.model import DiscoveryMethod
from newsetl.pipeline.summary import BackfillSummary
from newsetl.query import reader
from newsetl.runtime.data_folder import DataFolder

from . import reporting
from .backfill import backfill_source, build_table_row, list_warnings
from .reporting import SourceName

_GAPS = "SELECT source, since, until, gap FROM coverage_gaps ORDER BY since DESC, source"


@flow(
    name="fill-gaps", flow_run_name=lambda: f"fill-gaps {reporting.get_scheduled_day()}", persist_result=False
)
@reporting.without_retries
def fill_gaps(
    source_names: list[SourceName] | None = None,
    methods: list[DiscoveryMethod] | None = None,
    limit: int = 20,
    data: Path = Path("data"),
    contact: str | None = None,
    base_url: str | None = None,
    max_hours: float | None = 12,
) -> list[BackfillSummary]:
    """Fill the gaps in the coverage, newest first.

    The flow ends as Degraded if some gaps could not be filled, as Failed if none could.

    Args:
        source_names: Names of the sources. Default: every source.
        methods: Discovery methods. Default: every method that a source declares.
        limit: Maximum number of gaps, each a range of days.
        data: Data directory with news.duckdb and archive/.
        contact: Email address or web page where a site can reach you.
        base_url: URL of another server for the sources, such as a mock site.
        max_hours: Hours after which the flow loads the fetched pages and stops.
    """
    folder, names = DataFolder(data), set(source_names or sources.list_all())
    gaps = [row for row in reader.run_query(folder.published, _GAPS).rows if row[0] in names]
    summaries: list[BackfillSummary] = []
    errors: list[str] = []
    with reporting.watch_stop(max_hours) as should_stop:
        for source, since, until, gap in gaps[:limit]:
            if should_stop():
                break
            state = backfill_source.with_options(task_run_name=f"{source} {since} to {until}, {gap}")(
                source,
                since,
                until,
                methods,
                gap == "overdue",
                gap in ("failed", "partial"),
                False,
                folder,
                contact,
                base_url,
                reporting.get_worker_count(None),
                should_stop,
                return_state=True,
            )
            result: Any = state.result(raise_on_failure=False)
            error = result.error if isinstance(result, BackfillSummary) else str(result)
            errors += [f"{source} {since} to {until}: {error}"] if error else []
            summaries += [result] if isinstance(result, BackfillSummary) else []
        is_stopped = should_stop()
    new_articles = sum(each.new for each in summaries)
    reporting.create_table(
        "fill-gaps", [build_table_row(each) for each in summaries] or [{"gaps": 0}], "Results by gap"
    )
    reporting.report_action_items("action-items", folder)
    if errors and len(errors) == len(gaps[:limit]) and not is_stopped:
        raise NewsetlError("; ".join(errors))
    final_state: State[list[BackfillSummary]] = reporting.build_final_state(
        summaries,
        line=f"{len(summaries)} of {len(gaps)} gaps processed, {new_articles} new articles",
        failures=errors,
        warnings=[f"{each.source}: {warning}" for each in summaries for warning in list_warnings(each)],
        is_stopped=is_stopped,
    )
    return final_state  # type: ignore[return-value]  # Prefect takes states
