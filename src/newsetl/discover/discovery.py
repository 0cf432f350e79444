"""Discovery of new articles: index pages, their listings, sitemaps and feeds → Link."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import partial

from bs4 import BeautifulSoup

from newsetl.discover import feeds, listing_pages, sitemaps
from newsetl.discover.coverage import NEWEST_FIRST_METHODS, DiscoveryCoverage
from newsetl.errors import DiscoverError, OnError, StageError
from newsetl.fetch.client import Client
from newsetl.model import Capture, DiscoveryMethod, Link, Window
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source

OnFound = Callable[[Link, tuple[date, date] | None], None]

SITEMAP_DEPTH = 4
# Reasons that a request beyond the last page of a listing can end with.
LAST_PAGE_REASONS = (Reason.HTTP_STATUS, Reason.UNKNOWN_LAYOUT, Reason.SOFT_404)


class Discovery(Iterator[Link]):
    """Iterator over the new links of one source, in the site's own order.

    Args:
        known: URLs of loaded articles. Their links are counted, not yielded.
        window: Days to discover, both included, in the source's timezone.
        on_error: Called with the URL and the error of each index page, listing, sitemap or feed that fails.
        on_found: Called with each link in the window, known or not, and its first and last possible day.
        back_to: Oldest day to request pages for; default: the window's first day. Older links on the
            requested pages are still yielded.
        due: Links of rejects to retry. They are yielded last, discovered again or not.
        listings: Listing URLs of earlier runs, parsed even if no index page links to them now.
        recent: Links of loaded articles to fetch again. They are yielded after the new links.
        methods: Discovery methods to use.

    `discovered` counts the distinct articles in the window so far, and `already_loaded` those among them
    that are known. `coverage` has the days that each method covers. If every index page fails, the
    iterator raises the last error at its end.
    """

    def __init__(
        self,
        source: Source,
        client: Client,
        *,
        known: frozenset[str],
        window: Window,
        on_error: OnError,
        on_found: OnFound = lambda *_: None,
        back_to: date | None = None,
        due: Iterable[Link] = (),
        listings: Iterable[str] = (),
        recent: Iterable[Link] = (),
        methods: Collection[DiscoveryMethod] = NEWEST_FIRST_METHODS,
    ) -> None:
        self.discovered = 0
        self.already_loaded = 0
        self._back_to = back_to or window.since
        self.coverage = DiscoveryCoverage(source, Window(self._back_to, window.until))
        self._source, self._client, self._window = source, client, window
        self._on_error, self._on_found, self._known, self._methods = on_error, on_found, known, methods
        self._due = {link.url: link for link in due}
        self._listings, self._recent = listings, recent
        self._seen: set[str] = set()
        self._sitemaps: set[str] = set()
        self._own_listings: dict[str, tuple[Capture, BeautifulSoup]] = {}
        self._links = self._find_all()

    def __next__(self) -> Link:
        return next(self._links)

    def _find_all(self) -> Iterator[Link]:
        listings: dict[str, listing_pages.Listing] = {}
        failure: StageError | None = None
        for url in self._source.discover.start_urls if "listing" in self._methods else ():
            try:
                capture = self._client.get(url, kind="index")
                soup = listing_pages.parse_html(capture)
                for listing in listing_pages.find_listings(self._source, capture, soup):
                    listings.setdefault(listing.url, listing)
                    if listing.url == capture.requested_url:
                        self._own_listings[listing.url] = capture, soup
            except StageError as error:
                failure = error
                self._report_failure("listing", url, error)
        if listings:
            for url in self._listings:
                listings.setdefault(url, listing_pages.Listing(url, None))
        for listing in listings.values():
            yield from self._filter_new(self._read_listing(listing))
        for url in self._source.discover.sitemaps if "sitemap" in self._methods else ():
            yield from self._filter_new(self._read_sitemap(url, SITEMAP_DEPTH))
        if "feed" in self._methods:
            # The open window shows the coverage of a feed.
            yield from self._filter_new(
                feeds.find_links(self._source, self._client, Window(), partial(self._report_failure, "feed"))
            )
        # A sitemap or feed may still have the day's articles, so the error is raised after both.
        if failure and not listings:
            raise failure
        yield from (link for link in self._recent if link.url in self._known or link.url not in self._seen)
        for link in self._due.values():
            self.discovered += link.url not in self._seen
            yield link

    def _filter_new(self, links: Iterator[Link]) -> Iterator[Link]:
        """Yield the links that are in the window, not known and not yielded before."""
        for link in links:
            days = urls.get_link_days(self._source, link)
            is_wanted = days is None or self._window.overlaps(*days)
            if self._window.since and _is_modified_before(self._source, link, self._window.since):
                is_wanted = False
            self.coverage.add_link(link, days, is_wanted=is_wanted)
            if not is_wanted:
                continue
            self._on_found(link, days)
            if link.url in self._seen:
                continue
            self._seen.add(link.url)
            self.discovered += 1
            if link.url in self._due:
                self._due[link.url] = link
            elif link.url in self._known:
                self.already_loaded += 1
            else:
                yield link

    def _report_failure(self, method: DiscoveryMethod, url: str, error: StageError) -> None:
        self.coverage.add_error(method, str(error))
        self._on_error(url, error)

    def _read_listing(self, listing: listing_pages.Listing) -> Iterator[Link]:
        """Yield the rows of a listing, page by page, until no later page can have a new article."""
        source = self._source
        section, page_count, previous_urls = listing.section, 0, frozenset[str]()
        next_url: str | None = None
        for number in range(1, source.discover.max_pages + 1):
            url = listing.url if number == 1 else next_url
            if url is None:
                return
            try:
                if number == 1 and url in self._own_listings:
                    # A start page that is its own listing is requested once.
                    capture, soup = self._own_listings.pop(url)
                else:
                    capture = self._client.get(url, kind="listing")
                    soup = listing_pages.parse_html(capture)
                section = section or listing_pages.find_section_label(source, soup)
                rows = listing_pages.find_rows(source, capture, soup, section)
                if not rows and not listing_pages.is_empty_listing(source, soup):
                    raise listing_pages.build_page_error(source, capture, "article")
                next_url = listing_pages.find_next_page(capture.url, soup, listing.url, number + 1)
            except StageError as error:
                if number == 1 or number <= page_count or error.reason not in LAST_PAGE_REASONS:
                    self.coverage.mark_truncated(listing.url)
                    self._report_failure("listing", url, error)
                return
            row_urls = frozenset(row.url for row in rows)
            if not rows or row_urls == previous_urls:
                if number <= page_count:
                    self.coverage.mark_truncated(listing.url)
                return
            previous_urls = row_urls
            self.coverage.add_listing_page(listing.url, [urls.get_link_days(source, row) for row in rows])
            yield from rows
            page_count = listing_pages.find_page_count(soup) or page_count
            if all(map(self._is_older, rows)):
                return
            if number >= page_count if page_count else len(rows) < source.discover.page_size:
                break
        if number == source.discover.max_pages:
            self.coverage.mark_truncated(listing.url)

    def _read_sitemap(self, url: str, depth: int) -> Iterator[Link]:
        """Yield the articles of a sitemap and of the sitemaps nested in it, each sitemap once."""
        self._sitemaps.add(url)
        try:
            sitemap = sitemaps.parse_sitemap(self._source, self._client.get(url, kind="sitemap"))
        except StageError as error:
            self._report_failure("sitemap", url, error)
            return
        yield from sitemap.articles
        if not sitemap.is_complete:
            read = len(sitemap.articles) + len(sitemap.nested)
            self._report_sitemap(url, f"the sitemap is cut or malformed; {read} of its links could be read")
        nested = [entry for entry in sitemaps.sort_newest_first(sitemap.nested) if not self._is_older(entry)]
        if nested and depth == 1:
            self._report_sitemap(url, f"the sitemaps are nested deeper than {SITEMAP_DEPTH} levels")
            return
        limit = self._source.discover.max_sitemaps
        for number, entry in enumerate(nested):
            if entry.url in self._sitemaps:
                continue
            if len(self._sitemaps) >= limit:
                self._report_sitemap(
                    url,
                    f"{len(nested) - number} of its {len(nested)} sitemaps were not requested; the limit is "
                    f"{limit} a run, newest first; raise discover.max_sitemaps in the source file",
                )
                return
            yield from self._read_sitemap(entry.url, depth - 1)

    def _report_sitemap(self, url: str, message: str) -> None:
        self._report_failure("sitemap", url, DiscoverError(Reason.UNKNOWN_LAYOUT, f"{url}: {message}"))

    def _is_older(self, link: Link) -> bool:
        days = urls.get_link_days(self._source, link)
        if self._back_to is None:
            return False
        if days is None:
            return _is_modified_before(self._source, link, self._back_to)
        return days[1] < self._back_to


def _is_modified_before(source: Source, link: Link, day: date) -> bool:
    """Return True if the link was last changed before `day`, and thus published before."""
    return link.modified_at is not None and link.modified_at.astimezone(source.timezone).date() < day
