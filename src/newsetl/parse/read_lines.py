"""Conversion of a page's text, HTML or plain, to PageLines."""

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
    """Return True for HTML, False for plain text."""
    return _IS_HTML.search(text[:20000]) is not None


def read_lines(
    text: str, config: ParseConfig, base_url: str | None, *, is_full_page: bool = False, root: Any = None
) -> PageLines:
    """Parse the page `text`, HTML or plain, to lines. `base_url` is the page's URL, if known.

    Of an HTML page only the container with the article's labels is parsed, unless `is_full_page`. Pass the
    lxml tree of an HTML page as `root` if there is one. Raise ParseError(too_large) if the HTML
    exceeds a limit of the parser.
    """
    if not is_html(text):
        lines = [Line(collapse_whitespace(part)) for part in unwrap_lines(text)]
        page_lines = PageLines(
            [line for line in lines if line.text], "", {}, has_content=False, is_html=False
        )
    else:
        page_lines = parse_html_lines(text, config, base_url, is_full_page=is_full_page, root=root)
    _restore_lost_blanks(page_lines.lines, page_lines.record)
    page_lines.lines[:] = [line for line in page_lines.lines if line.pictures or _WORD.search(line.text)]
    return page_lines


# A mirror that re-encoded the page left "?" for each no-break space (facts, oddity 3). A "?" between a letter
# and a letter or bracket is evidence; a URL such as page?id=3 is not.
_LOST_BLANK = re.compile(r"[A-Za-z,.:;&]\?(?=[A-Za-z(&])")
_URL_SIGN = re.compile(r"://|www\.|\.\w{2,5}\?\w+=")


def _has_lost_blank(text: str) -> bool:
    return "?" in text and any(
        _LOST_BLANK.search(word) and not _URL_SIGN.search(word) for word in text.split()
    )


def _restore_lost_blanks(lines: list[Line], record: dict[str, str]) -> None:
    if not any(_has_lost_blank(line.text) for line in lines):
        return
    for line in lines:
        line.text = _restore_blanks(line.text)
    for name, value in record.items():
        record[name] = _restore_blanks(value)


def _restore_blanks(text: str) -> str:
    if _URL_SIGN.search(text):
        return text
    return collapse_whitespace(re.sub(r"\?(?=[^\s?\"'”’)\]])|(?<=\w)\?(?= [a-z])|^\?+$", " ", text))
