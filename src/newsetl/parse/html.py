"""HTML as lines, whatever the markup: lxml finds the article's box, BeautifulSoup reads it."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urljoin

import lxml.html
from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import NavigableString, PreformattedString
from lxml import etree

from newsetl.parse.lines import Line, Picture, Sheet
from newsetl.sources import Read
from newsetl.wording import single_blanks

# Everything else breaks the line; a tag that nobody knows is a box.
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_UNSEEN = frozenset(
    ("script", "style", "noscript", "template", "iframe", "select", "svg", "head", "button", "object")
)
# Beside the article, unless a landmark of it stands there.
_BESIDE = frozenset(("nav", "aside", "footer"))
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SMALL_PIXELS = 40
_LONGEST_RECORD = 20_000


def html_sheet(text: str, read: Read, base: str | None, *, is_whole: bool) -> Sheet:
    root = _tree(text)
    if root is None:
        return Sheet([], "", {}, has_content=False, is_html=True)
    title = single_blanks(root.findtext(".//title") or "")
    box = root if is_whole else _container(root, read)
    found = root.find(".//base[@href]")
    if found is not None and base is not None:
        base = urljoin(base, str(found.get("href")))
    soup = BeautifulSoup(etree.tostring(box, encoding="unicode", method="html", with_tail=False), "lxml")
    lines, has_content = _flat(soup, read, base)
    return Sheet(lines, title, _properties(text), has_content, is_html=True)


def _tree(text: str) -> Any:
    # NUL and a stated charset confuse libxml2, which gets text that is decoded already.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\x00", ""))
    try:
        return lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=_parser())
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _parser() -> Any:
    return lxml.html.HTMLParser(encoding="utf-8", remove_pis=True, huge_tree=True)


def _properties(text: str) -> dict[str, str]:
    """The CMS's own record of the article, from its enpproperty comment; empty and null values left out."""
    start = re.search(r"<!--\s*enpproperty\b", text)
    end = text.find("-->", start.end()) if start else -1
    if start is None or end < 0:
        return {}
    record, at = text[start.end() : min(end, start.end() + _LONGEST_RECORD)], 0
    values: dict[str, str] = {}
    while tag := re.compile(r"<(\w+)>").search(record, at):
        close = record.find(f"</{tag[1]}>", tag.end())
        at = close if close >= 0 else tag.end()
        if close >= 0:
            value = single_blanks(re.sub(r"<[^>]*>", " ", html.unescape(record[tag.end() : close])))
            if value and value != "null":
                values.setdefault(tag[1].lower(), value)
    return values


def _container(root: Any, read: Read) -> Any:
    """The smallest element that holds every landmark of the article, so that only this is read in full.

    The body, if nothing says where the article ends.
    """
    body = root.find("body")
    if body is None:
        body = root
    starts = _starts(read.position_labels + read.source_labels + read.author_labels)
    ends = _starts(read.editor_labels + read.edited_by_labels)
    heads = {heading.casefold() for heading in read.teaser_headings}
    marks, has_start, has_end = [], False, False
    for node in body.iter():
        if not isinstance(node.tag, str):
            if node.tag is etree.Comment and any(mark in node.text for mark in read.content_markers):
                marks.append(node)
                has_start = has_end = True
            continue
        if node.tag in ("script", "style"):
            continue
        if node.tag == "h1":
            marks.append(node)
        for piece in (node.text, *(child.tail for child in node)):
            if not piece or len(piece) > 400 or not (piece := single_blanks(piece)):
                continue
            if starts.match(piece):
                marks.append(node)
                has_start = True
            elif ends.match(piece):
                marks.append(node)
                has_end = True
            elif piece.casefold() in heads:
                marks.append(_with_content(node))
                has_end = True
    return _common(marks, body) if has_start and has_end else body


def _starts(labels: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        r"[\[【(（]?\s*(?:" + "|".join(map(re.escape, labels)) + r")\s*(?:[:：]|$|\b)", re.IGNORECASE
    )


def _with_content(heading: Any) -> Any:
    """The nearest element around a heading that holds more than it."""
    length = len(heading.text_content())
    node = heading
    while node.getparent() is not None and len(node.text_content()) < length + 20:
        node = node.getparent()
    return node


def _common(nodes: list[Any], body: Any) -> Any:
    chains = [[*reversed([node, *node.iterancestors()])] for node in nodes]
    common = body
    for level in zip(*chains, strict=False):
        if any(node is not level[0] for node in level):
            break
        common = level[0]
    while not isinstance(common.tag, str) or common.tag in _INLINE or common.tag in _HEADINGS:
        common = common.getparent()
    return body if common.tag == "html" else common


class _Open:
    """The line that is being gathered."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.links: list[Tag | None] = []
        self.pictures: list[Picture] = []
        self.block: Tag | None = None
        self.is_content = False


def _flat(soup: BeautifulSoup, read: Read, base: str | None) -> tuple[list[Line], bool]:
    lines: list[Line] = []
    marks = _starts(read.position_labels + read.source_labels + read.editor_labels)
    boxes: dict[int, tuple[int, ...]] = {}
    unseen: set[int] = set()
    depth, has_content = 0, False
    now = _Open()

    def close() -> None:
        nonlocal now
        text = single_blanks("".join(now.pieces))
        if text or now.pictures:
            links = {
                id(link): link for piece, link in zip(now.pieces, now.links, strict=True) if piece.strip()
            }
            linked = sum(
                len(piece) for piece, link in zip(now.pieces, now.links, strict=True) if link is not None
            )
            only = next(iter(links.values())) if len(links) == 1 else None
            lines.append(
                Line(
                    text=text,
                    tag=_heading_of(now.block),
                    is_link=bool(links) and id(None) not in links,
                    is_centered=_is_centered(now.block),
                    is_menu=len(links) > 2 and linked > len(text) * 0.5,
                    href=_address(only, "href", base) if only else None,
                    is_content=now.is_content,
                    box=boxes.get(id(now.block), ()),
                    pictures=now.pictures,
                )
            )
        now = _Open()

    for node in soup.descendants:
        parent = node.parent
        if parent is not None and id(parent) in unseen:
            if isinstance(node, Tag):
                unseen.add(id(node))
            continue
        if isinstance(node, Tag):
            if (
                node.name in _UNSEEN
                or node.has_attr("hidden")
                or _HIDDEN.search(str(node.get("style", "")))
                or (node.name in _BESIDE and not _has_landmark(node, marks))
            ):
                unseen.add(id(node))
            elif node.name == "img":
                if picture := _picture(node, base):
                    now.pictures.append(picture)
                    now.block, now.is_content = now.block or _block(node), depth > 0
            elif node.name == "br":
                if _heading_of(_block(node)):
                    now.pieces.append(" ")
                    now.links.append(None)
                else:
                    close()
            # A name with a colon is a word processor's leftover.
            elif node.name not in _INLINE and ":" not in node.name:
                close()
                around = boxes.get(id(parent), ()) if parent is not None else ()
                boxes[id(node)] = (*around, len(boxes))
            elif parent is not None:
                boxes[id(node)] = boxes.get(id(parent), ())
        elif isinstance(node, Comment):
            name = node.strip()
            if name.lstrip("/") in read.content_markers:
                close()
                depth = max(0, depth + (-1 if name.startswith("/") else 1))
                has_content = True
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            block = _block(node)
            if now.block is not None and block is not now.block:
                close()
            now.block, now.is_content = block, depth > 0
            now.pieces.append(str(node))
            now.links.append(_link(node))
    close()
    return lines, has_content


def _has_landmark(box: Tag, marks: re.Pattern[str]) -> bool:
    return any(marks.match(single_blanks(text)) for text in box.stripped_strings)


def _block(node: Tag | NavigableString) -> Tag | None:
    parent = node.parent
    while parent is not None and (parent.name in _INLINE or ":" in parent.name):
        parent = parent.parent
    return parent


def _heading_of(block: Tag | None) -> str:
    """The name of the block, or of the heading around it."""
    name = block.name if block is not None else ""
    while block is not None and block.name not in ("body", "html"):
        if block.name in _HEADINGS or block.name == "figcaption":
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


def _link(node: NavigableString) -> Tag | None:
    parent = node.parent
    while parent is not None and parent.name in _INLINE:
        if parent.name == "a":
            return parent
        parent = parent.parent
    # An <a> may hold whole blocks.
    return (
        parent.parent
        if parent is not None and parent.parent is not None and parent.parent.name == "a"
        else None
    )


def _address(tag: Tag, attribute: str, base: str | None) -> str | None:
    value = str(tag.get(attribute, "") or "").strip()
    if not value or re.match(r"(?:javascript|data|mailto):|#", value, re.IGNORECASE):
        return None
    try:
        return urljoin(base, value) if base else value
    except ValueError:
        return None


def _picture(tag: Tag, base: str | None) -> Picture | None:
    url = next(
        (found for name in ("src", "data-src", "data-original") if (found := _address(tag, name, base))), None
    )
    sizes = [str(tag.get(name, "")).strip().removesuffix("px") for name in ("width", "height")]
    if url is None or any(size.isdigit() and int(size) <= _SMALL_PIXELS for size in sizes):
        return None
    return Picture(url, single_blanks(str(tag.get("data-original-title", "") or "")) or None)
