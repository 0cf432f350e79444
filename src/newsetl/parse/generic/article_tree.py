"""Changes to a page's tree before trafilatura reads it: layout tables, lists, consent boxes, asides."""

from __future__ import annotations

import re
from typing import Any

from newsetl.parse.generic.candidates import PageCandidates, has_consent_class

# Written before the number of a list item, so that it is known again in the text.
LIST_MARK = "\u2e0e"
_CONSENT_WORDS = re.compile(
    r"cookies?\b.{0,400}\b(?:accept|agree|consent|privacy|settings|choice|partners)|privacy|consent|datenschutz|einwillig"
    r"|zustimm|confidentialit|consentement|privacidad|consentimiento|privacy|toestemming|同意|隐私",
    re.IGNORECASE | re.DOTALL,
)
_MAX_CONSENT_CHARS = 6_000
_COLUMN_TAGS = frozenset({"aside", "form", "footer", "nav", "header"})
_TABLE_TAGS = frozenset({"table", "tbody", "thead", "tfoot", "tr", "td", "th", "center", "font"})
_MAX_CAPTION_CHARS = 200
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
# Numerals of an <ol> by its attribute `type`; larger numbers are in figures.
_NUMERALS: dict[str, tuple[str, ...]] = {
    "1": (),
    "a": tuple("abcdefghijklmnopqrstuvwxyz"),
    "A": tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "i": _ROMAN,
    "I": tuple(map(str.upper, _ROMAN)),
}


def prepare_tree(root: Any, candidates: PageCandidates) -> None:
    """Change `root` so that the whole article and nothing else is found. Read other fields before."""
    boxes, prose_box = candidates.article_boxes, candidates.prose_box
    around_prose = {prose_box, *prose_box.iterancestors()} if prose_box is not None else set()
    for box in boxes:
        # A table around the article is layout, and an <aside> or <form> around the text is its column.
        if box.tag in _TABLE_TAGS or (box in around_prose and box.tag in _COLUMN_TAGS):
            box.tag = "div"
    for node in list(root.iter("div", "section", "aside", "form", "dialog")):
        if node not in boxes and has_consent_class(node) and _is_consent(node):
            _remove(node)
    for table in list(root.iter("table")):
        if table not in boxes and _is_picture_table(table):
            _remove(table)
    for items in root.iter("ol"):
        _number_items(items)


def _remove(node: Any) -> None:
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        before = node.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)


def _is_consent(box: Any) -> bool:
    """Return True for a short text about cookies or consent, unlike a recipe for cookies."""
    text = box.text_content()
    return len(text) <= _MAX_CONSENT_CHARS and _CONSENT_WORDS.search(text) is not None


def _is_picture_table(table: Any) -> bool:
    """Return True for a table that holds a picture and its caption."""
    if next(table.iter("img", "amp-img"), None) is None or next(table.iter("p", "th"), None) is not None:
        return False
    texts = ["".join(cell.itertext()).strip() for cell in table.iter("td")]
    return sum(map(bool, texts)) <= 1 and sum(map(len, texts)) <= _MAX_CAPTION_CHARS


def _number_items(items: Any) -> None:
    """Write the number that a browser shows before each item of an <ol>."""
    entries = [item for item in items if item.tag == "li"]
    kind = items.get("type") or "1"
    if kind not in _NUMERALS or "none" in (items.get("style") or "") or not any(map(_has_text, entries)):
        return
    is_reversed = items.get("reversed") is not None
    number = _parse_number(items.get("start"), len(entries) if is_reversed else 1)
    for item in entries:
        number = _parse_number(item.get("value"), number)
        numerals = _NUMERALS[kind]
        label = numerals[number - 1] if 0 < number <= len(numerals) else str(number)
        _write_before(item, f"{LIST_MARK}{label}. ")
        number += -1 if is_reversed else 1


def _has_text(item: Any) -> bool:
    return any(text.strip() for text in item.itertext())


def _parse_number(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"\s*-?\d{1,6}\s*", value) else default


def _write_before(item: Any, label: str) -> None:
    """Write `label` before the first text of `item`, in the element that has this text."""
    node = item
    while not (node.text and node.text.strip()):
        first = next((child for child in node if isinstance(child.tag, str)), None)
        if first is None or not _has_text(first) or first.tag in ("ol", "ul"):
            break
        node = first
    text = (node.text or "").lstrip()
    # A site that numbers its items itself hides the list's own numbers.
    if not re.match(r"[(\[]?\d{1,3}[.):\]]", text):
        node.text = label + text
