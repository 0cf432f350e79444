"""The landmarks of an article page, by which a source's file says how to read it.

The forms are those of the 31 rows of the channel's facts.
"""

from __future__ import annotations

from functools import lru_cache

from newsetl.parse.boilerplate import BoilerplatePatterns
from newsetl.parse.breadcrumb import BreadcrumbPatterns
from newsetl.parse.byline import BylinePatterns
from newsetl.parse.editor_line import EditorLinePatterns
from newsetl.parse.lines import Line
from newsetl.parse.metadata_line import MetadataLinePatterns
from newsetl.parse.name_lists import NameLists
from newsetl.parse.photo_credit import PhotoCreditPatterns
from newsetl.sources.config import ParseConfig
from newsetl.text.whitespace import SENTENCE_END

_SHORTEST_PROSE, _SURE_PROSE = 20, 80


class PageLabels:
    """The patterns of one source, compiled once. `whole_names` are desks and papers, never split."""

    def __init__(self, read: ParseConfig, unsplit_names: tuple[str, ...]) -> None:
        self.date_formats = read.date_formats
        self.is_metadata_last = read.is_metadata_last
        self.names = NameLists(unsplit_names)
        self.breadcrumb = BreadcrumbPatterns(read)
        self.byline = BylinePatterns(read, self.names)
        self.match_editor = EditorLinePatterns(read)
        self.credit = PhotoCreditPatterns(read)
        self.boilerplate = BoilerplatePatterns(read)
        self.find_metadata = MetadataLinePatterns(
            read, names=self.names, bylines=self.byline, editors=self.match_editor, credits=self.credit
        )

    @staticmethod
    @lru_cache(maxsize=64)
    def get_cached(read: ParseConfig, unsplit_names: tuple[str, ...]) -> PageLabels:
        """The same, made once for each source."""
        return PageLabels(read, unsplit_names)

    def find_date_line(self, lines: list[Line]) -> int | None:
        """Index of a line that is a date and little else, as the head of a printed edition has."""
        for index, line in enumerate(lines):
            found = self.date_formats.search(line.text)
            if found and not line.is_link:
                rest = len(line.text) - len(found.group())
                is_head = found.start() == 0 and rest <= 40 and line.box and not line.is_content
                if rest <= 12 or (is_head and not SENTENCE_END.search(line.text)):
                    return index
        return None

    def is_prose(self, line: Line) -> bool:
        """True for a line that only the text of an article has: a sentence, or nearly that long."""
        text = line.text
        return (
            len(text) >= _SHORTEST_PROSE
            and bool(len(text) >= _SURE_PROSE or SENTENCE_END.search(text))
            and not (
                line.is_link
                or line.is_menu
                or self.credit.find(text)
                or self.boilerplate.is_boilerplate(text)
            )
            and self.match_editor.names(text) is None
            and self.byline.names(text, is_lower=False, author=None) is None
        )
