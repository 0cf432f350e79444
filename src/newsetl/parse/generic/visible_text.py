"""Text of an element as a browser shows it: inline tags put no blank into a word."""

from __future__ import annotations

import re
from typing import Any

from newsetl.parse.html_lines import INLINE_TAGS, INVISIBLE_TAGS, is_hidden_style
from newsetl.text.whitespace import collapse_whitespace

# Sites style these as boxes, so that a blank is missing between two of them: "OpinionThe board".
_STYLED_TAGS = frozenset({"span", "a"})
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_INLINE_TAG = re.compile(rf"</?(?:{'|'.join(sorted(INLINE_TAGS))})(?:\s[^<>]{{0,200}})?/?>", re.IGNORECASE)
_IS_END, _IS_BEGIN = re.compile(r"[a-z\d.!?:»”]$"), re.compile(r"[A-Z«“]")


def get_visible_text(element: Any, *, skipped: Any = None) -> str:
    """Return the text of `element` with whitespace collapsed, without the element `skipped` in it."""
    parts: list[str] = []
    _collect(element, parts, skipped)
    return collapse_whitespace("".join(parts))


def strip_tags(text: str) -> str:
    """Return `text` without HTML tags, and with whitespace collapsed."""
    return collapse_whitespace(_TAG.sub(" ", _INLINE_TAG.sub("", text)) if "<" in text else text)


def _collect(element: Any, parts: list[str], skipped: Any) -> None:
    if element.text:
        parts.append(element.text)
    for child in element:
        name = child.tag
        is_visible = (
            isinstance(name, str)
            and name not in INVISIBLE_TAGS
            and child is not skipped
            and not is_hidden_style(child.get("style") or "")
        )
        if is_visible and name in INLINE_TAGS:
            size = len(parts)
            _collect(child, parts, skipped)
            if name in _STYLED_TAGS and len(parts) > size:
                _separate(parts, size)
        elif is_visible:
            parts.append(" ")
            _collect(child, parts, skipped)
            parts.append(" ")
        if child.tail:
            parts.append(child.tail)


def _separate(parts: list[str], begin: int) -> None:
    """Insert a blank before the part at `begin` if an upper-case word directly follows another word."""
    before = next((part for part in reversed(parts[:begin]) if part), "")
    if len(before) > 1 and _IS_END.search(before) and _IS_BEGIN.match(parts[begin]):
        parts.insert(begin, " ")
