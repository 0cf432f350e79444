"""Byline of an article."""

from __future__ import annotations

import re

from newsetl.parse.label_patterns import COLON, build_alternation, compile_pattern
from newsetl.parse.name_lists import NameLists
from newsetl.sources.config import ParseConfig
from newsetl.text.whitespace import DEGREE, PLACE

_MAX_LINE_CHARS = 120


class BylinePatterns:
    """Byline patterns of one source."""

    def __init__(self, config: ParseConfig, name_lists: NameLists) -> None:
        self._name_lists = name_lists
        separator = rf"(?:{COLON}|\s+|(?<=[\u3400-\u9fff])\s*)"
        self._byline_pattern = compile_pattern(
            rf"^{build_alternation(config.by_labels)}{separator}(?P<names>\S.*)$"
        )

    def is_start(self, text: str) -> bool:
        """Return True for a line that begins with a byline label."""
        return self._byline_pattern.match(text) is not None

    def match_names(self, text: str, *, is_lower: bool, author: str | None) -> str | None:
        """Return the names of a byline, or None if `text` is no byline.

        "By 2030, …" and "By the Numbers" are no bylines. `is_lower` means that the page is all in lower case.
        `author` is the author in the metadata line.
        """
        match = self._byline_pattern.match(text) if len(text) <= _MAX_LINE_CHARS else None
        if not match:
            return None
        names = match.group("names").strip()
        if self._name_lists.is_unsplit_name(names) or (author and names.casefold() == author.casefold()):
            return names
        without_degrees = re.sub(
            rf"\s*,\s*{DEGREE.pattern}(?=\s*(?:[,、&]|and\b|$))",
            "",
            PLACE.sub("", names),
            flags=re.IGNORECASE,
        )
        if re.search(r"\d|[.!?:;]$|[.!?]\s+[A-Z]", without_degrees):
            return None
        has_full_name = re.search(r"\S\s+\S|[^\x00-\x7f]", names)
        return (
            names
            if has_full_name and self._name_lists.is_name_list(without_degrees, is_lower=is_lower)
            else None
        )
