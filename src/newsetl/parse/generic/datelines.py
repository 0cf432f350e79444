"""Visible dates of a page: <time>, microdata and datelines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsetl.parse.generic.candidates import PageCandidates, get_preceding_text, get_short_text
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
_DATE_TAGS = frozenset({"time", "meta", "span", "div", "abbr"})


@dataclass(frozen=True, slots=True)
class Dateline:
    """Date as printed, its provenance, and its distance to the headline in elements.

    `is_update`: the date is of an update, not of the publication. Elements before the headline count twice.
    """

    raw: str
    found: str
    is_update: bool
    distance: int


def find_datelines(candidates: PageCandidates, headline_at: int) -> Iterator[Dateline]:
    """Yield at most 30 dates of the page, the most likely publication date first."""
    ranked: list[tuple[tuple[bool, bool, int, int], Dateline]] = []

    def add(node: Any, position: int, raw: str, context: str, provenance: str, rank: int) -> None:
        is_update = bool(_UPDATED.search(context)) and not _PUBLISHED.search(context)
        distance = position - headline_at if position >= headline_at else 2 * (headline_at - position)
        dateline = Dateline(raw, provenance, is_update, distance)
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


def parse_numeric_date(text: str, language: str) -> str:
    """Return a numeric date with the year last as YYYY-MM-DD, or "" if there is none.

    If both numbers may be the month, the first one is the month in English or an unknown `language`, unless
    dots separate them. A two-digit year is of this century.
    """
    match = _NUMERIC_DATE.search(text)
    if not match:
        return ""
    one, two, year = int(match["one"]), int(match["two"]), int(match["year"])
    may_be_english = language in ("en", "") and match["sign"] != "."
    month, day = (one, two) if two > 12 or (one <= 12 and may_be_english) else (two, one)
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""


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
