"""The headline: what the CMS, the breadcrumb or <title> say, as a line of the page prints it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from newsetl.errors import ParseError
from newsetl.parse.breadcrumb import Position
from newsetl.parse.landmarks import Landmarks
from newsetl.parse.lines import Line, Sheet
from newsetl.parse.metadata_line import Metadata
from newsetl.reasons import Reason
from newsetl.text.whitespace import SENTENCE_END, letters, single_blanks

# A headline is broken over so many lines at most.
_MOST_LINES = 4
_LONGEST = 250
# A date line further down is none of the article's head.
_LONGEST_HEAD = 5
# What is longer in <title> or the breadcrumb is no headline, and is not looked for.
_LONGEST_NAMED = 1_000


@dataclass(frozen=True, slots=True)
class Title:
    """The headline, the index of its last line on the page (-1 if it has none), and where it was found."""

    text: str
    at: int
    found: str


def find_title(
    sheet: Sheet,
    marks: Landmarks,
    suffixes: tuple[str, ...],
    position: Position | None,
    metadata: Metadata | None,
    dated: int | None,
) -> Title:
    """The headline of the article. `dated` is the line with nothing but a date, `suffixes` are site names.

    Raises ParseError(no_title).
    """
    lines = sheet.lines
    tail = position.parts[-1] if position and len(position.parts) >= 3 else ""
    if marks.breadcrumb.is_article_word(tail) or len(tail) > _LONGEST_NAMED:
        tail = ""
    bare = _without_suffix(sheet.title, suffixes) if len(sheet.title) <= _LONGEST_NAMED else ""
    stated = sheet.record.get("title") or ""
    end = metadata.first if metadata else len(lines)
    begin = position.last + 1 if position and position.last < end else 0
    if stated:
        run = _run(lines, [stated], begin, end)
        return Title(stated, run[1] if run else -1, sheet.record_name)
    for wanted, where in (([tail], "breadcrumb"), (_stems(bare), "title tag")):
        if run := _run(lines, wanted, begin, end):
            text = " ".join(line.text for line in lines[run[0] : run[1] + 1])
            return Title(
                _without_suffix(text, suffixes),
                run[1],
                f"{lines[run[0]].tag or 'line'} that the {where} repeats",
            )
    heads = [
        n
        for n, line in enumerate(lines)
        if line.tag == "h1"
        and 0 < len(line.text) <= _LONGEST_NAMED
        and not marks.boilerplate.is_footer(line.text)
    ]
    if heads:
        at = min(heads, key=lambda n: (n > end, letters(lines[n].text) not in letters(bare), abs(end - n)))
        return Title(_without_suffix(lines[at].text, suffixes), at, "h1")
    if metadata is not None:
        run = _before_metadata(lines, marks, begin, end, is_first=position is not None)
        found = "line before the metadata line"
    else:
        run = _without_metadata(lines, marks, begin, dated, is_html=sheet.is_html)
        found = "first line"
    if run:
        text = " ".join(line.text for line in lines[run[0] : run[1] + 1])
        return Title(_without_suffix(text, suffixes), run[1], found)
    for text, where in ((tail, "breadcrumb"), (bare, "title tag")):
        if text:
            return Title(text, -1, where)
    raise ParseError(
        Reason.NO_TITLE, "no title: no headline before the metadata line, in the breadcrumb or in <title>"
    )


def _run(lines: list[Line], wanted: list[str], begin: int, end: int) -> tuple[int, int] | None:
    """First and last of the lines that together say one of `wanted`, before the metadata line or in an <h1>.

    The first of `wanted` that any lines say counts; each of them begins as the first does.
    """
    ranks: dict[str, int] = {}
    for rank, name in enumerate(wanted):
        ranks.setdefault(letters(name), rank)
    ranks.pop("", None)
    longest = max(ranks, key=len, default="")
    best: tuple[int, int, int] | None = None
    for first in (*range(begin, end), *(n for n, line in enumerate(lines) if line.tag == "h1")):
        said = ""
        for last in range(first, min(first + _MOST_LINES, len(lines))):
            said += letters(lines[last].text)
            if said in ranks and (best is None or ranks[said] < best[0]):
                best = ranks[said], first, last
            if not said or not longest.startswith(said):
                break
    return best[1:] if best else None


def _before_metadata(
    lines: list[Line], marks: Landmarks, begin: int, end: int, *, is_first: bool
) -> tuple[int, int] | None:
    """After a breadcrumb the headline comes first; without one anything may stand before it."""
    free = [n for n in range(begin, end) if _may_be(lines[n], marks)]
    if not free:
        return None
    return _whole(lines, free, is_first=is_first)


def _whole(lines: list[Line], free: list[int], *, is_first: bool = False) -> tuple[int, int]:
    """The first or last of the lines `free`, with those that a line break within a headline made of it."""
    first = last = free[0] if is_first else free[-1]
    near = set(free[:_MOST_LINES] if is_first else free[-_MOST_LINES:])
    while last + 1 in near and lines[last + 1].box == lines[first].box != ():
        last += 1
    while first - 1 in near and lines[first - 1].box == lines[last].box != ():
        first -= 1
    return first, last


def _without_metadata(
    lines: list[Line], marks: Landmarks, begin: int, dated: int | None, *, is_html: bool
) -> tuple[int, int] | None:
    """The line above a date or By line, else the first line that may be a headline.

    A printed edition has its date above the headline, below nothing or the paper's name.
    """
    by = next(
        (
            n
            for n in range(begin, min(len(lines), begin + 8))
            if marks.byline.names(lines[n].text, is_lower=False, author=None)
        ),
        len(lines),
    )
    first = begin
    if dated is not None and dated < begin + _LONGEST_HEAD:
        above = [n for n in range(begin, min(dated, by)) if _may_be(lines[n], marks)]
        named = [n for n in above if _is_headline(lines[n], marks)]
        below = takewhile(lambda n: not SENTENCE_END.search(lines[n].text), range(dated + 1, by))
        if named or (above and not any(_may_be(lines[n], marks) for n in below)):
            return _whole(lines, named or above)
        first = dated + 1 if dated < by else begin
    free = [n for n in range(first, by) if n != dated and _may_be(lines[n], marks)]
    if by < len(lines):
        return (free[-1], free[-1]) if free else None
    # A saved text may begin with the site's own words: Home | News.
    whole = [
        n
        for n in free
        if is_html or (len(lines[n].text.split()) >= 3 and not re.search(r"\s[|·]\s", lines[n].text))
    ]
    at = next(iter(whole or free), None)
    return (at, at) if at is not None else None


def _is_headline(line: Line, marks: Landmarks) -> bool:
    text = line.text
    is_long = len(text.split()) >= 3 or len(re.findall(r"[\u3400-\u9fff]", text)) >= 4
    is_heading = line.tag.startswith("h")
    return (is_long or is_heading) and not (
        text.endswith((".", "。", ",", "，", ";", "；", ":", "："))
        or re.search(r"\s[|·]\s", text)
        or marks.names.is_whole_name(text)
    )


def _may_be(line: Line, marks: Landmarks) -> bool:
    date = marks.dates.search(line.text)
    return bool(
        line.text
        and not (line.is_link or line.is_menu)
        and len(line.text) <= _LONGEST
        and not (date and len(line.text) - len(date.group()) <= 12)
        and marks.editor.names(line.text) is None
        and not marks.credit.find(line.text)
        and not marks.boilerplate.is_teaser_heading(line.text)
        and not marks.boilerplate.is_tool(line.text)
    )


def _without_suffix(title: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        title = re.sub(rf"\s*[-_|–—]+\s*{re.escape(suffix)}\s*$", "", title, flags=re.IGNORECASE)
    return single_blanks(title)


def _stems(title: str) -> list[str]:
    """`title`, and what is left of it as one part after the other is taken for the site's name."""
    ends = [found.start() for found in re.finditer(r"\s+[-_|–—]+\s+|--+|[_|—]", title)]
    return [title, *(title[:end] for end in reversed(ends))]
