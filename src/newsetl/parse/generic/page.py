"""Generic parser, for the fields that no source declares."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from newsetl.model import Image
from newsetl.parse.generic.article_tree import prepare_tree
from newsetl.parse.generic.bare_name import find_name_beside_date
from newsetl.parse.generic.body import extract_body
from newsetl.parse.generic.byline import find_byline
from newsetl.parse.generic.candidates import PageCandidates, collect_candidates
from newsetl.parse.generic.date import find_date
from newsetl.parse.generic.editors import find_editors, parse_agency_credits
from newsetl.parse.generic.furniture import Furniture
from newsetl.parse.generic.images import find_images
from newsetl.parse.generic.jsonld import JsonLdArticle, parse_jsonld
from newsetl.parse.generic.meta_tags import MetaTags, parse_meta_tags
from newsetl.parse.generic.names import clean_stated_names, is_login, is_team
from newsetl.parse.generic.title import collect_site_names, find_headline
from newsetl.parse.generic.visible_text import get_visible_text
from newsetl.parse.html_lines import join_url
from newsetl.parse.plain_text import unwrap_lines
from newsetl.parse.read_lines import is_html
from newsetl.text.html_tree import parse_tree
from newsetl.text.whitespace import collapse_whitespace, normalise_letters

_AUTHOR_META_NAMES = (
    "author", "article:author", "article:author_name", "authors", "parsely-author", "sailthru.author",
    "dc.creator", "dcterms.creator", "citation_author", "byl", "byline", "cxenseparse:author",
    "article.author", "og:author", "dc.contributor", "creator", "rbauthors", "twitter:data1",
)  # fmt: skip
# More names are the whole staff, except in a scientific paper.
_MAX_META_AUTHORS = 6
_SCIENCE_META_NAMES = ("citation_author", "dc.creator", "dcterms.creator")
# twitter:data1 is an author only under one of these labels.
_AUTHOR_LABEL = re.compile(r"written|by|author", re.IGNORECASE)
_MAX_SECTION_CHARS = 80
_SECTION_META_NAMES = ("article:section", "parsely-section", "og:section", "section")


@dataclass(frozen=True, slots=True)
class GenericPage:
    """Fields of a page; "" and () for missing ones. `found` maps a field to its provenance.

    `organisations` are those of `authors` that are organisations. `date` is as printed and plausible.
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
    text: str,
    url: str | None,
    fetched_at: datetime,
    *,
    is_text_wanted: bool = True,
    boilerplate_patterns: tuple[re.Pattern[str], ...] = (),
    is_zone_known: bool = False,
    root: Any = None,
) -> GenericPage:
    """Parse the page `text`, HTML or plain. The body is parsed only if `is_text_wanted`.

    Lines of the body that match one of `boilerplate_patterns` are removed. Pass the page's lxml tree as
    `root` if there is one; it is changed. A date is at most a day after `fetched_at`. `is_zone_known`: the
    source file states the time zone of the site. Raise ParseError(too_large) if the HTML exceeds a limit of
    the parser.
    """
    if root is None:
        root = parse_tree(text if is_html(text) else _wrap_text(text), has_comments=False)
    else:
        etree.strip_tags(root, etree.Comment)
    if root is None:
        return _EMPTY_PAGE
    meta = parse_meta_tags(root)
    candidates = collect_candidates(root)
    site = _get_host(url) or _get_host(meta.canonical)
    headings = [(element.position, get_visible_text(element.node)) for element in candidates.headings]
    record = parse_jsonld(
        candidates.jsonld_scripts,
        (url or "", meta.canonical),
        (meta.title, *meta.values.get("og:title", ()), *(text for _, text in headings)),
    )
    title, title_found = find_headline(root, meta, record, site)
    title_key = normalise_letters(title)
    headline = next(
        (
            element
            for element, (_, text) in zip(candidates.headings, headings, strict=True)
            if normalise_letters(text) == title_key
        ),
        None,
    ) or candidates.find_subheading(title_key)
    if headline is not None:
        candidates.enter_article(headline.node)
    headline_at = headline.position if headline else headings[0][0] if headings else 0
    authors, organisations, authors_found = _find_authors(
        candidates, meta, record, headline_at, collect_site_names(meta, record, site)
    )
    editors, editors_found = find_editors(candidates, record)
    images, images_found = find_images(
        root, candidates, meta, record, _get_base_url(root, url or meta.canonical)
    )
    date = find_date(
        candidates,
        meta,
        record,
        text,
        url or meta.canonical,
        headline_at=headline_at,
        fetched_at=fetched_at,
        is_zone_known=is_zone_known,
    )
    names = (
        *authors, *collect_site_names(meta, record, site), record.section, record.publisher,
        *(text for _, text in headings),
    )  # fmt: skip
    paragraphs, text_found, removed = (
        _extract_text(root, candidates, title, record.body, url, names=names, patterns=boilerplate_patterns)
        if is_text_wanted
        else ((), "", "")
    )
    if not (authors and editors) and paragraphs:
        agency_authors, agency_editors = parse_agency_credits(paragraphs)
        if not authors:
            authors, authors_found = agency_authors, "last line"
        if not editors:
            editors, editors_found = tuple(agency_editors), "last line"
    section, meta_name = (record.section, "") if record.section else meta.find_first(*_SECTION_META_NAMES)
    section, section_found = (
        (section, f"meta {meta_name}" if meta_name else "json-ld") if section else ("", "")
    )
    if len(section) > _MAX_SECTION_CHARS:
        section, section_found = "", ""
    found = {
        "title": title_found, "author": authors_found if authors else "",
        "editor": editors_found if editors else "", "date": date.found if date else "",
        "paragraphs": text_found, "removed": removed, "images": images_found,
        "section": section_found,
        "canonical_url": "link canonical" if meta.canonical else "",
        "language": "html lang" if meta.language else "",
    }  # fmt: skip
    return GenericPage(
        title=title,
        authors=tuple(authors),
        organisations=tuple(organisations),
        editors=editors,
        date=date.raw if date else "",
        section=section,
        paragraphs=paragraphs,
        images=images,
        canonical_url=meta.canonical,
        language=meta.language,
        found={name: provenance for name, provenance in found.items() if provenance},
    )


def _wrap_text(text: str) -> str:
    """Wrap a plain text in HTML, with its first line as <h1>."""
    first, *rest = [collapse_whitespace(line) for line in unwrap_lines(text) if line.strip()] or [""]
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in rest)
    return f"<html><body><article><h1>{html.escape(first)}</h1>{paragraphs}</article></body></html>"


def _extract_text(
    root: Any,
    candidates: PageCandidates,
    title: str,
    jsonld_body: str,
    url: str | None,
    *,
    names: tuple[str, ...],
    patterns: tuple[re.Pattern[str], ...],
) -> tuple[tuple[str, ...], str, str]:
    """Return the paragraphs, their provenance, and the lines removed from them. Change the tree `root`."""
    prepare_tree(root, candidates)
    paragraphs, found = extract_body(root, candidates, title, jsonld_body, url)
    furniture = Furniture(root, names=names, patterns=patterns)
    paragraphs = furniture.clean(paragraphs)
    removed = ", ".join(f"{kind} {count}" for kind, count in sorted(furniture.removed.items()))
    return paragraphs, found, removed


def _get_base_url(root: Any, url: str) -> str:
    """Return the URL against which the page's links are resolved: its <base href>, or `url`."""
    base_href = next((href for node in root.iter("base") if (href := node.get("href")) is not None), None)
    return (join_url(url, base_href.strip()) or url) if base_href is not None else url


def _get_host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def _list_subjects(meta: MetaTags, record: JsonLdArticle) -> frozenset[str]:
    """Return the keys of the page's sections and tags, which no author is."""
    names = ("article:section", "article:tag", "keywords", "news_keywords", "parsely-section", "parsely-tags")
    values = [record.section, *(value for name in names for value in meta.values.get(name, ()))]
    return frozenset(normalise_letters(part) for value in values for part in value.split(","))


def _are_full_names(names: tuple[str, ...]) -> bool:
    return all(" " in name or not name.isascii() for name in names)


def _find_authors(
    candidates: PageCandidates,
    meta: MetaTags,
    record: JsonLdArticle,
    headline_at: int,
    organisations: frozenset[str],
) -> tuple[list[str], list[str], str]:
    """Return the authors, those of them that are organisations, and the provenance.

    JSON-LD and meta tags come first. The byline replaces them if they name only the organisation, a team or
    logins, if it has all of their names and more, or if a label below the headline marks other full names.
    """
    names, found = clean_stated_names(record.authors), "json-ld"
    if not names:
        for name in _AUTHOR_META_NAMES:
            label = (meta.values.get("twitter:label1") or ("",))[0]
            if name == "twitter:data1" and not _AUTHOR_LABEL.match(label):
                continue
            stated_names = clean_stated_names(meta.values.get(name, ()))
            if stated_names and (len(stated_names) <= _MAX_META_AUTHORS or name in _SCIENCE_META_NAMES):
                names, found = stated_names, f"meta {name}"
                break
    organisation_keys = {
        normalise_letters(name) for name in clean_stated_names(record.organisations)
    } | organisations
    is_weak = all(
        normalise_letters(name) in organisation_keys or is_login(name) or is_team(name) for name in names
    )
    byline = find_byline(candidates, headline_at)
    # German capitalises every noun, so that a bare name is any noun.
    if is_weak and not byline.names and meta.language != "de":
        byline = find_name_beside_date(
            candidates, headline_at, _list_subjects(meta, record) | organisation_keys
        )
    keys = {normalise_letters(name) for name in names}
    shown_keys = {normalise_letters(name) for name in byline.names}
    if shown_keys and (
        is_weak
        or keys < shown_keys
        or (byline.is_certain and keys.isdisjoint(shown_keys) and _are_full_names(byline.names))
    ):
        # The house beside its author is no author.
        persons = [name for name in byline.names if normalise_letters(name) not in organisation_keys]
        names, found = persons or list(byline.names), byline.found
    names = [name for name in names if not is_login(name)]
    return (
        names,
        [name for name in names if normalise_letters(name) in organisation_keys or is_team(name)],
        found,
    )
