"""HTML as lines, whatever the markup: lxml finds the article's box, BeautifulSoup reads it."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Any

from lxml import etree

from newsetl.parse.html_lines import HEADING_TAGS, INLINE_TAGS, INVISIBLE_TAGS, extract_lines, join_url
from newsetl.parse.lines import PageLines
from newsetl.sources.config import ParseConfig
from newsetl.text.html_tree import build_soup, parse_tree
from newsetl.text.whitespace import INVISIBLE, collapse_whitespace

_LONGEST_RECORD = 20_000
_TAG = re.compile(r"<(\w+)>")
_TEXTS = etree.XPath(
    ".//text()[contains($signs, substring(normalize-space(), 1, 1))]"
    "[normalize-space()][not(parent::script or parent::style)]"
)
# A longer text begins as a label does by chance.
_LONGEST_MARK = 400
# A page with more Top News headings is read in full.
_MOST_HEADINGS = 20


def parse_html_lines(
    text: str, read: ParseConfig, base: str | None, *, is_whole: bool, root: Any = None
) -> PageLines:
    """The page `text` as lines; `root` is its tree, if it was made before."""
    root = parse_tree(text) if root is None else root
    if root is None:
        return PageLines([], "", {}, has_content=False, is_html=True)
    title = collapse_whitespace(next((node.text for node in root.iter("title")), None) or "")
    # The box that the source names may stand apart from the landmarks.
    box = root if is_whole or read.content_selectors else find_container(root, read)
    stated = next((href for node in root.iter("base") if (href := node.get("href")) is not None), None)
    if stated is not None and base is not None:
        base = join_url(base, str(stated)) or base
    landmarks = _compile_labels(read.breadcrumb_labels + read.source_labels + read.editor_labels)
    lines, has_content = extract_lines(build_soup(box, empty_tags=INVISIBLE_TAGS), read, landmarks, base)
    record_name, record = _parse_record(text, read)
    is_marked = any(mark in text for mark in read.content_markers)
    return PageLines(
        lines,
        title,
        record,
        has_content,
        is_html=True,
        record_name=record_name,
        content_found="content markers" if is_marked else "content selector",
        root=root,
    )


def _parse_record(text: str, read: ParseConfig) -> tuple[str, dict[str, str]]:
    """The CMS's own record of the article: its comment's marker, and our fields without the empty ones."""
    names = "|".join(map(re.escape, read.record_markers)) or "(?!)"
    start = re.search(rf"<!--\s*({names})\b", text)
    end = text.find("-->", start.end()) if start else -1
    if start is None or end < 0:
        return "", {}
    record, at = text[start.end() : min(end, start.end() + _LONGEST_RECORD)], 0
    values: dict[str, str] = {}
    while tag := _TAG.search(record, at):
        close = record.find(f"</{tag[1]}>", tag.end())
        at = close if close >= 0 else tag.end()
        if close >= 0:
            value = collapse_whitespace(re.sub(r"<[^>]*>", " ", html.unescape(record[tag.end() : close])))
            if value and value != "null":
                values.setdefault(tag[1].lower(), value)
    tags = read.record_tags.items()
    return start[1], {name: values[tag.lower()] for name, tag in tags if tag.lower() in values}


def find_container(root: Any, read: ParseConfig) -> Any:
    """The smallest element that holds every landmark of the article, so that only this is read in full.

    The body, if nothing says where the article ends.
    """
    body = root.find("body")
    if body is None:
        body = root
    begins = read.breadcrumb_labels + read.source_labels + read.author_labels
    starts, ends = _compile_labels(begins), _compile_labels(read.editor_labels + read.edited_by_labels)
    heads = {heading.casefold() for heading in read.teaser_headings}
    labels = begins + read.editor_labels + read.edited_by_labels + read.teaser_headings
    marks: list[Any] = []
    has_start, has_end, headings = False, False, 0
    marks += body.iter("h1")
    for comment in body.iter(etree.Comment):
        if any(mark in comment.text for mark in read.content_markers):
            marks.append(comment)
            has_start = has_end = True
    for text in _TEXTS(body, signs=_get_first_characters(labels)):
        piece = collapse_whitespace(text) if len(text) <= _LONGEST_MARK else ""
        node = text.getparent().getparent() if text.is_tail else text.getparent()
        if starts.match(piece):
            marks.append(node)
            has_start = True
        elif ends.match(piece):
            marks.append(node)
            has_end = True
        elif piece.casefold() in heads:
            headings += 1
            if headings > _MOST_HEADINGS:
                return body
            marks.append(_find_content_parent(node))
            has_end = True
    return _find_common_ancestor(marks, body) if has_start and has_end else body


@lru_cache(maxsize=256)
def _get_first_characters(labels: tuple[str, ...]) -> str:
    """Every sign that a text may begin with that begins with one of `labels`: few others do."""
    signs = {form for label in labels for form in (label[:1], label[:1].upper(), label[:1].casefold())}
    # A bracket may stand before a label, and so may what nobody sees. Four more are letters in another case.
    return "".join(sorted(signs)) + "[【(（" + "ſ\u212aİı" + INVISIBLE


@lru_cache(maxsize=256)
def _compile_labels(labels: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        r"[\[【(（]?\s*(?:" + ("|".join(map(re.escape, labels)) or "(?!)") + r")\s*(?:[:：]|$|\b)",
        re.IGNORECASE,
    )


def _find_content_parent(heading: Any) -> Any:
    """The nearest element around a heading that holds more than it."""
    length = len(heading.text_content())
    node = heading
    while node.getparent() is not None and len(node.text_content()) < length + 20:
        node = node.getparent()
    return node


def _find_common_ancestor(nodes: list[Any], body: Any) -> Any:
    chains = [[*reversed([node, *node.iterancestors()])] for node in nodes]
    common = body
    for level in zip(*chains, strict=False):
        if any(node is not level[0] for node in level):
            break
        common = level[0]
    while not isinstance(common.tag, str) or common.tag in INLINE_TAGS or common.tag in HEADING_TAGS:
        common = common.getparent()
    return body if common.tag == "html" else common
