"""Lines of a page that are no text of its article: tools, footers and the heading of the teasers."""

from __future__ import annotations

import re

from newsetl.parse.label_patterns import any_of, compiled
from newsetl.sources.config import ParseConfig

_LONGEST_LINE = 120


class BoilerplatePatterns:
    """The patterns of a source's lines around the article."""

    def __init__(self, read: ParseConfig) -> None:
        self._teasers = compiled(rf"^[\s•*·]*{any_of(read.teaser_headings)}\s*[:：]?$")
        self._footers = tuple(read.footer_patterns)
        self._tools = tuple(read.boilerplate_patterns)

    def is_teaser_heading(self, text: str) -> bool:
        """True for the heading of the Top News block."""
        return self._teasers.match(text) is not None

    def is_boilerplate(self, text: str) -> bool:
        """True for a row of the page's own tools, such as a click counter or a choice of font sizes."""
        return len(text) <= _LONGEST_LINE and _is_any(self._tools, text)

    def is_footer(self, text: str) -> bool:
        """True for a line that stands below every article."""
        return _is_any(self._footers, text)


def _is_any(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    # A page asks some hundred times, and a generator for `any` takes as long as the searches.
    for pattern in patterns:  # noqa: SIM110
        if pattern.search(text):
            return True
    return False
