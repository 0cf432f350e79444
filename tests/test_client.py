"""The client against a real socket: polite, bounded, and with a row for each attempt."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsetl import sources
from newsetl._version import __version__
from newsetl.archive.reader import iterate_captures
from newsetl.archive.writer import ArchiveWriter
from newsetl.errors import ConfigError, FetchError
from newsetl.fetch import transport
from newsetl.fetch.articles import fetch
from newsetl.fetch.client import Client
from newsetl.model import Capture, Link
from newsetl.reasons import Reason
from newsetl.sources.config import Source
from tests.support.stepped_clock import SteppedClock
from tests.support.stub_server import Answer, LocalSite, Route, SiteHandler

PAGE = b"<html><title>x</title><body>enough</body></html>"
WAF = b'<script src="/_fec_sbu/fec_wrapper.js"></script>'


def served(site: LocalSite, **fetch: float) -> Source:
    source = sources.load("stdaily").with_base_url(site.base_url)
    return replace(source, fetch=replace(source.fetch, **fetch))  # type: ignore[arg-type]


def client(source: Source, keep: Callable[[Capture], Capture] = lambda capture: capture) -> Client:
    return Client(source, contact="desk@example.org", store=keep)


def rejected(source: Source, url: str) -> FetchError:
    with client(source) as asking, pytest.raises(FetchError) as caught:
        asking.get(url, kind="article")
    return caught.value


def redirect(to: str, status: int = 302) -> Answer:
    return status, {"Location": to}, b"moved"


def test_a_page_arrives_kept_with_its_link() -> None:
    kept: list[Capture] = []

    def keep(capture: Capture) -> Capture:
        kept.append(replace(capture, file="f"))
        return kept[-1]

    body = gzip.compress(PAGE)
    with LocalSite({"/a": (200, {"Content-Encoding": "gzip", "X-Odd": "caf\xe9"}, body)}) as site:
        link = Link("stdaily", f"{site.base_url}/a", site.base_url)
        with client(served(site), keep) as asking:
            capture = asking.get(link.url, kind="article", link=link)
            rows = asking.take_requests()
            assert asking.take_requests() == ()
    assert capture is kept[-1]
    assert [each.kind for each in kept] == ["robots", "article"]
    assert (capture.status, capture.payload, capture.body, capture.link) == (200, body, PAGE, link)
    assert capture.requested_url == capture.url == link.url
    assert capture.charset == "utf-8"
    assert ("X-Odd", "caf\xe9") in capture.headers
    assert [(row.kind, row.status, row.attempt, row.is_allowed) for row in rows] == [
        ("robots", 404, 1, True),
        ("article", 200, 1, True),
    ]
    assert rows[1].capture_id == capture.capture_id
    assert rows[1].size == len(body)
    assert rows[1].requested_at == capture.fetched_at
    asked = site.asked[-1].headers
    assert asked["User-Agent"] == f"newsetl/{__version__} (+desk@example.org)"
    assert {"gzip", "br", "zstd"} <= set(asked["Accept-Encoding"].split(", "))


def test_who_asks_must_be_said() -> None:
    source = sources.load("stdaily")
    for contact in (None, " "):
        with pytest.raises(ConfigError, match="NEWSETL_CONTACT"):
            Client(source, contact=contact, store=lambda capture: capture)
    with pytest.raises(ConfigError, match="ASCII"):
        Client(source, contact="a@b\r\nX: y", store=lambda capture: capture)
    Client(source.with_base_url("http://127.0.0.1:1"), contact=None, store=lambda capture: capture)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with LocalSite({"/a": PAGE}) as site, client(served(site)) as asking:
        assert asking.get(f"{site.base_url}/a", kind="article").body == PAGE


def _pauses(site: LocalSite) -> list[float]:
    return [after.began - before.ended for before, after in zip(site.asked, site.asked[1:], strict=False)]


def test_requests_are_apart_by_the_sources_pause(clock: SteppedClock) -> None:
    routes: dict[str, Route] = {"/a": PAGE, "/b": (500, {}, PAGE), "/c": redirect("/a")}
    with LocalSite(routes, clock) as site, client(served(site, min_delay=0.2, retries=0)) as asking:
        for path in "abc":
            assert list(fetch([Link("stdaily", f"{site.base_url}/{path}", "")], asking))
        rows = asking.take_requests()
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/b", "/c", "/a"]
    assert _pauses(site) == pytest.approx([0.2] * 4)
    assert rows[0].waited == 0
    assert [row.waited for row in rows[1:]] == pytest.approx([0.2] * 4)


def test_a_longer_crawl_delay_wins(clock: SteppedClock) -> None:
    robots = "User-agent: newsetl\nCrawl-delay: 0.3\nUser-agent: *\nCrawl-delay: 60\n"
    routes: dict[str, Route] = {"/robots.txt": robots, "/a": PAGE}
    with LocalSite(routes, clock) as site, client(served(site, min_delay=0.1)) as asking:
        asking.get(f"{site.base_url}/a", kind="article")
        asking.get(f"{site.base_url}/a", kind="article")
    assert _pauses(site) == pytest.approx([0.3, 0.3])


def test_robots_is_asked_once_and_obeyed() -> None:
    robots = "User-agent: newsetl\nDisallow: /private\nAllow: /\n"
    with LocalSite(
        {"/robots.txt": robots, "/a": PAGE, "/private/x": PAGE, "/to": redirect("/private/x")}
    ) as site:
        source = served(site)
        with client(source) as asking:
            asking.get(f"{site.base_url}/a", kind="article")
            asking.take_requests()
            for path in ("/private/x", "/to"):
                with pytest.raises(FetchError, match="forbids it") as caught:
                    asking.get(site.base_url + path, kind="article")
                assert caught.value.reason is Reason.ROBOTS
                row = asking.take_requests()[-1]
                assert (row.url, row.is_allowed, row.status, row.error) == (
                    f"{site.base_url}/private/x",
                    False,
                    None,
                    "robots.txt forbids it",
                )
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/to"]


@pytest.mark.parametrize(
    ("route", "is_open"),
    [
        ((404, {}, b""), True),
        ((403, {}, WAF), True),
        ((410, {}, b"Disallow: /"), True),
        (b"\xef\xbb\xbfUser-agent: *\nDisallow: /b", True),
        (b"\xff\xfe\x00 nonsense", True),
        (redirect("/elsewhere.txt"), False),
        ((500, {}, b""), False),
        ((503, {}, b""), False),
        ((429, {}, b""), False),
        (redirect("/robots.txt"), False),
        ((200, {"Content-Encoding": "gzip"}, b"torn"), False),
    ],
)
def test_what_robots_txt_can_come_to(route: Route, is_open: bool) -> None:
    routes: dict[str, Route] = {
        "/robots.txt": route,
        "/elsewhere.txt": "User-agent: *\nDisallow: /",
        "/a": PAGE,
    }
    with LocalSite(routes) as site:
        if is_open:
            with client(served(site)) as asking:
                assert asking.get(f"{site.base_url}/a", kind="article").body == PAGE
        else:
            is_read = isinstance(route, tuple) and route[1].get("Location") == "/elsewhere.txt"
            reason = Reason.ROBOTS if is_read else Reason.FETCH_FAILED
            assert rejected(served(site), f"{site.base_url}/a").reason is reason
            assert "/a" not in site.paths


def test_redirects_are_followed_and_each_has_a_row() -> None:
    with LocalSite({"/1": redirect("2?x=1#y", 301), "/2?x=1": redirect("/3", 308), "/3": PAGE}) as site:
        kept: list[Capture] = []
        with client(served(site), lambda each: (kept.append(each), each)[1]) as asking:  # type: ignore[func-returns-value]
            capture = asking.get(f"{site.base_url}/1", kind="article")
            rows = asking.take_requests()
    assert (capture.requested_url, capture.url) == (f"{site.base_url}/1", f"{site.base_url}/3")
    assert [row.url.removeprefix(site.base_url) for row in rows] == ["/robots.txt", "/1", "/2?x=1", "/3"]
    assert [row.status for row in rows] == [404, 301, 308, 200]
    assert [row.capture_id is None for row in rows] == [False, True, True, False]
    assert [each.kind for each in kept] == ["robots", "article"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/a", Reason.HTTP_STATUS),
        ("ftp://127.0.0.1/x", Reason.FETCH_FAILED),
        ("file:///etc/passwd", Reason.FETCH_FAILED),
        ("http://[bad/", Reason.HTTP_STATUS),
        ("http://169.254.169.254/latest/meta-data", Reason.FETCH_FAILED),
        ("//[fe80::1]/", Reason.FETCH_FAILED),
        ("//[::ffff:169.254.169.254]/", Reason.FETCH_FAILED),
    ],
)
def test_redirects_that_are_not_followed(location: str, reason: Reason) -> None:
    with LocalSite({"/a": redirect(location)}) as site:
        assert rejected(served(site), f"{site.base_url}/a").reason is reason
        assert set(site.paths) == {"/a"}
        assert len(site.paths) == (6 if location == "/a" else 1)


def test_five_redirects_are_not_too_many() -> None:
    routes: dict[str, Route] = {f"/{n}": redirect(f"/{n + 1}") for n in range(6)}
    with LocalSite(routes | {"/6": PAGE}) as site:
        with client(served(site)) as asking:
            assert asking.get(f"{site.base_url}/1", kind="article").body == PAGE
        assert "more than 5 redirects" in str(rejected(served(site), f"{site.base_url}/0"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "0.0.0.0"]
)
def test_a_public_source_never_asks_a_private_address(host: str) -> None:
    with LocalSite({"/robots.txt": "", "/a": PAGE}) as site:
        source = served(site, is_private_allowed=False)
        with client(source) as asking:
            with pytest.raises(FetchError) as caught:
                asking.get(f"http://{host}:{site.base_url.rpartition(':')[2]}/a", kind="robots")
            (row,) = asking.take_requests()
    assert caught.value.reason is Reason.FETCH_FAILED
    assert "no public address" in str(caught.value)
    assert row.error == str(caught.value)
    assert site.asked == []


@pytest.mark.parametrize(
    "url", ["", "/a", "http://", "http://[::1", "ftp://x/", "http://a\x00b/", f"http://{'a' * 80}/"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with LocalSite({}) as site:
        error = rejected(served(site), url)
    assert error.reason in (Reason.FETCH_FAILED, Reason.ROBOTS)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((404, {}, PAGE), Reason.HTTP_STATUS),
        ((501, {}, b""), Reason.HTTP_STATUS),
        ((403, {}, b""), Reason.HTTP_STATUS),
        ((304, {}, b""), Reason.HTTP_STATUS),
        ((302, {}, b"nowhere"), Reason.HTTP_STATUS),
        ((406, {}, WAF), Reason.BLOCKED_BY_WAF),
        ((403, {"Content-Encoding": "gzip"}, gzip.compress(WAF)), Reason.BLOCKED_BY_WAF),
        ((403, {}, PAGE), Reason.HTTP_STATUS),
        ((404, {}, WAF), Reason.HTTP_STATUS),
        ((200, {"Content-Encoding": "gzip"}, PAGE), Reason.UNDECODABLE),
    ],
)
def test_a_refused_response_is_kept_first(answer: Answer, reason: Reason, tmp_path: Path) -> None:
    with LocalSite({"/a": answer}) as site:
        source = served(site)
        with (
            ArchiveWriter(tmp_path, started_at=_now(), software="test") as archive,
            client(source, archive.store) as asking,
        ):
            with pytest.raises(FetchError) as caught:
                asking.get(f"{site.base_url}/a", kind="article")
            row = asking.take_requests()[-1]
    assert caught.value.reason is reason
    robots, kept = iterate_captures(tmp_path)
    assert isinstance(robots, Capture)
    assert kept == caught.value.capture
    assert caught.value.capture
    assert row.capture_id == caught.value.capture.capture_id
    assert site.paths == ["/a"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, b"x" * 20_001), ({"Content-Encoding": "gzip"}, gzip.compress(bytes(9_000_000)))],
)
def test_a_body_beyond_the_limit_is_not_kept(headers: dict[str, str], body: bytes) -> None:
    kept: list[Capture] = []

    def keep(capture: Capture) -> Capture:
        kept.append(capture)
        return capture

    routes: dict[str, Route] = {"/a": (200, headers, body), "/b": b"x" * 20_000}
    with LocalSite(routes) as site, client(served(site, max_bytes=20_000), keep) as asking:
        with pytest.raises(FetchError) as caught:
            asking.get(f"{site.base_url}/a", kind="article")
        row = asking.take_requests()[-1]
        assert len(asking.get(f"{site.base_url}/b", kind="article").body) == 20_000
    assert caught.value.reason is Reason.TOO_LARGE
    assert [each.url for each in kept] == [f"{site.base_url}/robots.txt", f"{site.base_url}/b"]
    assert (row.status, row.capture_id) == (200, None)
    assert row.error


# Seconds of the site's clock: a response that drips so slowly takes more than its time.
DRIP = 10.0


def _endless(handler: SiteHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    try:
        while True:
            handler.wfile.write(bytes(1 << 16))
            handler.wfile.flush()
    except OSError:
        pass


def _dripping(handler: SiteHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    try:
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            handler.clock.sleep(DRIP)
    except OSError:
        pass


def _reset(handler: SiteHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def _silent(handler: SiteHandler) -> None:
    handler.close_connection = True
    handler.connection.recv(1)  # until the client goes away


def _dripping_head(handler: SiteHandler) -> None:
    handler.send_response(200)
    handler.flush_headers()
    handler.close_connection = True
    try:
        for number in range(100):
            handler.wfile.write(f"X-{number}: x\r\n".encode())
            handler.wfile.flush()
            handler.clock.sleep(DRIP)
    except OSError:
        pass


def _surplus(handler: SiteHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(PAGE) - 20))
    handler.end_headers()
    handler.wfile.write(PAGE)


def _short(handler: SiteHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(PAGE)
    handler.close_connection = True


def test_an_endless_body_is_left_at_the_limit() -> None:
    with LocalSite({"/a": _endless}) as site:
        assert rejected(served(site, max_bytes=200_000), f"{site.base_url}/a").reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("fault", "timeout"),
    [
        (_reset, 60),
        (_short, 60),
        (_surplus, 60),
        (_dripping, 60),
        (_dripping_head, 60),
        # The only one of real time; no request that should be answered has so little of it.
        (_silent, 0.25),
    ],
)
def test_no_whole_answer_is_unreachable_after_the_last_attempt(
    fault: Callable[[SiteHandler], None], timeout: float, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "time", clock)
    kept: list[Capture] = []

    def keep(capture: Capture) -> Capture:
        kept.append(capture)
        return capture

    source_options = {"timeout": timeout, "retries": 1}
    with LocalSite({"/a": fault}, clock) as site, client(served(site, **source_options), keep) as asking:
        with pytest.raises(FetchError) as caught:
            # A robots.txt is asked for without a robots.txt.
            asking.get(f"{site.base_url}/a", kind="robots")
        first, second = asking.take_requests()
    assert caught.value.reason is Reason.FETCH_FAILED
    assert caught.value.capture is None
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.error
    assert second.error
    assert site.paths == ["/a", "/a"]
    assert kept == []


def test_a_second_attempt_may_work(clock: SteppedClock) -> None:
    def once(handler: SiteHandler) -> None:
        site.routes["/a"] = PAGE
        _reset(handler)

    with LocalSite({"/a": once}, clock) as site, client(served(site, min_delay=0.1)) as asking:
        assert asking.get(f"{site.base_url}/a", kind="article").body == PAGE
        assert [(row.attempt, row.status) for row in asking.take_requests()[1:]] == [(1, None), (2, 200)]
    assert site.asked[2].began - site.asked[1].ended == pytest.approx(0.1)


def test_a_host_that_is_not_there_is_asked_for_robots_only() -> None:
    with LocalSite({}) as site:
        source = served(site)
    with client(source) as asking:
        for _ in range(2):
            with pytest.raises(FetchError) as caught:
                asking.get(f"{site.base_url}/a", kind="article")
            assert caught.value.reason is Reason.FETCH_FAILED
        rows = asking.take_requests()
    assert [(row.kind, row.is_allowed) for row in rows] == [
        *[("robots", True)] * 4,
        ("article", False),
        ("article", False),
    ]


def test_one_failure_does_not_stop_the_other_links() -> None:
    with LocalSite({"/a": PAGE, "/b": PAGE}) as site, client(served(site)) as asking:
        links = [Link("stdaily", f"{site.base_url}/{path}", site.base_url) for path in ("a", "gone", "b")]
        first, (link, error), last = fetch(links, asking)  # type: ignore[misc]
    assert isinstance(first, Capture)
    assert isinstance(last, Capture)
    assert (first.link, link, last.link) == tuple(links)
    assert error.reason is Reason.HTTP_STATUS
    assert error.capture.link == link
    assert first.kind == "article"


def _now() -> datetime:
    return datetime.now(UTC)
