"""Teasers in the Top News block."""

from __future__ import annotations

from newsetl.model import Teaser
from newsetl.parse.lines import Line
from newsetl.parse.page_labels import PageLabels

_MAX_TITLE_CHARS = 120


def find_teasers(lines: list[Line], labels: PageLabels, heading: int) -> tuple[Teaser, ...]:
    """Return the teasers below the Top News heading: a title, a summary or both."""
    item_lines: list[Line] = []
    for n in range(heading + 1, _find_block_end(lines, heading)):
        line = lines[n]
        date = labels.date_formats.search(line.text)
        # A row that ends in a date belongs to another listing.
        if labels.boilerplate.is_footer(line.text) or (date and date.end() >= len(line.text) - 1):
            break
        if (
            item_lines
            and line.tag in ("h1", "h2", "h3", "h4")
            and not line.href
            and line.tag <= lines[heading].tag
        ):
            break
        if line.text:
            item_lines.append(line)
    teasers: list[Teaser] = []
    title: Line | None = None
    for line in item_lines:
        text = line.text.lstrip("•·*◆■- ")
        if _is_teaser_title(line, text):
            if title is not None:
                teasers.append(Teaser(title.text, None, title.href))
            title = Line(text, link=line.link)
        else:
            teasers.append(
                Teaser(title.text if title else None, text, (title.href if title else None) or line.href)
            )
            title = None
    if title is not None:
        teasers.append(Teaser(title.text, None, title.href))
    return tuple(teasers)


def _find_block_end(lines: list[Line], heading: int) -> int:
    """Return the index after the last line of the block that the heading begins."""
    box = lines[heading].box
    for depth in range(len(box) - 1, 0, -1):
        outer_box = box[:depth]
        last = heading
        while last + 1 < len(lines) and lines[last + 1].box[:depth] == outer_box:
            last += 1
        if last == heading:
            continue
        if heading and lines[heading - 1].box[:depth] != outer_box:
            return last + 1
        # The heading is among the article's own boxes. If the items share a box, the block ends with it.
        first_item = lines[heading + 1].box
        if len(first_item) > depth + 1:
            last = heading + 1
            while last + 1 < len(lines) and lines[last + 1].box[: depth + 1] == first_item[: depth + 1]:
                last += 1
        return last + 1
    return len(lines)


def _is_teaser_title(line: Line, text: str) -> bool:
    if line.tag.startswith("h"):
        return True
    is_sentence = text.endswith((".", "。", "…", '."', ".”")) or (
        text.endswith(("!", '!"')) and not line.is_link
    )
    return len(text) <= _MAX_TITLE_CHARS and not is_sentence
