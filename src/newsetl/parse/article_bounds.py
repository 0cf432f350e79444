"""First and last line of an article within its page."""

from __future__ import annotations

from itertools import accumulate

from newsetl.parse.breadcrumb import Breadcrumb
from newsetl.parse.lines import Line, PageLines
from newsetl.parse.metadata_line import MetadataLine
from newsetl.parse.page_labels import PageLabels

# The head reaches from the metadata line to the text. A link of a title's length is another article.
_MAX_HEAD_CHARS, _MIN_TITLE_CHARS = 300, 20


def find_start(
    page_lines: PageLines, title_at: int, breadcrumb: Breadcrumb | None, metadata: MetadataLine | None
) -> int:
    """Return the index of the first line after the article's head."""
    head_end = metadata.last if metadata else max(title_at, breadcrumb.last if breadcrumb else -1)
    if not page_lines.has_content:
        return head_end + 1
    # All lines between the content markers belong to the article, even those above the metadata line.
    content_start = next(
        (index for index, line in enumerate(page_lines.lines) if line.is_content), head_end + 1
    )
    return (
        content_start
        if content_start > head_end or not page_lines.lines[head_end].is_content
        else head_end + 1
    )


def find_metadata_below(
    lines: list[Line], labels: PageLabels, title_at: int, metadata: MetadataLine | None
) -> MetadataLine | None:
    """Return the metadata line if the article's text is above it, else None."""
    if metadata is None or not labels.is_metadata_last:
        return None
    above, below = (
        sum(len(lines[n].text) for n in span if labels.is_prose(lines[n]))
        for span in (range(title_at + 1, metadata.first), range(metadata.last + 1, len(lines)))
    )
    return metadata if above > below else None


def find_closing(lines: list[Line], labels: PageLabels, editors: list[int], span: range) -> list[int]:
    """Return the indexes in `span` of the editor lines that end the text.

    Editor lines in the article's head are left out: the text follows them, and no text, picture or
    other article precedes them.
    """
    first_prose = next((n for n in span if labels.is_prose(lines[n])), None)
    if first_prose is None:
        return [n for n in editors if n in span]
    first_picture = next(
        (n for n in span if lines[n].pictures or labels.photo_credit.find(lines[n].text)), first_prose
    )
    sizes = accumulate(len(lines[n].text) for n in span)
    head_limit = next((n for n, size in zip(span, sizes, strict=True) if size > _MAX_HEAD_CHARS), first_prose)
    last_other = max(
        (n for n in range(span.start, first_prose) if _is_other_article(lines[n], labels)), default=-1
    )
    return [
        n for n in editors if n in span and not last_other < n < min(first_prose, first_picture, head_limit)
    ]


def _is_other_article(line: Line, labels: PageLabels) -> bool:
    is_title = (
        line.is_link
        and len(line.text) >= _MIN_TITLE_CHARS
        and not labels.boilerplate.is_boilerplate(line.text)
    )
    return is_title or labels.boilerplate.is_teaser_heading(line.text)


def find_teaser_heading(lines: list[Line], labels: PageLabels, start: int, closing: list[int]) -> int | None:
    """Return the index of the heading of the Top News block, or None.

    The same words may also be a line of the article. The block's heading follows the editor line or has
    links below it. If no heading does and there is no editor line, return the last one.
    """
    headings = [n for n in range(start, len(lines)) if labels.boilerplate.is_teaser_heading(lines[n].text)]
    for n in headings:
        if (closing and closing[0] < n) or any(line.is_link for line in lines[n + 1 : n + 4]):
            return n
    return headings[-1] if headings and not closing else None


def get_lines_in_box(
    lines: list[Line], article_lines: list[int], labels: PageLabels, start: int
) -> list[int]:
    """Return those of `article_lines` in the smallest box with the metadata line and the text.

    Used if neither an editor line nor a Top News block ends the article.
    """
    outer_box = lines[start - 1].box if start else ()
    article_lines = _drop_listing_rows(lines, article_lines, labels)
    chars_by_line = {
        n: len(lines[n].text)
        for n in article_lines
        if not lines[n].is_link and not labels.photo_credit.find(lines[n].text)
    }
    total_chars = sum(chars_by_line.values())
    for depth in range(len(outer_box), -1, -1):
        inside = [n for n in article_lines if lines[n].box[:depth] == outer_box[:depth]]
        if sum(chars_by_line.get(n, 0) for n in inside) >= min(total_chars * 0.5, 2000) > 0:
            return inside
    return article_lines


def _drop_listing_rows(lines: list[Line], article_lines: list[int], labels: PageLabels) -> list[int]:
    """Return `article_lines` up to a listing, whose rows end in a date with a time."""
    for index, n in enumerate(article_lines):
        date = labels.date_formats.search(lines[n].text)
        if date and date.groupdict().get("hour") and date.end() == len(lines[n].text):
            before = lines[article_lines[index - 1]] if index else None
            is_heading = (
                before is not None
                and before.box[:-1] in (lines[n].box[:-1], lines[n].box[:-2])
                and len(before.text) <= 40
                and not before.text.endswith((".", "。", "”", '"'))
            )
            return article_lines[: index - is_heading]
    return article_lines
