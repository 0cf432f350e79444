"""Parser from a Capture to a ParsedPage.

Declared fields are parsed by the source's labels, the other fields by the generic parser. No network, clock
or database.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from newsetl.errors import ParseError
from newsetl.model import Capture, ParsedPage
from newsetl.parse.body import ArticleBody, parse_body
from newsetl.parse.generic.page import GenericPage, parse_any_page
from newsetl.parse.lines import PageLines
from newsetl.parse.non_articles import reject_later_page, reject_non_article, reject_redirect
from newsetl.parse.page_identity import find_stated_urls, has_next_page
from newsetl.parse.page_labels import PageLabels
from newsetl.parse.read_lines import read_lines
from newsetl.parse.title import find_title
from newsetl.reasons import Reason
from newsetl.sources.config import PAGE_FIELDS, Source
from newsetl.text.charset import decode
from newsetl.text.whitespace import is_blank

__all__ = ["parse"]

# The CMS record of a printed edition has a day only, with midnight as its time.
_MIDNIGHT = re.compile(r"\s+00:00:00(?:[:.]0+)?$")


def parse(capture: Capture, source: Source) -> ParsedPage:
    """Parse the article in `capture` to strings as printed.

    Declared fields of `source` are parsed by its labels and stay empty if their label is missing. The other
    fields are parsed as on any page. Raise ParseError with the reason if the page is no article or lacks a
    title or, where the source does not declare paragraphs, a text.
    """
    if len(capture.body) > source.fetch.max_bytes:
        raise ParseError(
            Reason.TOO_LARGE,
            f"page too large: {len(capture.body):,} bytes, limit {source.fetch.max_bytes:,}; "
            "raise max_bytes in the source file",
        )
    text, _ = decode(capture.body, capture.charset, source.languages if source.is_declared else ())
    if is_blank(text):
        raise ParseError(Reason.EMPTY_BODY, "the page is blank")
    reject_redirect(capture, source, text)
    reject_later_page(capture, text)
    page = _parse_text(capture, source, text)
    url = capture.url or page.canonical_url or ""
    if has_next_page(text, url):
        page.found["pages"] = "first of several"
    return replace(page, stated_urls=find_stated_urls(text, url))


def _parse_text(capture: Capture, source: Source, text: str) -> ParsedPage:
    declared = source.parse.declared_fields
    if not declared:
        return _parse_generic(capture, source, text)
    page, root = _parse_declared(capture, source, text)
    if not PAGE_FIELDS - declared:
        return page
    is_text_wanted = "paragraphs" not in declared
    generic = parse_any_page(
        text,
        page.url,
        capture.fetched_at,
        is_text_wanted=is_text_wanted,
        boilerplate_patterns=source.parse.boilerplate_patterns,
        is_zone_known=source.is_declared,
        root=root,
    )
    return _fill_fields(page, generic, declared)


def _parse_generic(capture: Capture, source: Source, text: str) -> ParsedPage:
    """Parse the page with the generic parser. Only the source's slug and URLs are used."""
    reject_non_article(capture, source, text)
    empty_page = ParsedPage(
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
    generic = parse_any_page(
        text,
        empty_page.url,
        capture.fetched_at,
        boilerplate_patterns=source.parse.boilerplate_patterns,
        is_zone_known=source.is_declared,
    )
    return _fill_fields(empty_page, generic, frozenset())


def _fill_fields(page: ParsedPage, generic: GenericPage, declared: frozenset[str]) -> ParsedPage:
    """Fill the fields of `page` that the source does not declare from `generic`."""

    def is_undeclared(name: str) -> bool:
        return name not in declared

    if is_undeclared("title") and not generic.title:
        raise ParseError(Reason.NO_TITLE, "no title: no <h1>, og:title, JSON-LD headline or <title>")
    if is_undeclared("paragraphs") and not generic.paragraphs:
        raise ParseError(Reason.NO_TEXT, "no text: the page is empty or filled by JavaScript")
    return replace(
        page,
        title=generic.title if is_undeclared("title") else page.title,
        date=(generic.date or None) if is_undeclared("date") else page.date,
        author=("; ".join(generic.authors) or None) if is_undeclared("author") else page.author,
        byline=None if is_undeclared("author") else page.byline,
        editor=generic.editors if is_undeclared("editor") else page.editor,
        paragraphs=generic.paragraphs if is_undeclared("paragraphs") else page.paragraphs,
        images=generic.images if is_undeclared("images") else page.images,
        canonical_url=(generic.canonical_url or None)
        if is_undeclared("canonical_url")
        else page.canonical_url,
        section=(generic.section or None) if is_undeclared("section") else None,
        language=generic.language or None,
        organisations=generic.organisations,
        found={
            name: provenance for name, provenance in page.found.items() if name not in PAGE_FIELDS - declared
        }
        | {name: provenance for name, provenance in generic.found.items() if is_undeclared(name)},
    )


def _parse_declared(capture: Capture, source: Source, text: str) -> tuple[ParsedPage, Any]:
    """Parse the page by the labels of `source`. Return it and its lxml tree, None for plain text."""
    url, declared = capture.url or None, source.parse.declared_fields
    labels = PageLabels.get_cached(source.parse, (*source.desks, *source.publication_names))
    root = None
    # A content selector may match anywhere, so the full page is parsed at once.
    for is_full_page in (True,) if source.parse.content_selectors else (False, True):
        page_lines = read_lines(text, source.parse, url, is_full_page=is_full_page, root=root)
        root = page_lines.root
        metadata = labels.metadata_line.find(page_lines.lines)
        if not is_full_page and metadata is None and page_lines.is_html and "date" not in page_lines.record:
            # A printed edition has its date in the page's head, outside the container.
            continue
        breadcrumb = labels.breadcrumb.find(page_lines.lines)
        if metadata is None and not page_lines.has_content:
            if breadcrumb is not None and len(breadcrumb.parts) == 2:
                raise ParseError(Reason.NOT_ARTICLE, "the page is a listing")
            reject_non_article(capture, source, text)
        date_at = labels.find_date_line(page_lines.lines) if metadata is None else None
        title = find_title(page_lines, labels, source.parse.title_suffixes, breadcrumb, metadata, date_at)
        body = parse_body(
            page_lines, labels, title.text, title.line_index, breadcrumb, metadata, date_at=date_at
        )
        has_editor = body.editor or (metadata is not None and metadata.editor)
        if body.paragraphs or not has_editor or not page_lines.is_html:
            break
        # The editor line is in the article's head, and the text in another box: parse the full page.
    if metadata is None and not page_lines.has_content and "paragraphs" in declared:
        _reject_unknown_layout(
            page_lines, body, has_date=date_at is not None, has_breadcrumb=breadcrumb is not None
        )
    found = {"title": title.found} | body.found
    record = page_lines.record

    def choose_value(name: str, *choices: tuple[str | None, str]) -> str | None:
        for value, provenance in choices:
            if value:
                found[name] = provenance
                return value
        return next((value for value, _ in choices if value is not None), None)

    in_metadata = "metadata line"
    date_line = page_lines.lines[date_at].text if date_at is not None else None
    if breadcrumb:
        found["breadcrumb"] = "breadcrumb"
    if "url" in record:
        found["canonical_url"] = page_lines.record_marker
    page = ParsedPage(
        source=source.slug,
        url=url,
        title=title.text,
        breadcrumb=breadcrumb.parts if breadcrumb else (),
        agency=choose_value(
            "agency",
            (record.get("agency"), page_lines.record_marker),
            (metadata.agency if metadata else None, in_metadata),
        ),
        date=choose_value(
            "date",
            (_drop_midnight_date(record.get("date")), page_lines.record_marker),
            (metadata.date if metadata else None, in_metadata),
            (date_line, "date line"),
            (_drop_midnight(record.get("date")), page_lines.record_marker),
        ),
        author=choose_value(
            "author",
            (record.get("author"), page_lines.record_marker),
            (metadata.author if metadata else None, in_metadata),
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


def _reject_unknown_layout(
    page_lines: PageLines, body: ArticleBody, *, has_date: bool, has_breadcrumb: bool
) -> None:
    """Raise ParseError for an HTML page without any label, or a plain text of one paragraph."""
    has_label = body.byline is not None or body.editor or body.teasers or has_breadcrumb or has_date
    if page_lines.is_html and not has_label:
        raise ParseError(
            Reason.UNKNOWN_LAYOUT,
            "no metadata line, breadcrumb, byline or editor line; "
            "if it is an article, add labels to the source file",
        )
    if not has_label and len(body.paragraphs) < 2:
        raise ParseError(Reason.UNKNOWN_LAYOUT, "no metadata line, and fewer than two paragraphs of text")
