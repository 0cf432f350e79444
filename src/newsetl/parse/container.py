"""Lines of an HTML page: lxml finds the article's container, BeautifulSoup walks it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lxml import etree

from newsetl.parse.html_lines import EMPTY_TAGS, HEADING_TAGS, INLINE_TAGS, extract_lines, join_url
from newsetl.parse.lines import PageLines
from newsetl.sources.config import ParseConfig
from newsetl.text.html_tree import build_soup, parse_tree
from newsetl.text.whitespace import INVISIBLE, collapse_whitespace, unescape_entities

_MAX_RECORD_CHARS = 20_000
_TAG = re.compile(r"<(\w+)>")
_TEXTS = etree.XPath(
    ".//text()[contains($characters, substring(normalize-space(), 1, 1))]"
    "[normalize-space()][not(parent::script or parent::style)]"
)
# A longer text that begins with a label is prose.
_MAX_LABEL_CHARS = 400
# A page with more Top News headings is parsed in full.
_MAX_TEASER_HEADINGS = 20


def parse_html_lines(
    text: str, config: ParseConfig, base_url: str | None, *, is_full_page: bool, root: Any = None
) -> PageLines:
    """Parse the HTML `text` to lines. Pass its lxml tree as `root` if there is one.

    `base_url` is the page's URL. With `is_full_page` the whole page is parsed, else only the article's
    container.
    """
    root = parse_tree(text) if root is None else root
    if root is None:
        return PageLines([], "", {}, has_content=False, is_html=True)
    title = collapse_whitespace(
        unescape_entities(next((node.text for node in root.iter("title")), None) or "")
    )
    # The box that a content selector names may be apart from the labels.
    box = root if is_full_page or config.content_selectors else find_container(root, config)
    base_href = next((href for node in root.iter("base") if (href := node.get("href")) is not None), None)
    if base_href is not None and base_url is not None:
        base_url = join_url(base_url, str(base_href)) or base_url
    labels = _compile_labels(config.breadcrumb_labels + config.source_labels + config.editor_labels)
    lines, has_content = extract_lines(build_soup(box, empty_tags=EMPTY_TAGS), config, labels, base_url)
    record_marker, record = _parse_record(text, config)
    has_marker = any(marker in text for marker in config.content_markers)
    return PageLines(
        lines,
        title,
        record,
        has_content,
        is_html=True,
        record_marker=record_marker,
        content_provenance="content markers" if has_marker else "content selector",
        root=root,
    )


def _parse_record(text: str, config: ParseConfig) -> tuple[str, dict[str, str]]:
    """Return the marker and the non-empty fields of the CMS's record, an HTML comment."""
    markers = "|".join(map(re.escape, config.record_markers)) or "(?!)"
    opening = re.search(rf"<!--\s*({markers})\b", text)
    end = text.find("-->", opening.end()) if opening else -1
    if opening is None or end < 0:
        return "", {}
    record, position = text[opening.end() : min(end, opening.end() + _MAX_RECORD_CHARS)], 0
    values: dict[str, str] = {}
    while tag := _TAG.search(record, position):
        closing = record.find(f"</{tag[1]}>", tag.end())
        position = closing if closing >= 0 else tag.end()
        if closing >= 0:
            value = collapse_whitespace(
                re.sub(r"<[^>]*>", " ", unescape_entities(record[tag.end() : closing]))
            )
            if value and value != "null":
                values.setdefault(tag[1].lower(), value)
    tags = config.record_tags.items()
    return opening[1], {name: values[tag.lower()] for name, tag in tags if tag.lower() in values}


def find_container(root: Any, config: ParseConfig) -> Any:
    """Return the smallest element that contains every label of the article.

    Return the body if no label marks the article's start or its end.
    """
    body = root.find("body")
    if body is None:
        body = root
    start_labels = config.breadcrumb_labels + config.source_labels + config.author_labels
    start_pattern, end_pattern = (
        _compile_labels(start_labels),
        _compile_labels(config.editor_labels + config.edited_by_labels),
    )
    teaser_headings = {heading.casefold() for heading in config.teaser_headings}
    labels = start_labels + config.editor_labels + config.edited_by_labels + config.teaser_headings
    bounds: list[Any] = []
    has_start, has_end, teaser_count = False, False, 0
    bounds += body.iter("h1")
    for comment in body.iter(etree.Comment):
        if any(marker in comment.text for marker in config.content_markers):
            bounds.append(comment)
            has_start = has_end = True
    for text in _TEXTS(body, characters=_get_first_characters(labels)):
        label = collapse_whitespace(text) if len(text) <= _MAX_LABEL_CHARS else ""
        node = text.getparent().getparent() if text.is_tail else text.getparent()
        if start_pattern.match(label):
            bounds.append(node)
            has_start = True
        elif end_pattern.match(label):
            bounds.append(node)
            has_end = True
        elif label.casefold() in teaser_headings:
            teaser_count += 1
            if teaser_count > _MAX_TEASER_HEADINGS:
                return body
            bounds.append(_find_content_parent(node))
            has_end = True
    return _find_common_ancestor(bounds, body) if has_start and has_end else body


@lru_cache(maxsize=256)
def _get_first_characters(labels: tuple[str, ...]) -> str:
    """Return every character that a text with one of `labels` at its start may begin with."""
    characters = {
        variant for label in labels for variant in (label[:1], label[:1].upper(), label[:1].casefold())
    }
    # A bracket or an invisible character may precede a label. The last four are other cases of s, k and i.
    return "".join(sorted(characters)) + "[【(（" + "ſ\u212aİı" + INVISIBLE


@lru_cache(maxsize=256)
def _compile_labels(labels: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        r"[\[【(（]?\s*(?:" + ("|".join(map(re.escape, labels)) or "(?!)") + r")\s*(?:[:：]|$|\b)",
        re.IGNORECASE,
    )


def _find_content_parent(heading: Any) -> Any:
    """Return the nearest ancestor of a heading with at least 20 more characters than the heading."""
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
