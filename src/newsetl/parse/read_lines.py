"""The text of a page, HTML or plain → Sheet."""

from __future__ import annotations

import re
from typing import Any

from newsetl.parse.container import parse_html_lines
from newsetl.parse.lines import Line, PageLines
from newsetl.parse.plain_text import unwrap_lines
from newsetl.sources.config import ParseConfig
from newsetl.text.whitespace import collapse_whitespace

_IS_HTML = re.compile(r"<\s*(?:!doctype|html|head|body|div|p|span|table|br|title|meta|h1)\b", re.IGNORECASE)
_WORD = re.compile(r"\w")


def is_html(text: str) -> bool:
    """False for a text that was saved as text."""
    return _IS_HTML.search(text[:20000]) is not None


def read_lines(
    text: str, read: ParseConfig, base: str | None, *, is_whole: bool = False, root: Any = None
) -> PageLines:
    """The page `text`, HTML or plain, as a sheet of lines. `base` is the page's address, if known.

    Of an HTML page only the part around the article's landmarks is read, unless `is_whole`. `root` is the
    tree of an HTML page that has been read once.
    """
    if not is_html(text):
        lines = [Line(collapse_whitespace(part)) for part in unwrap_lines(text)]
        sheet = PageLines([line for line in lines if line.text], "", {}, has_content=False, is_html=False)
    else:
        sheet = parse_html_lines(text, read, base, is_whole=is_whole, root=root)
    _restore_lost_blanks(sheet.lines, sheet.record)
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


def _restore_lost_blanks(lines: list[Line], record: dict[str, str]) -> None:
    if not any(_has_lost_blank(line.text) for line in lines):
        return
    for line in lines:
        line.text = _restore_blanks(line.text)
    for name, value in record.items():
        record[name] = _restore_blanks(value)


def _restore_blanks(text: str) -> str:
    if _ADDRESS.search(text):
        return text
    return collapse_whitespace(re.sub(r"\?(?=[^\s?\"'”’)\]])|(?<=\w)\?(?= [a-z])|^\?+$", " ", text))
