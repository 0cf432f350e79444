"""The lines from the metadata line to the editor: paragraphs, pictures, By line; and the teasers."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate

from newsetl.model import Image, Teaser
from newsetl.parse.gallery import Gallery
from newsetl.parse.landmarks import Landmarks, Metadata, Position
from newsetl.parse.lines import Line, Sheet
from newsetl.parse.teasers import teasers_below

# A longer text before a photo mark is a paragraph of the article with the mark glued to its end.
_LONGEST_CAPTION = 450
_LONGEST_CREDITLESS = 200
# The By line is looked for among so many lines from the start, and so many from the end.
_BY_WITHIN, _BY_FROM_END = 8, 3
# An article's head, from the metadata line to the text, has so many characters at most.
_LONGEST_HEAD, _SHORTEST_TITLE = 300, 20
# A linked sentence is a paragraph if one stands among so many lines beside it.
_NEAR, _SHORTEST_LINKED = 3, 40


@dataclass(slots=True)
class Body:
    """What was read of the article's own lines."""

    byline: str | None = None
    editor: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    teasers: tuple[Teaser, ...] = ()
    found: dict[str, str] = field(default_factory=dict)


def read_body(
    sheet: Sheet,
    marks: Landmarks,
    title: str,
    title_at: int,
    position: Position | None,
    metadata: Metadata | None,
    *,
    dated: int | None,
) -> Body:
    """The article's own lines of `sheet`, told apart.

    `title_at` is the title's line or -1, `dated` the line with nothing but a date.
    """
    lines = sheet.lines
    below = _is_below(lines, marks, title_at, metadata)
    start = _start(sheet, title_at, position, None if below else metadata)
    content_end = max((n for n in range(start, len(lines)) if lines[n].is_content), default=start)
    footer = next((n for n in range(content_end, len(lines)) if marks.is_footer(lines[n].text)), len(lines))
    if below:
        footer = min(footer, below.first)
    is_above = metadata and title_at >= 0 and not below
    above = range(title_at + 1, metadata.first) if metadata and is_above else range(0)
    editors = [n for n in (*above, *range(start, footer)) if _is_editor_line(lines, marks, n)]
    closing = _closing(lines, marks, editors, range(start, footer))
    heading = _teaser_heading(lines, marks, start, closing)
    limit = min(heading if heading is not None else footer, footer)
    editors, closing = ([n for n in each if n < limit] for each in (editors, closing))
    body = Body()
    end = closing[-1] if closing else limit
    if sheet.has_content:
        own = [n for n in range(start, end) if lines[n].is_content]
        body.found["paragraphs"] = sheet.content_found
    else:
        own = list(range(start, end))
        if not closing and heading is None and sheet.is_html:
            own = _in_box(lines, own, marks, start)
        first = "metadata line" if metadata and not below else "title"
        body.found["paragraphs"] = f"lines after the {first}"
    body.editor = _editors(lines, marks, editors, limit)
    if sheet.has_content:
        # A printed edition has its By line above the text.
        own = [*(n for n in range(max(title_at + 1, 1), start) if _is_by(lines[n], marks, metadata)), *own]
    apart = {*editors, dated}
    _tell_apart(body, [lines[n] for n in own if n not in apart], marks, title, metadata)
    if body.editor:
        body.found["editor"] = "editor line"
    if heading is not None:
        body.teasers = teasers_below(lines, marks, heading)
        body.found["teasers"] = f"below {lines[heading].text!r}"
    return body


def _start(sheet: Sheet, title_at: int, position: Position | None, metadata: Metadata | None) -> int:
    first = metadata.last if metadata else max(title_at, position.last if position else -1)
    if not sheet.has_content:
        return first + 1
    # Between the markers all is the article's, wherever the metadata line stands.
    begin = next((n for n, line in enumerate(sheet.lines) if line.is_content), first + 1)
    return begin if begin > first or not sheet.lines[first].is_content else first + 1


def _is_below(
    lines: list[Line], marks: Landmarks, title_at: int, metadata: Metadata | None
) -> Metadata | None:
    """The metadata line, if the text stands above it and not below."""
    if metadata is None or not marks.is_metadata_last:
        return None
    above, below = (
        sum(len(lines[n].text) for n in texts if marks.is_prose(lines[n]))
        for texts in (range(title_at + 1, metadata.first), range(metadata.last + 1, len(lines)))
    )
    return metadata if above > below else None


def _closing(lines: list[Line], marks: Landmarks, editors: list[int], texts: range) -> list[int]:
    """The editor lines that end the text.

    One in the article's head does not: the text stands below it and none above, with no list between.
    """
    prose = next((n for n in texts if marks.is_prose(lines[n])), None)
    if prose is None:
        return [n for n in editors if n in texts]
    shown = next((n for n in texts if lines[n].pictures or marks.mark(lines[n].text)), prose)
    sizes = accumulate(len(lines[n].text) for n in texts)
    full = next((n for n, size in zip(texts, sizes, strict=True) if size > _LONGEST_HEAD), prose)
    other = max((n for n in range(texts.start, prose) if _is_of_others(lines[n], marks)), default=-1)
    return [n for n in editors if n in texts and not other < n < min(prose, shown, full)]


def _is_of_others(line: Line, marks: Landmarks) -> bool:
    is_title = line.is_link and len(line.text) >= _SHORTEST_TITLE and not marks.is_tool(line.text)
    return is_title or marks.is_teaser_heading(line.text)


def _teaser_heading(lines: list[Line], marks: Landmarks, start: int, closing: list[int]) -> int | None:
    """The heading of the Top News block. Its words may also stand alone in mid-article.

    It comes after the editor or has links below it; without an editor and links it is the last one.
    """
    headings = [n for n in range(start, len(lines)) if marks.is_teaser_heading(lines[n].text)]
    for n in headings:
        if (closing and closing[0] < n) or any(line.is_link for line in lines[n + 1 : n + 4]):
            return n
    return headings[-1] if headings and not closing else None


def _is_editor_line(lines: list[Line], marks: Landmarks, n: int) -> bool:
    return marks.editor(lines[n].text) is not None and not marks.is_edited_by(lines[n].text)


def _is_by(line: Line, marks: Landmarks, metadata: Metadata | None) -> bool:
    return marks.by(line.text, is_lower=False, author=metadata.author if metadata else None) is not None


def _editors(lines: list[Line], marks: Landmarks, at: list[int], limit: int) -> tuple[str, ...]:
    """The names of the editor lines, in page order; a label alone takes the short line beside it."""
    names = []
    for n in at:
        name = marks.editor(lines[n].text) or ""
        beside = lines[n + 1] if n + 1 < min(limit, len(lines)) else None
        if not name and beside and beside.box[:-1] == lines[n].box[:-1] != () and len(beside.text) <= 40:
            name = beside.text
        names.append(name)
    return tuple(filter(None, names))


def _in_box(lines: list[Line], own: list[int], marks: Landmarks, start: int) -> list[int]:
    """The lines `own` in the smallest box around the metadata line that has the text in it.

    Used where neither an editor nor Top News says where the article ends.
    """
    around = lines[start - 1].box if start else ()
    own = _without_rows(lines, own, marks)
    prose = {n: len(lines[n].text) for n in own if not lines[n].is_link and not marks.mark(lines[n].text)}
    whole = sum(prose.values())
    for depth in range(len(around), -1, -1):
        inside = [n for n in own if lines[n].box[:depth] == around[:depth]]
        if sum(prose.get(n, 0) for n in inside) >= min(whole * 0.5, 2000) > 0:
            return inside
    return own


def _without_rows(lines: list[Line], own: list[int], marks: Landmarks) -> list[int]:
    """The lines `own` up to a list of other articles: rows that end in a date with its time."""
    for place, n in enumerate(own):
        date = marks.dates.search(lines[n].text)
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


def _tell_apart(body: Body, own: list[Line], marks: Landmarks, title: str, metadata: Metadata | None) -> None:
    """Sort the article's lines into paragraphs, By line, editors and pictures with their captions."""
    is_lower = all(line.text == line.text.lower() for line in own)
    author = metadata.author if metadata else None
    paragraphs: list[str] = []
    edited_by: list[str] = []
    gallery = Gallery()

    def take(text: str, n: int) -> None:
        if (names := marks.editor(text)) is not None:
            edited_by.append(names)
        elif (
            body.byline is None
            and (n < _BY_WITHIN or n >= len(own) - _BY_FROM_END)
            and (names := marks.by(text, is_lower=is_lower, author=author)) is not None
        ):
            body.byline = names
            body.found["byline"] = "By line"
        else:
            text, editor = marks.without_editor(text)
            if editor:
                edited_by.append(editor)
            if text:
                paragraphs.append(text)

    for n, line in enumerate(own):
        for picture in line.pictures:
            mark = marks.mark(picture.caption or "")
            gallery.picture(
                picture.url,
                mark.before if mark else picture.caption,
                mark.credit if mark else None,
                len(paragraphs),
            )
        rest = line.text
        is_away = (line.is_link or line.is_menu) and not line.pictures and not marks.mark(rest)
        if is_away and not _is_linked_paragraph(own, n, marks):
            # A line that is nothing but links leads away from the article.
            continue
        if (line.tag == "h1" and rest == title) or marks.is_tool(rest):
            continue
        before_line = own[n - 1] if n else None
        # A cell or a centred line below a picture is its caption, credited or not.
        is_below = (
            (line.tag == "td" or line.is_centered)
            and before_line is not None
            and before_line.pictures
            and not before_line.text
        )
        if (line.tag == "figcaption" or (is_below and len(rest) <= _LONGEST_CREDITLESS)) and not marks.mark(
            rest
        ):
            gallery.caption(rest, None, len(paragraphs))
            continue
        while rest and (mark := marks.mark(rest)):
            before, editor = mark.before, marks.by(mark.before, is_lower=is_lower, author=author)
            if not before and not mark.after and _is_caption_above(own, n, paragraphs):
                # Picture, caption and credit each have a line of their own.
                before = paragraphs.pop()
            if editor is not None:
                take(before, n)
                before = ""
            if len(before) > _LONGEST_CAPTION:
                paragraphs.append(before)
                before = ""
            if mark.after[:1].islower() and not is_lower and before:
                # The sentence goes on: the mark stood within a paragraph.
                gallery.caption(None, mark.credit, len(paragraphs))
                rest = f"{before} {mark.after}"
                continue
            gallery.caption(before or None, mark.credit, len(paragraphs))
            rest = mark.after.lstrip(" .;|")
        if rest and not gallery.is_caption(rest):
            take(rest, n)
    body.editor = (*(name for name in edited_by if name), *body.editor)
    body.paragraphs = tuple(paragraphs)
    body.images = gallery.images()
    if body.images:
        body.found["images"] = "photo marks" if not any(image.url for image in body.images) else "pictures"


def _is_linked_paragraph(own: list[Line], n: int, marks: Landmarks) -> bool:
    """True for a link between two paragraphs, and for a sentence that is a link beside one of them."""
    line = own[n]
    if line.is_menu or not line.box:
        return False

    def is_sibling(other: Line) -> bool:
        return other.box[:-1] == line.box[:-1] and marks.is_prose(other)

    before, after = own[max(0, n - _NEAR) : n], own[n + 1 : n + 1 + _NEAR]
    if any(map(is_sibling, before[-1:])) and any(map(is_sibling, after[:1])):
        return True
    is_sentence = line.text.endswith((".", "。", '."', ".”")) and len(line.text) >= _SHORTEST_LINKED
    return is_sentence and any(map(is_sibling, (*before, *after)))


def _is_caption_above(own: list[Line], n: int, paragraphs: list[str]) -> bool:
    return (
        n >= 2
        and bool(own[n - 2].pictures)
        and not own[n - 2].text
        and paragraphs[-1:] == [own[n - 1].text]
        and len(own[n - 1].text) <= _LONGEST_CREDITLESS
    )
