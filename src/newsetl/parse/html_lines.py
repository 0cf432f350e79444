"""Lines of an HTML tree, extracted in one walk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final
from urllib.parse import quote, urljoin

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import NavigableString, PreformattedString

from newsetl.parse.lines import Line, Picture
from newsetl.parse.pictures import iter_picture_urls
from newsetl.sources.config import ParseConfig
from newsetl.text.whitespace import collapse_whitespace

# Contents that are dropped. A <noscript> may hold the picture that a script loads.
EMPTY_TAGS: Final = frozenset(
    ("script", "style", "template", "iframe", "select", "svg", "head", "button", "object")
)
# Every other tag, known or unknown, is a box and begins a new line.
INLINE_TAGS = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "time", "tt", "u", "var", "wbr",
])  # fmt: skip
INVISIBLE_TAGS = EMPTY_TAGS | {"noscript"}
PICTURE_TAGS = frozenset(("img", "amp-img", "amp-anim"))
# Skipped, unless they contain a label of the article.
_ASIDE_TAGS = frozenset(["nav", "aside", "footer"])
HEADING_TAGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_CAPTION_CLASS = re.compile(
    r"(?:^|\s)(?:[\w-]*(?:image|img|photo|picture|pic|figure|wp|media)[\w-]*)?[-_]?(?:caption|cutline)(?:[-_]?text)?(?:\s|$)",
    re.IGNORECASE,
)
# As in browsers, line breaks in a URL are dropped; spaces and non-ASCII letters are escaped.
_LINE_BREAKS = re.compile(r"[\t\r\n]")
_PRINTABLE_ASCII = re.compile("[!-~]*")
_SAFE_CHARACTERS = "".join(map(chr, range(ord("!"), ord("~") + 1)))
_MAX_ICON_PIXELS = 40
_PIXELS = re.compile(r"\s*0*(\d{1,4})(?:px)?\s*")
# Boxes between a heading and its text.
_MAX_HEADING_DEPTH = 20
# Nested boxes that are distinguished; deeper ones count as their ancestor at this depth.
_MAX_BOX_DEPTH = 100


class _Element:
    """An open element: its boxes from the root, its block and its link."""

    __slots__ = ("block", "boxes", "is_content", "link", "name", "parent", "tag")

    def __init__(
        self, tag: Tag, parent: _Element | None, boxes: tuple[int, ...], *, is_content: bool
    ) -> None:
        self.name, self.tag, self.parent, self.boxes = tag.name, tag, parent, boxes
        self.block: _Element | None = None
        self.link: _Element | None = None
        self.is_content = is_content


class _OpenLine:
    """Texts, links and pictures of the line that is not closed yet."""

    __slots__ = ("block", "is_content", "links", "pictures", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.links: list[_Element | None] = []
        self.pictures: list[Picture] = []
        self.block: _Element | None = None
        self.is_content = False


def extract_lines(
    soup: BeautifulSoup, config: ParseConfig, labels: re.Pattern[str], base_url: str | None
) -> tuple[list[Line], bool]:
    """Extract the lines of a tree in page order. Return them and whether any content is marked.

    Content is marked by a content marker or a content selector. A <nav>, <aside> or <footer> is skipped
    unless a text in it begins with one of `labels`. Links are resolved against `base_url`.
    """
    content_ids = {id(box) for selector in config.content_selectors for box in soup.select(selector)}
    walker = _LineWalker(config, labels, base_url)
    # Each entry: the children not yet visited, and the element. The root is always a box.
    stack = [(iter(soup.contents), _Element(soup, None, (-1,), is_content=False))]
    while stack:
        nodes, parent = stack[-1]
        for node in nodes:
            if isinstance(node, Tag):
                element = walker.open_element(
                    node, parent, is_content=parent.is_content or id(node) in content_ids
                )
                if element and node.contents:
                    stack.append((iter(node.contents), element))
                    break
            elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                walker.add_text(node, parent)
            elif isinstance(node, Comment):
                walker.add_comment(node.strip())
        else:
            stack.pop()
    walker.close_line()
    return walker.lines, walker.has_content


class _LineWalker:
    """Collector of lines from the elements and texts of a page."""

    def __init__(self, config: ParseConfig, labels: re.Pattern[str], base_url: str | None) -> None:
        self._config, self._labels, self._base_url = config, labels, base_url
        self.lines: list[Line] = []
        self.has_content = False
        self._box_count = 0
        self._marker_depth = 0
        self._line = _OpenLine()

    def open_element(self, tag: Tag, parent: _Element, *, is_content: bool) -> _Element | None:
        """Open an element. Return None if its content is skipped."""
        name, line = tag.name, self._line
        if (
            (name in INVISIBLE_TAGS and name != "noscript")
            or (tag.attrs and _is_hidden(tag))
            or (name in _ASIDE_TAGS and self._is_aside(tag))
        ):
            return None
        if name in PICTURE_TAGS or name == "noscript":
            image = tag if name != "noscript" else _find_fallback(tag)
            if image is not None and (picture := _build_picture(image, self._config, self._base_url)):
                line.pictures.append(picture)
                line.block = line.block or parent.block
                line.is_content = self._marker_depth > 0 or parent.is_content
            return None
        if name == "br":
            if _get_heading_tag(parent.block):
                line.texts.append(" ")
                line.links.append(None)
            else:
                self.close_line()
            return None
        # A name with a colon is a word processor's leftover.
        if name in INLINE_TAGS or ":" in name:
            element = _Element(tag, parent, parent.boxes, is_content=is_content)
            element.block = parent.block
            element.link = element if name == "a" else parent.link
        else:
            self.close_line()
            is_deepest = len(parent.boxes) >= _MAX_BOX_DEPTH
            boxes = parent.boxes if is_deepest else (*parent.boxes, self._box_count)
            element = _Element(tag, parent, boxes, is_content=is_content)
            element.block = element
            # An <a> may hold whole blocks.
            element.link = parent if parent.name == "a" else None
        self._box_count += 1
        return element

    def _is_aside(self, tag: Tag) -> bool:
        return not any(self._labels.match(collapse_whitespace(text)) for text in tag.strings)

    def add_comment(self, comment: str) -> None:
        """Process a comment, which may be a content marker that opens or closes."""
        if comment.lstrip("/") in self._config.content_markers:
            self.close_line()
            self._marker_depth = max(0, self._marker_depth + (-1 if comment.startswith("/") else 1))
            self.has_content = True

    def add_text(self, text: str, parent: _Element) -> None:
        """Add a text to the open line. A text of another block begins a new line."""
        line, block, link = self._line, parent.block, parent.link
        if line.block is not block and line.block is not None:
            self.close_line()
            line = self._line
        line.block, line.is_content = block, self._marker_depth > 0 or parent.is_content
        if link is None and not line.texts and text.isspace():
            return
        line.texts.append(text)
        line.links.append(link)

    def close_line(self) -> None:
        """Close the open line and append it to the lines if it has text or pictures."""
        line = self._line
        if not line.texts and not line.pictures:
            line.block = None
            return
        self._line = _OpenLine()
        text = collapse_whitespace("".join(line.texts))
        if not text and not line.pictures:
            return
        self.has_content = self.has_content or line.is_content
        is_link = is_menu = False
        only_link = None
        if any(line.links):
            parts = list(zip(line.texts, line.links, strict=True))
            links = {id(link): link for part, link in parts if part.strip()}
            only_link = next(iter(links.values())) if len(links) == 1 else None
            is_link = bool(links) and id(None) not in links
            if len(links) > 2:
                is_menu = sum(len(part) for part, link in parts if link is not None) > len(text) * 0.5
        self.lines.append(
            Line(
                text=text,
                tag=_get_heading_tag(line.block),
                is_link=is_link,
                is_centered=_is_centered(line.block),
                is_menu=is_menu,
                link=partial(_get_url, only_link.tag, "href", self._base_url) if only_link else None,
                is_content=line.is_content,
                box=line.block.boxes if line.block else (),
                pictures=line.pictures,
            )
        )


def _is_hidden(tag: Tag) -> bool:
    return "hidden" in tag.attrs or is_hidden_style(str(tag.attrs.get("style") or ""))


def is_hidden_style(style: str) -> bool:
    """Return True for the value of a style attribute that hides the element."""
    return style != "" and _HIDDEN.search(style.lower()) is not None


def _get_heading_tag(block: _Element | None) -> str:
    """Return the name of the heading or <figcaption> around the block, or "caption", "li", "td" or "".

    A block is a "caption" if its class says so.
    """
    name = block.name if block is not None else ""
    for _ in range(_MAX_HEADING_DEPTH):
        if block is None or block.name in ("body", "html"):
            break
        if block.name in HEADING_TAGS or block.name == "figcaption":
            return block.name
        if (attribute := block.tag.get("class")) and _CAPTION_CLASS.search(str(attribute)):
            return "caption"
        if block.name not in ("td", "tr", "tbody", "table", "div", "p"):
            break
        block = block.parent
    return name if name in ("li", "td") else ""


def _is_centered(block: _Element | None) -> bool:
    if block is None:
        return False
    align, style = block.tag.get("align"), block.tag.get("style")
    if not (align or style):
        return block.name == "center"
    styling = f"{align or ''} {style or ''}".lower().replace(" ", "")
    return block.name == "center" or styling.startswith("center") or "text-align:center" in styling


def _get_url(tag: Tag, attribute: str, base_url: str | None) -> str | None:
    return _resolve_url(str(tag.get(attribute) or ""), base_url)


def _resolve_url(value: str, base_url: str | None) -> str | None:
    value = _LINE_BREAKS.sub("", value.strip())
    if not value or re.match(r"(?:javascript|data|mailto):|#", value, re.IGNORECASE):
        return None
    if not _PRINTABLE_ASCII.fullmatch(value):
        value = quote(value, safe=_SAFE_CHARACTERS)
    return join_url(base_url, value) if base_url else value


def _find_fallback(noscript: Tag) -> Tag | None:
    """Return the <img> in a <noscript>, or None if a picture beside it has a URL of its own."""
    image = noscript.find(["img", "amp-img"])
    parent = noscript.parent
    beside = parent.find_all(["img", "amp-img"]) if parent is not None else []
    is_needed = not any(
        each.find_parent("noscript") is None and next(_iter_urls(each), None) for each in beside
    )
    return image if isinstance(image, Tag) and is_needed else None


def _iter_urls(image: Tag, names: tuple[str, ...] = ()) -> Iterator[str]:
    # libxml2 does not know that a <source> is empty: the <img> after it is inside it.
    around = image.find_parent("picture")
    sources = around.find_all("source") if around is not None else []
    return iter_picture_urls(_get_attributes(image), map(_get_attributes, sources), names)


def _get_attributes(tag: Tag) -> dict[str, str]:
    return {name: str(value or "") for name, value in tag.attrs.items()}


def _build_picture(tag: Tag, config: ParseConfig, base_url: str | None) -> Picture | None:
    urls = (_resolve_url(url, base_url) for url in _iter_urls(tag, config.image_attributes))
    url = next(filter(None, urls), None)
    # The sizes of an <amp-img> are its aspect ratio.
    sizes = (_PIXELS.fullmatch(str(tag.get(name) or "")) for name in ("width", "height"))
    if url is None or (
        tag.name == "img" and any(size and int(size[1]) <= _MAX_ICON_PIXELS for size in sizes)
    ):
        return None
    captions = (collapse_whitespace(str(tag.get(name) or "")) for name in config.caption_attributes)
    return Picture(url, next(filter(None, captions), None))


def join_url(base_url: str, value: str) -> str | None:
    """Resolve the URL `value` against `base_url`. Return None if it is invalid."""
    try:
        return urljoin(base_url, value)
    except ValueError:
        return None
