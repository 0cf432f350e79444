"""What the channel announces is found, in its order, once, and what fails is told and passed over."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from newsetl import sources
from newsetl.discover.discovery import Discovery
from newsetl.errors import DiscoverError, FetchError, StageError
from newsetl.fetch.client import Client
from newsetl.model import Link, Window
from newsetl.reasons import Reason
from newsetl.replica import MockServer, MockSite
from newsetl.sources import urls
from newsetl.sources.config import Source
from tests.support.stub_server import LocalSite, Route

SINCE, UNTIL = date(2026, 9, 1), date(2026, 11, 20)
DEAD = b" " * 15175


@pytest.fixture(scope="module")
def replica() -> Iterator[MockServer]:
    with MockServer(MockSite(articles=600, since=SINCE, until=UNTIL, seed=5)) as served:
        yield served


class Found:
    """A whole discovery: its links, counters, errors and the paths that it asked for."""

    def __init__(
        self,
        site: MockServer | LocalSite,
        known: frozenset[str] = frozenset(),
        window: Window | None = None,
        source: Source | None = None,
        **options: Any,
    ) -> None:
        self.source = source or sources.load("stdaily").with_base_url(site.base_url)
        self.errors: list[tuple[str, StageError]] = []
        with Client(self.source, contact=None, store=lambda capture: capture) as client:
            self.discovery: Discovery = Discovery(
                self.source,
                client,
                known=known,
                window=window or Window(),
                on_error=lambda url, error: self.errors.append((url, error)),
                **options,
            )
            self.links = []
            self.failure: StageError | None = None
            try:
                for link in self.discovery:
                    self.links.append(link)
            except StageError as error:
                self.failure = error
            self.asked = [row.url.removeprefix(site.base_url) for row in client.take_requests()][1:]
        self.urls = [link.url.removeprefix(site.base_url) for link in self.links]

    @property
    def failed(self) -> list[tuple[str, Reason]]:
        return [(url.rpartition("/")[2], error.reason) for url, error in self.errors]


@pytest.fixture(scope="module")
def everything(replica: MockServer) -> Found:
    """Discover all that the replica has, once."""
    return Found(replica)


def test_all_that_the_replica_announces_is_found(replica: MockServer, everything: Found) -> None:
    found = everything
    assert found.errors == []
    stories = {story.number: story for story in replica.site.listed_articles}
    by_path = {path: story for story in stories.values() for path in story.paths}
    assert len(set(found.urls)) == len(found.urls) == found.discovery.discovered
    assert found.discovery.already_loaded == 0
    # Nothing from sidebars, and every story that a listing still reaches.
    assert set(found.urls) <= set(by_path)
    for section in {story.section for story in stories.values()}:
        reachable = [story for story in reversed(stories.values()) if story.section == section][:160]
        listed = [
            url for url, link in zip(found.urls, found.links, strict=True) if link.section == section.label
        ]
        assert {by_path[url].number for url in listed} >= {story.number for story in reachable}
        web = [by_path[url].published_at for url in listed if url == by_path[url].paths[0]]
        assert web == sorted(web, reverse=True)
    for url, link in zip(found.urls, found.links, strict=True):
        story = by_path[url]
        assert link.source == "stdaily"
        assert link.published_at is None or abs(link.published_at - story.published_at) <= timedelta(
            seconds=1
        )
        assert link.section in (None, story.section.label, f"{story.section.label} (earlier)")
        assert link.title is None or link.title == " ".join(story.printed_title.split())
        assert link.discovered_from.startswith(replica.base_url)
    assert found.asked[:3] == [
        "/web/English/index.html",
        "/web/English/node_471.html",
        "/web/English/node_471_2.html",
    ]
    assert found.asked[-1] == "/sitemap.xml"
    assert "/web/English/node_471_10.html" in found.asked
    assert "/web/English/node_471_11.html" not in found.asked


def test_nothing_beyond_the_day_is_asked_for_and_what_pages_announce_is_found(
    replica: MockServer, everything: Found
) -> None:
    first = everything
    recent = Found(replica, frozenset(link.url for link in first.links), back_to=UNTIL + timedelta(days=1))
    assert recent.links == []
    assert recent.discovery.discovered == recent.discovery.already_loaded > 0
    assert [path for path in recent.asked if "/web/" in path and "_2." in path] == []
    assert len(recent.asked) < len(first.asked) / 2
    unknown = Found(replica, back_to=UNTIL + timedelta(days=1))
    assert len(unknown.links) == recent.discovery.discovered


def test_links_due_again_come_last_and_once(replica: MockServer, everything: Found) -> None:
    first = everything
    gone = Link("stdaily", f"{replica.base_url}/web/English/2026-09/01/content_1.html", "a refusal")
    again = Link("stdaily", first.links[0].url, "a refusal")
    found = Found(replica, due=(again, gone))
    assert found.links[-2:] == [first.links[0], gone]
    assert sorted(found.urls) == sorted([*first.urls, "/web/English/2026-09/01/content_1.html"])


def test_a_new_story_is_found_beside_known_ones() -> None:
    channel = MockSite(articles=60, since=SINCE, until=UNTIL, seed=6)
    with MockServer(channel) as site:
        known = frozenset(link.url for link in Found(site).links)
        (story,) = channel.add()
        found = Found(site, known)
        assert set(found.urls) == set(story.paths)
        assert found.discovery.discovered - found.discovery.already_loaded == len(found.links)


@pytest.mark.parametrize(
    "window",
    [
        Window(date(2026, 11, 10), date(2026, 11, 12)),
        Window(since=date(2026, 11, 18)),
        Window(until=date(2026, 10, 15)),
        Window(date(2030, 1, 1)),
    ],
)
def test_only_links_of_the_window_and_no_page_beyond_it(
    replica: MockServer, everything: Found, window: Window
) -> None:
    found = Found(replica, window=window)
    zone = found.source.timezone

    def is_in(published_at: datetime) -> bool:
        day = published_at.astimezone(zone).date()
        return window.overlaps(day, day)

    stories = {path: story for story in replica.site.listed_articles for path in story.paths}
    expected = {url for url in everything.urls if is_in(stories[url].published_at)}
    # An old address says the month only, and an old listing no time: those come with their month.
    vague = {url for url in found.urls if "/web/" not in url}
    assert {url for url in found.urls if "/web/" in url} == {url for url in expected if "/web/" in url}
    assert vague >= expected - {url for url in expected if "/web/" in url}
    assert all(window.overlaps(*(urls.get_days(found.source, url) or pytest.fail(url))) for url in vague)
    assert found.discovery.discovered == len(found.links)
    if window.since and window.since > date(2026, 11, 1):
        assert len(found.asked) < len(everything.asked)
        assert found.asked.count("/web/English/node_471_6.html") == 0


def page(*paths: str, count: int | None = None, box: str = "f_lieb_list", head: str = "") -> str:
    rows = "".join(
        f'<dl><dt><a href="{path}"><img></a></dt><h3><a href="{path}">Title {n}</a></h3></dl>'
        for n, path in enumerate(paths, 1)
    )
    pages = f'<ul class="pages" pages="{count}"></ul>' if count else ""
    return f'<html>{head}<div class="{box}">{rows}</div>{pages}<div class="aside"></div></html>'


def index(*links: str) -> str:
    return "<html>" + "".join(
        f'<a href="{link.partition("|")[0]}">{link.partition("|")[2]}</a>' for link in links
    )


def web(number: int, day: int = 20) -> str:
    return f"/web/English/2026-11/{day:02}/content_{number}.html"


INDEX = "/web/English/index.html"
NODE = "/web/English/node_{}.html"


def sitemap(*locs: str, kind: str = "url") -> str:
    entries = "".join(f"<{kind}><loc>{loc}</loc></{kind}>" for loc in locs)
    root = "urlset" if kind == "url" else "sitemapindex"
    return f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'


def site(routes: dict[str, Route]) -> LocalSite:
    return LocalSite(
        {INDEX: index("node_1.html|News"), "/sitemap.xml": sitemap("https://example.org/")} | routes
    )


def test_sections_rows_and_hints() -> None:
    time = "<span>2026-11-20 00:30:00</span>"
    listing = f"""<div class="f_lieb_list">
      <dl><dt><a href="{web(1)}?spm=1"><img></a></dt>
      <h3><a href="{web(1)}#c"> A\u00a0title  here</a></h3>{time}</dl>
      <dl><h3><a href="/web/gdxw/2026-11/20/content_9.html">Chinese</a></h3></dl>
      <dl><h3><a href="http://mirror.example{web(8)}">Elsewhere</a></h3></dl>
      <dl><h3><a href="{web(2)}">Two</a></h3><span>2026-13-45 00:00:00</span></dl>
      <dl><h3><a href="{web(1)}">Again</a></h3></dl></div><p><a href="{web(7)}">Sidebar</a></p>"""
    routes: dict[str, Route] = {
        INDEX: index(
            "node_1.html|MORE",
            "node_1.html?from=x|",
            "/web/English/node_1.html#y|Insight",
            "node_2.html|",
            "/web/gdxw/node_1.html|Chinese",
            "https://elsewhere.example/web/English/node_3.html|No",
        ),
        NODE.format(1): listing,
        NODE.format(2): page(web(3), head="<p>position: <a>EnglishChannel</a> &gt; <b>Comment</b></p>"),
    }
    with site(routes) as served:
        found = Found(served)
    one, two, three = found.links
    assert found.errors == []
    assert found.urls == [web(1), web(2), web(3)]
    assert (one.title, one.section) == ("A title here", "Insight")
    assert one.published_at == datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
    assert one.discovered_from == served.base_url + NODE.format(1)
    assert two.published_at is None
    assert three.section == "Comment"


def test_a_page_without_rows_gives_all_its_article_links() -> None:
    with site(
        {NODE.format(1): page(web(1), box="new_layout") + f'<p><a href="{web(2)}">Two</a></p>'}
    ) as served:
        found = Found(served)
    assert found.urls == [web(1), web(2)]
    assert found.links[0].title == "Title 1"


def test_all_links_may_be_the_rows_that_a_source_declares() -> None:
    listing = f'<ul><li><a href="{web(1)}">One</a></li><li><a href="{web(2)}">Two</a></li></ul>'
    with site({NODE.format(1): listing}) as served:
        source = sources.load("stdaily").with_base_url(served.base_url)
        rows = replace(source.discover, rows=("ul.news > li", "a[href]"))
        found = Found(served, source=replace(source, discover=rows))
    assert found.urls == [web(1), web(2)]


def test_an_empty_section_is_no_error_and_its_sidebar_no_listing() -> None:
    with site({NODE.format(1): page() + f'<div class="aside"><a href="{web(2)}">Old</a></div>'}) as served:
        found = Found(served)
    assert (found.urls, found.errors) == ([], [])


FULL = [web(n) for n in range(16)]


@pytest.mark.parametrize(
    ("routes", "asked", "failed"),
    [
        # The page says how many there are.
        ({1: page(web(1), count=2), 2: page(web(2), count=2), 3: page(web(3))}, 2, []),
        ({1: page(web(1), count=1)}, 1, []),
        ({1: page(*FULL, count=3), 2: DEAD}, 2, [("node_1_2.html", Reason.SOFT_404)]),
        ({1: page(*FULL, count=3)}, 2, [("node_1_2.html", Reason.HTTP_STATUS)]),
        ({1: page(web(1), count=99)} | {n: page(web(n)) for n in range(2, 14)}, 10, []),
        # It does not: a full page may have another behind it.
        ({1: page(*FULL), 2: page(web(20)), 3: page(web(21))}, 2, []),
        ({1: page(*FULL)}, 2, []),
        ({1: page(*FULL), 2: DEAD}, 2, []),
        ({1: page(*FULL), 2: page(*FULL), 3: page(web(30))}, 2, []),
        ({1: page(*FULL), 2: (406, {}, b"fec_wrapper.js")}, 2, [("node_1_2.html", Reason.BLOCKED_BY_WAF)]),
        # The first page is what the index promised.
        ({}, 1, [("node_1.html", Reason.HTTP_STATUS)]),
        ({1: DEAD}, 1, [("node_1.html", Reason.SOFT_404)]),
        ({1: b""}, 1, [("node_1.html", Reason.EMPTY_BODY)]),
        ({1: "<html><a href=/>Home</a>"}, 1, [("node_1.html", Reason.UNKNOWN_LAYOUT)]),
        ({1: "<script src=/_fec_sbu/fec_wrapper.js>"}, 1, [("node_1.html", Reason.BLOCKED_BY_WAF)]),
        ({1: b"\x89PNG\r\n\x1a\n\x00\xff\xfe"}, 1, [("node_1.html", Reason.UNKNOWN_LAYOUT)]),
    ],
)
def test_where_a_listing_ends(routes: dict[int, Route], asked: int, failed: list[tuple[str, Reason]]) -> None:
    pages = {NODE.format(1 if n == 1 else f"1_{n}"): route for n, route in routes.items()}
    with site({**pages, "/sitemap.xml": sitemap(f"http://localhost{web(99)}")}) as served:
        served.routes["/sitemap.xml"] = sitemap(served.base_url + web(99))
        found = Found(served)
    assert len([path for path in found.asked if "node_1" in path]) == asked
    assert found.failed == failed
    assert found.failure is None
    # Whatever became of the listing, discovery went on.
    assert found.urls[-1] == web(99)


def test_sitemaps_of_every_kind() -> None:
    routes: dict[str, Route] = {NODE.format(1): page(web(1))}
    with site(routes) as served:
        base = served.base_url
        served.routes |= {
            "/sitemap.xml": sitemap(
                *(
                    f"{base}/{name}"
                    for name in (
                        "a.xml",
                        "b.xml.gz",
                        "bad.xml",
                        "gone.xml",
                        "html.xml",
                        "empty.xml",
                        "nested.xml",
                        "bomb.xml.gz",
                    )
                ),
                kind="sitemap",
            ),
            "/a.xml": f"<urlset><url><loc> {base}{web(1)} </loc></url>"
            f"<url><loc>{base}{web(2)}?utm_source=x</loc>"
            f"<lastmod>2026-11-20T10:00:00+08:00</lastmod></url><url><lastmod>x</lastmod></url></urlset>",
            "/b.xml.gz": gzip.compress(
                f"<urlset><url><loc>{base}{web(3)}</loc><lastmod>2026-11-20</lastmod></url></urlset>".encode()
            ),
            "/bad.xml": "<urlset><url><loc>",
            "/html.xml": "<html><body>hello</body></html>",
            "/empty.xml": sitemap(),
            "/nested.xml": sitemap(f"{base}/deep.xml", kind="sitemap"),
            "/deep.xml": sitemap(base + web(4)),
            "/bomb.xml.gz": gzip.compress(
                sitemap(base + web(6)).replace("</urlset>", " " * 10_000_000 + "</urlset>").encode()
            ),
        }
        found = Found(served)
    assert found.urls == [web(1), web(2), web(3)]
    assert [link.published_at for link in found.links[1:]] == [
        datetime(2026, 11, 20, 2, tzinfo=UTC),
        datetime(2026, 11, 19, 16, tzinfo=UTC),
    ]
    assert found.failed == [
        ("bad.xml", Reason.UNKNOWN_LAYOUT),
        ("gone.xml", Reason.HTTP_STATUS),
        ("html.xml", Reason.UNKNOWN_LAYOUT),
        ("empty.xml", Reason.UNKNOWN_LAYOUT),
        ("deep.xml", Reason.UNKNOWN_LAYOUT),
        ("bomb.xml.gz", Reason.UNKNOWN_LAYOUT),
    ]
    assert all("\n" not in str(error) for _, error in found.errors)


def test_a_sitemap_that_has_not_changed_in_the_window_is_not_asked_for() -> None:
    with site({NODE.format(1): page(web(1))}) as served:
        served.routes["/sitemap.xml"] = (
            f"<sitemapindex><sitemap><loc>{served.base_url}/old.xml</loc><lastmod>2026-11-17</lastmod></sitemap>"
            f"<sitemap><loc>{served.base_url}/new.xml</loc><lastmod>2026-11-18</lastmod></sitemap></sitemapindex>"
        )
        served.routes["/new.xml"] = sitemap(served.base_url + web(2), served.base_url + web(3, day=2))
        found = Found(served, window=Window(since=date(2026, 11, 18)))
    assert found.urls == [web(1), web(2)]
    assert "/old.xml" not in found.asked
    assert found.errors == []


def test_numbers_beyond_all_reason_are_none() -> None:
    with site({}) as served:
        served.routes["/sitemap.xml"] = (
            f"<urlset><url><loc>{served.base_url}{web(1)}</loc><lastmod>9999-12-31T23:59:59Z</lastmod></url>"
            f"<url><loc>{served.base_url}{web(2)}</loc><lastmod>0001-01-01</lastmod></url></urlset>"
        )
        rows = f'<ul class="pages" pages="{"9" * 5000}"></ul><a href="{web(3)}">A title</a>'
        served.routes["/web/English/node_1.html"] = rows
        found = Found(served, window=Window(since=SINCE))
    assert set(found.urls) == {web(1), web(2), web(3)}
    assert {link.published_at for link in found.links} == {None}


def test_an_xml_entity_is_not_resolved() -> None:
    with site({NODE.format(1): page(web(1))}) as served:
        served.routes["/sitemap.xml"] = (
            '<!DOCTYPE urlset [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            f"<urlset><url><loc>&e;{served.base_url}{web(2)}</loc></url><url><loc>{served.base_url}{web(3)}</loc></url></urlset>"
        )
        found = Found(served)
    assert web(3) in found.urls
    assert all("root:" not in link.url for link in found.links)


def test_the_source_is_down_when_every_index_page_fails() -> None:
    with site({INDEX: "<html>laid out anew</html>"}) as served:
        served.routes["/sitemap.xml"] = sitemap(served.base_url + web(5))
        found = Found(served)
        assert found.urls == [web(5)]
        assert isinstance(found.failure, DiscoverError)
        assert found.failed == [("index.html", Reason.UNKNOWN_LAYOUT)]
        one_of_two = replace(
            found.source.discover,
            start_urls=(served.base_url + "/gone.html", *found.source.discover.start_urls),
        )
        served.routes |= {INDEX: index("node_1.html|News"), NODE.format(1): page(web(1))}
        found = Found(served, source=replace(found.source, discover=one_of_two))
        assert found.failure is None
        assert found.urls == [web(1), web(5)]
        assert found.failed == [("gone.html", Reason.HTTP_STATUS)]
    found = Found(served)
    assert isinstance(found.failure, FetchError)
    assert found.links == []
    assert len(found.errors) == 2


def test_an_index_page_of_articles_is_its_own_listing() -> None:
    with site({INDEX: page(web(1), web(2))}) as served:
        found = Found(served)
    assert found.urls == [web(1), web(2)]


def test_links_come_while_the_rest_is_not_yet_asked_for() -> None:
    with site({NODE.format(1): page(*FULL, count=2)}) as served:
        source = sources.load("stdaily").with_base_url(served.base_url)
        with Client(source, contact=None, store=lambda capture: capture) as client:
            discovery = Discovery(
                source,
                client,
                known=frozenset({served.base_url + web(0)}),
                window=Window(),
                on_error=pytest.fail,
            )
            assert next(discovery).url.endswith(web(1))
            assert (discovery.discovered, discovery.already_loaded) == (2, 1)
        assert served.paths == [INDEX, NODE.format(1)]
