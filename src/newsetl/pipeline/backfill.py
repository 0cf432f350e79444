"""Backfill of past days: discover, fetch and load one day after the other.

A day is done once its discovery queries are recorded. A crashed backfill therefore continues with the
remaining days.
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
    """List the discovery methods for past days that the source's file declares."""
    declarations: dict[DiscoveryMethod, object] = {
        "listing": source.discover.start_urls,
        "sitemap": source.discover.sitemaps,
        "feed": source.discover.feeds,
        "search": source.search,
        "wayback": source.wayback,
        "commoncrawl": source.commoncrawl,
    }
    return tuple(method for method, declaration in declarations.items() if declaration)


def check_window(source: Source, window: Window, *, now: datetime) -> Window:
    """Return the window with both ends set. Raise ConfigError if the source cannot have articles in it."""
    today = now.astimezone(source.timezone).date()
    since, until = window.since, window.until or today
    if since is None:
        raise ConfigError("--since is missing: the first day to fill")
    if since > until:
        raise ConfigError(f"--since {since} is after --until {until}; exchange them")
    if until > today:
        raise ConfigError(f"--until {until} is in the future; today is {today} in {source.timezone}")
    if until < source.first_day:
        raise ConfigError(
            f"{source.slug} has published since {source.first_day}; the window ends before that day"
        )
    return Window(max(since, source.first_day), until)


def select_methods(
    source: Source, methods: Collection[DiscoveryMethod] | None
) -> tuple[DiscoveryMethod, ...]:
    """Return the named discovery methods, or all. Raise ConfigError for one the source does not declare."""
    declared = list_methods(source)
    if unknown := [method for method in methods or () if method not in declared]:
        raise ConfigError(
            f"{source.slug} has no discovery method {unknown[0]!r}; use one of: {', '.join(declared)}"
        )
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
    """List the days of the window for which the methods may find something, newest first."""
    assert window.since
    assert window.until
    warehouse.register_source(source)
    warehouse.rebuild_coverage(source.slug)
    coverage = warehouse.crawl_state.get_coverage_days(source.slug)
    days = [window.since + timedelta(days=n) for n in range((window.until - window.since).days + 1)]
    if retry_failed:
        days = [day for day in days if day in coverage and coverage[day].state in INCOMPLETE_STATES]
    elif not include_complete:
        days = [day for day in days if day not in coverage or _is_due(coverage[day], methods)]
    return tuple(days if oldest_first else reversed(days))


def _is_due(day: CoverageDay, methods: Collection[DiscoveryMethod]) -> bool:
    """Return True unless the day is finished, or every per-day method was queried and lacks nothing."""
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
    workers: int = 1,
    on_progress: Callable[[BackfillSummary], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> BackfillSummary:
    """Fill the incomplete days of `window`, one by one. The start of the daily run does not change.

    `include_complete` takes all days, `retry_failed` the failed and partial days with their rejects. A
    discovery method that fails leaves its days partial; a site that is down ends the backfill as failed.
    `workers` is the number of processes that parse pages; 1 starts no process. Call `on_progress` after each
    page and each day. Raise ConfigError and WarehouseError.
    """
    started_at = clock()
    window = check_window(source, window, now=started_at)
    selected = select_methods(source, methods)
    days = find_due_days(
        source,
        warehouse,
        window,
        methods=selected,
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
        source,
        warehouse,
        archive_folder,
        summary,
        kind="backfill",
        window=window,
        started_at=started_at,
        workers=workers,
    )
    known = warehouse.crawl_state.get_known_urls(
        source.slug, due_before=started_at, is_wanted=include_complete or retry_failed
    )
    known |= warehouse.crawl_state.get_known_archive_copies(source.slug)

    with run.archive, run.parse_pool, run.open_client(contact=contact, should_stop=should_stop) as client:
        run.start()
        backfill_run = BackfillRun(
            source,
            client,
            run,
            summary,
            methods=selected,
            known=known,
            clock=clock,
            include_complete=include_complete,
        )
        with run.finish_on_exit(client, clock):
            for _, month in groupby(days, key=lambda day: (day.year, day.month)):
                for _ in backfill_run.fill_month(tuple(month), span=Window(min(days), max(days))):
                    on_progress(summary)
                    if run.is_full:
                        run.load(client.take_requests())
                    if should_stop():
                        raise StopRequested
    return summary
