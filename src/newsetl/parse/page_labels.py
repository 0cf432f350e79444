"""Labels of an article page, as declared in a source file.

The forms of stdaily's labels are in the 31 rows of its facts.
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

_MIN_PROSE_CHARS, _SURE_PROSE_CHARS = 20, 80


class PageLabels:
    """Patterns of one source. `unsplit_names` are desks and publications, whose names are never split."""

    def __init__(self, config: ParseConfig, unsplit_names: tuple[str, ...]) -> None:
        self.date_formats = config.date_formats
        self.is_metadata_last = config.is_metadata_last
        self.name_lists = NameLists(unsplit_names)
        self.breadcrumb = BreadcrumbPatterns(config)
        self.byline = BylinePatterns(config, self.name_lists)
        self.editor_line = EditorLinePatterns(config)
        self.photo_credit = PhotoCreditPatterns(config)
        self.boilerplate = BoilerplatePatterns(config)
        self.metadata_line = MetadataLinePatterns(
            config,
            name_lists=self.name_lists,
            bylines=self.byline,
            editors=self.editor_line,
            credits=self.photo_credit,
        )

    @staticmethod
    @lru_cache(maxsize=64)
    def get_cached(config: ParseConfig, unsplit_names: tuple[str, ...]) -> PageLabels:
        """Return the patterns of a source, compiled once per source."""
        return PageLabels(config, unsplit_names)

    def find_date_line(self, lines: list[Line]) -> int | None:
        """Return the index of a line that is little more than a date, as in a printed edition's head."""
        for index, line in enumerate(lines):
            match = self.date_formats.search(line.text)
            if match and not line.is_link:
                rest_chars = len(line.text) - len(match.group())
                is_page_head = match.start() == 0 and rest_chars <= 40 and line.box and not line.is_content
                if rest_chars <= 12 or (is_page_head and not SENTENCE_END.search(line.text)):
                    return index
        return None

    def is_prose(self, line: Line) -> bool:
        """Return True for prose: at least 80 characters, or 20 with the end of a sentence."""
        text = line.text
        return (
            len(text) >= _MIN_PROSE_CHARS
            and bool(len(text) >= _SURE_PROSE_CHARS or SENTENCE_END.search(text))
            and not (
                line.is_link
                or line.is_menu
                or self.photo_credit.find(text)
                or self.boilerplate.is_boilerplate(text)
            )
            and self.editor_line.match_names(text) is None
            and self.byline.match_names(text, is_lower=False, author=None) is None
        )
