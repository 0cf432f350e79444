"""The Top News block: titles with their summaries, and where it ends."""

from __future__ import annotations

from newsetl.model import Teaser
from newsetl.parse.landmarks import PageLabels
from newsetl.parse.lines import Line

_LONGEST_TEASER_TITLE = 120


def find_teasers(lines: list[Line], marks: PageLabels, heading: int) -> tuple[Teaser, ...]:
    """The items below the Top News heading: a title with its summary, or a summary alone behind a bullet."""
    items: list[Line] = []
    for n in range(heading + 1, _find_block_end(lines, heading)):
        line = lines[n]
        date = marks.date_formats.search(line.text)
        # A row with its date belongs to some other list.
        if marks.boilerplate.is_footer(line.text) or (date and date.end() >= len(line.text) - 1):
            break
        if (
            items
            and line.tag in ("h1", "h2", "h3", "h4")
            and not line.href
            and line.tag <= lines[heading].tag
        ):
            break
        if line.text:
            items.append(line)
    made: list[Teaser] = []
    title: Line | None = None
    for line in items:
        text = line.text.lstrip("•·*◆■- ")
        if _is_teaser_title(line, text):
            if title is not None:
                made.append(Teaser(title.text, None, title.href))
            title = Line(text, link=line.link)
        else:
            made.append(
                Teaser(title.text if title else None, text, (title.href if title else None) or line.href)
            )
            title = None
    if title is not None:
        made.append(Teaser(title.text, None, title.href))
    return tuple(made)


def _find_block_end(lines: list[Line], heading: int) -> int:
    """Index after the last line of the block that the heading begins."""
    box = lines[heading].box
    for depth in range(len(box) - 1, 0, -1):
        around = box[:depth]
        last = heading
        while last + 1 < len(lines) and lines[last + 1].box[:depth] == around:
            last += 1
        if last == heading:
            continue
        if heading and lines[heading - 1].box[:depth] != around:
            return last + 1
        # The heading stands among the article's own boxes. Items in one box after it end with that box.
        first = lines[heading + 1].box
        if len(first) > depth + 1:
            last = heading + 1
            while last + 1 < len(lines) and lines[last + 1].box[: depth + 1] == first[: depth + 1]:
                last += 1
        return last + 1
    return len(lines)


def _is_teaser_title(line: Line, text: str) -> bool:
    if line.tag.startswith("h"):
        return True
    is_sentence = text.endswith((".", "。", "…", '."', ".”")) or (
        text.endswith(("!", '!"')) and not line.is_link
    )
    return len(text) <= _LONGEST_TEASER_TITLE and not is_sentence
