"""One walk over the page's tree: what may be its headline, By line or date, and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

from lxml import etree

from newsetl.parse.generic.vocabulary import build_word_set
from newsetl.text.whitespace import collapse_whitespace

_LONGEST = 250
# The end of a folder in the address of an author's own page.
_FOLDERS = build_word_set(
    """
    author authors profile profiles contributor contributors writer writers reporter reporters staff
    people journalist journalists columnist columnists byline editors bio user users person by auteur
    auteurs autor autoren team creator creators
    """
)
_AUTHOR = ("author", "byline", "by-line", "writer", "contributor", "attribution")
_DATE = ("date", "publish", "posted")
_TIME = re.compile(r"time(?!line)")
_TEXTS = etree.XPath(".//text()", smart_strings=False)
_SAYS_BY = re.compile(
    r"[\s(\[]*(?:(?:(?:written|posted|words|story|text|report(?:ed)?|published|article|reviewed|edited)\s+)?by\b"
    r"|(?:authors?|words|writer|(?:web\s+)?editors?)\s*[:：])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20[0-4]\d)(?!\d)|\d{1,2}[/.-]\d{1,2}[/.-]\d\d\b")
_Attributes = tuple[str | None, str | None, str | None]
_WITHOUT_MARKS = frozenset({"meta", "link", "img", "input", "body", "html", "path", "use"})
_UNSEEN = frozenset(
    {"script", "style", "title", "option", "noscript", "svg", "template", "textarea", "select", "iframe"}
)
# Boxes of other articles, of readers' words and of the page's frame.
_OTHERS = re.compile(
    r"comment(?!ary)|related|sidebar|recommend|footer|most-?(?:read|popular)|trending|promo|disqus|newsletter|signup|popular|carousel"
    r"|more-(?:stories|from|posts)|read-?(?:next|more)|up-?next|nav-?bar|menu|modal|testimonial|recirc|also-?like|recent-?(?:post|article|news)"
    r"|latest-?(?:post|article|news|stor)",
    re.IGNORECASE,
)
_OTHER_TAGS = frozenset({"aside", "footer", "nav", "blockquote", "form"})
_FURTHEST = 14


@dataclass(frozen=True, slots=True)
class ElementCandidate:
    """An element and its place in the order of the page; `marks` are its class, id and test name."""

    at: int
    node: Any
    attributes: str = ""


@dataclass(frozen=True, slots=True)
class TextCandidate:
    """A short text of the page: one that begins as a By line does, or one with a year in it."""

    at: int
    text: str
    node: Any


@dataclass(slots=True)
class PageCandidates:
    """`heads` are <h1>, `authors` what may hold a By line by its markup, `dates` what may hold a date.

    `own` are the boxes around the headline and around most of the prose.
    """

    heads: list[ElementCandidate] = field(default_factory=list)
    authors: list[ElementCandidate] = field(default_factory=list)
    dates: list[ElementCandidate] = field(default_factory=list)
    lines: list[TextCandidate] = field(default_factory=list)
    years: list[TextCandidate] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    own: set[Any] = field(default_factory=set)
    _others: dict[Any, bool] = field(default_factory=dict)

    def is_outside_article(self, node: Any, *, is_near: bool = False) -> bool:
        """True if the node stands in a box of other articles, of comments or of the page's frame.

        A box with the headline or most of the prose in it is none, nor is a footer within the article, nor an
        <aside> beside the headline (`is_near`).
        """
        path: list[Any] = []
        is_of_others = False
        while node is not None and len(path) < _FURTHEST and node.tag not in ("body", "html", "main"):
            if node in self.own:
                break
            if (known := self._others.get(node)) is not None:
                is_of_others = known
                break
            path.append(node)
            is_tag = node.tag in _OTHER_TAGS and not (is_near and node.tag == "aside")
            if is_tag or _OTHERS.search(_drop_utility_classes(get_attributes(node))):
                is_of_others = node.tag != "footer" or next(node.iterancestors("article"), None) is None
                if is_of_others:
                    break
            node = node.getparent()
        for box in path:
            self._others[box] = is_of_others
        return is_of_others


def collect_candidates(root: Any) -> PageCandidates:
    """What `root`, a tree without comments, has of them; in one walk, as pages have thousands of elements."""
    found, prose = PageCandidates(), dict[Any, int]()
    kinds: dict[_Attributes, tuple[bool, bool]] = {(None, None, None): (False, False)}
    for at, node in enumerate(root.iter()):
        tag = node.tag
        tail = node.tail
        if tail and len(tail) > 1 and not tail.isspace():
            _add_text(found, at, tail, node, is_tail=True)
        if tag in _UNSEEN:
            if tag == "script" and node.text and "ld+json" in (node.get("type") or "").casefold():
                found.scripts.append(node.text)
            continue
        text = node.text
        if text and len(text) > 1 and not text.isspace():
            _add_text(found, at, text, node)
        if tag == "p":
            if text:
                box = node.getparent()
                prose[box] = prose.get(box, 0) + len(text)
        elif tag == "h1":
            found.heads.append(ElementCandidate(at, node))
            found.own.update((node, *node.iterancestors()))
        if tag in _WITHOUT_MARKS:
            continue
        get = node.get
        marks, prop = (get("class"), get("id"), get("data-testid")), get("itemprop")
        is_author, is_date = kinds.get(marks) or _classify(marks, kinds)
        is_author = is_author or prop in ("author", "creator")
        if tag == "a" and not is_author:
            is_author = "author" in (get("rel") or "") or is_author_url(get("href") or "")
        if is_author or tag == "address":
            found.authors.append(ElementCandidate(at, node, _join_attributes(marks)))
        if is_date or tag == "time" or prop in ("datePublished", "dateCreated", "dateModified"):
            found.dates.append(ElementCandidate(at, node, _join_attributes(marks)))
    if prose:
        fullest = max(prose, key=lambda box: prose[box])
        found.own.update((fullest, *fullest.iterancestors()))
    return found


def is_author_url(href: str) -> bool:
    """True for the address of an author's own page: /author/jane-doe."""
    path = href.partition("?")[0].rstrip("/")
    end = path.rfind("/")
    start = path.rfind("/", 0, end) if end > 0 else -1
    is_named = start >= 0 and path[start + 1 : end].casefold() in _FOLDERS
    return is_named or "?author=" in href or "&author=" in href


def _classify(attributes: _Attributes, kinds: dict[_Attributes, tuple[bool, bool]]) -> tuple[bool, bool]:
    """If a node's marks say author, and if they say date; remembered, as most stand there many times."""
    plain = _drop_utility_classes(_join_attributes(attributes)).lower()
    is_author = any(word in plain for word in _AUTHOR)
    is_date = any(word in plain for word in _DATE) or _TIME.search(plain) is not None
    return kinds.setdefault(attributes, (is_author, is_date))


def get_attributes(node: Any) -> str:
    """A node's class, id and test name."""
    return _join_attributes((node.get("class"), node.get("id"), node.get("data-testid")))


def _join_attributes(marks: _Attributes) -> str:
    return " ".join(filter(None, marks))


def _drop_utility_classes(marks: str) -> str:
    # Utility classes have widths of other boxes in brackets.
    return re.sub(r"\S*\[\S*", "", marks) if "[" in marks else marks


def _add_text(found: PageCandidates, at: int, text: str, node: Any, *, is_tail: bool = False) -> None:
    if len(text) > 4 * _LONGEST:
        return
    says_by = ("y" in text or "Y" in text or ":" in text) and _SAYS_BY.match(text)
    has_year = len(text) > 5 and ("20" in text or "19" in text or "/" in text) and _YEAR.search(text)
    if not (says_by or has_year):
        return
    box = node.getparent() if is_tail else node
    line = collapse_whitespace(text)
    if box is None or box.tag in _UNSEEN or len(line) > _LONGEST:
        return
    if says_by:
        found.lines.append(TextCandidate(at, line, box))
    if has_year:
        found.years.append(TextCandidate(at, line, box))


def get_preceding_text(node: Any) -> str:
    """The end of what stands before a node, in its own box or in the one before."""
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
            return collapse_whitespace(text)[-_END:]
    return ""


def get_short_text(node: Any) -> str:
    """The text of a small node; "" for a large one."""
    return (
        collapse_whitespace(" ".join(get_texts_in(node)))
        if len(node) < 8 and isinstance(node.tag, str)
        else ""
    )


def get_texts_in(node: Any) -> list[str]:
    """The pieces of text in a node, in their order: twenty times as fast as its `itertext`."""
    return cast(list[str], _TEXTS(node))


_END = 60
