"""Configuration of a source, as parsed from its source file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from newsetl.errors import SourceError
from newsetl.model import CaptureKind
from newsetl.sources import services
from newsetl.sources.services import CommonCrawlConfig, SearchConfig, WaybackConfig
from newsetl.text.absolute_url import parse_http_url
from newsetl.text.date_patterns import DateFormats

# Three retries after 1, 2 and 4 seconds are enough for a server that restarts.
DEFAULT_RETRIES, DEFAULT_BACKOFF = 3, 1.0
# Seconds; after a longer Retry-After, the next run requests the URL again.
DEFAULT_RETRY_CAP = 120.0
SITEMAP_BYTES = 52_428_800
# 06:30 in the timezone of the source.
DEFAULT_SCHEDULE = "30 6 * * *"
# Fields that the metadata record of a CMS may have.
RECORD_FIELDS = ("title", "agency", "date", "author", "url")
# Named groups of a URL pattern.
URL_GROUPS = ("year", "month", "day", "folder")
# Named groups of a metadata line pattern.
METADATA_GROUPS = ("agency", "date", "author", "editor")
# Fields of a page that a source file may declare.
PAGE_FIELDS = frozenset(
    ("title", "date", "author", "editor", "paragraphs", "images", "canonical_url", "section")
)
# The first news sites went online in 1993; an earlier date is a parse error.
DEFAULT_FIRST_DAY = date(1993, 1, 1)


@dataclass(frozen=True, slots=True)
class UrlForm:
    """URL form of articles: a pattern for the path, optionally with groups of URL_GROUPS.

    A pattern that does not match the path may match the path with its query. `parameters` are the query
    parameters that tell articles apart; without them a URL that matches by its path has none.

    `host` is the canonical host of these URLs, None for the host of the source.
    """

    name: str
    pattern: re.Pattern[str]
    host: str | None = None
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchConfig:
    """Rate limit, limits and retries of requests to a source.

    `min_delay` is in seconds between a response and the next request to the host, `timeout` in seconds, and
    `max_bytes` is the largest body accepted. A request without a response, or with status 429 or 5xx, is
    retried `retries` times: first after `backoff` seconds, then after twice the previous delay. A
    Retry-After header is obeyed up to `retry_cap` seconds.
    """

    min_delay: float
    timeout: float
    max_bytes: int
    retries: int = DEFAULT_RETRIES
    backoff: float = DEFAULT_BACKOFF
    retry_cap: float = DEFAULT_RETRY_CAP
    is_private_allowed: bool = False

    def get_max_bytes(self, kind: CaptureKind) -> int:
        """Return the largest body of a response of `kind`: a sitemap may have 50 MiB (sitemaps.org)."""
        return max(self.max_bytes, SITEMAP_BYTES) if kind == "sitemap" else self.max_bytes


@dataclass(frozen=True, slots=True)
class DiscoverConfig:
    """Discovery settings of a source: start pages, listings, sitemaps and feeds.

    `listing_url_pattern` is searched for in the path of each link on a start page. An incremental run begins
    `refetch_days` days before the previous run, to find late and edited articles.
    """

    start_urls: tuple[str, ...]
    listing_url_pattern: re.Pattern[str]
    listing_item_selectors: tuple[str, ...]
    max_pages: int
    max_sitemaps: int
    page_size: int
    refetch_days: int
    sitemaps: tuple[str, ...]
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParseConfig:
    """Labels, markers, patterns and selectors for the pages of a source.

    Labels are as printed and match in any case. `record_tags` maps fields, of RECORD_FIELDS, to the tags of
    the metadata record of the CMS. `metadata_patterns` match metadata lines without labels, with groups of
    METADATA_GROUPS. `keys` are the keys that the source file sets to a value that is not empty; all other
    keys have default values.
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
        """Fields, of PAGE_FIELDS, that the source file declares; generic extraction must not fill these."""
        record = (
            frozenset(self.record_tags) if {"record_markers", "record_tags"} <= self.keys else frozenset()
        )
        groups = {name for pattern in self.metadata_patterns for name in pattern.groupindex}
        line = bool(self.keys & {"source_labels", "metadata_patterns"})
        box = line or bool(self.keys & {"content_markers", "content_selectors"})
        declarations = {
            "title": box or "breadcrumb_labels" in self.keys or "title" in record,
            "date": "source_labels" in self.keys or "date" in groups | record,
            "author": bool(self.keys & {"author_labels", "by_labels"}) or "author" in groups | record,
            "editor": "editor_labels" in self.keys or "editor" in groups,
            "paragraphs": box,
            "images": box,
            "canonical_url": "url" in record,
            "section": "breadcrumb_labels" in self.keys,
        }
        return frozenset(name for name, is_declared in declarations.items() if is_declared)

    @property
    def date_formats(self) -> DateFormats:
        """Date formats of the pages."""
        return DateFormats.get_cached(self.date_patterns)


@dataclass(frozen=True, slots=True)
class Source:
    """One news site as configured by its source file; field names are the TOML keys.

    `people` maps a printed name to the canonical name of the person. `schedule` is the cron expression of
    the daily run, in `timezone`. `verified` describes the pages that the file was checked against. A source
    that is not `enabled` is used only if a command names it. `file` is the name of the source file and
    `declaration` its text; `is_packaged` is True for a file of newsetl. `old_keys` are pairs of old and new
    names of renamed keys in the file. `is_declared` is False for the generic source, which has no file.
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
        """The canonical host; the other hosts in `hosts` are aliases."""
        return self.hosts[0]

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the pages, as codes: `language`, and Chinese for a publication of China."""
        names = "".join(self.publication_names)
        is_chinese = self.timezone.key == "Asia/Shanghai" or any(
            "\u3400" <= char <= "\u9fff" for char in names
        )
        return (self.language, "zh") if is_chinese and self.language != "zh" else (self.language,)

    @property
    def scheme(self) -> str:
        """The scheme of canonical URLs."""
        return urlsplit(self.home).scheme

    @property
    def min_delays(self) -> Mapping[str, float]:
        """Minimum delay in seconds by host, for the site and the services of the source."""
        delays = services.collect_min_delays((self.search, self.wayback, self.commoncrawl))
        return delays | {host: max(self.fetch.min_delay, delays.get(host, 0.0)) for host in self.hosts}

    def with_base_url(self, base_url: str) -> Source:
        """Return the source as served from `base_url`, such as a mock site, without a minimum delay.

        `base_url` has the form scheme://host:port. Raise SourceError for any other form.
        """
        parts = parse_http_url(base_url)
        if parts is None or "@" in parts.netloc or parts.path not in ("", "/"):
            raise SourceError(f"{base_url}: not a URL of the form http://host:port; correct --base-url")

        def move(url: str) -> str:
            old = urlsplit(url)
            return urlunsplit((parts.scheme, parts.netloc, old.path, old.query, ""))

        alias = parts.netloc.replace("127.0.0.1", "localhost")
        return replace(
            self,
            home=move(self.home),
            hosts=(parts.netloc, *({alias} - {parts.netloc})),
            url_forms=tuple(replace(form, host=None) for form in self.url_forms),
            fetch=replace(self.fetch, min_delay=0.0, backoff=0.02, is_private_allowed=True),
            discover=replace(
                self.discover,
                start_urls=tuple(map(move, self.discover.start_urls)),
                sitemaps=tuple(map(move, self.discover.sitemaps)),
                feeds=tuple(map(move, self.discover.feeds)),
            ),
            search=self.search and self.search.move(move, parts.netloc),
            wayback=self.wayback and self.wayback.move(move, parts.netloc),
            commoncrawl=self.commoncrawl and self.commoncrawl.move(move, parts.netloc),
        )
