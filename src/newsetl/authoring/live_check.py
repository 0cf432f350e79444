"""Check of a source file against a few live pages of the site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from bs4 import BeautifulSoup

from newsetl.discover import feeds, listing_pages, sitemaps
from newsetl.errors import HostUnavailableError, StageError
from newsetl.fetch.client import Client
from newsetl.model import Article, Capture, Link, Reject
from newsetl.pipeline import ingest
from newsetl.sources import urls
from newsetl.sources.config import Source

# Number of listings to request per start page.
LISTINGS_PER_INDEX = 2
CHECKED_FIELDS = ("title", "section", "agency", "published_at", "authors", "editors", "images", "text")


@dataclass(slots=True)
class LiveCheck:
    """Result of a live check.

    `discovery_pages` are pairs of a start page, listing, sitemap or feed and its result. `missing` are the
    declarations and fields that were not found.
    """

    discovery_pages: list[tuple[str, str]] = field(default_factory=list)
    pages: list[Article | Reject] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def articles(self) -> list[Article]:
        """Pages that are articles."""
        return [page for page in self.pages if isinstance(page, Article)]

    @property
    def field_counts(self) -> Counter[str]:
        """Number of articles with each field."""
        return Counter(name for article in self.articles for name in CHECKED_FIELDS if getattr(article, name))


def check_source(
    source: Source,
    client: Client,
    *,
    count: int,
    clock: Callable[[], datetime],
    on_progress: Callable[[str], None],
) -> LiveCheck:
    """Check the start pages, some listings, the sitemaps and feeds, and `count` of the discovered articles.

    A page that fails is recorded in the result, and the check continues. `on_progress` is called with each
    URL before its request.
    """
    result, links = LiveCheck(), dict[str, Link]()
    for discovered in _find_links(source, client, result, on_progress):
        links.setdefault(discovered.url, discovered)
    if not links:
        result.missing.append("discover: no discovery method found an article; see the results above")
    for link in islice(_interleave(links.values()), count):
        on_progress(link.url)
        result.pages.append(ingest.fetch_article(client, link.url, source, clock=clock))
    result.missing += _find_missing(source, result)
    return result


def _find_links(
    source: Source, client: Client, result: LiveCheck, on_progress: Callable[[str], None]
) -> Iterator[Link]:
    for url in source.discover.start_urls:
        on_progress(url)
        try:
            capture = client.get(url, kind="index")
            soup = listing_pages.parse_html(capture)
            listings = listing_pages.find_listings(source, capture, soup)
        except (StageError, HostUnavailableError) as error:
            result.discovery_pages.append((f"index {url}", str(error)))
            continue
        linked = [listing for listing in listings if listing.url != url]
        labels = ", ".join(str(listing.section or "?") for listing in linked)
        result.discovery_pages.append(
            (f"index {url}", f"{len(linked)} listings ({labels})" if linked else "a listing itself")
        )
        if not linked:
            yield from _find_rows(source, capture, soup, result)
        for listing in linked[:LISTINGS_PER_INDEX]:
            on_progress(listing.url)
            try:
                capture = client.get(listing.url, kind="listing")
            except (StageError, HostUnavailableError) as error:
                result.discovery_pages.append((f"listing {listing.url}", str(error)))
                continue
            yield from _find_rows(source, capture, listing_pages.parse_html(capture), result)
    for url in source.discover.sitemaps:
        on_progress(url)
        try:
            articles, inner, _ = sitemaps.parse_sitemap(source, client.get(url, kind="sitemap"))
        except (StageError, HostUnavailableError) as error:
            result.discovery_pages.append((f"sitemap {url}", str(error)))
            continue
        result.discovery_pages.append((f"sitemap {url}", f"{len(articles)} articles, {len(inner)} sitemaps"))
        yield from articles
    for url in source.discover.feeds:
        on_progress(url)
        try:
            entries = feeds.parse_feed(source, client.get(url, kind="feed"))
        except (StageError, HostUnavailableError) as error:
            result.discovery_pages.append((f"feed {url}", str(error)))
            continue
        result.discovery_pages.append((f"feed {url}", f"{len(entries)} articles"))
        yield from entries


def _find_rows(source: Source, capture: Capture, soup: BeautifulSoup, result: LiveCheck) -> list[Link]:
    rows = listing_pages.find_rows(source, capture, soup, None)
    matching = [selector for selector in source.discover.listing_item_selectors if soup.select_one(selector)]
    if source.discover.listing_item_selectors and not matching:
        result.missing.append(f"discover.listing_item_selectors: no selector matches on {capture.url}")
    days = [days for row in rows if (days := urls.get_link_days(source, row))]
    method = f"by {matching[0]!r}" if matching else "all links to articles"
    result.discovery_pages.append(
        (
            f"listing {capture.url}",
            f"{len(rows)} rows ({method}), {sum(bool(row.title) for row in rows)} with a title, "
            f"{len(days)} with a day or month",
        )
    )
    return rows


def _interleave(links: Iterable[Link]) -> Iterator[Link]:
    """Yield the links, taking one from each discovery page in turn."""
    by_page: dict[str, list[Link]] = {}
    for link in links:
        by_page.setdefault(link.discovered_from, []).append(link)
    while by_page:
        for page in list(by_page):
            yield by_page[page].pop(0)
            if not by_page[page]:
                del by_page[page]


def _find_missing(source: Source, result: LiveCheck) -> Iterator[str]:
    articles, count = result.articles, len(result.pages)
    for name in CHECKED_FIELDS if articles else ():
        lacking = [article for article in articles if not getattr(article, name)]
        if lacking:
            fix = "" if len(lacking) < len(articles) else "; check its labels and patterns in [parse]"
            yield f"{name}: not found on {len(lacking)} of {count} pages, for example {lacking[0].url}{fix}"
    for page in result.pages:
        if isinstance(page, Reject):
            yield f"{page.url}: rejected ({page.reason}): {page.message}"
    if source.parse.content_selectors and not any(
        article.found["text"] == "content selector" for article in articles
    ):
        yield "parse.content_selectors: no selector matches on these pages"
