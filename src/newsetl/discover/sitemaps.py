"""Parser of sitemaps: Capture → links, without network."""

from __future__ import annotations

import zlib
from datetime import date
from typing import NamedTuple

from lxml import etree

from newsetl.discover import feeds, listing_pages, xml_documents
from newsetl.model import Capture, Link
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.text.absolute_url import parse_http_url
from newsetl.text.feed_times import parse_feed_time

_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Sitemap(NamedTuple):
    """Links of a sitemap to articles and to nested sitemaps.

    `is_complete` is False if the XML is cut or malformed, so that entries may be missing.
    """

    articles: list[Link]
    nested: list[Link]
    is_complete: bool


def parse_sitemap(source: Source, capture: Capture) -> Sitemap:
    """Return the links of a sitemap, as far as it can be read.

    A sitemap is XML of sitemaps.org, an RSS or Atom feed, or a text with a URL per line. `modified_at` is the
    entry's lastmod, before which the article was published. A Google News entry has `published_at` and a
    title. Raise DiscoverError for a page that is no sitemap or has no entry.
    """
    try:
        content = xml_documents.decompress_body(source, capture)
        if links := _parse_text(source, capture, content):
            return Sitemap([link for link in links if urls.is_article(source, link.url)], [], True)
        root, is_complete = xml_documents.parse_xml(content, capture.url)
    except (etree.XMLSyntaxError, zlib.error) as error:
        raise listing_pages.build_page_error(source, capture, f"valid XML ({error})") from error
    if feeds.is_feed(root):
        items = feeds.parse_items(source, capture, root, is_well_formed=is_complete, method="sitemap")
        return Sitemap(items, [], is_complete)
    entries: dict[str, list[Link]] = {"url": [], "sitemap": []}
    for entry in () if root is None else root.iter("{*}url", "{*}sitemap"):
        url = urls.canonicalise(source, entry.findtext("{*}loc") or "", base=capture.url)
        title = " ".join((entry.findtext("{*}news/{*}title") or "").split())
        published = entry.findtext("{*}news/{*}publication_date") or ""
        link = Link(
            source.slug,
            url,
            capture.url,
            title or None,
            published_at=parse_feed_time(published, source.timezone),
            modified_at=parse_feed_time(entry.findtext("{*}lastmod") or "", source.timezone),
            method="sitemap",
        )
        entries[etree.QName(entry).localname].append(link)
    if not any(entries.values()):
        raise listing_pages.build_page_error(source, capture, "sitemap entry")
    articles = [link for link in entries["url"] if urls.is_article(source, link.url)]
    return Sitemap(articles, entries["sitemap"], is_complete)


def sort_newest_first(nested: list[Link]) -> list[Link]:
    """Return the nested sitemaps sorted by the time of change, else by the day in the URL; the rest last."""

    def get_recency(link: Link) -> float:
        if link.modified_at:
            return link.modified_at.timestamp()
        days = urls.get_path_day(link.url)
        return float(days[1].toordinal() - _EPOCH_DAY) * 86_400 if days else float("-inf")

    return sorted(nested, key=get_recency, reverse=True)


def _parse_text(source: Source, capture: Capture, content: bytes) -> list[Link]:
    """Return a link per line of a text sitemap; none if the first line is no URL."""
    lines = content.decode("utf-8-sig", "replace").split() if not content.lstrip().startswith(b"<") else []
    if not lines or parse_http_url(lines[0]) is None:
        return []
    return [
        Link(
            source.slug,
            urls.canonicalise(source, line, base=capture.url),
            capture.url,
            None,
            method="sitemap",
        )
        for line in lines
    ]
