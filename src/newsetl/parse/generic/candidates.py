"""Candidate elements and texts for a page's headline, byline and date."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from lxml import etree

from newsetl.parse.generic.vocabulary import build_word_set
from newsetl.text.whitespace import collapse_whitespace, normalise_letters

_MAX_TEXT_CHARS = 250
# Folders in the URLs of authors' pages.
_AUTHOR_FOLDERS = build_word_set(
    """
    author authors profile profiles contributor contributors writer writers reporter reporters staff
    people journalist journalists columnist columnists byline editors bio user users person by auteur
    auteurs autor autoren team creator creators
    """
)
_AUTHOR_WORDS = ("author", "byline", "by-line", "writer", "contributor", "attribution", "auteur", "autor")
_DATE_WORDS = ("date", "publish", "posted")
_TIME_WORD = re.compile(r"time(?!line)")
_TEXTS = etree.XPath(".//text()", smart_strings=False)
_BYLINE_START = re.compile(
    r"[\s(\[]*(?:(?:(?:written|posted|words|story|text|report(?:ed)?|published|article|reviewed|edited)\s+)?by\b"
    r"|(?:authors?|words|writer|(?:web\s+)?editors?)\s*[:：])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20[0-4]\d)(?!\d)|\d{1,2}[/.-]\d{1,2}[/.-]\d\d\b")
_Attributes = tuple[str | None, str | None, str | None]
_SKIPPED_TAGS = frozenset({"meta", "link", "img", "input", "body", "html", "path", "use"})
_INVISIBLE_TAGS = frozenset(
    {"script", "style", "title", "option", "noscript", "svg", "template", "textarea", "select", "iframe"}
)
# Boxes of other articles, comments and navigation.
_OUTSIDE_CLASSES = re.compile(
    r"comment(?!ary)|related|sidebar|recommend|footer|most-?(?:read|popular)|trending|promo|disqus|newsletter|signup|popular|carousel"
    r"|more-(?:stories|from|posts)|read-?(?:next|more)|up-?next|nav-?bar|menu|modal|testimonial|recirc|also-?like|recent-?(?:post|article|news)"
    r"|latest-?(?:post|article|news|stor)|next-?(?:post|article|stor)|infinite-?scroll",
    re.IGNORECASE,
)
_CONSENT_CLASS = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|onetrust|didomi|cookiebot|cookielaw|usercentrics|truste|ccpa|eprivacy)"
    r"(?:$|[\s_-]|banner|bar|notice|box|popup|modal|law|wall|info|policy|layer|overlay|dialog|message)",
    re.IGNORECASE,
)
_OUTSIDE_TAGS = frozenset({"aside", "footer", "nav", "blockquote", "form"})
_STORY_TAGS = frozenset({"div", "section", "li"})
_AUTHOR_HEADING = re.compile(r"\b(?:authors?|about|written|by)\b", re.IGNORECASE)
_MAX_ANCESTORS, _MIN_PROSE_CHARS, _MIN_HEADLINE_WORDS = 14, 200, 3


@dataclass(frozen=True, slots=True)
class ElementCandidate:
    """An element with its position on the page; `attributes` are its class, id and data-testid."""

    position: int
    node: Any
    attributes: str = ""


@dataclass(frozen=True, slots=True)
class TextCandidate:
    """A short text that begins like a byline or contains a year, with its position on the page."""

    position: int
    text: str
    node: Any


@dataclass(slots=True)
class PageCandidates:
    """Candidates on one page, in page order.

    `headings` are <h1>, `subheadings` <h2>. `byline_elements` and `date_elements` may be a byline or a date
    by their markup, `byline_texts` and `year_texts` by their words. `article_boxes` surround the headline or
    most prose. `prose_box` is the parent of most prose, None without any.
    """

    headings: list[ElementCandidate] = field(default_factory=list)
    byline_elements: list[ElementCandidate] = field(default_factory=list)
    date_elements: list[ElementCandidate] = field(default_factory=list)
    byline_texts: list[TextCandidate] = field(default_factory=list)
    year_texts: list[TextCandidate] = field(default_factory=list)
    jsonld_scripts: list[str] = field(default_factory=list)
    article_boxes: set[Any] = field(default_factory=set)
    prose_box: Any = None
    subheadings: list[ElementCandidate] = field(default_factory=list)
    _outside_boxes: dict[Any, bool] = field(default_factory=dict)
    _headline_boxes: frozenset[Any] = frozenset()
    _article: Any = None

    def find_subheading(self, key: str) -> ElementCandidate | None:
        """Return the first <h2> with the letters `key`, or None."""
        for element in self.subheadings if key else ():
            if normalise_letters("".join(get_texts_in(element.node))) == key:
                return element
        return None

    def enter_article(self, headline: Any) -> None:
        """Let the article be the one with this headline. Boxes with another headline are outside it."""
        boxes = (headline, *headline.iterancestors())
        self.article_boxes.update(boxes)
        article = next((box for box in boxes if box.tag == "article"), None)
        if article is not None:
            self._headline_boxes = frozenset(boxes)
            is_whole = sum(len(paragraph.text or "") for paragraph in article.iter("p")) >= _MIN_PROSE_CHARS
            self._article = article if is_whole else None

    def _is_other_article(self, box: Any) -> bool:
        """Return True for a box with a headline of its own, beside the page's article."""
        if not self._headline_boxes or box in self._headline_boxes:
            return False
        if box.tag == "article":
            return next(box.iter("h1", "h2"), None) is not None
        # Boxes within the article have subheadings.
        if self._article is None or box.tag not in _STORY_TAGS or self._article in box.iterancestors():
            return False
        heading = next(box.iter("h1", "h2"), None)
        text = "".join(get_texts_in(heading)) if heading is not None else ""
        return len(text.split()) >= _MIN_HEADLINE_WORDS and _AUTHOR_HEADING.search(text) is None

    def is_outside_article(self, node: Any, *, is_near: bool = False) -> bool:
        """Return True if the node is in a box of other articles, comments or navigation.

        A box around the headline or most of the prose is never outside, nor is a <footer> in an <article>.
        With `is_near`, the node is near the headline, and an <aside> is not outside either.
        """
        visited: list[Any] = []
        is_outside = False
        while node is not None and len(visited) < _MAX_ANCESTORS and node.tag not in ("body", "html", "main"):
            if node in self.article_boxes and not self._is_other_article(node):
                break
            if (cached := self._outside_boxes.get(node)) is not None:
                is_outside = cached
                break
            visited.append(node)
            is_outside_tag = node.tag in _OUTSIDE_TAGS and not (is_near and node.tag == "aside")
            if self._is_other_article(node):
                is_outside = True
                break
            if is_outside_tag or _OUTSIDE_CLASSES.search(_drop_utility_classes(get_attributes(node))):
                is_outside = node.tag != "footer" or next(node.iterancestors("article"), None) is None
                if is_outside:
                    break
            node = node.getparent()
        for box in visited:
            self._outside_boxes[box] = is_outside
        return is_outside


def collect_candidates(root: Any) -> PageCandidates:
    """Collect the candidates of `root`, a tree without comments, in one walk."""
    candidates, prose_by_box = PageCandidates(), dict[Any, int]()
    kinds: dict[_Attributes, tuple[bool, bool]] = {(None, None, None): (False, False)}
    for position, node in enumerate(root.iter()):
        tag = node.tag
        tail = node.tail
        if tail and len(tail) > 1 and not tail.isspace():
            _add_text(candidates, position, tail, node, is_tail=True)
        if tag in _INVISIBLE_TAGS:
            if tag == "script" and node.text and "ld+json" in (node.get("type") or "").casefold():
                candidates.jsonld_scripts.append(node.text)
            continue
        text = node.text
        if text and len(text) > 1 and not text.isspace():
            _add_text(candidates, position, text, node)
        if tag == "p":
            if text:
                box = node.getparent()
                prose_by_box[box] = prose_by_box.get(box, 0) + len(text)
        elif tag == "h1":
            candidates.headings.append(ElementCandidate(position, node))
            candidates.article_boxes.update((node, *node.iterancestors()))
        elif tag == "h2":
            candidates.subheadings.append(ElementCandidate(position, node))
        if tag in _SKIPPED_TAGS:
            continue
        get = node.get
        attributes, itemprop = (get("class"), get("id"), get("data-testid")), get("itemprop")
        is_author, is_date = kinds.get(attributes) or _classify(attributes, kinds)
        is_author = is_author or itemprop in ("author", "creator")
        if tag == "a" and not is_author:
            is_author = "author" in (get("rel") or "") or is_author_url(get("href") or "")
        if is_author or tag == "address":
            candidates.byline_elements.append(ElementCandidate(position, node, _join_attributes(attributes)))
        if is_date or tag == "time" or itemprop in ("datePublished", "dateCreated", "dateModified"):
            candidates.date_elements.append(ElementCandidate(position, node, _join_attributes(attributes)))
    if prose_by_box:
        boxes = sorted(prose_by_box, key=lambda box: -prose_by_box[box])
        candidates.prose_box = next((box for box in boxes if not _is_in_consent_box(box)), boxes[0])
        candidates.article_boxes.update((candidates.prose_box, *candidates.prose_box.iterancestors()))
    return candidates


def has_consent_class(node: Any) -> bool:
    """Return True if the class or id of a node is one of consent boxes."""
    return _is_consent_class(node.get("class"), node.get("id"))


# Many nodes have the same class.
@lru_cache(maxsize=4096)
def _is_consent_class(class_name: str | None, node_id: str | None) -> bool:
    return _CONSENT_CLASS.search(f"{class_name or ''} {node_id or ''}") is not None


def _is_in_consent_box(box: Any) -> bool:
    return any(
        has_consent_class(node) for node in (box, *box.iterancestors()) if node.tag not in ("body", "html")
    )


def is_author_url(href: str) -> bool:
    """Return True for the URL of an author's page: /author/jane-doe."""
    path = href.partition("?")[0].rstrip("/")
    end = path.rfind("/")
    start = path.rfind("/", 0, end) if end > 0 else -1
    is_named = start >= 0 and path[start + 1 : end].casefold() in _AUTHOR_FOLDERS
    return is_named or "?author=" in href or "&author=" in href


def _classify(attributes: _Attributes, kinds: dict[_Attributes, tuple[bool, bool]]) -> tuple[bool, bool]:
    """Return whether attributes contain a word for an author and one for a date. Cached in `kinds`."""
    words = _drop_utility_classes(_join_attributes(attributes)).lower()
    is_author = any(word in words for word in _AUTHOR_WORDS)
    is_date = any(word in words for word in _DATE_WORDS) or _TIME_WORD.search(words) is not None
    return kinds.setdefault(attributes, (is_author, is_date))


def get_attributes(node: Any) -> str:
    """Return a node's class, id and data-testid, joined by spaces."""
    return _join_attributes((node.get("class"), node.get("id"), node.get("data-testid")))


def _join_attributes(attributes: _Attributes) -> str:
    return " ".join(filter(None, attributes))


def _drop_utility_classes(attributes: str) -> str:
    # Utility classes such as [&_.byline]:w-1 name other boxes in brackets.
    return re.sub(r"\S*\[\S*", "", attributes) if "[" in attributes else attributes


def _add_text(
    candidates: PageCandidates, position: int, text: str, node: Any, *, is_tail: bool = False
) -> None:
    if len(text) > 4 * _MAX_TEXT_CHARS:
        return
    is_byline = ("y" in text or "Y" in text or ":" in text) and _BYLINE_START.match(text)
    has_year = len(text) > 5 and ("20" in text or "19" in text or "/" in text) and _YEAR.search(text)
    if not (is_byline or has_year):
        return
    box = node.getparent() if is_tail else node
    collapsed = collapse_whitespace(text)
    if box is None or box.tag in _INVISIBLE_TAGS or len(collapsed) > _MAX_TEXT_CHARS:
        return
    if is_byline:
        candidates.byline_texts.append(TextCandidate(position, collapsed, box))
    if has_year:
        candidates.year_texts.append(TextCandidate(position, collapsed, box))


def get_preceding_text(node: Any) -> str:
    """Return the last 60 characters before a node, in its box or the previous one."""
    for box in (node, node.getparent()):
        if box is None:
            break
        previous, parent = box.getprevious(), box.getparent()
        if previous is not None:
            text = (
                previous.tail if previous.tail and not previous.tail.isspace() else get_short_text(previous)
            )
        else:
            text = parent.text if parent is not None else ""
        if text and not text.isspace():
            return collapse_whitespace(text)[-_MAX_PRECEDING_CHARS:]
    return ""


def get_short_text(node: Any) -> str:
    """Return the text of a node with fewer than 8 children, else ""."""
    return (
        collapse_whitespace(" ".join(get_texts_in(node)))
        if len(node) < 8 and isinstance(node.tag, str)
        else ""
    )


def get_texts_in(node: Any) -> list[str]:
    """Return the texts in a node in page order, twenty times as fast as `itertext`."""
    return cast(list[str], _TEXTS(node))


_MAX_PRECEDING_CHARS = 60
