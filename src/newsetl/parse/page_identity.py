"""URLs that a page states about itself, and its place in an article of several pages.

Both are parsed from the head and the structured data by patterns, without a tree: every page needs them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

# Each begins with letters of one case, because the search for such a prefix is ten times as fast.
_RELS = tuple(re.compile(rf"{name}\s*=\s*[\"']?\s*((?i:canonical|prev|next))\b") for name in ("rel", "REL"))
_LINK_START = re.compile(r"<(?:link|a)\s", re.IGNORECASE)
# Characters of a tag before and behind an attribute. A hostile page may consist of one tag.
_MAX_TAG_CHARS = 2_000
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)
_JSONLD_URL = re.compile(r"\"(?:url|@id|mainEntityOfPage)\"\s*:\s*\"([^\"]*)\"")
# The part of a URL that names a page of an article: ?page=2, /page/2/, /2/, -2.html, _2.shtml.
_PAGE_QUERY = re.compile(
    r"(?:^|(?<=&))(?:page|p|pg|pagina|seite|paged|start)=(\d{1,3})(?:&|$)", re.IGNORECASE
)
_PAGE_PATH = re.compile(r"(?:/page|/seite|/p)?/(\d{1,2})/?$", re.IGNORECASE)
_PAGE_NAME = re.compile(r"(?:[-_](?:p|page)?|,)(\d{1,2})(?=\.\w{3,5}$)", re.IGNORECASE)


def find_stated_urls(text: str, base_url: str) -> tuple[str, ...]:
    """Return the absolute URLs of the canonical link, of og:url and of the JSON-LD records."""
    stated = [href for kind, href in _iter_links(text) if kind == "canonical"]
    stated += [_get_value(_CONTENT, tag) for tag in _iter_tags(text, "og:url")]
    start = text.find("ld+json")
    while start >= 0 and (end := _SCRIPT_END.search(text, start)):
        stated += [url.replace("\\/", "/") for url in _JSONLD_URL.findall(text, start, end.start())]
        start = text.find("ld+json", end.end())
    return tuple(dict.fromkeys(_join(base_url, url) for url in stated if url))


def find_canonical(text: str, base_url: str) -> str | None:
    """Return the absolute URL of the first canonical link, or None."""
    href = next((href for kind, href in _iter_links(text) if kind == "canonical"), "")
    return _join(base_url, href) or None if href else None


def find_first_page(text: str, url: str) -> str | None:
    """Return the URL of the article's first page if the page at `url` is a later one, otherwise None.

    The page's canonical link names the first page, or its rel=prev link names another page of the article.
    """
    numbered = _split_page_number(url)
    if numbered is None or numbered[1] < 2:
        return None
    first = numbered[0]
    for kind, href in _iter_links(text):
        linked = _join(url, href)
        if kind == "canonical" and _is_same(linked, first):
            return linked
        if kind == "prev" and (_is_same(linked, first) or _is_page_of(linked, first)):
            return first
    return None


def has_next_page(text: str, url: str) -> bool:
    """Return True if rel=next names another page of the article at `url`."""
    return any(
        kind == "next" and _is_page_of(_join(url, href), url) and not _is_same(_join(url, href), url)
        for kind, href in _iter_links(text)
    )


def _iter_links(text: str) -> Iterator[tuple[str, str]]:
    for pattern in _RELS:
        for match in pattern.finditer(text):
            tag = _get_tag(text, match.start(), match.end())
            if _LINK_START.match(tag):
                yield match[1].lower(), _get_value(_HREF, tag)


def _iter_tags(text: str, attribute: str) -> Iterator[str]:
    at = text.find(attribute)
    while at >= 0:
        yield _get_tag(text, at, at)
        at = text.find(attribute, at + len(attribute))


def _get_tag(text: str, start: int, end: int) -> str:
    """Return the tag around the characters from `start` to `end`, "" if they are in none."""
    opened = text.rfind("<", max(0, start - _MAX_TAG_CHARS), start)
    closed = text.find(">", opened if opened >= 0 else start, end + _MAX_TAG_CHARS)
    return text[opened : closed + 1] if opened >= 0 and end <= closed else ""


def _get_value(pattern: re.Pattern[str], tag: str) -> str:
    match = pattern.search(tag)
    return html.unescape(next((value for value in match.groups() if value), "")).strip() if match else ""


def _join(base_url: str, url: str) -> str:
    try:
        return urljoin(base_url, url)
    except ValueError:
        return ""


def _split_page_number(url: str) -> tuple[str, int] | None:
    """Return the URL without the part that numbers a page of an article, and the number."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if match := _PAGE_QUERY.search(parts.query):
        query = (parts.query[: match.start()] + parts.query[match.end() :]).strip("&")
        return parts._replace(query=query, fragment="").geturl(), int(match[1])
    for pattern in (_PAGE_PATH, _PAGE_NAME):
        if match := pattern.search(parts.path):
            path = parts.path[: match.start()] + parts.path[match.end() :]
            return parts._replace(path=path, fragment="").geturl(), int(match[1])
    return None


def _is_page_of(url: str, first: str) -> bool:
    numbered = _split_page_number(url)
    return numbered is not None and _is_same(numbered[0], first)


def _is_same(one: str, other: str) -> bool:
    """Return True if the URLs have the same host, path and query."""
    try:
        parts, other_parts = urlsplit(one), urlsplit(other)
    except ValueError:
        return False
    key = (parts.netloc.lower(), parts.path.rstrip("/"), parts.query)
    return key == (other_parts.netloc.lower(), other_parts.path.rstrip("/"), other_parts.query)
