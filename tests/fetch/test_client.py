"""HTTP client on a real socket: rate limit, limits, redirects, and one audit row per attempt."""

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
from tests.support.stub_server import LocalSite, Response, Route, SiteHandler

PAGE = b"<html><title>x</title><body>enough</body></html>"
WAF = b'<script src="/_fec_sbu/fec_wrapper.js"></script>'


def build_source(site: LocalSite, **fetch: float) -> Source:
    source = sources.load("stdaily").with_base_url(site.base_url)
    return replace(source, fetch=replace(source.fetch, **fetch))  # type: ignore[arg-type]


def open_client(source: Source, store: Callable[[Capture], Capture] = lambda capture: capture) -> Client:
    return Client(source, contact="desk@example.org", store=store)


def get_rejection(source: Source, url: str) -> FetchError:
    with open_client(source) as client, pytest.raises(FetchError) as caught:
        client.get(url, kind="article")
    return caught.value


def redirect(to: str, status: int = 302) -> Response:
    return status, {"Location": to}, b"moved"


def test_a_page_is_stored_with_its_link() -> None:
    stored: list[Capture] = []

    def store(capture: Capture) -> Capture:
        stored.append(replace(capture, file="f"))
        return stored[-1]

    body = gzip.compress(PAGE)
    with LocalSite({"/a": (200, {"Content-Encoding": "gzip", "X-Odd": "caf\xe9"}, body)}) as site:
        link = Link("stdaily", f"{site.base_url}/a", site.base_url)
        with open_client(build_source(site), store) as client:
            capture = client.get(link.url, kind="article", link=link)
            rows = client.take_requests()
            assert client.take_requests() == ()
    assert capture is stored[-1]
    assert [each.kind for each in stored] == ["robots", "article"]
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
    headers = site.requests[-1].headers
    assert headers["User-Agent"] == f"newsetl/{__version__} (+desk@example.org)"
    assert {"gzip", "br", "zstd"} <= set(headers["Accept-Encoding"].split(", "))


def test_a_contact_is_required() -> None:
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
    with LocalSite({"/a": PAGE}) as site, open_client(build_source(site)) as client:
        assert client.get(f"{site.base_url}/a", kind="article").body == PAGE


def _get_delays(site: LocalSite) -> list[float]:
    return [
        after.started - before.ended for before, after in zip(site.requests, site.requests[1:], strict=False)
    ]


def test_requests_keep_the_sources_minimum_delay(clock: SteppedClock) -> None:
    routes: dict[str, Route] = {"/a": PAGE, "/b": (500, {}, PAGE), "/c": redirect("/a")}
    with (
        LocalSite(routes, clock) as site,
        open_client(build_source(site, min_delay=0.2, retries=0)) as client,
    ):
        for path in "abc":
            assert list(fetch([Link("stdaily", f"{site.base_url}/{path}", "")], client))
        rows = client.take_requests()
    assert [request.path for request in site.requests] == ["/robots.txt", "/a", "/b", "/c", "/a"]
    assert _get_delays(site) == pytest.approx([0.2] * 4)
    assert rows[0].waited == 0
    assert [row.waited for row in rows[1:]] == pytest.approx([0.2] * 4)


def test_a_longer_crawl_delay_wins(clock: SteppedClock) -> None:
    robots = "User-agent: newsetl\nCrawl-delay: 0.3\nUser-agent: *\nCrawl-delay: 60\n"
    routes: dict[str, Route] = {"/robots.txt": robots, "/a": PAGE}
    with LocalSite(routes, clock) as site, open_client(build_source(site, min_delay=0.1)) as client:
        client.get(f"{site.base_url}/a", kind="article")
        client.get(f"{site.base_url}/a", kind="article")
    assert _get_delays(site) == pytest.approx([0.3, 0.3])


def test_robots_txt_is_requested_once_and_obeyed() -> None:
    robots = "User-agent: newsetl\nDisallow: /private\nAllow: /\n"
    with LocalSite(
        {"/robots.txt": robots, "/a": PAGE, "/private/x": PAGE, "/to": redirect("/private/x")}
    ) as site:
        source = build_source(site)
        with open_client(source) as client:
            client.get(f"{site.base_url}/a", kind="article")
            client.take_requests()
            for path in ("/private/x", "/to"):
                with pytest.raises(FetchError, match="disallows it") as caught:
                    client.get(site.base_url + path, kind="article")
                assert caught.value.reason is Reason.ROBOTS
                row = client.take_requests()[-1]
                assert (row.url, row.is_allowed, row.status, row.error) == (
                    f"{site.base_url}/private/x",
                    False,
                    None,
                    "robots.txt disallows it",
                )
    assert [request.path for request in site.requests] == ["/robots.txt", "/a", "/to"]


NO_A = "User-agent: *\nDisallow: /a\n"


@pytest.mark.parametrize(
    ("printed", "seconds"),
    [
        ("1s", 1),
        ("0.5", 0.5),
        ("1.5 seconds", 1.5),
        ("0,7", 0.7),
        ("2 sec # two", 2),
        ("-1", 0.1),
        ("nan", 0.1),
    ],
)
def test_a_crawl_delay_may_have_a_unit_or_a_decimal_comma(
    clock: SteppedClock, printed: str, seconds: float
) -> None:
    routes: dict[str, Route] = {"/robots.txt": f"User-agent: *\nCrawl-delay: {printed}\n", "/a": PAGE}
    with LocalSite(routes, clock) as site, open_client(build_source(site, min_delay=0.1)) as client:
        client.get(f"{site.base_url}/a", kind="article")
        client.get(f"{site.base_url}/a", kind="article")
    assert _get_delays(site) == pytest.approx([seconds, seconds])


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
        (redirect("/robots.txt"), True),
        ((200, {"Content-Encoding": "gzip"}, b"torn"), False),
        (("\ufeff" + NO_A).encode("utf-16-le"), "disallows it"),
        (("\ufeff" + NO_A).encode("utf-16-be"), "disallows it"),
        (NO_A.replace("\n", "\r").encode(), "disallows it"),
        ((NO_A + "#" * 600_000).encode(), "disallows it"),
        (("#" * 600_000 + "\n" + NO_A).encode(), True),
        (("User-agent: *\n" + "#" * 511_970 + "\nDisallow: /b" + "#" * 900).encode(), True),
    ],
)
def test_robots_txt_responses(route: Route, is_open: bool | str) -> None:
    routes: dict[str, Route] = {
        "/robots.txt": route,
        "/elsewhere.txt": "User-agent: *\nDisallow: /",
        "/a": PAGE,
    }
    with LocalSite(routes) as site:
        if is_open is True:
            with open_client(build_source(site)) as client:
                assert client.get(f"{site.base_url}/a", kind="article").body == PAGE
        elif isinstance(is_open, str):
            assert is_open in str(get_rejection(build_source(site), f"{site.base_url}/a"))
        else:
            is_read = isinstance(route, tuple) and route[1].get("Location") == "/elsewhere.txt"
            reason = Reason.ROBOTS if is_read else Reason.FETCH_FAILED
            assert get_rejection(build_source(site), f"{site.base_url}/a").reason is reason
            assert "/a" not in site.paths


def test_redirects_are_followed_and_each_has_a_row() -> None:
    with LocalSite({"/1": redirect("2?x=1#y", 301), "/2?x=1": redirect("/3", 308), "/3": PAGE}) as site:
        stored: list[Capture] = []
        with open_client(build_source(site), lambda each: (stored.append(each), each)[1]) as client:  # type: ignore[func-returns-value]
            capture = client.get(f"{site.base_url}/1", kind="article")
            rows = client.take_requests()
    assert (capture.requested_url, capture.url) == (f"{site.base_url}/1", f"{site.base_url}/3")
    assert [row.url.removeprefix(site.base_url) for row in rows] == ["/robots.txt", "/1", "/2?x=1", "/3"]
    assert [row.status for row in rows] == [404, 301, 308, 200]
    assert [row.capture_id is None for row in rows] == [False, True, True, False]
    assert [each.kind for each in stored] == ["robots", "article"]


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
        assert get_rejection(build_source(site), f"{site.base_url}/a").reason is reason
        assert set(site.paths) == {"/a"}
        assert len(site.paths) == (6 if location == "/a" else 1)


def test_five_redirects_are_not_too_many() -> None:
    routes: dict[str, Route] = {f"/{n}": redirect(f"/{n + 1}") for n in range(6)}
    with LocalSite(routes | {"/6": PAGE}) as site:
        with open_client(build_source(site)) as client:
            assert client.get(f"{site.base_url}/1", kind="article").body == PAGE
        assert "more than 5 redirects" in str(get_rejection(build_source(site), f"{site.base_url}/0"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "0.0.0.0"]
)
def test_a_public_source_never_requests_a_private_address(host: str) -> None:
    with LocalSite({"/robots.txt": "", "/a": PAGE}) as site:
        source = build_source(site, is_private_allowed=False)
        with open_client(source) as client:
            with pytest.raises(FetchError) as caught:
                client.get(f"http://{host}:{site.base_url.rpartition(':')[2]}/a", kind="robots")
            (row,) = client.take_requests()
    assert caught.value.reason is Reason.FETCH_FAILED
    assert "not a public address" in str(caught.value)
    assert row.error == str(caught.value)
    assert site.requests == []


@pytest.mark.parametrize(
    "url", ["", "/a", "http://", "http://[::1", "ftp://x/", "http://a\x00b/", f"http://{'a' * 80}/"]
)
def test_an_invalid_url_is_rejected(url: str) -> None:
    with LocalSite({}) as site:
        error = get_rejection(build_source(site), url)
    assert error.reason in (Reason.FETCH_FAILED, Reason.ROBOTS)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("response", "reason"),
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
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(PAGE)[:-9]), Reason.UNDECODABLE),
    ],
)
def test_a_rejected_response_is_stored_first(response: Response, reason: Reason, tmp_path: Path) -> None:
    with LocalSite({"/a": response}) as site:
        source = build_source(site)
        with (
            ArchiveWriter(tmp_path, started_at=_now(), software="test") as archive,
            open_client(source, archive.store) as client,
        ):
            with pytest.raises(FetchError) as caught:
                client.get(f"{site.base_url}/a", kind="article")
            row = client.take_requests()[-1]
    assert caught.value.reason is reason
    robots, stored = iterate_captures(tmp_path)
    assert isinstance(robots, Capture)
    assert stored == caught.value.capture
    assert caught.value.capture
    assert row.capture_id == caught.value.capture.capture_id
    assert site.paths == ["/a"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, b"x" * 20_001), ({"Content-Encoding": "gzip"}, gzip.compress(bytes(9_000_000)))],
)
def test_a_body_beyond_the_limit_is_not_stored(headers: dict[str, str], body: bytes) -> None:
    stored: list[Capture] = []

    def store(capture: Capture) -> Capture:
        stored.append(capture)
        return capture

    routes: dict[str, Route] = {"/a": (200, headers, body), "/b": b"x" * 20_000}
    with LocalSite(routes) as site, open_client(build_source(site, max_bytes=20_000), store) as client:
        with pytest.raises(FetchError) as caught:
            client.get(f"{site.base_url}/a", kind="article")
        row = client.take_requests()[-1]
        assert len(client.get(f"{site.base_url}/b", kind="article").body) == 20_000
    assert caught.value.reason is Reason.TOO_LARGE
    assert [each.url for each in stored] == [f"{site.base_url}/robots.txt", f"{site.base_url}/b"]
    assert (row.status, row.capture_id) == (200, None)
    assert row.error


# Seconds between two bytes on the site's clock: such a response passes its deadline.
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
    handler.connection.recv(1)  # until the client disconnects


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


def test_an_endless_body_ends_at_the_limit() -> None:
    with LocalSite({"/a": _endless}) as site:
        assert (
            get_rejection(build_source(site, max_bytes=200_000), f"{site.base_url}/a").reason
            is Reason.TOO_LARGE
        )


@pytest.mark.parametrize(
    ("fault", "timeout"),
    [
        (_reset, 60),
        (_short, 60),
        (_surplus, 60),
        (_dripping, 60),
        (_dripping_head, 60),
        # The only case in real time; its timeout is too short for any other request.
        (_silent, 0.25),
    ],
)
def test_an_incomplete_response_is_fetch_failed_after_the_last_attempt(
    fault: Callable[[SiteHandler], None], timeout: float, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "time", clock)
    stored: list[Capture] = []

    def store(capture: Capture) -> Capture:
        stored.append(capture)
        return capture

    source_options = {"timeout": timeout, "retries": 1}
    with (
        LocalSite({"/a": fault}, clock) as site,
        open_client(build_source(site, **source_options), store) as client,
    ):
        with pytest.raises(FetchError) as caught:
            # A robots.txt is requested without checking robots.txt.
            client.get(f"{site.base_url}/a", kind="robots")
        first, second = client.take_requests()
    assert caught.value.reason is Reason.FETCH_FAILED
    assert caught.value.capture is None
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.error
    assert second.error
    assert site.paths == ["/a", "/a"]
    assert stored == []


def test_a_second_attempt_may_work(clock: SteppedClock) -> None:
    # The first reset ends the kept connection, and the request is repeated at once on a new one.
    resets = iter((_reset, _reset))

    def fail_twice(handler: SiteHandler) -> None:
        reset = next(resets, None)
        if reset is None:
            site.routes["/a"] = PAGE
            site._send_response(handler)
        else:
            reset(handler)

    with (
        LocalSite({"/a": fail_twice}, clock) as site,
        open_client(build_source(site, min_delay=0.1)) as client,
    ):
        assert client.get(f"{site.base_url}/a", kind="article").body == PAGE
        assert [(row.attempt, row.status) for row in client.take_requests()[1:]] == [(1, None), (2, 200)]
    assert site.paths == ["/a"] * 3
    assert site.requests[3].started - site.requests[2].ended == pytest.approx(0.1)


def test_an_unreachable_host_gets_robots_requests_only() -> None:
    with LocalSite({}) as site:
        source = build_source(site)
    with open_client(source) as client:
        for _ in range(2):
            with pytest.raises(FetchError) as caught:
                client.get(f"{site.base_url}/a", kind="article")
            assert caught.value.reason is Reason.FETCH_FAILED
        rows = client.take_requests()
    assert [(row.kind, row.is_allowed) for row in rows] == [
        *[("robots", True)] * 4,
        ("article", False),
        ("article", False),
    ]


def test_one_failure_does_not_stop_the_other_links() -> None:
    with LocalSite({"/a": PAGE, "/b": PAGE}) as site, open_client(build_source(site)) as client:
        links = [Link("stdaily", f"{site.base_url}/{path}", site.base_url) for path in ("a", "gone", "b")]
        first, (link, error), last = fetch(links, client)  # type: ignore[misc]
    assert isinstance(first, Capture)
    assert isinstance(last, Capture)
    assert (first.link, link, last.link) == tuple(links)
    assert error.reason is Reason.HTTP_STATUS
    assert error.capture.link == link
    assert first.kind == "article"


def _now() -> datetime:
    return datetime.now(UTC)
