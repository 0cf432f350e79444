"""Discovery of new articles: each once, in the site's order, with errors reported and skipped."""

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
SOFT_404_PAGE = b" " * 15175


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(MockSite(articles=600, since=SINCE, until=UNTIL, seed=5)) as served:
        yield served


class DiscoveryResult:
    """Links, counters, errors and requested paths of one discovery."""

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
            self.requested = [row.url.removeprefix(site.base_url) for row in client.take_requests()][1:]
        self.urls = [link.url.removeprefix(site.base_url) for link in self.links]

    @property
    def failed(self) -> list[tuple[str, Reason]]:
        return [(url.rpartition("/")[2], error.reason) for url, error in self.errors]


@pytest.fixture(scope="module")
def full_result(server: MockServer) -> DiscoveryResult:
    """Discover everything on the mock site, once."""
    return DiscoveryResult(server)


def test_everything_on_the_mock_site_is_found(server: MockServer, full_result: DiscoveryResult) -> None:
    assert full_result.errors == []
    articles = {article.number: article for article in server.site.listed_articles}
    by_path = {path: article for article in articles.values() for path in article.paths}
    assert len(set(full_result.urls)) == len(full_result.urls) == full_result.discovery.discovered
    assert full_result.discovery.already_loaded == 0
    # Nothing from sidebars, and every article that a listing still shows.
    assert set(full_result.urls) <= set(by_path)
    for section in {article.section for article in articles.values()}:
        reachable = [article for article in reversed(articles.values()) if article.section == section][:160]
        listed = [
            url
            for url, link in zip(full_result.urls, full_result.links, strict=True)
            if link.section == section.label
        ]
        assert {by_path[url].number for url in listed} >= {article.number for article in reachable}
        times = [by_path[url].published_at for url in listed if url == by_path[url].paths[0]]
        assert times == sorted(times, reverse=True)
    for url, link in zip(full_result.urls, full_result.links, strict=True):
        article = by_path[url]
        assert link.source == "stdaily"
        assert link.published_at is None or abs(link.published_at - article.published_at) <= timedelta(
            seconds=1
        )
        assert link.section in (None, article.section.label, f"{article.section.label} (earlier)")
        assert link.title is None or link.title == " ".join(article.printed_title.split())
        assert link.discovered_from.startswith(server.base_url)
    assert full_result.requested[:3] == [
        "/web/English/index.html",
        "/web/English/node_471.html",
        "/web/English/node_471_2.html",
    ]
    assert full_result.requested[-1] == "/sitemap.xml"
    assert "/web/English/node_471_10.html" in full_result.requested
    assert "/web/English/node_471_11.html" not in full_result.requested


def test_no_page_before_back_to_is_requested_and_links_on_pages_are_found(
    server: MockServer, full_result: DiscoveryResult
) -> None:
    recent = DiscoveryResult(
        server, frozenset(link.url for link in full_result.links), back_to=UNTIL + timedelta(days=1)
    )
    assert recent.links == []
    assert recent.discovery.discovered == recent.discovery.already_loaded > 0
    assert [path for path in recent.requested if "/web/" in path and "_2." in path] == []
    assert len(recent.requested) < len(full_result.requested) / 2
    unknown = DiscoveryResult(server, back_to=UNTIL + timedelta(days=1))
    assert len(unknown.links) == recent.discovery.discovered


def test_due_links_come_last_and_once(server: MockServer, full_result: DiscoveryResult) -> None:
    unlisted = Link("stdaily", f"{server.base_url}/web/English/2026-09/01/content_1.html", "a reject")
    listed = Link("stdaily", full_result.links[0].url, "a reject")
    result = DiscoveryResult(server, due=(listed, unlisted))
    assert result.links[-2:] == [full_result.links[0], unlisted]
    assert sorted(result.urls) == sorted([*full_result.urls, "/web/English/2026-09/01/content_1.html"])


def test_a_new_article_is_found_beside_known_ones() -> None:
    mock_site = MockSite(articles=60, since=SINCE, until=UNTIL, seed=6)
    with MockServer(mock_site) as server:
        known = frozenset(link.url for link in DiscoveryResult(server).links)
        (article,) = mock_site.add()
        result = DiscoveryResult(server, known)
        assert set(result.urls) == set(article.paths)
        assert result.discovery.discovered - result.discovery.already_loaded == len(result.links)


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
    server: MockServer, full_result: DiscoveryResult, window: Window
) -> None:
    result = DiscoveryResult(server, window=window)
    zone = result.source.timezone

    def is_in_window(published_at: datetime) -> bool:
        day = published_at.astimezone(zone).date()
        return window.overlaps(day, day)

    articles = {path: article for article in server.site.listed_articles for path in article.paths}
    expected = {url for url in full_result.urls if is_in_window(articles[url].published_at)}
    # An old URL has the month only, and an old listing no time: such links match by month.
    monthly = {url for url in result.urls if "/web/" not in url}
    assert {url for url in result.urls if "/web/" in url} == {url for url in expected if "/web/" in url}
    assert monthly >= expected - {url for url in expected if "/web/" in url}
    assert all(window.overlaps(*(urls.get_days(result.source, url) or pytest.fail(url))) for url in monthly)
    assert result.discovery.discovered == len(result.links)
    if window.since and window.since > date(2026, 11, 1):
        assert len(result.requested) < len(full_result.requested)
        assert result.requested.count("/web/English/node_471_6.html") == 0


def build_page(*paths: str, count: int | None = None, box: str = "f_lieb_list", head: str = "") -> str:
    rows = "".join(
        f'<dl><dt><a href="{path}"><img></a></dt><h3><a href="{path}">Title {n}</a></h3></dl>'
        for n, path in enumerate(paths, 1)
    )
    pages = f'<ul class="pages" pages="{count}"></ul>' if count else ""
    return f'<html>{head}<div class="{box}">{rows}</div>{pages}<div class="aside"></div></html>'


def build_index(*links: str) -> str:
    return "<html>" + "".join(
        f'<a href="{link.partition("|")[0]}">{link.partition("|")[2]}</a>' for link in links
    )


def build_path(number: int, day: int = 20) -> str:
    return f"/web/English/2026-11/{day:02}/content_{number}.html"


INDEX = "/web/English/index.html"
NODE = "/web/English/node_{}.html"


def build_sitemap(*locs: str, kind: str = "url") -> str:
    entries = "".join(f"<{kind}><loc>{loc}</loc></{kind}>" for loc in locs)
    root = "urlset" if kind == "url" else "sitemapindex"
    return f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'


def serve(routes: dict[str, Route]) -> LocalSite:
    return LocalSite(
        {INDEX: build_index("node_1.html|News"), "/sitemap.xml": build_sitemap("https://example.org/")}
        | routes
    )


def test_sections_rows_and_hints() -> None:
    time_html = "<span>2026-11-20 00:30:00</span>"
    listing = f"""<div class="f_lieb_list">
      <dl><dt><a href="{build_path(1)}?spm=1"><img></a></dt>
      <h3><a href="{build_path(1)}#c"> A\u00a0title  here</a></h3>{time_html}</dl>
      <dl><h3><a href="/web/gdxw/2026-11/20/content_9.html">Chinese</a></h3></dl>
      <dl><h3><a href="http://mirror.example{build_path(8)}">Elsewhere</a></h3></dl>
      <dl><h3><a href="{build_path(2)}">Two</a></h3><span>2026-13-45 00:00:00</span></dl>
      <dl><h3><a href="{build_path(1)}">Again</a></h3></dl></div>
      <p><a href="{build_path(7)}">Sidebar</a></p>"""
    routes: dict[str, Route] = {
        INDEX: build_index(
            "node_1.html|MORE",
            "node_1.html?from=x|",
            "/web/English/node_1.html#y|Insight",
            "node_2.html|",
            "/web/gdxw/node_1.html|Chinese",
            "https://elsewhere.example/web/English/node_3.html|No",
        ),
        NODE.format(1): listing,
        NODE.format(2): build_page(
            build_path(3), head="<p>position: <a>EnglishChannel</a> &gt; <b>Comment</b></p>"
        ),
    }
    with serve(routes) as served:
        result = DiscoveryResult(served)
    one, two, three = result.links
    assert result.errors == []
    assert result.urls == [build_path(1), build_path(2), build_path(3)]
    assert (one.title, one.section) == ("A title here", "Insight")
    assert one.published_at == datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
    assert one.discovered_from == served.base_url + NODE.format(1)
    assert two.published_at is None
    assert three.section == "Comment"


def test_a_page_without_rows_gives_all_its_article_links() -> None:
    with serve(
        {
            NODE.format(1): build_page(build_path(1), box="new_layout")
            + f'<p><a href="{build_path(2)}">Two</a></p>'
        }
    ) as served:
        result = DiscoveryResult(served)
    assert result.urls == [build_path(1), build_path(2)]
    assert result.links[0].title == "Title 1"


def test_all_links_may_be_the_rows_that_a_source_declares() -> None:
    listing = f'<ul><li><a href="{build_path(1)}">One</a></li><li><a href="{build_path(2)}">Two</a></li></ul>'
    with serve({NODE.format(1): listing}) as served:
        source = sources.load("stdaily").with_base_url(served.base_url)
        rows = replace(source.discover, listing_item_selectors=("ul.news > li", "a[href]"))
        result = DiscoveryResult(served, source=replace(source, discover=rows))
    assert result.urls == [build_path(1), build_path(2)]


def test_an_empty_section_is_no_error_and_its_sidebar_no_listing() -> None:
    with serve(
        {NODE.format(1): build_page() + f'<div class="aside"><a href="{build_path(2)}">Old</a></div>'}
    ) as served:
        result = DiscoveryResult(served)
    assert (result.urls, result.errors) == ([], [])


FULL = [build_path(n) for n in range(16)]


@pytest.mark.parametrize(
    ("routes", "request_count", "failed"),
    [
        # The page states the page count.
        (
            {
                1: build_page(build_path(1), count=2),
                2: build_page(build_path(2), count=2),
                3: build_page(build_path(3)),
            },
            2,
            [],
        ),
        ({1: build_page(build_path(1), count=1)}, 1, []),
        ({1: build_page(*FULL, count=3), 2: SOFT_404_PAGE}, 2, [("node_1_2.html", Reason.SOFT_404)]),
        ({1: build_page(*FULL, count=3)}, 2, [("node_1_2.html", Reason.HTTP_STATUS)]),
        (
            {1: build_page(build_path(1), count=99)} | {n: build_page(build_path(n)) for n in range(2, 14)},
            10,
            [],
        ),
        # The page states no count: after a full page there may be another.
        ({1: build_page(*FULL), 2: build_page(build_path(20)), 3: build_page(build_path(21))}, 2, []),
        ({1: build_page(*FULL)}, 2, []),
        ({1: build_page(*FULL), 2: SOFT_404_PAGE}, 2, []),
        ({1: build_page(*FULL), 2: build_page(*FULL), 3: build_page(build_path(30))}, 2, []),
        (
            {1: build_page(*FULL), 2: (406, {}, b"fec_wrapper.js")},
            2,
            [("node_1_2.html", Reason.BLOCKED_BY_WAF)],
        ),
        # The first page, which the index links to, fails.
        ({}, 1, [("node_1.html", Reason.HTTP_STATUS)]),
        ({1: SOFT_404_PAGE}, 1, [("node_1.html", Reason.SOFT_404)]),
        ({1: b""}, 1, [("node_1.html", Reason.EMPTY_BODY)]),
        ({1: "<html><a href=/>Home</a>"}, 1, [("node_1.html", Reason.UNKNOWN_LAYOUT)]),
        ({1: "<script src=/_fec_sbu/fec_wrapper.js>"}, 1, [("node_1.html", Reason.BLOCKED_BY_WAF)]),
        ({1: b"\x89PNG\r\n\x1a\n\x00\xff\xfe"}, 1, [("node_1.html", Reason.UNKNOWN_LAYOUT)]),
    ],
)
def test_where_a_listing_ends(
    routes: dict[int, Route], request_count: int, failed: list[tuple[str, Reason]]
) -> None:
    pages = {NODE.format(1 if n == 1 else f"1_{n}"): route for n, route in routes.items()}
    with serve({**pages, "/sitemap.xml": build_sitemap(f"http://localhost{build_path(99)}")}) as served:
        served.routes["/sitemap.xml"] = build_sitemap(served.base_url + build_path(99))
        result = DiscoveryResult(served)
    assert len([path for path in result.requested if "node_1" in path]) == request_count
    assert result.failed == failed
    assert result.failure is None
    # Discovery went on after the listing.
    assert result.urls[-1] == build_path(99)


def test_sitemaps_of_every_kind() -> None:
    routes: dict[str, Route] = {NODE.format(1): build_page(build_path(1))}
    with serve(routes) as served:
        base = served.base_url
        served.routes |= {
            "/sitemap.xml": build_sitemap(
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
            "/a.xml": f"<urlset><url><loc> {base}{build_path(1)} </loc></url>"
            f"<url><loc>{base}{build_path(2)}?utm_source=x</loc>"
            f"<lastmod>2026-11-20T10:00:00+08:00</lastmod></url><url><lastmod>x</lastmod></url></urlset>",
            "/b.xml.gz": gzip.compress(
                (
                    f"<urlset><url><loc>{base}{build_path(3)}</loc>"
                    "<lastmod>2026-11-20</lastmod></url></urlset>"
                ).encode()
            ),
            "/bad.xml": "<urlset><url><loc>",
            "/html.xml": "<html><body>hello</body></html>",
            "/empty.xml": build_sitemap(),
            "/nested.xml": build_sitemap(f"{base}/deep.xml", kind="sitemap"),
            "/deep.xml": build_sitemap(base + build_path(4)),
            "/bomb.xml.gz": gzip.compress(
                build_sitemap(base + build_path(6))
                .replace("</urlset>", " " * 53_000_000 + "</urlset>")
                .encode()
            ),
        }
        result = DiscoveryResult(served)
    # Of the bomb the entries within the limit are read, and the rest is reported.
    assert result.urls == [build_path(number) for number in (1, 2, 3, 4, 6)]
    assert {link.published_at for link in result.links} == {None}
    assert [link.modified_at for link in result.links[1:3]] == [
        datetime(2026, 11, 20, 2, tzinfo=UTC),
        datetime(2026, 11, 19, 16, tzinfo=UTC),
    ]
    assert result.failed == [
        ("bad.xml", Reason.UNKNOWN_LAYOUT),
        ("gone.xml", Reason.HTTP_STATUS),
        ("html.xml", Reason.UNKNOWN_LAYOUT),
        ("empty.xml", Reason.UNKNOWN_LAYOUT),
        ("bomb.xml.gz", Reason.UNKNOWN_LAYOUT),
    ]
    assert all("\n" not in str(error) for _, error in result.errors)


def test_an_index_that_names_itself_is_requested_once() -> None:
    with serve({NODE.format(1): build_page(build_path(1))}) as served:
        base = served.base_url
        names = [f"{base}/{name}" for name in ("sitemap.xml", "a.xml", "a.xml", "other.xml")]
        served.routes |= {
            "/sitemap.xml": build_sitemap(*names, kind="sitemap"),
            "/other.xml": build_sitemap(*names, kind="sitemap"),
            "/a.xml": build_sitemap(base + build_path(2)),
        }
        result = DiscoveryResult(served)
    assert result.urls == [build_path(1), build_path(2)]
    assert result.failed == []
    assert sorted(path for path in result.requested if path.endswith(".xml")) == [
        "/a.xml",
        "/other.xml",
        "/sitemap.xml",
    ]


def test_an_index_of_many_sitemaps_is_bounded_newest_first_and_reported_once() -> None:
    with serve({NODE.format(1): build_page(build_path(1))}) as served:
        base = served.base_url
        entries = "".join(
            f"<sitemap><loc>{base}/{number}.xml</loc><lastmod>2026-11-{number:02}</lastmod></sitemap>"
            for number in range(1, 31)
        )
        served.routes["/sitemap.xml"] = f"<sitemapindex>{entries}</sitemapindex>"
        served.routes |= {
            f"/{number}.xml": build_sitemap(base + build_path(number + 1)) for number in range(1, 31)
        }
        source = sources.load("stdaily").with_base_url(base)
        source = replace(source, discover=replace(source.discover, max_sitemaps=4))
        result = DiscoveryResult(served, source=source)
    assert result.urls == [build_path(number) for number in (1, 31, 30, 29)]
    ((url, error),) = result.errors
    assert url == f"{base}/sitemap.xml"
    assert "27 of its 30 sitemaps were not requested; the limit is 4 a run" in str(error)


def test_a_sitemap_that_has_not_changed_in_the_window_is_not_requested() -> None:
    with serve({NODE.format(1): build_page(build_path(1))}) as served:
        served.routes["/sitemap.xml"] = (
            f"<sitemapindex><sitemap><loc>{served.base_url}/old.xml</loc><lastmod>2026-11-17</lastmod></sitemap>"
            f"<sitemap><loc>{served.base_url}/new.xml</loc><lastmod>2026-11-18</lastmod></sitemap></sitemapindex>"
        )
        served.routes["/new.xml"] = build_sitemap(
            served.base_url + build_path(2), served.base_url + build_path(3, day=2)
        )
        result = DiscoveryResult(served, window=Window(since=date(2026, 11, 18)))
    assert result.urls == [build_path(1), build_path(2)]
    assert "/old.xml" not in result.requested
    assert result.errors == []


def test_implausible_numbers_are_ignored() -> None:
    with serve({}) as served:
        served.routes["/sitemap.xml"] = (
            f"<urlset><url><loc>{served.base_url}{build_path(1)}</loc><lastmod>9999-12-31T23:59:59Z</lastmod></url>"
            f"<url><loc>{served.base_url}{build_path(2)}</loc><lastmod>0001-01-01</lastmod></url></urlset>"
        )
        rows = f'<ul class="pages" pages="{"9" * 5000}"></ul><a href="{build_path(3)}">A title</a>'
        served.routes["/web/English/node_1.html"] = rows
        result = DiscoveryResult(served, window=Window(since=SINCE))
    assert set(result.urls) == {build_path(1), build_path(2), build_path(3)}
    assert {link.published_at for link in result.links} == {None}


def test_an_xml_entity_is_not_resolved() -> None:
    with serve({NODE.format(1): build_page(build_path(1))}) as served:
        served.routes["/sitemap.xml"] = (
            '<!DOCTYPE urlset [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            f"<urlset><url><loc>&e;{served.base_url}{build_path(2)}</loc></url><url><loc>{served.base_url}{build_path(3)}</loc></url></urlset>"
        )
        result = DiscoveryResult(served)
    assert build_path(3) in result.urls
    assert all("root:" not in link.url for link in result.links)


def test_the_source_is_down_when_every_index_page_fails() -> None:
    with serve({INDEX: "<html>laid out anew</html>"}) as served:
        served.routes["/sitemap.xml"] = build_sitemap(served.base_url + build_path(5))
        result = DiscoveryResult(served)
        assert result.urls == [build_path(5)]
        assert isinstance(result.failure, DiscoverError)
        assert result.failed == [("index.html", Reason.UNKNOWN_LAYOUT)]
        one_of_two = replace(
            result.source.discover,
            start_urls=(served.base_url + "/gone.html", *result.source.discover.start_urls),
        )
        served.routes |= {INDEX: build_index("node_1.html|News"), NODE.format(1): build_page(build_path(1))}
        result = DiscoveryResult(served, source=replace(result.source, discover=one_of_two))
        assert result.failure is None
        assert result.urls == [build_path(1), build_path(5)]
        assert result.failed == [("gone.html", Reason.HTTP_STATUS)]
    result = DiscoveryResult(served)
    assert isinstance(result.failure, FetchError)
    assert result.links == []
    assert len(result.errors) == 2


def test_an_index_page_of_articles_is_its_own_listing() -> None:
    with serve({INDEX: build_page(build_path(1), build_path(2))}) as served:
        result = DiscoveryResult(served)
    assert result.urls == [build_path(1), build_path(2)]


def test_links_are_yielded_before_the_next_request() -> None:
    with serve({NODE.format(1): build_page(*FULL, count=2)}) as served:
        source = sources.load("stdaily").with_base_url(served.base_url)
        with Client(source, contact=None, store=lambda capture: capture) as client:
            discovery = Discovery(
                source,
                client,
                known=frozenset({served.base_url + build_path(0)}),
                window=Window(),
                on_error=pytest.fail,
            )
            assert next(discovery).url.endswith(build_path(1))
            assert (discovery.discovered, discovery.already_loaded) == (2, 1)
        assert served.paths == [INDEX, NODE.format(1)]
