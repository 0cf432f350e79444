"""The headline: what the CMS, the breadcrumb or <title> say, as a line of the page prints it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from newsetl.errors import ParseError
from newsetl.parse.breadcrumb import Breadcrumb
from newsetl.parse.landmarks import PageLabels
from newsetl.parse.lines import Line, PageLines
from newsetl.parse.metadata_line import MetadataLine
from newsetl.reasons import Reason
from newsetl.text.whitespace import SENTENCE_END, collapse_whitespace, normalise_letters

# A headline is broken over so many lines at most.
_MOST_LINES = 4
_LONGEST = 250
# A date line further down is none of the article's head.
_LONGEST_HEAD = 5
# What is longer in <title> or the breadcrumb is no headline, and is not looked for.
_LONGEST_NAMED = 1_000


@dataclass(frozen=True, slots=True)
class FoundTitle:
    """The headline, the index of its last line on the page (-1 if it has none), and where it was found."""

    text: str
    at: int
    found: str


def find_title(
    page_lines: PageLines,
    marks: PageLabels,
    suffixes: tuple[str, ...],
    breadcrumb: Breadcrumb | None,
    metadata: MetadataLine | None,
    date_at: int | None,
) -> FoundTitle:
    """The headline of the article. `dated` is the line with nothing but a date, `suffixes` are site names.

    Raises ParseError(no_title).
    """
    lines = page_lines.lines
    tail = breadcrumb.parts[-1] if breadcrumb and len(breadcrumb.parts) >= 3 else ""
    if marks.breadcrumb.is_article_word(tail) or len(tail) > _LONGEST_NAMED:
        tail = ""
    bare = _strip_suffix(page_lines.title, suffixes) if len(page_lines.title) <= _LONGEST_NAMED else ""
    stated = page_lines.record.get("title") or ""
    end = metadata.first if metadata else len(lines)
    begin = breadcrumb.last + 1 if breadcrumb and breadcrumb.last < end else 0
    if stated:
        run = _find_lines(lines, [stated], begin, end)
        return FoundTitle(stated, run[1] if run else -1, page_lines.record_name)
    for wanted, where in (([tail], "breadcrumb"), (_strip_parts(bare), "title tag")):
        if run := _find_lines(lines, wanted, begin, end):
            text = " ".join(line.text for line in lines[run[0] : run[1] + 1])
            return FoundTitle(
                _strip_suffix(text, suffixes),
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
        at = min(
            heads,
            key=lambda n: (
                n > end,
                normalise_letters(lines[n].text) not in normalise_letters(bare),
                abs(end - n),
            ),
        )
        return FoundTitle(_strip_suffix(lines[at].text, suffixes), at, "h1")
    if metadata is not None:
        run = _find_before_metadata(lines, marks, begin, end, is_first=breadcrumb is not None)
        found = "line before the metadata line"
    else:
        run = _find_without_metadata(lines, marks, begin, date_at, is_html=page_lines.is_html)
        found = "first line"
    if run:
        text = " ".join(line.text for line in lines[run[0] : run[1] + 1])
        return FoundTitle(_strip_suffix(text, suffixes), run[1], found)
    for text, where in ((tail, "breadcrumb"), (bare, "title tag")):
        if text:
            return FoundTitle(text, -1, where)
    raise ParseError(
        Reason.NO_TITLE, "no title: no headline before the metadata line, in the breadcrumb or in <title>"
    )


def _find_lines(lines: list[Line], wanted: list[str], begin: int, end: int) -> tuple[int, int] | None:
    """First and last of the lines that together say one of `wanted`, before the metadata line or in an <h1>.

    The first of `wanted` that any lines say counts; each of them begins as the first does.
    """
    ranks: dict[str, int] = {}
    for rank, name in enumerate(wanted):
        ranks.setdefault(normalise_letters(name), rank)
    ranks.pop("", None)
    longest = max(ranks, key=len, default="")
    best: tuple[int, int, int] | None = None
    for first in (*range(begin, end), *(n for n, line in enumerate(lines) if line.tag == "h1")):
        said = ""
        for last in range(first, min(first + _MOST_LINES, len(lines))):
            said += normalise_letters(lines[last].text)
            if said in ranks and (best is None or ranks[said] < best[0]):
                best = ranks[said], first, last
            if not said or not longest.startswith(said):
                break
    return best[1:] if best else None


def _find_before_metadata(
    lines: list[Line], marks: PageLabels, begin: int, end: int, *, is_first: bool
) -> tuple[int, int] | None:
    """After a breadcrumb the headline comes first; without one anything may stand before it."""
    free = [n for n in range(begin, end) if _may_be_title(lines[n], marks)]
    if not free:
        return None
    return _join_broken_lines(lines, free, is_first=is_first)


def _join_broken_lines(lines: list[Line], free: list[int], *, is_first: bool = False) -> tuple[int, int]:
    """The first or last of the lines `free`, with those that a line break within a headline made of it."""
    first = last = free[0] if is_first else free[-1]
    near = set(free[:_MOST_LINES] if is_first else free[-_MOST_LINES:])
    while last + 1 in near and lines[last + 1].box == lines[first].box != ():
        last += 1
    while first - 1 in near and lines[first - 1].box == lines[last].box != ():
        first -= 1
    return first, last


def _find_without_metadata(
    lines: list[Line], marks: PageLabels, begin: int, date_at: int | None, *, is_html: bool
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
    if date_at is not None and date_at < begin + _LONGEST_HEAD:
        above = [n for n in range(begin, min(date_at, by)) if _may_be_title(lines[n], marks)]
        named = [n for n in above if _is_headline(lines[n], marks)]
        below = takewhile(lambda n: not SENTENCE_END.search(lines[n].text), range(date_at + 1, by))
        if named or (above and not any(_may_be_title(lines[n], marks) for n in below)):
            return _join_broken_lines(lines, named or above)
        first = date_at + 1 if date_at < by else begin
    free = [n for n in range(first, by) if n != date_at and _may_be_title(lines[n], marks)]
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


def _is_headline(line: Line, marks: PageLabels) -> bool:
    text = line.text
    is_long = len(text.split()) >= 3 or len(re.findall(r"[\u3400-\u9fff]", text)) >= 4
    is_heading = line.tag.startswith("h")
    return (is_long or is_heading) and not (
        text.endswith((".", "。", ",", "，", ";", "；", ":", "："))
        or re.search(r"\s[|·]\s", text)
        or marks.names.is_unsplit_name(text)
    )


def _may_be_title(line: Line, marks: PageLabels) -> bool:
    date = marks.date_formats.search(line.text)
    return bool(
        line.text
        and not (line.is_link or line.is_menu)
        and len(line.text) <= _LONGEST
        and not (date and len(line.text) - len(date.group()) <= 12)
        and marks.match_editor.names(line.text) is None
        and not marks.credit.find(line.text)
        and not marks.boilerplate.is_teaser_heading(line.text)
        and not marks.boilerplate.is_boilerplate(line.text)
    )


def _strip_suffix(title: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        title = re.sub(rf"\s*[-_|–—]+\s*{re.escape(suffix)}\s*$", "", title, flags=re.IGNORECASE)
    return collapse_whitespace(title)


def _strip_parts(title: str) -> list[str]:
    """`title`, and what is left of it as one part after the other is taken for the site's name."""
    ends = [found.start() for found in re.finditer(r"\s+[-_|–—]+\s+|--+|[_|—]", title)]
    return [title, *(title[:end] for end in reversed(ends))]
