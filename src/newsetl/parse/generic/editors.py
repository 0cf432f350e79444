"""Editors of a page: JSON-LD, a line such as `(Web editor: A, B)`, or an agency's credits."""

from __future__ import annotations

import re

from newsetl.parse.generic.candidates import PageCandidates
from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.names import clean_stated_names, extract_names

_EDITOR_LINE = re.compile(
    r"^[\s(\[]*(?:(?:web\s+)?editors?\s*[:：]|edited\s+by\b\s*:?)\s*(?P<names>.+?)[\s)\]]*$", re.IGNORECASE
)
# As Reuters prints them: `(Reporting by A and B; Editing by C)`.
_AGENCY_CREDITS = re.compile(
    r"\breporting by (?P<authors>[^;()]{3,200})(?:;[^;()]{0,120}){0,3}?"
    r";\s*editing by (?P<editors>[^;().]{3,120})",
    re.IGNORECASE,
)
_LAST_PARAGRAPHS = 4


def find_editors(candidates: PageCandidates, record: JsonLdArticle) -> tuple[tuple[str, ...], str]:
    """Return the editors and their provenance."""
    if names := clean_stated_names(record.editors):
        return tuple(names), "json-ld"
    for text in candidates.byline_texts:
        match = _EDITOR_LINE.match(text.text)
        if (
            match
            and not candidates.is_outside_article(text.node)
            and (names := extract_names(match["names"], is_labelled=True))
        ):
            return tuple(names), "editor line"
    return (), ""


def parse_agency_credits(paragraphs: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Parse the authors and editors in an agency's credits, in one of the last four paragraphs."""
    for paragraph in paragraphs[-_LAST_PARAGRAPHS:]:
        if match := _AGENCY_CREDITS.search(paragraph):
            return (
                extract_names(match["authors"], is_labelled=True),
                extract_names(match["editors"], is_labelled=True),
            )
    return [], []
