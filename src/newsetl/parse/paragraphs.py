"""The article's lines as paragraphs, By line, editors, and pictures with their captions."""

from __future__ import annotations

from dataclasses import dataclass

from newsetl.model import Image
from newsetl.parse.captions import CaptionMatcher
from newsetl.parse.landmarks import PageLabels
from newsetl.parse.lines import Line
from newsetl.parse.metadata_line import MetadataLine

# A longer text before a photo mark is a paragraph of the article with the mark glued to its end.
_LONGEST_CAPTION = 450
_LONGEST_UNCREDITED = 200
# The By line is looked for among so many lines from the start, and so many from the end.
_BY_WITHIN, _BY_FROM_END = 8, 3
# A linked sentence is a paragraph if one stands among so many lines beside it.
_NEAR, _SHORTEST_LINKED = 3, 40


@dataclass(frozen=True, slots=True)
class Sorted:
    """The lines of an article by kind."""

    byline: str | None
    editors: tuple[str, ...]
    paragraphs: tuple[str, ...]
    images: tuple[Image, ...]


def sort_lines(own: list[Line], marks: PageLabels, title: str, metadata: MetadataLine | None) -> Sorted:
    """Sort the article's lines into paragraphs, By line, editors and pictures with their captions."""
    is_lower = all(line.text == line.text.lower() for line in own)
    author = metadata.author if metadata else None
    byline: str | None = None
    paragraphs: list[str] = []
    edited_by: list[str] = []
    gallery = CaptionMatcher()

    def take(text: str, n: int) -> None:
        nonlocal byline
        if (names := marks.match_editor.names(text)) is not None:
            edited_by.append(names)
        elif (
            byline is None
            and (n < _BY_WITHIN or n >= len(own) - _BY_FROM_END)
            and (names := marks.byline.names(text, is_lower=is_lower, author=author)) is not None
        ):
            byline = names
        else:
            text, editor = marks.match_editor.split_end(text)
            if editor:
                edited_by.append(editor)
            if text:
                paragraphs.append(text)

    for n, line in enumerate(own):
        for picture in line.pictures:
            mark = marks.credit.find(picture.caption or "")
            gallery.add_picture(
                picture.url,
                mark.before if mark else picture.caption,
                mark.credit if mark else None,
                len(paragraphs),
            )
        rest = line.text
        is_away = (line.is_link or line.is_menu) and not line.pictures and not marks.credit.find(rest)
        if is_away and not _is_linked_paragraph(own, n, marks):
            # A line that is nothing but links leads away from the article.
            continue
        if (line.tag == "h1" and rest == title) or marks.boilerplate.is_boilerplate(rest):
            continue
        before_line = own[n - 1] if n else None
        # A cell or a centred line below a picture is its caption, credited or not.
        is_below = (
            (line.tag == "td" or line.is_centered)
            and before_line is not None
            and before_line.pictures
            and not before_line.text
        )
        is_caption = line.tag == "figcaption" or (is_below and len(rest) <= _LONGEST_UNCREDITED)
        if is_caption and not marks.credit.find(rest):
            gallery.add_caption(rest, None, len(paragraphs))
            continue
        while rest and (mark := marks.credit.find(rest)):
            before, editor = mark.before, marks.byline.names(mark.before, is_lower=is_lower, author=author)
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
                gallery.add_caption(None, mark.credit, len(paragraphs))
                rest = f"{before} {mark.after}"
                continue
            gallery.add_caption(before or None, mark.credit, len(paragraphs))
            rest = mark.after.lstrip(" .;|")
        if rest and not gallery.is_caption(rest):
            take(rest, n)
    return Sorted(byline, tuple(filter(None, edited_by)), tuple(paragraphs), gallery.match_images())


def _is_linked_paragraph(own: list[Line], n: int, marks: PageLabels) -> bool:
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
        and len(own[n - 1].text) <= _LONGEST_UNCREDITED
    )
