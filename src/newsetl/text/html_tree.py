"""A page as a tree: lxml's of the text, and BeautifulSoup's of what lxml has read.

BeautifulSoup's own builder has lxml read markup and tell it of every tag. Where lxml's tree is wanted too,
that is a second reading, and most of what a page costs. Here the same tags and strings are made of the tree
itself. What differs from `BeautifulSoup(markup, "lxml")`: a class is a string as it was written, not a list;
blanks alone are one, also in a <pre>; and nothing is put around the element.
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Any, Final, cast

import lxml.html
from bs4 import BeautifulSoup, Comment, Tag
from bs4.builder import HTMLTreeBuilder
from bs4.element import NavigableString, PageElement
from lxml import etree

from newsetl.errors import ParseError
from newsetl.reasons import Reason

_EVENTS: Final = ("start", "end", "comment")
# lxml.html's own look-up asks Python what each element is, for the sake of forms.
_CLASSES = etree.ElementDefaultClassLookup(
    element=lxml.html.HtmlElement, comment=lxml.html.HtmlComment, entity=lxml.html.HtmlEntity
)


def parse_tree(text: str, *, has_comments: bool = True) -> Any:
    """Return the root of the page `text`, None if it has no element. Raise ParseError(too_large)."""
    # NUL and a stated charset confuse libxml2, which gets text that is decoded already.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\x00", ""))
    parser = etree.HTMLParser(
        encoding="utf-8", remove_pis=True, remove_comments=not has_comments, huge_tree=True
    )
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=cast(Any, parser))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        root = None
    # Past such a limit libxml2 leaves out the rest of the page and goes on as if nothing were.
    for entry in parser.error_log.filter_from_fatals():
        if entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            limit = entry.message.partition(", use")[0]
            raise ParseError(Reason.TOO_LARGE, f"the page cannot be read past line {entry.line}: {limit}")
    return root


def build_soup(*elements: Any, empty_tags: Set[str] = frozenset()) -> BeautifulSoup:
    """Build a BeautifulSoup tree of lxml's `elements`, without their tails. `empty_tags` get no content."""
    soup = BeautifulSoup("", builder=_BUILDER)
    last: PageElement | None = None
    for element in elements:
        last = _attach(element, soup, last, empty_tags)
    return soup


class _Builder(HTMLTreeBuilder):
    """Builder without markup: `build_soup` appends the elements."""

    def feed(self, _: object) -> None:
        """Add nothing, since there is no markup."""


_BUILDER: Final = _Builder(multi_valued_attributes={})


def _attach(
    element: Any, soup: BeautifulSoup, last: PageElement | None, empty_tags: Set[str]
) -> PageElement | None:
    """Append the element to `soup`, after the page's `last` element. Return the new last element.

    BeautifulSoup's own handle_starttag and handle_data take three times as long, and longer for deeper texts:
    9 s for a page of 0.1 MB with 20,000 texts in 1,900 nested tags.
    """
    walk = etree.iterwalk(element, events=_EVENTS)
    # The open tag and the class of its strings: a script's string is not part of the page's text.
    parent: Tag = soup
    kind: type[NavigableString] = NavigableString
    opened: list[tuple[Tag, type[NavigableString]]] = []
    for event, node in walk:
        if event == "start":
            name = node.tag
            last = Tag(soup, _BUILDER, name, None, None, dict(node.items()), parent, last)
            parent.contents.append(last)
            opened.append((parent, kind))
            parent, kind = last, _BUILDER.string_containers.get(name, kind)
            if name in empty_tags:
                walk.skip_subtree()
                continue
            text = node.text
        else:
            if event == "end":
                parent, kind = opened.pop()
            else:
                last = _append(Comment(node.text), parent, last)
            text = node.tail
        if text and opened:
            if text.isspace() and not text.strip(soup.ASCII_SPACES):
                text = "\n" if "\n" in text else " "
            last = _append(kind(text), parent, last)
    return last


def _append(string: NavigableString, parent: Tag, last: PageElement | None) -> NavigableString:
    """Append the string to `parent`, after the page's `last` element. Return the string."""
    string.setup(parent, last)
    parent.contents.append(string)
    return string
