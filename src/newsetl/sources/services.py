"""Configuration of the services that list older articles: site search, Wayback Machine, Common Crawl."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from newsetl.sources.toml_table import TomlTable

MoveUrl = Callable[[str], str]

# Seconds between two requests; web archives are free public services and must not be overloaded.
WAYBACK_MIN_DELAY, COMMONCRAWL_MIN_DELAY = 3.0, 1.0
PREFIX_PLACEHOLDERS = ("year", "month")


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """Search service of a site. Each query sends `form`, the days and the page number.

    `page` is the URL of the search page for visitors. It is requested first and sent as Referer. At most
    `max_pages` pages of `page_size` hits are read per window.
    """

    url: str
    page: str | None
    min_delay: float
    page_size: int
    max_pages: int
    form: Mapping[str, str]

    @property
    def urls(self) -> tuple[str, ...]:
        """URLs to which `min_delay` applies."""
        return (self.url, *filter(None, [self.page]))

    def move(self, to: MoveUrl, _: str) -> SearchConfig:
        """Return the same service at another URL, without a minimum delay."""
        return replace(self, url=to(self.url), page=self.page and to(self.page), min_delay=0.0)


@dataclass(frozen=True, slots=True)
class WaybackConfig:
    """Wayback Machine: the URL of its CDX server, and the URL prefix of its replayed pages.

    `prefixes` are the beginnings of article URLs without scheme, with {year} and {month} as placeholders
    and `*` for a path segment of any name.
    """

    cdx: str
    replay: str
    min_delay: float
    prefixes: tuple[str, ...]

    @property
    def urls(self) -> tuple[str, ...]:
        """URLs to which `min_delay` applies."""
        return self.cdx, self.replay

    def move(self, to: MoveUrl, netloc: str) -> WaybackConfig:
        """Return the same web archive at another URL, with prefixes of `netloc` and no minimum delay."""
        prefixes = _move_prefixes(netloc, self.prefixes)
        return replace(self, cdx=to(self.cdx), replay=to(self.replay), min_delay=0.0, prefixes=prefixes)


@dataclass(frozen=True, slots=True)
class CommonCrawlConfig:
    """Common Crawl: the URL of its list of crawls, and the URL prefix of its WARC files.

    The earliest `max_crawls` crawls that ended in or after a window are queried for every prefix.
    """

    collinfo: str
    files: str
    min_delay: float
    max_crawls: int
    prefixes: tuple[str, ...]

    @property
    def urls(self) -> tuple[str, ...]:
        """URLs to which `min_delay` applies."""
        return self.collinfo, self.files

    def move(self, to: MoveUrl, netloc: str) -> CommonCrawlConfig:
        """Return the same web archive at another URL, with prefixes of `netloc` and no minimum delay."""
        prefixes = _move_prefixes(netloc, self.prefixes)
        return replace(
            self, collinfo=to(self.collinfo), files=to(self.files), min_delay=0.0, prefixes=prefixes
        )


Service = SearchConfig | WaybackConfig | CommonCrawlConfig


def collect_min_delays(services: Iterable[Service | None]) -> dict[str, float]:
    """Map each host to its minimum delay in seconds, the longest one if services share a host."""
    delays: dict[str, float] = {}
    for service in services:
        if service:
            for url in service.urls:
                host = urlsplit(url).netloc
                delays[host] = max(service.min_delay, delays.get(host, 0.0))
    return delays


def _move_prefixes(netloc: str, prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{netloc}/{prefix.partition('/')[2]}" for prefix in prefixes))


def parse_search(table: TomlTable) -> SearchConfig:
    """Parse the table [search]. Raise SourceError if it is invalid."""
    return SearchConfig(
        url=table.get_url("url"),
        page=table.get_url("page") if table.has("page") else None,
        min_delay=table.get_number("min_delay", minimum=0),
        page_size=table.get_integer("page_size", minimum=1),
        max_pages=table.get_integer("max_pages", minimum=1),
        form=table.get_mapping("form", required=False),
    )


def parse_wayback(table: TomlTable, hosts: tuple[str, ...]) -> WaybackConfig:
    """Parse the table [wayback]. Raise SourceError if it is invalid."""
    return WaybackConfig(
        cdx=table.get_url("cdx"),
        replay=table.get_url("replay"),
        min_delay=table.get_number("min_delay", minimum=WAYBACK_MIN_DELAY),
        prefixes=table.get_prefixes("prefixes", hosts=hosts, placeholders=PREFIX_PLACEHOLDERS),
    )


def parse_commoncrawl(table: TomlTable, hosts: tuple[str, ...]) -> CommonCrawlConfig:
    """Parse the table [commoncrawl]. Raise SourceError if it is invalid."""
    return CommonCrawlConfig(
        collinfo=table.get_url("collinfo"),
        files=table.get_url("files"),
        min_delay=table.get_number("min_delay", minimum=COMMONCRAWL_MIN_DELAY),
        max_crawls=table.get_integer("max_crawls", minimum=1),
        prefixes=table.get_prefixes("prefixes", hosts=hosts, placeholders=PREFIX_PLACEHOLDERS),
    )
