"""Who edited it: JSON-LD, a line such as `(Web editor: A, B)` or `Edited by A`, or an agency's last line."""

from __future__ import annotations

import re

from newsetl.parse.generic.candidates import PageCandidates
from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.names import clean_stated_names, extract_names

_EDITOR = re.compile(
    r"^[\s(\[]*(?:(?:web\s+)?editors?\s*[:：]|edited\s+by\b\s*:?)\s*(?P<names>.+?)[\s)\]]*$", re.IGNORECASE
)
# Reuters and others: `(Reporting by A and B; Editing by C)`.
_AGENCY = re.compile(
    r"\breporting by (?P<authors>[^;()]{3,200})(?:;[^;()]{0,120}){0,3}?"
    r";\s*editing by (?P<editors>[^;().]{3,120})",
    re.IGNORECASE,
)
_LAST = 4


def find_editors(candidates: PageCandidates, record: JsonLdArticle) -> tuple[tuple[str, ...], str]:
    """The editors and where they were found."""
    if names := clean_stated_names(record.editors):
        return tuple(names), "json-ld"
    for piece in candidates.lines:
        line = _EDITOR.match(piece.text)
        if (
            line
            and not candidates.is_outside_article(piece.node)
            and (names := extract_names(line["names"], is_labelled=True))
        ):
            return tuple(names), "editor line"
    return (), ""


def parse_agency_credits(paragraphs: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Authors and editors as an agency's last line has them."""
    for paragraph in paragraphs[-_LAST:]:
        if line := _AGENCY.search(paragraph):
            return _split_names(line["authors"]), _split_names(line["editors"])
    return [], []


def _split_names(names: str) -> list[str]:
    return extract_names(re.sub(r"\s+in\s+[A-Z][\w. ]+?(?=,|\s+and\b|$)", "", names), is_labelled=True)
