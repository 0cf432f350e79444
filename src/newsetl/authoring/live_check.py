"""A source tried on a few pages as they are now: what each thing that its file declares finds there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from bs4 import BeautifulSoup

from newsetl.discover import feeds, listing_pages
from newsetl.errors import HostUnavailableError, StageError
from newsetl.fetch.client import Client
from newsetl.model import Article, Capture, Link, Reject
from newsetl.pipeline import ingest
from newsetl.sources import urls
from newsetl.sources.config import Source

# Of each index page so many of its listings are asked for.
LISTINGS_PER_INDEX = 2
CHECKED_FIELDS = ("title", "section", "agency", "published_at", "authors", "editors", "images", "text")


@dataclass(slots=True)
class LiveCheck:
    """What was found so far. `places` are what announces articles, with what came of each.

    `missing` is what the file declares and no page has, `read` how many pages have each field.
    """

    discovery_pages: list[tuple[str, str]] = field(default_factory=list)
    pages: list[Article | Reject] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def articles(self) -> list[Article]:
        """The pages that are articles."""
        return [page for page in self.pages if isinstance(page, Article)]

    @property
    def field_counts(self) -> Counter[str]:
        """Field → how many of the articles have it."""
        return Counter(name for article in self.articles for name in CHECKED_FIELDS if getattr(article, name))


def check_source(
    source: Source,
    client: Client,
    *,
    count: int,
    clock: Callable[[], datetime],
    on_progress: Callable[[str], None],
) -> LiveCheck:
    """The source's index pages, some listings, sitemaps, feeds, and `count` of the articles that they name.

    What fails is named and left; `tell` is told what is asked for.
    """
    trial, links = LiveCheck(), dict[str, Link]()
    for found in _find_links(source, client, trial, on_progress):
        links.setdefault(found.url, found)
    if not links:
        trial.missing.append("discover: no way announces an article; see what came of each above")
    for link in islice(_interleave(links.values()), count):
        on_progress(link.url)
        trial.pages.append(ingest.fetch_article(client, link.url, source, clock=clock))
    trial.missing += _find_missing(source, trial)
    return trial


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
        own = [listing for listing in listings if listing.url != url]
        labels = ", ".join(str(listing.section or "?") for listing in own)
        result.discovery_pages.append(
            (f"index {url}", f"{len(own)} listings ({labels})" if own else "a listing itself")
        )
        if not own:
            yield from _find_rows(source, capture, soup, result)
        for listing in own[:LISTINGS_PER_INDEX]:
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
            articles, inner = listing_pages.parse_sitemap(source, client.get(url, kind="sitemap"))
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
    by = [selector for selector in source.discover.listing_item_selectors if soup.select_one(selector)]
    if source.discover.listing_item_selectors and not by:
        result.missing.append(
            f"discover.listing_item_selectors: none of them matches anything on {capture.url}"
        )
    days = [days for row in rows if (days := urls.get_link_days(source, row))]
    how = f"by {by[0]!r}" if by else "all its links to articles"
    result.discovery_pages.append(
        (
            f"listing {capture.url}",
            f"{len(rows)} rows ({how}), {sum(bool(row.title) for row in rows)} with a title, "
            f"{len(days)} with a day or month",
        )
    )
    return rows


def _interleave(links: Iterable[Link]) -> Iterator[Link]:
    """The links, of one place after the other in turn."""
    by_place: dict[str, list[Link]] = {}
    for link in links:
        by_place.setdefault(link.discovered_from, []).append(link)
    while by_place:
        for place in list(by_place):
            yield by_place[place].pop(0)
            if not by_place[place]:
                del by_place[place]


def _find_missing(source: Source, result: LiveCheck) -> Iterator[str]:
    articles, count = result.articles, len(result.pages)
    for name in CHECKED_FIELDS if articles else ():
        lacking = [article for article in articles if not getattr(article, name)]
        if lacking:
            of_all = "" if len(lacking) < len(articles) else ": [parse] may lack its label or form"
            yield f"{name}: on {len(lacking)} of {count} pages not found, as on {lacking[0].url}{of_all}"
    for page in result.pages:
        if isinstance(page, Reject):
            yield f"{page.url}: refused ({page.reason}): {page.message}"
    if source.parse.content_selectors and not any(
        article.found["text"] == "content selector" for article in articles
    ):
        yield "parse.content_selectors: none of them matches anything on these pages"
