"""Publication date of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

from newsetl.errors import NormaliseError
from newsetl.parse.generic.candidates import PageCandidates
from newsetl.parse.generic.datelines import (
    NEAR_ELEMENTS,
    Dateline,
    expand_numeric_date,
    find_datelines,
    is_day_first,
)
from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.meta_tags import MetaTags
from newsetl.text.absolute_url import parse_http_url
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
# Offsets of the world's time zones from UTC, without UTC.
_MIN_OFFSET, _MAX_OFFSET = timedelta(hours=-12), timedelta(hours=14)
_OFFSETS = frozenset(
    timedelta(hours=hours)
    for hours in (*range(-12, 0), *range(1, 15), -9.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5)
)
_TIME_WITH_OFFSET = re.compile(r"T\d\d:\d\d(?::\d\d(?:\.\d+)?)?[+-]\d\d:?\d\d(?!\d)")
_MAX_TIMES = 20
_SOURCE_DATE = re.compile(r"datePublished(?:&quot;|\W){1,8}?(\d{4}-\d\d-\d\d[T \d:.+-]*Z?)")
_URL_DATE = re.compile(
    r"[/_-](?:t(?=20\d{6}_))?(?P<year>(?:19|20)\d\d)[/_-]?"
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


@dataclass(frozen=True, slots=True)
class _Page:
    """Context of the dates on a page. `url_date` is the date in its URL, as YYYY-MM-DD or YYYY-MM."""

    text: str
    url_date: str
    is_day_first: bool
    is_zone_known: bool
    fetched_at: datetime

    def parse(self, raw: str, provenance: str) -> FoundDate | None:
        """Return the parsed date if it is plausible, else None."""
        date = self.parse_any(raw, provenance)
        return date if date is not None and not self.is_ahead(date) else None

    def is_ahead(self, date: FoundDate) -> bool:
        """Return True if the date is more than a day after the page was fetched."""
        return date.parsed.at > self.fetched_at + _MAX_AHEAD

    def parse_any(self, raw: str, provenance: str) -> FoundDate | None:
        """Return the parsed date, also one in the future; None for other text and dates before the web."""
        if len(raw) > _MAX_DATE_CHARS:
            return None
        numeric = expand_numeric_date(raw, is_day_first=self.is_day_first, day=_parse_day(self.url_date))
        for candidate in (raw, numeric):
            try:
                parsed = parse_date(candidate, UTC)
            except NormaliseError:
                continue
            return FoundDate(candidate, parsed, provenance) if parsed.at.year >= _MIN_YEAR else None
        return None


def find_date(
    candidates: PageCandidates,
    meta: MetaTags,
    record: JsonLdArticle,
    text: str,
    url: str,
    *,
    headline_at: int,
    fetched_at: datetime,
    is_zone_known: bool = False,
) -> FoundDate | None:
    """Find the date of publication, or None.

    Searched in order: JSON-LD, meta tags, scripts in `text` (the page's HTML), <time> and microdata, lines of
    the page, the URL. The first plausible date counts. A later one of the same day supplies a missing time. A
    date needs a year and is at most a day after `fetched_at`. If JSON-LD or a certain meta tag states a later
    one and the page has no other date, that date is returned, for the caller to reject. A date near the
    headline may replace the first: an earlier one, a reissue, or the same moment in the publisher's zone.
    `is_zone_known`: a source file states the publisher's time zone.
    """
    url_date = find_url_date(url)
    parts = parse_http_url(url)
    is_day_before_month = is_day_first(meta.language, meta.region, (parts and parts.hostname) or "")
    page = _Page(text, url_date, is_day_before_month, is_zone_known, fetched_at)
    first: FoundDate | None = None
    future: FoundDate | None = None
    datelines = list(find_datelines(candidates, headline_at))
    for raw, provenance in _list_stated(candidates, meta, record, page, datelines):
        candidate = page.parse_any(raw, provenance)
        if candidate is None:
            continue
        if page.is_ahead(candidate):
            if provenance in _CERTAIN_PROVENANCES:
                future = future or candidate
            continue
        if first is None or (first.parsed.precision, candidate.parsed.precision) == ("month", "day"):
            first = candidate
        has_time = candidate.parsed.precision not in ("day", "month")
        is_change = provenance.endswith("of a change") and first.found not in (provenance, "address")
        if has_time and not is_change and _get_day(candidate) == _get_day(first):
            first = candidate
            break
    if first is None:
        return future
    return (
        _find_earlier_dateline(first, datelines, page)
        or _find_reissue_date(first, datelines, meta, page)
        or _find_in_publisher_zone(first, datelines, page)
        or _find_local_day(first, datelines, page)
        or first
    )


def _list_stated(
    candidates: PageCandidates,
    meta: MetaTags,
    record: JsonLdArticle,
    page: _Page,
    datelines: list[Dateline],
) -> Iterator[tuple[str, str]]:
    for raw in record.published:
        yield raw, "json-ld datePublished"
    for name in _META_NAMES:
        for raw in meta.values.get(name, ()):
            yield raw, f"meta {name}"
    is_in_jsonld = any("datePublished" in script for script in candidates.jsonld_scripts)
    source_dates = set() if is_in_jsonld else set(_SOURCE_DATE.findall(page.text))
    if len(source_dates) == 1:
        yield source_dates.pop(), "script datePublished"
    for dateline in datelines:
        if not dateline.is_update:
            yield dateline.raw, dateline.found
    if page.url_date:
        yield page.url_date, "address"
    # Visible update dates come last. Modified dates in the page's head change at every save and are ignored.
    for dateline in datelines:
        if dateline.is_update:
            yield dateline.raw, f"{dateline.found} of a change"


def _find_earlier_dateline(first: FoundDate, datelines: list[Dateline], page: _Page) -> FoundDate | None:
    """Return the day near the headline if it is before the stated one: the page was moved or reissued."""
    if not first.found.startswith(("json-ld", "meta", "script")):
        return None
    for dateline in datelines:
        if not dateline.is_update and dateline.distance <= NEAR_ELEMENTS:
            shown = page.parse(dateline.raw, dateline.found)
            is_before = (
                shown and shown.parsed.precision != "month" and _get_day(shown) < _get_earliest_day(first)
            )
            return shown if is_before else None
    return None


def _find_reissue_date(
    first: FoundDate, datelines: list[Dateline], meta: MetaTags, page: _Page
) -> FoundDate | None:
    """Return the day near the headline if every day there is over 30 days after the stated one.

    Return None if the stated date is confirmed: by another field, or by the time and zone of a meta tag that
    the publishing system writes by itself. `found` includes the stated date.
    """
    if not first.found.startswith(("json-ld", "meta", "microdata")):
        return None
    shown_dates: list[FoundDate] = []
    for dateline in datelines:
        if dateline.distance <= NEAR_ELEMENTS and not dateline.is_hidden:
            provenance = f"{dateline.found} of a change" if dateline.is_update else dateline.found
            shown = page.parse(dateline.raw, provenance)
            if shown and shown.parsed.precision != "month":
                shown_dates.append(shown)
    if not shown_dates or any(shown.parsed.at - first.parsed.at <= _MIN_REISSUE_GAP for shown in shown_dates):
        return None
    if _is_confirmed(first, shown_dates[0], meta, page):
        return None
    source = first.found.partition(" ")[0]
    return replace(shown_dates[0], found=f"{shown_dates[0].found} ({source}: {first.parsed.at:%Y-%m-%d})")


def _is_confirmed(first: FoundDate, shown: FoundDate, meta: MetaTags, page: _Page) -> bool:
    """Return True if the stated date `first` is rather the publication than the shown date."""
    if first.found == "microdata":
        return False
    if first.found.startswith("meta"):
        is_automatic = first.parsed.precision != "day" and first.parsed.zone is not None
        return is_automatic and first.found != "meta datepublished"
    values = [value for name in _CERTAIN_META_NAMES for value in meta.values.get(name, ())]
    dates = [found for value in values if (found := page.parse(value, ""))]
    is_same_as_shown = any(_get_day(found) == _get_day(shown) for found in dates)
    return bool(dates) and shown.found.endswith("of a change") and not is_same_as_shown


def _find_in_publisher_zone(first: FoundDate, datelines: list[Dateline], page: _Page) -> FoundDate | None:
    """Return the moment of the UTC date `first` in the publisher's time zone, if the page shows it.

    The page shows it in a line or a script: with an offset, or as a local time that is the offset of a
    time zone away.
    """
    if not _is_in_utc(first):
        return None
    at = first.parsed.at
    for dateline in datelines:
        shown = page.parse(dateline.raw, dateline.found)
        if shown is None or dateline.is_update or shown.parsed.precision in ("day", "month"):
            continue
        if shown.parsed.zone is None:
            offset = shown.parsed.at - at.replace(second=0, microsecond=0)
            offset -= timedelta(seconds=offset.seconds % 60)
            if offset not in _OFFSETS:
                continue
        else:
            offset = shown.parsed.zone.utcoffset(shown.parsed.at) or timedelta()
            if not offset or abs(shown.parsed.at - at) >= timedelta(minutes=1):
                continue
            if shown.parsed.precision == first.parsed.precision:
                return shown
        return _move_to_zone(first, timezone(offset))
    for raw in _list_times_with_offset(page.text, at):
        shown = page.parse(raw, first.found)
        if shown and shown.parsed.at == at and shown.parsed.zone and shown.parsed.zone.utcoffset(at):
            return shown
    return None


def _list_times_with_offset(text: str, at: datetime) -> list[str]:
    """Return at most 20 times with an offset in `text`, on the day of `at` and the days before and after."""
    times: dict[str, None] = {}
    for days in (-1, 0, 1):
        day = (at + timedelta(days=days)).date().isoformat()
        start = text.find(day)
        while start >= 0 and len(times) < _MAX_TIMES:
            start += len(day)
            if match := _TIME_WITH_OFFSET.match(text, start):
                times[f"{day}{match.group()}"] = None
            start = text.find(day, start)
    return list(times)


def _find_local_day(first: FoundDate, datelines: list[Dateline], page: _Page) -> FoundDate | None:
    """Return the day in the URL or near the headline if `first`, in UTC, is on it in the publisher's zone.

    A source file that states the time zone makes this needless.
    """
    if page.is_zone_known or not _is_in_utc(first):
        return None
    shown = page.parse(page.url_date, "address") if page.url_date else None
    for dateline in datelines if shown is None else ():
        if not dateline.is_update and dateline.distance <= NEAR_ELEMENTS:
            shown = page.parse(dateline.raw, dateline.found)
            break
    if shown is None or shown.parsed.precision != "day":
        return None
    # The local time is at least 00:00 and less than 24:00.
    start = shown.parsed.at - first.parsed.at
    is_on_day = start + timedelta(days=1) >= _MIN_OFFSET and start <= _MAX_OFFSET
    if _get_day(shown) == _get_day(first) or not is_on_day:
        return None
    return replace(shown, found=f"{shown.found} ({first.found}: {first.parsed.at:%Y-%m-%dT%H:%M}Z)")


def _is_in_utc(found: FoundDate) -> bool:
    parsed = found.parsed
    has_time = parsed.precision not in ("day", "month")
    return has_time and parsed.zone is not None and not parsed.zone.utcoffset(parsed.at)


def _move_to_zone(found: FoundDate, zone: timezone) -> FoundDate:
    local = found.parsed.at.astimezone(zone)
    return FoundDate(local.isoformat(), replace(found.parsed, zone=zone), found.found)


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


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
    dates = [
        f"{match['year']}-{parse_month(match['month']):02}"
        + (f"-{day.zfill(2)}" if (day := match["day"]) else "")
        for match in _URL_DATE.finditer(url.partition("?")[0])
    ]
    # A folder of the month may contain a file with the day.
    return next((date for date in dates[1:] if date.startswith(f"{dates[0]}-")), dates[0]) if dates else ""
