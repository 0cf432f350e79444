"""Faults of a network during a run, over real sockets: how the run ended, its rows, and what the next
run makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from newsetl import sources
from newsetl.db.writer import Warehouse
from newsetl.fetch import attempt, request_log, retry, robots, throttle, transport
from newsetl.pipeline import ingest, summaries
from newsetl.pipeline.summary import RunSummary
from newsetl.replica import MockServer, MockSite, faults
from newsetl.replica.server import Fault, Handler
from newsetl.sources.config import Source
from tests.support.stepped_clock import SteppedClock

ARTICLES = 16
CHANNEL = partial(MockSite, articles=ARTICLES, rejected=0, since=date(2026, 9, 1), until=date(2026, 9, 6))
ALL_ARTICLES = r"/web/English/\d{4}-.*|/English/\w+/\d{4}.*"
LISTINGS = r"/web/English/node_\d+\.html"
TOMORROW = timedelta(hours=25)


@dataclass(frozen=True)
class Case:
    """A fault; `at` is the pattern of the paths that have it, None for one article of no other address."""

    name: str
    fault: Fault
    at: str | None = None
    times: int | None = None
    also: tuple[tuple[Fault, str], ...] = ()
    fetch: tuple[tuple[str, Any], ...] = ()
    state: str = "completed"
    missing: int = 0
    rejected: str = ""
    asked: str = ""
    said: str = ""
    next_after: timedelta = timedelta()
    still_missing: int = 0


ONE = "one article: "
CASES = (
    Case(ONE + "503 twice", faults.status(503), times=2, asked="503, 503, 200"),
    Case(
        ONE + "500 each time",
        faults.status(500),
        missing=1,
        rejected="1 fetch_failed",
        asked="500, 500, 500, 500",
        said="status 500",
    ),
    Case(
        "all articles: 503",
        faults.status(503),
        at=ALL_ARTICLES,
        state="failed",
        missing=ARTICLES,
        rejected="4 fetch_failed",
        said="5 URLs failed in a row",
    ),
    Case(
        ONE + "429, Retry-After: 1",
        faults.retry_after(1),
        times=1,
        asked="429, 200 after a wait (retry-after)",
    ),
    Case(
        ONE + "503, Retry-After: a date 2 seconds on",
        faults.retry_after(2, code=503, is_date=True),
        times=1,
        asked="503, 200 after a wait (retry-after)",
    ),
    Case(
        ONE + "429, Retry-After: an hour",
        faults.retry_after(3600),
        state="failed",
        missing=-1,
        asked="429",
        said="Retry-After of 3600 s is longer than",
    ),
    Case(ONE + "reset in mid-body, once", faults.reset, times=1, asked="ReadError, 200"),
    Case(
        ONE + "reset in mid-body each time",
        faults.reset,
        missing=1,
        rejected="1 fetch_failed",
        asked="ReadError, ReadError, ReadError, ReadError",
        said="no response (ReadError",
    ),
    Case(
        ONE + "Content-Length too large",
        faults.wrong_length(+100),
        fetch=(("retries", 1),),
        missing=1,
        rejected="1 fetch_failed",
        asked="RemoteProtocolError, RemoteProtocolError",
    ),
    Case(
        ONE + "Content-Length too small",
        faults.wrong_length(-100),
        fetch=(("retries", 1),),
        missing=1,
        rejected="1 fetch_failed",
        asked="RemoteProtocolError, RemoteProtocolError",
        said="more bytes received than the Content-Length",
    ),
    Case(
        ONE + "body dripping, byte by byte",
        faults.drip(10.0),
        fetch=(("retries", 1),),
        missing=1,
        rejected="1 fetch_failed",
        asked="ReadTimeout, ReadTimeout",
        said="not complete at its deadline",
    ),
    Case(
        ONE + "headers without end, dripping",
        faults.drip(10.0, is_head=True),
        fetch=(("retries", 1),),
        missing=1,
        rejected="1 fetch_failed",
        asked="ReadTimeout, ReadTimeout",
    ),
    Case(
        ONE + "redirects without end",
        faults.endless_redirect,
        missing=1,
        rejected="1 http_status",
        asked="302",
        said="more than 5 redirects",
        next_after=TOMORROW,
    ),
    Case(
        ONE + "redirect to 169.254.169.254",
        faults.redirect("http://169.254.169.254/latest/meta-data"),
        missing=1,
        rejected="1 fetch_failed",
        asked="302",
        said="is not a public address and is not requested",
    ),
    Case(
        ONE + "redirect to file:///etc/passwd",
        faults.redirect("file:///etc/passwd"),
        missing=1,
        rejected="1 fetch_failed",
        asked="302",
        said="not an http or https URL",
    ),
    Case(
        ONE + "gzip bomb of 100 MB",
        faults.gzip_bomb(100_000_000),
        missing=1,
        rejected="1 too_large",
        asked="200",
        said="the decoded body is larger than 10000000 bytes",
        still_missing=1,
    ),
    Case(
        ONE + "body without end",
        faults.endless(),
        fetch=(("max_bytes", 500_000),),
        missing=1,
        rejected="1 too_large",
        asked="200",
        said="larger than 500000 bytes",
        still_missing=1,
    ),
    Case(
        ONE + "comes as video/mp4, without end",
        faults.endless("video/mp4"),
        missing=1,
        rejected="1 not_html",
        asked="200",
        said="video/mp4 is not a page",
        still_missing=1,
    ),
    Case("all articles: UTF-8 that says it is gb2312", faults.charset("gb2312"), at=ALL_ARTICLES),
    Case(
        ONE + "the firewall's page",
        faults.waf_page(),
        missing=1,
        rejected="1 blocked_by_waf",
        asked="406",
        said="with the WAF's page",
        next_after=TOMORROW,
    ),
    Case(
        "all articles: the firewall's page, for an hour",
        faults.waf_page(),
        at=ALL_ARTICLES,
        state="failed",
        missing=ARTICLES,
        rejected="4 blocked_by_waf",
        said="possibly blocked",
        next_after=TOMORROW,
    ),
    Case(
        "all pages: 403",
        faults.status(403),
        at="/web/.*|/English/.*|/sitemap.xml",
        state="failed",
        missing=ARTICLES,
        rejected="2 http_status",
        said="possibly blocked: the site rejected 2 of 2 requests",
        next_after=TOMORROW,
    ),
    Case(
        "all articles: 403",
        faults.status(403),
        at=ALL_ARTICLES,
        missing=ARTICLES,
        rejected="ALL http_status",
        said="possibly blocked: the site rejected",
        next_after=TOMORROW,
    ),
    Case(
        ONE + "the site's dead page with status 200",
        faults.soft_404,
        missing=1,
        rejected="1 soft_404",
        asked="200",
        next_after=TOMORROW,
    ),
    Case(
        "all articles: laid out anew",
        faults.new_layout,
        at=ALL_ARTICLES,
        missing=ARTICLES,
        rejected="ALL unknown_layout",
        said="possible layout change",
        still_missing=ARTICLES,
    ),
    Case(
        "robots.txt: 503",
        faults.status(503),
        at="/robots.txt",
        state="failed",
        missing=ARTICLES,
        rejected="2 fetch_failed",
        said="robots.txt of the host cannot be fetched (",
    ),
    Case(
        "index page: 503",
        faults.status(503),
        at="/web/English/index.html",
        state="failed",
        rejected="1 fetch_failed",
        said="status 503",
    ),
    Case("listings: shrunk to two rows", faults.short_listing(2), at=LISTINGS),
    Case(
        "listings: shrunk to two rows, and the sitemap: 503",
        faults.short_listing(2),
        at=LISTINGS,
        also=((faults.status(503), "/sitemap.xml"),),
        missing=-1,
        rejected="1 fetch_failed",
        said="status 503",
    ),
    Case(
        "listings and sitemap: 503, four times each",
        faults.status(503),
        at=LISTINGS + "|/sitemap.xml",
        state="failed",
        missing=ARTICLES,
        rejected="4 fetch_failed",
        said="5 URLs failed in a row",
    ),
)


class Room:
    """A replica and a warehouse that is filled from it; each run opens the warehouse anew."""

    def __init__(self, replica: MockServer, folder: Path, clock: SteppedClock) -> None:
        self.replica, self.folder, self.clock = replica, folder, clock
        self.source = sources.load("stdaily").with_base_url(replica.base_url)
        self.warehouse = Warehouse(folder / "news.duckdb")

    def run(self, source: Source | None = None, *, after: timedelta = timedelta()) -> RunSummary:
        self.warehouse.close()
        self.warehouse = Warehouse(self.folder / "news.duckdb")
        return ingest.ingest(
            source or self.source,
            self.warehouse,
            self.folder / "archive",
            clock=lambda: self.clock.now(UTC) + after,
        )

    def ask(self, statement: str, *values: object) -> list[Any]:
        return self.warehouse.connection.execute(statement, list(values)).fetchall()

    def articles(self) -> list[tuple[Any, ...]]:
        """Return every article without the values of this mock site and run."""
        return self.ask(
            """
            SELECT regexp_replace(url, '^http://[^/]+', ''), title, section, agency, published_at,
                authors, editors, text, title_hash, text_hash
            FROM articles ORDER BY ALL
            """
        )


def lone_path(replica: MockServer) -> str:
    """Return the URL of an article with a single URL."""
    return next(story.paths[0] for story in replica.site.listed_articles[8:] if len(story.paths) == 1)


class Campaign:
    """Runs against faults, compared with a run that nothing disturbed."""

    def __init__(self, clock: SteppedClock, folder: Path) -> None:
        self.clock = clock
        with MockServer(CHANNEL()) as replica:
            calm = Room(replica, folder, clock)
            assert calm.run().new == ARTICLES
            self.undisturbed = calm.articles()
            calm.warehouse.close()

    def check(self, case: Case, folder: Path) -> tuple[str, ...]:
        """Check a run with the fault and the run after it; return the case's row of the table in the docs."""
        with MockServer(CHANNEL()) as replica:
            room = Room(replica, folder, self.clock)
            try:
                return self._check(case, room)
            finally:
                room.warehouse.close()

    def _check(self, case: Case, room: Room) -> tuple[str, ...]:
        victim = lone_path(room.replica)
        room.replica.inject(case.fault, at=case.at or re.escape(victim), times=case.times)
        for fault, at in case.also:
            room.replica.inject(fault, at=at)
        source = replace(room.source, fetch=replace(room.source.fetch, **dict(case.fetch)))
        summary = room.run(source)

        assert summary.state == case.state, summary.error
        missing = ARTICLES - summary.new
        assert missing == case.missing or (case.missing < 0 and 0 < missing < ARTICLES)
        asked = _asked(room, victim) if case.at is None else ""
        assert asked == case.asked
        addresses = sum(len(story.paths) for story in room.replica.site.listed_articles)
        rejects = room.ask(
            "SELECT reason, message, retry_at IS NOT NULL FROM rejects ORDER BY rejected_at, url"
        )
        rejected = ", ".join(f"{count} {reason}" for reason, count in summary.rejected.most_common())
        assert rejected == case.rejected.replace("ALL", str(addresses))
        assert len(rejects) == summary.rejected.total()
        said = "; ".join(filter(None, (summary.error or (rejects[0][1] if rejects else ""), summary.warning)))
        said = _plain(said, room.replica, victim)
        assert case.said in said
        assert (summary.warning or "") in summaries.format_summary(summary)
        assert room.ask("SELECT state, error FROM runs") == [(summary.state, summary.error)]
        _check_rows(room)

        room.replica.clear_faults()
        again = room.run(after=case.next_after)
        _check_rows(room)
        assert again.state == "completed"
        assert ARTICLES - summary.new - again.new == case.still_missing
        if not case.still_missing:
            assert room.articles() == self.undisturbed
            assert room.ask("SELECT url FROM open_rejects WHERE stage <> 'discover'") == []
        else:
            waiting = room.ask("SELECT count(*) FROM open_rejects WHERE retry_at IS NULL")
            assert waiting == [(case.still_missing if case.at is None else summary.rejected.total(),)]
        when = "the day after" if case.next_after else "at once"
        then = f"{when}: all {ARTICLES}" if not case.still_missing else "not requested again: manual action"
        return (
            summary.state,
            f"{'some' if case.missing < 0 else summary.new} of {ARTICLES}",
            rejected or "-",
            asked or "-",
            said or "-",
            then,
        )


@contextmanager
def campaign(folder: Path) -> Iterator[Campaign]:
    """Make the client and the mock site's faults read a clock that steps where somebody waits.

    A body that drips does it slowly enough for the client to look at the clock before it is complete.
    """
    stepped = SteppedClock(naps=0.002, ticks=0.001)
    with pytest.MonkeyPatch.context() as patch:
        for module in (attempt, request_log, retry, robots, throttle, transport, faults):
            patch.setattr(module, "time", stepped)
        for module in (request_log, throttle, faults):
            patch.setattr(module, "datetime", stepped)
        patch.setattr(throttle, "_hosts", {})
        patch.setattr(Handler, "date_time_string", lambda *_: format_datetime(stepped.now(UTC), usegmt=True))
        yield Campaign(stepped, folder)


def _asked(room: Room, path: str) -> str:
    rows = room.ask(
        "SELECT status, error, wait_reason FROM requests WHERE url = ? ORDER BY requested_at",
        room.replica.base_url + path,
    )
    return ", ".join(_answer(*row) for row in rows)


def _answer(status: int | None, error: str | None, wait_reason: str | None) -> str:
    failure = re.match(r"\w+(?:Error|Timeout)(?=:)", error or "")
    wait = f" after a wait ({wait_reason})" if wait_reason not in (None, "backoff") else ""
    return (failure[0] if failure else str(status)) + wait


def _check_rows(room: Room) -> None:
    """Check the rate limits, the files outside the archive, and that every response has its row."""
    assert room.ask("SELECT sum(early_requests) FROM request_pacing") == [(0,)]
    hosts = {host for (host,) in room.ask("SELECT DISTINCT host FROM requests WHERE status IS NOT NULL")}
    assert hosts == {room.replica.base_url.removeprefix("http://")}
    sent = "SELECT count(*) FROM requests WHERE is_allowed AND host = ?"
    assert room.ask(sent, *hosts) == [(len(room.replica.requests),)]
    assert room.ask("SELECT count(*) FROM captures ANTI JOIN requests USING (capture_id)") == [(0,)]
    written = {path.relative_to(room.folder).parts[0] for path in room.folder.rglob("*") if path.is_file()}
    assert {name for name in written if not name.startswith("news.duckdb")} <= {"archive"}


def _plain(text: str, replica: MockServer, victim: str) -> str:
    """Return the text without the values of this run."""
    host = replica.base_url.removeprefix("http://")
    for own, said in ((replica.base_url + victim, "the article"), (replica.base_url, ""), (host, "the host")):
        text = text.replace(own, said)
    text = re.sub(r"/(?:web/)?English/\S*\d{4}\S*?html", "an article", text)
    text = re.sub(r"\[Errno \d+\] ", "", text)
    return re.sub(r"(received|expected|Content-Length of) \d+", r"\1 N", text)
