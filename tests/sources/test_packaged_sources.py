"""Discovery and parsing of each packaged source over real sockets, with its example pages."""

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

EXAMPLES = Path(__file__).parents[1] / "stories"
SOURCES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


def build_site(slug: str) -> tuple[dict[str, Route], dict[str, str]]:
    """Build the routes of a site that lists its examples on all start pages and feeds, and path → title."""
    source, routes, titles = sources.load(slug), dict[str, Route](), dict[str, str]()
    for file in sorted((EXAMPLES / slug).glob("*.json")):
        expected = json.loads(file.read_text(encoding="utf-8"))
        path = urlsplit(expected["asked_url"]).path
        routes[path], titles[path] = file.with_suffix(".html").read_bytes(), expected["title"]
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


@pytest.mark.parametrize("slug", SOURCES)
def test_a_source_is_parsed_from_its_listings_and_feeds(slug: str) -> None:
    assert slug in sources.list_all()
    routes, titles = build_site(slug)
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
            pages = [ingest.fetch_article(client, link.url, source, clock=now) for link in links]
    assert errors == []
    assert {urlsplit(link.url).path for link in links} == set(titles)
    assert {page.title for page in pages if isinstance(page, Article)} == set(titles.values())


def test_nine_sources_are_packaged() -> None:
    assert {"stdaily", *SOURCES} == set(sources.list_all())
    assert len(sources.list_all()) == 9
