"""What index pages, listings and sitemaps say: a Capture in, links out. No network."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from lxml import etree

from newsetl.errors import DiscoverError, ParseError
from newsetl.model import Capture, Link
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.text import html_tree
from newsetl.text.charset import decode

ROW_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?")
PAGE_COUNT = "ul.pages[pages]"
PAGE_COUNT_DIGITS = 6
# The combinator before the last part of a selector.
LAST_COMBINATOR = re.compile(r"\s*[\s>+~]\s*(?=[^\s>+~]+$)")
BREADCRUMB_DEPTH = 3
# A page with fewer letters that has scripts and no link shows nothing before they have run.
MAX_SHELL_CHARS = 200
# No page of a news channel is of another; at the calendar's own ends a zone cannot be applied.
PLAUSIBLE_YEARS = range(1900, 2200)
XML_DECLARATION = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*<\?xml\b(?:[^>]*?\bencoding\s*=\s*["']([\w.:-]+))?[^>]*>"""
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A section's listing, by its first page; `section` is the label of the links to it."""

    url: str
    section: str | None


def parse_html(capture: Capture) -> BeautifulSoup:
    """The page as a tree, in the charset that its bytes bear out, whatever the header says."""
    # BeautifulSoup warns of an XML declaration, which an XHTML page may have, and of text without a tag.
    body = capture.body if b"<" in capture.body else b""
    stated = XML_DECLARATION.match(body)
    body = body[stated.end() :] if stated else body
    charset = capture.charset or (stated and stated[1] and stated[1].decode("ascii")) or None
    try:
        root = html_tree.parse_tree(decode(body, charset)[0])
    except ParseError:
        # Broken in every charset, or deeper than an article may be: BeautifulSoup takes what it can.
        return BeautifulSoup(body, "lxml", from_encoding=charset, multi_valued_attributes=None)
    # What stands behind the page's end, lxml has as pages of their own.
    return html_tree.build_soup() if root is None else html_tree.build_soup(root, *root.itersiblings("*"))


def build_page_error(source: Source, capture: Capture, missing: str) -> DiscoverError:
    """Why a page is of no use: it is the site's dead page, the firewall's, or one that is laid out anew."""
    size, marks = len(capture.body), source.parse.waf_markers
    if not size:
        reason = Reason.EMPTY_BODY
    elif size in source.parse.soft_404_sizes:
        reason = Reason.SOFT_404
    elif any(mark.encode() in capture.body for mark in marks):
        reason = Reason.BLOCKED_BY_WAF
    else:
        reason = Reason.UNKNOWN_LAYOUT
    shell = (
        ""
        if reason is not Reason.UNKNOWN_LAYOUT or not _is_javascript_shell(capture)
        else ("; it is a shell that scripts fill, and none is run here: look for a feed or a sitemap")
    )
    return DiscoverError(reason, f"{capture.url}: no {missing} in {size} bytes{shell}")


def _is_javascript_shell(capture: Capture) -> bool:
    """True for a page of scripts with hardly a word for readers."""
    if b"<script" not in capture.body.lower():
        return False
    soup = parse_html(capture)
    for element in soup(["script", "style", "noscript", "template", "head"]):
        element.decompose()
    return len(soup.get_text(" ", strip=True)) <= MAX_SHELL_CHARS and not soup.select_one("a[href]")


def find_listings(source: Source, capture: Capture, soup: BeautifulSoup) -> list[Listing]:
    """The section listings that an index page links to; the page itself if it has only articles.

    Raises DiscoverError if it has neither.
    """
    texts: dict[str, list[str]] = {}
    for anchor in soup.select("a[href]"):
        address = urls.canonicalise(source, str(anchor["href"]), base=capture.url)
        if urls.is_own(source, address) and source.discover.listing_url_pattern.search(
            urlsplit(address).path
        ):
            texts.setdefault(address, []).append(_get_text(anchor))
    if not texts and not find_rows(source, capture, soup, None):
        raise build_page_error(source, capture, "section and no article")
    # "More" links to a listing too: a label that the source knows goes before the first one.
    labels = {label.casefold() for pair in source.sections.items() for label in pair}
    found = []
    for address, printed in texts.items():
        known = [text for text in printed if text.casefold() in labels]
        found.append(Listing(address, next(filter(None, known + printed), None)))
    return found or [Listing(capture.requested_url, None)]


def find_rows(source: Source, capture: Capture, soup: BeautifulSoup, section: str | None) -> list[Link]:
    """The announcements of a listing page, each article once; all its article links if it has no rows."""
    for selector in (*source.discover.listing_item_selectors, None):
        if selector is None and is_empty_listing(source, soup):
            break
        found: dict[str, Link] = {}
        for element in soup.select(selector or "a[href]"):
            link = _build_link(source, capture, element, section)
            # A picture may link to the article before its title does.
            if link and (link.url not in found or (link.title and not found[link.url].title)):
                found[link.url] = link
        if found:
            return list(found.values())
    return []


def is_empty_listing(source: Source, soup: BeautifulSoup) -> bool:
    """True if the place where rows stand is there and has no link at all: a section without articles."""
    places = [LAST_COMBINATOR.split(selector)[0] for selector in source.discover.listing_item_selectors]
    return any(place.select_one("a[href]") is None for each in places for place in soup.select(each))


def _build_link(source: Source, capture: Capture, row: Tag, section: str | None) -> Link | None:
    titles: dict[str, str] = {}
    for anchor in [row] if row.name == "a" else row.select("a[href]"):
        address = urls.canonicalise(source, str(anchor["href"]), base=capture.url)
        if urls.is_article(source, address):
            titles[address] = titles.get(address) or _get_text(anchor)
    if not titles:
        return None
    address, title = next(iter(titles.items()))
    printed = ROW_TIME.search(row.get_text(" "))
    published_at = parse_time(source, printed[0]) if printed else None
    return Link(source.slug, address, capture.url, title or None, section, published_at)


def find_section_label(source: Source, soup: BeautifulSoup) -> str | None:
    """The last part of a listing's own breadcrumb, `position: Channel > Section`."""
    labels = "|".join(map(re.escape, source.parse.breadcrumb_labels))
    found = soup.find(string=re.compile(rf"^\s*(?:{labels})\s*[:：]", re.IGNORECASE)) if labels else None
    element = found.parent if found else None
    for _ in range(BREADCRUMB_DEPTH):
        if element is None:
            break
        before, _, last = _get_text(element).rpartition(">")
        if before:
            return last.strip() or None
        element = element.parent
    return None


def find_page_count(soup: BeautifulSoup) -> int | None:
    """How many pages the listing says it has."""
    element = soup.select_one(PAGE_COUNT)
    text = str(element["pages"]) if element else ""
    return int(text) or None if text.isdecimal() and len(text) <= PAGE_COUNT_DIGITS else None


def build_page_url(url: str, number: int) -> str:
    """The address of a listing's page: name.html, name_2.html, …"""
    stem, dot, suffix = url.rpartition(".")
    return url if number == 1 else f"{stem}_{number}{dot}{suffix}"


def parse_sitemap(source: Source, capture: Capture) -> tuple[list[Link], list[Link]]:
    """The articles that a sitemap names, and the sitemaps.

    `published_at` is the entry's lastmod; in a Google News sitemap the time of publication, beside the title.
    Raises DiscoverError for what is no sitemap or has no entry at all.
    """
    try:
        root = etree.fromstring(decompress_body(source, capture), build_xml_parser())
    except (etree.XMLSyntaxError, zlib.error) as error:
        raise build_page_error(source, capture, f"valid XML ({error})") from error
    entries: dict[str, list[Link]] = {"url": [], "sitemap": []}
    for entry in root.iterchildren("{*}url", "{*}sitemap"):
        address = urls.canonicalise(source, entry.findtext("{*}loc") or "", base=capture.url)
        title = " ".join((entry.findtext("{*}news/{*}title") or "").split())
        published = entry.findtext("{*}news/{*}publication_date")
        published_at = parse_time(source, published or entry.findtext("{*}lastmod") or "")
        link = Link(
            source.slug, address, capture.url, title or None, published_at=published_at, method="sitemap"
        )
        entries[etree.QName(entry).localname].append(link)
    if not any(entries.values()):
        raise build_page_error(source, capture, "sitemap entry")
    return [link for link in entries["url"] if urls.is_article(source, link.url)], entries["sitemap"]


def decompress_body(source: Source, capture: Capture) -> bytes:
    """The body, out of the gzip file that it may be. Raises zlib.error."""
    if not capture.body.startswith(b"\x1f\x8b"):
        return capture.body
    return zlib.decompressobj(wbits=31).decompress(capture.body, source.fetch.max_bytes)


def build_xml_parser(*, is_recovering: bool = False) -> etree.XMLParser:
    """A parser of XML that fetches nothing and swells nothing; one that recovers reads broken XML too."""
    return etree.XMLParser(resolve_entities=False, no_network=True, recover=is_recovering)


def parse_time(source: Source, text: str) -> datetime | None:
    """A time as printed, in UTC; without an offset it is the source's own time; None for nonsense."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.year not in PLAUSIBLE_YEARS:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=source.timezone)).astimezone(UTC)


def _get_text(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())
