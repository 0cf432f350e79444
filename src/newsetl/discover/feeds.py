"""Parsers of RSS and Atom feeds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

from lxml import etree

from newsetl.discover import listing_pages
from newsetl.errors import OnError, StageError
from newsetl.fetch.client import Client
from newsetl.model import Capture, Link, Window
from newsetl.sources import urls
from newsetl.sources.config import Source

# {*} matches RSS 2.0, which has no namespace, and the namespaces of Atom and RSS 1.0.
ITEM_TAGS = ("{*}item", "{*}entry")
# The time of publication comes before the time of the last change.
TIME_TAGS = ("{*}pubDate", "{*}published", "{*}date", "{*}updated")


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
    is_well_formed = True
    try:
        content = listing_pages.decompress_body(source, capture)
        try:
            root = etree.fromstring(content, listing_pages.build_xml_parser())
        except etree.XMLSyntaxError:
            is_well_formed = False
            root = etree.fromstring(content, listing_pages.build_xml_parser(is_recovering=True))
    except (etree.XMLSyntaxError, zlib.error) as error:
        raise listing_pages.build_page_error(source, capture, f"valid XML ({error})") from error
    # A recovering parser may find no root.
    name = "" if root is None else etree.QName(root).localname.lower()
    items = [] if root is None else list(root.iter(*ITEM_TAGS))
    if name not in ("rss", "rdf", "feed") or not (items or is_well_formed):
        raise listing_pages.build_page_error(source, capture, "feed item")
    links = map(partial(_build_link, source, capture), items)
    return [link for link in links if urls.is_article(source, link.url)]


def _build_link(source: Source, capture: Capture, item: etree._Element) -> Link:
    title = item.find("{*}title")
    title_text = " ".join(str(title.xpath("string()")).split()) if title is not None else ""
    times = (_parse_item_time(source, item.findtext(name) or "") for name in TIME_TAGS)
    return Link(
        source.slug,
        urls.canonicalise(source, _get_item_url(item), base=capture.url),
        capture.url,
        title_text or None,
        published_at=next(filter(None, times), None),
        method="feed",
    )


def _get_item_url(item: etree._Element) -> str:
    """Return the item's URL, or "".

    Atom has the URL in an attribute, RSS in the text. A guid is a URL unless isPermaLink is false.
    """
    for link in item.iterfind("{*}link"):
        if url := link.get("href") if link.get("rel", "alternate") == "alternate" else None:
            return url
        if link.text and link.text.strip():
            return link.text
    guid = item.find("{*}guid")
    return guid.text or "" if guid is not None and guid.get("isPermaLink") != "false" else ""


def _parse_item_time(source: Source, text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.strip())
    except (TypeError, ValueError):
        return listing_pages.parse_time(source, text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
