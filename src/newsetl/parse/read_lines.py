"""The text of a page, HTML or plain → Sheet."""

from __future__ import annotations

import re
from typing import Any

from newsetl.parse.container import html_sheet
from newsetl.parse.lines import Line, Sheet
from newsetl.parse.plain_text import unwrapped
from newsetl.sources.config import Read
from newsetl.text.whitespace import single_blanks

_IS_HTML = re.compile(r"<\s*(?:!doctype|html|head|body|div|p|span|table|br|title|meta|h1)\b", re.IGNORECASE)
_WORD = re.compile(r"\w")


def is_html(text: str) -> bool:
    """False for a text that was saved as text."""
    return _IS_HTML.search(text[:20000]) is not None


def read_lines(text: str, read: Read, base: str | None, *, is_whole: bool = False, root: Any = None) -> Sheet:
    """The page `text`, HTML or plain, as a sheet of lines. `base` is the page's address, if known.

    Of an HTML page only the part around the article's landmarks is read, unless `is_whole`. `root` is the
    tree of an HTML page that has been read once.
    """
    if not is_html(text):
        lines = [Line(single_blanks(part)) for part in unwrapped(text)]
        sheet = Sheet([line for line in lines if line.text], "", {}, has_content=False, is_html=False)
    else:
        sheet = html_sheet(text, read, base, is_whole=is_whole, root=root)
    _with_lost_blanks(sheet.lines, sheet.record)
    sheet.lines[:] = [line for line in sheet.lines if line.pictures or _WORD.search(line.text)]
    return sheet


# A mirror that re-encoded the page left "?" for each no-break blank (facts, oddity 3). One that stands
# between a letter and a letter or bracket proves it; an address such as page?id=3 proves nothing.
_LOST_BLANK = re.compile(r"[A-Za-z,.:;&]\?(?=[A-Za-z(&])")
_ADDRESS = re.compile(r"://|www\.|\.\w{2,5}\?\w+=")


def _has_lost_blank(text: str) -> bool:
    return "?" in text and any(
        _LOST_BLANK.search(word) and not _ADDRESS.search(word) for word in text.split()
    )


def _with_lost_blanks(lines: list[Line], record: dict[str, str]) -> None:
    if not any(_has_lost_blank(line.text) for line in lines):
        return
    for line in lines:
        line.text = _mended(line.text)
    for name, value in record.items():
        record[name] = _mended(value)


def _mended(text: str) -> str:
    if _ADDRESS.search(text):
        return text
    return single_blanks(re.sub(r"\?(?=[^\s?\"'”’)\]])|(?<=\w)\?(?= [a-z])|^\?+$", " ", text))
