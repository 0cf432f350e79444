"""Feeds: RSS in its versions, and Atom."""

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

# Names without a namespace are RSS 2.0's; {*} is Atom's and that of the older RSS as well.
ITEM_TAGS = ("{*}item", "{*}entry")
# When it was published; failing that, when it was changed.
TIME_TAGS = ("{*}pubDate", "{*}published", "{*}date", "{*}updated")


def find_links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """The articles that the source's feeds announce in the window; a feed that fails is told."""
    for url in source.discover.feeds:
        try:
            found = parse_feed(source, client.get(url, kind="feed"))
        except StageError as error:
            on_error(url, error)
            continue
        yield from (link for link in found if urls.may_be_in_window(source, link, window))


def parse_feed(source: Source, capture: Capture) -> list[Link]:
    """The articles in a feed, in its order; of one that is not well-formed those that can be read.

    Raises DiscoverError for what is no feed, and for a broken one without a readable item. A feed that
    is whole may be empty.
    """
    is_whole = True
    try:
        content = listing_pages.decompress_body(source, capture)
        try:
            root = etree.fromstring(content, listing_pages.build_xml_parser())
        except etree.XMLSyntaxError:
            is_whole = False
            root = etree.fromstring(content, listing_pages.build_xml_parser(is_recovering=True))
    except (etree.XMLSyntaxError, zlib.error) as error:
        raise listing_pages.build_page_error(source, capture, f"valid XML ({error})") from error
    # A parser that recovers may find no root at all.
    name = "" if root is None else etree.QName(root).localname.lower()
    items = [] if root is None else list(root.iter(*ITEM_TAGS))
    if name not in ("rss", "rdf", "feed") or not (items or is_whole):
        raise listing_pages.build_page_error(source, capture, "feed item")
    found = map(partial(_build_link, source, capture), items)
    return [link for link in found if urls.is_article(source, link.url)]


def _build_link(source: Source, capture: Capture, item: etree._Element) -> Link:
    title = item.find("{*}title")
    printed = " ".join(str(title.xpath("string()")).split()) if title is not None else ""
    stamps = (_parse_item_time(source, item.findtext(name) or "") for name in TIME_TAGS)
    return Link(
        source.slug,
        urls.canonicalise(source, _get_item_url(item), base=capture.url),
        capture.url,
        printed or None,
        published_at=next(filter(None, stamps), None),
        method="feed",
    )


def _get_item_url(item: etree._Element) -> str:
    """Atom has it in an attribute, RSS in a text; a guid is an address unless it says that it is none."""
    for link in item.iterfind("{*}link"):
        if address := link.get("href") if link.get("rel", "alternate") == "alternate" else None:
            return address
        if link.text and link.text.strip():
            return link.text
    guid = item.find("{*}guid")
    return guid.text or "" if guid is not None and guid.get("isPermaLink") != "false" else ""


def _parse_item_time(source: Source, text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text.strip())
    except (TypeError, ValueError):
        return listing_pages.parse_time(source, text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
