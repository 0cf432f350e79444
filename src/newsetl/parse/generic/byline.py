"""The By line as a reader sees it: where markup or its own words say that a line is the authors'."""

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

_LABELLED = re.compile(
    r"^\s*(?:(?:written|posted|words|story|text|report(?:ed)?|published)\s+)?(?:by\b|author\s*:|words\s*:)",
    re.IGNORECASE,
)
_LABEL_BEFORE = re.compile(r"(?:^|\b(?:written|posted|words)\s)by:?$|\bauthors?\s*:?$", re.IGNORECASE)
_LABEL_ALONE = re.compile(
    r"(?:(?:written|posted|words|article|story)\s+)?by\s*:?|authors?\s*:?", re.IGNORECASE
)
_NAME_CLASS = re.compile(
    r"(?:author|byline|writer|contributor)s?[\w-]*(?:name|link|title)|\bfn\b|name[\w-]*author"
    r"|(?:^|[\s_-])author(?:$|\s)",
    re.IGNORECASE,
)
_LONGEST, _MOST_PIECES, _MOST_NAMES = 300, 100, 40
# Elements between the headline and a By line that is the headline's.
_NEAR = 60


# Surest first; what is less sure than a class that says byline counts only where nothing else does.
_WHERE = ("byline", "byline", "author's link", "author's box")
_SURE = 1


@dataclass(frozen=True, slots=True)
class _Line:
    """Names in a node, how sure it is that they are authors (0 is best), and how far the headline is."""

    names: tuple[str, ...]
    kind: int
    distance: int
    node: Any


def find_byline(candidates: PageCandidates, headline_at: int) -> tuple[list[str], str]:
    """The names in the page's By line and where they were found: the one that is nearest to the headline."""
    spots = [*candidates.authors, *(ElementCandidate(piece.at, piece.node) for piece in candidates.lines)]
    own: list[_Line] = []
    marked: list[_Line] = []
    for spot in sorted(spots, key=lambda spot: spot.at):
        kind, names, node = _get_names(spot)
        if not names:
            continue
        distance = spot.at - headline_at if spot.at >= headline_at else 2 * (headline_at - spot.at)
        line = _Line(tuple(names), kind, distance, node)
        if not candidates.is_outside_article(spot.node, is_near=distance <= _NEAR):
            own.append(line)
        elif _is_marked(spot.node):
            marked.append(line)
    if not own and len({line.names for line in marked}) == 1:
        # What the page marks as its one author is that, wherever it stands.
        own = marked
    if not own:
        return [], ""
    best = min(own, key=lambda line: (line.kind > _SURE, line.distance, line.kind))
    lines = [best]
    if len(best.names) == 1:
        # Several authors stand in several links of one box.
        lines += [line for line in own if line is not best and _are_of_one_row(best.node, line.node)]
    return list(dict.fromkeys(name for line in lines for name in line.names)), _WHERE[best.kind]


def _get_names(candidate: ElementCandidate) -> tuple[int, list[str], Any]:
    """How sure it is that a text names authors, as an index of _WHERE; the names; and its node."""
    node, text = candidate.node, _get_text(candidate.node)
    is_labelled = bool(_LABELLED.match(text) or (text and _LABEL_BEFORE.search(get_preceding_text(node))))
    if _LABEL_ALONE.fullmatch(text):
        # The name stands in the next box.
        (text, node), is_labelled = _get_following(node), True
    if not text or len(text) > _LONGEST:
        return 0, [], node
    is_marked = _is_marked(node) or _NAME_CLASS.search(candidate.attributes) is not None
    is_link = node.tag == "a" and is_author_url(node.get("href") or "")
    names = extract_names(text, is_labelled=is_labelled or is_marked or is_link)
    if is_labelled:
        return 0, names, node
    if is_marked or "byline" in candidate.attributes.casefold():
        return 1, names, node
    return (2 if is_link else 3), [name for name in names if " " in name], node


def _is_marked(node: Any) -> bool:
    return node.get("rel") == "author" or node.get("itemprop") in ("author", "creator")


def _get_text(node: Any) -> str:
    """The node's text, its blocks parted by bars; "" if it is a large one."""
    pieces = [piece for piece in get_texts_in(node)[:_MOST_PIECES] if not piece.isspace()]
    if len(pieces) > _MOST_NAMES:
        return ""
    text = " | ".join(map(collapse_whitespace, pieces))
    text = re.sub(r"\b(by|and|&|,)\s*\|\s*", r"\1 ", text, flags=re.IGNORECASE)
    return re.sub(r"\s*\|\s*(and\b|&|,)", r" \1", text, flags=re.IGNORECASE)


def _get_following(node: Any) -> tuple[str, Any]:
    """The text behind a node, in its box or the next, and the node that it is of."""
    box = node
    for _ in range(3):
        if tail := collapse_whitespace(box.tail or ""):
            return tail, node
        following = box.getnext()
        if following is not None:
            return (_get_text(following) if isinstance(following.tag, str) else ""), following
        box = box.getparent()
        if box is None:
            break
    return "", node


def _are_of_one_row(node: Any, other: Any) -> bool:
    if other.tag != node.tag or other.get("class") != node.get("class"):
        return False
    near = [node, *node.iterancestors()][:4]
    return any(box is seen for box in [other, *other.iterancestors()][:4] for seen in near)
