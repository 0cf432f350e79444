"""Services that know a channel's past, as its file declares them; a channel may have none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from newsetl.sources.toml_table import TomlTable

MoveUrl = Callable[[str], str]

# Archives serve the whole world for nothing: seconds between two requests to one.
WAYBACK_MIN_DELAY, COMMONCRAWL_MIN_DELAY = 3.0, 1.0
PREFIX_PLACEHOLDERS = ("year", "month")


@dataclass(frozen=True, slots=True)
class SearchConfig:
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
    def urls(self) -> tuple[str, ...]:
        """The addresses that share the pause."""
        return (self.url, *filter(None, [self.page]))

    def move(self, to: MoveUrl, _: str) -> SearchConfig:
        """The same service elsewhere, where nobody waits."""
        return replace(self, url=to(self.url), page=self.page and to(self.page), min_delay=0.0)


@dataclass(frozen=True, slots=True)
class WaybackConfig:
    """A Wayback Machine: its CDX server, and what stands before the time in a replayed page's address.

    `prefixes` are beginnings of article addresses without a scheme, {year} and {month} in their place,
    and a * for a folder of any name.
    """

    cdx: str
    replay: str
    min_delay: float
    prefixes: tuple[str, ...]

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses that share the pause."""
        return self.cdx, self.replay

    def move(self, to: MoveUrl, netloc: str) -> WaybackConfig:
        """The same archive elsewhere, where nobody waits, with what it has of `netloc`."""
        prefixes = _move_prefixes(netloc, self.prefixes)
        return replace(self, cdx=to(self.cdx), replay=to(self.replay), min_delay=0.0, prefixes=prefixes)


@dataclass(frozen=True, slots=True)
class CommonCrawlConfig:
    """Common Crawl: the list of its crawls, and what stands before a WARC file's name in its address.

    Of the crawls that ended in or after a window the earliest `max_crawls` are asked, each for every prefix.
    """

    collinfo: str
    files: str
    min_delay: float
    max_crawls: int
    prefixes: tuple[str, ...]

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses that share the pause."""
        return self.collinfo, self.files

    def move(self, to: MoveUrl, netloc: str) -> CommonCrawlConfig:
        """The same archive elsewhere, where nobody waits, with what it has of `netloc`."""
        prefixes = _move_prefixes(netloc, self.prefixes)
        return replace(
            self, collinfo=to(self.collinfo), files=to(self.files), min_delay=0.0, prefixes=prefixes
        )


Service = SearchConfig | WaybackConfig | CommonCrawlConfig


def min_delays(services: Iterable[Service | None]) -> dict[str, float]:
    """Host → seconds between two requests to it; the longest where services share a host."""
    found: dict[str, float] = {}
    for service in services:
        if service:
            for url in service.urls:
                host = urlsplit(url).netloc
                found[host] = max(service.min_delay, found.get(host, 0.0))
    return found


def _move_prefixes(netloc: str, prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{netloc}/{prefix.partition('/')[2]}" for prefix in prefixes))


def parse_search(table: TomlTable) -> SearchConfig:
    """The table [search]. Raises SourceError."""
    return SearchConfig(
        url=table.url("url"),
        page=table.url("page") if table.has("page") else None,
        min_delay=table.number("min_delay", least=0),
        page_size=table.integer("page_size", least=1),
        max_pages=table.integer("max_pages", least=1),
        form=table.mapping("form", required=False),
    )


def parse_wayback(table: TomlTable, hosts: tuple[str, ...]) -> WaybackConfig:
    """The table [wayback]. Raises SourceError."""
    return WaybackConfig(
        cdx=table.url("cdx"),
        replay=table.url("replay"),
        min_delay=table.number("min_delay", least=WAYBACK_MIN_DELAY),
        prefixes=table.prefixes("prefixes", hosts=hosts, placeholders=PREFIX_PLACEHOLDERS),
    )


def parse_commoncrawl(table: TomlTable, hosts: tuple[str, ...]) -> CommonCrawlConfig:
    """The table [commoncrawl]. Raises SourceError."""
    return CommonCrawlConfig(
        collinfo=table.url("collinfo"),
        files=table.url("files"),
        min_delay=table.number("min_delay", least=COMMONCRAWL_MIN_DELAY),
        max_crawls=table.integer("max_crawls", least=1),
        prefixes=table.prefixes("prefixes", hosts=hosts, placeholders=PREFIX_PLACEHOLDERS),
    )
