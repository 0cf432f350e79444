"""Discovery on untidy sites: odd XML, feeds in every dialect, relative links, URLs with a query."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup

from newsetl import sources
from newsetl.discover import feeds, listing_pages, sitemaps
from newsetl.discover.discovery import Discovery
from newsetl.errors import DiscoverError
from newsetl.fetch.client import Client
from newsetl.model import Capture, CaptureKind, Window
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.text.feed_times import parse_feed_time
from tests.support.page_factory import build_site_toml

HOME = "https://www.reedmail.example"
STORIES = [f"{HOME}/story/otter-{n}" for n in range(3)]


def build_source(pattern: str = "^/story/[^/]+$", more: str = "", host: str = "") -> Source:
    text = build_site_toml("reedmail", pattern, more)
    return sources.parse_toml(
        text.replace("www.reedmail.example", host or "www.reedmail.example"), file="x.toml"
    )


def respond(body: str | bytes, kind: CaptureKind = "sitemap", url: str = f"{HOME}/deep/list.xml") -> Capture:
    data = body.encode() if isinstance(body, str) else body
    return Capture(
        uuid4(), "reedmail", kind, url, url, datetime(2026, 3, 5, tzinfo=UTC), 200, (), None, payload=data, body=data  # noqa: E501
    )  # fmt: skip


def build_urlset(more: str = "", before: str = '<?xml version="1.0"?>', after: str = "") -> str:
    entries = "".join(f"<url><loc>{url}</loc><lastmod>2026-03-04</lastmod></url>" for url in STORIES)
    return (
        f'{before}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}{more}</urlset>{after}'
    )


RSS = "".join(f"<item><title>Otters</title><link>{url}</link></item>" for url in STORIES)
SITEMAPS = {
    "tidy": build_urlset(),
    "blank lines first": "\n \n" + build_urlset(),
    "a message of PHP first": "<br />\n<b>Notice</b>: Undefined index in x.php\n" + build_urlset(),
    "bare ampersand": build_urlset(f"<url><loc>{HOME}/shop?a=1&b=2&c</loc></url>"),
    "HTML entity": build_urlset("<url><loc>https://www.reedmail.example/caf&eacute;&nbsp;x</loc></url>"),
    "control character": build_urlset("<url><loc>x\x0b\x1fy&#x1;</loc></url>"),
    "script after the end": build_urlset(after="<script>track('<&')</script>"),
    "cut end": build_urlset(f"<url><loc>{HOME}/story/ha")[: -len("</urlset>")],
    "ampersand in CDATA": build_urlset("<url><loc><![CDATA[https://www.reedmail.example/a?b&c]]></loc></url>"),
    "no namespace": build_urlset().replace(' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"', ""),
    "text": "\ufeff" + "\r\n".join(STORIES) + "\n",
    "RSS": f'<rss version="2.0"><channel><title>x</title>{RSS}</channel></rss>',
    "gzip": gzip.compress(build_urlset().encode()),
    "gzip of two members": gzip.compress(build_urlset().encode()[:90]) + gzip.compress(build_urlset().encode()[90:]),  # noqa: E501
    "gzip with bytes behind": gzip.compress(build_urlset().encode()) + b"\0\0\0",
}  # fmt: skip


@pytest.mark.parametrize("name", SITEMAPS)
def test_every_entry_of_an_odd_sitemap_is_read(name: str) -> None:
    links, nested, is_complete = sitemaps.parse_sitemap(build_source(), respond(SITEMAPS[name]))
    assert [link.url for link in links] == STORIES
    assert nested == []
    assert is_complete == (name != "cut end")


@pytest.mark.parametrize(
    "body", ["<html><body><p>Hello</p></body></html>", "not a URL", b"\x1f\x8b\x08broken", "{}"]
)
def test_what_is_no_sitemap_is_an_error(body: str | bytes) -> None:
    with pytest.raises(DiscoverError):
        sitemaps.parse_sitemap(build_source(), respond(body))


def test_lastmod_is_a_time_of_change_and_a_news_entry_has_the_publication() -> None:
    news = (
        '<url xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><loc>https://www.reedmail.example/story/new</loc>'
        "<n:news><n:publication_date>2026-03-03T08:00:00Z</n:publication_date><n:title>New</n:title></n:news></url>"
    )
    links = sitemaps.parse_sitemap(build_source(), respond(build_urlset(news))).articles
    assert [link.published_at for link in links] == [None] * 3 + [datetime(2026, 3, 3, 8, tzinfo=UTC)]
    assert {link.modified_at for link in links[:3]} == {datetime(2026, 3, 4, tzinfo=UTC)}


def build_rss(items: str, channel: str = f"{HOME}/") -> str:
    return f'<rss version="2.0"><channel><title>x</title><link>{channel}</link>{items}</channel></rss>'


FEEDS = {
    "tidy": build_rss(RSS),
    "origLink": build_rss(
        "".join(
            f'<item><link>https://count.example/{n}</link><o:origLink xmlns:o="http://rss.example/">{url}</o:origLink></item>'
            for n, url in enumerate(STORIES)
        )
    ),
    "guid": build_rss(
        "".join(f"<item><link>https://count.example/x</link><guid>{url}</guid></item>" for url in STORIES)
    ),
    "relative to the channel": build_rss(
        "".join(f"<item><link>story/otter-{n}</link></item>" for n in range(3))
    ),
    "relative to xml:base": (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{HOME}/story/x">'
        + "".join(f'<entry><link href="otter-{n}"/></entry>' for n in range(3))
        + "</feed>"
    ),
    "several alternates": (
        '<feed xmlns="http://www.w3.org/2005/Atom">'
        + "".join(
            f'<entry><link rel="alternate" type="application/json" href="{HOME}/api/{n}"/>'
            f'<link rel="self" href="{HOME}/x"/><link rel="alternate" href="{url}"/></entry>'
            for n, url in enumerate(STORIES)
        )
        + "</feed>"
    ),
    "JSON": json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"url": url} for url in STORIES]}),  # noqa: E501
}  # fmt: skip


@pytest.mark.parametrize("name", FEEDS)
def test_an_item_of_a_feed_has_the_url_of_its_article(name: str) -> None:
    links = feeds.parse_feed(build_source(), respond(FEEDS[name], "feed"))
    assert [link.url for link in links] == STORIES


TIMES = [
    ("Tue, 03 Mar 2026 20:00:00 SGT", "Asia/Singapore", 12),
    ("Tue, 03 Mar 2026 21:00:00 JST", "Asia/Singapore", 12),
    ("Tue, 03 Mar 2026 17:30:00 IST", "Asia/Kolkata", 12),
    ("Tue, 03 Mar 2026 12:00:00 IST", "Europe/Dublin", 11),
    ("Tue, 03 Mar 2026 20:00:00 CST", "Asia/Shanghai", 12),
    ("Tue, 03 Mar 2026 06:00:00 CST", "America/Chicago", 12),
    ("Tue, 03 Mar 2026 23:00:00 AEDT", "Australia/Sydney", 12),
    ("Tue, 03 Mar 2026 20:00:00 +08:00", "Europe/London", 12),
    ("Tue, 03 Mar 2026 20:00:00 GMT+8", "Europe/London", 12),
    ("Tue, 03 Mar 2026 12:00:00 GMT", "Asia/Tokyo", 12),
    ("Tue, 03 Mar 2026 23:00:00", "Australia/Sydney", 12),
    ("Tue, 03 Mar 26 12:00:00 +0000", "Asia/Tokyo", 12),
    ("2026-03-03T20:00:00+08:00", "Europe/London", 12),
    ("2026-03-03 20:00:00", "Asia/Shanghai", 12),
    ("March 3, 2026 8:00 PM SGT", "Europe/London", 12),
]


@pytest.mark.parametrize(("text", "zone", "hour"), TIMES)
def test_the_zone_of_a_feed_time(text: str, zone: str, hour: int) -> None:
    assert parse_feed_time(text, ZoneInfo(zone)) == datetime(2026, 3, 3, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "0001-01-01T00:00:00", "Tue, 99 Foo"])
def test_other_text_is_no_time(text: str) -> None:
    assert parse_feed_time(text, ZoneInfo("Asia/Shanghai")) is None


def parse_list(head: str, body: str) -> tuple[Capture, BeautifulSoup]:
    capture = respond(
        f"<html><head>{head}</head><body>{body}</body></html>", "listing", f"{HOME}/deep/er/list"
    )
    return capture, listing_pages.parse_html(capture)


@pytest.mark.parametrize("base", ["/", f"{HOME}/", "../../"])
def test_links_of_a_listing_are_relative_to_its_base(base: str) -> None:
    capture, soup = parse_list(f'<base href="{base}">', "<a href='story/otter-1'>Otters</a>")
    (link,) = listing_pages.find_rows(build_source(), capture, soup, None)
    assert link.url == STORIES[1]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<a rel='next' href='/news/older'>Older</a>", f"{HOME}/news/older"),
        ("<a href='/news/?page=2'>2</a><a href='/news/?page=3'>3</a>", f"{HOME}/news/?page=2"),
        ("<a href='page/2/'>2</a>", f"{HOME}/news/page/2/"),
        ("<a href='https://elsewhere.example/news/page/2/'>2</a>", None),
        ("<p>No more</p>", None),
    ],
)
def test_the_next_page_of_a_listing(body: str, expected: str | None) -> None:
    first = f"{HOME}/news/"
    soup = listing_pages.parse_html(respond(f"<html><body>{body}</body></html>", "listing", first))
    assert listing_pages.find_next_page(first, soup, first, 2) == expected


def test_a_page_number_goes_into_a_file_name_and_never_into_a_host_name() -> None:
    assert listing_pages.build_page_url(f"{HOME}/news/list.html", 2) == f"{HOME}/news/list_2.html"
    assert listing_pages.build_page_url(f"{HOME}/news/", 2) is None
    assert listing_pages.build_page_url(HOME, 2) is None


@pytest.mark.parametrize(
    ("pattern", "more", "url", "canonical"),
    [
        (r"^/view\.php", "", "/view.php?ud=7&utm_source=x", "/view.php?ud=7"),
        (r"^/read\.php", "", "/read.php?1423", "/read.php?1423"),
        (r"^/\?p=\d+$", "", "/?p=101", "/?p=101"),
        (r"^/show$", 'parameters = ["id"]', "/show?lang=en&id=5", "/show?id=5"),
        (r"^/story/[^/]+$", "", "/story/otter-1?from=home&x=1", "/story/otter-1"),
        (r"^/2026/\d+\.php$", "", "/2026/17.php?x=1", "/2026/17.php"),
    ],
)
def test_the_query_that_tells_articles_apart_stays(pattern: str, more: str, url: str, canonical: str) -> None:
    source = build_source(pattern, more)
    assert urls.is_article(source, HOME + url)
    assert urls.canonicalise(source, HOME + url) == HOME + canonical
    assert urls.canonicalise(source, HOME + canonical) == HOME + canonical


@pytest.mark.parametrize("host", ["www.schilfpost-süd.example", "www.xn--schilfpost-sd-7ob.example"])
def test_a_host_in_unicode_and_in_punycode_is_one(host: str) -> None:
    source = build_source("^/story/", host=host)
    found = {
        urls.canonicalise(source, f"https://{name}/story/1")
        for name in ("www.schilfpost-süd.example", "WWW.XN--SCHILFPOST-SD-7OB.example", "www.schilfpost-s%C3%BCd.example")  # noqa: E501
    }  # fmt: skip
    assert found == {"https://www.xn--schilfpost-sd-7ob.example/story/1"}


@pytest.mark.parametrize(("since", "is_wanted"), [(date(2026, 3, 4), True), (date(2026, 3, 5), False)])
def test_a_link_without_a_day_is_wanted_unless_it_was_last_changed_before_the_window(
    since: date, is_wanted: bool
) -> None:
    source = build_source()
    links = sitemaps.parse_sitemap(source, respond(build_urlset())).articles
    assert {urls.get_link_days(source, link) for link in links} == {None}
    with Client(source, contact="tester@example.org", store=lambda capture: capture) as client:
        discovery = Discovery(
            source,
            client,
            known=frozenset(),
            window=Window(since, date(2026, 3, 9)),
            on_error=pytest.fail,
        )
        assert list(discovery._filter_new(iter(links))) == (links if is_wanted else [])
