"""Immutable records that the stages of the pipeline exchange."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from newsetl.reasons import Reason

NAMESPACE = UUID("5f0c2d0e-5c5b-5c0e-9a44-3c1a4d1f7b6e")


Precision = Literal["second", "minute", "day", "month"]
Role = Literal["author", "editor", "photographer"]
CreditKind = Literal["person", "desk", "organisation"]
CaptureKind = Literal["article", "index", "listing", "sitemap", "feed", "search", "cdx", "robots"]
DiscoveryMethod = Literal["listing", "sitemap", "feed", "search", "wayback", "commoncrawl", "file"]
Via = Literal["web", "wayback", "commoncrawl", "warc", "file"]
WaitCause = Literal["min-delay", "crawl-delay", "retry-after", "backoff", "host-busy"]


@dataclass(frozen=True, slots=True)
class Window:
    """Range of days in the source's timezone, both included; None means unbounded on that side."""

    since: date | None = None
    until: date | None = None

    def overlaps(self, first: date, last: date) -> bool:
        """Return True if any day from `first` to `last` lies in the window."""
        return (self.since is None or last >= self.since) and (self.until is None or first <= self.until)


@dataclass(frozen=True, slots=True)
class ArchiveLocation:
    """Location of a saved page in a web archive: a URL, or a range of bytes of the file at that URL.

    `taken_at` is when the web archive fetched the page. `offset` and `length` are bytes.
    """

    via: Via
    url: str
    taken_at: datetime
    offset: int | None = None
    length: int | None = None

    @property
    def locator(self) -> str:
        """The URL, followed by `#offset` if the page is a part of the file at that URL."""
        return self.url if self.offset is None else f"{self.url}#{self.offset}"


@dataclass(frozen=True, slots=True)
class Link:
    """URL of an article, as one discovery method found it; title, section and times are hints.

    `modified_at` is the time of the last change that a sitemap states: the article was published before.
    If `archive_location` is set, the page is fetched from that web archive instead of from the site.
    """

    source: str
    url: str
    discovered_from: str
    title: str | None = None
    section: str | None = None
    published_at: datetime | None = None
    method: DiscoveryMethod = "listing"
    archive_location: ArchiveLocation | None = None
    modified_at: datetime | None = field(default=None, compare=False)

    @property
    def locator(self) -> str:
        """Locator of the page in the web archive if it has one, otherwise the page's own URL."""
        return self.archive_location.locator if self.archive_location else self.url


@dataclass(frozen=True, slots=True)
class Capture:
    """One stored HTTP response.

    `fetched_at` is when the response was requested from the site. If `via` is a web archive or a saved file,
    a third party sent that request; `via_url` is then the URL, or the path and record offset, that the
    capture was read from, and `obtained_at` is when it was read.

    `payload` is the body as sent, after transfer coding and before content coding. `body` is the decoded
    payload. `charset` is the one of the Content-Type header. `link` is the discovered link of the page.
    `file` (relative to the archive directory), `offset` and `length` (bytes) locate the record in the
    archive; they are set once the capture is stored. `size` (bytes) and `sha256` describe the body; they
    are set if the body was left out of this record and is empty here.
    """

    capture_id: UUID
    source: str
    kind: CaptureKind
    requested_url: str
    url: str
    fetched_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    charset: str | None
    payload: bytes
    body: bytes
    link: Link | None = None
    via: Via = "web"
    via_url: str | None = None
    obtained_at: datetime | None = None
    file: str | None = None
    offset: int | None = None
    length: int | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Audit row of one attempt at a request. Times are seconds, `size` is bytes.

    `min_delay` is the least time required between the host's last response and this request. `crawl_delay`
    comes from the host's robots.txt and `retry_after` from this response; each is None if not given.
    """

    source: str
    url: str
    host: str
    kind: CaptureKind
    requested_at: datetime
    status: int | None
    waited: float
    elapsed: float
    size: int
    is_allowed: bool
    attempt: int
    error: str | None = None
    capture_id: UUID | None = None
    wait_reason: WaitCause | None = None
    min_delay: float | None = None
    crawl_delay: float | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Validators:
    """Validators for a conditional request of a page, and the location of its stored body."""

    etag: str | None
    last_modified: str | None
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class Image:
    """Image of an article. `url` is None for a page saved as plain text, which has only the caption."""

    url: str | None
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Teaser:
    """Teaser in the Top News block of a page, as of the capture. The first teaser often has no title."""

    title: str | None
    summary: str | None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """Strings of a page as printed, whitespace collapsed; None for a field that the page does not have.

    `author` is the value in the metadata line ("" for a label without a value). `byline` is the `By …` line
    without the word By. `editor` has all editor lines in page order. `section`, `language` and
    `organisations` (authors that the page marks as organisations) come from the page's structured data.
    `stated_urls` are the URLs that the page gives for itself: canonical link, og:url, JSON-LD.
    `found` maps each field to its provenance.
    """

    source: str
    url: str | None
    title: str
    breadcrumb: tuple[str, ...]
    agency: str | None
    date: str | None
    author: str | None
    byline: str | None
    editor: tuple[str, ...]
    paragraphs: tuple[str, ...]
    images: tuple[Image, ...]
    teasers: tuple[Teaser, ...]
    canonical_url: str | None
    section: str | None
    language: str | None
    organisations: tuple[str, ...]
    found: dict[str, str]
    stated_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """Person, desk or organisation as printed, with its role and its position in print (from 1)."""

    name: str
    role: Role
    position: int
    kind: CreditKind


@dataclass(frozen=True, slots=True)
class MinHashSketch:
    """MinHash sketch of a text: a fingerprint, and sixteen band keys. Similar texts share a band key.

    `bits` are the fingerprint as eight big-endian bytes: it may not fit a signed 64-bit integer.
    """

    bits: bytes
    bands: tuple[int, ...]

    @property
    def fingerprint(self) -> int:
        """The fingerprint as an unsigned 64-bit integer."""
        return int.from_bytes(self.bits, "big")


@dataclass(frozen=True, slots=True)
class Article:
    """Normalised article.

    `url` is the canonical URL, None for a saved page without a URL. `url_form` is the name of the source's
    URL form that matches, None if none matches. `published_at` is in UTC. With precision "day" or "month",
    `published_at` is the start of that day or month in the source's timezone. It is None if the page has no
    date and no source file; such a page is never loaded. `text` holds the paragraphs, separated by an empty
    line. `title_hash` and `text_hash` are SHA-256 hex digests of the casefolded letters and digits, so that
    a change of whitespace or punctuation keeps the hash. `sketch` serves to find near duplicates; it is
    computed by the parse pool, or else when the article is loaded. `is_identified` is True if the page names
    its own URL, or has the headline of the discovered link.
    """

    source: str
    url: str | None
    url_form: str | None
    title: str
    section: str | None
    agency: str | None
    published_at: datetime | None
    published_raw: str
    published_precision: Precision
    credits: tuple[Credit, ...]
    lead: str
    text: str
    images: tuple[Image, ...]
    teasers: tuple[Teaser, ...]
    language: str
    title_hash: str
    text_hash: str
    found: dict[str, str]
    capture_id: UUID | None = None
    other_urls: tuple[str, ...] = ()
    sketch: MinHashSketch | None = None
    is_identified: bool = False

    @property
    def authors(self) -> tuple[str, ...]:
        """Names of the authors in printed order."""
        return tuple(credit.name for credit in self.credits if credit.role == "author")

    @property
    def editors(self) -> tuple[str, ...]:
        """Names of the editors in printed order."""
        return tuple(credit.name for credit in self.credits if credit.role == "editor")


@dataclass(frozen=True, slots=True)
class Reject:
    """Link or page that did not become an article, with the reason.

    `retry_at` replaces the time of the next request by the policy of the reason.
    """

    source: str
    url: str | None
    stage: Literal["discover", "fetch", "parse", "normalise"]
    reason: Reason
    message: str
    rejected_at: datetime
    capture_id: UUID | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DiscoveredLink:
    """First discovery of an article's URL by one discovery method.

    `published_on` is the article's day in the source's timezone. It is the last day of the month if only
    the month is known, and None if no date is known.
    """

    source: str
    url: str
    method: DiscoveryMethod
    section: str | None
    title: str | None
    published_on: date | None
    discovered_from: str
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class DiscoveryQuery:
    """Query of one discovery method for the articles from `since` to `until`, both included.

    `discovered` is the number of discovered links. `error` describes the part that could not be read, None
    if all was read. `is_recheck` is True if the caller asked to check these days again.
    """

    source: str
    method: DiscoveryMethod
    since: date
    until: date
    queried_at: datetime
    discovered: int
    error: str | None = None
    is_recheck: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Unit of one load transaction: a bounded number of pages and the records made from them."""

    source: str
    captures: tuple[Capture, ...] = ()
    articles: tuple[Article, ...] = ()
    rejects: tuple[Reject, ...] = ()
    requests: tuple[Request, ...] = ()
    discovered_links: tuple[DiscoveredLink, ...] = ()
    discovery_queries: tuple[DiscoveryQuery, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Counts of one load: articles added, articles with a new title or text, and unchanged articles.

    `rejects` counts the rejects that were added or that occurred again. `refused` are the articles of the
    batch that became rejects when they were loaded. `redirected` are loaded URLs that redirect to another
    article.
    """

    new: int = 0
    changed: int = 0
    already_loaded: int = 0
    rejects: int = 0
    refused: tuple[Reject, ...] = ()
    redirected: tuple[Reject, ...] = ()


class MatchReason(StrEnum):
    """Reason for matching a printed name to a person."""

    SPELLING = "same spelling"
    ORDER = "other order"
    PINYIN = "pinyin"
    TRADITIONAL = "traditional characters"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Person:
    """Person, desk or organisation behind printed names; `name` is in Latin letters where possible."""

    person_id: UUID
    name: str
    chinese_name: str | None
    kind: CreditKind


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Match of a printed name to a person; `alternatives` are other Chinese names with this spelling."""

    name: str
    kind: CreditKind
    person_id: UUID
    reason: MatchReason
    confidence: float
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchedPeople:
    """People of a source, and one match for each printed name; both are sorted."""

    people: tuple[Person, ...]
    matches: tuple[NameMatch, ...]
