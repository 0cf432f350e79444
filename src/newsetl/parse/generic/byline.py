"""Byline of a page, recognised by its markup or by its label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from newsetl.parse.generic.candidates import (
    ElementCandidate,
    PageCandidates,
    get_preceding_text,
    get_texts_in,
    is_author_url,
)
from newsetl.parse.generic.names import extract_names
from newsetl.text.whitespace import collapse_whitespace

_LABELLED_LINE = re.compile(
    r"^\s*(?:(?:written|posted|words|story|text|report(?:ed)?|published)\s+)?(?:by\b|author\s*:|words\s*:)",
    re.IGNORECASE,
)
_PRECEDING_LABEL = re.compile(r"(?:^|\b(?:written|posted|words)\s)by:?$|\bauthors?\s*:?$", re.IGNORECASE)
_BARE_LABEL = re.compile(
    r"(?:(?:written|posted|words|article|story)\s+)?by\s*:?|authors?\s*:?", re.IGNORECASE
)
_NAME_CLASS = re.compile(
    r"(?:author|byline|writer|contributor)s?[\w-]*(?:name|link|title)|\bfn\b|name[\w-]*author"
    r"|(?:^|[\s_-])author(?:$|\s)",
    re.IGNORECASE,
)
_MAX_BYLINE_CHARS, _MAX_TEXTS, _MAX_PARTS = 300, 100, 40
# Elements between the headline and its byline.
_MAX_NEAR_ELEMENTS = 60


# Provenance by rank, the most certain first. Ranks above _MAX_CERTAIN_RANK count only if no other matches.
_PROVENANCE = ("byline", "byline", "author's link", "author's box")
_MAX_CERTAIN_RANK = 1


@dataclass(frozen=True, slots=True)
class _BylineMatch:
    """Names in a node, their rank (0 is the most certain) and the distance to the headline in elements."""

    names: tuple[str, ...]
    rank: int
    distance: int
    node: Any


def find_byline(candidates: PageCandidates, headline_at: int) -> tuple[list[str], str]:
    """Return the names in the byline nearest to the headline, and their provenance."""
    elements = [
        *candidates.byline_elements,
        *(ElementCandidate(text.position, text.node) for text in candidates.byline_texts),
    ]
    inside: list[_BylineMatch] = []
    outside: list[_BylineMatch] = []
    for element in sorted(elements, key=lambda element: element.position):
        rank, names, node = _get_names(element)
        if not names:
            continue
        distance = (
            element.position - headline_at
            if element.position >= headline_at
            else 2 * (headline_at - element.position)
        )
        match = _BylineMatch(tuple(names), rank, distance, node)
        if not candidates.is_outside_article(element.node, is_near=distance <= _MAX_NEAR_ELEMENTS):
            inside.append(match)
        elif _has_author_markup(element.node):
            outside.append(match)
    if not inside and len({match.names for match in outside}) == 1:
        # A single author in author markup counts even outside the article.
        inside = outside
    if not inside:
        return [], ""
    best = min(inside, key=lambda match: (match.rank > _MAX_CERTAIN_RANK, match.distance, match.rank))
    matches = [best]
    if len(best.names) == 1:
        # Several authors may be several links in one box.
        matches += [match for match in inside if match is not best and _are_in_one_row(best.node, match.node)]
    return list(dict.fromkeys(name for match in matches for name in match.names)), _PROVENANCE[best.rank]


def _get_names(candidate: ElementCandidate) -> tuple[int, list[str], Any]:
    """Return the rank of a candidate (an index of _PROVENANCE), its names and their node."""
    node, text = candidate.node, _get_text(candidate.node)
    is_labelled = bool(
        _LABELLED_LINE.match(text) or (text and _PRECEDING_LABEL.search(get_preceding_text(node)))
    )
    if _BARE_LABEL.fullmatch(text):
        # The name is in the next box.
        (text, node), is_labelled = _get_following(node), True
    if not text or len(text) > _MAX_BYLINE_CHARS:
        return 0, [], node
    has_markup = _has_author_markup(node) or _NAME_CLASS.search(candidate.attributes) is not None
    is_link = node.tag == "a" and is_author_url(node.get("href") or "")
    names = extract_names(text, is_labelled=is_labelled or has_markup or is_link)
    if is_labelled:
        return 0, names, node
    if has_markup or "byline" in candidate.attributes.casefold():
        return 1, names, node
    return (2 if is_link else 3), [name for name in names if " " in name], node


def _has_author_markup(node: Any) -> bool:
    return node.get("rel") == "author" or node.get("itemprop") in ("author", "creator")


def _get_text(node: Any) -> str:
    """Return the node's text with bars between its blocks, or "" for a large node."""
    parts = [part for part in get_texts_in(node)[:_MAX_TEXTS] if not part.isspace()]
    if len(parts) > _MAX_PARTS:
        return ""
    text = " | ".join(map(collapse_whitespace, parts))
    text = re.sub(r"\b(by|and|&|,)\s*\|\s*", r"\1 ", text, flags=re.IGNORECASE)
    return re.sub(r"\s*\|\s*(and\b|&|,)", r" \1", text, flags=re.IGNORECASE)


def _get_following(node: Any) -> tuple[str, Any]:
    """Return the text after a node, in its box or the next one, and that text's node."""
    element = node
    for _ in range(3):
        if tail := collapse_whitespace(element.tail or ""):
            return tail, node
        following = element.getnext()
        if following is not None:
            return (_get_text(following) if isinstance(following.tag, str) else ""), following
        element = element.getparent()
        if element is None:
            break
    return "", node


def _are_in_one_row(node: Any, other: Any) -> bool:
    if other.tag != node.tag or other.get("class") != node.get("class"):
        return False
    ancestors = [node, *node.iterancestors()][:4]
    return any(
        element is ancestor for element in [other, *other.iterancestors()][:4] for ancestor in ancestors
    )
