"""When the page was published: the first place that says so with a date that can be true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from newsetl.errors import NormaliseError
from newsetl.parse.generic.candidates import PageCandidates
from newsetl.parse.generic.datelines import NEAR, Dateline, find_datelines, parse_numeric_date
from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.meta_tags import MetaTags
from newsetl.text.date_patterns import parse_month
from newsetl.text.dates import ParsedDate, parse_date

# A change so much later than the record's date is no correction of it: the page was issued anew.
_ANEW = timedelta(days=30)
# A page that is dated more than a day ahead was not published then, nor one before the web.
_AHEAD, _FIRST_YEAR, _LONGEST = timedelta(days=1), 1990, 250
# The surest first; `date` and what follows it may be anything's.
_METAS = (
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
# `date` and what follows it may be anything's, so they repeat nothing.
_CERTAIN_METAS = _METAS[: _METAS.index("datecreated")]
_IN_SOURCE = re.compile(r"datePublished(?:&quot;|\W){1,8}?(\d{4}-\d\d-\d\d[T \d:.+-]*Z?)")
_IN_ADDRESS = re.compile(
    r"[/_-](?P<year>(?:19|20)\d\d)[/_-]?"
    r"(?P<month>0[1-9]|1[0-2]|(?<=[/_-])[1-9](?=[/_-])"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
    r"(?:[/_-]?(?P<day>0[1-9]|[12]\d|3[01]|(?<=[/_-])[1-9](?=[/_-])))?(?=[/_.-]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date as it stands on the page, what it says, and where it was found."""

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
    """The date of publication: JSON-LD, meta tags, <time> and microdata, a line of the page, the address.

    `text` is the page's source. A date without a year is none, nor one a day after the page was fetched.
    The place that says it first counts; a later one of the same day gives the time that the first lacks.
    """
    first: FoundDate | None = None
    lines = list(find_datelines(candidates, headline_at))
    for raw, where in _list_stated(candidates, meta, record, text, url, lines):
        dated = _parse_plausible(raw, where, meta.language, fetched_at)
        if dated is None:
            continue
        if first is None or (first.parsed.precision, dated.parsed.precision) == ("month", "day"):
            first = dated
        has_time = dated.parsed.precision not in ("day", "month")
        if has_time and _get_day(dated) == _get_day(first):
            first = dated
            break
    if first is None:
        return None
    return (
        _find_earlier_dateline(first, lines, meta, fetched_at)
        or _find_reissue_date(first, lines, meta, fetched_at)
        or _find_in_publisher_zone(first, lines, meta, fetched_at)
    )


def _list_stated(
    candidates: PageCandidates,
    meta: MetaTags,
    record: JsonLdArticle,
    text: str,
    url: str,
    lines: list[Dateline],
) -> Iterator[tuple[str, str]]:
    for raw in record.published:
        yield raw, "json-ld datePublished"
    for name in _METAS:
        for raw in meta.values.get(name, ()):
            yield raw, f"meta {name}"
    has_others = any("datePublished" in script for script in candidates.scripts)
    anywhere = set() if has_others else set(_IN_SOURCE.findall(text))
    if len(anywhere) == 1:
        yield anywhere.pop(), "script datePublished"
    for line in lines:
        if not line.is_changed:
            yield line.raw, line.found
    if day := find_url_date(url):
        yield day, "address"
    # What a reader sees of a change comes last; what the head says of it was set anew at every save.
    for line in lines:
        if line.is_changed:
            yield line.raw, f"{line.found} of a change"


def _parse_plausible(raw: str, where: str, language: str, fetched_at: datetime) -> FoundDate | None:
    """The date if it can be true."""
    for form in (raw, parse_numeric_date(raw, language)) if len(raw) <= _LONGEST else ():
        try:
            stamp = parse_date(form, UTC)
        except NormaliseError:
            continue
        can_be = stamp.at <= fetched_at + _AHEAD and stamp.at.year >= _FIRST_YEAR
        return FoundDate(form, stamp, where) if can_be else None
    return None


def _find_earlier_dateline(
    stated: FoundDate, lines: list[Dateline], meta: MetaTags, fetched_at: datetime
) -> FoundDate | None:
    """The day beside the headline, where the page's record has a later one: it was moved or issued anew."""
    if not stated.found.startswith(("json-ld", "meta", "script")):
        return None
    for line in lines:
        if not line.is_changed and line.distance <= NEAR:
            seen = _parse_plausible(line.raw, line.found, meta.language, fetched_at)
            is_before = (
                seen and seen.parsed.precision != "month" and _get_day(seen) < _get_earliest_day(stated)
            )
            return seen if is_before else None
    return None


def _find_reissue_date(
    stated: FoundDate, lines: list[Dateline], meta: MetaTags, fetched_at: datetime
) -> FoundDate | None:
    """The day that readers are shown beside the headline, where all that they are shown is a later one.

    Only against a JSON-LD date that is more than a month older, no meta tag's too; `found` keeps it.
    """
    if stated.found != "json-ld datePublished" or any(name in meta.values for name in _CERTAIN_METAS):
        return None
    shown: list[FoundDate] = []
    for line in lines:
        if line.distance <= NEAR:
            where = f"{line.found} of a change" if line.is_changed else line.found
            seen = _parse_plausible(line.raw, where, meta.language, fetched_at)
            if seen and seen.parsed.precision != "month":
                shown.append(seen)
    if not shown or any(seen.parsed.at - stated.parsed.at <= _ANEW for seen in shown):
        return None
    return replace(shown[0], found=f"{shown[0].found} (json-ld: {stated.parsed.at:%Y-%m-%d})")


def _find_in_publisher_zone(
    stated: FoundDate, lines: list[Dateline], meta: MetaTags, fetched_at: datetime
) -> FoundDate:
    """The same moment as a line has it in the publisher's zone, where the record has it in UTC."""
    stamp = stated.parsed
    if stamp.precision in ("day", "month") or stamp.zone is None or stamp.zone.utcoffset(stamp.at):
        return stated
    for line in lines:
        seen = _parse_plausible(line.raw, line.found, meta.language, fetched_at)
        if seen and seen.parsed.zone is not None and seen.parsed.zone.utcoffset(seen.parsed.at):
            is_same = abs(seen.parsed.at - stamp.at) < timedelta(minutes=1)
            if is_same and seen.parsed.precision == stamp.precision:
                return seen
    return stated


def _get_day(dated: FoundDate) -> tuple[int, int, int]:
    local = dated.parsed.at.astimezone(dated.parsed.zone or UTC)
    return local.year, local.month, local.day


def _get_earliest_day(dated: FoundDate) -> tuple[int, int, int]:
    """The earliest day that a reader may have had then: no zone is further than twelve hours behind UTC."""
    stamp = dated.parsed
    if stamp.precision in ("day", "month") or (stamp.zone and stamp.zone.utcoffset(None) != timedelta(0)):
        return _get_day(dated)
    return _get_day(replace(dated, parsed=replace(stamp, at=stamp.at - timedelta(hours=12))))


def find_url_date(url: str) -> str:
    """The day in an address, or the month where it has no day, as ISO 8601 writes it; "" if it has none."""
    found = _IN_ADDRESS.search(url.partition("?")[0])
    if not found:
        return ""
    year, month, day = found["year"], found["month"], found["day"]
    number = parse_month(month)
    return f"{year}-{number:02}-{day.zfill(2)}" if day else f"{year}-{number:02}"
