"""Visible dates of a page: <time>, microdata and datelines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from newsetl.parse.generic.candidates import PageCandidates, get_preceding_text, get_short_text
from newsetl.parse.generic.vocabulary import build_word_set
from newsetl.text.dates import find_date_text, is_month

# Elements between the headline and its date: certain up to the first number, likely up to the second.
NEAR_ELEMENTS, _FAR_ELEMENTS = 40, 80
_MAX_LABEL_CHARS = 80
# A dateline has little text beside its date.
_MAX_OTHER_CHARS, _MAX_LINE_CHARS, _MAX_DATELINES = 45, 160, 30
_UPDATED = re.compile(r"\b(?:updated?|revised|reviewed|edited|checked)\b|modif|updated", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"\b(?:post(?:ed)? (?:time|on|date)|created|issued|first|released?|publication)\b|publish|posted",
    re.IGNORECASE,
)
_LEGAL = re.compile(r"©|copyright|\(c\)|all rights|since \d", re.IGNORECASE)
_NUMERIC_DATE = re.compile(
    r"(?<![\d/.-])(?P<one>\d{1,2})(?P<sign>[/.-])(?P<two>\d{1,2})(?P=sign)(?P<year>(?:19|20)?\d\d)(?![\d/-])"
)
_MONTH_FIRST_REGIONS = frozenset({"US", "CA", "PH", "PR"})
# Top-level domains of countries that write the month first, or that stand for no country.
_OTHER_HOSTS = build_word_set("ai ca cc cn co fm gg gl im io jp kr la ly me ph pr sh so to tv tw us vc ws")
_DATE_TAGS = frozenset({"time", "meta", "span", "div", "abbr"})


@dataclass(frozen=True, slots=True)
class Dateline:
    """Date as printed, its provenance, and its distance to the headline in elements.

    `is_update`: the date is of an update, not of the publication. `is_hidden`: it is in an element without
    text. Elements before the headline count twice.
    """

    raw: str
    found: str
    is_update: bool
    is_hidden: bool
    distance: int


def find_datelines(candidates: PageCandidates, headline_at: int) -> Iterator[Dateline]:
    """Yield at most 30 dates of the page, the most likely publication date first."""
    ranked: list[tuple[tuple[bool, bool, int, int], Dateline]] = []

    def add(node: Any, position: int, raw: str, context: str, provenance: str, rank: int) -> None:
        is_update = bool(_UPDATED.search(context)) and not _PUBLISHED.search(context)
        distance = position - headline_at if position >= headline_at else 2 * (headline_at - position)
        is_hidden = provenance == "microdata" and not get_short_text(node)
        dateline = Dateline(raw, provenance, is_update, is_hidden, distance)
        ranked.append(
            (
                (
                    candidates.is_outside_article(node),
                    is_update,
                    rank + 3 * (distance > _FAR_ELEMENTS),
                    distance,
                ),
                dateline,
            )
        )

    for element in candidates.date_elements:
        raw, is_stated = _get_date(element.node)
        if raw:
            itemprop = element.node.get("itemprop") or ""
            provenance = "time" if element.node.tag == "time" else "microdata" if itemprop else "date line"
            raw = raw if is_stated else _drop_update(raw)
            label = get_short_text(element.node)[:_MAX_LABEL_CHARS] if is_stated else raw
            context = f"{element.attributes} {itemprop} {label} {get_preceding_text(element.node)}"
            add(
                element.node,
                element.position,
                raw,
                context,
                provenance,
                0 if is_stated and provenance != "date line" else 1,
            )
    for text in candidates.year_texts:
        if _is_dateline(text.text):
            raw = _drop_update(text.text)
            context = raw if _PUBLISHED.search(raw) else f"{raw} {get_preceding_text(text.node)}"
            add(text.node, text.position, raw, context, "date line", 1 if _PUBLISHED.search(context) else 2)
        elif abs(text.position - headline_at) <= NEAR_ELEMENTS and is_month(text.text):
            # A journal or an issue has a month only.
            add(text.node, text.position, text.text, get_preceding_text(text.node), "date line", 6)
    ranked.sort(key=lambda entry: entry[0])
    # A page's only <time> or microdata date counts even outside the article.
    is_only = len({dateline.raw for _, dateline in ranked if dateline.found != "date line"}) == 1
    for (is_outside, *_), dateline in ranked[:_MAX_DATELINES]:
        if not is_outside or (dateline.found != "date line" and is_only):
            yield dateline


def has_date(text: str) -> bool:
    """Return True if `text` has a date with its year."""
    return find_date_text(text) is not None or _NUMERIC_DATE.search(text) is not None


def expand_numeric_date(text: str, *, is_day_first: bool, day: date | None = None) -> str:
    """Write the first numeric date with the year last in `text` as YYYY-MM-DD, or return "" if there is none.

    The words and the time beside it are kept. If both numbers may be the month, the reading that is `day`
    counts, else `is_day_first`; dots between the numbers always mean the day first. A two-digit year is of
    this century.
    """
    match = _NUMERIC_DATE.search(text)
    if not match:
        return ""
    one, two, year = int(match["one"]), int(match["two"]), int(match["year"])
    year = year + 2000 if year < 100 else year
    readings: list[date] = []
    for month, number in ((two, one), (one, two)):
        with suppress(ValueError):
            readings.append(date(year, month, number))
    if not readings:
        return ""
    is_month_first = not is_day_first and match["sign"] != "."
    reading = day if day in readings else readings[-1 if is_month_first else 0]
    return f"{text[: match.start()]}{reading.isoformat()}{text[match.end() :]}"


def is_day_first(language: str, region: str, host: str) -> bool:
    """Return True if the day precedes the month in numeric dates of a page in `language` on `host`.

    So it does in every language but English, and in English outside of North America and the Philippines.
    The country of the host counts if the page names no region, or US, the default of many publishing systems.
    """
    if language not in ("en", ""):
        return True
    if region not in ("", "US"):
        return region not in _MONTH_FIRST_REGIONS
    domain = host.rpartition(".")[2].casefold()
    return len(domain) == 2 and domain not in _OTHER_HOSTS


def _drop_update(line: str) -> str:
    """Drop the part about an update from a line that also has the publication."""
    published, changed = _PUBLISHED.search(line), _UPDATED.search(line)
    if not published or not changed:
        return line
    return line[published.start() :] if changed.start() < published.start() else line[: changed.start()]


def _is_dateline(text: str) -> bool:
    date = find_date_text(text) or _NUMERIC_DATE.search(text) if len(text) <= _MAX_LINE_CHARS else None
    if not date or _LEGAL.search(text):
        return False
    other_chars = len(text) - len(date.group())
    return other_chars <= _MAX_OTHER_CHARS or (
        other_chars <= 2 * _MAX_OTHER_CHARS and (" | " in text or bool(_PUBLISHED.search(text)))
    )


def _get_date(node: Any) -> tuple[str, bool]:
    """Return the date in a node's attributes or text, and whether it is from an attribute."""
    for name in ("datetime", "content") if node.tag in _DATE_TAGS else ():
        stated = node.get(name)
        if stated and len(stated) < _MAX_LINE_CHARS and (find_date_text(stated) or stated.isdigit()):
            return stated, True
    text = get_short_text(node)
    return (text, False) if text and _is_dateline(text) else ("", False)
