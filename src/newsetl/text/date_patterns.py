"""Regular expressions for printed dates, and month names."""

from __future__ import annotations

import re
from functools import lru_cache

# Year first, as all the channel's pages print it. A thousandth after the time (`:756`, `.0`) is the CMS's.
DATE = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:\s*(?:星期\w)?\s*T?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[:.]\d{1,3})?(?!\d))?"
)
# What a pattern of a source's own may say of a date.
DATE_GROUPS = ("year", "month", "day", "hour", "minute", "second", "half", "offset")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


_YEAR = re.compile(r"\d{4}")


class DateFormats:
    """The forms of dates that a source prints: DATE, and patterns of its own with groups of DATE_GROUPS."""

    def __init__(self, patterns: tuple[re.Pattern[str], ...]) -> None:
        self._patterns = (*patterns, DATE)

    @staticmethod
    @lru_cache(maxsize=64)
    def get_cached(patterns: tuple[re.Pattern[str], ...]) -> DateFormats:
        """The same, made once for each source."""
        return DateFormats(patterns)

    def search(self, text: str) -> re.Match[str] | None:
        """The first date in `text`; the longest one where several begin."""
        if len(self._patterns) == 1:
            return DATE.search(text)
        # Every form has a year of four digits, and most lines have none.
        if not _YEAR.search(text):
            return None
        found = [match for pattern in self._patterns if (match := pattern.search(text))]
        return min(found, key=lambda match: (match.start(), -match.end()), default=None)

    def replace_all(self, replacement: str, text: str) -> str:
        """`text` with `by` in every date's place."""
        if len(self._patterns) == 1:
            return DATE.sub(replacement, text)
        made = ""
        while found := self.search(text):
            made, text = made + text[: found.start()] + replacement, text[found.end() :]
        return made + text

    def build_regex(self, group: str) -> str:
        """A regular expression for a date in any of the forms, as the group of that name."""
        forms = "|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern.pattern) for pattern in self._patterns)
        return f"(?P<{group}>{forms})"


def parse_day(date: re.Match[str]) -> tuple[int, int, int]:
    """Year, month and day of a date that `Dates` found. Raises ValueError for a month that is none."""
    return int(date.group("year")), parse_month(date.group("month")), int(date.group("day"))


def parse_month(month: str) -> int:
    """1 to 12, of a number or an English name. Raises ValueError for what is no month's name."""
    return int(month) if month.isdecimal() else _MONTHS.index(month[:3].casefold()) + 1
