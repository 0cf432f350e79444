"""Regular expressions for printed dates, and month names."""

from __future__ import annotations

import re
from functools import lru_cache

# Year first, in figures. Some CMSs append milliseconds to the time (`:756`, `.0`).
DATE = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:\s*(?:星期\w)?\s*T?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[:.]\d{1,3})?(?!\d))?"
)
# Named groups that a date pattern of a source file may have.
DATE_GROUPS = ("year", "month", "day", "hour", "minute", "second", "half", "offset")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


_YEAR = re.compile(r"\d{4}")


class DateFormats:
    """Date formats of a source: DATE, and the source's own patterns with groups of DATE_GROUPS."""

    def __init__(self, patterns: tuple[re.Pattern[str], ...]) -> None:
        self._patterns = (*patterns, DATE)

    @staticmethod
    @lru_cache(maxsize=64)
    def get_cached(patterns: tuple[re.Pattern[str], ...]) -> DateFormats:
        """Return the DateFormats of `patterns`, built once per set of patterns."""
        return DateFormats(patterns)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first date in `text`, the longest one if several begin there; None if none is found."""
        if len(self._patterns) == 1:
            return DATE.search(text)
        # Every format has a year of four digits; most lines have none, and this test is fast.
        if not _YEAR.search(text):
            return None
        matches = [match for pattern in self._patterns if (match := pattern.search(text))]
        return min(matches, key=lambda match: (match.start(), -match.end()), default=None)

    def replace_all(self, replacement: str, text: str) -> str:
        """Replace every date in `text` by `replacement`."""
        if len(self._patterns) == 1:
            return DATE.sub(replacement, text)
        replaced = ""
        while match := self.search(text):
            replaced, text = replaced + text[: match.start()] + replacement, text[match.end() :]
        return replaced + text

    def build_regex(self, group: str) -> str:
        """Return a regular expression that matches a date in any format, as the named group `group`."""
        formats = "|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern.pattern) for pattern in self._patterns)
        return f"(?P<{group}>{formats})"


def parse_day(date: re.Match[str]) -> tuple[int, int, int]:
    """Return year, month and day of a match of DateFormats. Raise ValueError for an unknown month name."""
    return int(date.group("year")), parse_month(date.group("month")), int(date.group("day"))


def parse_month(month: str) -> int:
    """Return the month (1 to 12) of a number or an English name. Raise ValueError for an unknown name."""
    return int(month) if month.isdecimal() else _MONTHS.index(month[:3].casefold()) + 1
