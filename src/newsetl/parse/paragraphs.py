"""Classification of an article's lines: paragraphs, byline, editors and pictures with captions."""

from __future__ import annotations

from dataclasses import dataclass

from newsetl.model import Image
from newsetl.parse.caption_credit import split_credit
from newsetl.parse.captions import CaptionMatcher
from newsetl.parse.lines import Line
from newsetl.parse.metadata_line import MetadataLine
from newsetl.parse.page_labels import PageLabels

# A longer text before a photo credit is a paragraph with the credit glued to its end.
_MAX_CAPTION_CHARS = 450
_MAX_UNCREDITED_CHARS = 200
# The byline is searched in these lines from the start and from the end.
_BYLINE_LINES_FROM_START, _BYLINE_LINES_FROM_END = 8, 3
# A linked sentence is a paragraph if another paragraph is this near.
_MAX_SIBLING_LINES, _MIN_LINKED_CHARS = 3, 40


@dataclass(frozen=True, slots=True)
class ClassifiedLines:
    """Lines of an article by kind."""

    byline: str | None
    editors: tuple[str, ...]
    paragraphs: tuple[str, ...]
    images: tuple[Image, ...]


def classify_lines(
    lines: list[Line], labels: PageLabels, title: str, metadata: MetadataLine | None
) -> ClassifiedLines:
    """Classify the article's lines as paragraphs, byline, editors, and pictures with captions."""
    is_lower = all(line.text == line.text.lower() for line in lines)
    author = metadata.author if metadata else None
    byline: str | None = None
    paragraphs: list[str] = []
    editors: list[str] = []
    matcher = CaptionMatcher()

    def add_text(text: str, index: int) -> None:
        nonlocal byline
        if (names := labels.editor_line.match_names(text)) is not None:
            editors.append(names)
        elif (
            byline is None
            and (index < _BYLINE_LINES_FROM_START or index >= len(lines) - _BYLINE_LINES_FROM_END)
            and (names := labels.byline.match_names(text, is_lower=is_lower, author=author)) is not None
        ):
            byline = names
        else:
            text, editor = labels.editor_line.split_editor(text)
            if editor:
                editors.append(editor)
            if text:
                paragraphs.append(text)

    for index, line in enumerate(lines):
        for picture in line.pictures:
            credit = labels.photo_credit.find(picture.caption or "")
            matcher.add_picture(
                picture.url,
                credit.before if credit else picture.caption,
                credit.credit if credit else None,
                len(paragraphs),
            )
        text = line.text
        is_navigation = (
            (line.is_link or line.is_menu) and not line.pictures and not labels.photo_credit.find(text)
        )
        if is_navigation and not _is_linked_paragraph(lines, index, labels):
            # A line of links only is navigation.
            continue
        if (line.tag == "h1" and text == title) or labels.boilerplate.is_boilerplate(text):
            continue
        previous = lines[index - 1] if index else None
        # A cell or a centred line below a picture is its caption, even without a credit.
        is_below = (
            (line.tag == "td" or line.is_centered)
            and previous is not None
            and previous.pictures
            and not previous.text
        )
        is_caption = (
            line.tag == "figcaption"
            or (is_below and len(text) <= _MAX_UNCREDITED_CHARS)
            or (line.tag == "caption" and _is_beside_picture(lines, index))
        )
        if is_caption and not labels.photo_credit.find(text):
            caption, photographer = split_credit(text)
            matcher.add_caption(caption or None, photographer or None, len(paragraphs))
            continue
        while text and (credit := labels.photo_credit.find(text)):
            before, byline_names = (
                credit.before,
                labels.byline.match_names(credit.before, is_lower=is_lower, author=author),
            )
            if not before and not credit.after and _is_caption_above(lines, index, paragraphs):
                # Picture, caption and credit are each on their own line.
                before = paragraphs.pop()
            if byline_names is not None:
                add_text(before, index)
                before = ""
            if len(before) > _MAX_CAPTION_CHARS:
                paragraphs.append(before)
                before = ""
            if credit.after[:1].islower() and not is_lower and before:
                # The sentence continues: the credit is within a paragraph.
                matcher.add_caption(None, credit.credit, len(paragraphs))
                text = f"{before} {credit.after}"
                continue
            matcher.add_caption(before or None, credit.credit, len(paragraphs))
            text = credit.after.lstrip(" .;|")
        if text and not matcher.is_caption(text):
            add_text(text, index)
    return ClassifiedLines(byline, tuple(filter(None, editors)), tuple(paragraphs), matcher.match_images())


def _is_linked_paragraph(lines: list[Line], index: int, labels: PageLabels) -> bool:
    """Return True for a link between two paragraphs, or a linked sentence near a paragraph."""
    line = lines[index]
    if line.is_menu or not line.box:
        return False

    def is_sibling(other: Line) -> bool:
        return other.box[:-1] == line.box[:-1] and labels.is_prose(other)

    before, after = (
        lines[max(0, index - _MAX_SIBLING_LINES) : index],
        lines[index + 1 : index + 1 + _MAX_SIBLING_LINES],
    )
    if any(map(is_sibling, before[-1:])) and any(map(is_sibling, after[:1])):
        return True
    is_sentence = line.text.endswith((".", "。", '."', ".”")) and len(line.text) >= _MIN_LINKED_CHARS
    return is_sentence and any(map(is_sibling, (*before, *after)))


def _is_beside_picture(lines: list[Line], index: int) -> bool:
    return any(line.pictures for line in lines[max(0, index - 1) : index + 2])


def _is_caption_above(lines: list[Line], index: int, paragraphs: list[str]) -> bool:
    return (
        index >= 2
        and bool(lines[index - 2].pictures)
        and not lines[index - 2].text
        and paragraphs[-1:] == [lines[index - 1].text]
        and len(lines[index - 1].text) <= _MAX_UNCREDITED_CHARS
    )
