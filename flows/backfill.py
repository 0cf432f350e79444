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

from newsetl import backfill as past
from newsetl import quality, sources
from newsetl.backfill import Backfilled
from newsetl.errors import NewsetlError
from newsetl.folder import DataFolder
from newsetl.model import Way, Window
from newsetl.show import backfill_line

from . import telling
from .telling import SourceName


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
    should_stop: Callable[[], bool],
) -> State[Backfilled]:
    """Fill the days of one source."""
    source = sources.load(name)
    if at:
        source = source.at(at)
    progress = telling.Progress(f"backfill-{name}-{since}", f"{name} from {since}")

    def tell(done: Backfilled) -> None:
        line = f"{done.days_done} of {done.days_due} days, {done.new} new articles"
        progress(done.days_done / max(done.days_due, 1), line)

    with telling.opened(folder) as warehouse:
        done = past.backfill(
            source,
            warehouse,
            folder.archive,
            clock=telling.now,
            window=Window(since, until),
            ways=ways,
            contact=contact,
            is_again=is_again,
            is_retry=is_retry,
            is_oldest_first=is_oldest_first,
            on_progress=tell,
            should_stop=should_stop,
        )
    return telling.task_ended(done, backfill_line(done), doubts(done), progress)


def _name() -> str:
    last = telling.parameter("until")
    first = f"backfill {telling.parameter('source_name')} {telling.parameter('since')}"
    return f"{first} to {last}" if last else first


@flow(name="backfill", flow_run_name=_name, persist_result=False)
@telling.unretried
def backfill(
    source_name: SourceName,
    since: date,
    until: date | None = None,
    ways: list[Way] | None = None,
    is_again: bool = False,
    is_retry: bool = False,
    is_oldest_first: bool = False,
    data: Path = Path("data"),
    contact: str | None = None,
    at: str | None = None,
    max_hours: float | None = None,
) -> Backfilled:
    """Fill the days of one source that are not complete.

    Stopped or killed, the same run goes on with the days that are left; the daily run is not moved. Ends as
    Degraded if some of the ways failed on some of the days.

    Args:
        source_name: The source.
        since: The first day to fill, in the source's timezone.
        until: The last day, included; today if there is none.
        ways: How to find the past; every way that the source declares if none is named.
        is_again: Days that are complete, too.
        is_retry: Only days that failed or lack something.
        is_oldest_first: The oldest day first, else the newest.
        data: The folder with news.duckdb and archive/.
        contact: A mail address or page where a site can reach you.
        at: Another address that serves the source, such as a replica.
        max_hours: After so many hours it stops, with what was fetched loaded; never if there is none.
    """
    folder = DataFolder(data)
    with telling.ending(max_hours) as should_stop:
        state = backfill_source(
            source_name,
            since,
            until,
            ways,
            is_again,
            is_retry,
            is_oldest_first,
            folder,
            contact,
            at,
            should_stop,
            return_state=True,
        )
        is_stopped = should_stop()
    done: Any = state.result(raise_on_failure=False)
    if isinstance(done, BaseException):
        raise done
    telling.table("backfill", [row(done)], "What came of it")
    telling.needs("needs", folder)
    if done.error and not is_stopped:
        raise NewsetlError(f"{source_name}: {done.error}")
    line = f"{done.days_done} of {done.days_due} days done, {done.new} new"
    return telling.ended(done, line=line, doubts=doubts(done), is_stopped=is_stopped)  # type: ignore[return-value]  # Prefect takes states


def doubts(done: Backfilled) -> list[str]:
    """What of a backfill that got through is not whole."""
    return [
        *(f"{days} days lack {way}" for way, days in done.lost.items()),
        *(quality.fall(row) for row in quality.fallen(done.findings)),
    ]


def row(done: Backfilled) -> dict[str, Any]:
    """A backfill as a row of a table."""
    return {
        "source": done.source,
        "state": done.state,
        "days due": done.days_due,
        "days done": done.days_done,
        **telling.counts(done),
    }
