"""Where the stages meet, and what they raise is caught; `reading` is the part of it that workers have."""

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
from newsetl.pipeline.fetch_rejects import refusal
from newsetl.pipeline.run import Run, StopRequested
from newsetl.pipeline.summary import RunSummary
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source


def fetch_article(
    client: Client, url: str, source: Source, *, clock: Callable[[], datetime]
) -> Article | Reject:
    """The article at `url`, fetched as politely as in a run; nothing is kept but what `client` keeps."""
    try:
        return parse_page.parse_page(client.get(url, kind="article"), source)
    except FetchError as error:
        return refusal(source, url, error, clock())
    except HostUnavailableError as error:
        return refusal(source, url, FetchError(Reason.FETCH_FAILED, str(error)), clock())


def _covers_every_day(window: Window, back_to: date | None) -> bool:
    return window.until is None and (back_to is None or window.since is None or window.since <= back_to)


def ingest(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    contact: str | None = None,
    window: Window | None = None,
    on_progress: Callable[[RunSummary], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> RunSummary:
    """Find, fetch, keep, read and load what `source` has published in `window` and the warehouse lacks.

    Without a window, or with one that is open on both sides, it is the daily run: it takes whatever is
    announced, goes through the listings back to the source's `refetch_days` before the last whole daily run,
    asks once a day for the articles of the `refetch_days`, which may have changed or gone, and tries again
    what was refused and is due.
    `on_progress` is called after each page. Once `should_stop` is true the page in hand is finished, what
    was fetched is loaded and the run ends as failed, "stopped". A source that is down or sends us away, or
    an archive that cannot be written, ends the run as failed too; what it announced and we did not get
    stays due. Raises ConfigError and WarehouseError, which no source can mend. Whatever else breaks the
    run off leaves its archive file open: `recover` does the rest.
    """
    started_at, summary = clock(), RunSummary(source.slug)
    today = started_at.astimezone(source.timezone).date()
    if window and window.since and window.since > today:
        raise ConfigError(f"since {window.since} is in the future; today is {today} in {source.timezone}")
    warehouse.register_source(source)
    recent = timedelta(days=source.discover.refetch_days)
    followed, due = (
        warehouse.crawl_state.last_incremental_start(source.slug),
        warehouse.crawl_state.due_links(source.slug, now=started_at),
    )
    back_to = max(followed, source.first_day + recent) - recent if followed else None
    is_incremental, recents = True, dict[Link, Validators | None]()
    if window and window != Window():
        is_incremental, back_to = _covers_every_day(window, back_to), None
        due = tuple(link for link in due if urls.may_be_in_window(source, link, window))
    else:
        window = None
        recents = {
            link: validators
            for link, validators in warehouse.crawl_state.recent_articles(
                source.slug,
                since=today - recent,
                asked_before=datetime.combine(today, datetime.min.time(), source.timezone),
            ).items()
            if urls.is_own(source, link.url)
        }
    run = Run(
        source,
        warehouse,
        archive_folder,
        summary,
        kind="ingest",
        window=window or Window(back_to),
        started_at=started_at,
        is_incremental=is_incremental,
    )

    conditions = {link.url: validators for link, validators in recents.items() if validators}
    with (
        run.archive,
        run.parse_pool,
        run.open_client(contact=contact, should_stop=should_stop, validators=conditions) as client,
    ):
        run.start()
        discovery = Discovery(
            source,
            client,
            known=warehouse.crawl_state.known_urls(source.slug, due_before=started_at),
            window=window or Window(),
            back_to=back_to,
            on_error=lambda url, error: run.record_listing_failure(url, error, clock()),
            on_found=lambda link, days: run.record_link(link, days, clock()),
            due=[link for link in due if urls.is_own(source, link.url)],
            listings=[
                url
                for url in warehouse.crawl_state.listings(source.slug, since=started_at - recent)
                if urls.is_own(source, url)
            ],
            recent=recents,
        )
        with run.finish_on_exit(client, clock):
            try:
                for answer in fetch(discovery, client):
                    summary.discovered, summary.already_loaded = (
                        discovery.discovered,
                        discovery.already_loaded,
                    )
                    summary.fetched += 1
                    if isinstance(answer, Capture):
                        run.parse(answer)
                    else:
                        run.record_reject(refusal(source, answer[0].locator, answer[1], clock()), answer[1])
                    on_progress(summary)
                    if run.is_full:
                        run.load(client.take_requests())
                    if should_stop():
                        raise StopRequested
            except (StageError, HostUnavailableError) as error:
                discovery.coverage.add_error("listing", str(error))
                run.record_queries(discovery.coverage.build_queries(clock()))
                raise
            summary.discovered, summary.already_loaded = discovery.discovered, discovery.already_loaded
            run.record_queries(discovery.coverage.build_queries(clock()))
            if summary.failed_listings and not discovery.discovered:
                summary.error = "no page that announces articles could be read"
    return summary
