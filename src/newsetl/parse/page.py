"""Capture → ParsedPage: as the source declares, and any page's own data where it does not.

No network, clock or database.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from newsetl.errors import ParseError
from newsetl.model import Capture, ParsedPage
from newsetl.parse.body import ArticleBody, parse_body
from newsetl.parse.breadcrumb import Breadcrumb
from newsetl.parse.generic.page import GenericPage, parse_any_page
from newsetl.parse.landmarks import PageLabels
from newsetl.parse.lines import PageLines
from newsetl.parse.read_lines import read_lines
from newsetl.parse.title import find_title
from newsetl.reasons import Reason
from newsetl.sources.config import PAGE_FIELDS, Source
from newsetl.text.charset import decode
from newsetl.text.whitespace import is_blank

__all__ = ["parse"]

# The firewall's page is tiny; a real page with its script in the head is not (facts, section 3a).
_MAX_WAF_PAGE_CHARS = 8_000
_MAX_WAF_TEXT_CHARS = 400
# A printed edition's record has the day only; its midnight is no time.
_MIDNIGHT = re.compile(r"\s+00:00:00(?:[:.]0+)?$")


def parse(capture: Capture, source: Source) -> ParsedPage:
    """The strings of the article in `capture`: by the landmarks of `source`, the rest as on any page.

    A field that the source declares stays empty where its landmark is missing. Raises ParseError with the
    reason when the page is no article, or when too little of one is found: a title and a text are needed;
    what else is absent stays empty.
    """
    if len(capture.body) > source.fetch.max_bytes:
        raise ParseError(
            Reason.TOO_LARGE, f"the page has {len(capture.body):,} bytes; {source.fetch.max_bytes:,} are read"
        )
    text, _ = decode(capture.body, capture.charset)
    if is_blank(text):
        raise ParseError(Reason.EMPTY_BODY, "the page has nothing but blanks")
    declared = source.parse.declared_fields
    if not declared:
        return _parse_generic(capture, source, text)
    page, root = _parse_declared(capture, source, text)
    if not PAGE_FIELDS - declared:
        return page
    is_text_wanted = "paragraphs" not in declared
    reading = parse_any_page(text, page.url, capture.fetched_at, is_text_wanted=is_text_wanted, root=root)
    return _fill_fields(page, reading, declared)


def _parse_generic(capture: Capture, source: Source, text: str) -> ParsedPage:
    """The page by what it says of itself; of the source only name and addresses count."""
    if capture.url and (capture.url in source.discover.start_urls or _is_section(capture.url, source)):
        raise ParseError(Reason.NOT_ARTICLE, "the page is a listing")
    nothing = ParsedPage(
        source=source.slug,
        url=capture.url or None,
        title="",
        breadcrumb=(),
        agency=None,
        date=None,
        author=None,
        byline=None,
        editor=(),
        paragraphs=(),
        images=(),
        teasers=(),
        canonical_url=None,
        section=None,
        language=None,
        organisations=(),
        found={},
    )
    return _fill_fields(nothing, parse_any_page(text, nothing.url, capture.fetched_at), frozenset())


def _fill_fields(page: ParsedPage, generic: GenericPage, declared: frozenset[str]) -> ParsedPage:
    """`page` with what was read of the page itself in the fields that the source does not declare."""

    def is_free(name: str) -> bool:
        return name not in declared

    if is_free("title") and not generic.title:
        raise ParseError(Reason.NO_TITLE, "no title: no <h1>, og:title, JSON-LD headline or <title>")
    if is_free("paragraphs") and not generic.paragraphs:
        raise ParseError(Reason.NO_TEXT, "no text: the page is empty, or a shell that JavaScript fills")
    return replace(
        page,
        title=generic.title if is_free("title") else page.title,
        date=(generic.date or None) if is_free("date") else page.date,
        author=("; ".join(generic.authors) or None) if is_free("author") else page.author,
        byline=None if is_free("author") else page.byline,
        editor=generic.editors if is_free("editor") else page.editor,
        paragraphs=generic.paragraphs if is_free("paragraphs") else page.paragraphs,
        images=generic.images if is_free("images") else page.images,
        canonical_url=(generic.canonical_url or None) if is_free("canonical_url") else page.canonical_url,
        section=(generic.section or None) if is_free("section") else None,
        language=generic.language or None,
        organisations=generic.organisations,
        found={name: where for name, where in page.found.items() if name not in PAGE_FIELDS - declared}
        | {name: where for name, where in generic.found.items() if is_free(name)},
    )


def _parse_declared(capture: Capture, source: Source, text: str) -> tuple[ParsedPage, Any]:
    """The page as the landmarks of `source` tell it, and its tree, None if it is no HTML."""
    address, declared = capture.url or None, source.parse.declared_fields
    marks = PageLabels.get_cached(source.parse, (*source.desks, *source.publication_names))
    root = None
    # A page with a box of its own for the text is read in full the first time.
    for is_whole in (True,) if source.parse.content_selectors else (False, True):
        sheet = read_lines(text, source.parse, address, is_whole=is_whole, root=root)
        root = sheet.root
        metadata = marks.find_metadata.find(sheet.lines)
        if not is_whole and metadata is None and sheet.is_html and "date" not in sheet.record:
            # A printed edition has its date in the page's head, outside the article.
            continue
        position = marks.breadcrumb.find(sheet.lines)
        if metadata is None and not sheet.has_content:
            _reject_non_articles(capture, source, text, sheet, position)
        dated = marks.find_date_line(sheet.lines) if metadata is None else None
        title = find_title(sheet, marks, source.parse.title_suffixes, position, metadata, dated)
        body = parse_body(sheet, marks, title.text, title.at, position, metadata, date_at=dated)
        has_editor = body.editor or (metadata is not None and metadata.editor)
        if body.paragraphs or not has_editor or not sheet.is_html:
            break
        # The editor stands in the article's head, and the text in another box.
    if metadata is None and not sheet.has_content and "paragraphs" in declared:
        _reject_unknown_layout(sheet, body, has_date=dated is not None, has_breadcrumb=position is not None)
    found = {"title": title.found} | body.found
    record = sheet.record

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
    if "url" in record:
        found["canonical_url"] = sheet.record_name
    page = ParsedPage(
        source=source.slug,
        url=address,
        title=title.text,
        breadcrumb=position.parts if position else (),
        agency=first(
            "agency",
            (record.get("agency"), sheet.record_name),
            (metadata.agency if metadata else None, line),
        ),
        date=first(
            "date",
            (_drop_midnight_date(record.get("date")), sheet.record_name),
            (metadata.date if metadata else None, line),
            (dated_line, "date line"),
            (_drop_midnight(record.get("date")), sheet.record_name),
        ),
        author=first(
            "author", (record.get("author"), sheet.record_name), (metadata.author if metadata else None, line)
        ),
        byline=body.byline,
        editor=body.editor or ((metadata.editor,) if metadata and metadata.editor else ()),
        paragraphs=body.paragraphs,
        images=body.images,
        teasers=body.teasers,
        canonical_url=record.get("url"),
        section=None,
        language=None,
        organisations=(),
        found=found,
    )
    return page, root


def _drop_midnight_date(date: str | None) -> str | None:
    return date if date and not _MIDNIGHT.search(date) else None


def _drop_midnight(date: str | None) -> str | None:
    return _MIDNIGHT.sub("", date) if date else None


def _reject_non_articles(
    capture: Capture, source: Source, text: str, page_lines: PageLines, breadcrumb: Breadcrumb | None
) -> None:
    """Raise for the pages that are known not to be articles: no landmark, and a sign of something else."""
    read = source.parse
    if page_lines.title in read.removed_titles or any(
        line.text in read.removed_titles for line in page_lines.lines if line.tag == "h1"
    ):
        raise ParseError(
            Reason.REMOVED_PAGE, f"the page is the stub {page_lines.title!r} of a removed article"
        )
    is_listing = breadcrumb is not None and len(breadcrumb.parts) == 2
    if is_listing or (
        capture.url and (capture.url in source.discover.start_urls or _is_section(capture.url, source))
    ):
        raise ParseError(Reason.NOT_ARTICLE, "the page is a listing")
    is_bare = (
        len(text) <= _MAX_WAF_PAGE_CHARS
        and sum(len(line.text) for line in page_lines.lines) <= _MAX_WAF_TEXT_CHARS
    )
    if is_bare and any(mark in text for mark in read.waf_markers):
        raise ParseError(Reason.BLOCKED_BY_WAF, "the page is the firewall's challenge, not the site's answer")
    if len(capture.body) in read.soft_404_sizes:
        raise ParseError(Reason.SOFT_404, f"a page of exactly {len(capture.body)} bytes: the article is dead")
    if any(pattern.search(page_lines.title) for pattern in read.soft_404_titles):
        raise ParseError(Reason.SOFT_404, f"the page calls itself {page_lines.title!r}")


def _is_section(url: str, source: Source) -> bool:
    path = re.sub(r"^https?://[^/]+", "", url).partition("?")[0]
    return source.discover.listing_url_pattern.search(path) is not None


def _reject_unknown_layout(
    page_lines: PageLines, body: ArticleBody, *, has_date: bool, has_breadcrumb: bool
) -> None:
    """Raise for a page without any landmark that is more than plain text."""
    is_marked = body.byline is not None or body.editor or body.teasers or has_breadcrumb or has_date
    if page_lines.is_html and not is_marked:
        raise ParseError(
            Reason.UNKNOWN_LAYOUT,
            "no metadata line, breadcrumb, By or editor line: another layout or no article",
        )
    if not is_marked and len(body.paragraphs) < 2:
        raise ParseError(Reason.UNKNOWN_LAYOUT, "no metadata line, and fewer than two paragraphs of text")
