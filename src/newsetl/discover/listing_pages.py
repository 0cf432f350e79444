"""Parsers of index pages and listings: Capture → links, without network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

from bs4 import BeautifulSoup, Tag

from newsetl.errors import DiscoverError, ParseError
from newsetl.model import Capture, Link
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.text import html_tree
from newsetl.text.charset import decode
from newsetl.text.feed_times import parse_iso_time

ROW_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?")
PAGE_COUNT = "ul.pages[pages]"
PAGE_COUNT_DIGITS = 6
# The combinator before the last compound of a selector.
LAST_COMBINATOR = re.compile(r"\s*[\s>+~]\s*(?=[^\s>+~]+$)")
BREADCRUMB_DEPTH = 3
# A page with scripts, no link and fewer characters needs JavaScript to show anything.
MAX_SHELL_CHARS = 200
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
    base = get_base_url(capture.url, soup)
    for anchor in soup.select("a[href]"):
        url = urls.canonicalise(source, str(anchor["href"]), base=base)
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
    base = get_base_url(capture.url, soup)
    for selector in (*source.discover.listing_item_selectors, None):
        if selector is None and is_empty_listing(source, soup):
            break
        links: dict[str, Link] = {}
        for element in soup.select(selector or "a[href]"):
            link = _build_link(source, capture, element, section, base)
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


def _build_link(source: Source, capture: Capture, row: Tag, section: str | None, base: str) -> Link | None:
    titles: dict[str, str] = {}
    for anchor in [row] if row.name == "a" else row.select("a[href]"):
        url = urls.canonicalise(source, str(anchor["href"]), base=base)
        if urls.is_article(source, url):
            titles[url] = titles.get(url) or _get_text(anchor)
    if not titles:
        return None
    url, title = next(iter(titles.items()))
    time_text = ROW_TIME.search(row.get_text(" "))
    published_at = parse_iso_time(time_text[0], source.timezone) if time_text else None
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


def find_next_page(page_url: str, soup: BeautifulSoup, first_url: str, number: int) -> str | None:
    """Return the URL of the listing's page `number`, which follows the page `page_url`.

    It is the page's rel=next, else a link to the listing with the number in it, such as `?page=2` or
    `/page/2/`, else for a file name the CMS's form name_2.html. Return None if there is none of them.
    """
    base = get_base_url(page_url, soup)
    for element in soup.select('link[rel~="next"][href], a[rel~="next"][href]'):
        url = urljoin(base, str(element["href"]).strip())
        if urlsplit(url).netloc == urlsplit(page_url).netloc:
            return url.partition("#")[0]
    first = urlsplit(first_url)
    numbered = re.compile(
        rf"{re.escape(first.path.rstrip('/'))}"
        rf"(?:/?\?(?:.*&)?(?:page|p|pg|paged|pageno|pagenum|seite)={number}|/(?:page|p|seite)?[/_-]?{number}/?)(?:&.*)?"
    )
    for element in soup.select("a[href]"):
        url = urljoin(base, str(element["href"]).strip()).partition("#")[0]
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if parts.netloc == first.netloc and numbered.fullmatch(target):
            return url
    return build_page_url(first_url, number)


def build_page_url(url: str, number: int) -> str | None:
    """Build the URL of a listing's page: name.html, name_2.html, …; None if the path has no file name."""
    parts = urlsplit(url)
    stem, dot, suffix = parts.path.rpartition(".")
    if not dot or "/" in suffix:
        return None
    return urlunsplit(parts._replace(path=f"{stem}_{number}{dot}{suffix}"))


def get_base_url(page_url: str, soup: BeautifulSoup) -> str:
    """Return the URL that the page's links are relative to: its <base href>, else its own URL."""
    element = soup.select_one("base[href]")
    return urljoin(page_url, str(element["href"]).strip()) if element else page_url


def _get_text(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())
