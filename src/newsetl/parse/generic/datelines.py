"""The dates that a reader sees on the page: in <time> and microdata, and as lines that are little else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsetl.parse.generic.candidates import PageCandidates, get_preceding_text, get_short_text
from newsetl.text.dates import find_date_text, is_month

# Elements between the headline and a date that is the headline's, and one that is still likely to be.
NEAR, _FAR = 40, 80
# A line that a reader takes for the date has little beside it.
_BESIDE, _LONGEST, _MOST = 45, 160, 30
_UPDATED = re.compile(r"\b(?:updated?|revised|reviewed|edited|checked)\b|modif|updated", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"\b(?:post(?:ed)? (?:time|on|date)|created|issued|first|released?|publication)\b|publish|posted",
    re.IGNORECASE,
)
_LEGAL = re.compile(r"©|copyright|\(c\)|all rights|since \d", re.IGNORECASE)
_FIGURES = re.compile(
    r"(?<![\d/.-])(?P<one>\d{1,2})(?P<sign>[/.-])(?P<two>\d{1,2})(?P=sign)(?P<year>(?:19|20)?\d\d)(?![\d/-])"
)
_DATED_TAGS = frozenset({"time", "meta", "span", "div", "abbr"})


@dataclass(frozen=True, slots=True)
class Dateline:
    """A date as it stands on the page; if it is of a change; and elements between it and the headline."""

    raw: str
    found: str
    is_changed: bool
    distance: int


def find_datelines(candidates: PageCandidates, headline_at: int) -> Iterator[Dateline]:
    """The dates of the page, the likeliest to be the article's first."""
    ranked: list[tuple[tuple[bool, bool, int, int], Dateline]] = []

    def add(node: Any, at: int, raw: str, around: str, where: str, rank: int) -> None:
        is_changed = bool(_UPDATED.search(around)) and not _PUBLISHED.search(around)
        distance = at - headline_at if at >= headline_at else 2 * (headline_at - at)
        line = Dateline(raw, where, is_changed, distance)
        ranked.append(
            ((candidates.is_outside_article(node), is_changed, rank + 3 * (distance > _FAR), distance), line)
        )

    for spot in candidates.dates:
        raw, is_stated = _get_date(spot.node)
        if raw:
            prop = spot.node.get("itemprop") or ""
            where = "time" if spot.node.tag == "time" else "microdata" if prop else "date line"
            said = get_short_text(spot.node)[:_FAR] if is_stated else raw
            around = f"{spot.attributes} {prop} {said} {get_preceding_text(spot.node)}"
            add(spot.node, spot.at, raw, around, where, 0 if is_stated and where != "date line" else 1)
    for piece in candidates.years:
        if _is_dateline(piece.text):
            raw = _drop_update(piece.text)
            around = raw if _PUBLISHED.search(raw) else f"{raw} {get_preceding_text(piece.node)}"
            add(piece.node, piece.at, raw, around, "date line", 1 if _PUBLISHED.search(around) else 2)
        elif abs(piece.at - headline_at) <= NEAR and is_month(piece.text):
            # A paper or an issue has no day.
            add(piece.node, piece.at, piece.text, get_preceding_text(piece.node), "date line", 6)
    ranked.sort(key=lambda entry: entry[0])
    # A page's only <time> is its own, wherever it stands.
    is_only = len({line.raw for _, line in ranked if line.found != "date line"}) == 1
    for (is_others, *_), line in ranked[:_MOST]:
        if not is_others or (line.found != "date line" and is_only):
            yield line


def parse_numeric_date(text: str, language: str) -> str:
    """A date in figures whose year comes last, as ISO 8601 writes it; "" if there is none.

    Of two figures that may both be the month, the first is it in English and where no language is said.
    """
    found = _FIGURES.search(text)
    if not found:
        return ""
    one, two, year = int(found["one"]), int(found["two"]), int(found["year"])
    may_be_english = language in ("en", "") and found["sign"] != "."
    month, day = (one, two) if two > 12 or (one <= 12 and may_be_english) else (two, one)
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""


def _drop_update(line: str) -> str:
    """The part of a line that is of the publication, where it has a change's date too."""
    published, changed = _PUBLISHED.search(line), _UPDATED.search(line)
    if not published or not changed:
        return line
    return line[published.start() :] if changed.start() < published.start() else line[: changed.start()]


def _is_dateline(text: str) -> bool:
    date = find_date_text(text) or _FIGURES.search(text) if len(text) <= _LONGEST else None
    if not date or _LEGAL.search(text):
        return False
    beside = len(text) - len(date.group())
    return beside <= _BESIDE or (beside <= 2 * _BESIDE and (" | " in text or bool(_PUBLISHED.search(text))))


def _get_date(node: Any) -> tuple[str, bool]:
    """The date of a node as its attributes or its text have it, and whether it was an attribute."""
    for name in ("datetime", "content") if node.tag in _DATED_TAGS else ():
        stated = node.get(name)
        if stated and len(stated) < _LONGEST and (find_date_text(stated) or stated.isdigit()):
            return stated, True
    text = get_short_text(node)
    return (text, False) if text and _is_dateline(text) else ("", False)
