"""A source tried on a few pages as they are now: what each thing that its file declares finds there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from bs4 import BeautifulSoup

from newsetl.discover import feeds, listing_pages
from newsetl.errors import HostError, StageError
from newsetl.fetch.client import Client
from newsetl.model import Article, Capture, Link, Reject
from newsetl.pipeline import ingest
from newsetl.sources import urls
from newsetl.sources.config import Source

# Of each index page so many of its listings are asked for.
LISTINGS = 2
FIELDS = ("title", "section", "agency", "published_at", "authors", "editors", "images", "text")


@dataclass(slots=True)
class Trial:
    """What was found so far. `places` are what announces articles, with what came of each.

    `missing` is what the file declares and no page has, `read` how many pages have each field.
    """

    places: list[tuple[str, str]] = field(default_factory=list)
    pages: list[Article | Reject] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def articles(self) -> list[Article]:
        """The pages that are articles."""
        return [page for page in self.pages if isinstance(page, Article)]

    @property
    def read(self) -> Counter[str]:
        """Field → how many of the articles have it."""
        return Counter(name for article in self.articles for name in FIELDS if getattr(article, name))


def tried(
    source: Source, client: Client, *, count: int, clock: Callable[[], datetime], tell: Callable[[str], None]
) -> Trial:
    """The source's index pages, some listings, sitemaps, feeds, and `count` of the articles that they name.

    What fails is named and left; `tell` is told what is asked for.
    """
    trial, links = Trial(), dict[str, Link]()
    for found in _announced(source, client, trial, tell):
        links.setdefault(found.url, found)
    if not links:
        trial.missing.append("discover: no way announces an article; see what came of each above")
    for link in islice(_mixed(links.values()), count):
        tell(link.url)
        trial.pages.append(ingest.look(client, link.url, source, clock=clock))
    trial.missing += _missing(source, trial)
    return trial


def _announced(source: Source, client: Client, trial: Trial, tell: Callable[[str], None]) -> Iterator[Link]:
    for url in source.discover.start_urls:
        tell(url)
        try:
            capture = client.get(url, why="index")
            soup = listing_pages.soup_of(capture)
            listings = listing_pages.listings(source, capture, soup)
        except (StageError, HostError) as error:
            trial.places.append((f"index {url}", str(error)))
            continue
        own = [listing for listing in listings if listing.url != url]
        labels = ", ".join(str(listing.section or "?") for listing in own)
        trial.places.append(
            (f"index {url}", f"{len(own)} listings ({labels})" if own else "a listing itself")
        )
        if not own:
            yield from _rows(source, capture, soup, trial)
        for listing in own[:LISTINGS]:
            tell(listing.url)
            try:
                capture = client.get(listing.url, why="listing")
            except (StageError, HostError) as error:
                trial.places.append((f"listing {listing.url}", str(error)))
                continue
            yield from _rows(source, capture, listing_pages.soup_of(capture), trial)
    for url in source.discover.sitemaps:
        tell(url)
        try:
            articles, inner = listing_pages.sitemap(source, client.get(url, why="sitemap"))
        except (StageError, HostError) as error:
            trial.places.append((f"sitemap {url}", str(error)))
            continue
        trial.places.append((f"sitemap {url}", f"{len(articles)} articles, {len(inner)} sitemaps"))
        yield from articles
    for url in source.discover.feeds:
        tell(url)
        try:
            entries = feeds.entries(source, client.get(url, why="feed"))
        except (StageError, HostError) as error:
            trial.places.append((f"feed {url}", str(error)))
            continue
        trial.places.append((f"feed {url}", f"{len(entries)} articles"))
        yield from entries


def _rows(source: Source, capture: Capture, soup: BeautifulSoup, trial: Trial) -> list[Link]:
    rows = listing_pages.rows(source, capture, soup, None)
    by = [selector for selector in source.discover.listing_item_selectors if soup.select_one(selector)]
    if source.discover.listing_item_selectors and not by:
        trial.missing.append(
            f"discover.listing_item_selectors: none of them matches anything on {capture.url}"
        )
    days = [days for row in rows if (days := urls.days_of_link(source, row))]
    how = f"by {by[0]!r}" if by else "all its links to articles"
    trial.places.append(
        (
            f"listing {capture.url}",
            f"{len(rows)} rows ({how}), {sum(bool(row.title) for row in rows)} with a title, "
            f"{len(days)} with a day or month",
        )
    )
    return rows


def _mixed(links: Iterable[Link]) -> Iterator[Link]:
    """The links, of one place after the other in turn."""
    by_place: dict[str, list[Link]] = {}
    for link in links:
        by_place.setdefault(link.discovered_from, []).append(link)
    while by_place:
        for place in list(by_place):
            yield by_place[place].pop(0)
            if not by_place[place]:
                del by_place[place]


def _missing(source: Source, trial: Trial) -> Iterator[str]:
    articles, count = trial.articles, len(trial.pages)
    for name in FIELDS if articles else ():
        lacking = [article for article in articles if not getattr(article, name)]
        if lacking:
            of_all = "" if len(lacking) < len(articles) else ": [parse] may lack its label or form"
            yield f"{name}: on {len(lacking)} of {count} pages not found, as on {lacking[0].url}{of_all}"
    for page in trial.pages:
        if isinstance(page, Reject):
            yield f"{page.url}: refused ({page.reason}): {page.message}"
    if source.parse.content_selectors and not any(
        article.found["text"] == "content selector" for article in articles
    ):
        yield "parse.content_selectors: none of them matches anything on these pages"
