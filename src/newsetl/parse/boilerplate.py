"""Boilerplate lines of a page: tool rows, footers and the teasers' heading."""

from __future__ import annotations

import re

from newsetl.parse.label_patterns import build_alternation, compile_pattern
from newsetl.sources.config import ParseConfig

_MAX_LINE_CHARS = 120


class BoilerplatePatterns:
    """Boilerplate patterns of one source."""

    def __init__(self, config: ParseConfig) -> None:
        self._teaser_pattern = compile_pattern(
            rf"^[\s•*·]*{build_alternation(config.teaser_headings)}\s*[:：]?$"
        )
        self._footer_patterns = tuple(config.footer_patterns)
        self._boilerplate_patterns = tuple(config.boilerplate_patterns)

    def is_teaser_heading(self, text: str) -> bool:
        """Return True for the heading of the Top News block."""
        return self._teaser_pattern.match(text) is not None

    def is_boilerplate(self, text: str) -> bool:
        """Return True for a tool row, such as a click counter or a choice of font sizes."""
        return len(text) <= _MAX_LINE_CHARS and _matches_any(self._boilerplate_patterns, text)

    def is_footer(self, text: str) -> bool:
        """Return True for a line that is below every article."""
        return _matches_any(self._footer_patterns, text)


def _matches_any(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    # Called some hundred times a page: a generator for `any` takes as long as the searches.
    for pattern in patterns:  # noqa: SIM110
        if pattern.search(text):
            return True
    return False
