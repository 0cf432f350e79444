"""Metadata line of an article: agency, date, author and editor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from newsetl.parse.byline import BylinePatterns
from newsetl.parse.editor_line import EditorLinePatterns
from newsetl.parse.label_patterns import (
    COLON,
    OPEN_BRACKET,
    build_alternation,
    compile_pattern,
    compile_value_labels,
)
from newsetl.parse.lines import Line
from newsetl.parse.name_lists import NameLists
from newsetl.parse.photo_credit import PhotoCreditPatterns
from newsetl.sources.config import ParseConfig
from newsetl.text.whitespace import SENTENCE_END

_BARS = re.compile(r"[|｜丨]+")
_MAX_LINE_CHARS = 300
_MAX_VALUE_CHARS = 80
# Lines of a metadata line, each a label or a value.
_MAX_LINES = 8
_NUMBER = re.compile(r"[\d,.]+\s*[万千kKmM+]?\s*次?")
# Lines of a page that one of the source's `metadata_patterns` may cover.
_MAX_FORM_LINES = 4


@dataclass(frozen=True, slots=True)
class MetadataLine:
    """Values of a metadata line as printed: "" for a label without a value, None without a label."""

    agency: str | None
    date: str | None
    author: str | None
    editor: str | None
    first: int
    last: int


class MetadataLinePatterns:
    """Metadata-line patterns of one source."""

    def __init__(
        self,
        config: ParseConfig,
        *,
        name_lists: NameLists,
        bylines: BylinePatterns,
        editors: EditorLinePatterns,
        credits: PhotoCreditPatterns,
    ) -> None:
        self._date_formats = config.date_formats
        self._name_lists, self._bylines, self._editors, self._credits = name_lists, bylines, editors, credits
        self._form_patterns = config.metadata_patterns
        self._label_pattern = compile_value_labels(config)
        self._source_label_pattern = compile_pattern(
            rf"^{OPEN_BRACKET}?\s*{build_alternation(config.source_labels)}{COLON}"
        )

    def find(self, lines: list[Line]) -> MetadataLine | None:
        """Return the first metadata line with an author label, else the first, else None."""
        if self._form_patterns:
            by_form = (
                metadata for index in range(len(lines)) if (metadata := self._match_form(lines, index))
            )
            if metadata := next(by_form, None):
                return metadata
        by_labels = [
            metadata for index in range(len(lines)) if (metadata := self._match_labels(lines, index))
        ]
        return next(
            (metadata for metadata in by_labels if metadata.author is not None),
            by_labels[0] if by_labels else None,
        )

    def _match_form(self, lines: list[Line], index: int) -> MetadataLine | None:
        """Match the source's `metadata_patterns` against as many lines from `index` on as possible."""
        texts = [line.text for line in _get_head_lines(lines, index)[:_MAX_FORM_LINES]]
        # A metadata line is one line or a few short ones, never prose.
        texts = texts[: next((n for n, text in enumerate(texts) if len(text) > _MAX_LINE_CHARS), len(texts))]
        for count in range(len(texts), 0, -1):
            text = "\n".join(texts[:count])
            for pattern in self._form_patterns if len(text) <= _MAX_LINE_CHARS else ():
                match = pattern.fullmatch(text)
                values = {name: value for name, value in match.groupdict().items() if value} if match else {}
                # A line may end between two values but not within a value.
                if not values or any("\n" in value for value in values.values()):
                    continue
                values = {name: value.strip(" ,;|()[]【】（）") for name, value in values.items()}
                agency, date, author, editor = map(values.get, ("agency", "date", "author", "editor"))
                return MetadataLine(agency, date, author, editor, index, index + count - 1)
        return None

    def _match_labels(self, lines: list[Line], index: int) -> MetadataLine | None:
        """Match the labels of a metadata line that begins at `index` and may continue on short lines."""
        text = lines[index].text
        # Every label has a colon, and few lines have one.
        may_have_label = len(text) <= _MAX_LINE_CHARS and (":" in text or "：" in text)
        label = self._label_pattern.search(text) if may_have_label else None
        if label is None or not (self._source_label_pattern.match(text) or self._date_formats.search(text)):
            return None
        last = index
        head_lines = _get_head_lines(lines, index)
        while not self._is_complete(text) and last + 1 < index + len(head_lines) and last < index + 6:
            next_text = lines[last + 1].text
            is_continued = (
                self._label_pattern.search(next_text)
                or self._date_formats.search(next_text)
                or _BARS.fullmatch(next_text)
            )
            if len(next_text) > _MAX_VALUE_CHARS or not (is_continued or self._is_value(text, next_text)):
                break
            if self._date_formats.search(text) and self._editors.has_form(next_text):
                break
            text, last = f"{text} {next_text}", last + 1
        values = self._get_values(text)
        if values.get("author") == "" and self._is_value_in_next_box(lines, last):
            values["author"], last = lines[last + 1].text, last + 1
        if "date" not in values:
            # With both labels, the text between the bars is a date in an unknown format.
            if "agency" not in values or "author" not in values:
                return None
            parts = _BARS.split(text)
            values["date"] = parts[1].strip() if len(parts) >= 3 else ""
        return MetadataLine(
            values.get("agency"), values["date"], values.get("author"), values.get("editor"), index, last
        )

    def _is_value(self, text: str, next_text: str) -> bool:
        """Return True if `text` ends in a label without a value, and `next_text` can be the value.

        A counter that a script fills has no value: 点击数：, Views:. A sentence is the first paragraph.
        """
        if not text.endswith((":", "：")) or SENTENCE_END.search(next_text):
            return False
        labels = list(self._label_pattern.finditer(text))
        return _NUMBER.fullmatch(next_text) is not None or (bool(labels) and labels[-1].end() == len(text))

    def _is_complete(self, text: str) -> bool:
        values = self._get_values(text)
        return "date" in values and "author" in values

    def _get_values(self, text: str) -> dict[str, str]:
        """Return the value of each label, up to the next label, bar or date."""
        values: dict[str, str] = {}
        date = self._date_formats.search(text)
        if date:
            values["date"] = date.group().strip()
            text = self._date_formats.replace_all("|", text)
        labels = list(self._label_pattern.finditer(text))
        for label, next_label in zip(labels, [*labels[1:], None], strict=True):
            value = text[label.end() : next_label.start() if next_label else len(text)]
            name = label.lastgroup or ""
            values.setdefault(name, _BARS.split(value)[0].strip(" ,;[]【】"))
        return values

    def _is_value_in_next_box(self, lines: list[Line], index: int) -> bool:
        """Return True if the line is a bare label and the line in the next box is its value."""
        if len(_get_head_lines(lines, index)) < 2 or not self._label_pattern.fullmatch(lines[index].text):
            return False
        line, next_line = lines[index], lines[index + 1]
        is_plain = not (
            next_line.is_menu or self._bylines.is_start(next_line.text) or self._credits.find(next_line.text)
        )
        is_sibling = line.box[:-1] == next_line.box[:-1] != ()
        return is_plain and is_sibling and self._name_lists.is_name_list(next_line.text, is_lower=False)


def _get_head_lines(lines: list[Line], index: int) -> list[Line]:
    """Return the next lines from `index` on, up to the content that a marker or selector marks."""
    nearby = lines[index : index + _MAX_LINES]
    is_content = lines[index].is_content
    return list(takewhile(lambda line: line.is_content == is_content, nearby))
