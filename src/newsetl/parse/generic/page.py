"""Any page → what it says of itself: read where no source declares how."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from newsetl.model import Image
from newsetl.parse.generic.body import extract_body
from newsetl.parse.generic.byline import find_byline
from newsetl.parse.generic.candidates import PageCandidates, collect_candidates
from newsetl.parse.generic.date import find_date
from newsetl.parse.generic.editors import find_editors, parse_agency_credits
from newsetl.parse.generic.images import find_images
from newsetl.parse.generic.jsonld import JsonLdArticle, parse_jsonld
from newsetl.parse.generic.meta_tags import MetaTags, parse_meta_tags
from newsetl.parse.generic.names import clean_stated_names, is_login, is_team
from newsetl.parse.generic.title import collect_site_names, find_headline
from newsetl.parse.plain_text import unwrap_lines
from newsetl.parse.read_lines import is_html
from newsetl.text.html_tree import parse_tree
from newsetl.text.whitespace import collapse_whitespace, normalise_letters

_AUTHORS = (
    "author", "article:author", "article:author_name", "authors", "parsely-author", "sailthru.author",
    "dc.creator", "dcterms.creator", "citation_author", "byl", "byline", "cxenseparse:author",
    "article.author", "og:author", "dc.contributor", "creator", "rbauthors", "twitter:data1",
)  # fmt: skip
# More names are the staff's, but for a paper of science.
_MOST_AUTHORS = 6
_OF_SCIENCE = ("citation_author", "dc.creator", "dcterms.creator")
# What twitter:data1 is, its label says.
_LABELS = re.compile(r"written|by|author", re.IGNORECASE)
_LONGEST_SECTION = 80
_SECTIONS = ("article:section", "parsely-section", "og:section", "section")


@dataclass(frozen=True, slots=True)
class GenericPage:
    """What a page says of itself, "" and () where it says nothing; `found` maps a field to where that was.

    `organisations` are the authors that the page calls so. `date` is as printed and can be true.
    """

    title: str
    authors: tuple[str, ...]
    organisations: tuple[str, ...]
    editors: tuple[str, ...]
    date: str
    section: str
    paragraphs: tuple[str, ...]
    images: tuple[Image, ...]
    canonical_url: str
    language: str
    found: dict[str, str]


_EMPTY_PAGE = GenericPage("", (), (), (), "", "", (), (), "", "", {})


def parse_any_page(
    text: str, url: str | None, fetched_at: datetime, *, is_text_wanted: bool = True, root: Any = None
) -> GenericPage:
    """What the page `text`, HTML or plain, says of itself. Without `is_text_wanted` its body is left.

    `root` is its tree, if that is at hand; it loses its comments. Raises ParseError(too_large).
    """
    if root is None:
        root = parse_tree(text if is_html(text) else _wrap_text(text), has_comments=False)
    else:
        etree.strip_tags(root, etree.Comment)
    if root is None:
        return _EMPTY_PAGE
    head = parse_meta_tags(root)
    seen = collect_candidates(root)
    site = _get_host(url) or _get_host(head.canonical)
    heads = [(spot.at, collapse_whitespace(spot.node.text_content())) for spot in seen.heads]
    record = parse_jsonld(
        seen.scripts,
        (url or "", head.canonical),
        (head.title, *head.values.get("og:title", ()), *(said for _, said in heads)),
    )
    title, title_from = find_headline(root, head, record, site)
    same = normalise_letters(title)
    headline_at = next(
        (at for at, said in heads if normalise_letters(said) == same), heads[0][0] if heads else 0
    )
    paragraphs, text_from = extract_body(root, title, record.body, url) if is_text_wanted else ((), "")
    authors, organisations, authors_from = _find_authors(
        seen, head, record, headline_at, collect_site_names(head, record, site)
    )
    editors, editors_from = find_editors(seen, record)
    if not (authors and editors) and paragraphs:
        reported, edited = parse_agency_credits(paragraphs)
        if not authors:
            authors, authors_from = reported, "last line"
        if not editors:
            editors, editors_from = tuple(edited), "last line"
    dated = find_date(
        seen, head, record, text, url or head.canonical, headline_at=headline_at, fetched_at=fetched_at
    )
    section, named = (record.section, "") if record.section else head.first(*_SECTIONS)
    section, section_from = (section, f"meta {named}" if named else "json-ld") if section else ("", "")
    if len(section) > _LONGEST_SECTION:
        section, section_from = "", ""
    images, images_from = find_images(root, seen, head, record, url or head.canonical or None)
    where = {
        "title": title_from, "author": authors_from if authors else "",
        "editor": editors_from if editors else "", "date": dated.found if dated else "",
        "paragraphs": text_from, "images": images_from,
        "section": section_from,
        "canonical_url": "link canonical" if head.canonical else "",
        "language": "html lang" if head.language else "",
    }  # fmt: skip
    return GenericPage(
        title=title,
        authors=tuple(authors),
        organisations=tuple(organisations),
        editors=editors,
        date=dated.raw if dated else "",
        section=section,
        paragraphs=paragraphs,
        images=images,
        canonical_url=head.canonical,
        language=head.language,
        found={name: place for name, place in where.items() if place},
    )


def _wrap_text(text: str) -> str:
    """A text that was saved as text, its first line the headline."""
    first, *rest = [collapse_whitespace(line) for line in unwrap_lines(text) if line.strip()] or [""]
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in rest)
    return f"<html><body><article><h1>{html.escape(first)}</h1>{paragraphs}</article></body></html>"


def _get_host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def _find_authors(
    candidates: PageCandidates,
    meta: MetaTags,
    record: JsonLdArticle,
    headline_at: int,
    organisations: frozenset[str],
) -> tuple[list[str], list[str], str]:
    """The authors, those of them that are organisations, and where they were found.

    JSON-LD and meta tags are precise. The By line counts where they are silent or name but the house or
    a login, and where it has more names than they and theirs among them.
    """
    names, where = clean_stated_names(record.authors), "json-ld"
    if not names:
        for name in _AUTHORS:
            label = (meta.values.get("twitter:label1") or ("",))[0]
            if name == "twitter:data1" and not _LABELS.match(label):
                continue
            stated = clean_stated_names(meta.values.get(name, ()))
            if stated and (len(stated) <= _MOST_AUTHORS or name in _OF_SCIENCE):
                names, where = stated, f"meta {name}"
                break
    own = {normalise_letters(name) for name in clean_stated_names(record.organisations)} | organisations
    weak = [name for name in names if normalise_letters(name) in own or is_login(name)]
    shown, line = find_byline(candidates, headline_at)
    known = {normalise_letters(name) for name in names}
    if shown and (len(weak) == len(names) or known < {normalise_letters(name) for name in shown}):
        names, where = shown, line
    names = [name for name in names if not is_login(name)]
    return names, [name for name in names if normalise_letters(name) in own or is_team(name)], where
