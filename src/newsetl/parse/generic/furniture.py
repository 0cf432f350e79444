"""Lines around an article's text that are not part of it: by position, markup and words.

At the article's head and end a line is removed by its words or by the class of its element. Between
paragraphs a line is removed only if its words say so and its markup too: the whole line is emphasised, or a
link. A line that reports speech is prose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from newsetl.parse.generic.candidates import get_attributes
from newsetl.parse.generic.furniture_words import (
    CALL,
    COPYRIGHT,
    COUNT,
    DAY_WORD,
    DISCLOSED,
    DISCLOSURE,
    FOLLOW,
    HEAD_CLASS,
    HEAD_LABEL,
    NAME_PART,
    NEWSLETTER,
    NUMERIC_DATE,
    OWN_WORD,
    PARTS,
    PROMO_CLASS,
    READING_TIME,
    RELATED,
    REPORTED,
    SHARE,
    TAGS,
    TIME,
)
from newsetl.parse.generic.visible_text import get_visible_text
from newsetl.text.dates import find_date_text
from newsetl.text.whitespace import SENTENCE_END, normalise_letters

# Lines of an article's head and end.
_MAX_HEAD_LINES, _MAX_END_LINES, _MAX_LIST_LINES = 8, 12, 40
_MAX_LINE_CHARS, _MAX_HEAD_CHARS, _MAX_HEADING_CHARS = 320, 220, 60
_MAX_PART_CHARS, _MAX_PART_WORDS = 90, 12
_MIN_PROSE_CHARS = 90
_MIN_COPIED_LINES, _MIN_COPIED_CHARS = 3, 300
_WHOLE = 0.9
# Before the text of a list item.
_ITEM_START = re.compile(r"^[-•]\s+|^\d{1,3}\.\s+(?=\S)")
_LEAF_TAGS = ("p", "li", "h2", "h3", "h4", "h5", "h6", "blockquote")
_BOX_TAGS = ("div", "td", "section", "aside", "a", "span")
_EMPHASIS_TAGS = ("em", "i", "strong", "b", "mark", "small", "a", "u")


class Furniture:
    """Cleaner of one page's paragraphs. `removed` counts the removed lines by kind."""

    def __init__(
        self, root: Any, *, names: Iterable[str], patterns: tuple[re.Pattern[str], ...] = ()
    ) -> None:
        """Read the page's tree `root`. `names` are the authors, the site and the section."""
        self._root, self._patterns = root, patterns
        self._names = frozenset(filter(None, map(normalise_letters, names)))
        self._elements: dict[str, Any] | None = None
        self.removed: Counter[str] = Counter()

    def clean(self, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
        """Return the paragraphs without furniture; all of them if nothing else is left."""
        paragraphs = self._drop_second_copy(paragraphs)
        kinds: list[str] = [""] * len(paragraphs)
        first = next(
            (n for n, text in enumerate(paragraphs[:_MAX_HEAD_LINES]) if self._is_prose(text)),
            _MAX_HEAD_LINES,
        )
        for n, text in enumerate(paragraphs[:first]):
            kinds[n] = self._get_head_kind(text)
        for n, text in enumerate(paragraphs):
            if not kinds[n]:
                kinds[n] = self._get_line_kind(text, is_edge=n < first)
        self._mark_lists(paragraphs, kinds)
        self._mark_end(paragraphs, kinds)
        kept = tuple(text for text, kind in zip(paragraphs, kinds, strict=True) if not kind)
        if not kept:
            return paragraphs
        self.removed.update(filter(None, kinds))
        return kept

    def _drop_second_copy(self, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
        """Drop the second of two equal runs of paragraphs, as of a page with a copy for print."""
        positions: dict[str, int] = {}
        for n, text in enumerate(paragraphs):
            first = positions.setdefault(text, n)
            size = 0
            while (
                n + size < len(paragraphs)
                and first + size < n
                and paragraphs[first + size] == paragraphs[n + size]
            ):
                size += 1
            if size >= _MIN_COPIED_LINES and sum(map(len, paragraphs[n : n + size])) >= _MIN_COPIED_CHARS:
                self.removed["copy"] += size
                return self._drop_second_copy((*paragraphs[:n], *paragraphs[n + size :]))
        return paragraphs

    def _is_prose(self, text: str) -> bool:
        return (
            len(text) >= _MIN_PROSE_CHARS and not self._get_words_kind(text) and not self._get_head_kind(text)
        )

    def _get_head_kind(self, text: str) -> str:
        """Return the kind of a line above the text: author, date, reading time, or a row of buttons."""
        if len(text) > _MAX_HEAD_CHARS:
            return ""
        if _is_head_line(text, self._names):
            return "head"
        if _is_row_of_buttons(text):
            return "share"
        if _is_short_line(text):
            element = self._find(text)
            if (
                element is not None
                and element.tag not in ("h2", "h3")
                and HEAD_CLASS.search(element.get("class") or "")
            ):
                return "head"
        return ""

    def _get_words_kind(self, text: str) -> str:
        """Return the kind of a line by its words alone, or ""."""
        if len(text) > _MAX_LINE_CHARS or REPORTED.search(text):
            return ""
        stripped = text.lstrip("-–—*•>»👉➡→🔔 ")
        if (match := DISCLOSURE.match(stripped)) is not None:
            subject = match["subject"]
            is_own = subject is None or subject.casefold() in ("we", "i") or self._is_about_site(subject)
            if is_own and (subject is None or DISCLOSED.search(text)):
                return "disclosure"
        for kind, pattern in (("newsletter", NEWSLETTER), ("follow", FOLLOW), ("call", CALL)):
            if pattern.match(stripped):
                return kind
        return ""

    def _get_line_kind(self, text: str, *, is_edge: bool) -> str:
        """Return the kind of a line by its words; between paragraphs its markup must agree."""
        if len(text) <= _MAX_LINE_CHARS and any(pattern.search(text) for pattern in self._patterns):
            return "pattern"
        related = RELATED.match(text) if len(text) <= _MAX_LINE_CHARS else None
        if related and re.match(r"\s*(?:[:：>»→|–-]|$)", text[related.end() :]):
            rest = text[related.end() :].strip(" :：>»→|–-")
            if rest and self._has_link_with(text, rest):
                return "related"
        kind = self._get_words_kind(text)
        if is_edge and kind == "disclosure":
            return kind
        if kind == "follow" and not self._is_about_site(text):
            return ""
        return kind if kind and self._is_marked(text, kind) else ""

    def _is_about_site(self, text: str) -> bool:
        """Return True if the line says us or our, or a name of the site or the author."""
        key = normalise_letters(text)
        is_named = any(len(name) > 3 and name in key for name in self._names)
        return is_named or OWN_WORD.search(text) is not None

    def _is_marked(self, text: str, kind: str) -> bool:
        """Return True if the whole line is emphasised or a link, or if its class is one of promotions."""
        element = self._find(text)
        if element is None:
            return False
        box = element
        for _ in range(2):
            if box is None or box.tag in ("article", "main", "body"):
                break
            if PROMO_CLASS.search(get_attributes(box)):
                return True
            box = box.getparent()
        if kind == "call":
            return self._get_share(element, ("a",)) >= _WHOLE
        return self._get_share(element, _EMPHASIS_TAGS) >= _WHOLE

    def _mark_lists(self, paragraphs: tuple[str, ...], kinds: list[str]) -> None:
        """Mark a heading such as "You might also like" with the links below it."""
        for n, text in enumerate(paragraphs):
            if kinds[n] or not _is_related_heading(text):
                continue
            end = n + 1
            while end < len(paragraphs) and (kinds[end] or self._is_link(paragraphs[end])):
                end += 1
            if end > n + 1 and self._is_list_of_links(paragraphs[end:]):
                end = len(paragraphs)
            if end > n + 1 or n + 1 == len(paragraphs) or self._is_above_links(text):
                kinds[n:end] = ["related"] * (end - n)

    def _is_above_links(self, heading: str) -> bool:
        """Return True if the block below the heading is links, which trafilatura has left out."""
        element = self._find(heading)
        below = element.getnext() if element is not None else None
        return below is not None and self._get_share(below, ("a",)) >= _WHOLE

    def _is_list_of_links(self, paragraphs: tuple[str, ...]) -> bool:
        """Return True if the lines are links to other articles, each perhaps with a summary."""
        is_link = [self._is_link(text) for text in paragraphs[:_MAX_LIST_LINES]]
        return any(is_link) and all(map(any, zip(is_link, [*is_link[1:], True], strict=True)))

    def _mark_end(self, paragraphs: tuple[str, ...], kinds: list[str]) -> None:
        """Mark the lines below the text: promotions, buttons, tags, and links to other articles."""
        links: list[int] = []
        for n in range(len(paragraphs) - 1, max(-1, len(paragraphs) - 1 - _MAX_END_LINES), -1):
            if kinds[n]:
                continue
            text = paragraphs[n]
            kind = self._get_words_kind(text)
            if not kind and _is_row_of_buttons(text):
                kind = "share"
            if not kind and len(text) <= _MAX_LINE_CHARS and TAGS.match(text):
                kind = "tags"
            if not kind and len(text) <= _MAX_LINE_CHARS and COPYRIGHT.match(text):
                kind = "copyright"
            if not kind and links and _is_related_heading(text):
                kind = "related"
            if kind:
                kinds[n] = kind
            elif self._is_link(text):
                links.append(n)
            else:
                break
        if len(links) > 1:
            for n in links:
                kinds[n] = "related"

    def _is_link(self, text: str) -> bool:
        """Return True if the whole line is one link, and no sentence."""
        text = _ITEM_START.sub("", text)
        is_sentence = len(text) >= _MIN_PROSE_CHARS and SENTENCE_END.search(text) is not None
        if len(text) > _MAX_LINE_CHARS or is_sentence or not text:
            return False
        element = self._find(text)
        return element is not None and self._get_share(element, ("a",)) >= _WHOLE

    def _has_link_with(self, text: str, rest: str) -> bool:
        element = self._find(text)
        return element is not None and self._get_share(element, ("a",)) * len(
            normalise_letters(text)
        ) >= _WHOLE * len(normalise_letters(rest))

    def _find(self, text: str) -> Any:
        """Return the innermost block with the text of a line, or None."""
        if self._elements is None:
            self._elements = {}
            for node in self._root.iter(*_LEAF_TAGS, *_BOX_TAGS):
                # A box around other blocks is no line.
                if node.tag in _BOX_TAGS and any(
                    child.tag in _LEAF_TAGS or child.tag == "div" for child in node
                ):
                    continue
                parent = node.getparent()
                if node.tag in ("a", "span") and (
                    parent is None or parent.tag not in ("div", "section", "aside")
                ):
                    continue
                content = node.text_content()
                if 0 < len(content) <= 3 * _MAX_LINE_CHARS and (key := normalise_letters(content)):
                    self._elements[key] = node
        return self._elements.get(normalise_letters(_ITEM_START.sub("", text)))

    @staticmethod
    def _get_share(element: Any, tags: tuple[str, ...]) -> float:
        """Return the share of the element's letters that stand in elements of these tags."""
        total = len(normalise_letters(get_visible_text(element)))
        if not total:
            return 0.0
        if element.tag in tags:
            return 1.0
        inside = sum(
            len(normalise_letters(get_visible_text(node)))
            for node in element.iter(*tags)
            if not _has_ancestor_in(node, element, tags)
        )
        return inside / total


def _is_short_line(text: str) -> bool:
    return len(text) <= _MAX_PART_CHARS and not SENTENCE_END.search(text)


def _is_row_of_buttons(text: str) -> bool:
    return _is_short_line(text) and SHARE.fullmatch(text) is not None


def _is_related_heading(text: str) -> bool:
    match = RELATED.match(text) if len(text) <= _MAX_HEADING_CHARS else None
    return match is not None and not text[match.end() :].strip(" :：.…!>»→")


def _has_ancestor_in(node: Any, element: Any, tags: tuple[str, ...]) -> bool:
    for parent in node.iterancestors():
        if parent is element:
            return False
        if parent.tag in tags:
            return True
    return False


def _is_head_line(text: str, names: frozenset[str]) -> bool:
    """Return True if each part of the line is an author, a date, a reading time or a counter."""
    parts = [part for part in PARTS.split(text) if part.strip()]
    sure = 0
    for part in (each.strip(" ,;:()[]") for each in parts):
        if _is_head_part(part, names):
            sure += 1
        elif not NAME_PART.fullmatch(part) or len(part.split()) > 6:
            return False
    return sure > 0


def _is_head_part(part: str, names: frozenset[str]) -> bool:
    if normalise_letters(part) in names or READING_TIME.fullmatch(part) or COUNT.fullmatch(part):
        return True
    rest = _strip_dates(part)
    if len(rest) < len(part) and len(normalise_letters(HEAD_LABEL.sub("", rest))) <= 3:
        return True
    is_sentence = SENTENCE_END.search(part) and len(part.split()) > 5
    label = HEAD_LABEL.match(part)
    if not label or is_sentence or len(part) > _MAX_PART_CHARS or len(part.split()) > _MAX_PART_WORDS:
        return False
    value = _strip_dates(READING_TIME.sub(" ", part[label.end() :])).strip(" ,;:")
    value = HEAD_LABEL.sub("", value).strip(" ,;:")
    return not value or normalise_letters(value) in names or NAME_PART.fullmatch(value) is not None


def _strip_dates(text: str) -> str:
    if date := find_date_text(text):
        text = text.replace(date.group(), " ")
    for pattern in (NUMERIC_DATE, TIME, DAY_WORD):
        text = pattern.sub(" ", text)
    return text
