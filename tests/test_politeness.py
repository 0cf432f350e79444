"""What a run owes a host, and what the rows say of it: clocks, pauses, robots, budgets, validators."""

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


def served(site: LocalSite, **fetch: float) -> Source:
    source = sources.load("stdaily").with_base_url(site.base_url)
    return replace(source, fetch=replace(source.fetch, **fetch))  # type: ignore[arg-type]


def client(source: Source, **options: Any) -> Client:
    return Client(source, contact=None, **({"keep": lambda capture: capture} | options))


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
    found = parse_retry_after({"retry-after": in_a_minute})
    assert found is not None
    assert 50 < found <= 60


def test_clients_that_ask_the_same_host_share_its_clock(clock: SteppedClock) -> None:
    workers: list[threading.Thread] = []

    def answer_once_all_wait(handler: SiteHandler) -> None:
        clock.wait_for_threads(*workers)
        handler.send_error(404)

    routes: dict[str, Route] = {f"/{n}": PAGE for n in range(4)} | {"/robots.txt": answer_once_all_wait}
    with LocalSite(routes, clock) as site:
        made = [client(replace(served(site, min_delay=0.1), slug=name)) for name in ("one", "two", "three")]

        def work(asking: Client) -> None:
            for n in range(4):
                asking.get(f"{site.base_url}/{n}", kind="article")

        workers += [threading.Thread(target=work, args=(asking,)) for asking in made]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        rows = [row for each in made for row in each.take_requests()]
    assert len(site.asked) == len(rows) == 15
    asked = sorted(site.asked, key=lambda each: each.began)
    assert [b.began - a.ended for a, b in pairwise(asked)] == pytest.approx([0.1] * 14)
    assert sorted(row.wait_reason or "" for row in rows) == ["", *["min-delay"] * 14]
    assert max(row.waited for row in rows) > 2 * 0.1  # two others were before it


def test_one_connection_a_host_even_without_a_pause(clock: SteppedClock) -> None:
    workers: list[threading.Thread] = []
    is_asked = threading.Event()

    def answer_once_another_waits(handler: SiteHandler) -> None:
        is_asked.set()
        clock.wait_for_threads(*workers)
        clock.sleep(0.3)
        handler.send_error(500)

    with LocalSite({"/slow": answer_once_another_waits}, clock) as site:
        source = served(site, retries=0)
        slow, quick = client(source), client(source)

        def ask(asking: Client, path: str) -> None:
            with pytest.raises(FetchError):
                asking.get(site.base_url + path, kind="article")

        workers += [threading.Thread(target=ask, args=it) for it in ((slow, "/slow"), (quick, "/gone"))]
        workers[0].start()
        assert is_asked.wait(LIMIT)
        workers[1].start()
        for worker in workers:
            worker.join()
        first = quick.take_requests()[0]
    assert first.wait_reason == "host-busy"
    assert first.waited == pytest.approx(0.3)


def test_a_host_that_asks_one_client_to_wait_is_left_alone_by_all(clock: SteppedClock) -> None:
    answers: list[Any] = [(429, {"Retry-After": "1"}, b""), (200, {}, PAGE)]
    with LocalSite({"/a": answers, "/b": PAGE}, clock) as site:
        first, second = client(served(site, retries=0)), client(served(site))
        for each in (first, second):
            each.get(f"{site.base_url}/b", kind="article")
        with pytest.raises(FetchError, match="429"):
            first.get(f"{site.base_url}/a", kind="article")
        second.get(f"{site.base_url}/b", kind="article")
        row = second.take_requests()[-1]
    assert site.asked[-1].began - site.asked[-2].ended == pytest.approx(1.0)
    assert row.wait_reason == "retry-after"
    assert first.take_requests()[-1].retry_after == 1.0


def test_beyond_the_cap_the_host_is_left_for_this_run_and_not_for_the_next() -> None:
    with LocalSite({"/a": (503, {"Retry-After": "3600"}, b""), "/b": PAGE}) as site:
        this, running = client(served(site)), client(served(site))
        with pytest.raises(HostUnavailableError, match=r"127.0.0.1:\d+ asks to be left alone for 3600 s"):
            this.get(f"{site.base_url}/a", kind="article")
        for each in (this, running):
            with pytest.raises(HostUnavailableError):
                each.get(f"{site.base_url}/b", kind="article")
        assert site.paths == ["/a"]
        site.routes["/a"] = [(503, {"Retry-After": "0"}, b""), (200, {}, PAGE)]
        for path in "ba":
            assert client(served(site)).get(f"{site.base_url}/{path}", kind="article").body == PAGE


def test_robots_txt_has_an_age(clock: SteppedClock) -> None:
    open_, closed = (200, {}, b"User-agent: *\nAllow: /"), (200, {}, b"User-agent: *\nDisallow: /")
    routes: dict[str, Route] = {"/robots.txt": [(500, {}, b""), open_, closed], "/a": PAGE}
    with LocalSite(routes, clock) as site, client(served(site, retries=0)) as asking:
        for reason, age in (
            (Reason.FETCH_FAILED, robots.ROBOTS_ERROR_TTL),
            (None, robots.ROBOTS_TTL),
            (Reason.ROBOTS, robots.ROBOTS_TTL),
        ):
            for _ in range(2):
                if reason:
                    with pytest.raises(FetchError) as caught:
                        asking.get(f"{site.base_url}/a", kind="article")
                    assert caught.value.reason is reason
                else:
                    asking.get(f"{site.base_url}/a", kind="article")
            clock.sleep(age)
    assert [each.path for each in site.asked] == ["/robots.txt", "/robots.txt", "/a", "/a", "/robots.txt"]


def test_a_crawl_delay_beyond_the_cap_is_read_as_the_cap_and_said(clock: SteppedClock) -> None:
    routes: dict[str, Route] = {"/robots.txt": b"User-agent: *\nCrawl-delay: 900", "/a": PAGE}
    with LocalSite(routes, clock) as site, client(served(site, min_delay=0.1)) as asking:
        asking.get(f"{site.base_url}/a", kind="article")
        row = asking.take_requests()[-1]
    assert list(asking.notes) == [
        f"{site.base_url[7:]} asks for 900 s between requests (Crawl-delay); we keep to 120 s"
    ]
    assert (row.min_delay, row.crawl_delay, row.wait_reason) == (120.0, 900.0, "crawl-delay")
    assert site.asked[1].began - site.asked[0].ended == pytest.approx(120.0)


def test_retries_have_a_budget_a_host_and_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "HOST_RETRIES", 3)
    routes: dict[str, Route] = {f"/{n}": (502, {}, b"") for n in range(3)}
    with LocalSite(routes) as site, client(served(site, retries=2)) as asking:
        for n in range(3):
            with pytest.raises(FetchError):
                asking.get(f"{site.base_url}/{n}", kind="article")
        rows = asking.take_requests()
    assert site.paths == ["/0", "/0", "/0", "/1", "/1", "/2"]
    assert [row.attempt for row in rows[1:]] == [1, 2, 3, 1, 2, 1]
    assert [row.wait_reason for row in rows[2:4]] == ["backoff", "backoff"]
    monkeypatch.setattr(throttle, "RUN_RETRIES", 0)
    with LocalSite(routes) as site, client(served(site)) as asking, pytest.raises(FetchError):
        asking.get(f"{site.base_url}/0", kind="article")
    assert site.paths == ["/0"]


def test_a_host_is_left_after_so_many_failures_in_a_row() -> None:
    routes: dict[str, Route] = {"/ok": PAGE} | {f"/{n}": (500, {}, b"") for n in range(9)}
    with LocalSite(routes) as site, client(served(site, retries=0)) as asking:

        def fails(n: int, kind: type[Exception]) -> None:
            with pytest.raises(kind):
                asking.get(f"{site.base_url}/{n}", kind="article")

        for n in range(4):
            fails(n, FetchError)
        asking.get(f"{site.base_url}/ok", kind="article")
        for n in range(4):
            fails(n, FetchError)
        fails(4, HostUnavailableError)
        asked = len(site.asked)
        with pytest.raises(
            HostUnavailableError, match=rf"^{site.base_url[7:]} failed for 5 addresses in a row"
        ):
            asking.get(f"{site.base_url}/ok", kind="article")
        assert len(site.asked) == asked


def test_another_host_that_fails_ends_no_run() -> None:
    routes: dict[str, Route] = {f"/{n}": (500, {}, b"") for n in range(6)}
    with LocalSite(routes) as other, LocalSite({}) as site, client(served(site, retries=0)) as asking:
        for n in range(6):
            with pytest.raises(FetchError) as caught:
                asking.get(f"{other.base_url}/{n}", kind="article")
            assert caught.value.reason is Reason.FETCH_FAILED
    assert other.paths == [f"/{n}" for n in range(5)]


def test_a_page_that_is_as_it_was_is_not_sent_again(tmp_path: Path) -> None:
    kept: list[Capture] = []
    routes: dict[str, Route] = {"/a": (304, {}, b""), "/list": (304, {}, b"")}
    old = Capture(UUID(int=7), "stdaily", "listing", "u", "u", datetime.now(UTC), 200, (), None, PAGE, PAGE)
    with LocalSite(routes) as site:
        stored = {f"{site.base_url}/list": Validators('"x"', NOON, "f.warc.gz", 3)}

        def keep(capture: Capture) -> Capture:
            kept.append(capture)
            return capture

        asking = client(served(site), store=keep, validators=stored, load_stored=lambda _: old)
        found = asking.get(f"{site.base_url}/a", kind="article", etag='W/"1"', last_modified=NOON)
        assert (found.status, found.body) == (304, b"")
        assert asking.get(f"{site.base_url}/list", kind="listing") is old
        rows = asking.take_requests()[1:]
        sent = [(each.headers["If-None-Match"], each.headers["If-Modified-Since"]) for each in site.asked[1:]]
        with pytest.raises(FetchError, match="304"):
            asking.get(f"{site.base_url}/a", kind="article")

        def lost(_: Validators) -> Capture:
            raise ArchiveError("gone")

        site.routes["/list"] = [(304, {}, b""), (200, {}, PAGE)]
        asking = client(served(site), validators=stored, load_stored=lost)
        assert asking.get(f"{site.base_url}/list", kind="listing").body == PAGE
    assert sent == [('W/"1"', NOON), ('"x"', NOON)]
    assert [(row.status, row.capture_id, row.error) for row in rows] == [(304, None, None)] * 2
    assert [each.kind for each in kept] == ["robots", "article"]  # the last is the 304 that nobody asked for
    assert "If-None-Match" not in site.asked[-1].headers


def test_validators_are_of_one_address_and_do_not_follow_a_redirect() -> None:
    with LocalSite({"/a": (302, {"Location": "/b"}, b""), "/b": PAGE}) as site:
        client(served(site)).get(f"{site.base_url}/a", kind="article", etag='"x"')
    assert ["If-None-Match" in each.headers for each in site.asked] == [False, True, False]


def test_names_from_outside_never_become_paths(tmp_path: Path) -> None:
    name = "/..%2f..%2f..%2fetc%2fpasswd?file=../../../../tmp/evil"
    headers = {"Content-Disposition": 'attachment; filename="../../evil.html"', "Content-Location": "/../x"}
    with (
        LocalSite({name: (200, headers, PAGE), "/a": (302, {"Location": name}, b"")}) as site,
        ArchiveWriter(tmp_path / "in" / "archive", started_at=datetime.now(UTC), software="test") as archive,
        client(served(site), store=archive.store) as asking,
    ):
        for url in (f"{site.base_url}{name}", f"{site.base_url}/a"):
            capture = asking.get(url, kind="article")
            assert capture.file
            assert re.fullmatch(r"\d{4}/\d\d/\d{8}T\d{6}Z-[0-9a-f]{6}\.warc\.gz", capture.file)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.relative_to(tmp_path).as_posix() for path in files] == [f"in/archive/{capture.file}"]
    assert not (tmp_path.parent / "evil.html").exists()


def request_pacing(tmp_path: Path, *rows: tuple[float, dict[str, Any]]) -> dict[str, Any]:
    """What the view says of requests to one host, each so many seconds after noon and 0.1 s long."""
    warehouse, run_id = opened(tmp_path / "w.duckdb")
    asked = [request(n, at=after(at / 60), **fields) for n, (at, fields) in enumerate(rows)]
    warehouse.load(batch(requests=asked), run_id=run_id)
    found = warehouse.connection.execute("FROM request_pacing")
    names = [column[0] for column in found.description or ()]
    (row,) = found.fetchall()
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
def test_the_view_sees_a_broken_promise(
    rows: list[tuple[float, dict[str, Any]]], early_requests: int, least_gap: float | None, tmp_path: Path
) -> None:
    found = request_pacing(tmp_path, *rows)
    assert found["early_requests"] == early_requests
    assert found["shortest_gap"] == (None if least_gap is None else pytest.approx(least_gap))


def test_the_view_names_the_longest_wait_and_its_cause(tmp_path: Path) -> None:
    found = request_pacing(
        tmp_path,
        (0, {"min_delay": 1.0, "waited": 0.0}),
        (20, {"min_delay": 1.0, "waited": 19.9, "wait_reason": "retry-after"}),
        (30, {"min_delay": 2.0, "waited": 1.0, "wait_reason": "min-delay", "crawl_delay": 2.0}),
    )
    assert (found["longest_wait"], found["longest_wait_reason"]) == (19.9, "retry-after")
    assert (found["min_delay"], found["crawl_delay"], found["requests"]) == (2.0, 2.0, 3)


class Room:
    """A channel of several pages a section, ingested again and again."""

    def __init__(self, replica: MockServer, folder: Path) -> None:
        self.replica, self.folder = replica, folder

    def run(
        self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), **fetch: float
    ) -> summary.RunSummary:
        source = sources.load("stdaily").with_base_url(self.replica.base_url)
        source = replace(source, fetch=replace(source.fetch, **fetch))  # type: ignore[arg-type]
        self.replica.requests.clear()
        archive = self.folder / "archive"
        with Warehouse(self.folder / "news.duckdb") as warehouse:
            return ingest.ingest(source, warehouse, archive, clock=clock)

    def ask(self, statement: str) -> list[Any]:
        with Warehouse(self.folder / "news.duckdb") as warehouse:
            return warehouse.connection.execute(statement).fetchall()


def channel(articles: int) -> MockSite:
    return MockSite(articles=articles, rejected=0, since=date(2026, 9, 1), until=date(2026, 9, 9))


LAST_RUN = "FROM requests JOIN runs USING (run_id) WHERE started_at = (SELECT max(started_at) FROM runs)"


def test_a_second_run_sends_no_page_twice_and_still_finds_what_is_new(tmp_path: Path) -> None:
    with MockServer(channel(10)) as replica:
        room = Room(replica, tmp_path)
        assert room.run().new == 10
        assert room.run().new == 0
        statuses = f"SELECT kind, status, sum(size) {LAST_RUN} GROUP BY ALL ORDER BY ALL"
        assert [row for row in room.ask(statuses) if row[0] != "robots"] == [
            ("index", 304, 0),
            ("listing", 304, 0),
            ("sitemap", 304, 0),
        ]
        replica.site.add(1)
        assert room.run().new == 1
        for path in (tmp_path / "archive").rglob("*.warc.gz"):
            path.unlink()
        replica.site.add(1)
        assert room.run().new == 1  # what was stored is gone: the pages are asked for in full
        assert room.ask("SELECT sum(early_requests) FROM request_pacing") == [(0,)]


def test_what_a_lost_listing_announced_is_found_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "ROWS", 4)
    with MockServer(channel(40)) as replica:
        room = Room(replica, tmp_path)
        replica.inject(faults.status(404), at="/sitemap.xml")
        replica.inject(faults.status(503), at=r"/web/English/node_\d+_2\.html")
        first = room.run()
        assert (first.state, first.new < 40, first.failed_listings > 1) == ("completed", True, True)
        replica.clear_faults()
        replica.inject(faults.status(404), at="/sitemap.xml")
        second = room.run()
        assert (second.state, first.new + second.new) == ("completed", 40)


def test_the_pause_holds_from_one_run_to_the_next(tmp_path: Path, clock: SteppedClock) -> None:
    with MockServer(channel(1)) as replica:
        room = Room(replica, tmp_path)
        room.run(clock=lambda: clock.now(UTC))
        replica.inject(faults.status(200, body=b"User-agent: *\nDisallow: /"), at="/robots.txt")
        throttle._hosts.clear()  # as after the end of the process: the warehouse alone knows
        clock.sleep(5.0)
        room.run(clock=lambda: clock.now(UTC), min_delay=20.0)
        assert room.ask(f"SELECT kind, wait_reason, round(waited) {LAST_RUN} AND is_allowed") == [
            ("robots", "min-delay", 15.0)
        ]
        assert room.ask("SELECT count(*), sum(early_requests) FROM request_pacing") == [(2, 0)]
