"""Past dates, day by day: what every way of finding knows of a day is fetched, loaded and written down.

A day is done when its askings are written; so a backfill that died goes on with the days that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from newsetl.db.records import CoverageDay
from newsetl.db.writer import Warehouse
from newsetl.errors import ConfigError
from newsetl.model import DiscoveryMethod, Window
from newsetl.pipeline.backfill_days import FINISHED_STATES, INCOMPLETE_STATES, SERVICE_METHODS, BackfillRun
from newsetl.pipeline.run import Run, StopRequested
from newsetl.pipeline.summary import BackfillSummary
from newsetl.sources.config import Source


def list_methods(source: Source) -> tuple[DiscoveryMethod, ...]:
    """The ways on which the source's past can be found, as its file declares them."""
    has: dict[DiscoveryMethod, object] = {
        "listing": source.discover.start_urls,
        "sitemap": source.discover.sitemaps,
        "feed": source.discover.feeds,
        "search": source.search,
        "wayback": source.wayback,
        "commoncrawl": source.commoncrawl,
    }
    return tuple(method for method, declared in has.items() if declared)


def check_window(source: Source, window: Window, *, now: datetime) -> Window:
    """The window, both ends given. Raises ConfigError for one that the channel cannot have."""
    today = now.astimezone(source.timezone).date()
    since, until = window.since, window.until or today
    if since is None:
        raise ConfigError("--since is missing: the first day to fill")
    if since > until:
        raise ConfigError(f"--since {since} is after --until {until}; exchange them")
    if until > today:
        raise ConfigError(f"--until {until} is in the future; today is {today} in {source.timezone}")
    if until < source.first_day:
        raise ConfigError(f"{source.slug} has published since {source.first_day}; the window ends before")
    return Window(max(since, source.first_day), until)


def chosen_methods(
    source: Source, methods: Collection[DiscoveryMethod] | None
) -> tuple[DiscoveryMethod, ...]:
    """Those of the source's ways that were named, or all. Raises ConfigError for one that it has not."""
    declared = list_methods(source)
    if unknown := [method for method in methods or () if method not in declared]:
        raise ConfigError(f"{source.slug} has no way {unknown[0]!r}; it has: {', '.join(declared)}")
    return tuple(method for method in declared if methods is None or method in methods)


def find_due_days(
    source: Source,
    warehouse: Warehouse,
    window: Window,
    *,
    methods: Collection[DiscoveryMethod],
    include_complete: bool = False,
    retry_failed: bool = False,
    oldest_first: bool = False,
) -> tuple[date, ...]:
    """The days of the window of which the ways may bring something, the newest first."""
    assert window.since
    assert window.until
    warehouse.register_source(source)
    warehouse.rebuild_coverage(source.slug)
    ledger = warehouse.crawl_state.days(source.slug)
    days = [window.since + timedelta(days=n) for n in range((window.until - window.since).days + 1)]
    if retry_failed:
        days = [day for day in days if day in ledger and ledger[day].state in INCOMPLETE_STATES]
    elif not include_complete:
        days = [day for day in days if day not in ledger or _is_due(ledger[day], methods)]
    return tuple(days if oldest_first else reversed(days))


def _is_due(day: CoverageDay, methods: Collection[DiscoveryMethod]) -> bool:
    """True unless the day is done, or all that can be asked for a single day was asked and had."""
    if day.state in FINISHED_STATES:
        return False
    services = {method for method in methods if method in SERVICE_METHODS}
    return bool(
        day.missing or day.failed_by.intersection(methods) or not services or services - day.checked_by
    )


def backfill(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    window: Window,
    methods: Collection[DiscoveryMethod] | None = None,
    contact: str | None = None,
    include_complete: bool = False,
    retry_failed: bool = False,
    oldest_first: bool = False,
    on_progress: Callable[[BackfillSummary], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> BackfillSummary:
    """Fills the days of `window` that are not complete, each alone, and never moves the daily run.

    `include_complete` takes all days, `retry_failed` those that failed or lack something, with what was
    rejected there.
    A way that fails leaves the days without it partial; a site that is down ends the backfill as failed.
    Raises ConfigError and WarehouseError.
    """
    started_at = clock()
    window = check_window(source, window, now=started_at)
    chosen = chosen_methods(source, methods)
    days = find_due_days(
        source,
        warehouse,
        window,
        methods=chosen,
        include_complete=include_complete,
        retry_failed=retry_failed,
        oldest_first=oldest_first,
    )
    assert window.since
    assert window.until
    summary = BackfillSummary(source.slug, days=(window.until - window.since).days + 1, days_due=len(days))
    if not days:
        summary.state = "completed"
        return summary
    run = Run(
        source, warehouse, archive_folder, summary, kind="backfill", window=window, started_at=started_at
    )
    known = warehouse.crawl_state.known_urls(
        source.slug, due_before=started_at, is_wanted=include_complete or retry_failed
    )
    known |= warehouse.crawl_state.known_archive_copies(source.slug)

    with run.archive, run.open_client(contact=contact, should_stop=should_stop) as client:
        run.start()
        filling = BackfillRun(
            source,
            client,
            run,
            summary,
            methods=chosen,
            known=known,
            clock=clock,
            include_complete=include_complete,
        )
        with run.finish_on_exit(client, clock):
            for _, month in groupby(days, key=lambda day: (day.year, day.month)):
                for _ in filling.fill_month(tuple(month), span=Window(min(days), max(days))):
                    on_progress(summary)
                    if run.is_full:
                        run.load(client.take_requests())
                    if should_stop():
                        raise StopRequested
    return summary
