"""Capture → ParsedPage: landmarks first, position in the tree second. No network, clock or database."""

from __future__ import annotations

import re

from newsetl.errors import ParseError
from newsetl.model import Capture, ParsedPage, Reason
from newsetl.parse.body import Body, read_body
from newsetl.parse.decode import decode
from newsetl.parse.landmarks import Landmarks, Metadata, Position
from newsetl.parse.lines import Line, Sheet, read_lines, single_blanks
from newsetl.sources import Source

__all__ = ["parse"]

# The firewall's page is tiny; a real page with its script in the head is not (facts, section 3a).
_LARGEST_CHALLENGE = 8_000
_CHALLENGE_CHARS = 400
# A printed edition's record has the day only; its midnight is no time.
_MIDNIGHT = re.compile(r"\s+00:00:00(?:[:.]0+)?$")


def parse(capture: Capture, source: Source) -> ParsedPage:
    """The strings of the article in `capture`.

    Raises ParseError with the reason when the page is no article, or when too little of one is found:
    a title and a text are needed; what else is absent stays empty.
    """
    if len(capture.body) > source.fetch.max_bytes:
        raise ParseError(
            Reason.TOO_LARGE, f"the page has {len(capture.body):,} bytes; {source.fetch.max_bytes:,} are read"
        )
    text, _ = decode(capture.body, capture.charset)
    address = capture.url or None
    marks = Landmarks.of(source.read, (*source.desks, *source.own_names))
    sheet = read_lines(text, source.read, address)
    metadata = marks.metadata(sheet.lines)
    if metadata is None and sheet.is_html and "date" not in sheet.properties:
        # A printed edition has its date in the page's head, outside the article.
        sheet = read_lines(text, source.read, address, is_whole=True)
        metadata = marks.metadata(sheet.lines)
    position = marks.position(sheet.lines)
    if metadata is None and not sheet.has_content:
        _refuse_strangers(capture, source, text, sheet, position)
    dated = marks.date_line(sheet.lines) if metadata is None else None
    title, title_at, title_from = _title(source, sheet, marks, position, metadata, dated)
    body = read_body(sheet, marks, title, title_at, position, metadata)
    if metadata is None and not sheet.has_content:
        _refuse_unmarked(sheet, body, has_date=dated is not None, has_position=position is not None)
    found = {"title": title_from} | body.found
    properties = sheet.properties

    def first(name: str, *choices: tuple[str | None, str]) -> str | None:
        for value, where in choices:
            if value:
                found[name] = where
                return value
        return next((value for value, _ in choices if value is not None), None)

    line = "metadata line"
    dated_line = sheet.lines[dated].text if dated is not None else None
    if position:
        found["breadcrumb"] = "breadcrumb"
    return ParsedPage(
        source=source.slug,
        url=address,
        title=title,
        breadcrumb=position.parts if position else (),
        agency=first(
            "agency",
            (properties.get("sourcename"), "enpproperty"),
            (metadata.agency if metadata else None, line),
        ),
        date=first(
            "date",
            (_stamp(properties.get("date")), "enpproperty"),
            (metadata.date if metadata else None, line),
            (dated_line, "date line"),
            (_day(properties.get("date")), "enpproperty"),
        ),
        author=first(
            "author", (properties.get("author"), "enpproperty"), (metadata.author if metadata else None, line)
        ),
        byline=body.byline,
        editor=body.editor or ((metadata.editor,) if metadata and metadata.editor else ()),
        paragraphs=body.paragraphs,
        images=body.images,
        teasers=body.teasers,
        canonical_url=properties.get("url"),
        found=found,
    )


def _stamp(date: str | None) -> str | None:
    return date if date and not _MIDNIGHT.search(date) else None


def _day(date: str | None) -> str | None:
    return _MIDNIGHT.sub("", date) if date else None


def _refuse_strangers(
    capture: Capture, source: Source, text: str, sheet: Sheet, position: Position | None
) -> None:
    """Raise for the pages that are known not to be articles: no landmark, and a sign of something else."""
    read = source.read
    if sheet.title in read.removed_titles or any(
        line.text in read.removed_titles for line in sheet.lines if line.tag == "h1"
    ):
        raise ParseError(Reason.REMOVED_PAGE, f"the page is the stub {sheet.title!r} of a removed article")
    is_listing = position is not None and len(position.parts) == 2
    if is_listing or (
        capture.url and (capture.url in source.discover.index or _is_section(capture.url, source))
    ):
        raise ParseError(Reason.NOT_ARTICLE, "the page is a listing")
    is_bare = (
        len(text) <= _LARGEST_CHALLENGE and sum(len(line.text) for line in sheet.lines) <= _CHALLENGE_CHARS
    )
    if is_bare and any(mark in text for mark in read.challenge_marks):
        raise ParseError(Reason.CHALLENGE, "the page is the firewall's challenge, not the site's answer")
    if len(capture.body) in read.dead_sizes:
        raise ParseError(
            Reason.DEAD_PAGE, f"a page of exactly {len(capture.body)} bytes: the article is dead"
        )
    if re.search(r"404|not found|页面不存在", sheet.title, re.IGNORECASE):
        raise ParseError(Reason.DEAD_PAGE, f"the page calls itself {sheet.title!r}")


def _is_section(url: str, source: Source) -> bool:
    path = re.sub(r"^https?://[^/]+", "", url).partition("?")[0]
    return source.discover.section.search(path) is not None


def _refuse_unmarked(sheet: Sheet, body: Body, *, has_date: bool, has_position: bool) -> None:
    """Raise for a page without any landmark that is more than plain text."""
    is_marked = body.byline is not None or body.editor or body.teasers or has_position or has_date
    if sheet.is_html and not is_marked:
        raise ParseError(
            Reason.NO_LANDMARKS,
            "no metadata line, breadcrumb, By or editor line: another layout or no article",
        )
    if not is_marked and len(body.paragraphs) < 2:
        raise ParseError(Reason.NO_LANDMARKS, "no metadata line, and fewer than two paragraphs of text")


def _title(
    source: Source,
    sheet: Sheet,
    marks: Landmarks,
    position: Position | None,
    metadata: Metadata | None,
    dated: int | None,
) -> tuple[str, int, str]:
    """The title, the index of its line (-1 if it has none) and where it was found. Raises ParseError."""
    lines = sheet.lines
    tail = position.parts[-1] if position and len(position.parts) >= 3 else ""
    if marks.is_article_word(tail):
        tail = ""
    bare = _without_suffix(sheet.title, source)
    stated = sheet.properties.get("title") or ""
    end = metadata.first if metadata else len(lines)
    begin = position.last + 1 if position and position.last < end else 0
    stems = ((stem, "title tag") for stem in _stems(bare))
    for wanted, where in ((stated, "enpproperty"), (tail, "breadcrumb"), *stems):
        if wanted:
            at = next((n for n in range(end) if n >= begin and _same(lines[n].text, wanted)), -1)
            if at < 0:
                at = next(
                    (n for n, line in enumerate(lines) if line.tag == "h1" and _same(line.text, wanted)), -1
                )
            if where == "enpproperty":
                return wanted, at, where
            if at >= 0:
                return (
                    _without_suffix(lines[at].text, source),
                    at,
                    f"{lines[at].tag or 'line'} that the {where} repeats",
                )
    heads = [
        n for n, line in enumerate(lines) if line.tag == "h1" and line.text and not marks.is_footer(line.text)
    ]
    if heads:
        at = min(heads, key=lambda n: (n > end, _letters(lines[n].text) not in _letters(bare), abs(end - n)))
        return _without_suffix(lines[at].text, source), at, "h1"
    at = _title_line(lines, marks, begin, end, metadata, dated, has_position=position is not None)
    if at >= 0:
        title = _without_suffix(lines[at].text, source)
        return title, at, "line before the metadata line" if metadata else "first line"
    for wanted, where in ((tail, "breadcrumb"), (bare, "title tag")):
        if wanted:
            return wanted, -1, where
    raise ParseError(
        Reason.NO_TITLE, "no title: no headline before the metadata line, in the breadcrumb or in <title>"
    )


def _title_line(
    lines: list[Line],
    marks: Landmarks,
    begin: int,
    end: int,
    metadata: Metadata | None,
    dated: int | None,
    *,
    has_position: bool,
) -> int:
    def is_free(n: int) -> bool:
        line = lines[n]
        return bool(
            line.text and n != dated and not line.is_link and len(line.text) <= 250
            and marks.editor(line.text) is None and not marks.mark(line.text)
            and not marks.is_teaser_heading(line.text)
        )  # fmt: skip

    if metadata is not None:
        before = [n for n in range(begin, end) if is_free(n)]
        if not before:
            return -1
        # After a breadcrumb the headline comes first; before it may stand anything.
        return before[0] if has_position else before[-1]
    by = next(
        (
            n
            for n in range(begin, min(end, begin + 8))
            if marks.by(lines[n].text, is_lower=False, author=None)
        ),
        None,
    )
    if by is not None:
        before = [n for n in range(begin, by) if is_free(n)]
        return before[-1] if before else -1
    first = dated + 1 if dated is not None and dated + 1 < len(lines) and dated < 5 else begin
    return next((n for n in range(first, len(lines)) if is_free(n)), -1)


def _without_suffix(title: str, source: Source) -> str:
    for suffix in source.read.title_suffixes:
        title = re.sub(rf"\s*[-_|–—]+\s*{re.escape(suffix)}\s*$", "", title, flags=re.IGNORECASE)
    return single_blanks(title)


def _stems(title: str) -> list[str]:
    """`title`, and what is left of it as one part after the other is taken for the site's name."""
    ends = [found.start() for found in re.finditer(r"\s+[-_|–—]+\s+|--+|[_|—]", title)]
    return [title, *(title[:end] for end in reversed(ends))]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _same(text: str, wanted: str) -> bool:
    return bool(text) and len(text) <= len(wanted) * 2 + 8 and _letters(text) == _letters(wanted) != ""
