"""Days of a backfill: discovery, fetching and discovery queries of each day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from newsetl.discover import commoncrawl, search, wayback
from newsetl.discover.coverage import NEWEST_FIRST_METHODS
from newsetl.discover.discovery import Discovery
from newsetl.errors import FetchError, StageError
from newsetl.fetch.articles import fetch
from newsetl.fetch.client import Client
from newsetl.model import Capture, DiscoveryMethod, DiscoveryQuery, Link, Window
from newsetl.pipeline.fetch_rejects import build_reject
from newsetl.pipeline.run import Run
from newsetl.pipeline.summary import BackfillSummary
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source

# Coverage states of days for which nothing is left to find.
FINISHED_STATES = ("complete", "no articles")
INCOMPLETE_STATES = ("failed", "partial")
SERVICE_METHODS = {
    "search": search.find_links,
    "wayback": wayback.find_links,
    "commoncrawl": commoncrawl.find_links,
}


class BackfillRun:
    """Backfill in progress: discovered links, known URLs and requested locators."""

    def __init__(
        self,
        source: Source,
        client: Client,
        run: Run,
        summary: BackfillSummary,
        *,
        methods: tuple[DiscoveryMethod, ...],
        known: frozenset[str],
        clock: Callable[[], datetime],
        include_complete: bool,
    ) -> None:
        self._source, self._client, self._run, self._summary = source, client, run, summary
        self._methods, self._known, self._clock = methods, known, clock
        self._is_recheck = include_complete
        self._found_urls: set[str] = set()
        self._requested: set[str] = set()
        self._listed_links: list[Link] | None = None
        self._discovery_queries: tuple[DiscoveryQuery, ...] = ()

    def fill_month(self, days: tuple[date, ...], *, span: Window) -> Iterator[None]:
        """Fill the days, all in one month; yield after each page and each day."""
        month = Window(min(days), max(days))
        errors: dict[DiscoveryMethod, str] = {}
        links = [*self._find_listed_links(span), *self._find_service_links(month, errors)]
        by_day: dict[date, list[Link]] = {day: [] for day in days}
        undated: list[Link] = []
        for link in links:
            link_days = urls.get_link_days(self._source, link)
            if link_days and link_days[0] == link_days[1]:
                if link_days[0] in by_day:
                    by_day[link_days[0]].append(link)
            elif link_days is None or month.overlaps(*link_days):
                undated.append(link)
        # Links with a month but no day come first: their days are not finished before they are fetched.
        yield from self._fetch_new(undated, errors)
        for day in days:
            day_errors = dict(errors)
            yield from self._fetch_new(by_day[day], day_errors)
            queries = list(self._build_queries(day, by_day[day], day_errors))
            self._run.record_queries(queries)
            self._summary.days_done += 1
            self._summary.failed_methods.update(query.method for query in queries if query.error)
            yield None

    def _find_listed_links(self, span: Window) -> list[Link]:
        """Return the links in listings, sitemaps and feeds for the whole span; query them only once."""
        methods = [method for method in NEWEST_FIRST_METHODS if method in self._methods]
        if self._listed_links is None:
            links: list[Link] = []
            if methods:
                discovery = Discovery(
                    self._source,
                    self._client,
                    known=frozenset(),
                    window=span,
                    on_error=self._record_listing_failure,
                    on_found=lambda link, _: links.append(link),
                    methods=methods,
                )
                try:
                    for _ in discovery:
                        pass
                except StageError as error:
                    discovery.coverage.add_error("listing", str(error))
                self._discovery_queries = discovery.coverage.build_queries(self._clock())
            self._listed_links = links
        return self._listed_links

    def _find_service_links(self, month: Window, errors: dict[DiscoveryMethod, str]) -> list[Link]:
        links: list[Link] = []
        for method in self._methods:
            if method not in SERVICE_METHODS:
                continue

            def record_error(url: str, error: StageError, method: DiscoveryMethod = method) -> None:
                errors.setdefault(method, str(error))
                self._record_listing_failure(url, error)

            links += SERVICE_METHODS[method](self._source, self._client, month, record_error)
        return links

    def _record_listing_failure(self, url: str, error: StageError) -> None:
        self._run.record_listing_failure(url, error, self._clock())

    def _fetch_new(self, links: Iterable[Link], errors: dict[DiscoveryMethod, str]) -> Iterator[None]:
        """Fetch every page that is not known, live pages first; yield after each."""
        run, source, summary = self._run, self._source, self._summary
        links = sorted(links, key=lambda link: link.archive_location is not None)
        for link in links:
            run.record_link(link, urls.get_link_days(source, link), self._clock())
            if link.url not in self._found_urls:
                self._found_urls.add(link.url)
                summary.discovered += 1
                summary.already_loaded += link.url in self._known
        new_links = []
        for link in links:
            if link.locator not in self._known and link.locator not in self._requested:
                self._requested.add(link.locator)
                new_links.append(link)
        for fetched in fetch(new_links, self._client):
            summary.fetched += 1
            if isinstance(fetched, Capture):
                summary.archive_copies += fetched.via != "web"
                run.parse(fetched)
            else:
                self._record_reject(*fetched, errors)
            yield None

    def _record_reject(self, link: Link, error: FetchError, errors: dict[DiscoveryMethod, str]) -> None:
        if link.archive_location and error.reason in (Reason.FETCH_FAILED, Reason.ROBOTS):
            # The web archive failed, not the page: the day stays partial, and its page is requested again.
            errors.setdefault(link.method, str(error))
            self._requested.discard(link.locator)
        else:
            self._run.record_reject(build_reject(self._source, link.locator, error, self._clock()), error)

    def _build_queries(
        self, day: date, links: list[Link], errors: dict[DiscoveryMethod, str]
    ) -> Iterator[DiscoveryQuery]:
        """Yield one discovery query per method whose coverage includes the day."""
        now, slug = self._clock(), self._source.slug
        listing_queries = {query.method: query for query in self._discovery_queries}
        for method in self._methods:
            discovered = len({link.url for link in links if link.method == method})
            error = errors.get(method)
            if method not in SERVICE_METHODS:
                if method not in listing_queries or day < listing_queries[method].since:
                    continue
                error = error or listing_queries[method].error
            yield DiscoveryQuery(slug, method, day, day, now, discovered, error, self._is_recheck)
