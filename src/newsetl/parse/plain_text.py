"""Lines of a plain text, with wrapped lines joined."""

from __future__ import annotations

import re
from itertools import pairwise

_MAX_WRAP_CHARS = 100
_MIN_WRAP_CHARS = 40
_SENTENCE_END = re.compile(r"[.!?。！？\"”’)）]\s*$")


def unwrap_lines(text: str) -> list[str]:
    """Split a plain text into lines and join lines that an editor wrapped at a fixed width.

    A line counts as wrapped if the next line's first word would not have fitted on it.
    """
    lines = [line.expandtabs() for line in text.splitlines()]
    width = max((len(line) for line, after in pairwise(lines) if after.strip()), default=0)
    is_continued = [_is_continued(before, after, width) for before, after in pairwise(lines)]
    unfinished = [
        line
        for line, is_wrapped in zip(lines, is_continued, strict=False)
        if is_wrapped and not _SENTENCE_END.search(line)
    ]
    empty_lines = sum(not line.strip() for line in lines)
    # If blank lines separate the paragraphs, one unfinished line is enough evidence of wrapping.
    min_unfinished = 1 if empty_lines * 3 > len(lines) else 2
    if (
        width > _MAX_WRAP_CHARS
        or len(unfinished) < min_unfinished
        or len(unfinished) < sum(is_continued) * 0.5
    ):
        return lines
    joined = lines[:1]
    for line, is_wrapped in zip(lines[1:], is_continued, strict=True):
        if is_wrapped:
            joined[-1] += " " + line
        else:
            joined.append(line)
    return joined


def _is_continued(before: str, after: str, width: int) -> bool:
    if not before.strip() or not after.strip() or re.match(r"\s*[•*·]\s", after):
        return False
    # An indented line begins a paragraph, except below the first line of a bullet.
    is_indented = len(after) - len(after.lstrip()) > len(before) - len(before.lstrip())
    if is_indented and not re.match(r"\s*[•*·]\s", before):
        return False
    if len(before) < _MIN_WRAP_CHARS:
        return False
    return len(before.rstrip()) + 1 + len(after.split(maxsplit=1)[0]) > width
