"""The ledger's gaps, filled: what the view coverage_gaps prints as commands, one task a stretch of days.

Annotations are evaluated here: a worker makes the form of the parameters from them.
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
    """Fill the gaps in the ledger, the newest first.

    Ends as Degraded if some of them could not be filled, as Failed if none could.

    Args:
        source_names: The sources; all of them if none is named.
        methods: The discovery methods; every one that a source declares if none is named.
        limit: So many stretches of days at most.
        data: The folder with news.duckdb and archive/.
        contact: A mail address or page where a site can reach you.
        base_url: Another URL that serves the sources, such as a replica.
        max_hours: After so many hours it stops, with what was fetched loaded.
    """
    folder, wanted = DataFolder(data), set(source_names or sources.list_all())
    found = [gap for gap in reader.run_query(folder.published, _GAPS).rows if gap[0] in wanted]
    done: list[BackfillSummary] = []
    errors: list[str] = []
    with reporting.watch_stop(max_hours) as should_stop:
        for source, since, until, gap in found[:limit]:
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
                should_stop,
                return_state=True,
            )
            result: Any = state.result(raise_on_failure=False)
            error = result.error if isinstance(result, BackfillSummary) else str(result)
            errors += [f"{source} {since} to {until}: {error}"] if error else []
            done += [result] if isinstance(result, BackfillSummary) else []
        is_stopped = should_stop()
    reporting.create_table(
        "fill-gaps", [build_table_row(each) for each in done] or [{"gaps": 0}], "What came of it"
    )
    reporting.report_action_items("action-items", folder)
    if errors and len(errors) == len(found[:limit]) and not is_stopped:
        raise NewsetlError("; ".join(errors))
    ended: State[list[BackfillSummary]] = reporting.build_final_state(
        done,
        line=f"{len(done)} of {len(found)} gaps looked into, {sum(each.new for each in done)} new articles",
        failures=errors,
        warnings=[f"{each.source}: {doubt}" for each in done for doubt in list_warnings(each)],
        is_stopped=is_stopped,
    )
    return ended  # type: ignore[return-value]  # Prefect takes states
