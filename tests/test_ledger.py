"""The ledger says of each day what was asked, had and missed; no way vouches for more than it showed."""

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


def ledger(room: Room, *given: DiscoveryQuery | DiscoveredLink, columns: str = "state") -> dict[date, Any]:
    """What the calendar says of each day once a run has brought this too."""
    room.run_id = room.warehouse.start_run("stdaily", kind="ingest", window=Window(), started_at=NOON)
    room.load(
        replace(
            batch(),
            discovery_queries=tuple(each for each in given if isinstance(each, DiscoveryQuery)),
            discovered_links=tuple(each for each in given if isinstance(each, DiscoveredLink)),
        )
    )
    room.warehouse.rebuild_coverage("stdaily")
    return {day: rest[0] for day, *rest in room.ask(f"SELECT published_on, {columns} FROM coverage_calendar")}


def reached(
    method: DiscoveryMethod, window: Window, *lists: list[int], is_cut: bool = False, errors: int = 0
) -> DiscoveryQuery | None:
    """What a way was asked for that showed these days (so many ago), of a listing page by page."""
    reach = DiscoveryCoverage(STDAILY, window)
    for shown in lists:
        spans = [(day(ago), day(ago)) for ago in shown]
        for span in spans:
            reach.add_link(Link("stdaily", "", "", method=method), span, is_wanted=True)
        if method == "listing":
            reach.add_listing_page("a listing", spans)
    if is_cut:
        reach.mark_truncated("a listing")
    for number in range(errors):
        reach.add_error(method, f"broken {number}")
    found = reach.build_queries(NOON)
    assert len(found) <= 1
    return found[0] if found else None


YEAR = Window(day(365))
SHOWN: dict[str, tuple[DiscoveryQuery | None, date | None]] = {
    "a listing that ends": (reached("listing", YEAR, [0, 1, 2], [3, 4]), day(365)),
    "a listing that is cut": (reached("listing", YEAR, [0, 1, 2], [3, 3, 4], is_cut=True), day(2)),
    "a row that was pinned": (reached("listing", YEAR, [300, 0, 1], [2, 3, 300], is_cut=True), day(2)),
    "a listing of one page": (reached("listing", YEAR, [0, 1, 2, 3, 4], is_cut=True), day(1)),
    "a listing without days": (reached("listing", YEAR, [], is_cut=True), None),
    "an open window": (reached("listing", Window(), [0, 1, 2], [3, 4, 400]), day(4)),
    "a sitemap": (reached("sitemap", YEAR, [0, 3, 9, 20]), day(19)),
    "an old entry": (reached("sitemap", YEAR, [0, 3, 9, 300]), day(8)),
    "an entry of tomorrow": (reached("sitemap", YEAR, [-40, 0, 3]), day(2)),
    "a sitemap beyond the window": (reached("sitemap", Window(day(5)), [0, 3, 9, 20]), day(5)),
    "a feed without days": (reached("feed", YEAR, []), None),
    "a sitemap that failed": (reached("sitemap", YEAR, errors=2), day(365)),
    "a feed that failed in an open window": (reached("feed", Window(), errors=1), day(7)),
    "a listing that broke off": (reached("listing", YEAR, [0, 1], is_cut=True, errors=1), day(0)),
}


@pytest.mark.parametrize("case", SHOWN)
def test_a_way_vouches_for_the_days_that_it_showed(case: str) -> None:
    found, since = SHOWN[case]
    assert (found and found.since) == since
    if found:
        assert found.until == TODAY
        assert (found.error is not None) == ("failed" in case or "broke" in case)


def test_several_errors_of_a_way_are_counted() -> None:
    found = reached("sitemap", YEAR, errors=3)
    assert found
    assert found.error == "broken 0 (and 2 more)"


def test_the_silence_of_an_archive_closes_no_day(room: Room) -> None:
    states = ledger(room, asking("wayback", day(4), day(1)), announcement(web(1), day(3), method="wayback"))
    assert states == {day(4): "not checked", day(3): "failed", day(2): "not checked", day(1): "not checked"}
    room.load(batch((capture(1, web(1), via="wayback", via_url="copy"), stale(1, 3))))
    states = ledger(room)
    assert states[day(3)] == "partial"
    assert room.one("SELECT detail FROM coverage_gaps WHERE gap = 'partial'") == "only archives were asked"
    states = ledger(room, asking("search", day(4), day(1), minutes=1))
    assert states == {day(4): "no articles", day(3): "complete", day(2): "no articles", day(1): "no articles"}


def test_what_was_asked_of_one_way_is_due_for_the_others(room: Room) -> None:
    ledger(room, asking("wayback", day(4), day(1)))

    def due(*methods: DiscoveryMethod) -> int:
        return len(past.find_due_days(STDAILY, room.warehouse, Window(day(5), day(1)), methods=methods))

    assert due("wayback") == 1
    assert due("wayback", "search") == 5
    assert due("listing") == 5
    ledger(room, asking("search", day(4), day(3), minutes=1))
    assert due("wayback", "search") == 3
    ledger(room, asking("search", day(4), day(3), minutes=2, error="down"))
    assert due("wayback") == 1
    assert due("wayback", "search") == 5


def stale(number: int, days_ago: int) -> Any:
    """An article of so many days ago."""
    at = NOON - timedelta(days=days_ago)
    return article(number, web(number), published_at=at, title=f"Title {number}", text=f"Text {number}")


def test_a_lost_listing_is_made_good_by_the_next_one_that_was_read(room: Room) -> None:
    given = [asking("search", day(9), day(1)), asking("listing", day(9), day(1), error="a listing is dead")]
    assert set(ledger(room, *given).values()) == {"partial"}
    states = ledger(room, asking("listing", day(3), day(0), minutes=5))
    assert set(states.values()) == {"no articles"}
    states = ledger(room, asking("search", day(9), day(1), minutes=6, error="down"))
    assert states[day(9)] == "failed"
    assert states[day(1)] == "partial"


def test_a_missing_article_of_a_month_counts_on_its_last_covered_day(room: Room) -> None:
    february = date(2026, 2, 28)
    given = announcement(factories.hashed(1), february), announcement(web(2), day(12))
    states = ledger(room, *given, asking("search", date(2026, 2, 1), date(2026, 2, 20)), columns="missing")
    assert {day: missing for day, missing in states.items() if missing} == {day(12): 1, date(2026, 2, 20): 1}


def test_what_is_missing_is_counted_over_the_sections(room: Room) -> None:
    given = [announcement(web(n), day(2), section=f"Section {n % 2}") for n in range(2)]
    room.load(batch(rejects=[reject(None, web(n), reason=Reason.ROBOTS) for n in range(2)]))
    ledger(room, *given, asking("search", day(3), day(1)))
    assert room.ask("SELECT missing, detail FROM coverage_gaps") == [(2, "2 missing (robots)")]


def test_what_is_wanted_again_is_all_that_may_become_an_article(room: Room) -> None:
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
    known = room.warehouse.crawl_state.known_urls("stdaily", due_before=after(-1), is_wanted=True)
    assert known == {web(2), web(3), web(4), web(9)}
    for number in (0, 3):
        room.warehouse.crawl_state.add_override("stdaily", url=web(number), made_at=after(5))
    assert room.warehouse.crawl_state.known_urls("stdaily", due_before=after(-1)) == {
        web(1),
        web(2),
        web(4),
        web(9),
    }


def test_an_address_that_only_an_archive_gave_is_unknown_whatever_the_others_of_its_article(
    room: Room,
) -> None:
    old, same = factories.hashed(1), {"title": "One", "text": "A text."}
    copy = capture(1, old, via="wayback", via_url="copy", obtained_at=NOON)
    room.load(batch((copy, article(1, old, **same)), page(2, web(2), at=after(1), **same)))
    assert room.one("SELECT count(*) FROM articles") == 1
    assert room.warehouse.crawl_state.known_urls("stdaily", due_before=NOON) == {web(2)}


def test_what_only_a_backfill_has_met_is_not_the_daily_runs(room: Room) -> None:
    room.warehouse.finish_run(
        room.run_id, ended_at=after(10), state="completed", discovered=0, already_loaded=0
    )
    room.load(batch(rejects=[reject(None, web(1), reason=Reason.FETCH_FAILED, at=after(5))]))
    filling = room.warehouse.start_run("stdaily", kind="backfill", window=Window(), started_at=after(20))
    rejected = [reject(None, web(n), reason=Reason.FETCH_FAILED, at=after(25)) for n in (2, 3)]
    announced = DiscoveredLink("stdaily", web(3), "listing", None, None, TODAY, "list", after(6))
    room.warehouse.load(replace(batch(rejects=rejected), discovered_links=(announced,)), run_id=filling)
    assert [link.url for link in room.warehouse.crawl_state.due_links("stdaily", now=after(60))] == [
        web(1),
        web(3),
    ]


def test_one_text_is_as_old_as_its_oldest_capture_in_any_order(tmp_path: Path) -> None:
    pages = [page(n, web(1), at=after(n), title="One", text="A text.") for n in (1, 2, 3)]
    seen = set()
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2)):
        room = Room(tmp_path / f"{order[0]}.duckdb")
        for place in order:
            room.load(batch(pages[place]))
        seen.add(room.one("SELECT (first_seen_at, changed_at) FROM articles"))
        room.warehouse.close()
    assert seen == {(after(1), after(1))}


def test_the_month_in_an_address_goes_before_a_later_change() -> None:
    def days(url: str, at: datetime) -> tuple[date, date] | None:
        return urls.get_link_days(STDAILY, Link("stdaily", url, "", published_at=at))

    within, later = datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    assert days(factories.hashed(1), within) == (date(2026, 3, 9), date(2026, 3, 9))
    assert days(factories.hashed(1), later) == (date(2026, 3, 1), date(2026, 3, 31))
    assert days(web(1), later) == (date(2026, 3, 1), date(2026, 3, 1))
    assert days(f"{factories.HOME}/other.html", later) == (date(2026, 4, 2), date(2026, 4, 2))


def test_two_ways_may_fail_in_different_months(tmp_path: Path) -> None:
    with replica_runs.served(20, since=FIRST, until=date(2025, 10, 10), rejected=0) as replica:
        replica.inject(faults.status(503), at="/cdx/search/cdx.*")
        replica.inject(faults.status(200, body=b"<html>"), at=".*Search.do.*")
        done = filled(tmp_path, replica, Window(date(2025, 9, 30), date(2025, 10, 1)), "search", "wayback")
    assert done.failed_methods == {"search": 2, "wayback": 2}


def filled(
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


def test_a_run_that_begins_later_than_the_daily_one_would_is_none(tmp_path: Path) -> None:
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


def test_a_section_that_the_index_names_no_more_is_read_on_until_it_is_dead(tmp_path: Path) -> None:
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


def test_ways_are_named_once_and_one_at_least(tmp_path: Path) -> None:
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


def test_days_made_anew_alone_give_the_ledger_that_all_would_give(room: Room) -> None:
    """Load random batches: after each the ledger is as if made of everything. tests/long has more turns."""
    spared, rows = check_coverage(room, range(26), since=18)
    assert spared > 5
    assert rows > 60
