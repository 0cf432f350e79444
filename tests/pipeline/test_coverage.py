"""Tests of coverage: states of days, and the days that each discovery method covers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsetl import sources
from newsetl.discover.coverage import DiscoveryCoverage
from newsetl.errors import ConfigError
from newsetl.model import DiscoveredLink, DiscoveryMethod, DiscoveryQuery, Link, Window
from newsetl.pipeline import backfill as past
from newsetl.pipeline import summary
from newsetl.reasons import Reason
from newsetl.replica import faults
from newsetl.sources import urls
from tests.support import factories, replica_runs
from tests.support.commands import newsetl
from tests.support.coverage_loads import TODAY, announcement, asking, check_coverage, day
from tests.support.factories import NOON, Room, after, article, batch, capture, page, reject, web

STDAILY = sources.load("stdaily")
FIRST = date(2025, 9, 1)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path / "news.duckdb")
    yield room
    room.warehouse.close()


def load_and_get_coverage(
    room: Room, *records: DiscoveryQuery | DiscoveredLink, columns: str = "state"
) -> dict[date, Any]:
    """Load the records as a run, and return day → the first of `columns` in coverage_calendar."""
    room.run_id = room.warehouse.start_run("stdaily", kind="ingest", window=Window(), started_at=NOON)
    room.load(
        replace(
            batch(),
            discovery_queries=tuple(each for each in records if isinstance(each, DiscoveryQuery)),
            discovered_links=tuple(each for each in records if isinstance(each, DiscoveredLink)),
        )
    )
    room.warehouse.rebuild_coverage("stdaily")
    return {day: rest[0] for day, *rest in room.ask(f"SELECT published_on, {columns} FROM coverage_calendar")}


def build_query(
    method: DiscoveryMethod, window: Window, *lists: list[int], is_cut: bool = False, errors: int = 0
) -> DiscoveryQuery | None:
    """Build the query of a method that showed links of these days ago, for a listing page by page."""
    coverage = DiscoveryCoverage(STDAILY, window)
    for shown in lists:
        spans = [(day(ago), day(ago)) for ago in shown]
        for span in spans:
            coverage.add_link(Link("stdaily", "", "", method=method), span, is_wanted=True)
        if method == "listing":
            coverage.add_listing_page("a listing", spans)
    if is_cut:
        coverage.mark_truncated("a listing")
    for number in range(errors):
        coverage.add_error(method, f"broken {number}")
    found = coverage.build_queries(NOON)
    assert len(found) <= 1
    return found[0] if found else None


YEAR = Window(day(365))
QUERIES: dict[str, tuple[DiscoveryQuery | None, date | None]] = {
    "a listing that ends": (build_query("listing", YEAR, [0, 1, 2], [3, 4]), day(365)),
    "a truncated listing": (build_query("listing", YEAR, [0, 1, 2], [3, 3, 4], is_cut=True), day(2)),
    "a pinned item": (build_query("listing", YEAR, [300, 0, 1], [2, 3, 300], is_cut=True), day(2)),
    "a listing of one page": (build_query("listing", YEAR, [0, 1, 2, 3, 4], is_cut=True), day(1)),
    "a listing without days": (build_query("listing", YEAR, [], is_cut=True), None),
    "an open window": (build_query("listing", Window(), [0, 1, 2], [3, 4, 400]), day(4)),
    "a sitemap": (build_query("sitemap", YEAR, [0, 3, 9, 20]), day(19)),
    "an old entry": (build_query("sitemap", YEAR, [0, 3, 9, 300]), day(8)),
    "an entry of tomorrow": (build_query("sitemap", YEAR, [-40, 0, 3]), day(2)),
    "a sitemap beyond the window": (build_query("sitemap", Window(day(5)), [0, 3, 9, 20]), day(5)),
    "a feed without days": (build_query("feed", YEAR, []), None),
    "a sitemap that failed": (build_query("sitemap", YEAR, errors=2), day(365)),
    "a feed that failed in an open window": (build_query("feed", Window(), errors=1), day(7)),
    "a listing that broke off": (build_query("listing", YEAR, [0, 1], is_cut=True, errors=1), day(0)),
}


@pytest.mark.parametrize("case", QUERIES)
def test_a_method_covers_the_days_that_it_showed(case: str) -> None:
    query, since = QUERIES[case]
    assert (query and query.since) == since
    if query:
        assert query.until == TODAY
        assert (query.error is not None) == ("failed" in case or "broke" in case)


def test_several_errors_of_a_method_are_counted() -> None:
    query = build_query("sitemap", YEAR, errors=3)
    assert query
    assert query.error == "broken 0 (and 2 more)"


def test_a_web_archive_without_links_completes_no_day(room: Room) -> None:
    states = load_and_get_coverage(
        room, asking("wayback", day(4), day(1)), announcement(web(1), day(3), method="wayback")
    )
    assert states == {day(4): "not checked", day(3): "failed", day(2): "not checked", day(1): "not checked"}
    room.load(batch((capture(1, web(1), via="wayback", via_url="copy"), build_old_article(1, 3))))
    states = load_and_get_coverage(room)
    assert states[day(3)] == "partial"
    assert (
        room.one("SELECT detail FROM coverage_gaps WHERE gap = 'partial'") == "only web archives were queried"
    )
    states = load_and_get_coverage(room, asking("search", day(4), day(1), minutes=1))
    assert states == {day(4): "no articles", day(3): "complete", day(2): "no articles", day(1): "no articles"}


def test_days_queried_by_one_method_are_due_for_the_others(room: Room) -> None:
    load_and_get_coverage(room, asking("wayback", day(4), day(1)))

    def due(*methods: DiscoveryMethod) -> int:
        return len(past.find_due_days(STDAILY, room.warehouse, Window(day(5), day(1)), methods=methods))

    assert due("wayback") == 1
    assert due("wayback", "search") == 5
    assert due("listing") == 5
    load_and_get_coverage(room, asking("search", day(4), day(3), minutes=1))
    assert due("wayback", "search") == 3
    load_and_get_coverage(room, asking("search", day(4), day(3), minutes=2, error="down"))
    assert due("wayback") == 1
    assert due("wayback", "search") == 5


def build_old_article(number: int, days_ago: int) -> Any:
    """Return an article published that many days ago."""
    at = NOON - timedelta(days=days_ago)
    return article(number, web(number), published_at=at, title=f"Title {number}", text=f"Text {number}")


def test_a_failed_listing_is_replaced_by_the_next_success(room: Room) -> None:
    queries = [asking("search", day(9), day(1)), asking("listing", day(9), day(1), error="a listing is dead")]
    assert set(load_and_get_coverage(room, *queries).values()) == {"partial"}
    states = load_and_get_coverage(room, asking("listing", day(3), day(0), minutes=5))
    assert set(states.values()) == {"no articles"}
    states = load_and_get_coverage(room, asking("search", day(9), day(1), minutes=6, error="down"))
    assert states[day(9)] == "failed"
    assert states[day(1)] == "partial"


def test_a_missing_article_of_a_month_counts_on_its_last_covered_day(room: Room) -> None:
    february = date(2026, 2, 28)
    given = announcement(factories.hashed(1), february), announcement(web(2), day(12))
    states = load_and_get_coverage(
        room, *given, asking("search", date(2026, 2, 1), date(2026, 2, 20)), columns="missing"
    )
    assert {day: missing for day, missing in states.items() if missing} == {day(12): 1, date(2026, 2, 20): 1}


def test_missing_articles_are_summed_over_sections(room: Room) -> None:
    given = [announcement(web(n), day(2), section=f"Section {n % 2}") for n in range(2)]
    room.load(batch(rejects=[reject(None, web(n), reason=Reason.ROBOTS) for n in range(2)]))
    load_and_get_coverage(room, *given, asking("search", day(3), day(1)))
    assert room.ask("SELECT missing, detail FROM coverage_gaps") == [(2, "2 missing (robots)")]


def test_a_refetch_skips_permanent_rejects_only(room: Room) -> None:
    reasons = (
        Reason.UNKNOWN_LAYOUT,
        Reason.FETCH_FAILED,
        Reason.REMOVED_PAGE,
        Reason.NOT_HTML,
        Reason.NOT_ARTICLE,
    )
    room.load(
        batch(
            page(9, web(9)),
            rejects=[reject(n, web(n), reason=reason) for n, reason in enumerate(reasons)],
        )
    )
    known = room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(-1), is_wanted=True)
    assert known == {web(2), web(3), web(4), web(9)}
    for number in (0, 3):
        room.warehouse.crawl_state.add_override("stdaily", url=web(number), made_at=after(5))
    assert room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(-1)) == {
        web(1),
        web(2),
        web(4),
        web(9),
    }


def test_a_url_with_captures_from_web_archives_only_is_not_known(
    room: Room,
) -> None:
    old, same = factories.hashed(1), {"title": "One", "text": "A text."}
    copy = capture(1, old, via="wayback", via_url="copy", obtained_at=NOON)
    room.load(batch((copy, article(1, old, **same)), page(2, web(2), at=after(1), **same)))
    assert room.one("SELECT count(*) FROM articles") == 1
    assert room.warehouse.crawl_state.get_known_urls("stdaily", due_before=NOON) == {web(2)}


def test_rejects_of_backfills_are_not_due_in_daily_runs(room: Room) -> None:
    room.warehouse.finish_run(
        room.run_id, ended_at=after(10), state="completed", discovered=0, already_loaded=0
    )
    room.load(batch(rejects=[reject(None, web(1), reason=Reason.FETCH_FAILED, at=after(5))]))
    filling = room.warehouse.start_run("stdaily", kind="backfill", window=Window(), started_at=after(20))
    rejected = [reject(None, web(n), reason=Reason.FETCH_FAILED, at=after(25)) for n in (2, 3)]
    link = DiscoveredLink("stdaily", web(3), "listing", None, None, TODAY, "list", after(6))
    room.warehouse.load(replace(batch(rejects=rejected), discovered_links=(link,)), run_id=filling)
    assert [link.url for link in room.warehouse.crawl_state.find_due_links("stdaily", now=after(60))] == [
        web(1),
        web(3),
    ]


def test_first_seen_is_the_oldest_capture_in_any_load_order(tmp_path: Path) -> None:
    pages = [page(n, web(1), at=after(n), title="One", text="A text.") for n in (1, 2, 3)]
    seen = set()
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2)):
        room = Room(tmp_path / f"{order[0]}.duckdb")
        for place in order:
            room.load(batch(pages[place]))
        seen.add(room.one("SELECT (first_seen_at, changed_at) FROM articles"))
        room.warehouse.close()
    assert seen == {(after(1), after(1))}


def test_the_month_in_a_url_precedes_a_later_change() -> None:
    def days(url: str, at: datetime) -> tuple[date, date] | None:
        return urls.get_link_days(STDAILY, Link("stdaily", url, "", published_at=at))

    within, later = datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    assert days(factories.hashed(1), within) == (date(2026, 3, 9), date(2026, 3, 9))
    assert days(factories.hashed(1), later) == (date(2026, 3, 1), date(2026, 3, 31))
    assert days(web(1), later) == (date(2026, 3, 1), date(2026, 3, 1))
    assert days(f"{factories.HOME}/other.html", later) == (date(2026, 4, 2), date(2026, 4, 2))


def test_two_methods_may_fail_in_different_months(tmp_path: Path) -> None:
    with replica_runs.served(20, since=FIRST, until=date(2025, 10, 10), rejected=0) as replica:
        replica.inject(faults.status(503), at="/cdx/search/cdx.*")
        replica.inject(faults.status(200, body=b"<html>"), at=".*Search.do.*")
        done = run_backfill(
            tmp_path, replica, Window(date(2025, 9, 30), date(2025, 10, 1)), "search", "wayback"
        )
    assert done.failed_methods == {"search": 2, "wayback": 2}


def run_backfill(
    folder: Path, replica: replica_runs.Failing, window: Window, *methods: DiscoveryMethod
) -> summary.BackfillSummary:
    with replica_runs.opened(folder, replica_runs.source_of(replica)) as warehouse:
        return past.backfill(
            replica_runs.source_of(replica),
            warehouse,
            folder / "archive",
            clock=replica_runs.now,
            window=window,
            methods=methods,
        )


def test_a_run_that_starts_later_than_a_daily_run_is_not_incremental(tmp_path: Path) -> None:
    today = datetime.now(STDAILY.timezone).date()
    with replica_runs.served(8, since=today - timedelta(days=20), until=today, rejected=0) as replica:
        source = replica_runs.source_of(replica)
        with pytest.raises(ConfigError, match="is in the future; today is"):
            replica_runs.ingest(tmp_path, source, window=Window(today + timedelta(days=1)))
        replica_runs.ingest(tmp_path, source, window=Window())
        for since in (today, today - timedelta(days=7)):
            replica_runs.ingest(tmp_path, source, window=Window(since))
        with replica_runs.opened(tmp_path, source) as warehouse:
            warehouse.crawl_state.add_override("stdaily", start_on=date.min, made_at=replica_runs.now())
        replica_runs.ingest(tmp_path, source)
    kinds = "SELECT is_incremental, since FROM runs ORDER BY started_at"
    assert replica_runs.rows(tmp_path, kinds) == [
        (True, None),
        (False, today),
        (True, today - timedelta(days=7)),
        (True, source.first_day),
    ]


def test_a_section_without_an_index_link_is_fetched_until_it_fails(tmp_path: Path) -> None:
    with replica_runs.served(24, since=FIRST, until=date(2025, 10, 10), rejected=0) as replica:
        source = replica_runs.source_of(replica)
        replica_runs.ingest(tmp_path, source)
        page = "/web/English/node_474.html"
        index = replica.respond("/web/English/index.html").body.replace(b"node_474.html", b"node_471.html")
        replica.inject(faults.status(200, body=index), at="/web/English/index.html")
        assert replica_runs.ingest(tmp_path, source).failed_listings == 0
        assert [path for _, path in replica.requests].count(page) == 2
        replica.broken = frozenset({page})
        assert replica_runs.ingest(tmp_path, source).failed_listings == 1
        assert replica_runs.ingest(tmp_path, source).failed_listings == 0
    assert replica_runs.rows(tmp_path, "SELECT reason FROM open_rejects WHERE stage = 'discover'") == [
        ("http_status",)
    ]


def test_methods_are_unique_and_at_least_one(tmp_path: Path) -> None:
    words = (
        "backfill",
        "stdaily",
        "--since",
        "2026-01-01",
        "--until",
        "2026-01-02",
        "--dry-run",
        "--data",
        tmp_path,
    )
    ended = newsetl(*words, "--method", "search,search")
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[0].endswith("; methods: search")
    ended = newsetl(*words, "--method", ",")
    assert ended.returncode == 2
    assert re.search("no discovery method", ended.stderr)
    ended = newsetl("state", "reset", "stdaily", "--to", "0001-01-01", "--data", tmp_path)
    assert ended.returncode == 2
    assert "has published only since 2017-01-01" in ended.stderr


def test_recomputing_touched_days_equals_recomputing_all(room: Room) -> None:
    """Load random batches and compare with a full recomputation after each. tests/long has more batches."""
    skipped, rows = check_coverage(room, range(26), since=18)
    assert skipped > 5
    assert rows > 60
