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
ITEMS = ("{*}item", "{*}entry")
# When it was published; failing that, when it was changed.
TIMES = ("{*}pubDate", "{*}published", "{*}date", "{*}updated")


def links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """The articles that the source's feeds announce in the window; a feed that fails is told."""
    for url in source.discover.feeds:
        try:
            found = entries(source, client.get(url, why="feed"))
        except StageError as error:
            on_error(url, error)
            continue
        yield from (link for link in found if urls.may_be_in(source, link, window))


def entries(source: Source, capture: Capture) -> list[Link]:
    """The articles in a feed, in its order; of one that is not well-formed those that can be read.

    Raises DiscoverError for what is no feed, and for a broken one without a readable item. A feed that
    is whole may be empty.
    """
    is_whole = True
    try:
        content = listing_pages.unpacked(source, capture)
        try:
            root = etree.fromstring(content, listing_pages.parser())
        except etree.XMLSyntaxError:
            is_whole = False
            root = etree.fromstring(content, listing_pages.parser(recover=True))
    except (etree.XMLSyntaxError, zlib.error) as error:
        raise listing_pages.refusal(source, capture, f"valid XML ({error})") from error
    # A parser that recovers may find no root at all.
    name = "" if root is None else etree.QName(root).localname.lower()
    items = [] if root is None else list(root.iter(*ITEMS))
    if name not in ("rss", "rdf", "feed") or not (items or is_whole):
        raise listing_pages.refusal(source, capture, "feed item")
    found = map(partial(_link, source, capture), items)
    return [link for link in found if urls.is_article(source, link.url)]


def _link(source: Source, capture: Capture, item: etree._Element) -> Link:
    title = item.find("{*}title")
    printed = " ".join(str(title.xpath("string()")).split()) if title is not None else ""
    stamps = (_moment(source, item.findtext(name) or "") for name in TIMES)
    return Link(
        source.slug,
        urls.canonical(source, _address(item), base=capture.url),
        capture.url,
        printed or None,
        published_at=next(filter(None, stamps), None),
        method="feed",
    )


def _address(item: etree._Element) -> str:
    """Atom has it in an attribute, RSS in a text; a guid is an address unless it says that it is none."""
    for link in item.iterfind("{*}link"):
        if address := link.get("href") if link.get("rel", "alternate") == "alternate" else None:
            return address
        if link.text and link.text.strip():
            return link.text
    guid = item.find("{*}guid")
    return guid.text or "" if guid is not None and guid.get("isPermaLink") != "false" else ""


def _moment(source: Source, text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text.strip())
    except (TypeError, ValueError):
        return listing_pages.moment(source, text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
