"""HTML as lines: one walk over the tree, in which every element knows its box, block and link."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import quote, urljoin

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import NavigableString, PreformattedString

from newsetl.parse.lines import Line, Picture
from newsetl.sources.config import ParseConfig
from newsetl.text.whitespace import collapse_whitespace

# Everything else breaks the line; a tag that nobody knows is a box.
INLINE_TAGS = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "time", "tt", "u", "var", "wbr",
])  # fmt: skip
INVISIBLE_TAGS = frozenset(
    ("script", "style", "noscript", "template", "iframe", "select", "svg", "head", "button", "object")
)
# Beside the article, unless a landmark of it stands there.
_ASIDE_TAGS = frozenset(["nav", "aside", "footer"])
HEADING_TAGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
# In an address the one is nothing, as browsers have it, and blanks and foreign letters are escaped.
_BREAKS = re.compile(r"[\t\r\n]")
_PRINTABLE_ASCII = re.compile("[!-~]*")
_SAFE_CHARACTERS = "".join(map(chr, range(ord("!"), ord("~") + 1)))
_SMALL_PIXELS = 40
_PIXELS = re.compile(r"\s*0*(\d{1,4})(?:px)?\s*")
# So many boxes may lie between a heading and its words.
_HIGHEST_HEADING = 20
# No article needs more boxes around a line to be told from its neighbours.
_DEEPEST_BOX = 100


class _Element:
    """What is known of an element while the page is walked: its boxes from the root, its block, its link."""

    __slots__ = ("block", "boxes", "is_content", "link", "name", "parent", "tag")

    def __init__(
        self, tag: Tag, parent: _Element | None, boxes: tuple[int, ...], *, is_content: bool
    ) -> None:
        self.name, self.tag, self.parent, self.boxes = tag.name, tag, parent, boxes
        self.block: _Element | None = None
        self.link: _Element | None = None
        self.is_content = is_content


class _OpenLine:
    """The line that is being gathered."""

    __slots__ = ("block", "is_content", "links", "pictures", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.links: list[_Element | None] = []
        self.pictures: list[Picture] = []
        self.block: _Element | None = None
        self.is_content = False


def extract_lines(
    soup: BeautifulSoup, read: ParseConfig, labels: re.Pattern[str], base: str | None
) -> tuple[list[Line], bool]:
    """The lines of a tree in page order, and whether it has content markers or boxes.

    What begins with one of `landmarks`, and is seen, keeps the box beside the article that it stands in.
    `base` is the address that links start from.
    """
    contents = {id(box) for selector in read.content_selectors for box in soup.select(selector)}
    walk = _LineWalker(read, labels, base)
    # What is open: its children that are still to come, and what is known of it. The page is a box by itself,
    # whatever part of it is read.
    opened = [(iter(soup.contents), _Element(soup, None, (-1,), is_content=False))]
    while opened:
        nodes, around = opened[-1]
        for node in nodes:
            if isinstance(node, Tag):
                new = walk.open_element(node, around, is_content=around.is_content or id(node) in contents)
                if new and node.contents:
                    opened.append((iter(node.contents), new))
                    break
            elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                walk.add_text(node, around)
            elif isinstance(node, Comment):
                walk.add_comment(node.strip())
        else:
            opened.pop()
    walk.close_line()
    return walk.lines, walk.has_content


class _LineWalker:
    """The lines of a page, gathered from its elements and texts in their order."""

    def __init__(self, read: ParseConfig, labels: re.Pattern[str], base: str | None) -> None:
        self._read, self._labels, self._base = read, labels, base
        self.lines: list[Line] = []
        self.has_content = False
        self._boxes = 0
        self._depth = 0
        self._line = _OpenLine()

    def open_element(self, tag: Tag, around: _Element, *, is_content: bool) -> _Element | None:
        """A tag opens; None if nothing in it is read."""
        name, now = tag.name, self._line
        if (
            name in INVISIBLE_TAGS
            or (tag.attrs and _is_hidden(tag))
            or (name in _ASIDE_TAGS and self._is_aside(tag))
        ):
            return None
        if name == "img":
            if picture := _build_picture(tag, self._read, self._base):
                now.pictures.append(picture)
                now.block = now.block or around.block
                now.is_content = self._depth > 0 or around.is_content
            return None
        if name == "br":
            if _get_heading_tag(around.block):
                now.texts.append(" ")
                now.links.append(None)
            else:
                self.close_line()
            return None
        # A name with a colon is a word processor's leftover.
        if name in INLINE_TAGS or ":" in name:
            new = _Element(tag, around, around.boxes, is_content=is_content)
            new.block = around.block
            new.link = new if name == "a" else around.link
        else:
            self.close_line()
            is_deepest = len(around.boxes) >= _DEEPEST_BOX
            boxes = around.boxes if is_deepest else (*around.boxes, self._boxes)
            new = _Element(tag, around, boxes, is_content=is_content)
            new.block = new
            # An <a> may hold whole blocks.
            new.link = around if around.name == "a" else None
        self._boxes += 1
        return new

    def _is_aside(self, tag: Tag) -> bool:
        return not any(self._labels.match(collapse_whitespace(text)) for text in tag.strings)

    def add_comment(self, name: str) -> None:
        """A comment stands here: a content marker opens or closes."""
        if name.lstrip("/") in self._read.content_markers:
            self.close_line()
            self._depth = max(0, self._depth + (-1 if name.startswith("/") else 1))
            self.has_content = True

    def add_text(self, text: str, around: _Element) -> None:
        """A piece of text; a new block begins a new line."""
        now, block, link = self._line, around.block, around.link
        if now.block is not block and now.block is not None:
            self.close_line()
            now = self._line
        now.block, now.is_content = block, self._depth > 0 or around.is_content
        if link is None and not now.texts and text.isspace():
            return
        now.texts.append(text)
        now.links.append(link)

    def close_line(self) -> None:
        """The line that was gathered ends, if there is anything in it."""
        now = self._line
        if not now.texts and not now.pictures:
            now.block = None
            return
        self._line = _OpenLine()
        text = collapse_whitespace("".join(now.texts))
        if not text and not now.pictures:
            return
        self.has_content = self.has_content or now.is_content
        is_link = is_menu = False
        only = None
        if any(now.links):
            pieces = list(zip(now.texts, now.links, strict=True))
            links = {id(link): link for piece, link in pieces if piece.strip()}
            only = next(iter(links.values())) if len(links) == 1 else None
            is_link = bool(links) and id(None) not in links
            if len(links) > 2:
                is_menu = sum(len(piece) for piece, link in pieces if link is not None) > len(text) * 0.5
        self.lines.append(
            Line(
                text=text,
                tag=_get_heading_tag(now.block),
                is_link=is_link,
                is_centered=_is_centered(now.block),
                is_menu=is_menu,
                link=partial(_get_url, only.tag, "href", self._base) if only else None,
                is_content=now.is_content,
                box=now.block.boxes if now.block else (),
                pictures=now.pictures,
            )
        )


def _is_hidden(tag: Tag) -> bool:
    style = str(tag.attrs.get("style") or "").lower()
    return "hidden" in tag.attrs or _HIDDEN.search(style) is not None


def _get_heading_tag(block: _Element | None) -> str:
    """The name of the block, or of the heading around it."""
    name = block.name if block is not None else ""
    for _ in range(_HIGHEST_HEADING):
        if block is None or block.name in ("body", "html"):
            break
        if block.name in HEADING_TAGS or block.name == "figcaption":
            return block.name
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
    said = f"{align or ''} {style or ''}".lower().replace(" ", "")
    return block.name == "center" or said.startswith("center") or "text-align:center" in said


def _get_url(tag: Tag, attribute: str, base: str | None) -> str | None:
    value = _BREAKS.sub("", str(tag.get(attribute) or "").strip())
    if not value or re.match(r"(?:javascript|data|mailto):|#", value, re.IGNORECASE):
        return None
    if not _PRINTABLE_ASCII.fullmatch(value):
        value = quote(value, safe=_SAFE_CHARACTERS)
    return join_url(base, value) if base else value


def _build_picture(tag: Tag, read: ParseConfig, base: str | None) -> Picture | None:
    addresses = (_get_url(tag, name, base) for name in read.image_attributes)
    url = next(filter(None, addresses), None)
    sizes = (_PIXELS.fullmatch(str(tag.get(name) or "")) for name in ("width", "height"))
    if url is None or any(size and int(size[1]) <= _SMALL_PIXELS for size in sizes):
        return None
    captions = (collapse_whitespace(str(tag.get(name) or "")) for name in read.caption_attributes)
    return Picture(url, next(filter(None, captions), None))


def join_url(base: str, value: str) -> str | None:
    """The address `value` as seen from `base`; None if it is none."""
    try:
        return urljoin(base, value)
    except ValueError:
        return None
