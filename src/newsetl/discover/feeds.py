"""Parsers of RSS, Atom and JSON feeds."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from newsetl.discover import listing_pages, xml_documents
from newsetl.errors import OnError, StageError
from newsetl.fetch.client import Client
from newsetl.model import Capture, DiscoveryMethod, Link, Window
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.text.feed_times import parse_feed_time

ROOT_TAGS = ("rss", "rdf", "feed")
# {*} matches RSS 2.0, which has no namespace, and the namespaces of Atom and RSS 1.0.
ITEM_TAGS = ("{*}item", "{*}entry")
# The time of publication comes before the time of the last change.
TIME_TAGS = ("{*}pubDate", "{*}published", "{*}issued", "{*}date", "{*}updated")
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"


def find_links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """Yield the window's articles in the source's feeds. Pass each feed that fails to `on_error`."""
    for url in source.discover.feeds:
        try:
            links = parse_feed(source, client.get(url, kind="feed"))
        except StageError as error:
            on_error(url, error)
            continue
        yield from (link for link in links if urls.may_be_in_window(source, link, window))


def parse_feed(source: Source, capture: Capture) -> list[Link]:
    """Return the articles of a feed in feed order, and of malformed XML the items that can be recovered.

    Raise DiscoverError for a page that is no feed, and for malformed XML without items. A well-formed
    feed may be empty.
    """
    try:
        content = xml_documents.decompress_body(source, capture)
        if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return _parse_json(source, capture, content)
        root, is_well_formed = xml_documents.parse_xml(content, capture.url)
    except (etree.XMLSyntaxError, zlib.error) as error:
        raise listing_pages.build_page_error(source, capture, f"valid XML ({error})") from error
    return parse_items(source, capture, root, is_well_formed=is_well_formed)


def is_feed(root: etree._Element | None) -> bool:
    """Return True for the root of an RSS or Atom feed. A recovering parser may find no root."""
    return root is not None and etree.QName(root).localname.lower() in ROOT_TAGS


def parse_items(
    source: Source,
    capture: Capture,
    root: etree._Element | None,
    *,
    is_well_formed: bool,
    method: DiscoveryMethod = "feed",
) -> list[Link]:
    """Return the articles of a parsed RSS or Atom feed; raise DiscoverError as `parse_feed` does."""
    items = list(root.iter(*ITEM_TAGS)) if root is not None else []
    if root is None or not is_feed(root) or not (items or is_well_formed):
        raise listing_pages.build_page_error(source, capture, "feed item")
    # RSS resolves relative URLs by the channel's link.
    channel = next((link.text for link in root.iterfind("{*}channel/{*}link") if link.text), None)
    home = urljoin(capture.url, channel.strip()) if channel else None
    links = (_build_link(source, capture, item, method, home) for item in items)
    return [link for link in links if urls.is_article(source, link.url)]


def _build_link(
    source: Source, capture: Capture, item: etree._Element, method: DiscoveryMethod, home: str | None
) -> Link:
    title = item.find("{*}title")
    title_text = " ".join(str(title.xpath("string()")).split()) if title is not None else ""
    times = (parse_feed_time(item.findtext(name) or "", source.timezone) for name in TIME_TAGS)
    found = [
        urls.canonicalise(source, url, base=base)
        for url, bases in _list_item_urls(item, capture.url, home)
        for base in bases
    ]
    return Link(
        source.slug,
        _choose_url(source, found),
        capture.url,
        title_text or None,
        published_at=next(filter(None, times), None),
        method=method,
    )


def _choose_url(source: Source, found: list[str]) -> str:
    """Return the first article of the URLs that an item states, else the first URL, else ""."""
    return next((url for url in found if urls.is_article(source, url)), found[0] if found else "")


def _list_item_urls(
    item: etree._Element, feed: str, home: str | None
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each URL that the item states, with the URLs that it may be relative to, the likeliest first.

    Atom has the URL in an attribute, RSS in the text. `origLink` is the article's own URL beside a link to a
    service that counts clicks. A guid is a URL unless isPermaLink is false.
    """
    for link in item.iterfind("{*}link"):
        url = (link.get("href") if link.get("rel", "alternate") == "alternate" else None) or link.text
        if url and url.strip():
            has_base = any(element.get(XML_BASE) for element in (link, *link.iterancestors()))
            bases = (link.base or feed,) if has_base else tuple(dict.fromkeys((feed, home or feed)))
            yield url, bases
    for name in ("{*}origLink", "{*}guid"):
        element = item.find(name)
        if element is not None and element.text and element.get("isPermaLink") != "false":
            yield element.text, (feed,)


def _parse_json(source: Source, capture: Capture, content: bytes) -> list[Link]:
    """Return the articles of a JSON feed (jsonfeed.org). Raise DiscoverError for other JSON."""
    try:
        feed: Any = json.loads(content.decode("utf-8-sig"))
    except ValueError as error:
        raise listing_pages.build_page_error(source, capture, f"valid JSON ({error})") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise listing_pages.build_page_error(source, capture, "feed item")
    links = []
    for item in (item for item in items if isinstance(item, dict)):
        stated = [str(item[name]) for name in ("url", "external_url", "id") if item.get(name)]
        found = [urls.canonicalise(source, url, base=capture.url) for url in stated]
        times = (str(item.get(name) or "") for name in ("date_published", "date_modified"))
        links.append(
            Link(
                source.slug,
                _choose_url(source, found),
                capture.url,
                " ".join(str(item.get("title") or "").split()) or None,
                published_at=next(filter(None, (parse_feed_time(t, source.timezone) for t in times)), None),
                method="feed",
            )
        )
    return [link for link in links if urls.is_article(source, link.url)]
