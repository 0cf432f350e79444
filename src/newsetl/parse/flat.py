"""HTML as lines: one walk over the tree, in which every element knows its box, block and link."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import NavigableString, PreformattedString

from newsetl.parse.lines import Line, Picture
from newsetl.sources import Read
from newsetl.wording import single_blanks

# Everything else breaks the line; a tag that nobody knows is a box.
INLINE = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "time", "tt", "u", "var", "wbr",
])  # fmt: skip
_UNSEEN = frozenset(
    ("script", "style", "noscript", "template", "iframe", "select", "svg", "head", "button", "object")
)
# Beside the article, unless a landmark of it stands there.
_BESIDE = ["nav", "aside", "footer"]
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SMALL_PIXELS = 40
_PIXELS = re.compile(r"\s*0*(\d{1,4})(?:px)?\s*")
# So many boxes may lie between a heading and its words.
_HIGHEST_HEADING = 20
# No article needs more boxes around a line to be told from its neighbours.
_DEEPEST_BOX = 100


class _Open:
    """The line that is being gathered."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.links: list[Tag | None] = []
        self.pictures: list[Picture] = []
        self.block: Tag | None = None
        self.is_content = False


def flat(
    soup: BeautifulSoup, read: Read, landmarks: re.Pattern[str], base: str | None
) -> tuple[list[Line], bool]:
    """The lines of a tree in page order, and whether it has content markers or boxes.

    What begins with one of `landmarks` keeps the box beside the article that it stands in. `base` is
    the address that links start from.
    """
    contents = {id(box) for selector in read.content_selectors for box in soup.select(selector)}
    walk = _Walk(read, _around(soup, landmarks), base, contents)
    for node in soup.descendants:
        if isinstance(node, Tag):
            walk.element(node)
        elif id(node.parent) in walk.unseen:
            continue
        elif isinstance(node, Comment):
            walk.comment(node.strip())
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            walk.text(node)
    walk.close()
    return walk.lines, walk.has_content


def _around(soup: BeautifulSoup, landmarks: re.Pattern[str]) -> set[int]:
    """The elements around every text that begins with a landmark."""
    around: set[int] = set()
    for text in soup.strings if soup.find(_BESIDE) else ():
        if landmarks.match(single_blanks(text)):
            element = text.parent
            while element is not None and id(element) not in around:
                around.add(id(element))
                element = element.parent
    return around


class _Walk:
    """What is known while the tree is walked. By element: its boxes from the root, its block, its link."""

    def __init__(self, read: Read, kept: set[int], base: str | None, contents: set[int]) -> None:
        self._read, self._kept, self._base, self._contents = read, kept, base, contents
        self.lines: list[Line] = []
        self.has_content = False
        self.unseen: set[int] = set()
        self._boxes: dict[int, tuple[int, ...]] = {}
        self._blocks: dict[int, Tag] = {}
        self._links: dict[int, Tag] = {}
        self._depth = 0
        self._in_contents: set[int] = set()
        self._now = _Open()

    def element(self, tag: Tag) -> None:
        """A tag opens."""
        around = id(tag.parent)
        if self._contents and (around in self._in_contents or id(tag) in self._contents):
            self._in_contents.add(id(tag))
        if around in self.unseen or self._is_unseen(tag):
            self.unseen.add(id(tag))
        elif tag.name == "img":
            if picture := _picture(tag, self._read, self._base):
                now = self._now
                now.pictures.append(picture)
                now.block, now.is_content = now.block or self._blocks.get(around), self._is_content(around)
        elif tag.name == "br":
            if _heading_of(self._blocks.get(around)):
                self._now.pieces.append(" ")
                self._now.links.append(None)
            else:
                self.close()
        else:
            self._enter(tag, around)

    def _enter(self, tag: Tag, around: int) -> None:
        boxes = self._boxes.get(around, ())
        # A name with a colon is a word processor's leftover.
        if tag.name in INLINE or ":" in tag.name:
            if around in self._blocks:
                self._blocks[id(tag)] = self._blocks[around]
            link = tag if tag.name == "a" else self._links.get(around)
        else:
            self.close()
            boxes = (*boxes, len(self._boxes)) if len(boxes) < _DEEPEST_BOX else boxes
            self._blocks[id(tag)] = tag
            # An <a> may hold whole blocks.
            link = tag.parent if tag.parent is not None and tag.parent.name == "a" else None
        self._boxes[id(tag)] = boxes
        if link is not None:
            self._links[id(tag)] = link

    def _is_unseen(self, tag: Tag) -> bool:
        return bool(
            tag.name in _UNSEEN
            or tag.has_attr("hidden")
            or _HIDDEN.search(str(tag.get("style", "")))
            or (tag.name in _BESIDE and id(tag) not in self._kept)
        )

    def comment(self, name: str) -> None:
        """A comment stands here: a content marker opens or closes."""
        if name.lstrip("/") in self._read.content_markers:
            self.close()
            self._depth = max(0, self._depth + (-1 if name.startswith("/") else 1))
            self.has_content = True

    def text(self, text: NavigableString) -> None:
        """A piece of text; a new block begins a new line."""
        around = id(text.parent)
        block = self._blocks.get(around)
        if self._now.block is not None and block is not self._now.block:
            self.close()
        self._now.block, self._now.is_content = block, self._is_content(around)
        self._now.pieces.append(str(text))
        self._now.links.append(self._links.get(around))

    def _is_content(self, around: int) -> bool:
        return self._depth > 0 or around in self._in_contents

    def close(self) -> None:
        """The line that was gathered ends, if there is anything in it."""
        now, self._now = self._now, _Open()
        text = single_blanks("".join(now.pieces))
        if not text and not now.pictures:
            return
        pieces = list(zip(now.pieces, now.links, strict=True))
        self.has_content = self.has_content or now.is_content
        links = {id(link): link for piece, link in pieces if piece.strip()}
        linked = sum(len(piece) for piece, link in pieces if link is not None)
        only = next(iter(links.values())) if len(links) == 1 else None
        self.lines.append(
            Line(
                text=text,
                tag=_heading_of(now.block),
                is_link=bool(links) and id(None) not in links,
                is_centered=_is_centered(now.block),
                is_menu=len(links) > 2 and linked > len(text) * 0.5,
                href=_address(only, "href", self._base) if only else None,
                is_content=now.is_content,
                box=self._boxes.get(id(now.block), ()),
                pictures=now.pictures,
            )
        )


def _heading_of(block: Tag | None) -> str:
    """The name of the block, or of the heading around it."""
    name = block.name if block is not None else ""
    for _ in range(_HIGHEST_HEADING):
        if block is None or block.name in ("body", "html"):
            break
        if block.name in HEADINGS or block.name == "figcaption":
            return block.name
        if block.name not in ("td", "tr", "tbody", "table", "div", "p"):
            break
        block = block.parent
    return name if name in ("li", "td") else ""


def _is_centered(block: Tag | None) -> bool:
    if block is None:
        return False
    style = f"{block.get('align', '')} {block.get('style', '')}".lower().replace(" ", "")
    return block.name == "center" or style.startswith("center") or "text-align:center" in style


def _address(tag: Tag, attribute: str, base: str | None) -> str | None:
    value = str(tag.get(attribute, "") or "").strip()
    if not value or re.match(r"(?:javascript|data|mailto):|#", value, re.IGNORECASE):
        return None
    return joined(base, value) if base else value


def _picture(tag: Tag, read: Read, base: str | None) -> Picture | None:
    addresses = (_address(tag, name, base) for name in read.picture_attributes)
    url = next(filter(None, addresses), None)
    sizes = (_PIXELS.fullmatch(str(tag.get(name, ""))) for name in ("width", "height"))
    if url is None or any(size and int(size[1]) <= _SMALL_PIXELS for size in sizes):
        return None
    captions = (single_blanks(str(tag.get(name, "") or "")) for name in read.caption_attributes)
    return Picture(url, next(filter(None, captions), None))


def joined(base: str, value: str) -> str | None:
    """The address `value` as seen from `base`; None if it is none."""
    try:
        return urljoin(base, value)
    except ValueError:
        return None
