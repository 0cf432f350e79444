"""Any page → what it says of itself: read where no source declares how."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from lxml import etree

from newsetl.model import Image
from newsetl.parse.generic.byline import find_byline
from newsetl.parse.generic.head import Head, read_head
from newsetl.parse.generic.headline import find_headline, site_names
from newsetl.parse.generic.jsonld import Record, read_jsonld
from newsetl.parse.generic.names import is_login, stated_names
from newsetl.parse.generic.survey import Survey, walk
from newsetl.parse.generic.text import read_text
from newsetl.parse.generic.when import find_date
from newsetl.wording import letters

_AUTHORS = (
    "author", "article:author", "article:author_name", "authors", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
    "citation_author", "byl", "byline", "cxenseparse:author", "article.author", "og:author", "dc.contributor", "creator", "rbauthors", "twitter:data1",
)  # fmt: skip


_LABELS = re.compile(r"written|by|author", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    title: str = ""
    authors: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    date: str | None = None
    section: str | None = None
    paragraphs: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    canonical_url: str | None = None
    language: str = ""
    found: dict[str, str] = field(default_factory=dict)


def tree(text: str) -> Any:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\x00", ""))
    parser = lxml.html.HTMLParser(collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    return lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)


def read_generic(root: Any, source: str, url: str | None, fetched_at: datetime, *, is_text_wanted: bool = True) -> Reading:
    found: dict[str, str] = {}
    head = read_head(root)
    site = ""
    for address in (url, head.canonical):
        try:
            site = site or urlsplit(address or "").hostname or ""
        except ValueError:
            pass
    seen = walk(root)
    h1 = [spot.node.text_content() for spot in seen.heads]
    record = read_jsonld(seen.scripts, (url or "", head.canonical), (head.title, *head.metas.get("og:title", ()), *h1))
    title, found["title"] = find_headline(root, head, record, site)
    key = letters(title)
    headline_at = next((spot.at for spot in seen.heads if letters(spot.node.text_content()) == key), seen.heads[0].at if seen.heads else 0)
    authors, organisations, where = _authors(seen, head, record, headline_at, site_names(head, record, site))
    if authors:
        found["author"] = where
    dated = find_date(seen, head, record, source, url or head.canonical, headline_at=headline_at, fetched_at=fetched_at)
    paragraphs: tuple[str, ...] = ()
    if is_text_wanted:
        paragraphs, found["paragraphs"] = read_text(root, title, record.body, url)
    if dated:
        found["date"] = dated.found
    return Reading(title=title, authors=tuple(authors), organisations=tuple(organisations), date=dated.raw if dated else None, paragraphs=paragraphs, found=found)


def _authors(
    seen: Survey, head: Head, record: Record, headline_at: int, houses: frozenset[str]
) -> tuple[list[str], list[str], str]:
    """The authors, those of them that are organisations, and where they were found.

    JSON-LD and meta tags are precise. The By line counts where they are silent or name but the house or
    a login, and where it has more names than they and theirs among them.
    """
    names, where = stated_names(record.authors), "json-ld"
    if not names:
        for name in _AUTHORS:
            values = head.metas.get(name, ())
            if name == "twitter:data1" and not _LABELS.match((head.metas.get("twitter:label1") or ("",))[0]):
                continue
            if names := stated_names(values):
                where = f"meta {name}"
                break
    organisations = stated_names(record.organisations)
    own = {letters(name) for name in organisations} | houses
    weak = [name for name in names if letters(name) in own or is_login(name)]
    shown, line = find_byline(seen, headline_at)
    known = {letters(name) for name in names}
    if shown and (len(weak) == len(names) or known < {letters(name) for name in shown}):
        return shown, [name for name in shown if letters(name) in own], line
    names = [name for name in names if not is_login(name)]
    return names, [name for name in names if letters(name) in own], where
