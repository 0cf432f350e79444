"""The frozen records that travel from stage to stage. No behaviour beyond what their fields say."""

from __future__ import annotations

from dataclasses import dataclass
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
    """Days in the source's own timezone, both included; None means open on that side."""

    since: date | None = None
    until: date | None = None

    def overlaps(self, first: date, last: date) -> bool:
        """True if any day from `first` to `last` lies in the window."""
        return (self.since is None or last >= self.since) and (self.until is None or first <= self.until)


@dataclass(frozen=True, slots=True)
class ArchiveLocation:
    """Where an archive on the web holds a page: by an address alone, or by bytes of the file there.

    `taken_at` is when the archive fetched the page.
    """

    via: Via
    url: str
    taken_at: datetime
    offset: int | None = None
    length: int | None = None

    @property
    def locator(self) -> str:
        """The address, with the offset where the file there holds more than this page."""
        return self.url if self.offset is None else f"{self.url}#{self.offset}"


@dataclass(frozen=True, slots=True)
class Link:
    """An article's address as it was announced on one way; title, section and time are hints.

    With `held` the page is to be had from that archive, in the state of then.
    """

    source: str
    url: str
    discovered_from: str
    title: str | None = None
    section: str | None = None
    published_at: datetime | None = None
    method: DiscoveryMethod = "listing"
    archive_location: ArchiveLocation | None = None

    @property
    def locator(self) -> str:
        """Where the page is to be had from: the archive's place for it, or its own address."""
        return self.archive_location.locator if self.archive_location else self.url


@dataclass(frozen=True, slots=True)
class Capture:
    """One HTTP response as it came.

    `fetched_at` is when the site was asked for it: by us, or, if it came `via` an archive or a saved file,
    by whoever kept it. Then `via_url` is where it was had from (an address, or a path with a record's
    offset), and `obtained_at` when.

    `payload` is the body as sent (after transfer coding, before content coding), `body` the same
    decoded. `charset` is what the Content-Type header says. `link` is what discovery knew of the page.
    `file`, `offset` and `length` (bytes) are its place in the archive, set once it is stored;
    `file` is relative to the archive folder. `size` (bytes) and `sha256` are of the body, set where that
    stayed behind and is empty here.
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
    """One attempt at a request: the audit row. Times are seconds, `size` is bytes.

    `min_delay` is what we promised to leave between the host's last response and this request; `crawl_delay`
    and `retry_after` are what the host's robots.txt and this response ask for, None if for nothing.
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
    """What a page can be asked for again with, if it has changed since, and where its body is stored."""

    etag: str | None
    last_modified: str | None
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the article. `url` is None in saved text, where only the caption is left."""

    url: str | None
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Teaser:
    """An item of the Top News block, filled when the page was captured. The first often has no title."""

    title: str | None
    summary: str | None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """The strings as they stand on the page, blanks made single; None where the page has none.

    `author` is the metadata line's value ("" if the label stands there without one), `byline` the
    `By …` line without the By, `editor` every editor line in page order. `section`, `language` and
    `organisations` (authors that the page calls so) are what its own data say. `found` maps a field to
    where its value was found.
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


@dataclass(frozen=True, slots=True)
class Credit:
    """A person or desk as printed, with the role and the place in the printed order (from 1)."""

    name: str
    role: Role
    position: int
    kind: CreditKind


@dataclass(frozen=True, slots=True)
class MinHashSketch:
    """What stands for a text: its fingerprint, and sixteen keys of which like texts share at least one.

    `bits` are the fingerprint's eight bytes: a file of records has no number as large.
    """

    bits: bytes
    bands: tuple[int, ...]

    @property
    def fingerprint(self) -> int:
        """A number of 64 bits."""
        return int.from_bytes(self.bits, "big")


@dataclass(frozen=True, slots=True)
class Article:
    """A clean article.

    `url` is canonical (None for a saved page without an address); `url_form` names the source's URL
    pattern that it fits, None if it fits none. `published_at` is UTC; with precision "day" or "month"
    it is the first moment of that day or month in the source's timezone. It is None for a page of no
    declared source that has no date; such a page is never loaded. `text` holds paragraphs
    separated by a blank line. Hashes are SHA-256 hex digests: `title_hash` and `text_hash` of the
    letters and digits alone, casefolded, so that blanks and punctuation are no change. `sketch` stands for
    the text where its like is looked for: made where pages are read by the dozen, else when it is loaded.
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

    @property
    def authors(self) -> tuple[str, ...]:
        """Names in the printed order."""
        return tuple(credit.name for credit in self.credits if credit.role == "author")

    @property
    def editors(self) -> tuple[str, ...]:
        """Names in the printed order."""
        return tuple(credit.name for credit in self.credits if credit.role == "editor")


@dataclass(frozen=True, slots=True)
class Reject:
    """A link or page that did not become an article, and why."""

    source: str
    url: str | None
    stage: Literal["discover", "fetch", "parse", "normalise"]
    reason: Reason
    message: str
    rejected_at: datetime
    capture_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DiscoveredLink:
    """An article's address as one way announced it for the first time.

    `published_on` is its day in the source's timezone, of a month the last; None if nothing tells.
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
    """A way was asked for the articles of the days from `since` to `until`, both included.

    `found` is how many it announced, `error` what of it could not be read, None if nothing;
    `is_recheck` if somebody wanted these days to be looked at again.
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
    """What one load transaction takes: a bounded number of pages with all that came of them."""

    source: str
    captures: tuple[Capture, ...] = ()
    articles: tuple[Article, ...] = ()
    rejects: tuple[Reject, ...] = ()
    requests: tuple[Request, ...] = ()
    discovered_links: tuple[DiscoveredLink, ...] = ()
    discovery_queries: tuple[DiscoveryQuery, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did to the articles table: rows added, rows whose title or text changed, rows left.

    `rejects` are the refusals that were added or have happened again.
    """

    new: int = 0
    changed: int = 0
    already_loaded: int = 0
    rejects: int = 0


class MatchReason(StrEnum):
    """Why a printed name is claimed to be a person."""

    SPELLING = "same spelling"
    ORDER = "other order"
    PINYIN = "pinyin"
    TRADITIONAL = "traditional characters"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Person:
    """Who printed names stand for: `name` in Latin letters as the channel prints it, if it can be."""

    person_id: UUID
    name: str
    chinese_name: str | None
    kind: CreditKind


@dataclass(frozen=True, slots=True)
class NameMatch:
    """That a printed name is a person. `alternatives` are names in characters that are spelled so too."""

    name: str
    kind: CreditKind
    person_id: UUID
    reason: MatchReason
    confidence: float
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchedPeople:
    """Everybody named, and for each printed name one claim; both sorted."""

    people: tuple[Person, ...]
    matches: tuple[NameMatch, ...]
