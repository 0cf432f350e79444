"""Where a channel announces its articles: index page → listings → rows, then sitemaps and feeds → Link."""

from __future__ import annotations

from collections.abc import Iterator

from newsetl import urls
from newsetl.client import Client
from newsetl.discover import feeds, pages
from newsetl.errors import DiscoverError, OnError, StageError
from newsetl.model import Link, Reason, Window
from newsetl.sources import Source

SITEMAP_DEPTH = 2
# What asking for one page too many brings.
ENDS = (Reason.HTTP_STATUS, Reason.NO_LANDMARKS, Reason.DEAD_PAGE)


class Discovery(Iterator[Link]):
    """The new links of one source, each as soon as it is found, in the site's own order.

    `found` counts the distinct articles in the window so far, `known` those of them that were known;
    what was handed out is the difference.

    A listing, sitemap, feed or index page that fails is told to `on_error` with its address. If every
    index page failed, the last failure is raised at the end. Within a listing nothing is asked for
    beyond a page that is known as a whole, unless `stop_at_known` is False (a run before broke off) or the
    listing has a page in `refused_lists` (it could not be read to its end the last time).
    """

    def __init__(
        self,
        source: Source,
        client: Client,
        *,
        known: frozenset[str],
        window: Window,
        on_error: OnError,
        stop_at_known: bool = True,
        refused_lists: frozenset[str] = frozenset(),
    ) -> None:
        self.found = 0
        self.known = 0
        self._source, self._client, self._window, self._on_error = source, client, window, on_error
        self._known, self._stop_at_known, self._refused_lists = known, stop_at_known, refused_lists
        self._seen: set[str] = set()
        self._links = self._all()

    def __next__(self) -> Link:
        return next(self._links)

    def _all(self) -> Iterator[Link]:
        listings: dict[str, pages.Listing] = {}
        failure: StageError | None = None
        for url in self._source.discover.index:
            try:
                capture = self._client.get(url, why="index")
                for listing in pages.listings(self._source, capture, pages.soup_of(capture)):
                    listings.setdefault(listing.url, listing)
            except StageError as error:
                failure = error
                self._on_error(url, error)
        for listing in listings.values():
            yield from self._new(self._listing(listing))
        for url in self._source.discover.sitemaps:
            yield from self._new(self._sitemap(url, SITEMAP_DEPTH))
        yield from self._new(feeds.links(self._source, self._client, self._window, self._on_error))
        # A sitemap or feed may still name the day's articles, so the source is given up only after it.
        if failure and not listings:
            raise failure

    def _new(self, links: Iterator[Link]) -> Iterator[Link]:
        """Those of `links` that are in the window, not known, and not handed out before."""
        for link in links:
            days = urls.days_of_link(self._source, link)
            if link.url in self._seen or not (days is None or self._window.has(*days)):
                continue
            self._seen.add(link.url)
            self.found += 1
            if link.url in self._known:
                self.known += 1
            else:
                yield link

    def _listing(self, listing: pages.Listing) -> Iterator[Link]:
        """The rows of a listing, page by page, until the pages end or no later one can bring anything new."""
        source = self._source
        section, promised, before = listing.section, 0, frozenset[str]()
        numbers = range(1, source.discover.max_pages + 1)
        is_whole = not any(pages.numbered(listing.url, number) in self._refused_lists for number in numbers)
        for number in numbers:
            url = pages.numbered(listing.url, number)
            try:
                capture = self._client.get(url, why="listing")
                soup = pages.soup_of(capture)
                section = section or pages.label(source, soup)
                rows = pages.rows(source, capture, soup, section)
                if not rows and not pages.is_empty(source, soup):
                    raise pages.refusal(source, capture, "article")
            except StageError as error:
                if number == 1 or number <= promised or error.reason not in ENDS:
                    self._on_error(url, error)
                return
            addresses = frozenset(row.url for row in rows)
            if not rows or addresses == before:
                return
            before = addresses
            yield from rows
            promised = pages.page_count(soup) or promised
            is_last = number >= promised if promised else len(rows) < source.discover.page_size
            if is_last or all(self._is_settled(row, is_whole=is_whole) for row in rows):
                return

    def _sitemap(self, url: str, depth: int) -> Iterator[Link]:
        """The articles of a sitemap, and those of the sitemaps that it names."""
        try:
            if not depth:
                raise DiscoverError(Reason.NO_LANDMARKS, f"{url}: sitemaps nested too deep")
            articles, sitemaps = pages.sitemap(self._source, self._client.get(url, why="sitemap"))
        except StageError as error:
            self._on_error(url, error)
            return
        yield from articles
        for entry in sitemaps:
            if not self._is_older(entry):
                yield from self._sitemap(entry.url, depth - 1)

    def _is_settled(self, link: Link, *, is_whole: bool) -> bool:
        return self._is_older(link) or (self._stop_at_known and is_whole and link.url in self._known)

    def _is_older(self, link: Link) -> bool:
        days = urls.days_of_link(self._source, link)
        return self._window.since is not None and days is not None and days[1] < self._window.since
