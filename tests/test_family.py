"""Each channel of the family, from what announces it to its articles, over real sockets."""

import json
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from newsetl import sources
from newsetl.cli.warehouse_access import now
from newsetl.discover.discovery import Discovery
from newsetl.fetch.client import Client
from newsetl.model import Article, Window
from newsetl.pipeline import ingest
from tests.support.stub_server import LocalSite, Route

STORIES = Path(__file__).parent / "stories"
FAMILY = sorted(path.name for path in STORIES.iterdir() if path.is_dir())


def site_of(slug: str) -> tuple[dict[str, Route], dict[str, str]]:
    """The channel's stories at their addresses, each announced in all that its file names; path → title."""
    source, routes, titles = sources.load(slug), dict[str, Route](), dict[str, str]()
    for file in sorted((STORIES / slug).glob("*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        path = urlsplit(told["asked_url"]).path
        routes[path], titles[path] = file.with_suffix(".html").read_bytes(), told["title"]
    anchors = "".join(f'<li><a href="{path}">{escape(title)}</a></li>' for path, title in titles.items())
    for url in source.discover.start_urls:
        box = "channel-newsGroup" if source.discover.listing_item_selectors else "list"
        routes[urlsplit(url).path] = (
            f'<html><body><a href="/about.html">About</a><ul class="{box}">{anchors}</ul></body></html>'
        )
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{path}</link></item>" for path, title in titles.items()
    )
    for url in source.discover.feeds:
        routes[urlsplit(url).path] = f'<rss version="2.0"><channel><title>A</title>{items}</channel></rss>'
    return routes, titles


@pytest.mark.parametrize("slug", FAMILY)
def test_a_channel_is_read_from_its_listing_or_feed_on(slug: str) -> None:
    assert slug in sources.list_all()
    routes, titles = site_of(slug)
    with LocalSite(routes) as site:
        source, errors = sources.load(slug).with_base_url(site.base_url), list[str]()
        with Client(source, contact=None, store=lambda capture: capture) as client:
            links = list(
                Discovery(
                    source,
                    client,
                    known=frozenset(),
                    window=Window(),
                    on_error=lambda url, error: errors.append(f"{url}: {error}"),
                )
            )
            read = [ingest.fetch_article(client, link.url, source, clock=now) for link in links]
    assert errors == []
    assert {urlsplit(link.url).path for link in links} == set(titles)
    assert {page.title for page in read if isinstance(page, Article)} == set(titles.values())


def test_the_family_is_nine() -> None:
    assert {"stdaily", *FAMILY} == set(sources.list_all())
    assert len(sources.list_all()) == 9
