"""Text as pages print it: its blanks, dates and degrees, and what two printed forms have in common."""

from __future__ import annotations

import re
import unicodedata

# What stands beside a name and is none.
DEGREE = re.compile(
    r"(?:(?:ph\.?\s?d|d\.?\s?phil|ed\.?d|[dmb]\.?sc|m\.?d|j\.?d|m\.?b\.?a|[mb]\.[as]|prof(?:essor)?|dr)\.?"
    r"|副?教授|博士|研究员|院士)",
    re.IGNORECASE,
)
# A sentence's end, behind which a quotation may close.
SENTENCE_END = re.compile(r"[.!?。！？…][\"”’')）]*$")


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


def collapse_whitespace(text: str) -> str:
    """`text` with every run of blanks (no-break, ideographic, line ends) one space, widthless ones gone."""
    if not text.isascii():
        text = _WIDTHLESS.sub("", text).replace("\u180e", " ")
    return " ".join(text.split())


def is_blank(text: str) -> bool:
    """True if nothing is left of `text` when its blanks are made single."""
    return _VISIBLE.search(text) is None


def replace_unprintable(text: str) -> str:
    """`text` as a terminal may show it: what moves its cursor or turns its lines about is a question mark."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def normalise_letters(text: str | None) -> str:
    """The letters and digits of `text`, casefolded: what two printed forms have in common."""
    if not text:
        return ""
    # Most of what goes is ASCII, which goes at once.
    left = text.encode("utf-8", "surrogatepass").translate(None, _NO_LETTERS)
    if text.isascii():
        return left.decode().lower()
    return _NOTHING_OF_WORDS.sub("", left.decode("utf-8", "surrogatepass")).casefold()


def normalise_spelling(name: str) -> str:
    """A name in small letters and single blanks: by this a correction knows it."""
    return collapse_whitespace(unicodedata.normalize("NFC", name)).casefold()
