"""Text as pages print it: its blanks, dates and degrees, and what two printed forms have in common."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Year first, as all the channel's pages print it. A thousandth after the time (`:756`, `.0`) is the CMS's.
DATE = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:\s*(?:星期\w)?\s*T?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[:.]\d{1,3})?(?!\d))?"
)
# What a pattern of a source's own may say of a date.
DATE_GROUPS = ("year", "month", "day", "hour", "minute", "second", "half", "offset")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What stands beside a name and is none.
DEGREE = re.compile(
    r"(?:(?:ph\.?\s?d|d\.?\s?phil|ed\.?d|[dmb]\.?sc|m\.?d|j\.?d|m\.?b\.?a|[mb]\.[as]|prof(?:essor)?|dr)\.?"
    r"|副?教授|博士|研究员|院士)",
    re.IGNORECASE,
)
# A sentence's end, behind which a quotation may close.
SENTENCE_END = re.compile(r"[.!?。！？…][\"”’')）]*$")
_YEAR = re.compile(r"\d{4}")
_NO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
# Beyond ASCII: blanks, and what has no width. Unicode calls the Mongolian blank none any more.
INVISIBLE = (
    "\u0085\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029"
    f"\u202f\u205f\u3000{_NO_WIDTH}"
)
# All of ASCII but letters and digits; and all that is none.
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
_NOTHING_OF_WORDS = re.compile(r"[\W_]+")
_WIDTHLESS = re.compile(f"[{_NO_WIDTH}]")
_VISIBLE = re.compile(rf"[^\s{INVISIBLE}]")


class Dates:
    """The forms of dates that a source prints: DATE, and patterns of its own with groups of DATE_GROUPS."""

    def __init__(self, patterns: tuple[re.Pattern[str], ...]) -> None:
        self._patterns = (*patterns, DATE)

    @staticmethod
    @lru_cache(maxsize=64)
    def of(patterns: tuple[re.Pattern[str], ...]) -> Dates:
        """The same, made once for each source."""
        return Dates(patterns)

    def search(self, text: str) -> re.Match[str] | None:
        """The first date in `text`; the longest one where several begin."""
        if len(self._patterns) == 1:
            return DATE.search(text)
        # Every form has a year of four digits, and most lines have none.
        if not _YEAR.search(text):
            return None
        found = [match for pattern in self._patterns if (match := pattern.search(text))]
        return min(found, key=lambda match: (match.start(), -match.end()), default=None)

    def sub(self, by: str, text: str) -> str:
        """`text` with `by` in every date's place."""
        if len(self._patterns) == 1:
            return DATE.sub(by, text)
        made = ""
        while found := self.search(text):
            made, text = made + text[: found.start()] + by, text[found.end() :]
        return made + text

    def expression(self, group: str) -> str:
        """A regular expression for a date in any of the forms, as the group of that name."""
        forms = "|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern.pattern) for pattern in self._patterns)
        return f"(?P<{group}>{forms})"


def day_of(date: re.Match[str]) -> tuple[int, int, int]:
    """Year, month and day of a date that `Dates` found. Raises ValueError for a month that is none."""
    return int(date.group("year")), month_number(date.group("month")), int(date.group("day"))


def month_number(month: str) -> int:
    """1 to 12, of a number or an English name. Raises ValueError for what is no month's name."""
    return int(month) if month.isdecimal() else _MONTHS.index(month[:3].casefold()) + 1


def single_blanks(text: str) -> str:
    """`text` with every run of blanks (no-break, ideographic, line ends) one space, widthless ones gone."""
    if not text.isascii():
        text = _WIDTHLESS.sub("", text).replace("\u180e", " ")
    return " ".join(text.split())


def is_blank(text: str) -> bool:
    """True if nothing is left of `text` when its blanks are made single."""
    return _VISIBLE.search(text) is None


def visible(text: str) -> str:
    """`text` as a terminal may show it: what moves its cursor or turns its lines about is a question mark."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def letters(text: str | None) -> str:
    """The letters and digits of `text`, casefolded: what two printed forms have in common."""
    if not text:
        return ""
    # Most of what goes is ASCII, which goes at once.
    left = text.encode("utf-8", "surrogatepass").translate(None, _NO_LETTERS)
    if text.isascii():
        return left.decode().lower()
    return _NOTHING_OF_WORDS.sub("", left.decode("utf-8", "surrogatepass")).casefold()


def spelling(name: str) -> str:
    """A name in small letters and single blanks: by this a correction knows it."""
    return single_blanks(unicodedata.normalize("NFC", name)).casefold()
