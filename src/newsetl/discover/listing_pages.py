"""Parsers of index pages, listings and sitemaps: Capture → links, without network."""

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
# The combinator before the last compound of a selector.
LAST_COMBINATOR = re.compile(r"\s*[\s>+~]\s*(?=[^\s>+~]+$)")
BREADCRUMB_DEPTH = 3
# A page with scripts, no link and fewer characters needs JavaScript to show anything.
MAX_SHELL_CHARS = 200
# No news is from another year, and a timezone overflows at the limits of datetime.
PLAUSIBLE_YEARS = range(1900, 2200)
XML_DECLARATION = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*<\?xml\b(?:[^>]*?\bencoding\s*=\s*["']([\w.:-]+))?[^>]*>"""
)


@dataclass(frozen=True, slots=True)
class Listing:
    """First page of a section's listing; `section` is the label of the links to that page."""

    url: str
    section: str | None


def parse_html(capture: Capture) -> BeautifulSoup:
    """Parse the page in the charset detected from its bytes, whatever the header says."""
    # BeautifulSoup warns about an XML declaration, which XHTML may have, and about text without a tag.
    body = capture.body if b"<" in capture.body else b""
    declaration = XML_DECLARATION.match(body)
    body = body[declaration.end() :] if declaration else body
    charset = capture.charset or (declaration and declaration[1] and declaration[1].decode("ascii")) or None
    try:
        root = html_tree.parse_tree(decode(body, charset)[0])
    except ParseError:
        # The page is undecodable or nested too deep for an article: BeautifulSoup parses what it can.
        return BeautifulSoup(body, "lxml", from_encoding=charset, multi_valued_attributes=None)
    # lxml makes markup after </html> siblings of the root.
    return html_tree.build_soup() if root is None else html_tree.build_soup(root, *root.itersiblings("*"))


def build_page_error(source: Source, capture: Capture, missing: str) -> DiscoverError:
    """Build the error for a page without `missing`: soft 404, WAF challenge, empty or unknown layout."""
    size, markers = len(capture.body), source.parse.waf_markers
    if not size:
        reason = Reason.EMPTY_BODY
    elif size in source.parse.soft_404_sizes:
        reason = Reason.SOFT_404
    elif any(marker.encode() in capture.body for marker in markers):
        reason = Reason.BLOCKED_BY_WAF
    else:
        reason = Reason.UNKNOWN_LAYOUT
    hint = (
        ""
        if reason is not Reason.UNKNOWN_LAYOUT or not _is_javascript_shell(capture)
        else "; the page needs JavaScript, which newsetl does not run: declare a feed or a sitemap"
    )
    return DiscoverError(reason, f"{capture.url}: no {missing} in {size} bytes{hint}")


def _is_javascript_shell(capture: Capture) -> bool:
    """Return True for a page of scripts with almost no text."""
    if b"<script" not in capture.body.lower():
        return False
    soup = parse_html(capture)
    for element in soup(["script", "style", "noscript", "template", "head"]):
        element.decompose()
    return len(soup.get_text(" ", strip=True)) <= MAX_SHELL_CHARS and not soup.select_one("a[href]")


def find_listings(source: Source, capture: Capture, soup: BeautifulSoup) -> list[Listing]:
    """Return the listings that an index page links to, or the page itself if it has only articles.

    Raise DiscoverError if the page has neither.
    """
    texts: dict[str, list[str]] = {}
    for anchor in soup.select("a[href]"):
        url = urls.canonicalise(source, str(anchor["href"]), base=capture.url)
        if urls.is_own(source, url) and source.discover.listing_url_pattern.search(urlsplit(url).path):
            texts.setdefault(url, []).append(_get_text(anchor))
    if not texts and not find_rows(source, capture, soup, None):
        raise build_page_error(source, capture, "section and no article")
    # "More" links to a listing too, so a declared section label goes before the first text.
    labels = {label.casefold() for pair in source.sections.items() for label in pair}
    listings = []
    for url, link_texts in texts.items():
        declared = [text for text in link_texts if text.casefold() in labels]
        listings.append(Listing(url, next(filter(None, declared + link_texts), None)))
    return listings or [Listing(capture.requested_url, None)]


def find_rows(source: Source, capture: Capture, soup: BeautifulSoup, section: str | None) -> list[Link]:
    """Return a link per article of a listing page, or all its article links if it has no rows."""
    for selector in (*source.discover.listing_item_selectors, None):
        if selector is None and is_empty_listing(source, soup):
            break
        links: dict[str, Link] = {}
        for element in soup.select(selector or "a[href]"):
            link = _build_link(source, capture, element, section)
            # A picture may link to the article before its title does.
            if link and (link.url not in links or (link.title and not links[link.url].title)):
                links[link.url] = link
        if links:
            return list(links.values())
    return []


def is_empty_listing(source: Source, soup: BeautifulSoup) -> bool:
    """Return True if the container of the rows exists and has no link: a section without articles."""
    containers = [LAST_COMBINATOR.split(selector)[0] for selector in source.discover.listing_item_selectors]
    return any(
        element.select_one("a[href]") is None
        for container in containers
        for element in soup.select(container)
    )


def _build_link(source: Source, capture: Capture, row: Tag, section: str | None) -> Link | None:
    titles: dict[str, str] = {}
    for anchor in [row] if row.name == "a" else row.select("a[href]"):
        url = urls.canonicalise(source, str(anchor["href"]), base=capture.url)
        if urls.is_article(source, url):
            titles[url] = titles.get(url) or _get_text(anchor)
    if not titles:
        return None
    url, title = next(iter(titles.items()))
    time_text = ROW_TIME.search(row.get_text(" "))
    published_at = parse_time(source, time_text[0]) if time_text else None
    return Link(source.slug, url, capture.url, title or None, section, published_at)


def find_section_label(source: Source, soup: BeautifulSoup) -> str | None:
    """Return the last part of a listing's breadcrumb, as in `position: Channel > Section`."""
    labels = "|".join(map(re.escape, source.parse.breadcrumb_labels))
    label = soup.find(string=re.compile(rf"^\s*(?:{labels})\s*[:：]", re.IGNORECASE)) if labels else None
    element = label.parent if label else None
    for _ in range(BREADCRUMB_DEPTH):
        if element is None:
            break
        before, _, last = _get_text(element).rpartition(">")
        if before:
            return last.strip() or None
        element = element.parent
    return None


def find_page_count(soup: BeautifulSoup) -> int | None:
    """Return the page count that the listing states."""
    element = soup.select_one(PAGE_COUNT)
    text = str(element["pages"]) if element else ""
    return int(text) or None if text.isdecimal() and len(text) <= PAGE_COUNT_DIGITS else None


def build_page_url(url: str, number: int) -> str:
    """Build the URL of a listing's page: name.html, name_2.html, …"""
    stem, dot, suffix = url.rpartition(".")
    return url if number == 1 else f"{stem}_{number}{dot}{suffix}"


def parse_sitemap(source: Source, capture: Capture) -> tuple[list[Link], list[Link]]:
    """Return the article links of a sitemap, and the links to its nested sitemaps.

    `published_at` is the entry's lastmod. A Google News entry has a publication date and a title instead.
    Raise DiscoverError for a page that is no sitemap or has no entry.
    """
    try:
        root = etree.fromstring(decompress_body(source, capture), build_xml_parser())
    except (etree.XMLSyntaxError, zlib.error) as error:
        raise build_page_error(source, capture, f"valid XML ({error})") from error
    entries: dict[str, list[Link]] = {"url": [], "sitemap": []}
    for entry in root.iterchildren("{*}url", "{*}sitemap"):
        url = urls.canonicalise(source, entry.findtext("{*}loc") or "", base=capture.url)
        title = " ".join((entry.findtext("{*}news/{*}title") or "").split())
        published = entry.findtext("{*}news/{*}publication_date")
        published_at = parse_time(source, published or entry.findtext("{*}lastmod") or "")
        link = Link(source.slug, url, capture.url, title or None, published_at=published_at, method="sitemap")
        entries[etree.QName(entry).localname].append(link)
    if not any(entries.values()):
        raise build_page_error(source, capture, "sitemap entry")
    return [link for link in entries["url"] if urls.is_article(source, link.url)], entries["sitemap"]


def decompress_body(source: Source, capture: Capture) -> bytes:
    """Return the body, decompressed if it is a gzip file. Raise zlib.error for a corrupt one."""
    if not capture.body.startswith(b"\x1f\x8b"):
        return capture.body
    return zlib.decompressobj(wbits=31).decompress(capture.body, source.fetch.max_bytes)


def build_xml_parser(*, is_recovering: bool = False) -> etree.XMLParser:
    """Build an XML parser without network and entities, on request with recovery from malformed XML."""
    return etree.XMLParser(resolve_entities=False, no_network=True, recover=is_recovering)


def parse_time(source: Source, text: str) -> datetime | None:
    """Parse an ISO time into UTC; without an offset in the source's timezone. Return None for other text."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.year not in PLAUSIBLE_YEARS:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=source.timezone)).astimezone(UTC)


def _get_text(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())
