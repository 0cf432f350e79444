"""Body of an article: paragraphs, pictures, byline, editors and teasers."""

from __future__ import annotations

from dataclasses import dataclass, field

from newsetl.model import Image, Teaser
from newsetl.parse import article_bounds
from newsetl.parse.breadcrumb import Breadcrumb
from newsetl.parse.lines import Line, PageLines
from newsetl.parse.metadata_line import MetadataLine
from newsetl.parse.page_labels import PageLabels
from newsetl.parse.paragraphs import classify_lines
from newsetl.parse.teasers import find_teasers


@dataclass(slots=True)
class ArticleBody:
    """Fields of the article's own lines. `found` maps a field to its provenance."""

    byline: str | None = None
    editor: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    teasers: tuple[Teaser, ...] = ()
    found: dict[str, str] = field(default_factory=dict)


def parse_body(
    page_lines: PageLines,
    labels: PageLabels,
    title: str,
    title_at: int,
    breadcrumb: Breadcrumb | None,
    metadata: MetadataLine | None,
    *,
    date_at: int | None,
) -> ArticleBody:
    """Parse the article's own lines of `page_lines`.

    `title_at` is the index of the title's line or -1. `date_at` is the index of the line that is only a
    date.
    """
    lines = page_lines.lines
    metadata_below = article_bounds.find_metadata_below(lines, labels, title_at, metadata)
    start = article_bounds.find_start(page_lines, title_at, breadcrumb, None if metadata_below else metadata)
    content_end = max((n for n in range(start, len(lines)) if lines[n].is_content), default=start)
    footer_lines = (n for n in range(content_end, len(lines)) if labels.boilerplate.is_footer(lines[n].text))
    footer = next(footer_lines, len(lines))
    if metadata_below:
        footer = min(footer, metadata_below.first)
    is_above = metadata and title_at >= 0 and not metadata_below
    head_lines = range(title_at + 1, metadata.first) if metadata and is_above else range(0)
    editors = [n for n in (*head_lines, *range(start, footer)) if _is_editor_line(lines, labels, n)]
    closing = article_bounds.find_closing(lines, labels, editors, range(start, footer))
    heading = article_bounds.find_teaser_heading(lines, labels, start, closing)
    limit = min(heading if heading is not None else footer, footer)
    editors, closing = ([n for n in indexes if n < limit] for indexes in (editors, closing))
    body = ArticleBody()
    end = closing[-1] if closing else limit
    if page_lines.has_content:
        article_lines = [n for n in range(start, end) if lines[n].is_content]
        body.found["paragraphs"] = page_lines.content_provenance
    else:
        article_lines = list(range(start, end))
        if not closing and heading is None and page_lines.is_html:
            article_lines = article_bounds.get_lines_in_box(lines, article_lines, labels, start)
        anchor = "metadata line" if metadata and not metadata_below else "title"
        body.found["paragraphs"] = f"lines after the {anchor}"
    body.editor = _get_editors(lines, labels, editors, limit)
    if page_lines.has_content:
        # A printed edition has its byline above the text.
        article_lines = [
            *(n for n in range(max(title_at + 1, 1), start) if _is_byline(lines[n], labels, metadata)),
            *article_lines,
        ]
    excluded = {*editors, date_at}
    classified = classify_lines(
        [lines[n] for n in article_lines if n not in excluded], labels, title, metadata
    )
    body.byline, body.paragraphs, body.images = classified.byline, classified.paragraphs, classified.images
    body.editor = (*classified.editors, *body.editor)
    if body.byline is not None:
        body.found["byline"] = "By line"
    if body.images:
        body.found["images"] = "pictures" if any(image.url for image in body.images) else "photo marks"
    if body.editor:
        body.found["editor"] = "editor line"
    if heading is not None:
        body.teasers = find_teasers(lines, labels, heading)
        body.found["teasers"] = f"below {lines[heading].text!r}"
    return body


def _is_editor_line(lines: list[Line], labels: PageLabels, n: int) -> bool:
    return labels.editor_line.match_names(lines[n].text) is not None and not labels.editor_line.is_edited_by(
        lines[n].text
    )


def _get_editors(lines: list[Line], labels: PageLabels, indexes: list[int], limit: int) -> tuple[str, ...]:
    """Return the editors' names in page order. A bare label takes the short line in the next box."""
    names = []
    for n in indexes:
        name = labels.editor_line.match_names(lines[n].text) or ""
        next_line = lines[n + 1] if n + 1 < min(limit, len(lines)) else None
        if (
            not name
            and next_line
            and next_line.box[:-1] == lines[n].box[:-1] != ()
            and len(next_line.text) <= 40
        ):
            name = next_line.text
        names.append(name)
    return tuple(filter(None, names))


def _is_byline(line: Line, labels: PageLabels, metadata: MetadataLine | None) -> bool:
    author = metadata.author if metadata else None
    return labels.byline.match_names(line.text, is_lower=False, author=author) is not None
