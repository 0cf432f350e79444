"""A source is one TOML file: how to find its articles, how fast to fetch them, how to read them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from newsetl.errors import SourceError
from newsetl.sources import files, ways
from newsetl.sources.check import Table, whole_url
from newsetl.sources.ways import CommonCrawl, Search, Wayback
from newsetl.wording import DATE_GROUPS, Dates

# With a second, two and four before them, three more attempts outlast the restart of a server.
RETRIES, BACKOFF = 3, 1.0
# Seconds: for what takes longer, another run is the better way to wait.
RETRY_CAP = 120.0
# Half past six in the channel's own morning.
SCHEDULE = "30 6 * * *"
# What a CMS's record of an article may say of it.
RECORD_FIELDS = ("title", "agency", "date", "author", "url")
# What an address may say of its article.
URL_GROUPS = ("year", "month", "day", "folder")
METADATA_GROUPS = ("agency", "date", "author", "editor")
# The fields of a page that a file may say how to read.
FIELDS = frozenset(("title", "date", "author", "editor", "paragraphs", "images", "canonical_url", "section"))
# The web's first news sites are of this year: an earlier date is a misread one.
FIRST_DAY = date(1993, 1, 1)


@dataclass(frozen=True, slots=True)
class UrlForm:
    """A generation of article addresses: a pattern for the path, perhaps with groups of URL_GROUPS.

    `host` is their canonical host, if it is not the source's.
    """

    name: str
    pattern: re.Pattern[str]
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """How politely: seconds between two requests to a host, seconds to wait for it, bytes to accept.

    `retries` more attempts follow one that brought no answer, or 429 or 5xx: the first after `backoff`
    seconds, each later one after twice as long. A Retry-After is waited for up to `retry_cap` seconds.
    """

    pause: float
    timeout: float
    max_bytes: int
    retries: int = RETRIES
    backoff: float = BACKOFF
    retry_cap: float = RETRY_CAP
    is_private_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Discover:
    """Where articles are announced. `section` is searched in the path of an index page's links.

    A daily run goes back `recent_days` before the one before it, for late and edited articles.
    """

    index: tuple[str, ...]
    section: re.Pattern[str]
    rows: tuple[str, ...]
    max_pages: int
    page_size: int
    recent_days: int
    sitemaps: tuple[str, ...]
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """The landmarks of a page: labels as printed (matched in any case), selectors as hints.

    `record_tags` maps a field, one of RECORD_FIELDS, to the tag that holds it in the CMS's own record.
    `metadata_patterns` are metadata lines that no label tells, with groups of METADATA_GROUPS. `keys` are
    those that the file itself has and does not leave empty: what others have is a default.
    """

    position_labels: tuple[str, ...]
    source_labels: tuple[str, ...]
    author_labels: tuple[str, ...]
    editor_labels: tuple[str, ...]
    by_labels: tuple[str, ...]
    edited_by_labels: tuple[str, ...]
    photo_labels: tuple[str, ...]
    teaser_headings: tuple[str, ...]
    article_words: tuple[str, ...]
    footer_patterns: tuple[re.Pattern[str], ...]
    tool_patterns: tuple[re.Pattern[str], ...]
    title_suffixes: tuple[str, ...]
    content_markers: tuple[str, ...]
    record_markers: tuple[str, ...]
    record_tags: Mapping[str, str] = field(hash=False)
    picture_attributes: tuple[str, ...]
    caption_attributes: tuple[str, ...]
    challenge_marks: tuple[str, ...]
    removed_titles: tuple[str, ...]
    dead_titles: tuple[re.Pattern[str], ...]
    dead_sizes: tuple[int, ...]
    min_text_chars: int
    date_patterns: tuple[re.Pattern[str], ...] = ()
    metadata_patterns: tuple[re.Pattern[str], ...] = ()
    is_metadata_last: bool = False
    calendar_offset: int = 0
    content_selectors: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()

    @property
    def declared(self) -> frozenset[str]:
        """The fields, among FIELDS, that the file itself says how to read: no other reader may fill them."""
        record = (
            frozenset(self.record_tags) if {"record_markers", "record_tags"} <= self.keys else frozenset()
        )
        groups = {name for pattern in self.metadata_patterns for name in pattern.groupindex}
        line = bool(self.keys & {"source_labels", "metadata_patterns"})
        box = line or bool(self.keys & {"content_markers", "content_selectors"})
        says = {
            "title": box or "position_labels" in self.keys or "title" in record,
            "date": "source_labels" in self.keys or "date" in groups | record,
            "author": bool(self.keys & {"author_labels", "by_labels"}) or "author" in groups | record,
            "editor": "editor_labels" in self.keys or "editor" in groups,
            "paragraphs": box,
            "images": box,
            "canonical_url": "url" in record,
            "section": "position_labels" in self.keys,
        }
        return frozenset(name for name, is_declared in says.items() if is_declared)

    @property
    def dates(self) -> Dates:
        """The forms of dates that its pages print."""
        return Dates.of(self.date_patterns)


@dataclass(frozen=True, slots=True)
class Source:
    """A channel as declared. Field names are the TOML's keys.

    `people` maps a name as printed to the one that its person goes by. `schedule` is when the daily run
    starts, as cron has it, in `timezone`. `verified` says what the file was checked against; a source that is
    not `is_daily` is read only if it is named. `file` is where it is declared, `declaration` the text there,
    and whether that `is_packaged`. `is_declared` is False for the stand-in of a page that no source file
    knows.
    """

    slug: str
    name: str
    home: str
    hosts: tuple[str, ...]
    timezone: ZoneInfo
    language: str
    first_day: date
    own_names: tuple[str, ...]
    desks: tuple[str, ...]
    organisation_words: tuple[str, ...]
    agencies: Mapping[str, str]
    sections: Mapping[str, str]
    url_forms: tuple[UrlForm, ...]
    fetch: Fetch
    discover: Discover
    read: Read
    schedule: str = SCHEDULE
    date_corrections: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    search: Search | None = None
    wayback: Wayback | None = None
    commoncrawl: CommonCrawl | None = None
    is_declared: bool = True
    verified: str | None = None
    is_daily: bool = True
    is_packaged: bool = field(default=False, compare=False)
    file: str = field(default="", compare=False)
    declaration: str = field(default="", compare=False, repr=False)

    @property
    def host(self) -> str:
        """The host of canonical addresses; the others in `hosts` are read as it."""
        return self.hosts[0]

    @property
    def scheme(self) -> str:
        """The scheme of canonical addresses."""
        return urlsplit(self.home).scheme

    @property
    def pauses(self) -> Mapping[str, float]:
        """Host → seconds between two requests to it, for the site and the services declared here."""
        found = ways.pauses((self.search, self.wayback, self.commoncrawl))
        return found | {host: max(self.fetch.pause, found.get(host, 0.0)) for host in self.hosts}

    def at(self, base: str) -> Source:
        """The same channel served from another address, such as a replica, that need not be spared.

        `base` is scheme://host:port. Raises SourceError if it is not.
        """
        parts = whole_url(base)
        if parts is None or "@" in parts.netloc or parts.path not in ("", "/"):
            raise SourceError(f"{base}: not an address of the form http://host:port")

        def moved(url: str) -> str:
            old = urlsplit(url)
            return urlunsplit((parts.scheme, parts.netloc, old.path, old.query, ""))

        twin = parts.netloc.replace("127.0.0.1", "localhost")
        return replace(
            self,
            home=moved(self.home),
            hosts=(parts.netloc, *({twin} - {parts.netloc})),
            url_forms=tuple(replace(form, host=None) for form in self.url_forms),
            fetch=replace(self.fetch, pause=0.0, backoff=0.02, is_private_allowed=True),
            discover=replace(
                self.discover,
                index=tuple(map(moved, self.discover.index)),
                sitemaps=tuple(map(moved, self.discover.sitemaps)),
                feeds=tuple(map(moved, self.discover.feeds)),
            ),
            search=self.search and self.search.moved(moved, parts.netloc),
            wayback=self.wayback and self.wayback.moved(moved, parts.netloc),
            commoncrawl=self.commoncrawl and self.commoncrawl.moved(moved, parts.netloc),
        )


def known() -> tuple[str, ...]:
    """The slugs of all sources: packaged, and declared in folders of the user's."""
    return tuple(sorted(files.found()))


def names() -> tuple[str, ...]:
    """The slugs of the sources that are read when none is named."""
    return tuple(
        slug
        for slug, file in sorted(files.found().items())
        if _tables(file.text(), str(file)).get("is_daily", True) is not False
    )


def load(name: str) -> Source:
    """The source `name`: its file in a folder of the user's, else the packaged one.

    Raises SourceError if there is none or its file is wrong.
    """
    found = files.found()
    if name not in found:
        raise SourceError(
            f"no source named {name!r}; there are: {', '.join(sorted(found))}. "
            f"Your own files are found in the folder that --sources or {files.VARIABLE} names"
        )
    file = found[name]
    source = replace(read(file.text(), file=str(file)), is_packaged=file.is_packaged)
    if source.slug != name:
        raise SourceError(
            f"{file}: slug: is {source.slug!r}, but the file is named {name}.toml; name both alike"
        )
    return source


def load_file(path: Path) -> Source:
    """The source declared in the file `path`. Raises SourceError naming file, key and fix."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({error})") from error
    return read(text, file=str(path))


def read(text: str, *, file: str) -> Source:
    """The source declared by TOML `text`; `file` is its name for error messages.

    Raises SourceError for a syntax error, an unknown or missing key, or a value of the wrong form.
    """
    table = Table(file, "", _tables(text, file), _defaults())
    fetch = table.table_or_defaults("fetch")
    discover = table.table("discover")
    read_ = table.table_or_defaults("read")
    hosts = table.texts("hosts", least=1)
    date_patterns = read_.patterns("date_patterns", groups=("year", "month", "day"), known=DATE_GROUPS)
    source = Source(
        slug=table.slug("slug"),
        name=table.text("name"),
        home=table.url("home"),
        hosts=hosts,
        timezone=table.timezone("timezone"),
        language=table.text("language"),
        first_day=table.day("first_day") if table.has("first_day") else FIRST_DAY,
        own_names=table.texts("own_names"),
        desks=table.texts("desks"),
        organisation_words=table.texts("organisation_words"),
        agencies=table.mapping("agencies", required=False),
        sections=table.mapping("sections", required=False),
        url_forms=tuple(
            UrlForm(
                form.text("name"),
                form.pattern("pattern", known=URL_GROUPS),
                form.choice("host", hosts) if form.has("host") else None,
            )
            for form in table.tables("url_forms")
        ),
        fetch=Fetch(
            pause=fetch.number("pause", least=0),
            timeout=fetch.number("timeout", least=0.1),
            max_bytes=fetch.whole("max_bytes", least=1000),
            retries=fetch.whole("retries", least=0, default=RETRIES),
            backoff=fetch.number("backoff", least=0, default=BACKOFF),
            retry_cap=fetch.number("retry_cap", least=0, default=RETRY_CAP),
        ),
        discover=Discover(
            index=discover.urls("index"),
            section=discover.pattern("section"),
            rows=discover.selectors("rows"),
            max_pages=discover.whole("max_pages", least=1),
            page_size=discover.whole("page_size", least=1),
            recent_days=discover.whole("recent_days", least=0),
            sitemaps=discover.urls("sitemaps"),
            feeds=discover.urls("feeds"),
        ),
        read=Read(
            position_labels=read_.texts("position_labels"),
            source_labels=read_.texts("source_labels", least=1),
            author_labels=read_.texts("author_labels"),
            editor_labels=read_.texts("editor_labels"),
            by_labels=read_.texts("by_labels"),
            edited_by_labels=read_.texts("edited_by_labels"),
            photo_labels=read_.texts("photo_labels"),
            teaser_headings=read_.texts("teaser_headings"),
            article_words=read_.texts("article_words"),
            footer_patterns=read_.patterns("footer_patterns"),
            tool_patterns=read_.patterns("tool_patterns"),
            title_suffixes=read_.texts("title_suffixes"),
            date_patterns=date_patterns,
            metadata_patterns=read_.patterns(
                "metadata_patterns",
                known=METADATA_GROUPS,
                places={"date": Dates.of(date_patterns).expression("date")},
            ),
            is_metadata_last=read_.flag("is_metadata_last", default=False),
            calendar_offset=read_.whole("calendar_offset", least=0),
            content_selectors=read_.selectors("content_selectors"),
            content_markers=read_.texts("content_markers"),
            record_markers=read_.texts("record_markers"),
            record_tags=read_.mapping("record_tags", known=RECORD_FIELDS),
            picture_attributes=read_.texts("picture_attributes", least=1),
            caption_attributes=read_.texts("caption_attributes"),
            challenge_marks=read_.texts("challenge_marks"),
            removed_titles=read_.texts("removed_titles"),
            dead_titles=read_.patterns("dead_titles"),
            dead_sizes=read_.wholes("dead_sizes"),
            min_text_chars=read_.whole("min_text_chars", least=1),
            keys=read_.given(),
        ),
        schedule=table.cron("schedule", default=SCHEDULE),
        date_corrections=table.mapping("date_corrections", required=False),
        people=table.names("people"),
        search=table.one("search", ways.search),
        wayback=table.one("wayback", partial(ways.wayback, hosts=hosts)),
        commoncrawl=table.one("commoncrawl", partial(ways.commoncrawl, hosts=hosts)),
        verified=table.text("verified") if table.has("verified") else None,
        is_daily=table.flag("is_daily", default=True),
        file=file,
        declaration=text,
    )
    table.done()
    if not any((source.discover.index, source.discover.sitemaps, source.discover.feeds)):
        discover.refuse("index", "is empty, and so are sitemaps and feeds; give one address at least")
    return source


def _tables(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{file}: not valid TOML: {error}") from error


@cache
def _defaults() -> dict[str, Any]:
    return tomllib.loads((resources.files("newsetl.sources") / "_defaults.toml").read_text(encoding="utf-8"))
