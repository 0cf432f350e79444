"""The body of an article: paragraphs, pictures, By line and editor; and the teasers below it."""

from __future__ import annotations

from dataclasses import dataclass, field

from newsetl.model import Image, Teaser
from newsetl.parse import article_bounds
from newsetl.parse.breadcrumb import Breadcrumb
from newsetl.parse.landmarks import PageLabels
from newsetl.parse.lines import Line, PageLines
from newsetl.parse.metadata_line import MetadataLine
from newsetl.parse.paragraphs import sort_lines
from newsetl.parse.teasers import find_teasers


@dataclass(slots=True)
class ArticleBody:
    """What was read of the article's own lines."""

    byline: str | None = None
    editor: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    teasers: tuple[Teaser, ...] = ()
    found: dict[str, str] = field(default_factory=dict)


def parse_body(
    page_lines: PageLines,
    marks: PageLabels,
    title: str,
    title_at: int,
    breadcrumb: Breadcrumb | None,
    metadata: MetadataLine | None,
    *,
    date_at: int | None,
) -> ArticleBody:
    """The article's own lines of `sheet`, told apart.

    `title_at` is the title's line or -1, `dated` the line with nothing but a date.
    """
    lines = page_lines.lines
    below = article_bounds.metadata_below(lines, marks, title_at, metadata)
    start = article_bounds.first_line(page_lines, title_at, breadcrumb, None if below else metadata)
    content_end = max((n for n in range(start, len(lines)) if lines[n].is_content), default=start)
    footers = (n for n in range(content_end, len(lines)) if marks.boilerplate.is_footer(lines[n].text))
    footer = next(footers, len(lines))
    if below:
        footer = min(footer, below.first)
    is_above = metadata and title_at >= 0 and not below
    above = range(title_at + 1, metadata.first) if metadata and is_above else range(0)
    editors = [n for n in (*above, *range(start, footer)) if _is_editor_line(lines, marks, n)]
    closing = article_bounds.closing_lines(lines, marks, editors, range(start, footer))
    heading = article_bounds.teaser_heading(lines, marks, start, closing)
    limit = min(heading if heading is not None else footer, footer)
    editors, closing = ([n for n in each if n < limit] for each in (editors, closing))
    body = ArticleBody()
    end = closing[-1] if closing else limit
    if page_lines.has_content:
        own = [n for n in range(start, end) if lines[n].is_content]
        body.found["paragraphs"] = page_lines.content_found
    else:
        own = list(range(start, end))
        if not closing and heading is None and page_lines.is_html:
            own = article_bounds.lines_in_box(lines, own, marks, start)
        first = "metadata line" if metadata and not below else "title"
        body.found["paragraphs"] = f"lines after the {first}"
    body.editor = _get_editors(lines, marks, editors, limit)
    if page_lines.has_content:
        # A printed edition has its By line above the text.
        own = [
            *(n for n in range(max(title_at + 1, 1), start) if _is_byline(lines[n], marks, metadata)),
            *own,
        ]
    apart = {*editors, date_at}
    kinds = sort_lines([lines[n] for n in own if n not in apart], marks, title, metadata)
    body.byline, body.paragraphs, body.images = kinds.byline, kinds.paragraphs, kinds.images
    body.editor = (*kinds.editors, *body.editor)
    if body.byline is not None:
        body.found["byline"] = "By line"
    if body.images:
        body.found["images"] = "pictures" if any(image.url for image in body.images) else "photo marks"
    if body.editor:
        body.found["editor"] = "editor line"
    if heading is not None:
        body.teasers = find_teasers(lines, marks, heading)
        body.found["teasers"] = f"below {lines[heading].text!r}"
    return body


def _is_editor_line(lines: list[Line], marks: PageLabels, n: int) -> bool:
    return marks.match_editor.names(lines[n].text) is not None and not marks.match_editor.is_edited_by(
        lines[n].text
    )


def _get_editors(lines: list[Line], marks: PageLabels, at: list[int], limit: int) -> tuple[str, ...]:
    """The names of the editor lines, in page order; a label alone takes the short line beside it."""
    names = []
    for n in at:
        name = marks.match_editor.names(lines[n].text) or ""
        beside = lines[n + 1] if n + 1 < min(limit, len(lines)) else None
        if not name and beside and beside.box[:-1] == lines[n].box[:-1] != () and len(beside.text) <= 40:
            name = beside.text
        names.append(name)
    return tuple(filter(None, names))


def _is_byline(line: Line, marks: PageLabels, metadata: MetadataLine | None) -> bool:
    author = metadata.author if metadata else None
    return marks.byline.names(line.text, is_lower=False, author=author) is not None
