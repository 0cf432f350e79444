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
from newsetl.parse.generic.names import FOREIGN_LABEL, extract_names
from newsetl.text.whitespace import collapse_whitespace, normalise_letters

_LABELLED_LINE = re.compile(
    r"^\s*(?:(?:written|posted|words|story|text|report(?:ed)?|published)\s+)?(?:by\b|author\s*:|words\s*:)",
    re.IGNORECASE,
)
_PRECEDING_LABEL = re.compile(
    r"(?:^|\b(?:written|posted|words)\s)by:?$|\bauthor(?:s|\(s\))?\s*:?$", re.IGNORECASE
)
_BARE_LABEL = re.compile(
    r"(?:(?:written|posted|words|article|story)\s+)?by\s*:?|author(?:s|\(s\))?\s*:?", re.IGNORECASE
)
_NAME_CLASS = re.compile(
    r"(?:author|byline|writer|contributor)s?[\w-]*(?:name|link|title)|\bfn\b|name[\w-]*author"
    r"|(?:^|[\s_-])author(?:$|\s)",
    re.IGNORECASE,
)
# Labels of people who did not write the article.
_OTHER_ROLE = re.compile(
    r"\b(?:reviewed|edited|checked|verified|updated|translated|illustrat\w*|photo\w*|pictures?|images?|videos?"
    r"|curated|approved|presented|sponsored)\s*(?:by\b\s*)?:?$",
    re.IGNORECASE,
)
# Boxes about an author, without the name.
_ABOUT_AUTHOR = re.compile(
    r"(?:^|[_-])(?:desc\w*|bio\w*|role|job|position|designation|about)\b", re.IGNORECASE
)
_OTHER_ROLE_LINE = re.compile(
    r"\s*(?:[\w-]+\s)?(?:reviewed|edited|checked|verified|updated|translated|approved)\s+by\b", re.IGNORECASE
)
_MIN_LINE_CHARS = 8
_MAX_BYLINE_CHARS, _MAX_TEXTS, _MAX_PARTS = 300, 100, 40
_PAGE_TAGS = frozenset({"main", "body", "html"})
# Elements between the headline and its byline.
_MAX_NEAR_ELEMENTS = 60


# Provenance by rank, the most certain first. Ranks above _MAX_CERTAIN_RANK count only if no other matches.
_PROVENANCE = ("byline", "byline", "author's link", "author's box")
_MAX_CERTAIN_RANK = 1


@dataclass(frozen=True, slots=True)
class _BylineMatch:
    """Names in a node, their rank (0 is the most certain), position and distance to the headline."""

    names: tuple[str, ...]
    rank: int
    position: int
    distance: int
    node: Any


@dataclass(frozen=True, slots=True)
class Byline:
    """Names of the byline and their provenance. `is_certain`: a label marks it, near the headline."""

    names: tuple[str, ...] = ()
    found: str = ""
    is_certain: bool = False


def find_byline(candidates: PageCandidates, headline_at: int) -> Byline:
    """Return the byline nearest to the headline, without names if there is none."""
    elements = [
        *((element, "") for element in candidates.byline_elements),
        *((ElementCandidate(text.position, text.node), text.text) for text in candidates.byline_texts),
    ]
    inside: list[_BylineMatch] = []
    outside: list[_BylineMatch] = []
    for element, line in sorted(elements, key=lambda entry: entry[0].position):
        rank, names, node = _get_names(element, line)
        if not names:
            continue
        distance = (
            element.position - headline_at
            if element.position >= headline_at
            else 2 * (headline_at - element.position)
        )
        match = _BylineMatch(tuple(names), rank, element.position, distance, node)
        if not candidates.is_outside_article(element.node, is_near=distance <= _MAX_NEAR_ELEMENTS):
            inside.append(match)
        elif _has_author_markup(element.node):
            outside.append(match)
    if not inside and len({match.names for match in outside}) == 1:
        # A single author in author markup counts even outside the article.
        inside = outside
    if not inside:
        return Byline()
    best = min(inside, key=lambda match: (match.rank > _MAX_CERTAIN_RANK, match.distance, match.rank))
    matches = [best]
    # Several authors may be several links in one box, or each may have a card within the byline.
    if len(best.names) == 1:
        matches += [match for match in inside if match is not best and _are_in_one_row(best.node, match.node)]
    cards = [match for match in inside if _is_in_card(match, best)]
    forms = {_get_form(match.node) for match in cards if not {*match.names}.isdisjoint(best.names)}
    matches += [match for match in cards if _get_form(match.node) in forms]
    names_by_key: dict[str, str] = {}
    for match in matches:
        for name in match.names:
            names_by_key.setdefault(normalise_letters(name), name)
    is_certain = best.rank == 0 and headline_at <= best.position <= headline_at + _MAX_NEAR_ELEMENTS
    return Byline(tuple(names_by_key.values()), _PROVENANCE[best.rank], is_certain)


def _get_names(candidate: ElementCandidate, line: str) -> tuple[int, list[str], Any]:
    """Return the rank of a candidate (an index of _PROVENANCE), its names and their node.

    `line` is a text that begins with a label; the node may begin with another text.
    """
    node, text = candidate.node, _get_text(candidate.node)
    if line and not text.startswith(line[:_MIN_LINE_CHARS]) and not _BARE_LABEL.fullmatch(line):
        text = line
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
    if _OTHER_ROLE_LINE.match(text) or _OTHER_ROLE.search(get_preceding_text(node)):
        return 0, [], node
    is_foreign = FOREIGN_LABEL.match(text) is not None
    is_marked = has_markup or is_foreign or "byline" in candidate.attributes.casefold()
    names = extract_names(text, is_labelled=is_labelled or has_markup or is_link, is_marked=is_marked)
    if is_labelled:
        return 0, names, node
    if is_marked:
        return 1, names, node
    if _ABOUT_AUTHOR.search(candidate.attributes):
        return 0, [], node
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
    """Return True for two like elements in one box, without a headline between them."""
    if other.tag != node.tag or other.get("class") != node.get("class"):
        return False
    ancestors = [node, *node.iterancestors()][:4]
    for box in [other, *other.iterancestors()][:4]:
        if any(box is ancestor for ancestor in ancestors):
            return box.tag not in _PAGE_TAGS and not _has_heading_between(box, node, other)
    return False


def _has_heading_between(box: Any, node: Any, other: Any) -> bool:
    is_between = False
    for element in box.iter():
        if element is node or element is other:
            if is_between:
                return False
            is_between = True
        elif is_between and element.tag in ("h1", "h2"):
            return True
    return False


def _is_in_card(match: _BylineMatch, byline: _BylineMatch) -> bool:
    """Return True for the full name of an author within the byline."""
    return (
        match.node is not byline.node
        and any(box is byline.node for box in match.node.iterancestors())
        and all(" " in name for name in match.names)
    )


def _get_form(node: Any) -> tuple[str, str | None, bool]:
    return node.tag, node.get("class"), is_author_url(node.get("href") or "")
