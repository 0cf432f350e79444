"""The bounds of an article among the lines of its page."""

from __future__ import annotations

from itertools import accumulate

from newsetl.parse.breadcrumb import Breadcrumb
from newsetl.parse.landmarks import PageLabels
from newsetl.parse.lines import Line, PageLines
from newsetl.parse.metadata_line import MetadataLine

# An article's head, from the metadata line to the text, has so many characters at most.
_LONGEST_HEAD, _SHORTEST_TITLE = 300, 20


def first_line(
    sheet: PageLines, title_at: int, position: Breadcrumb | None, metadata: MetadataLine | None
) -> int:
    first = metadata.last if metadata else max(title_at, position.last if position else -1)
    if not sheet.has_content:
        return first + 1
    # Between the markers all is the article's, wherever the metadata line stands.
    begin = next((n for n, line in enumerate(sheet.lines) if line.is_content), first + 1)
    return begin if begin > first or not sheet.lines[first].is_content else first + 1


def metadata_below(
    lines: list[Line], marks: PageLabels, title_at: int, metadata: MetadataLine | None
) -> MetadataLine | None:
    """The metadata line, if the text stands above it and not below."""
    if metadata is None or not marks.is_metadata_last:
        return None
    above, below = (
        sum(len(lines[n].text) for n in texts if marks.is_prose(lines[n]))
        for texts in (range(title_at + 1, metadata.first), range(metadata.last + 1, len(lines)))
    )
    return metadata if above > below else None


def closing_lines(lines: list[Line], marks: PageLabels, editors: list[int], texts: range) -> list[int]:
    """The editor lines that end the text.

    One in the article's head does not: the text stands below it and none above, with no list between.
    """
    prose = next((n for n in texts if marks.is_prose(lines[n])), None)
    if prose is None:
        return [n for n in editors if n in texts]
    shown = next((n for n in texts if lines[n].pictures or marks.credit.find(lines[n].text)), prose)
    sizes = accumulate(len(lines[n].text) for n in texts)
    full = next((n for n, size in zip(texts, sizes, strict=True) if size > _LONGEST_HEAD), prose)
    other = max((n for n in range(texts.start, prose) if _is_other_article(lines[n], marks)), default=-1)
    return [n for n in editors if n in texts and not other < n < min(prose, shown, full)]


def _is_other_article(line: Line, marks: PageLabels) -> bool:
    is_title = (
        line.is_link and len(line.text) >= _SHORTEST_TITLE and not marks.boilerplate.is_boilerplate(line.text)
    )
    return is_title or marks.boilerplate.is_teaser_heading(line.text)


def teaser_heading(lines: list[Line], marks: PageLabels, start: int, closing: list[int]) -> int | None:
    """The heading of the Top News block. Its words may also stand alone in mid-article.

    It comes after the editor or has links below it; without an editor and links it is the last one.
    """
    headings = [n for n in range(start, len(lines)) if marks.boilerplate.is_teaser_heading(lines[n].text)]
    for n in headings:
        if (closing and closing[0] < n) or any(line.is_link for line in lines[n + 1 : n + 4]):
            return n
    return headings[-1] if headings and not closing else None


def lines_in_box(lines: list[Line], own: list[int], marks: PageLabels, start: int) -> list[int]:
    """The lines `own` in the smallest box around the metadata line that has the text in it.

    Used where neither an editor nor Top News says where the article ends.
    """
    around = lines[start - 1].box if start else ()
    own = _drop_listing_rows(lines, own, marks)
    prose = {
        n: len(lines[n].text) for n in own if not lines[n].is_link and not marks.credit.find(lines[n].text)
    }
    whole = sum(prose.values())
    for depth in range(len(around), -1, -1):
        inside = [n for n in own if lines[n].box[:depth] == around[:depth]]
        if sum(prose.get(n, 0) for n in inside) >= min(whole * 0.5, 2000) > 0:
            return inside
    return own


def _drop_listing_rows(lines: list[Line], own: list[int], marks: PageLabels) -> list[int]:
    """The lines `own` up to a list of other articles: rows that end in a date with its time."""
    for place, n in enumerate(own):
        date = marks.date_formats.search(lines[n].text)
        if date and date.groupdict().get("hour") and date.end() == len(lines[n].text):
            before = lines[own[place - 1]] if place else None
            is_heading = (
                before is not None
                and before.box[:-1] in (lines[n].box[:-1], lines[n].box[:-2])
                and len(before.text) <= 40
                and not before.text.endswith((".", "。", "”", '"'))
            )
            return own[: place - is_heading]
    return own
