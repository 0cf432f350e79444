"""The ways to find the past, each against a server on localhost that speaks the real protocol."""

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
WAYS = {
    "search": search.find_links,
    "wayback": wayback.find_links,
    "commoncrawl": commoncrawl.find_links,
    "feed": feeds.find_links,
}


@pytest.fixture
def replica() -> Iterator[MockServer]:
    with MockServer(MockSite(articles=120, since=SINCE, until=UNTIL)) as served:
        yield served


class Asked:
    """One way asked for one window, with what it found, what it was told and what it asked for."""

    def __init__(
        self, method: str, source: Source, window: Window = AUGUST, *, fetched: int | None = None
    ) -> None:
        self.errors: list[tuple[str, StageError]] = []
        self.kept: list[Capture] = []
        self.pages: list[Capture] = []
        self.rejected: list[tuple[Link, FetchError]] = []
        with Client(source, contact=None, store=self.keep) as client:
            found = WAYS[method](source, client, window, lambda url, error: self.errors.append((url, error)))
            self.links: list[Link] = []
            for link in found:
                self.links.append(link)
                if fetched is not None and len(self.links) <= fetched:
                    for answer in fetch([link], client):
                        if isinstance(answer, Capture):
                            self.pages.append(answer)
                        else:
                            self.rejected.append(answer)
            self.requests: tuple[Request, ...] = client.take_requests()

    def keep(self, capture: Capture) -> Capture:
        self.kept.append(capture)
        return capture

    @property
    def reasons(self) -> list[Reason]:
        return [error.reason for _, error in self.errors]

    def paths(self, base: str) -> set[str]:
        return {link.url.removeprefix(base) for link in self.links}


def at(replica: MockServer) -> Source:
    return sources.load("stdaily").with_base_url(replica.base_url)


def apart(replica: MockServer, **fetching: float) -> Source:
    """The source with its archives on a host of another name, so that they are not the site's own."""
    source = at(replica)
    there = replica.base_url.replace("127.0.0.1", "localhost")
    assert source.wayback
    assert source.commoncrawl
    return replace(
        source,
        hosts=source.hosts[:1],
        fetch=replace(source.fetch, **fetching),  # type: ignore[arg-type]
        wayback=replace(source.wayback, cdx=f"{there}/cdx/search/cdx", replay=f"{there}/web/"),
    )


def august(replica: MockServer, *, is_whole: bool = False) -> list[MockArticle]:
    """The stories of August, without the refused ones unless asked for."""
    return [
        story
        for story in replica.site.listed_articles
        if story.published_at.month == 8 and (is_whole or not story.rejected)
    ]


def paths(stories: list[MockArticle]) -> set[str]:
    return {path for story in stories for path in story.paths}


# The search service


def test_a_search_finds_the_window_page_by_page(replica: MockServer) -> None:
    asked = Asked("search", at(replica))
    assert asked.errors == []
    assert asked.paths(replica.base_url) == {story.paths[0] for story in august(replica, is_whole=True)}
    assert {link.method for link in asked.links} == {"search"}
    assert all(link.title and link.published_at and link.archive_location is None for link in asked.links)
    posts = [row for row in asked.requests if row.kind == "search" and "Search.do" in row.url]
    assert len(posts) == -(-len(august(replica, is_whole=True)) // 20) == 2
    assert [method for method, path in replica.requests if path == "/xy/Search.do"] == ["POST", "POST"]
    # The form stands in the address of the capture, so that each page has its own.
    assert [f"pageNo={number}" in row.url for number, row in enumerate(posts)] == [True, True]
    assert {kept.url for kept in asked.kept} >= {row.url for row in posts}


def test_a_day_with_3000_links_is_read_to_its_end() -> None:
    day = date(2026, 8, 15)
    with MockServer(MockSite(articles=3000, since=day, until=day + DAY, rejected=0)) as crowded:
        of_day = [story for story in crowded.site.listed_articles if story.published_at.date() == day]
        asked = Asked("search", at(crowded), Window(day, day))
    assert asked.errors == []
    assert len(asked.links) == len(of_day) > 1000


def test_a_search_that_answers_in_html_is_told(replica: MockServer) -> None:
    replica.inject(faults.soft_404, at="/xy/Search.do")
    asked = Asked("search", at(replica))
    assert (asked.links, asked.reasons) == ([], [Reason.SOFT_404])
    url, error = asked.errors[0]
    assert "startDate=2026-08-01&endDate=2026-08-31" in url
    assert "no search result" in str(error)


def test_a_search_behind_the_firewall_is_told_as_blocked(replica: MockServer) -> None:
    replica.inject(faults.waf_page(), at="/xy/Search.do")
    assert Asked("search", at(replica)).reasons == [Reason.BLOCKED_BY_WAF]


def hit(number: int, day: str = "2026-08-10") -> dict[str, str]:
    path = f"/web/English/{day[:7]}/{day[8:]}/content_{number}.html"
    return {
        "title": "<font>A</font> &amp; B",
        "url": f"http://www.stdaily.com{path}",
        "date": f"{day} 09:00:00",
    }


def result(total: int, *hits: dict[str, str]) -> Route:
    return (
        200,
        {"Content-Type": "application/json"},
        json.dumps({"foundNum": total, "article": hits}).encode(),
    )


FIRST = [hit(number) for number in range(20)]
BROKEN = {
    "the same page for ever": ([result(900, *FIRST)], 20, "hits of earlier pages again"),
    "fewer than promised": ([result(45, *FIRST), result(45)], 20, "45 hits promised, 20 came, then nothing"),
    "a total that shrinks": ([result(45, *FIRST), result(21, hit(30))], 21, "45 hits promised, 21 came"),
    "other days": ([result(900, *[hit(n, "2019-01-01") for n in range(20)])], 0, "nothing of the days asked"),
    "a page without hits": ([(200, {}, b'{"foundNum": 3}')], 0, "no search result (KeyError('article'))"),
    "odd hits": ([(200, {}, b'{"foundNum": 1, "article": [7]}')], 0, "no search result"),
    "nothing at all": ([(200, {}, b"")], 0, "no search result"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_search_that_goes_wrong_ends_with_what_it_found(case: str) -> None:
    answers, count, message = BROKEN[case]

    with LocalSite({"/search": list(answers)}) as site:
        source = sources.load("stdaily").with_base_url(site.base_url)
        assert source.search
        own = replace(source.search, url=f"{site.base_url}/search", page=None)
        asked = Asked("search", replace(source, hosts=("www.stdaily.com", *source.hosts), search=own))
    assert len(asked.links) == count
    assert [message in str(error) for _, error in asked.errors] == [True]
    if asked.links:
        assert asked.links[0].title == "A & B"


def test_a_source_without_services_has_no_such_ways(replica: MockServer) -> None:
    bare = replace(at(replica), search=None, wayback=None, commoncrawl=None)
    for method in WAYS:
        asked = Asked(method, bare)
        assert (asked.links, asked.errors, asked.requests) == ([], [], ())


# The Wayback Machine


def test_wayback_has_the_window_and_gives_the_pages_of_then(replica: MockServer) -> None:
    replica.wayback.add_captures(missing={date(2026, 8, 20)})
    held = [story for story in august(replica) if story.published_at.date() != date(2026, 8, 20)]
    asked = Asked("wayback", at(replica), fetched=1000)
    assert (asked.errors, asked.rejected) == ([], [])
    assert asked.paths(replica.base_url) == paths(held) != paths(august(replica))
    assert {link.method for link in asked.links} == {"wayback"}
    for link, page in zip(asked.links, asked.pages, strict=True):
        story = replica.site.get_article(link.url.removeprefix(replica.base_url))
        assert story
        assert link.archive_location
        assert (page.requested_url, page.url, page.via, page.via_url) == (
            link.url,
            link.url,
            "wayback",
            link.archive_location.url,
        )
        assert page.fetched_at == link.archive_location.taken_at == (story.published_at + DAY).astimezone(UTC)
        assert page.obtained_at
        assert page.obtained_at > page.fetched_at
        read = parse_page.parse_page(page, at(replica))
        assert isinstance(read, Article)
        assert read.title == story.title


def test_a_months_window_asks_for_that_month_alone(replica: MockServer) -> None:
    replica.wayback.add_captures()
    asked = Asked("wayback", at(replica), Window(date(2026, 8, 31), date(2026, 9, 1)))
    asked_for = [unquote(row.url).replace("\\", "") for row in asked.requests if row.kind == "cdx"]
    assert len(asked_for) == 6
    assert all(re.search("url=[^&]*2026-0[89]/|filter=original:[^&]*/2026-?0[89]/", url) for url in asked_for)
    assert all("from=20260830&" in url and "&to=" not in url for url in asked_for)
    web = [link for link in asked.links if "/web/" in link.url]
    assert web
    assert all("/2026-08/31/" in link.url or "/2026-09/01/" in link.url for link in web)


def test_an_open_window_asks_for_all_that_there_is(replica: MockServer) -> None:
    replica.wayback.add_captures()
    asked = Asked("wayback", at(replica), Window())
    assert asked.paths(replica.base_url) == paths(
        [story for story in replica.site.listed_articles if not story.rejected]
    )


def test_of_a_day_each_text_is_taken_once_and_the_oldest_capture_of_it(replica: MockServer) -> None:
    story = august(replica)[5]
    noon = datetime(2026, 9, 3, 4, tzinfo=UTC)
    first = replica.wayback.add_capture(story, at=noon)
    replica.wayback.add_capture(story, at=noon + timedelta(hours=1))
    replica.site.edit(story, text="Corrected.")
    changed = replica.wayback.add_capture(story, at=noon + timedelta(hours=2))
    asked = Asked("wayback", at(replica), fetched=9)
    assert [link.archive_location.taken_at for link in asked.links if link.archive_location] == [
        first.taken_at,
        changed.taken_at,
    ]
    assert [b"Corrected." in page.body for page in asked.pages] == [False, True]


def test_of_rows_only_those_are_chosen_that_are_worth_a_visit() -> None:
    web, old = "/web/English/2026-08/10/content_1.html", f"/English/News/202608/{7:032x}.shtml"

    def row(path: str, digest: str, stamp: str, host: str = "http://www.stdaily.com") -> IndexRecord:
        held = ArchiveLocation(
            "wayback", f"https://web.archive.org/web/{stamp}id_/{host}{path}", parse_timestamp(stamp)
        )
        return IndexRecord(f"{host}{path}", digest, held)

    rows = [
        row(web, "A", "20260811000000"),
        row(web, "A", "20260811060000"),
        row(web, "A", "20260810230000", "https://stdaily.com:443"),
        row(web, "A", "20260811030000", "https://stdaily.com:443"),
        row(web, "B", "20260811070000"),
        row(web, "A", "20260812000000"),
        row(old, "C", "20260809155959"),  # the 9th in Shanghai: before the window
        row(old, "C", "20260809160000"),
        row("/web/gdxw/2026-08/10/content_1.html", "D", "20260811000000"),
        row("/web/English/2026-08/09/content_2.html", "E", "20260811000000"),
    ]
    choice = CaptureSelector(sources.load("stdaily"), Window(date(2026, 8, 10), date(2026, 8, 10)), "wayback")
    found = [
        (link.url, link.archive_location.url.split("/")[4][:14])
        for link in choice.select_links(rows, "index")
        if link.archive_location
    ]
    own = "https://www.stdaily.com"
    assert sorted(found) == [
        (own + old, "20260809160000"),
        (own + web, "20260810230000"),
        (own + web, "20260811000000"),
        (own + web, "20260811070000"),
        (own + web, "20260812000000"),
    ]
    # What was chosen from one part of the index is not chosen again from another.
    assert list(choice.select_links(rows, "another")) == []


def test_resume_keys_are_followed_to_the_end(replica: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wayback, "MAX_ROWS", 7)
    replica.wayback.add_captures()
    asked = Asked("wayback", at(replica))
    assert asked.errors == []
    assert asked.paths(replica.base_url) == paths(august(replica))
    assert sum("resumeKey=1" in row.url for row in asked.requests) >= len(august(replica)) // 7 - 1


def test_a_cdx_page_cut_in_the_middle_gives_its_whole_rows_and_the_next_prefix_goes_on(
    replica: MockServer,
) -> None:
    replica.wayback.add_captures()
    replica.inject(faults.truncated(0.5), at="/cdx/search/cdx", times=1)
    asked = Asked("wayback", at(replica), fetched=1000)
    assert asked.reasons == [Reason.UNDECODABLE]
    web = [path for path in asked.paths(replica.base_url) if "/web/" in path]
    assert 0 < len(web) < len([path for path in paths(august(replica)) if "/web/" in path])
    assert f"cut off after {len(web)} whole rows" in str(asked.errors[0][1])
    # The old addresses stand under the other prefixes.
    assert asked.paths(replica.base_url) - set(web) == {
        path for path in paths(august(replica)) if "/web/" not in path
    }
    assert asked.rejected == []


@pytest.mark.parametrize(
    ("fault", "times"),
    [(faults.soft_404, 1), (faults.truncated(0.001), 1), (faults.status(403), 1), (faults.status(503), 4)],
)
def test_a_cdx_server_out_of_order_costs_that_part(
    replica: MockServer, fault: faults.Fault, times: int
) -> None:
    replica.wayback.add_captures()
    replica.inject(fault, at="/cdx/search/cdx", times=times)
    asked = Asked("wayback", apart(replica))
    assert len(asked.errors) == 1
    assert asked.paths(replica.base_url) == {path for path in paths(august(replica)) if "/web/" not in path}


def test_an_archive_that_sends_us_away_for_an_hour_is_left_and_the_site_goes_on(replica: MockServer) -> None:
    replica.wayback.add_captures()
    source = apart(replica)
    replica.inject(faults.retry_after(3600), at="/cdx/search/cdx")
    asked = Asked("wayback", source)
    assert asked.links == []
    assert asked.reasons == [Reason.FETCH_FAILED]
    assert "asks to be left alone for 3600 s (Retry-After)" in str(asked.errors[0][1])
    assert sum(path.startswith("/cdx") for _, path in replica.requests) == 1
    assert asked.requests[-1].retry_after == 3600


def test_429_in_the_middle_of_the_replay_ends_the_way_and_says_so_once(replica: MockServer) -> None:
    replica.wayback.add_captures()
    replica.inject(faults.retry_after(3600), at="/web/[0-9].*")
    asked = Asked("wayback", apart(replica), fetched=1000)
    assert len(asked.links) == len(asked.rejected) == 1
    assert len(asked.errors) == 1
    assert "left alone for 3600 s" in str(asked.errors[0][1])


def test_a_short_retry_after_is_waited_for(replica: MockServer, clock: SteppedClock) -> None:
    replica.wayback.add_captures()
    replica.inject(faults.retry_after(1), at="/cdx/search/cdx", times=1)
    asked = Asked("wayback", apart(replica))
    assert asked.errors == []
    waits = [row for row in asked.requests if row.wait_reason == "retry-after"]
    assert len(waits) == 1
    assert waits[0].waited == pytest.approx(1.0)


def test_the_archives_pause_is_kept_and_the_sites_is_its_own(
    replica: MockServer, clock: SteppedClock
) -> None:
    replica.wayback.add_captures()
    source = apart(replica)
    assert source.wayback
    source = replace(
        source, wayback=replace(source.wayback, min_delay=0.15, prefixes=source.wayback.prefixes[:1])
    )
    asked = Asked("wayback", source, fetched=3)
    rows = asked.requests
    assert {row.host for row in rows} == {replica.base_url.replace("http://127.0.0.1", "localhost")}
    assert {row.min_delay for row in rows} == {0.15}
    ends = [row.requested_at + timedelta(seconds=row.elapsed) for row in rows]
    gaps = [(row.requested_at - end).total_seconds() for row, end in zip(rows[1:], ends, strict=False)]
    assert len(gaps) == 4
    assert min(gaps) == pytest.approx(0.15)


def test_a_refusal_of_a_copy_is_none_of_the_articles_address(replica: MockServer) -> None:
    replica.wayback.add_captures()
    replica.inject(faults.status(404), at="/web/[0-9].*", times=1)
    asked = Asked("wayback", at(replica), fetched=2)
    ((link, error),) = asked.rejected
    assert link.archive_location
    assert link.locator == link.archive_location.url != link.url
    assert error.reason is Reason.HTTP_STATUS
    assert error.capture
    assert error.capture.requested_url == link.archive_location.url
    assert [page.via for page in asked.pages] == ["wayback"]


def test_an_archive_that_sends_another_page_is_refused_and_nothing_kept(replica: MockServer) -> None:
    replica.wayback.add_captures()
    one, other = (story for story in august(replica)[:2])
    there = f"/web/20260901000000id_/{replica.base_url}{other.paths[0]}"
    replica.inject(faults.redirect(there), at=f".*id_/http.*{one.paths[0]}")
    asked = Asked("wayback", at(replica), fetched=1000)
    assert [error.reason for _, error in asked.rejected] == [Reason.HTTP_STATUS]
    assert "instead" in str(asked.rejected[0][1])
    assert not [kept for kept in asked.kept if kept.url == replica.base_url + one.paths[0]]


def test_a_capture_that_stands_at_another_moment_has_that_moment(replica: MockServer) -> None:
    story = august(replica)[3]
    kept = replica.wayback.add_capture(story, at=datetime(2026, 9, 5, tzinfo=UTC))
    source = at(replica)
    link = Asked("wayback", source).links[0]
    assert link.archive_location
    moved = replace(
        link.archive_location, url=link.archive_location.url.replace(kept.stamp, "20260904000000")
    )
    with Client(source, contact=None, store=lambda capture: capture) as client:
        (page,) = fetch([replace(link, archive_location=moved)], client)
    assert isinstance(page, Capture)
    assert page.fetched_at == kept.taken_at
    assert page.via_url == link.archive_location.url


# Common Crawl


def test_common_crawl_has_the_window_and_gives_single_records(replica: MockServer) -> None:
    replica.commoncrawl.add_captures(after=(2 * DAY, 60 * DAY))
    asked = Asked("commoncrawl", at(replica), fetched=1000)
    assert (asked.errors, asked.rejected) == ([], [])
    assert asked.paths(replica.base_url) == paths(august(replica))
    assert len(asked.links) == 2 * len(paths(august(replica)))
    for link, page in zip(asked.links, asked.pages, strict=True):
        assert link.archive_location
        assert (page.url, page.via) == (link.url, "commoncrawl")
        assert page.via_url == f"{link.archive_location.url}#{link.archive_location.offset}" == link.locator
        assert (page.status, page.fetched_at) == (200, link.archive_location.taken_at)
        assert page.body.startswith(b"<!DOCTYPE html>")
    # No page came by more than its own bytes.
    pages = [row for row in asked.requests if row.kind == "article"]
    assert [row.size for row in pages] == [
        link.archive_location.length for link in asked.links if link.archive_location
    ]
    assert {row.status for row in pages} == {206}


def test_only_the_crawls_after_the_window_are_asked_and_not_too_many(replica: MockServer) -> None:
    replica.commoncrawl.add_captures(august(replica)[:5], after=tuple(n * 45 * DAY for n in range(12)))
    source = at(replica)
    assert source.commoncrawl
    source = replace(source, commoncrawl=replace(source.commoncrawl, max_crawls=3))
    asked = Asked("commoncrawl", source)
    crawls = {row.url.split("/")[3].split("?")[0] for row in asked.requests if "-index" in row.url}
    assert len(crawls) == 3
    assert min(crawls) >= "CC-MAIN-2026-25"
    assert max(crawls) < "CC-MAIN-2026-50"


def test_pages_of_an_index_are_all_read() -> None:
    with MockServer(MockSite(articles=700, since=date(2026, 8, 1), until=date(2026, 8, 31))) as big:
        big.commoncrawl.add_captures()
        asked = Asked("commoncrawl", at(big))
        assert any("page=1" in row.url for row in asked.requests)
        assert asked.errors == []
        assert asked.paths(big.base_url) == paths(august(big))


@pytest.mark.parametrize("share", [0, 0.01, 0.6, 0.9995])
def test_a_record_torn_in_the_middle_is_told_and_the_others_come(replica: MockServer, share: float) -> None:
    replica.commoncrawl.add_captures()
    replica.inject(faults.truncated(share), at="/crawl-data/.*", times=1)
    asked = Asked("commoncrawl", at(replica), fetched=3)
    ((link, error),) = asked.rejected
    assert error.reason is Reason.UNDECODABLE
    assert error.capture is None
    assert f"{link.locator}: no whole WARC record" in str(error)
    assert len(asked.pages) == 2
    assert not [kept for kept in asked.kept if kept.kind == "article" and kept.via != "commoncrawl"]


def test_a_server_without_ranges_is_refused(replica: MockServer) -> None:
    replica.commoncrawl.add_captures(august(replica)[:3])
    replica.inject(
        lambda handler, answer: handler.send_mock_response(answer._replace(status=200)), at="/crawl-data/.*"
    )  # type: ignore[arg-type]
    asked = Asked("commoncrawl", at(replica), fetched=1)
    assert [error.reason for _, error in asked.rejected] == [Reason.HTTP_STATUS]
    assert "a part of it was asked for" in str(asked.rejected[0][1])


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/collinfo.json", faults.soft_404),
        ("/collinfo.json", faults.truncated(0.5)),
        (".*-index", faults.soft_404),
        (".*-index", faults.status(403)),
    ],
)
def test_an_index_out_of_order_is_told(replica: MockServer, path: str, fault: faults.Fault) -> None:
    replica.commoncrawl.add_captures()
    replica.inject(fault, at=path)
    asked = Asked("commoncrawl", at(replica))
    assert asked.links == []
    assert asked.errors


def test_an_index_page_cut_in_the_middle_gives_its_whole_lines(replica: MockServer) -> None:
    replica.commoncrawl.add_captures()
    counted = iter([False, True])

    def second(handler: Any, answer: Any) -> None:
        (faults.truncated(0.5) if next(counted, False) else faults.truncated(1))(handler, answer)

    replica.inject(second, at=".*-index")
    asked = Asked("commoncrawl", at(replica))
    assert asked.reasons == [Reason.UNDECODABLE]
    assert 0 < len(asked.links) < len(paths(august(replica)))


def test_an_index_on_another_host_is_not_asked(replica: MockServer) -> None:
    crawls = [{"id": "x", "cdx-api": "http://127.0.0.1:9/x-index", "to": "2026-12-01T00:00:00"}]
    with LocalSite({"/collinfo.json": json.dumps(crawls)}) as site:
        source = at(replica)
        assert source.commoncrawl
        own = replace(source.commoncrawl, collinfo=f"{site.base_url}/collinfo.json")
        asked = Asked("commoncrawl", replace(source, commoncrawl=own))
    assert "on another host" in str(asked.errors[0][1])
    assert {row.host for row in asked.requests} == {site.base_url.removeprefix("http://")}


def record(block: bytes, *, kind: str = "response", uri: str = "", extra: str = "") -> bytes:
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
FOREIGN: dict[str, tuple[bytes, Reason | None]] = {
    "plain": (record(HEAD + b"\r\n" + PAGE, uri=OWN), None),
    "coded": (record(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(PAGE), uri=OWN), None),
    "coded by name alone": (record(HEAD + b"Content-Encoding: gzip\r\n\r\n" + PAGE, uri=OWN), None),
    "in chunks": (
        record(HEAD + b"Transfer-Encoding: chunked\r\n\r\n12\r\n" + PAGE + b"\r\n0\r\n\r\n", uri=OWN),
        None,
    ),
    "another page": (record(HEAD + b"\r\n" + PAGE, uri=OWN.replace("_1", "_2")), Reason.HTTP_STATUS),
    "a redirect": (record(b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", uri=OWN), Reason.HTTP_STATUS),
    "no response": (record(b"x", kind="metadata", uri=OWN), Reason.UNDECODABLE),
    "cut by the crawler": (
        record(HEAD + b"\r\n" + PAGE, uri=OWN, extra="WARC-Truncated: length\r\n"),
        Reason.TOO_LARGE,
    ),
    "no WARC": (gzip.compress(b"hello"), Reason.UNDECODABLE),
    "no gzip": (b"hello, I am no gzip member", Reason.UNDECODABLE),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_records_of_other_crawlers(case: str) -> None:
    raw, reason = FOREIGN[case]

    def answer(handler: Any) -> None:
        handler.send_response(206)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    with LocalSite({"/f.warc.gz": answer}) as site:
        source = sources.load("stdaily").with_base_url(site.base_url)
        source = replace(source, hosts=("www.stdaily.com", *source.hosts))
        held = ArchiveLocation(
            "commoncrawl", f"{site.base_url}/f.warc.gz", datetime(2026, 8, 11, tzinfo=UTC), 5, len(raw)
        )
        link = Link("stdaily", OWN, "index", method="commoncrawl", archive_location=held)
        with Client(source, contact=None, store=lambda capture: capture) as client:
            (page,) = fetch([link], client)
        headers = site.asked[-1].headers
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
def test_a_feed_announces_what_is_new(replica: MockServer, name: str) -> None:
    source = at(replica)
    source = replace(source, discover=replace(source.discover, feeds=(f"{replica.base_url}/{name}",)))
    asked = Asked("feed", source, Window(date(2026, 9, 1), None))
    stories = replica.site.list_newest(50)
    assert asked.errors == []
    got = {link.url: (link.title, link.published_at, link.method) for link in asked.links}
    assert got == {
        replica.base_url + story.paths[0]: (story.title, story.published_at.astimezone(UTC), "feed")
        for story in stories
        if story.published_at.date() >= date(2026, 9, 1)
    }


def test_a_run_follows_feeds_and_news_sitemaps(replica: MockServer) -> None:
    source = at(replica)
    discover = replace(
        source.discover,
        start_urls=(),
        feeds=(f"{replica.base_url}/rss.xml", f"{replica.base_url}/gone.xml"),
        sitemaps=(f"{replica.base_url}/news-sitemap.xml",),
    )
    errors: list[tuple[str, StageError]] = []
    with Client(source, contact=None, store=lambda capture: capture) as client:
        found = list(
            Discovery(
                replace(source, discover=discover),
                client,
                known=frozenset(),
                window=Window(),
                on_error=lambda url, error: errors.append((url, error)),
            )
        )
    assert [url for url, _ in errors] == [f"{replica.base_url}/gone.xml"]
    assert {link.method for link in found} == {"sitemap", "feed"}
    latest = next(link for link in found if link.method == "sitemap")
    story = replica.site.get_article(latest.url.removeprefix(replica.base_url))
    assert story
    # The time of publication, not the later lastmod.
    assert (latest.title, latest.published_at) == (story.title, story.published_at.astimezone(UTC))
    assert len({link.url for link in found}) == len(found) == 50


TIME = "<pubDate>Mon, 10 Aug 2026 09:00:00 +0800</pubDate>"
ITEM = "<item><title>A &amp; <b>B</b></title><link>{0}</link>" + TIME + "</item>"
FEEDS = {
    "a cut feed": ("<rss><channel>" + ITEM + "<item><link>x", 1, None),
    "an entity of HTML": ("<rss><channel><title>a&nbsp;b</title>" + ITEM + "</channel></rss>", 1, None),
    "an older RSS": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><item><link>{0}</link>'
        "<dc:date>2026-08-10T09:00:00+08:00</dc:date></item></rdf:RDF>",
        1,
        None,
    ),
    "a guid that is an address": ("<rss><channel><item><guid>{0}</guid></item></channel></rss>", 1, None),
    "a guid that is none": (
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
def test_feeds_as_they_come(case: str) -> None:
    text, count, reason = FEEDS[case]
    path = "/web/English/2026-08/10/content_1.html"
    with LocalSite({"/feed": text.replace("{0}", path)}) as site:
        source = sources.load("stdaily").with_base_url(site.base_url)
        asked = Asked(
            "feed", replace(source, discover=replace(source.discover, feeds=(f"{site.base_url}/feed",)))
        )
    assert asked.reasons == ([reason] if reason else [])
    assert [link.url for link in asked.links] == [f"{site.base_url}{path}"] * count


# One article


def test_an_article_found_in_three_ways_is_one_row_with_three_captures(
    replica: MockServer, tmp_path: Path
) -> None:
    source = at(replica)
    story = next(story for story in august(replica) if story.is_web and len(story.paths) == 1)
    crawled = replica.commoncrawl.add_capture(story, at=story.published_at + timedelta(hours=5))
    replica.site.edit(story, text="A later ending of the story, with a correction.")
    replica.wayback.add_capture(story, at=story.published_at + 9 * DAY)
    started = datetime.now(UTC)
    plain = Link(
        "stdaily", replica.base_url + story.paths[0], f"{replica.base_url}/web/English/node_471.html"
    )
    errors: list[Any] = []
    with (
        ArchiveWriter(tmp_path / "archive", started_at=started, software="newsetl/test") as kept,
        Warehouse(tmp_path / "news.duckdb") as warehouse,
        Client(source, contact=None, store=kept.store) as client,
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
            read for page in pages if isinstance(read := parse_page.parse_page(page, source), Article)
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
    # What the site says now is the article's state, though older copies came after it.
    assert capture_id == pages[0].capture_id
    assert text.endswith("with a correction.")
    assert captures == [(via, plain.url, True) for via in ("commoncrawl", "wayback", "web")]
    stored = [reader.read_capture(tmp_path / "archive", page.file or "", page.offset or 0) for page in pages]
    for page, again in zip(pages, stored, strict=True):
        assert (again.via, again.via_url, again.fetched_at, again.obtained_at, again.body) == (
            page.via,
            page.via_url,
            page.fetched_at,
            page.obtained_at,
            page.body,
        )
