"""Text as pages print it: its blanks, and what two printed forms have in common."""

from __future__ import annotations

import re

_BLANKS = re.compile(r"[\s\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_WIDTHLESS = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")


def single_blanks(text: str) -> str:
    """`text` with every run of blanks (no-break, ideographic, line ends) one space, widthless ones gone."""
    return _BLANKS.sub(" ", _WIDTHLESS.sub("", text)).strip()


def letters(text: str | None) -> str:
    """The letters and digits of `text`, casefolded: what two printed forms have in common."""
    return "".join(filter(str.isalnum, text or "")).casefold()
