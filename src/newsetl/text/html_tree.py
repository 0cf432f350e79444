"""A page as a tree: lxml's of the text, and BeautifulSoup's of what lxml has read.

BeautifulSoup's own builder has lxml read markup and tell it of every tag. Where lxml's tree is wanted too,
that is a second reading, and most of what a page costs. Here the same tags and strings are made of the tree
itself. What differs from `BeautifulSoup(markup, "lxml")`: a class is a string as it was written, not a list;
blanks alone are one, also in a <pre>; nothing is put around the element; and a <meta> keeps the charset that
it states when it is written out.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache
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
    """The root of the page `text`, None if it has no element. Raises ParseError(too_large)."""
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
    """A soup of lxml's `elements`, their tails not among it; tags named in `without` are empty."""
    return BeautifulSoup("", builder=_Builder(elements, empty_tags))


class _Builder(HTMLTreeBuilder):
    """Feeds a soup with elements in place of markup."""

    def __init__(self, elements: tuple[Any, ...], empty_tags: Set[str]) -> None:
        super().__init__(multi_valued_attributes={})
        self._elements, self._empty_tags = elements, empty_tags

    def feed(self, _: object) -> None:
        """Makes the soup's elements, each tied to the one before it in the page and to its parent."""
        assert self.soup is not None
        last: PageElement | None = None
        for element in self._elements:
            last = self._add(element, self.soup, last)

    def _add(self, element: Any, soup: BeautifulSoup, last: PageElement | None) -> PageElement | None:
        blanks, kinds = soup.ASCII_SPACES, self.string_containers
        walk = etree.iterwalk(element, events=_EVENTS)
        # What is open, and what a string in it is: a script's is none of the page's text.
        parent: Tag = soup
        kind: type[NavigableString] = NavigableString
        opened: list[tuple[Tag, type[NavigableString]]] = []
        for event, node in walk:
            if event == "start":
                opened.append((parent, kind))
                name = node.tag
                tag = Tag.__new__(Tag)
                tag.__dict__ = _tag_template(name) | {
                    "attrs": self.attribute_dict_class(node.items()),
                    "contents": [],
                }
                last = _append(tag, parent, last)
                parent, kind = tag, kinds.get(name, kind)
                if name in self._empty_tags:
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
                if text.isspace() and not text.strip(blanks):
                    text = "\n" if "\n" in text else " "
                string = str.__new__(kind, text)
                string.__dict__ = _STRING.copy()
                last = _append(string, parent, last)
        return last


@lru_cache(maxsize=1024)
def _tag_template(name: str) -> dict[str, Any]:
    """What is the same in all tags of a name; to ask for it once costs a third of asking for each."""
    return vars(Tag(_EMPTY, _EMPTY.builder, name))


_EMPTY: Final = build_soup()
# What a string is before it has its place.
_STRING: Final = vars(NavigableString(""))


def _append(new: PageElement, parent: Tag, last: PageElement | None) -> PageElement:
    """What `PageElement.setup` does with an element that comes last."""
    siblings = parent.contents
    new.parent, new.previous_element = parent, last
    if last is not None:
        last.next_element = new
    if siblings:
        new.previous_sibling = siblings[-1]
        siblings[-1].next_sibling = new
    siblings.append(new)
    return new
