"""Ingest of one source: discover, fetch, archive, parse and load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from newsetl.db.writer import Warehouse
from newsetl.discover.discovery import Discovery
from newsetl.errors import ConfigError, FetchError, HostUnavailableError, StageError
from newsetl.fetch.articles import fetch
from newsetl.fetch.client import Client
from newsetl.model import (
    Article,
    Capture,
    Link,
    Reject,
    Validators,
    Window,
)
from newsetl.pipeline import parse_page
from newsetl.pipeline.fetch_rejects import build_reject
from newsetl.pipeline.run import Run, StopRequested
from newsetl.pipeline.summary import RunSummary
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source


def fetch_article(
    client: Client, url: str, source: Source, *, clock: Callable[[], datetime]
) -> Article | Reject:
    """Fetch and parse the page at `url` with the client's rate limit; only the client may store it."""
    try:
        return parse_page.parse_page(client.get(url, kind="article"), source)
    except FetchError as error:
        return build_reject(source, url, error, clock())
    except HostUnavailableError as error:
        return build_reject(source, url, FetchError(Reason.FETCH_FAILED, str(error)), clock())


def _covers_every_day(window: Window, start_on: date | None) -> bool:
    return window.until is None and (start_on is None or window.since is None or window.since <= start_on)


def ingest(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    contact: str | None = None,
    window: Window | None = None,
    workers: int = 1,
    on_progress: Callable[[RunSummary], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> RunSummary:
    """Load the articles that `source` has published in `window` and the warehouse lacks.

    Without a window, or with one open at both ends, this is the daily run. It takes every discovered link and
    reads the listings back to `refetch_days` before the start of the last complete daily run. It requests the
    articles of the last `refetch_days` once a day, since they may change or disappear, and retries the due
    rejects. `workers` is the number of processes that parse pages; 1 starts no process.

    Call `on_progress` after each page. Once `should_stop` returns True, finish the current page, load the
    batch and end the run as failed, "stopped". The run also ends as failed if the site is down or blocks this
    client, or if the archive cannot be written; links without a response stay due. Raise ConfigError and
    WarehouseError. Any other interruption leaves the archive file open for `recover`.
    """
    started_at, summary = clock(), RunSummary(source.slug)
    today = started_at.astimezone(source.timezone).date()
    if window and window.since and window.since > today:
        raise ConfigError(f"since {window.since} is in the future; today is {today} in {source.timezone}")
    warehouse.register_source(source)
    refetched = timedelta(days=source.discover.refetch_days)
    last_start, due = (
        warehouse.crawl_state.get_last_incremental_start(source.slug),
        warehouse.crawl_state.find_due_links(source.slug, now=started_at),
    )
    start_on = max(last_start, source.first_day + refetched) - refetched if last_start else None
    is_incremental, recent_articles = True, dict[Link, Validators | None]()
    if window and window != Window():
        is_incremental, start_on = _covers_every_day(window, start_on), None
        due = tuple(link for link in due if urls.may_be_in_window(source, link, window))
    else:
        window = None
        recent_articles = {
            link: validators
            for link, validators in warehouse.crawl_state.find_recent_articles(
                source.slug,
                since=today - refetched,
                requested_before=datetime.combine(today, datetime.min.time(), source.timezone),
            ).items()
            if urls.is_own(source, link.url)
        }
    run = Run(
        source,
        warehouse,
        archive_folder,
        summary,
        kind="ingest",
        window=window or Window(start_on),
        started_at=started_at,
        is_incremental=is_incremental,
        workers=workers,
    )

    conditions = {link.url: validators for link, validators in recent_articles.items() if validators}
    with (
        run.archive,
        run.parse_pool,
        run.open_client(contact=contact, should_stop=should_stop, validators=conditions) as client,
    ):
        run.start()
        discovery = Discovery(
            source,
            client,
            known=warehouse.crawl_state.get_known_urls(source.slug, due_before=started_at),
            window=window or Window(),
            back_to=start_on,
            on_error=lambda url, error: run.record_listing_failure(url, error, clock()),
            on_found=lambda link, days: run.record_link(link, days, clock()),
            due=[link for link in due if urls.is_own(source, link.url)],
            listings=[
                url
                for url in warehouse.crawl_state.list_listings(source.slug, since=started_at - refetched)
                if urls.is_own(source, url)
            ],
            recent=recent_articles,
        )
        with run.finish_on_exit(client, clock):
            try:
                for fetched in fetch(discovery, client):
                    summary.discovered, summary.already_loaded = (
                        discovery.discovered,
                        discovery.already_loaded,
                    )
                    summary.fetched += 1
                    if isinstance(fetched, Capture):
                        run.parse(fetched)
                    else:
                        link, error = fetched
                        run.record_reject(build_reject(source, link.locator, error, clock()), error)
                    on_progress(summary)
                    if run.is_full:
                        run.load(client.take_requests())
                    if should_stop():
                        raise StopRequested
            except (StageError, HostUnavailableError) as failure:
                discovery.coverage.add_error("listing", str(failure))
                run.record_queries(discovery.coverage.build_queries(clock()))
                raise
            summary.discovered, summary.already_loaded = discovery.discovered, discovery.already_loaded
            run.record_queries(discovery.coverage.build_queries(clock()))
            if summary.failed_listings and not discovery.discovered:
                summary.error = "no listing, feed or sitemap could be fetched"
    return summary
