"""Author without a label: a bare name beside the date below the headline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from newsetl.parse.generic.byline import Byline
from newsetl.parse.generic.candidates import (
    PageCandidates,
    get_short_text,
    get_texts_in,
    is_author_url,
)
from newsetl.parse.generic.datelines import NEAR_ELEMENTS, has_date
from newsetl.parse.generic.names import extract_names, is_team
from newsetl.parse.generic.vocabulary import PARTICLES, PLACE_WORDS, SUBJECT_WORDS
from newsetl.text.whitespace import collapse_whitespace, normalise_letters

_BAR = re.compile(r"\s*[|·•]\s*|\s+[—–-]\s+")
_ONLY_SEPARATORS = re.compile(r"(?:[\s,;/&]|\b(?:and|und|et|y|e)\b)*", re.IGNORECASE)
_MAX_LINE_CHARS, _MAX_LEVELS, _MIN_WORDS, _MAX_WORDS = 120, 3, 2, 3


def find_name_beside_date(candidates: PageCandidates, headline_at: int, subjects: frozenset[str]) -> Byline:
    """Return the names in the line of the date or in the box before or after it, near the headline.

    The text is nothing but names of two or three words. A part of one of `subjects`, which are the site and
    the page's sections, and the text of a link to another than an author's page are no names.
    """
    positions: dict[Any, int] = {}
    dated = [(date.position, date.node) for date in candidates.date_elements]
    for position, node in dated + [(text.position, text.node) for text in candidates.year_texts]:
        is_near = headline_at <= position <= headline_at + NEAR_ELEMENTS
        if is_near and not candidates.is_outside_article(node, is_near=True):
            positions.setdefault(node, position)
    for node in sorted(positions, key=lambda node: positions[node]):
        line = get_short_text(node)
        if not line or len(line) > _MAX_LINE_CHARS or not has_date(line):
            continue
        for text in _list_texts_beside(node):
            names = _get_names(text)
            keys = set(map(normalise_letters, names))
            is_subject = any(key in subject for key in keys for subject in subjects)
            if names and not is_subject and not _has_link(keys, node):
                return Byline(tuple(names), "line of the date")
    return Byline()


def _list_texts_beside(node: Any) -> Iterator[str]:
    """Yield the texts beside the date in its line, then those of the boxes before and after it."""
    for text in get_texts_in(node):
        yield from _BAR.split(collapse_whitespace(text))
    box = node
    for _ in range(_MAX_LEVELS):
        if box.tag in ("article", "main", "body"):
            return
        for neighbour in (box.getprevious(), box.getnext()):
            if neighbour is None or neighbour.tag in ("h1", "h2"):
                continue
            # A paragraph is beside a date in a paragraph only.
            if (neighbour.tag, box.tag).count("p") != 1:
                yield get_short_text(neighbour)
        parent = box.getparent()
        if parent is None or len(get_short_text(parent)) > _MAX_LINE_CHARS:
            return
        if box.getprevious() is None:
            yield collapse_whitespace(parent.text or "").strip(" |·•—–-,")
        box = parent


def _get_names(text: str) -> list[str]:
    """Return the persons' names in a text that is nothing but names, else an empty list."""
    names = extract_names(text) if text and not has_date(text) else []
    rest = text
    for name in names:
        rest = rest.replace(name, "", 1)
    return names if _ONLY_SEPARATORS.fullmatch(rest) and all(map(_is_person, names)) else []


def _is_person(name: str) -> bool:
    words = name.casefold().split()
    is_subject = words[0] in PLACE_WORDS or not SUBJECT_WORDS.isdisjoint(words) or is_team(name)
    has_letters = all(re.fullmatch(r"[^\W\d_][\w.'’-]*", word) for word in words)
    is_short = _MIN_WORDS <= len(words) <= _MAX_WORDS
    return is_short and has_letters and not is_subject and not PARTICLES.issuperset(words)


def _has_link(keys: set[str], node: Any) -> bool:
    """Return True if one of the names is the text of a link that leads to no author's page."""
    root = node.getroottree().getroot()
    return any(
        normalise_letters(get_short_text(link)) in keys and not is_author_url(link.get("href") or "")
        for link in root.iter("a")
    )
