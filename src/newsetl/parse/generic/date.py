"""Publication date of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from newsetl.errors import NormaliseError
from newsetl.parse.generic.candidates import PageCandidates
from newsetl.parse.generic.datelines import NEAR_ELEMENTS, Dateline, find_datelines, parse_numeric_date
from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.meta_tags import MetaTags
from newsetl.text.date_patterns import parse_month
from newsetl.text.dates import ParsedDate, parse_date

# An update this much later than the JSON-LD date is a reissue of the page.
_MIN_REISSUE_GAP = timedelta(days=30)
# Dates more than a day after the fetch or before the web are implausible.
_MAX_AHEAD, _MIN_YEAR, _MAX_DATE_CHARS = timedelta(days=1), 1990, 250
# The most certain first.
_META_NAMES = (
    "article:published_time", "article:published", "og:article:published_time", "og:published_time",
    "datepublished", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "publish-date", "publish_date", "publishdate", "published_time",
    "published-date", "published_at", "publishedtime", "date_published", "publication_date",
    "publication-date", "pubdate", "pub_date", "article.published", "article_date_original", "article:date",
    "article:post_date", "post_date", "originalpublicationdate", "lastpublisheddate", "release_date",
    "bt:pubdate", "vr:published_time", "rnews:datepublished", "og:pubdate", "ptime", "pdate", "displaydate",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date",
    "citation_publication_date", "citation_date", "citation_online_date", "datecreated", "date", "created",
    "timestamp",
)  # fmt: skip
# `datecreated` and later names may date something else.
_CERTAIN_META_NAMES = _META_NAMES[: _META_NAMES.index("datecreated")]
_CERTAIN_PROVENANCES = {
    "json-ld datePublished",
    *(f"meta {name}" for name in _CERTAIN_META_NAMES),
}
_END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
_SOURCE_DATE = re.compile(r"datePublished(?:&quot;|\W){1,8}?(\d{4}-\d\d-\d\d[T \d:.+-]*Z?)")
_URL_DATE = re.compile(
    r"[/_-](?P<year>(?:19|20)\d\d)[/_-]?"
    r"(?P<month>0[1-9]|1[0-2]|(?<=[/_-])[1-9](?=[/_-])"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
    r"(?:[/_-]?(?P<day>0[1-9]|[12]\d|3[01]|(?<=[/_-])[1-9](?=[/_-])))?(?=[/_.-]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """Date as printed, parsed, and its provenance."""

    raw: str
    parsed: ParsedDate
    found: str


def find_date(
    candidates: PageCandidates,
    meta: MetaTags,
    record: JsonLdArticle,
    text: str,
    url: str,
    *,
    headline_at: int,
    fetched_at: datetime,
) -> FoundDate | None:
    """Find the date of publication, or None.

    Searched in order: JSON-LD, meta tags, scripts in `text` (the page's HTML), <time> and microdata, lines of
    the page, the URL. The first plausible date counts. A later one of the same day supplies a missing time. A
    date needs a year and is at most a day after `fetched_at`. If JSON-LD or a certain meta tag states a later
    one and the page has no other date, that date is returned, for the caller to reject. A date near the
    headline may replace the first: an earlier one, a reissue, or the same moment in the publisher's zone.
    """
    first: FoundDate | None = None
    future: FoundDate | None = None
    datelines = list(find_datelines(candidates, headline_at))
    for raw, provenance in _list_stated(candidates, meta, record, text, url, datelines):
        candidate = _parse_plausible(raw, provenance, meta.language, fetched_at)
        if candidate is None:
            if future is None and provenance in _CERTAIN_PROVENANCES:
                future = _parse_plausible(raw, provenance, meta.language, _END_OF_TIME)
            continue
        if first is None or (first.parsed.precision, candidate.parsed.precision) == ("month", "day"):
            first = candidate
        has_time = candidate.parsed.precision not in ("day", "month")
        if has_time and _get_day(candidate) == _get_day(first):
            first = candidate
            break
    if first is None:
        return future
    return (
        _find_earlier_dateline(first, datelines, meta, fetched_at)
        or _find_reissue_date(first, datelines, meta, fetched_at)
        or _find_in_publisher_zone(first, datelines, meta, fetched_at)
    )


def _list_stated(
    candidates: PageCandidates,
    meta: MetaTags,
    record: JsonLdArticle,
    text: str,
    url: str,
    datelines: list[Dateline],
) -> Iterator[tuple[str, str]]:
    for raw in record.published:
        yield raw, "json-ld datePublished"
    for name in _META_NAMES:
        for raw in meta.values.get(name, ()):
            yield raw, f"meta {name}"
    is_in_jsonld = any("datePublished" in script for script in candidates.jsonld_scripts)
    source_dates = set() if is_in_jsonld else set(_SOURCE_DATE.findall(text))
    if len(source_dates) == 1:
        yield source_dates.pop(), "script datePublished"
    for dateline in datelines:
        if not dateline.is_update:
            yield dateline.raw, dateline.found
    if day := find_url_date(url):
        yield day, "address"
    # Visible update dates come last. Modified dates in the page's head change at every save and are ignored.
    for dateline in datelines:
        if dateline.is_update:
            yield dateline.raw, f"{dateline.found} of a change"


def _parse_plausible(raw: str, provenance: str, language: str, fetched_at: datetime) -> FoundDate | None:
    """Return the parsed date if it is plausible, else None."""
    for candidate in (raw, parse_numeric_date(raw, language)) if len(raw) <= _MAX_DATE_CHARS else ():
        try:
            parsed = parse_date(candidate, UTC)
        except NormaliseError:
            continue
        is_plausible = parsed.at <= fetched_at + _MAX_AHEAD and parsed.at.year >= _MIN_YEAR
        return FoundDate(candidate, parsed, provenance) if is_plausible else None
    return None


def _find_earlier_dateline(
    first: FoundDate, datelines: list[Dateline], meta: MetaTags, fetched_at: datetime
) -> FoundDate | None:
    """Return the day near the headline if it is before the stated one: the page was moved or reissued."""
    if not first.found.startswith(("json-ld", "meta", "script")):
        return None
    for dateline in datelines:
        if not dateline.is_update and dateline.distance <= NEAR_ELEMENTS:
            shown = _parse_plausible(dateline.raw, dateline.found, meta.language, fetched_at)
            is_before = (
                shown and shown.parsed.precision != "month" and _get_day(shown) < _get_earliest_day(first)
            )
            return shown if is_before else None
    return None


def _find_reissue_date(
    first: FoundDate, datelines: list[Dateline], meta: MetaTags, fetched_at: datetime
) -> FoundDate | None:
    """Return the day near the headline if every day there is over 30 days after the JSON-LD date.

    Return None if a certain meta tag has a date too. `found` includes the JSON-LD date.
    """
    if first.found != "json-ld datePublished" or any(name in meta.values for name in _CERTAIN_META_NAMES):
        return None
    shown_dates: list[FoundDate] = []
    for dateline in datelines:
        if dateline.distance <= NEAR_ELEMENTS:
            provenance = f"{dateline.found} of a change" if dateline.is_update else dateline.found
            shown = _parse_plausible(dateline.raw, provenance, meta.language, fetched_at)
            if shown and shown.parsed.precision != "month":
                shown_dates.append(shown)
    if not shown_dates or any(shown.parsed.at - first.parsed.at <= _MIN_REISSUE_GAP for shown in shown_dates):
        return None
    return replace(shown_dates[0], found=f"{shown_dates[0].found} (json-ld: {first.parsed.at:%Y-%m-%d})")


def _find_in_publisher_zone(
    first: FoundDate, datelines: list[Dateline], meta: MetaTags, fetched_at: datetime
) -> FoundDate:
    """Return the same moment in the publisher's time zone if a line has it, else the UTC date `first`."""
    parsed = first.parsed
    if parsed.precision in ("day", "month") or parsed.zone is None or parsed.zone.utcoffset(parsed.at):
        return first
    for dateline in datelines:
        shown = _parse_plausible(dateline.raw, dateline.found, meta.language, fetched_at)
        if shown and shown.parsed.zone is not None and shown.parsed.zone.utcoffset(shown.parsed.at):
            is_same = abs(shown.parsed.at - parsed.at) < timedelta(minutes=1)
            if is_same and shown.parsed.precision == parsed.precision:
                return shown
    return first


def _get_day(date: FoundDate) -> tuple[int, int, int]:
    local = date.parsed.at.astimezone(date.parsed.zone or UTC)
    return local.year, local.month, local.day


def _get_earliest_day(date: FoundDate) -> tuple[int, int, int]:
    """Return the earliest local day of a UTC date; no zone is over twelve hours behind UTC."""
    parsed = date.parsed
    if parsed.precision in ("day", "month") or (parsed.zone and parsed.zone.utcoffset(None) != timedelta(0)):
        return _get_day(date)
    return _get_day(replace(date, parsed=replace(parsed, at=parsed.at - timedelta(hours=12))))


def find_url_date(url: str) -> str:
    """Return the date in a URL as YYYY-MM-DD, or YYYY-MM without a day, or "" if it has none."""
    match = _URL_DATE.search(url.partition("?")[0])
    if not match:
        return ""
    year, month, day = match["year"], match["month"], match["day"]
    number = parse_month(month)
    return f"{year}-{number:02}-{day.zfill(2)}" if day else f"{year}-{number:02}"
