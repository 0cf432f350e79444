"""Configuration of a source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from newsetl.errors import SourceError
from newsetl.sources import services
from newsetl.sources.services import CommonCrawlConfig, SearchConfig, WaybackConfig
from newsetl.text.absolute_url import parse_http_url
from newsetl.text.date_patterns import DateFormats

# With a second, two and four before them, three more attempts outlast the restart of a server.
DEFAULT_RETRIES, DEFAULT_BACKOFF = 3, 1.0
# Seconds: for what takes longer, another run is the better way to wait.
DEFAULT_RETRY_CAP = 120.0
# Half past six in the channel's own morning.
DEFAULT_SCHEDULE = "30 6 * * *"
# What a CMS's record of an article may say of it.
RECORD_FIELDS = ("title", "agency", "date", "author", "url")
# What an address may say of its article.
URL_GROUPS = ("year", "month", "day", "folder")
METADATA_GROUPS = ("agency", "date", "author", "editor")
# The fields of a page that a file may say how to read.
PAGE_FIELDS = frozenset(
    ("title", "date", "author", "editor", "paragraphs", "images", "canonical_url", "section")
)
# The web's first news sites are of this year: an earlier date is a misread one.
DEFAULT_FIRST_DAY = date(1993, 1, 1)


@dataclass(frozen=True, slots=True)
class UrlForm:
    """A generation of article addresses: a pattern for the path, perhaps with groups of URL_GROUPS.

    `host` is their canonical host, if it is not the source's.
    """

    name: str
    pattern: re.Pattern[str]
    host: str | None = None


@dataclass(frozen=True, slots=True)
class FetchConfig:
    """How politely: seconds between two requests to a host, seconds to wait for it, bytes to accept.

    `retries` more attempts follow one that brought no answer, or 429 or 5xx: the first after `backoff`
    seconds, each later one after twice as long. A Retry-After is waited for up to `retry_cap` seconds.
    """

    min_delay: float
    timeout: float
    max_bytes: int
    retries: int = DEFAULT_RETRIES
    backoff: float = DEFAULT_BACKOFF
    retry_cap: float = DEFAULT_RETRY_CAP
    is_private_allowed: bool = False


@dataclass(frozen=True, slots=True)
class DiscoverConfig:
    """Where articles are listed. `listing_url_pattern` is searched in the path of a start page's links.

    A daily run goes back `refetch_days` before the one before it, for late and edited articles.
    """

    start_urls: tuple[str, ...]
    listing_url_pattern: re.Pattern[str]
    listing_item_selectors: tuple[str, ...]
    max_pages: int
    page_size: int
    refetch_days: int
    sitemaps: tuple[str, ...]
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParseConfig:
    """The landmarks of a page: labels as printed (matched in any case), selectors as hints.

    `record_tags` maps a field, one of RECORD_FIELDS, to the tag that holds it in the CMS's own record.
    `metadata_patterns` are metadata lines that no label tells, with groups of METADATA_GROUPS. `keys` are
    those that the file itself has and does not leave empty: what others have is a default.
    """

    breadcrumb_labels: tuple[str, ...]
    source_labels: tuple[str, ...]
    author_labels: tuple[str, ...]
    editor_labels: tuple[str, ...]
    by_labels: tuple[str, ...]
    edited_by_labels: tuple[str, ...]
    photo_labels: tuple[str, ...]
    teaser_headings: tuple[str, ...]
    article_words: tuple[str, ...]
    footer_patterns: tuple[re.Pattern[str], ...]
    boilerplate_patterns: tuple[re.Pattern[str], ...]
    title_suffixes: tuple[str, ...]
    content_markers: tuple[str, ...]
    record_markers: tuple[str, ...]
    record_tags: Mapping[str, str] = field(hash=False)
    image_attributes: tuple[str, ...]
    caption_attributes: tuple[str, ...]
    waf_markers: tuple[str, ...]
    removed_titles: tuple[str, ...]
    soft_404_titles: tuple[re.Pattern[str], ...]
    soft_404_sizes: tuple[int, ...]
    min_text_chars: int
    date_patterns: tuple[re.Pattern[str], ...] = ()
    metadata_patterns: tuple[re.Pattern[str], ...] = ()
    is_metadata_last: bool = False
    calendar_offset: int = 0
    content_selectors: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()

    @property
    def declared_fields(self) -> frozenset[str]:
        """The fields, among FIELDS, that the file itself says how to read: no other reader may fill them."""
        record = (
            frozenset(self.record_tags) if {"record_markers", "record_tags"} <= self.keys else frozenset()
        )
        groups = {name for pattern in self.metadata_patterns for name in pattern.groupindex}
        line = bool(self.keys & {"source_labels", "metadata_patterns"})
        box = line or bool(self.keys & {"content_markers", "content_selectors"})
        says = {
            "title": box or "breadcrumb_labels" in self.keys or "title" in record,
            "date": "source_labels" in self.keys or "date" in groups | record,
            "author": bool(self.keys & {"author_labels", "by_labels"}) or "author" in groups | record,
            "editor": "editor_labels" in self.keys or "editor" in groups,
            "paragraphs": box,
            "images": box,
            "canonical_url": "url" in record,
            "section": "breadcrumb_labels" in self.keys,
        }
        return frozenset(name for name, is_declared in says.items() if is_declared)

    @property
    def date_formats(self) -> DateFormats:
        """The forms of dates that its pages print."""
        return DateFormats.get_cached(self.date_patterns)


@dataclass(frozen=True, slots=True)
class Source:
    """A channel as declared. Field names are the TOML's keys.

    `people` maps a name as printed to the one that its person goes by. `schedule` is when the daily run
    starts, as cron has it, in `timezone`. `verified` says what the file was checked against; a source that is
    not `enabled` is read only if it is named. `file` is where it is declared, `declaration` the text there,
    and whether that `is_packaged`. `old_keys` are the renamed keys that it has, with their new names.
    `is_declared` is False for the stand-in of a page that no source file knows.
    """

    slug: str
    name: str
    home: str
    hosts: tuple[str, ...]
    timezone: ZoneInfo
    language: str
    first_day: date
    publication_names: tuple[str, ...]
    desks: tuple[str, ...]
    organisation_words: tuple[str, ...]
    agencies: Mapping[str, str]
    sections: Mapping[str, str]
    url_forms: tuple[UrlForm, ...]
    fetch: FetchConfig
    discover: DiscoverConfig
    parse: ParseConfig
    schedule: str = DEFAULT_SCHEDULE
    date_corrections: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    search: SearchConfig | None = None
    wayback: WaybackConfig | None = None
    commoncrawl: CommonCrawlConfig | None = None
    is_declared: bool = True
    verified: str | None = None
    enabled: bool = True
    is_packaged: bool = field(default=False, compare=False)
    file: str = field(default="", compare=False)
    declaration: str = field(default="", compare=False, repr=False)
    old_keys: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def host(self) -> str:
        """The host of canonical addresses; the others in `hosts` are read as it."""
        return self.hosts[0]

    @property
    def scheme(self) -> str:
        """The scheme of canonical addresses."""
        return urlsplit(self.home).scheme

    @property
    def min_delays(self) -> Mapping[str, float]:
        """Host → seconds between two requests to it, for the site and the services declared here."""
        found = services.min_delays((self.search, self.wayback, self.commoncrawl))
        return found | {host: max(self.fetch.min_delay, found.get(host, 0.0)) for host in self.hosts}

    def with_base_url(self, base_url: str) -> Source:
        """The same channel served from another address, such as a replica, that need not be spared.

        `base` is scheme://host:port. Raises SourceError if it is not.
        """
        parts = parse_http_url(base_url)
        if parts is None or "@" in parts.netloc or parts.path not in ("", "/"):
            raise SourceError(f"{base_url}: not an address of the form http://host:port")

        def moved(url: str) -> str:
            old = urlsplit(url)
            return urlunsplit((parts.scheme, parts.netloc, old.path, old.query, ""))

        twin = parts.netloc.replace("127.0.0.1", "localhost")
        return replace(
            self,
            home=moved(self.home),
            hosts=(parts.netloc, *({twin} - {parts.netloc})),
            url_forms=tuple(replace(form, host=None) for form in self.url_forms),
            fetch=replace(self.fetch, min_delay=0.0, backoff=0.02, is_private_allowed=True),
            discover=replace(
                self.discover,
                start_urls=tuple(map(moved, self.discover.start_urls)),
                sitemaps=tuple(map(moved, self.discover.sitemaps)),
                feeds=tuple(map(moved, self.discover.feeds)),
            ),
            search=self.search and self.search.move(moved, parts.netloc),
            wayback=self.wayback and self.wayback.move(moved, parts.netloc),
            commoncrawl=self.commoncrawl and self.commoncrawl.move(moved, parts.netloc),
        )
