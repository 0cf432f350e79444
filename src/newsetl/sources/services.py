"""Services that know a channel's past, as its file declares them; a channel may have none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from newsetl.sources.toml_table import Table

Move = Callable[[str], str]

# Archives serve the whole world for nothing: seconds between two requests to one.
WAYBACK_PAUSE, COMMONCRAWL_PAUSE = 3.0, 1.0
PLACES = ("year", "month")


@dataclass(frozen=True, slots=True)
class Search:
    """The channel's search service, asked with `form` and the days and the page besides.

    `page` is the page that readers search from; it is asked for first and named as Referer. A window
    with more than `max_pages` pages of `page_size` hits is not read to its end.
    """

    url: str
    page: str | None
    min_delay: float
    page_size: int
    max_pages: int
    form: Mapping[str, str]

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that share the pause."""
        return (self.url, *filter(None, [self.page]))

    def moved(self, to: Move, _: str) -> Search:
        """The same service elsewhere, where nobody waits."""
        return replace(self, url=to(self.url), page=self.page and to(self.page), min_delay=0.0)


@dataclass(frozen=True, slots=True)
class Wayback:
    """A Wayback Machine: its CDX server, and what stands before the time in a replayed page's address.

    `prefixes` are beginnings of article addresses without a scheme, {year} and {month} in their place,
    and a * for a folder of any name.
    """

    cdx: str
    replay: str
    min_delay: float
    prefixes: tuple[str, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that share the pause."""
        return self.cdx, self.replay

    def moved(self, to: Move, netloc: str) -> Wayback:
        """The same archive elsewhere, where nobody waits, with what it has of `netloc`."""
        prefixes = _prefixes_on(netloc, self.prefixes)
        return replace(self, cdx=to(self.cdx), replay=to(self.replay), min_delay=0.0, prefixes=prefixes)


@dataclass(frozen=True, slots=True)
class CommonCrawl:
    """Common Crawl: the list of its crawls, and what stands before a WARC file's name in its address.

    Of the crawls that ended in or after a window the earliest `max_crawls` are asked, each for every prefix.
    """

    collinfo: str
    files: str
    min_delay: float
    max_crawls: int
    prefixes: tuple[str, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that share the pause."""
        return self.collinfo, self.files

    def moved(self, to: Move, netloc: str) -> CommonCrawl:
        """The same archive elsewhere, where nobody waits, with what it has of `netloc`."""
        prefixes = _prefixes_on(netloc, self.prefixes)
        return replace(
            self, collinfo=to(self.collinfo), files=to(self.files), min_delay=0.0, prefixes=prefixes
        )


Service = Search | Wayback | CommonCrawl


def min_delays(services: Iterable[Service | None]) -> dict[str, float]:
    """Host → seconds between two requests to it; the longest where services share a host."""
    found: dict[str, float] = {}
    for service in services:
        if service:
            for url in service.addresses:
                host = urlsplit(url).netloc
                found[host] = max(service.min_delay, found.get(host, 0.0))
    return found


def _prefixes_on(netloc: str, prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{netloc}/{prefix.partition('/')[2]}" for prefix in prefixes))


def search(table: Table) -> Search:
    """The table [search]. Raises SourceError."""
    return Search(
        url=table.url("url"),
        page=table.url("page") if table.has("page") else None,
        min_delay=table.number("min_delay", least=0),
        page_size=table.whole("page_size", least=1),
        max_pages=table.whole("max_pages", least=1),
        form=table.mapping("form", required=False),
    )


def wayback(table: Table, hosts: tuple[str, ...]) -> Wayback:
    """The table [wayback]. Raises SourceError."""
    return Wayback(
        cdx=table.url("cdx"),
        replay=table.url("replay"),
        min_delay=table.number("min_delay", least=WAYBACK_PAUSE),
        prefixes=table.prefixes("prefixes", hosts=hosts, places=PLACES),
    )


def commoncrawl(table: Table, hosts: tuple[str, ...]) -> CommonCrawl:
    """The table [commoncrawl]. Raises SourceError."""
    return CommonCrawl(
        collinfo=table.url("collinfo"),
        files=table.url("files"),
        min_delay=table.number("min_delay", least=COMMONCRAWL_PAUSE),
        max_crawls=table.whole("max_crawls", least=1),
        prefixes=table.prefixes("prefixes", hosts=hosts, places=PLACES),
    )
