"""The By line as a reader sees it: where markup or its own words say that a line is the authors'."""

from __future__ import annotations

import re
from typing import Any

from newsetl.parse.generic.names import looks_like_name, printed_names
from newsetl.parse.generic.survey import Spot, Survey, is_authors_address
from newsetl.wording import single_blanks

_LABELLED = re.compile(r"^\s*(?:(?:written|posted|words|story|text|report(?:ed)?|published)\s+)?(?:by\b|author\s*:|words\s*:)", re.IGNORECASE)
_NAME_CLASS = re.compile(r"(?:author|byline|writer|contributor)s?[\w-]*(?:name|link|title)|\bfn\b|name[\w-]*author|(?:^|[\s_-])author(?:$|\s)", re.IGNORECASE)
_LONGEST = 300
# Elements between the headline and a By line that is the headline's.
_NEAR = 60


def find_byline(found: Survey, headline_at: int) -> tuple[list[str], str]:
    """The names in the page's By line and where they were found; the line nearest below the headline counts."""
    spots = [*found.authors, *(Spot(piece.at, piece.node) for piece in found.lines)]
    ranked: list[tuple[tuple[bool, int, int], list[str], Any]] = []
    others: list[tuple[tuple[bool, int, int], list[str], Any]] = []
    for spot in sorted(spots, key=lambda spot: spot.at):
        kind, names = _names(spot)
        if not names:
            continue
        is_above = spot.at < headline_at
        distance = 2 * (headline_at - spot.at) if is_above else spot.at - headline_at
        entry = ((kind > 1, distance, kind), names, spot.node)
        if found.is_others(spot.node, is_near=distance <= _NEAR):
            others.append(entry)
        else:
            ranked.append(entry)
    # What the page marks as its one author is that, wherever it stands.
    marked = [entry for entry in others if _is_marked(entry[2])]
    if not ranked and len({tuple(names) for _, names, _ in marked}) == 1:
        ranked = marked
    if not ranked:
        return [], ""
    key, names, node = min(ranked, key=lambda entry: entry[0])
    names = list(names)
    # Several authors stand in several links of one box.
    if len(names) == 1:
        for _, more, other in ranked:
            if other is not node and other.tag == node.tag and other.get("class") == node.get("class") and _are_beside(node, other):
                names += [name for name in more if name not in names]
    return names, _WHERE[key[2]]


_WHERE = ("byline", "byline", "author's link", "author's box")


def _names(spot: Spot) -> tuple[int, list[str]]:
    """How sure it is that the node's text are authors (0 is best), and their names."""
    node = spot.node
    text = _text(node)
    if not text:
        return 9, []
    is_labelled = bool(_LABELLED.match(text))
    if not is_labelled:
        before = _before(node)
        is_labelled = bool(re.search(r"(?:^|\b(?:written|posted|words)\s)by:?\s*$|\bauthors?\s*:?\s*$", before, re.IGNORECASE))
    is_marked = _is_marked(node)
    # "By" alone, with the name in the next box.
    if re.fullmatch(r"(?:(?:written|posted|words|article|story)\s+)?by\s*:?|authors?\s*:?", text, re.IGNORECASE):
        text, is_labelled = _next_text(node), True
    if len(text) > _LONGEST:
        return 9, []
    marks = spot.marks
    is_link = node.tag == "a" and is_authors_address(node.get("href") or "")
    is_named = bool(_NAME_CLASS.search(marks))
    names = [name for name in printed_names(text, is_labelled=is_labelled or is_marked or is_named or is_link)]
    if not (is_labelled or is_marked or is_named or is_link or "byline" in marks.casefold()):
        names = [name for name in names if looks_like_name(name, is_labelled=False)]
        return 3, names
    if is_labelled:
        return 0, names
    if is_marked or is_named or "byline" in marks.casefold():
        return 1, names
    return 2, [name for name in names if " " in name]


def _is_marked(node: Any) -> bool:
    return node.get("rel") == "author" or node.get("itemprop") in ("author", "creator")


def _text(node: Any) -> str:
    """The node's text, its blocks parted by bars."""
    pieces = []
    for piece in node.itertext():
        if piece.strip():
            pieces.append(piece)
            if len(pieces) > 40:
                return ""
    joined = " | ".join(single_blanks(piece) for piece in pieces) if len(pieces) < 4 else single_blanks(" | ".join(pieces))
    joined = re.sub(r"\b(by|and|&|,)\s*\|\s*", r"\1 ", joined, flags=re.IGNORECASE)
    return re.sub(r"\s*\|\s*(and\b|&|,)", r" \1", joined, flags=re.IGNORECASE)


def _before(node: Any) -> str:
    previous = node.getprevious()
    parent = node.getparent()
    if previous is not None:
        text = (previous.tail or "").strip() or (single_blanks(previous.text_content())[-40:] if isinstance(previous.tag, str) else "")
    else:
        text = (parent.text or "") if parent is not None else ""
        if not text.strip() and parent is not None and parent.getprevious() is not None and isinstance(parent.getprevious().tag, str):
            before = parent.getprevious()
            text = (before.tail or "").strip() or single_blanks(before.text_content())[-40:]
    return single_blanks(text)[-40:]


def _next_text(node: Any) -> str:
    for _ in range(3):
        tail = single_blanks(node.tail or "")
        if tail:
            return tail
        following = node.getnext()
        if following is not None:
            return _text(following) if isinstance(following.tag, str) else ""
        node = node.getparent()
        if node is None:
            break
    return ""


def _are_beside(node: Any, other: Any) -> bool:
    above = [node, *node.iterancestors()][:4]
    return any(box is seen for box in [other, *other.iterancestors()][:4] for seen in above)
