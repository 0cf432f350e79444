"""A saved text as lines: what an editor has wrapped is whole again."""

from __future__ import annotations

import re
from itertools import pairwise

_WIDEST_WRAP = 100
_NARROWEST_WRAP = 40
_SENTENCE_END = re.compile(r"[.!?。！？\"”’)）]\s*$")


def unwrap_lines(text: str) -> list[str]:
    """Lines of a plain text; what an editor has wrapped at a fixed width is one line again.

    A line was wrapped where the next line's first word would not have fitted on it.
    """
    lines = [line.expandtabs() for line in text.splitlines()]
    width = max((len(line) for line, after in pairwise(lines) if after.strip()), default=0)
    goes_on = [_is_continued(before, after, width) for before, after in pairwise(lines)]
    ends_open = [
        line for line, on in zip(lines, goes_on, strict=False) if on and not _SENTENCE_END.search(line)
    ]
    blanks = sum(not line.strip() for line in lines)
    # Where blank lines part the paragraphs, one that goes on is proof enough.
    least = 1 if blanks * 3 > len(lines) else 2
    if width > _WIDEST_WRAP or len(ends_open) < least or len(ends_open) < sum(goes_on) * 0.5:
        return lines
    whole = lines[:1]
    for line, on in zip(lines[1:], goes_on, strict=True):
        if on:
            whole[-1] += " " + line
        else:
            whole.append(line)
    return whole


def _is_continued(before: str, after: str, width: int) -> bool:
    if not before.strip() or not after.strip() or re.match(r"\s*[•*·]\s", after):
        return False
    # A paragraph may begin with an indented line; a bullet's later lines are indented below its first.
    is_indented = len(after) - len(after.lstrip()) > len(before) - len(before.lstrip())
    if is_indented and not re.match(r"\s*[•*·]\s", before):
        return False
    if len(before) < _NARROWEST_WRAP:
        return False
    return len(before.rstrip()) + 1 + len(after.split(maxsplit=1)[0]) > width
