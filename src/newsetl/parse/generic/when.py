"""When the page was published: the first place that says so with a date that can be true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from newsetl.dates import Stamp, find_printed, read_date
from newsetl.errors import NormaliseError
from newsetl.parse.generic.head import Head
from newsetl.parse.generic.jsonld import Record
from newsetl.parse.generic.survey import Survey
from newsetl.wording import single_blanks

# A page that is dated more than a day ahead was not published then.
_AHEAD = timedelta(days=1)
_FIRST_YEAR = 1990
_METAS = (
    "article:published_time", "article:published", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "publish-date", "publish_date", "publishdate",
    "published_time", "published-date", "published_at", "publishedtime", "publication_date", "publication-date", "pubdate", "pub_date",
    "article.published", "article_date_original", "article:date", "originalpublicationdate", "ptime", "displaydate", "dc.date.issued",
    "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "citation_publication_date", "citation_date",
    "citation_online_date", "bt:pubdate", "vr:published_time", "rnews:datepublished", "datecreated", "date_published", "date", "created",
    "article:post_date", "post_date", "timestamp", "og:pubdate", "pdate", "lastpublisheddate", "release_date",
)  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified", "last-modified", "revised")
_UPDATED = re.compile(r"\b(?:updated?|modified|revised|reviewed|edited|checked)\b|modif|updated", re.IGNORECASE)
_PUBLISHED = re.compile(r"\b(?:publish(?:ed)?|posted|post(?:ed)? (?:time|on|date)|created|issued|first|released?|publication)\b|publish|posted", re.IGNORECASE)
_SLASHED = re.compile(r"(?<![\d/.-])(?P<one>\d{1,2})(?P<sign>[/.-])(?P<two>\d{1,2})(?P=sign)(?P<year>(?:19|20)?\d\d)(?![\d/-])")
_IN_SOURCE = re.compile(r"datePublished(?:&quot;|\W){1,8}?(\d{4}-\d\d-\d\d[T \d:.+-]*Z?)")
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_IN_ADDRESS = re.compile(
    r"[/_-](?P<year>(?:19|20)\d\d)[/_-]?"
    r"(?P<month>0[1-9]|1[0-2]|(?<=[/_-])[1-9](?=[/_-])|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
    r"(?:[/_-]?(?P<day>0[1-9]|[12]\d|3[01]|(?<=[/_-])[1-9](?=[/_-])))?(?=[/_.-]|$)",
    re.IGNORECASE,
)
# A line that a reader takes for the date has little beside it.
_LONGEST_BESIDE, _LONGEST_LINE = 45, 160
# Elements between the headline and a date that is the headline's.
_NEAR, _FAR = 40, 80
@dataclass(frozen=True, slots=True)
class Dated:
    """A date as it stands on the page, what it says, and where it was found."""

    raw: str
    stamp: Stamp
    found: str


def find_date(
    found: Survey, head: Head, record: Record, source: str, url: str, *, headline_at: int, fetched_at: datetime
) -> Dated | None:
    """The date of publication: JSON-LD, meta tags, microdata and <time>, the visible line; then of a change.

    `source` is the page as text. A date without a year is none, nor one a day after the page was fetched.
    The place that says it first counts; a later one of the same day gives the time that the first lacks.
    """
    first: Dated | None = None
    for raw, where in _stated(found, head, record, source, url, headline_at):
        dated = _true(raw, where, head.language, fetched_at)
        if dated is None:
            continue
        if dated.stamp.precision not in ("day", "month"):
            if first is None or _same_day(first, dated):
                return _earlier(found, dated, head.language, headline_at, fetched_at) or dated
        elif first is None or (first.stamp.precision == "month" and dated.stamp.precision == "day"):
            first = dated
    return first and (_earlier(found, first, head.language, headline_at, fetched_at) or first)


def _earlier(found: Survey, stated: Dated, language: str, headline_at: int, fetched_at: datetime) -> Dated | None:
    """The day beside the headline, where the page's own record has a later one: it was moved or issued anew."""
    if stated.found == "date line" or stated.found == "time":
        return None
    for is_changed, raw, where, distance in _shown(found, headline_at):
        if is_changed or distance > _NEAR:
            continue
        shown = _true(raw, where, language, fetched_at)
        if shown and shown.stamp.precision != "month" and _day(shown) < _first_day(stated):
            return shown
        return None
    return None


def _stated(found: Survey, head: Head, record: Record, source: str, url: str, headline_at: int) -> Iterator[tuple[str, str]]:
    for raw in record.published:
        yield raw, "json-ld datePublished"
    for name in _METAS:
        for raw in head.metas.get(name, ()):
            yield raw, f"meta {name}"
    stated = set(_IN_SOURCE.findall(source))
    if len(stated) == 1:
        yield stated.pop(), "script datePublished"
    late: list[tuple[str, str]] = []
    for is_changed, raw, where, _ in _shown(found, headline_at):
        if is_changed:
            late.append((raw, where))
        else:
            yield raw, where
    if day := day_in_address(url):
        yield day, "address"
    if record.modified:
        yield record.modified, "json-ld dateModified"
    for name in _MODIFIED:
        for raw in head.metas.get(name, ()):
            yield raw, f"meta {name}"
    yield from late


def day_in_address(url: str) -> str:
    """The day in an address, or the month where it has no day, as ISO 8601 writes it; "" if it has none."""
    found = _IN_ADDRESS.search(url.partition("?")[0])
    if not found:
        return ""
    year, month, day = found["year"], found["month"], found["day"]
    number = f"{_MONTHS.index(month[:3].casefold()) // 3 + 1:02}" if month.isalpha() else month.zfill(2)
    return f"{year}-{number}-{day.zfill(2)}" if day else f"{year}-{number}"


def _true(raw: str, where: str, language: str, fetched_at: datetime) -> Dated | None:
    """The date if it can be true, with the day before the month where the page's language has it so."""
    if len(raw) > 250:
        return None
    try:
        stamp = read_date(raw, UTC)
    except NormaliseError:
        raw = _slashed(raw, language)
        if not raw:
            return None
        stamp = read_date(raw, UTC)
    if stamp.at > fetched_at + _AHEAD or stamp.at.year < _FIRST_YEAR:
        return None
    return Dated(raw, stamp, where)


def _slashed(raw: str, language: str) -> str:
    """A date in figures alone, the year last, with its year first; "" if it is none."""
    found = _SLASHED.search(raw)
    if not found:
        return ""
    one, two, year = int(found["one"]), int(found["two"]), int(found["year"])
    is_month_first = two > 12 or (one <= 12 and language in ("en", "en-us", "") and found["sign"] != ".")
    month, day = (one, two) if is_month_first else (two, one)
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""


def _same_day(one: Dated, other: Dated) -> bool:
    return _day(one) == _day(other)


def _day(dated: Dated) -> tuple[int, int, int]:
    local = dated.stamp.at.astimezone(dated.stamp.zone or UTC)
    return local.year, local.month, local.day


def _first_day(dated: Dated) -> tuple[int, int, int]:
    """The earliest day that a reader may have had then: no zone is further than twelve hours behind UTC."""
    is_local = dated.stamp.precision in ("day", "month") or (dated.stamp.zone and dated.stamp.zone.utcoffset(dated.stamp.at))
    return _day(dated) if is_local else _day(replace(dated, stamp=replace(dated.stamp, at=dated.stamp.at - timedelta(hours=12))))


def _shown(found: Survey, headline_at: int) -> Iterator[tuple[bool, str, str, int]]:
    """The dates that a reader sees, the likeliest first, and whether each is of a change."""
    ranked: list[tuple[tuple[bool, bool, int, int], bool, str, str]] = []
    for spot in found.dates:
        node = spot.node
        raw, is_stated = _raw(node)
        if not raw:
            continue
        prop = node.get("itemprop") or ""
        around = f"{spot.marks} {prop} {raw if not is_stated else _text(node)[:80]} {_before(node)}"
        is_changed = bool(_UPDATED.search(around)) and not _PUBLISHED.search(around)
        where = "time" if node.tag == "time" else "microdata" if prop else "date line"
        rank = 0 if where != "date line" and is_stated else 1
        distance = _distance(spot.at, headline_at)
        ranked.append(((found.is_others(node), is_changed, rank + 3 * (distance > _FAR), distance), is_changed, raw, where))
    for piece in found.years:
        if not _is_date_line(piece.text):
            continue
        raw = piece.text
        labels = [each.start() for each in _PUBLISHED.finditer(raw)]
        if labels and _UPDATED.search(raw):
            raw = raw[labels[0] :] if labels[0] > _UPDATED.search(raw).start() else raw[: _UPDATED.search(raw).start()]
        around = f"{raw} {_before(piece.node) if not labels else ''}"
        is_changed = bool(_UPDATED.search(around)) and not _PUBLISHED.search(around)
        rank = 1 if _PUBLISHED.search(around) else 2
        distance = _distance(piece.at, headline_at)
        ranked.append(((found.is_others(piece.node), is_changed, rank + 3 * (distance > _FAR), distance), is_changed, raw, "date line"))
    ranked.sort(key=lambda entry: entry[0])
    # A page's only <time> is its own, wherever it stands.
    is_only = len({raw for _, _, raw, where in ranked if where != "date line"}) == 1
    for (is_others, _, _, distance), is_changed, raw, where in ranked[:30]:
        if not is_others or (where != "date line" and (is_only or distance < 60)):
            yield is_changed, raw, where, distance


def _distance(at: int, headline_at: int) -> int:
    return at - headline_at if at >= headline_at else 2 * (headline_at - at)


def _is_date_line(text: str) -> bool:
    if len(text) > _LONGEST_LINE or re.search(r"©|copyright|\(c\)|all rights|since \d", text, re.IGNORECASE):
        return False
    date = find_printed(text) or _SLASHED.search(text)
    if not date:
        return False
    rest = text[: date.start()] + text[date.end() :]
    return len(rest) <= _LONGEST_BESIDE or bool(_PUBLISHED.search(rest) and len(rest) <= 2 * _LONGEST_BESIDE) or (" | " in text and len(rest) < 120)


def _raw(node: Any) -> tuple[str, bool]:
    """The date of a node as its attributes or its text have it, and whether it was an attribute."""
    for name in ("datetime", "content") if node.tag in ("time", "meta", "span", "div", "abbr") else ():
        stated = node.get(name)
        if stated and (find_printed(stated) or stated.isdigit()):
            return stated, True
    text = _text(node)
    return (text, False) if text and _is_date_line(text) else ("", False)


def _text(node: Any) -> str:
    return single_blanks(" ".join(node.itertext())) if len(node) < 8 else ""


def _before(node: Any) -> str:
    """The end of what stands before a node."""
    previous = node.getprevious()
    if previous is not None:
        text = previous.tail if previous.tail and previous.tail.strip() else _text(previous) if isinstance(previous.tag, str) else ""
    else:
        parent = node.getparent()
        text = parent.text if parent is not None else ""
    return single_blanks((text or "")[-60:])
