"""Headline of an article, as stated by the CMS, the breadcrumb or <title> and printed on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from newsetl.errors import ParseError
from newsetl.parse.breadcrumb import Breadcrumb
from newsetl.parse.lines import Line, PageLines
from newsetl.parse.metadata_line import MetadataLine
from newsetl.parse.page_labels import PageLabels
from newsetl.reasons import Reason
from newsetl.text.whitespace import SENTENCE_END, collapse_whitespace, normalise_letters

# Lines of one headline.
_MAX_TITLE_LINES = 4
_MAX_TITLE_CHARS = 250
# A date line below these lines is outside the article's head.
_MAX_HEAD_LINES = 5
# A longer <title>, breadcrumb or <h1> is no headline.
_MAX_STATED_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class FoundTitle:
    """Headline, index of its last line (-1 if it is on no line), and its provenance."""

    text: str
    line_index: int
    found: str


def find_title(
    page_lines: PageLines,
    labels: PageLabels,
    suffixes: tuple[str, ...],
    breadcrumb: Breadcrumb | None,
    metadata: MetadataLine | None,
    date_at: int | None,
) -> FoundTitle:
    """Find the headline. `date_at` is the index of a line that is only a date.

    `suffixes` are site names, removed from the end. Raise ParseError(no_title) if there is no headline.
    """
    lines = page_lines.lines
    crumb = breadcrumb.parts[-1] if breadcrumb and len(breadcrumb.parts) >= 3 else ""
    if labels.breadcrumb.is_article_word(crumb) or len(crumb) > _MAX_STATED_CHARS:
        crumb = ""
    page_title = (
        _strip_suffix(page_lines.title, suffixes) if len(page_lines.title) <= _MAX_STATED_CHARS else ""
    )
    cms_title = page_lines.record.get("title") or ""
    end = metadata.first if metadata else len(lines)
    begin = breadcrumb.last + 1 if breadcrumb and breadcrumb.last < end else 0
    if cms_title:
        span = _find_lines(lines, [cms_title], begin, end)
        return FoundTitle(cms_title, span[1] if span else -1, page_lines.record_marker)
    for stated, provenance in (([crumb], "breadcrumb"), (_strip_parts(page_title), "title tag")):
        if span := _find_lines(lines, stated, begin, end):
            text = " ".join(line.text for line in lines[span[0] : span[1] + 1])
            return FoundTitle(
                _strip_suffix(text, suffixes),
                span[1],
                f"{lines[span[0]].tag or 'line'} that the {provenance} repeats",
            )
    h1_lines = [
        index
        for index, line in enumerate(lines)
        if line.tag == "h1"
        and 0 < len(line.text) <= _MAX_STATED_CHARS
        and not labels.boilerplate.is_footer(line.text)
    ]
    if h1_lines:
        index = min(
            h1_lines,
            key=lambda index: (
                index > end,
                normalise_letters(lines[index].text) not in normalise_letters(page_title),
                abs(end - index),
            ),
        )
        return FoundTitle(_strip_suffix(lines[index].text, suffixes), index, "h1")
    if metadata is not None:
        span = _find_before_metadata(lines, labels, begin, end, is_first=breadcrumb is not None)
        found = "line before the metadata line"
    else:
        span = _find_without_metadata(lines, labels, begin, date_at, is_html=page_lines.is_html)
        found = "first line"
    if span:
        text = " ".join(line.text for line in lines[span[0] : span[1] + 1])
        return FoundTitle(_strip_suffix(text, suffixes), span[1], found)
    for text, provenance in ((crumb, "breadcrumb"), (page_title, "title tag")):
        if text:
            return FoundTitle(text, -1, provenance)
    raise ParseError(
        Reason.NO_TITLE, "no title: no headline before the metadata line, in the breadcrumb or in <title>"
    )


def _find_lines(lines: list[Line], stated: list[str], begin: int, end: int) -> tuple[int, int] | None:
    """Return the indexes of the first and last line that together equal one of `stated`, or None.

    Lines from `begin` to `end` and <h1> lines are compared. Earlier titles in `stated` win; each must be a
    prefix of the longest.
    """
    ranks: dict[str, int] = {}
    for rank, title in enumerate(stated):
        ranks.setdefault(normalise_letters(title), rank)
    ranks.pop("", None)
    longest = max(ranks, key=len, default="")
    best: tuple[int, int, int] | None = None
    for first in (*range(begin, end), *(n for n, line in enumerate(lines) if line.tag == "h1")):
        joined = ""
        for last in range(first, min(first + _MAX_TITLE_LINES, len(lines))):
            joined += normalise_letters(lines[last].text)
            if joined in ranks and (best is None or ranks[joined] < best[0]):
                best = ranks[joined], first, last
            if not joined or not longest.startswith(joined):
                break
    return best[1:] if best else None


def _find_before_metadata(
    lines: list[Line], labels: PageLabels, begin: int, end: int, *, is_first: bool
) -> tuple[int, int] | None:
    """Return the headline's lines: the first ones after a breadcrumb (`is_first`), else the last ones."""
    eligible = [n for n in range(begin, end) if _may_be_title(lines[n], labels)]
    if not eligible:
        return None
    return _join_broken_lines(lines, eligible, is_first=is_first)


def _join_broken_lines(lines: list[Line], eligible: list[int], *, is_first: bool = False) -> tuple[int, int]:
    """Return the span of the first or last `eligible` line and its neighbours in the same box."""
    first = last = eligible[0] if is_first else eligible[-1]
    adjacent = set(eligible[:_MAX_TITLE_LINES] if is_first else eligible[-_MAX_TITLE_LINES:])
    while last + 1 in adjacent and lines[last + 1].box == lines[first].box != ():
        last += 1
    while first - 1 in adjacent and lines[first - 1].box == lines[last].box != ():
        first -= 1
    return first, last


def _find_without_metadata(
    lines: list[Line], labels: PageLabels, begin: int, date_at: int | None, *, is_html: bool
) -> tuple[int, int] | None:
    """Return the span of the line above a date or byline, else of the first possible headline.

    A printed edition has its date above the headline, with nothing or the publication's name above the date.
    """
    byline_at = next(
        (
            n
            for n in range(begin, min(len(lines), begin + 8))
            if labels.byline.match_names(lines[n].text, is_lower=False, author=None)
        ),
        len(lines),
    )
    first = begin
    if date_at is not None and date_at < begin + _MAX_HEAD_LINES:
        above = [n for n in range(begin, min(date_at, byline_at)) if _may_be_title(lines[n], labels)]
        headlines = [n for n in above if _is_headline(lines[n], labels)]
        below = takewhile(lambda n: not SENTENCE_END.search(lines[n].text), range(date_at + 1, byline_at))
        if headlines or (above and not any(_may_be_title(lines[n], labels) for n in below)):
            return _join_broken_lines(lines, headlines or above)
        first = date_at + 1 if date_at < byline_at else begin
    eligible = [n for n in range(first, byline_at) if n != date_at and _may_be_title(lines[n], labels)]
    if byline_at < len(lines):
        return (eligible[-1], eligible[-1]) if eligible else None
    # A plain text may begin with the site's navigation: Home | News.
    plausible = [
        n
        for n in eligible
        if is_html or (len(lines[n].text.split()) >= 3 and not re.search(r"\s[|·]\s", lines[n].text))
    ]
    index = next(iter(plausible or eligible), None)
    return (index, index) if index is not None else None


def _is_headline(line: Line, labels: PageLabels) -> bool:
    text = line.text
    is_long = len(text.split()) >= 3 or len(re.findall(r"[\u3400-\u9fff]", text)) >= 4
    is_heading = line.tag.startswith("h")
    return (is_long or is_heading) and not (
        text.endswith((".", "。", ",", "，", ";", "；", ":", "："))
        or re.search(r"\s[|·]\s", text)
        or labels.name_lists.is_unsplit_name(text)
    )


def _may_be_title(line: Line, labels: PageLabels) -> bool:
    date = labels.date_formats.search(line.text)
    return bool(
        line.text
        and not (line.is_link or line.is_menu)
        and len(line.text) <= _MAX_TITLE_CHARS
        and not (date and len(line.text) - len(date.group()) <= 12)
        and labels.editor_line.match_names(line.text) is None
        and not labels.photo_credit.find(line.text)
        and not labels.boilerplate.is_teaser_heading(line.text)
        and not labels.boilerplate.is_boilerplate(line.text)
    )


def _strip_suffix(title: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        title = re.sub(rf"\s*[-_|–—]+\s*{re.escape(suffix)}\s*$", "", title, flags=re.IGNORECASE)
    return collapse_whitespace(title)


def _strip_parts(title: str) -> list[str]:
    """Return `title`, then `title` without one, two and more parts at its end."""
    ends = [match.start() for match in re.finditer(r"\s+[-_|–—]+\s+|--+|[_|—]", title)]
    return [title, *(title[:end] for end in reversed(ends))]
