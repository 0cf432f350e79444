"""The By line of an article."""

from __future__ import annotations

import re

from newsetl.parse.label_patterns import COLON, any_of, compiled
from newsetl.parse.name_lists import NameLists
from newsetl.sources.config import ParseConfig
from newsetl.text.whitespace import DEGREE

_LONGEST_LINE = 120


class BylinePatterns:
    """The patterns of a source's By lines."""

    def __init__(self, read: ParseConfig, names: NameLists) -> None:
        self._names = names
        apart = rf"(?:{COLON}|\s+|(?<=[\u3400-\u9fff])\s*)"
        self._by = compiled(rf"^{any_of(read.by_labels)}{apart}(?P<names>\S.*)$")

    def begins(self, text: str) -> bool:
        """True for a line that begins as a By line does, whatever follows."""
        return self._by.match(text) is not None

    def names(self, text: str, *, is_lower: bool, author: str | None) -> str | None:
        """The names of a By line; None if `text` is none, as "By 2030, …" or "By the Numbers" are not.

        `is_lower` says that the page is in lower case throughout; `author` is the metadata line's value.
        """
        found = self._by.match(text) if len(text) <= _LONGEST_LINE else None
        if not found:
            return None
        names = found.group("names").strip()
        if self._names.is_unsplit_name(names) or (author and names.casefold() == author.casefold()):
            return names
        bare = re.sub(rf"\s*,\s*{DEGREE.pattern}(?=\s*(?:[,、&]|and\b|$))", "", names, flags=re.IGNORECASE)
        if re.search(r"\d|[.!?:;]$|[.!?]\s+[A-Z]", bare):
            return None
        is_full = re.search(r"\S\s+\S|[^\x00-\x7f]", names)
        return names if is_full and self._names.is_name_list(bare, is_lower=is_lower) else None
