"""Politeness: shared rate limits, robots.txt, retry budgets, validators, and their audit rows."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from newsetl import sources
from newsetl.archive.writer import ArchiveWriter
from newsetl.db.writer import Warehouse
from newsetl.errors import ArchiveError, FetchError, HostUnavailableError
from newsetl.fetch import robots, throttle
from newsetl.fetch.client import Client
from newsetl.fetch.throttle import parse_retry_after
from newsetl.model import Capture, Validators
from newsetl.pipeline import ingest, summary
from newsetl.reasons import Reason
from newsetl.replica import MockServer, MockSite, faults, listings
from newsetl.sources.config import Source
from tests.support.factories import after, batch, opened, request
from tests.support.stepped_clock import LIMIT, SteppedClock
from tests.support.stub_server import LocalSite, Route, SiteHandler

PAGE = b"<html><title>x</title><body>enough</body></html>"
NOON = "Sun, 01 Mar 2026 12:00:00 GMT"


def build_source(site: LocalSite, **fetch: float) -> Source:
    source = sources.load("stdaily").with_base_url(site.base_url)
    return replace(source, fetch=replace(source.fetch, **fetch))  # type: ignore[arg-type]


def open_client(source: Source, **options: Any) -> Client:
    return Client(source, contact=None, **({"store": lambda capture: capture} | options))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sunday, 01-Mar-26 12:01:00 GMT", 60.0),
        ("Sun Mar  1 12:00:05 2026", 5.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("9" * 5000, float("inf")),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert parse_retry_after({"retry-after": text, "date": NOON}) == seconds


def test_a_date_without_a_date_to_count_from_is_counted_from_now() -> None:
    in_a_minute = (datetime.now(UTC) + timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    result = parse_retry_after({"retry-after": in_a_minute})
    assert result is not None
    assert 50 < result <= 60


def test_clients_of_one_host_share_its_rate_limit(clock: SteppedClock) -> None:
    workers: list[threading.Thread] = []

    def respond_once_all_wait(handler: SiteHandler) -> None:
        clock.wait_for_threads(*workers)
        handler.send_error(404)

    routes: dict[str, Route] = {f"/{n}": PAGE for n in range(4)} | {"/robots.txt": respond_once_all_wait}
    with LocalSite(routes, clock) as site:
        clients = [
            open_client(replace(build_source(site, min_delay=0.1), slug=name))
            for name in ("one", "two", "three")
        ]

        def work(client: Client) -> None:
            for n in range(4):
                client.get(f"{site.base_url}/{n}", kind="article")

        workers += [threading.Thread(target=work, args=(client,)) for client in clients]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        rows = [row for each in clients for row in each.take_requests()]
    assert len(site.requests) == len(rows) == 15
    requests = sorted(site.requests, key=lambda each: each.started)
    assert [b.started - a.ended for a, b in pairwise(requests)] == pytest.approx([0.1] * 14)
    assert sorted(row.wait_reason or "" for row in rows) == ["", *["min-delay"] * 14]
    assert max(row.waited for row in rows) > 2 * 0.1  # two others waited before it


def test_one_connection_per_host_even_without_a_delay(clock: SteppedClock) -> None:
    workers: list[threading.Thread] = []
    is_requested = threading.Event()

    def respond_once_another_waits(handler: SiteHandler) -> None:
        is_requested.set()
        clock.wait_for_threads(*workers)
        clock.sleep(0.3)
        handler.send_error(500)

    with LocalSite({"/slow": respond_once_another_waits}, clock) as site:
        source = build_source(site, retries=0)
        slow, quick = open_client(source), open_client(source)

        def request_failing(client: Client, path: str) -> None:
            with pytest.raises(FetchError):
                client.get(site.base_url + path, kind="article")

        workers += [
            threading.Thread(target=request_failing, args=arguments)
            for arguments in ((slow, "/slow"), (quick, "/gone"))
        ]
        workers[0].start()
        assert is_requested.wait(LIMIT)
        workers[1].start()
        for worker in workers:
            worker.join()
        first = quick.take_requests()[0]
    assert first.wait_reason == "host-busy"
    assert first.waited == pytest.approx(0.3)


def test_a_retry_after_applies_to_all_clients(clock: SteppedClock) -> None:
    answers: list[Any] = [(429, {"Retry-After": "1"}, b""), (200, {}, PAGE)]
    with LocalSite({"/a": answers, "/b": PAGE}, clock) as site:
        first, second = open_client(build_source(site, retries=0)), open_client(build_source(site))
        for each in (first, second):
            each.get(f"{site.base_url}/b", kind="article")
        with pytest.raises(FetchError, match="429"):
            first.get(f"{site.base_url}/a", kind="article")
        second.get(f"{site.base_url}/b", kind="article")
        row = second.take_requests()[-1]
    assert site.requests[-1].started - site.requests[-2].ended == pytest.approx(1.0)
    assert row.wait_reason == "retry-after"
    assert first.take_requests()[-1].retry_after == 1.0


def test_beyond_the_cap_the_host_is_abandoned_for_this_run_only() -> None:
    with LocalSite({"/a": (503, {"Retry-After": "3600"}, b""), "/b": PAGE}) as site:
        this, running = open_client(build_source(site)), open_client(build_source(site))
        with pytest.raises(
            HostUnavailableError, match=r"127.0.0.1:\d+: Retry-After of 3600 s is longer than"
        ):
            this.get(f"{site.base_url}/a", kind="article")
        for each in (this, running):
            with pytest.raises(HostUnavailableError):
                each.get(f"{site.base_url}/b", kind="article")
        assert site.paths == ["/a"]
        site.routes["/a"] = [(503, {"Retry-After": "0"}, b""), (200, {}, PAGE)]
        for path in "ba":
            assert open_client(build_source(site)).get(f"{site.base_url}/{path}", kind="article").body == PAGE


def test_robots_txt_expires(clock: SteppedClock) -> None:
    open_, closed = (200, {}, b"User-agent: *\nAllow: /"), (200, {}, b"User-agent: *\nDisallow: /")
    routes: dict[str, Route] = {"/robots.txt": [(500, {}, b""), open_, closed], "/a": PAGE}
    with LocalSite(routes, clock) as site, open_client(build_source(site, retries=0)) as client:
        for reason, age in (
            (Reason.FETCH_FAILED, robots.ROBOTS_ERROR_TTL),
            (None, robots.ROBOTS_TTL),
            (Reason.ROBOTS, robots.ROBOTS_TTL),
        ):
            for _ in range(2):
                if reason:
                    with pytest.raises(FetchError) as caught:
                        client.get(f"{site.base_url}/a", kind="article")
                    assert caught.value.reason is reason
                else:
                    client.get(f"{site.base_url}/a", kind="article")
            clock.sleep(age)
    assert [each.path for each in site.requests] == ["/robots.txt", "/robots.txt", "/a", "/a", "/robots.txt"]


def test_a_crawl_delay_beyond_the_maximum_is_cut_and_noted(clock: SteppedClock) -> None:
    routes: dict[str, Route] = {"/robots.txt": b"User-agent: *\nCrawl-delay: 900", "/a": PAGE}
    with LocalSite(routes, clock) as site, open_client(build_source(site, min_delay=0.1)) as client:
        client.get(f"{site.base_url}/a", kind="article")
        row = client.take_requests()[-1]
    assert list(client.notes) == [
        f"{site.base_url[7:]}: Crawl-delay of 900 s is above the maximum; waiting 120 s"
    ]
    assert (row.min_delay, row.crawl_delay, row.wait_reason) == (120.0, 900.0, "crawl-delay")
    assert site.requests[1].started - site.requests[0].ended == pytest.approx(120.0)


def test_retries_have_a_budget_per_host_and_per_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "HOST_RETRIES", 3)
    routes: dict[str, Route] = {f"/{n}": (502, {}, b"") for n in range(3)}
    with LocalSite(routes) as site, open_client(build_source(site, retries=2)) as client:
        for n in range(3):
            with pytest.raises(FetchError):
                client.get(f"{site.base_url}/{n}", kind="article")
        rows = client.take_requests()
    assert site.paths == ["/0", "/0", "/0", "/1", "/1", "/2"]
    assert [row.attempt for row in rows[1:]] == [1, 2, 3, 1, 2, 1]
    assert [row.wait_reason for row in rows[2:4]] == ["backoff", "backoff"]
    monkeypatch.setattr(throttle, "RUN_RETRIES", 0)
    with LocalSite(routes) as site, open_client(build_source(site)) as client, pytest.raises(FetchError):
        client.get(f"{site.base_url}/0", kind="article")
    assert site.paths == ["/0"]


def test_a_host_is_abandoned_after_too_many_failures_in_a_row() -> None:
    routes: dict[str, Route] = {"/ok": PAGE} | {f"/{n}": (500, {}, b"") for n in range(9)}
    with LocalSite(routes) as site, open_client(build_source(site, retries=0)) as client:

        def fails(n: int, kind: type[Exception]) -> None:
            with pytest.raises(kind):
                client.get(f"{site.base_url}/{n}", kind="article")

        for n in range(4):
            fails(n, FetchError)
        client.get(f"{site.base_url}/ok", kind="article")
        for n in range(4):
            fails(n, FetchError)
        fails(4, HostUnavailableError)
        request_count = len(site.requests)
        with pytest.raises(HostUnavailableError, match=rf"^{site.base_url[7:]}: 5 URLs failed in a row"):
            client.get(f"{site.base_url}/ok", kind="article")
        assert len(site.requests) == request_count


def test_another_host_that_fails_ends_no_run() -> None:
    routes: dict[str, Route] = {f"/{n}": (500, {}, b"") for n in range(6)}
    with (
        LocalSite(routes) as other,
        LocalSite({}) as site,
        open_client(build_source(site, retries=0)) as client,
    ):
        for n in range(6):
            with pytest.raises(FetchError) as caught:
                client.get(f"{other.base_url}/{n}", kind="article")
            assert caught.value.reason is Reason.FETCH_FAILED
    assert other.paths == [f"/{n}" for n in range(5)]


def test_an_unchanged_page_is_not_sent_again(tmp_path: Path) -> None:
    captures: list[Capture] = []
    routes: dict[str, Route] = {"/a": (304, {}, b""), "/list": (304, {}, b"")}
    old = Capture(UUID(int=7), "stdaily", "listing", "u", "u", datetime.now(UTC), 200, (), None, PAGE, PAGE)
    with LocalSite(routes) as site:
        validators = {f"{site.base_url}/list": Validators('"x"', NOON, "f.warc.gz", 3)}

        def store(capture: Capture) -> Capture:
            captures.append(capture)
            return capture

        client = open_client(
            build_source(site), store=store, validators=validators, load_stored=lambda _: old
        )
        result = client.get(f"{site.base_url}/a", kind="article", etag='W/"1"', last_modified=NOON)
        assert (result.status, result.body) == (304, b"")
        assert client.get(f"{site.base_url}/list", kind="listing") is old
        rows = client.take_requests()[1:]
        sent = [
            (each.headers["If-None-Match"], each.headers["If-Modified-Since"]) for each in site.requests[1:]
        ]
        with pytest.raises(FetchError, match="304"):
            client.get(f"{site.base_url}/a", kind="article")

        def fail_to_load(_: Validators) -> Capture:
            raise ArchiveError("gone")

        site.routes["/list"] = [(304, {}, b""), (200, {}, PAGE)]
        client = open_client(build_source(site), validators=validators, load_stored=fail_to_load)
        assert client.get(f"{site.base_url}/list", kind="listing").body == PAGE
    assert sent == [('W/"1"', NOON), ('"x"', NOON)]
    assert [(row.status, row.capture_id, row.error) for row in rows] == [(304, None, None)] * 2
    assert [each.kind for each in captures] == [
        "robots",
        "article",
    ]  # the last is a 304 without a conditional request
    assert "If-None-Match" not in site.requests[-1].headers


def test_validators_belong_to_one_url_and_do_not_follow_a_redirect() -> None:
    with LocalSite({"/a": (302, {"Location": "/b"}, b""), "/b": PAGE}) as site:
        open_client(build_source(site)).get(f"{site.base_url}/a", kind="article", etag='"x"')
    assert ["If-None-Match" in each.headers for each in site.requests] == [False, True, False]


def test_names_from_outside_never_become_paths(tmp_path: Path) -> None:
    name = "/..%2f..%2f..%2fetc%2fpasswd?file=../../../../tmp/evil"
    headers = {"Content-Disposition": 'attachment; filename="../../evil.html"', "Content-Location": "/../x"}
    with (
        LocalSite({name: (200, headers, PAGE), "/a": (302, {"Location": name}, b"")}) as site,
        ArchiveWriter(tmp_path / "in" / "archive", started_at=datetime.now(UTC), software="test") as archive,
        open_client(build_source(site), store=archive.store) as client,
    ):
        for url in (f"{site.base_url}{name}", f"{site.base_url}/a"):
            capture = client.get(url, kind="article")
            assert capture.file
            assert re.fullmatch(r"\d{4}/\d\d/\d{8}T\d{6}Z-[0-9a-f]{6}\.warc\.gz", capture.file)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.relative_to(tmp_path).as_posix() for path in files] == [f"in/archive/{capture.file}"]
    assert not (tmp_path.parent / "evil.html").exists()


def request_pacing(tmp_path: Path, *rows: tuple[float, dict[str, Any]]) -> dict[str, Any]:
    """Load requests to one host, given in seconds after noon and 0.1 s long, and return the view's row."""
    warehouse, run_id = opened(tmp_path / "w.duckdb")
    requests = [request(n, at=after(at / 60), **fields) for n, (at, fields) in enumerate(rows)]
    warehouse.load(batch(requests=requests), run_id=run_id)
    result = warehouse.connection.execute("FROM request_pacing")
    names = [column[0] for column in result.description or ()]
    (row,) = result.fetchall()
    warehouse.close()
    return dict(zip(names, row, strict=True))


@pytest.mark.parametrize(
    ("rows", "early_requests", "shortest_gap"),
    [
        ([(0, {"min_delay": 1.0}), (1.1, {"min_delay": 1.0})], 0, 1.0),
        ([(0, {"min_delay": 1.0}), (1.0, {"min_delay": 1.0})], 1, 0.9),
        ([(0, {"min_delay": 1.0, "retry_after": 5.0, "status": 429}), (4.0, {"min_delay": 1.0})], 1, 3.9),
        ([(0, {"min_delay": 1.0, "retry_after": 5.0, "status": 429}), (5.1, {"min_delay": 1.0})], 0, 5.0),
        ([(0, {"min_delay": 1.0}), (0.2, {"min_delay": 1.0, "is_allowed": False, "status": None})], 0, None),
        ([(0, {}), (0.2, {})], 0, 0.1),
    ],
)
def test_the_view_counts_early_requests(
    rows: list[tuple[float, dict[str, Any]]], early_requests: int, shortest_gap: float | None, tmp_path: Path
) -> None:
    result = request_pacing(tmp_path, *rows)
    assert result["early_requests"] == early_requests
    assert result["shortest_gap"] == (None if shortest_gap is None else pytest.approx(shortest_gap))


def test_the_view_names_the_longest_wait_and_its_cause(tmp_path: Path) -> None:
    result = request_pacing(
        tmp_path,
        (0, {"min_delay": 1.0, "waited": 0.0}),
        (20, {"min_delay": 1.0, "waited": 19.9, "wait_reason": "retry-after"}),
        (30, {"min_delay": 2.0, "waited": 1.0, "wait_reason": "min-delay", "crawl_delay": 2.0}),
    )
    assert (result["longest_wait"], result["longest_wait_reason"]) == (19.9, "retry-after")
    assert (result["min_delay"], result["crawl_delay"], result["requests"]) == (2.0, 2.0, 3)


class IngestedSite:
    """Mock site with several pages per section, and repeated ingests of it."""

    def __init__(self, server: MockServer, folder: Path) -> None:
        self.server, self.folder = server, folder

    def run(
        self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), **fetch: float
    ) -> summary.RunSummary:
        source = sources.load("stdaily").with_base_url(self.server.base_url)
        source = replace(source, fetch=replace(source.fetch, **fetch))  # type: ignore[arg-type]
        self.server.requests.clear()
        archive = self.folder / "archive"
        with Warehouse(self.folder / "news.duckdb") as warehouse:
            return ingest.ingest(source, warehouse, archive, clock=clock)

    def query(self, statement: str) -> list[Any]:
        with Warehouse(self.folder / "news.duckdb") as warehouse:
            return warehouse.connection.execute(statement).fetchall()


def build_site(articles: int) -> MockSite:
    return MockSite(articles=articles, rejected=0, since=date(2026, 9, 1), until=date(2026, 9, 9))


LAST_RUN = "FROM requests JOIN runs USING (run_id) WHERE started_at = (SELECT max(started_at) FROM runs)"


def test_a_second_run_sends_no_page_twice_and_still_finds_what_is_new(tmp_path: Path) -> None:
    with MockServer(build_site(10)) as server:
        ingested = IngestedSite(server, tmp_path)
        assert ingested.run().new == 10
        assert ingested.run().new == 0
        statuses = f"SELECT requests.kind, status, sum(size) {LAST_RUN} GROUP BY ALL ORDER BY ALL"
        assert [row for row in ingested.query(statuses) if row[0] != "robots"] == [
            ("index", 304, 0),
            ("listing", 304, 0),
            ("sitemap", 304, 0),
        ]
        server.site.add(1)
        assert ingested.run().new == 1
        for path in (tmp_path / "archive").rglob("*.warc.gz"):
            path.unlink()
        server.site.add(1)
        assert ingested.run().new == 1  # the stored pages are gone, so the pages are requested in full
        assert ingested.query("SELECT sum(early_requests) FROM request_pacing") == [(0,)]


def test_articles_of_a_failed_listing_are_found_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "ROWS", 4)
    with MockServer(build_site(40)) as server:
        ingested = IngestedSite(server, tmp_path)
        server.inject(faults.status(404), at="/sitemap.xml")
        server.inject(faults.status(503), at=r"/web/English/node_\d+_2\.html")
        first = ingested.run()
        assert (first.state, first.new < 40, first.failed_listings > 1) == ("completed", True, True)
        server.clear_faults()
        server.inject(faults.status(404), at="/sitemap.xml")
        second = ingested.run()
        assert (second.state, first.new + second.new) == ("completed", 40)


def test_the_minimum_delay_holds_from_one_run_to_the_next(tmp_path: Path, clock: SteppedClock) -> None:
    with MockServer(build_site(1)) as server:
        ingested = IngestedSite(server, tmp_path)
        ingested.run(clock=lambda: clock.now(UTC))
        server.inject(faults.status(200, body=b"User-agent: *\nDisallow: /"), at="/robots.txt")
        throttle._hosts.clear()  # as in a new process: only the warehouse has the last response
        clock.sleep(5.0)
        ingested.run(clock=lambda: clock.now(UTC), min_delay=20.0)
        assert ingested.query(
            f"SELECT requests.kind, wait_reason, round(waited) {LAST_RUN} AND is_allowed"
        ) == [("robots", "min-delay", 15.0)]
        assert ingested.query("SELECT count(*), sum(early_requests) FROM request_pacing") == [(2, 0)]
