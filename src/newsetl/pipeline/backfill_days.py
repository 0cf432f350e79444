"""State of a backfill, day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from newsetl.discover import commoncrawl, search, wayback
from newsetl.discover.coverage import NEWEST_FIRST_METHODS
from newsetl.discover.discovery import Discovery
from newsetl.errors import FetchError, StageError
from newsetl.fetch.articles import fetch
from newsetl.fetch.client import Client
from newsetl.model import Article, Capture, DiscoveryMethod, DiscoveryQuery, Link, Window
from newsetl.pipeline.fetch_rejects import refusal
from newsetl.pipeline.parse_page import parse_page
from newsetl.pipeline.run import Run
from newsetl.pipeline.summary import BackfillSummary
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source

# Days in these states have nothing left to be had.
FINISHED_STATES = ("complete", "no articles")
INCOMPLETE_STATES = ("failed", "partial")
SERVICE_METHODS = {
    "search": search.find_links,
    "wayback": wayback.find_links,
    "commoncrawl": commoncrawl.find_links,
}


class BackfillRun:
    """One backfill under way: what its ways have announced and what is known by now."""

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
        self._methods, self._known, self._clock, self._is_again = methods, known, clock, include_complete
        self._found_urls: set[str] = set()
        self._requested: set[str] = set()
        self._shown: list[Link] | None = None
        self._discovery_queries: tuple[DiscoveryQuery, ...] = ()

    def fill_month(self, days: tuple[date, ...], *, span: Window) -> Iterator[None]:
        """Fills the days, which are of one month; yields after each page and each day."""
        chunk = Window(min(days), max(days))
        errors: dict[DiscoveryMethod, str] = {}
        links = [*self._find_shown_links(span), *self._find_service_links(chunk, errors)]
        by_day: dict[date, list[Link]] = {day: [] for day in days}
        undated: list[Link] = []
        for link in links:
            span_ = urls.get_link_days(self._source, link)
            if span_ and span_[0] == span_[1]:
                if span_[0] in by_day:
                    by_day[span_[0]].append(link)
            elif span_ is None or chunk.overlaps(*span_):
                undated.append(link)
        # Of a month alone: whichever of its days they turn out to be of, they are had before those are done.
        yield from self._fetch_new(undated, errors)
        for day in days:
            failed = dict(errors)
            yield from self._fetch_new(by_day[day], failed)
            asked = list(self._build_queries(day, by_day[day], failed))
            self._run.record_queries(asked)
            self._summary.days_done += 1
            self._summary.failed_methods.update(asking.method for asking in asked if asking.error)
            yield None

    def _find_shown_links(self, span: Window) -> list[Link]:
        """What listings, sitemaps and feeds still show of the whole span; they are asked once."""
        methods = [method for method in NEWEST_FIRST_METHODS if method in self._methods]
        if self._shown is None:
            shown: list[Link] = []
            if methods:
                discovery = Discovery(
                    self._source,
                    self._client,
                    known=frozenset(),
                    window=span,
                    on_error=self._record_listing_failure,
                    on_found=lambda link, _: shown.append(link),
                    methods=methods,
                )
                try:
                    for _ in discovery:
                        pass
                except StageError as error:
                    discovery.coverage.add_error("listing", str(error))
                self._discovery_queries = discovery.coverage.build_queries(self._clock())
            self._shown = shown
        return self._shown

    def _find_service_links(self, chunk: Window, errors: dict[DiscoveryMethod, str]) -> list[Link]:
        found: list[Link] = []
        for method in self._methods:
            if method not in SERVICE_METHODS:
                continue

            def fail(url: str, error: StageError, method: DiscoveryMethod = method) -> None:
                errors.setdefault(method, str(error))
                self._record_listing_failure(url, error)

            found += SERVICE_METHODS[method](self._source, self._client, chunk, fail)
        return found

    def _record_listing_failure(self, url: str, error: StageError) -> None:
        self._run.record_listing_failure(url, error, self._clock())

    def _fetch_new(self, links: Iterable[Link], errors: dict[DiscoveryMethod, str]) -> Iterator[None]:
        """Every page that is not known, from the site first; yields after each."""
        run, source, summary = self._run, self._source, self._summary
        links = sorted(links, key=lambda link: link.archive_location is not None)
        for link in links:
            run.record_link(link, urls.get_link_days(source, link), self._clock())
            if link.url not in self._found_urls:
                self._found_urls.add(link.url)
                summary.discovered += 1
                summary.already_loaded += link.url in self._known
        wanted = []
        for link in links:
            if link.locator not in self._known and link.locator not in self._requested:
                self._requested.add(link.locator)
                wanted.append(link)
        for answer in fetch(wanted, self._client):
            summary.fetched += 1
            if isinstance(answer, Capture):
                summary.archive_copies += answer.via != "web"
                outcome = parse_page(answer, source)
                summary.articles += isinstance(outcome, Article)
                run.add_outcome(outcome)
            else:
                self._record_reject(*answer, errors)
            yield None

    def _record_reject(self, link: Link, error: FetchError, errors: dict[DiscoveryMethod, str]) -> None:
        if link.archive_location and error.reason in (Reason.FETCH_FAILED, Reason.ROBOTS):
            # The archive's fault, not the page's: the day lacks the way, and is tried again for it.
            errors.setdefault(link.method, str(error))
            self._requested.discard(link.locator)
        else:
            self._run.record_reject(refusal(self._source, link.locator, error, self._clock()), error)

    def _build_queries(
        self, day: date, links: list[Link], errors: dict[DiscoveryMethod, str]
    ) -> Iterator[DiscoveryQuery]:
        """What each way was asked for of one day, as far as it reaches."""
        now, slug = self._clock(), self._source.slug
        shown = {asking.method: asking for asking in self._discovery_queries}
        for method in self._methods:
            found = len({link.url for link in links if link.method == method})
            error = errors.get(method)
            if method not in SERVICE_METHODS:
                if method not in shown or day < shown[method].since:
                    continue
                error = error or shown[method].error
            yield DiscoveryQuery(slug, method, day, day, now, found, error, self._is_again)
