"""Discovery methods for the past, each against a mock server with the real protocol."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from newsetl import sources
from newsetl.archive import reader
from newsetl.archive.writer import ArchiveWriter
from newsetl.db.writer import Warehouse
from newsetl.discover import commoncrawl, feeds, search, wayback
from newsetl.discover.discovery import Discovery
from newsetl.discover.web_archives import CaptureSelector, IndexRecord, parse_timestamp
from newsetl.errors import FetchError, StageError
from newsetl.fetch.articles import fetch
from newsetl.fetch.client import Client
from newsetl.model import ArchiveLocation, Article, Batch, Capture, Link, Request, Window
from newsetl.pipeline import parse_page
from newsetl.reasons import Reason
from newsetl.replica import MockArticle, MockServer, MockSite, faults
from newsetl.sources.config import Source
from tests.support.stepped_clock import SteppedClock
from tests.support.stub_server import LocalSite, Route

SINCE, UNTIL = date(2026, 7, 1), date(2026, 9, 30)
AUGUST = Window(date(2026, 8, 1), date(2026, 8, 31))
DAY = timedelta(days=1)
METHODS = {
    "search": search.find_links,
    "wayback": wayback.find_links,
    "commoncrawl": commoncrawl.find_links,
    "feed": feeds.find_links,
}


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(MockSite(articles=120, since=SINCE, until=UNTIL)) as served:
        yield served


class MethodQuery:
    """Links, errors, stored captures and requests of one discovery method in one window.

    The first `fetch_count` links are fetched too.
    """

    def __init__(
        self, method: str, source: Source, window: Window = AUGUST, *, fetch_count: int | None = None
    ) -> None:
        self.errors: list[tuple[str, StageError]] = []
        self.stored: list[Capture] = []
        self.pages: list[Capture] = []
        self.rejected: list[tuple[Link, FetchError]] = []
        with Client(source, contact=None, store=self.store) as client:
            links = METHODS[method](
                source, client, window, lambda url, error: self.errors.append((url, error))
            )
            self.links: list[Link] = []
            for link in links:
                self.links.append(link)
                if fetch_count is not None and len(self.links) <= fetch_count:
                    for outcome in fetch([link], client):
                        if isinstance(outcome, Capture):
                            self.pages.append(outcome)
                        else:
                            self.rejected.append(outcome)
            self.requests: tuple[Request, ...] = client.take_requests()

    def store(self, capture: Capture) -> Capture:
        self.stored.append(capture)
        return capture

    @property
    def reasons(self) -> list[Reason]:
        return [error.reason for _, error in self.errors]

    def paths(self, base: str) -> set[str]:
        return {link.url.removeprefix(base) for link in self.links}


def get_source(server: MockServer) -> Source:
    return sources.load("stdaily").with_base_url(server.base_url)


def get_source_with_other_archive_host(server: MockServer, **fetching: float) -> Source:
    """Return the source with its archives on another host name than the site's."""
    source = get_source(server)
    archive_url = server.base_url.replace("127.0.0.1", "localhost")
    assert source.wayback
    assert source.commoncrawl
    return replace(
        source,
        hosts=source.hosts[:1],
        fetch=replace(source.fetch, **fetching),  # type: ignore[arg-type]
        wayback=replace(source.wayback, cdx=f"{archive_url}/cdx/search/cdx", replay=f"{archive_url}/web/"),
    )


def list_august_articles(server: MockServer, *, with_rejected: bool = False) -> list[MockArticle]:
    """Return the articles of August, with the rejected pages on request."""
    return [
        article
        for article in server.site.listed_articles
        if article.published_at.month == 8 and (with_rejected or not article.reject_reason)
    ]


def list_paths(articles: list[MockArticle]) -> set[str]:
    return {path for article in articles for path in article.paths}


# The search service


def test_a_search_finds_the_window_page_by_page(server: MockServer) -> None:
    query = MethodQuery("search", get_source(server))
    assert query.errors == []
    assert query.paths(server.base_url) == {
        article.paths[0] for article in list_august_articles(server, with_rejected=True)
    }
    assert {link.method for link in query.links} == {"search"}
    assert all(link.title and link.published_at and link.archive_location is None for link in query.links)
    posts = [row for row in query.requests if row.kind == "search" and "Search.do" in row.url]
    assert len(posts) == -(-len(list_august_articles(server, with_rejected=True)) // 20) == 2
    assert [method for method, path in server.requests if path == "/xy/Search.do"] == ["POST", "POST"]
    # The form is in the capture's URL, so each page has its own.
    assert [f"pageNo={number}" in row.url for number, row in enumerate(posts)] == [True, True]
    assert {capture.url for capture in query.stored} >= {row.url for row in posts}


def test_a_day_with_3000_links_is_complete() -> None:
    day = date(2026, 8, 15)
    with MockServer(MockSite(articles=3000, since=day, until=day + DAY, rejected=0)) as server:
        of_day = [article for article in server.site.listed_articles if article.published_at.date() == day]
        query = MethodQuery("search", get_source(server), Window(day, day))
    assert query.errors == []
    assert len(query.links) == len(of_day) > 1000


def test_a_search_that_returns_html_is_reported(server: MockServer) -> None:
    server.inject(faults.soft_404, at="/xy/Search.do")
    query = MethodQuery("search", get_source(server))
    assert (query.links, query.reasons) == ([], [Reason.SOFT_404])
    url, error = query.errors[0]
    assert "startDate=2026-08-01&endDate=2026-08-31" in url
    assert "no search result" in str(error)


def test_a_search_behind_a_waf_is_reported_as_blocked(server: MockServer) -> None:
    server.inject(faults.waf_page(), at="/xy/Search.do")
    assert MethodQuery("search", get_source(server)).reasons == [Reason.BLOCKED_BY_WAF]


def build_hit(number: int, day: str = "2026-08-10") -> dict[str, str]:
    path = f"/web/English/{day[:7]}/{day[8:]}/content_{number}.html"
    return {
        "title": "<font>A</font> &amp; B",
        "url": f"http://www.stdaily.com{path}",
        "date": f"{day} 09:00:00",
    }


def build_result(total: int, *hits: dict[str, str]) -> Route:
    return (
        200,
        {"Content-Type": "application/json"},
        json.dumps({"foundNum": total, "article": hits}).encode(),
    )


FIRST = [build_hit(number) for number in range(20)]
BROKEN_RESULTS = {
    "the same page repeated": ([build_result(900, *FIRST)], 20, "hits of earlier pages again"),
    "fewer than stated": (
        [build_result(45, *FIRST), build_result(45)],
        20,
        "45 hits stated, 20 received, then nothing",
    ),
    "a total that shrinks": (
        [build_result(45, *FIRST), build_result(21, build_hit(30))],
        21,
        "45 hits stated, 21 received",
    ),
    "other days": (
        [build_result(900, *[build_hit(n, "2019-01-01") for n in range(20)])],
        0,
        "nothing of the queried days",
    ),
    "a page without hits": ([(200, {}, b'{"foundNum": 3}')], 0, "no search result (KeyError('article'))"),
    "odd hits": ([(200, {}, b'{"foundNum": 1, "article": [7]}')], 0, "no search result"),
    "nothing at all": ([(200, {}, b"")], 0, "no search result"),
}


@pytest.mark.parametrize("case", BROKEN_RESULTS)
def test_a_search_that_fails_keeps_its_earlier_links(case: str) -> None:
    responses, count, message = BROKEN_RESULTS[case]

    with LocalSite({"/search": list(responses)}) as site:
        source = sources.load("stdaily").with_base_url(site.base_url)
        assert source.search
        own = replace(source.search, url=f"{site.base_url}/search", page=None)
        query = MethodQuery("search", replace(source, hosts=("www.stdaily.com", *source.hosts), search=own))
    assert len(query.links) == count
    assert [message in str(error) for _, error in query.errors] == [True]
    if query.links:
        assert query.links[0].title == "A & B"


def test_a_source_without_services_has_no_such_methods(server: MockServer) -> None:
    bare = replace(get_source(server), search=None, wayback=None, commoncrawl=None)
    for method in METHODS:
        query = MethodQuery(method, bare)
        assert (query.links, query.errors, query.requests) == ([], [], ())


# The Wayback Machine


def test_wayback_finds_the_window_and_fetches_the_archived_pages(server: MockServer) -> None:
    server.wayback.add_captures(missing={date(2026, 8, 20)})
    archived = [
        article
        for article in list_august_articles(server)
        if article.published_at.date() != date(2026, 8, 20)
    ]
    query = MethodQuery("wayback", get_source(server), fetch_count=1000)
    assert (query.errors, query.rejected) == ([], [])
    assert query.paths(server.base_url) == list_paths(archived) != list_paths(list_august_articles(server))
    assert {link.method for link in query.links} == {"wayback"}
    for link, page in zip(query.links, query.pages, strict=True):
        original = server.site.get_article(link.url.removeprefix(server.base_url))
        assert original
        assert link.archive_location
        assert (page.requested_url, page.url, page.via, page.via_url) == (
            link.url,
            link.url,
            "wayback",
            link.archive_location.url,
        )
        assert (
            page.fetched_at == link.archive_location.taken_at == (original.published_at + DAY).astimezone(UTC)
        )
        assert page.obtained_at
        assert page.obtained_at > page.fetched_at
        article = parse_page.parse_page(page, get_source(server))
        assert isinstance(article, Article)
        assert article.title == original.title


def test_a_window_queries_its_months_alone(server: MockServer) -> None:
    server.wayback.add_captures()
    query = MethodQuery("wayback", get_source(server), Window(date(2026, 8, 31), date(2026, 9, 1)))
    queried_urls = [unquote(row.url).replace("\\", "") for row in query.requests if row.kind == "cdx"]
    assert len(queried_urls) == 6
    assert all(
        re.search("url=[^&]*2026-0[89]/|filter=original:[^&]*/2026-?0[89]/", url) for url in queried_urls
    )
    assert all("from=20260830&" in url and "&to=" not in url for url in queried_urls)
    web = [link for link in query.links if "/web/" in link.url]
    assert web
    assert all("/2026-08/31/" in link.url or "/2026-09/01/" in link.url for link in web)


def test_an_open_window_queries_everything(server: MockServer) -> None:
    server.wayback.add_captures()
    query = MethodQuery("wayback", get_source(server), Window())
    assert query.paths(server.base_url) == list_paths(
        [article for article in server.site.listed_articles if not article.reject_reason]
    )


def test_the_oldest_capture_of_each_text_and_day_is_fetched(server: MockServer) -> None:
    article = list_august_articles(server)[5]
    noon = datetime(2026, 9, 3, 4, tzinfo=UTC)
    first = server.wayback.add_capture(article, at=noon)
    server.wayback.add_capture(article, at=noon + timedelta(hours=1))
    server.site.edit(article, text="Corrected.")
    changed = server.wayback.add_capture(article, at=noon + timedelta(hours=2))
    query = MethodQuery("wayback", get_source(server), fetch_count=9)
    assert [link.archive_location.taken_at for link in query.links if link.archive_location] == [
        first.taken_at,
        changed.taken_at,
    ]
    assert [b"Corrected." in page.body for page in query.pages] == [False, True]


def test_captures_are_selected_by_article_window_and_digest() -> None:
    web, old = "/web/English/2026-08/10/content_1.html", f"/English/News/202608/{7:032x}.shtml"

    def row(path: str, digest: str, stamp: str, host: str = "http://www.stdaily.com") -> IndexRecord:
        location = ArchiveLocation(
            "wayback", f"https://web.archive.org/web/{stamp}id_/{host}{path}", parse_timestamp(stamp)
        )
        return IndexRecord(f"{host}{path}", digest, location)

    rows = [
        row(web, "A", "20260811000000"),
        row(web, "A", "20260811060000"),
        row(web, "A", "20260810230000", "https://stdaily.com:443"),
        row(web, "A", "20260811030000", "https://stdaily.com:443"),
        row(web, "B", "20260811070000"),
        row(web, "A", "20260812000000"),
        row(old, "C", "20260809155959"),  # the 9th in Shanghai, before the window
        row(old, "C", "20260809160000"),
        row("/web/gdxw/2026-08/10/content_1.html", "D", "20260811000000"),
        row("/web/English/2026-08/09/content_2.html", "E", "20260811000000"),
    ]
    selector = CaptureSelector(
        sources.load("stdaily"), Window(date(2026, 8, 10), date(2026, 8, 10)), "wayback"
    )
    selected = [
        (link.url, link.archive_location.url.split("/")[4][:14])
        for link in selector.select_links(rows, "index")
        if link.archive_location
    ]
    own = "https://www.stdaily.com"
    assert sorted(selected) == [
        (own + old, "20260809160000"),
        (own + web, "20260810230000"),
        (own + web, "20260811000000"),
        (own + web, "20260811070000"),
        (own + web, "20260812000000"),
    ]
    # A capture selected from one prefix is not selected again from another.
    assert list(selector.select_links(rows, "another")) == []


def test_resume_keys_are_followed_to_the_end(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wayback, "MAX_ROWS", 7)
    server.wayback.add_captures()
    query = MethodQuery("wayback", get_source(server))
    assert query.errors == []
    assert query.paths(server.base_url) == list_paths(list_august_articles(server))
    assert (
        sum("resumeKey=1" in row.url for row in query.requests) >= len(list_august_articles(server)) // 7 - 1
    )


def test_a_truncated_cdx_page_gives_its_complete_rows_and_the_next_prefix_goes_on(
    server: MockServer,
) -> None:
    server.wayback.add_captures()
    server.inject(faults.truncated(0.5), at="/cdx/search/cdx", times=1)
    query = MethodQuery("wayback", get_source(server), fetch_count=1000)
    assert query.reasons == [Reason.UNDECODABLE]
    web = [path for path in query.paths(server.base_url) if "/web/" in path]
    assert 0 < len(web) < len([path for path in list_paths(list_august_articles(server)) if "/web/" in path])
    assert f"truncated after {len(web)} complete rows" in str(query.errors[0][1])
    # The old URLs are under the other prefixes.
    assert query.paths(server.base_url) - set(web) == {
        path for path in list_paths(list_august_articles(server)) if "/web/" not in path
    }
    assert query.rejected == []


@pytest.mark.parametrize(
    ("fault", "times"),
    [(faults.soft_404, 1), (faults.truncated(0.001), 1), (faults.status(403), 1), (faults.status(503), 4)],
)
def test_a_cdx_error_affects_its_prefix_alone(server: MockServer, fault: faults.Fault, times: int) -> None:
    server.wayback.add_captures()
    server.inject(fault, at="/cdx/search/cdx", times=times)
    query = MethodQuery("wayback", get_source_with_other_archive_host(server))
    assert len(query.errors) == 1
    assert query.paths(server.base_url) == {
        path for path in list_paths(list_august_articles(server)) if "/web/" not in path
    }


def test_an_archive_with_retry_after_an_hour_is_abandoned_and_the_site_goes_on(server: MockServer) -> None:
    server.wayback.add_captures()
    source = get_source_with_other_archive_host(server)
    server.inject(faults.retry_after(3600), at="/cdx/search/cdx")
    query = MethodQuery("wayback", source)
    assert query.links == []
    assert query.reasons == [Reason.FETCH_FAILED]
    assert "Retry-After of 3600 s is longer than" in str(query.errors[0][1])
    assert sum(path.startswith("/cdx") for _, path in server.requests) == 1
    assert query.requests[-1].retry_after == 3600


def test_429_during_the_replay_ends_the_method_with_one_error(server: MockServer) -> None:
    server.wayback.add_captures()
    server.inject(faults.retry_after(3600), at="/web/[0-9].*")
    query = MethodQuery("wayback", get_source_with_other_archive_host(server), fetch_count=1000)
    assert len(query.links) == len(query.rejected) == 1
    assert len(query.errors) == 1
    assert "Retry-After of 3600 s" in str(query.errors[0][1])


def test_a_short_retry_after_is_waited_for(server: MockServer, clock: SteppedClock) -> None:
    server.wayback.add_captures()
    server.inject(faults.retry_after(1), at="/cdx/search/cdx", times=1)
    query = MethodQuery("wayback", get_source_with_other_archive_host(server))
    assert query.errors == []
    waits = [row for row in query.requests if row.wait_reason == "retry-after"]
    assert len(waits) == 1
    assert waits[0].waited == pytest.approx(1.0)


def test_the_archive_has_its_own_minimum_delay(server: MockServer, clock: SteppedClock) -> None:
    server.wayback.add_captures()
    source = get_source_with_other_archive_host(server)
    assert source.wayback
    source = replace(
        source, wayback=replace(source.wayback, min_delay=0.15, prefixes=source.wayback.prefixes[:1])
    )
    query = MethodQuery("wayback", source, fetch_count=3)
    rows = query.requests
    assert {row.host for row in rows} == {server.base_url.replace("http://127.0.0.1", "localhost")}
    assert {row.min_delay for row in rows} == {0.15}
    ends = [row.requested_at + timedelta(seconds=row.elapsed) for row in rows]
    gaps = [(row.requested_at - end).total_seconds() for row, end in zip(rows[1:], ends, strict=False)]
    assert len(gaps) == 4
    assert min(gaps) == pytest.approx(0.15)


def test_an_archive_error_has_the_archives_url_not_the_articles(server: MockServer) -> None:
    server.wayback.add_captures()
    server.inject(faults.status(404), at="/web/[0-9].*", times=1)
    query = MethodQuery("wayback", get_source(server), fetch_count=2)
    ((link, error),) = query.rejected
    assert link.archive_location
    assert link.locator == link.archive_location.url != link.url
    assert error.reason is Reason.HTTP_STATUS
    assert error.capture
    assert error.capture.requested_url == link.archive_location.url
    assert [page.via for page in query.pages] == ["wayback"]


def test_another_page_from_an_archive_is_rejected_and_not_stored(server: MockServer) -> None:
    server.wayback.add_captures()
    one, other = (article for article in list_august_articles(server)[:2])
    target = f"/web/20260901000000id_/{server.base_url}{other.paths[0]}"
    server.inject(faults.redirect(target), at=f".*id_/http.*{one.paths[0]}")
    query = MethodQuery("wayback", get_source(server), fetch_count=1000)
    assert [error.reason for _, error in query.rejected] == [Reason.HTTP_STATUS]
    assert "instead" in str(query.rejected[0][1])
    assert not [capture for capture in query.stored if capture.url == server.base_url + one.paths[0]]


def test_a_redirected_capture_has_the_time_of_its_target(server: MockServer) -> None:
    article = list_august_articles(server)[3]
    capture = server.wayback.add_capture(article, at=datetime(2026, 9, 5, tzinfo=UTC))
    source = get_source(server)
    link = MethodQuery("wayback", source).links[0]
    assert link.archive_location
    moved = replace(
        link.archive_location, url=link.archive_location.url.replace(capture.stamp, "20260904000000")
    )
    with Client(source, contact=None, store=lambda capture: capture) as client:
        (page,) = fetch([replace(link, archive_location=moved)], client)
    assert isinstance(page, Capture)
    assert page.fetched_at == capture.taken_at
    assert page.via_url == link.archive_location.url


# Common Crawl


def test_common_crawl_finds_the_window_and_fetches_single_records(server: MockServer) -> None:
    server.commoncrawl.add_captures(after=(2 * DAY, 60 * DAY))
    query = MethodQuery("commoncrawl", get_source(server), fetch_count=1000)
    assert (query.errors, query.rejected) == ([], [])
    assert query.paths(server.base_url) == list_paths(list_august_articles(server))
    assert len(query.links) == 2 * len(list_paths(list_august_articles(server)))
    for link, page in zip(query.links, query.pages, strict=True):
        assert link.archive_location
        assert (page.url, page.via) == (link.url, "commoncrawl")
        assert page.via_url == f"{link.archive_location.url}#{link.archive_location.offset}" == link.locator
        assert (page.status, page.fetched_at) == (200, link.archive_location.taken_at)
        assert page.body.startswith(b"<!DOCTYPE html>")
    # No response is larger than its record.
    pages = [row for row in query.requests if row.kind == "article"]
    assert [row.size for row in pages] == [
        link.archive_location.length for link in query.links if link.archive_location
    ]
    assert {row.status for row in pages} == {206}


def test_only_crawls_after_the_window_are_queried_up_to_the_limit(server: MockServer) -> None:
    server.commoncrawl.add_captures(
        list_august_articles(server)[:5], after=tuple(n * 45 * DAY for n in range(12))
    )
    source = get_source(server)
    assert source.commoncrawl
    source = replace(source, commoncrawl=replace(source.commoncrawl, max_crawls=3))
    query = MethodQuery("commoncrawl", source)
    crawls = {row.url.split("/")[3].split("?")[0] for row in query.requests if "-index" in row.url}
    assert len(crawls) == 3
    assert min(crawls) >= "CC-MAIN-2026-25"
    assert max(crawls) < "CC-MAIN-2026-50"


def test_every_page_of_an_index_is_parsed() -> None:
    with MockServer(MockSite(articles=700, since=date(2026, 8, 1), until=date(2026, 8, 31))) as server:
        server.commoncrawl.add_captures()
        query = MethodQuery("commoncrawl", get_source(server))
        assert any("page=1" in row.url for row in query.requests)
        assert query.errors == []
        assert query.paths(server.base_url) == list_paths(list_august_articles(server))


@pytest.mark.parametrize("share", [0, 0.01, 0.6, 0.9995])
def test_a_truncated_record_is_reported_and_the_others_are_fetched(server: MockServer, share: float) -> None:
    server.commoncrawl.add_captures()
    server.inject(faults.truncated(share), at="/crawl-data/.*", times=1)
    query = MethodQuery("commoncrawl", get_source(server), fetch_count=3)
    ((link, error),) = query.rejected
    assert error.reason is Reason.UNDECODABLE
    assert error.capture is None
    assert f"{link.locator}: no complete WARC record" in str(error)
    assert len(query.pages) == 2
    assert not [
        capture for capture in query.stored if capture.kind == "article" and capture.via != "commoncrawl"
    ]


def test_a_server_without_ranges_is_rejected(server: MockServer) -> None:
    server.commoncrawl.add_captures(list_august_articles(server)[:3])
    server.inject(
        lambda handler, response: handler.send_mock_response(response._replace(status=200)),
        at="/crawl-data/.*",
    )  # type: ignore[arg-type]
    query = MethodQuery("commoncrawl", get_source(server), fetch_count=1)
    assert [error.reason for _, error in query.rejected] == [Reason.HTTP_STATUS]
    assert "a byte range was requested" in str(query.rejected[0][1])


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/collinfo.json", faults.soft_404),
        ("/collinfo.json", faults.truncated(0.5)),
        (".*-index", faults.soft_404),
        (".*-index", faults.status(403)),
    ],
)
def test_an_index_error_is_reported(server: MockServer, path: str, fault: faults.Fault) -> None:
    server.commoncrawl.add_captures()
    server.inject(fault, at=path)
    query = MethodQuery("commoncrawl", get_source(server))
    assert query.links == []
    assert query.errors


def test_a_truncated_index_page_gives_its_complete_lines(server: MockServer) -> None:
    server.commoncrawl.add_captures()
    is_second = iter([False, True])

    def truncate_second(handler: Any, response: Any) -> None:
        (faults.truncated(0.5) if next(is_second, False) else faults.truncated(1))(handler, response)

    server.inject(truncate_second, at=".*-index")
    query = MethodQuery("commoncrawl", get_source(server))
    assert query.reasons == [Reason.UNDECODABLE]
    assert 0 < len(query.links) < len(list_paths(list_august_articles(server)))


def test_an_index_on_another_host_is_not_queried(server: MockServer) -> None:
    crawls = [{"id": "x", "cdx-api": "http://127.0.0.1:9/x-index", "to": "2026-12-01T00:00:00"}]
    with LocalSite({"/collinfo.json": json.dumps(crawls)}) as site:
        source = get_source(server)
        assert source.commoncrawl
        own = replace(source.commoncrawl, collinfo=f"{site.base_url}/collinfo.json")
        query = MethodQuery("commoncrawl", replace(source, commoncrawl=own))
    assert "on another host" in str(query.errors[0][1])
    assert {row.host for row in query.requests} == {site.base_url.removeprefix("http://")}


def build_record(block: bytes, *, kind: str = "response", uri: str = "", extra: str = "") -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2026-08-11T00:00:00Z\r\nWARC-Target-URI: {uri}\r\n"
        f"{extra}"
        f"WARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-123456789012>\r\nContent-Length: {len(block)}\r\n"
        "Content-Type: application/http; msgtype=response\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n")


PAGE = b"<html>whole</html>"
OWN = "http://www.stdaily.com/web/English/2026-08/10/content_1.html"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
CRAWLER_RECORDS: dict[str, tuple[bytes, Reason | None]] = {
    "plain": (build_record(HEAD + b"\r\n" + PAGE, uri=OWN), None),
    "coded": (build_record(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(PAGE), uri=OWN), None),
    "coded by name alone": (build_record(HEAD + b"Content-Encoding: gzip\r\n\r\n" + PAGE, uri=OWN), None),
    "in chunks": (
        build_record(HEAD + b"Transfer-Encoding: chunked\r\n\r\n12\r\n" + PAGE + b"\r\n0\r\n\r\n", uri=OWN),
        None,
    ),
    "another page": (build_record(HEAD + b"\r\n" + PAGE, uri=OWN.replace("_1", "_2")), Reason.HTTP_STATUS),
    "a redirect": (build_record(b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", uri=OWN), Reason.HTTP_STATUS),
    "no response": (build_record(b"x", kind="metadata", uri=OWN), Reason.UNDECODABLE),
    "truncated by the crawler": (
        build_record(HEAD + b"\r\n" + PAGE, uri=OWN, extra="WARC-Truncated: length\r\n"),
        Reason.TOO_LARGE,
    ),
    "no WARC": (gzip.compress(b"hello"), Reason.UNDECODABLE),
    "no gzip": (b"hello, I am no gzip member", Reason.UNDECODABLE),
}


@pytest.mark.parametrize("case", CRAWLER_RECORDS)
def test_records_of_other_crawlers(case: str) -> None:
    raw, reason = CRAWLER_RECORDS[case]

    def respond(handler: Any) -> None:
        handler.send_response(206)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    with LocalSite({"/f.warc.gz": respond}) as site:
        source = sources.load("stdaily").with_base_url(site.base_url)
        source = replace(source, hosts=("www.stdaily.com", *source.hosts))
        location = ArchiveLocation(
            "commoncrawl", f"{site.base_url}/f.warc.gz", datetime(2026, 8, 11, tzinfo=UTC), 5, len(raw)
        )
        link = Link("stdaily", OWN, "index", method="commoncrawl", archive_location=location)
        with Client(source, contact=None, store=lambda capture: capture) as client:
            (page,) = fetch([link], client)
        headers = site.requests[-1].headers
    assert headers["Range"] == f"bytes=5-{4 + len(raw)}"
    assert headers["Accept-Encoding"] == "identity"
    if reason:
        assert not isinstance(page, Capture)
        assert page[1].reason is reason
    else:
        assert isinstance(page, Capture)
        assert (page.body, page.url, page.charset) == (PAGE, OWN, "utf-8")


# Feeds


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml"])
def test_a_feed_has_the_new_articles(server: MockServer, name: str) -> None:
    source = get_source(server)
    source = replace(source, discover=replace(source.discover, feeds=(f"{server.base_url}/{name}",)))
    query = MethodQuery("feed", source, Window(date(2026, 9, 1), None))
    articles = server.site.list_newest(50)
    assert query.errors == []
    values = {link.url: (link.title, link.published_at, link.method) for link in query.links}
    assert values == {
        server.base_url + article.paths[0]: (article.title, article.published_at.astimezone(UTC), "feed")
        for article in articles
        if article.published_at.date() >= date(2026, 9, 1)
    }


def test_discovery_parses_feeds_and_news_sitemaps(server: MockServer) -> None:
    source = get_source(server)
    discover = replace(
        source.discover,
        start_urls=(),
        feeds=(f"{server.base_url}/rss.xml", f"{server.base_url}/gone.xml"),
        sitemaps=(f"{server.base_url}/news-sitemap.xml",),
    )
    errors: list[tuple[str, StageError]] = []
    with Client(source, contact=None, store=lambda capture: capture) as client:
        links = list(
            Discovery(
                replace(source, discover=discover),
                client,
                known=frozenset(),
                window=Window(),
                on_error=lambda url, error: errors.append((url, error)),
            )
        )
    assert [url for url, _ in errors] == [f"{server.base_url}/gone.xml"]
    assert {link.method for link in links} == {"sitemap", "feed"}
    latest = next(link for link in links if link.method == "sitemap")
    article = server.site.get_article(latest.url.removeprefix(server.base_url))
    assert article
    # The time of publication, not the later lastmod.
    assert (latest.title, latest.published_at) == (article.title, article.published_at.astimezone(UTC))
    assert len({link.url for link in links}) == len(links) == 50


TIME = "<pubDate>Mon, 10 Aug 2026 09:00:00 +0800</pubDate>"
ITEM = "<item><title>A &amp; <b>B</b></title><link>{0}</link>" + TIME + "</item>"
FEEDS = {
    "a truncated feed": ("<rss><channel>" + ITEM + "<item><link>x", 1, None),
    "an entity of HTML": ("<rss><channel><title>a&nbsp;b</title>" + ITEM + "</channel></rss>", 1, None),
    "an older RSS": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><item><link>{0}</link>'
        "<dc:date>2026-08-10T09:00:00+08:00</dc:date></item></rdf:RDF>",
        1,
        None,
    ),
    "a guid that is a URL": ("<rss><channel><item><guid>{0}</guid></item></channel></rss>", 1, None),
    "a guid that is no URL": (
        '<rss><channel><item><guid isPermaLink="false">{0}</guid></item></channel></rss>',
        0,
        None,
    ),
    "an empty feed": ("<rss><channel></channel></rss>", 0, None),
    "no feed": ("<html><body>hello</body></html>", 0, Reason.UNKNOWN_LAYOUT),
    "no XML": ("hello", 0, Reason.UNKNOWN_LAYOUT),
    "nothing": ("", 0, Reason.EMPTY_BODY),
    "a broken feed without items": ("<rss><channel>", 0, Reason.UNKNOWN_LAYOUT),
    "a bomb": (
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel>'
        + ITEM
        + "<x>&b;</x></channel></rss>",
        1,
        None,
    ),
}


@pytest.mark.parametrize("case", FEEDS)
def test_feed_variants(case: str) -> None:
    text, count, reason = FEEDS[case]
    path = "/web/English/2026-08/10/content_1.html"
    with LocalSite({"/feed": text.replace("{0}", path)}) as site:
        source = sources.load("stdaily").with_base_url(site.base_url)
        query = MethodQuery(
            "feed", replace(source, discover=replace(source.discover, feeds=(f"{site.base_url}/feed",)))
        )
    assert query.reasons == ([reason] if reason else [])
    assert [link.url for link in query.links] == [f"{site.base_url}{path}"] * count


# One article


def test_an_article_found_by_three_methods_is_one_row_with_three_captures(
    server: MockServer, tmp_path: Path
) -> None:
    source = get_source(server)
    article = next(
        article for article in list_august_articles(server) if article.is_web and len(article.paths) == 1
    )
    crawled = server.commoncrawl.add_capture(article, at=article.published_at + timedelta(hours=5))
    server.site.edit(article, text="A later ending of the story, with a correction.")
    server.wayback.add_capture(article, at=article.published_at + 9 * DAY)
    started = datetime.now(UTC)
    plain = Link(
        "stdaily", server.base_url + article.paths[0], f"{server.base_url}/web/English/node_471.html"
    )
    errors: list[Any] = []
    with (
        ArchiveWriter(tmp_path / "archive", started_at=started, software="newsetl/test") as archive,
        Warehouse(tmp_path / "news.duckdb") as warehouse,
        Client(source, contact=None, store=archive.store) as client,
    ):
        warehouse.register_source(source)
        run = warehouse.start_run("stdaily", kind="backfill", window=AUGUST, started_at=started)
        older = [
            link
            for method in (wayback.find_links, commoncrawl.find_links)
            for link in method(source, client, AUGUST, lambda *error: errors.append(error))
        ]
        pages = [page for page in fetch([plain, *older], client) if isinstance(page, Capture)]
        articles = [
            parsed for page in pages if isinstance(parsed := parse_page.parse_page(page, source), Article)
        ]
        assert (errors, len(pages), len(articles)) == ([], 3, 3)
        warehouse.load(
            Batch("stdaily", tuple(pages), tuple(articles), (), client.take_requests()), run_id=run
        )
        rows = warehouse.connection.execute(
            "SELECT url, first_seen_at, capture_id, text FROM articles"
        ).fetchall()
        captures = warehouse.connection.execute(
            "SELECT via, requested_url, article_id IS NOT NULL FROM captures "
            "WHERE kind = 'article' ORDER BY fetched_at"
        ).fetchall()
    ((url, first_seen_at, capture_id, text),) = rows
    assert (url, first_seen_at) == (plain.url, crawled.taken_at)
    # The site's page is the current version, although older captures were fetched after it.
    assert capture_id == pages[0].capture_id
    assert text.endswith("with a correction.")
    assert captures == [(via, plain.url, True) for via in ("commoncrawl", "wayback", "web")]
    stored = [reader.read_capture(tmp_path / "archive", page.file or "", page.offset or 0) for page in pages]
    for page, loaded in zip(pages, stored, strict=True):
        assert (loaded.via, loaded.via_url, loaded.fetched_at, loaded.obtained_at, loaded.body) == (
            page.via,
            page.via_url,
            page.fetched_at,
            page.obtained_at,
            page.body,
        )
