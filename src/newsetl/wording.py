"""Text as pages print it: its blanks, dates and degrees, and what two printed forms have in common."""

from __future__ import annotations

import re
import unicodedata

# Year first, as all the channel's pages print it. A thousandth after the time (`:756`, `.0`) is the CMS's.
DATE = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:\s*(?:星期\w)?\s*T?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[:.]\d{1,3})?(?!\d))?"
)
# What stands beside a name and is none.
DEGREE = re.compile(
    r"(?:(?:ph\.?\s?d|d\.?\s?phil|ed\.?d|[dmb]\.?sc|m\.?d|j\.?d|m\.?b\.?a|[mb]\.[as]|prof(?:essor)?|dr)\.?"
    r"|副?教授|博士|研究员|院士)",
    re.IGNORECASE,
)
# A sentence's end, behind which a quotation may close.
SENTENCE_END = re.compile(r"[.!?。！？…][\"”’')）]*$")
_BLANKS = re.compile(r"[\s\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_WIDTHLESS = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")


def single_blanks(text: str) -> str:
    """`text` with every run of blanks (no-break, ideographic, line ends) one space, widthless ones gone."""
    return _BLANKS.sub(" ", _WIDTHLESS.sub("", text)).strip()


def visible(text: str) -> str:
    """`text` as a terminal may show it: what moves its cursor or turns its lines about is a question mark."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def letters(text: str | None) -> str:
    """The letters and digits of `text`, casefolded: what two printed forms have in common."""
    return "".join(filter(str.isalnum, text or "")).casefold()


def spelling(name: str) -> str:
    """A name in small letters and single blanks: by this a correction knows it."""
    return single_blanks(unicodedata.normalize("NFC", name)).casefold()
