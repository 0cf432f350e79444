"""Backfill of past days: each day once, coverage with gaps, and an unchanged daily run."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsetl import sources
from newsetl.db import compare
from newsetl.errors import ConfigError
from newsetl.model import DiscoveryMethod, Window
from newsetl.pipeline import backfill as backfill_
from newsetl.pipeline import recover, summary
from newsetl.pipeline.rebuild import rebuild
from newsetl.replica import MockArticle, MockServer, faults, listings
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source
from tests.support import replica_runs
from tests.support.commands import newsetl

# Two weeks of two months, Sunday to Saturday.
SINCE, UNTIL = date(2026, 1, 25), date(2026, 2, 7)
LIVE: tuple[DiscoveryMethod, ...] = ("listing", "sitemap", "search")
# Without articles: every Sunday, and one Wednesday of two.
SUNDAYS, WEDNESDAY = frozenset({date(2026, 1, 25), date(2026, 2, 1)}), date(2026, 1, 28)


@pytest.fixture
def replica() -> Iterator[MockServer]:
    """Serve two articles a day, none of them a reject."""
    with replica_runs.served(28, since=SINCE, until=UNTIL, rejected=0) as served:
        yield served


@pytest.fixture(scope="module")
def with_gaps() -> Iterator[MockServer]:
    """Serve four articles a day, but none on the Sundays and on one Wednesday."""
    with replica_runs.served(56, since=SINCE, until=UNTIL, rejected=0) as served:
        served.site.hidden = SUNDAYS | {WEDNESDAY}
        yield served


@pytest.fixture(scope="module")
def filled_with_gaps(with_gaps: MockServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a data directory from the mock site with gaps, to be read only."""
    folder = tmp_path_factory.mktemp("with_gaps")
    fill(folder, with_gaps)
    return folder


def fill(
    folder: Path, replica: MockServer, since: date = SINCE, until: date = UNTIL, **options: Any
) -> summary.BackfillSummary:
    """Backfill the data directory in this process, as the command does."""
    source, data = separate_archive_host(replica), DataFolder(folder)
    with recover.open_warehouse(data, clock=replica_runs.now, declared=[source]) as warehouse:
        return backfill_.backfill(
            source,
            warehouse,
            data.archive,
            clock=replica_runs.now,
            window=Window(since, until),
            **({"methods": LIVE} | options),
        )


def separate_archive_host(replica: MockServer) -> Source:
    """Return the source with its web archive on another host than the site."""
    source, archive_url = replica_runs.source_of(replica), replica.base_url.replace("127.0.0.1", "localhost")
    assert source.wayback
    wayback = replace(source.wayback, cdx=f"{archive_url}/cdx/search/cdx", replay=f"{archive_url}/web/")
    return replace(source, hosts=source.hosts[:1], wayback=wayback)


def list_articles(replica: MockServer, day: date) -> list[MockArticle]:
    """List the articles of a day."""
    return [article for article in replica.site.listed_articles if article.published_at.date() == day]


def build_url_pattern(replica: MockServer, day: date) -> str:
    """Build a pattern for the URL paths of a day's articles."""
    return "|".join(re.escape(path) for article in list_articles(replica, day) for path in article.paths)


def list_days_without_old_urls(replica: MockServer, first: date) -> list[date]:
    """List the days of three, from `first` on, whose articles have only their current URL."""
    days = [first + timedelta(n) for n in range(3)]
    return [day for day in days if "shtml" not in build_url_pattern(replica, day)]


def get_states(folder: Path) -> dict[date, str]:
    """Return day → state of the coverage."""
    return dict(replica_runs.rows(folder, "SELECT published_on, state FROM coverage_calendar"))


def list_gaps(folder: Path) -> list[tuple[date, date, str]]:
    """List the gaps of the coverage: first day, last day, kind."""
    return replica_runs.rows(folder, "SELECT since, until, gap FROM coverage_gaps")


def test_a_second_backfill_sends_no_request(replica: MockServer, tmp_path: Path) -> None:
    done = fill(tmp_path, replica)
    assert (done.state, done.days, done.days_due, done.days_done) == ("completed", 14, 14, 14)
    assert done.new == 28
    assert set(get_states(tmp_path).values()) == {"complete"}
    before, request_count = replica_runs.contents(tmp_path), len(replica.requests)
    repeated = fill(tmp_path, replica)
    assert (repeated.state, repeated.days_due, repeated.new) == ("completed", 0, 0)
    assert len(replica.requests) == request_count
    assert replica_runs.contents(tmp_path) == before
    rechecked = fill(tmp_path, replica, include_complete=True)
    assert (rechecked.days_done, rechecked.new) == (14, 0)
    assert not [path for _, path in replica.requests[request_count:] if "content_" in path]


def test_the_commands_of_coverage_gaps_fill_the_gaps(tmp_path: Path) -> None:
    with replica_runs.served(42, since=SINCE, until=UNTIL, rejected=0) as replica:
        hidden = {date(2026, 1, 26), date(2026, 2, 3), date(2026, 2, 4)}
        # Of other weekdays than the hidden days: a day is overdue only if its weekday usually has articles.
        rejected = list_days_without_old_urls(replica, date(2026, 1, 29))[0]
        # With more failing URLs in a row the site counts as down.
        late_days = list_days_without_old_urls(replica, date(2026, 2, 5))
        failing = next(
            day for day in late_days if re.fullmatch(r"[^|]+(\|[^|]+){1,3}", build_url_pattern(replica, day))
        )
        blocked_pages, failing_pages = (
            build_url_pattern(replica, rejected),
            build_url_pattern(replica, failing),
        )
        replica.site.hidden = frozenset(hidden)
        replica.inject(faults.status(403), at=blocked_pages)
        replica.inject(faults.reset, at=failing_pages)
        done = fill(tmp_path, replica)
        assert done.state == "completed"
        assert list_gaps(tmp_path) == [
            (date(2026, 1, 26), date(2026, 1, 26), "overdue"),
            (rejected, rejected, "failed"),
            (date(2026, 2, 3), date(2026, 2, 4), "overdue"),
            (failing, failing, "failed"),
        ]
        missing = {day: len(list_articles(replica, day)) for day in (rejected, failing)}
        assert (
            dict(replica_runs.rows(tmp_path, "SELECT since, missing FROM coverage_gaps WHERE missing > 0"))
            == missing
        )
        replica.site.hidden = frozenset()
        replica.clear_faults()
        request_count = len(replica.requests)
        for (command,) in replica_runs.rows(tmp_path, "SELECT command FROM coverage_gaps"):
            program, *words = shlex.split(command)
            assert program == "newsetl"
            ended = newsetl(
                *words, "--method", ",".join(LIVE), "--base-url", replica.base_url, "--data", tmp_path
            )
            assert ended.returncode == 0, ended.stdout + ended.stderr
        assert list_gaps(tmp_path) == []
        assert set(get_states(tmp_path).values()) == {"complete"}
        days = {str(day) for day in (*hidden, rejected, failing)}
        pages = [path for _, path in replica.requests[request_count:] if "/web/English/20" in path]
        assert {re.sub(r".*/(\d{4}-\d\d)/(\d\d)/.*", r"\1-\2", path) for path in pages} == days


def test_a_day_without_articles_is_no_gap_after_a_recheck(
    with_gaps: MockServer, filled_with_gaps: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(filled_with_gaps, tmp_path / "data")
    assert list_gaps(folder) == [(WEDNESDAY, WEDNESDAY, "overdue")]
    fill(folder, with_gaps, WEDNESDAY, WEDNESDAY, include_complete=True)
    assert get_states(folder)[WEDNESDAY] == "no articles"
    assert list_gaps(folder) == []


def test_a_weekday_without_articles_is_no_gap(filled_with_gaps: Path) -> None:
    assert list_gaps(filled_with_gaps) == [(WEDNESDAY, WEDNESDAY, "overdue")]
    assert {get_states(filled_with_gaps)[day] for day in SUNDAYS} == {"no articles"}


def test_status_shows_the_days_and_the_commands(filled_with_gaps: Path) -> None:
    ended = newsetl("status", "--data", filled_with_gaps)
    assert ended.returncode == 0
    assert f"2026-01 {' ' * 24}.##s###\n" in ended.stdout
    assert "2026-02 .######\n" in ended.stdout
    assert "newsetl backfill stdaily --since 2026-01-28 --until 2026-01-28 --include-complete" in ended.stdout


def test_a_dry_run_lists_the_due_days_without_a_request(
    with_gaps: MockServer, filled_with_gaps: Path, tmp_path: Path
) -> None:
    folder, request_count = shutil.copytree(filled_with_gaps, tmp_path / "data"), len(with_gaps.requests)
    command = ("backfill", "stdaily", "--since", "2026-01-23", "--until", "2026-02-15", "--dry-run")
    ended = newsetl(*command, "--base-url", with_gaps.base_url, "--data", folder)
    assert ended.returncode == 0
    assert "10 days are due" in ended.stdout
    assert "2026-01-23 to 2026-01-24 (2 days)" in ended.stdout
    assert "2026-02-08 to 2026-02-15 (8 days)" in ended.stdout
    assert len(with_gaps.requests) == request_count


def test_days_between_two_backfills_are_not_checked(replica: MockServer, tmp_path: Path) -> None:
    fill(tmp_path, replica, date(2026, 2, 4), date(2026, 2, 6))
    fill(tmp_path, replica, date(2026, 1, 26), date(2026, 1, 28), oldest_first=True)
    assert list_gaps(tmp_path) == [(date(2026, 1, 29), date(2026, 2, 3), "not checked")]
    assert set(get_states(tmp_path).values()) == {"complete", "not checked"}


@pytest.fixture
def shallow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the mock site's listings and sitemap show only a few of the newest articles."""
    monkeypatch.setattr(listings, "ROWS", 2)
    monkeypatch.setattr(listings, "SITEMAP_URLS", 5)


@pytest.mark.usefixtures("shallow")
def test_a_backfill_does_not_change_the_next_daily_run(replica: MockServer, tmp_path: Path) -> None:
    source = replica_runs.source_of(replica)
    source = replace(source, discover=replace(source.discover, max_pages=1))
    replica_runs.ingest(tmp_path / "plain", source)
    shutil.copytree(tmp_path / "plain", tmp_path / "filled")
    assert fill(tmp_path / "filled", replica, methods=("search",)).new > 5
    replica.site.add(3)
    requested: list[list[str]] = []
    for name in ("plain", "filled"):
        count_before = len(replica.requests)
        replica_runs.ingest(tmp_path / name, source)
        requested.append([path for _, path in replica.requests[count_before:]])
    assert requested[1] == requested[0]
    assert sum("content_" in path for path in requested[0]) >= 3


def test_the_daily_run_fetches_pages_that_came_from_archives(replica: MockServer, tmp_path: Path) -> None:
    replica.wayback.add_captures()
    filled = fill(tmp_path, replica, methods=("wayback",))
    assert (filled.state, filled.new) == ("completed", 28)
    daily = replica_runs.ingest(tmp_path, replica_runs.source_of(replica))
    assert (daily.already_loaded, daily.new) == (0, 0)
    assert daily.fetched == daily.discovered >= 28


def test_empty_web_archives_leave_no_gap(replica: MockServer, tmp_path: Path) -> None:
    done = fill(tmp_path, replica, date(2026, 2, 1), date(2026, 2, 4), methods=None)
    assert (done.state, done.archive_copies) == ("completed", 0)
    assert set(get_states(tmp_path).values()) == {"complete"}


def test_an_article_from_three_methods_has_three_captures_and_its_first_date(tmp_path: Path) -> None:
    with replica_runs.served(12, since=date(2026, 2, 1), until=date(2026, 2, 4), rejected=0) as replica:
        replica.wayback.add_captures(after=[timedelta(days=2)])
        replica.commoncrawl.add_captures(after=[timedelta(days=9)])
        done = fill(tmp_path, replica, date(2026, 2, 1), date(2026, 2, 4), methods=None)
        assert done.state == "completed", done.error
        first = {
            article.build_expected(replica.base_url)["url"]: article.published_at + timedelta(days=2)
            for article in replica.site.listed_articles
        }
    found = replica_runs.rows(
        tmp_path,
        "SELECT url, first_seen_at, (SELECT list(DISTINCT via ORDER BY via) FROM captures "
        "WHERE captures.article_id = articles.article_id) FROM articles",
    )
    assert {url: seen.replace(microsecond=0) for url, seen, _ in found} == {
        url: seen.astimezone(UTC).replace(microsecond=0) for url, seen in first.items()
    }
    assert all(vias == ["commoncrawl", "wayback", "web"] for *_, vias in found)
    methods = replica_runs.rows(
        tmp_path, "SELECT DISTINCT unnest(map_keys(discovered_by)) FROM coverage ORDER BY 1"
    )
    assert [method for (method,) in methods] == ["commoncrawl", "listing", "search", "sitemap", "wayback"]


@pytest.mark.parametrize(
    ("fault", "at", "method"),
    [
        (faults.retry_after(3600), "/cdx/search/cdx.*", "wayback"),
        (faults.status(200, body=b"<html>no JSON</html>"), ".*Search.do.*", "search"),
        (faults.status(503), "/sitemap.xml", "sitemap"),
    ],
)
def test_a_failed_method_leaves_its_days_partial_with_the_reason(
    replica: MockServer, tmp_path: Path, fault: Any, at: str, method: DiscoveryMethod
) -> None:
    replica.inject(fault, at=at)
    since = date(2026, 2, 5)
    done = fill(tmp_path, replica, since, UNTIL, methods=(*LIVE, "wayback"))
    assert done.state == "completed", done.error
    # Some old URLs have only the month: their articles are loaded, whatever their day.
    assert done.new >= sum(article.published_at.date() >= since for article in replica.site.listed_articles)
    ((start, end, gap, detail, command),) = replica_runs.rows(
        tmp_path, "SELECT since, until, gap, detail, command FROM coverage_gaps"
    )
    assert (start, end, gap) == (since, UNTIL, "partial")
    assert detail.startswith(f"{method}: ")
    assert command.endswith("--retry-failed")
    replica.clear_faults()
    request_count = len(replica.requests)
    retried = fill(tmp_path, replica, retry_failed=True, methods=(*LIVE, "wayback"))
    assert retried.days_due == 3
    assert list_gaps(tmp_path) == []
    assert not [path for _, path in replica.requests[request_count:] if "content_" in path]


def test_a_site_that_is_down_fails_the_backfill_and_its_days_stay_due(
    replica: MockServer, tmp_path: Path
) -> None:
    replica.inject(faults.status(503), at="/web/English/20.*")
    done = fill(tmp_path, replica)
    assert done.state == "failed"
    assert "5 URLs failed in a row" in (done.error or "")
    replica.clear_faults()
    assert fill(tmp_path, replica).state == "completed"
    assert replica_runs.rows(tmp_path, "SELECT count(*) FROM articles") == [(28,)]
    assert set(get_states(tmp_path).values()) == {"complete"}


def test_a_rebuilt_coverage_is_the_same(replica: MockServer, tmp_path: Path) -> None:
    day = list_days_without_old_urls(replica, date(2026, 1, 29))[0]
    replica.inject(faults.status(403), at=build_url_pattern(replica, day))
    replica.wayback.add_captures(missing=[day])
    fill(tmp_path, replica, methods=(*LIVE, "wayback"))
    replica_runs.ingest(tmp_path, replica_runs.source_of(replica))
    with replica_runs.opened(tmp_path, replica_runs.source_of(replica)) as warehouse:
        warehouse.crawl_state.add_override("stdaily", start_on=day, made_at=replica_runs.now())
        overrides = warehouse.crawl_state.list_overrides()
    done = rebuild(DataFolder(tmp_path), clock=replica_runs.now, declared=[replica_runs.source_of(replica)])
    assert done.differing_tables == ()
    assert len(list_gaps(tmp_path)) == 1
    with replica_runs.opened(tmp_path, replica_runs.source_of(replica)) as warehouse:
        assert warehouse.crawl_state.list_overrides() == overrides


INVALID_WINDOWS = {
    "reversed": ((date(2026, 2, 2), date(2026, 2, 1)), "is after --until 2026-02-01; exchange them"),
    "in the future": ((date(2026, 2, 2), date(2126, 2, 1)), "--until 2126-02-01 is in the future"),
    "before the source": ((date(1999, 1, 1), date(1999, 2, 1)), "has published since 2017-01-01"),
    "without a start": ((None, date(2026, 2, 1)), "--since is missing"),
}


@pytest.mark.parametrize("case", INVALID_WINDOWS)
def test_an_invalid_window_is_an_error(case: str) -> None:
    (since, until), message = INVALID_WINDOWS[case]
    with pytest.raises(ConfigError, match=re.escape(message)):
        backfill_.check_window(
            sources.load("stdaily"), Window(since, until), now=datetime(2026, 11, 24, tzinfo=UTC)
        )


def test_an_undeclared_method_is_an_error(replica: MockServer, tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match="has no discovery method 'feed'; use one of: listing, sitemap, search"
    ):
        fill(tmp_path, replica, methods=("feed",))
    ended = newsetl("backfill", "stdaily", "--since", SINCE, "--method", "files", cwd=tmp_path)
    assert ended.returncode == 2
    assert "saved files: newsetl import" in ended.stderr


@pytest.mark.usefixtures("shallow")
def test_state_reset_and_refetch_change_the_next_daily_run(tmp_path: Path) -> None:
    with replica_runs.served(28, since=SINCE, until=UNTIL, rejected=0) as replica:
        source = replica_runs.source_of(replica)
        replica_runs.ingest(tmp_path, source)
        url = source.home.rpartition("/web/")[0] + replica.site.listed_articles[-1].paths[0]
        second = replica_runs.ingest(tmp_path, source)
        for command in (
            ["reset", "stdaily", "--to", "2026-01-26"],
            ["refetch", "stdaily", url, "--base-url", replica.base_url],
        ):
            ended = newsetl("state", *command, "--data", tmp_path)
            assert ended.returncode == 0, ended.stdout + ended.stderr
        back = replica_runs.ingest(tmp_path, source)
        assert back.discovered > second.discovered
        assert back.fetched == 1
        assert replica_runs.ingest(tmp_path, source).fetched == 0
    ended = newsetl("state", "show", "stdaily", "--data", tmp_path)
    assert ended.returncode == 0
    assert "reset" in ended.stdout
    assert "refetch" in ended.stdout


def test_a_late_daily_run_covers_the_day_before(replica: MockServer, tmp_path: Path) -> None:
    """Count the day of the missed run as checked by the next run."""
    source = replace(replica_runs.source_of(replica))
    replica_runs.ingest(tmp_path, source)
    assert get_states(tmp_path)[UNTIL] == "complete"
    found = replica_runs.rows(tmp_path, "SELECT method, until FROM discovery_queries ORDER BY method")
    assert [method for method, _ in found] == ["listing", "sitemap"]
    with recover.open_warehouse(DataFolder(tmp_path), clock=replica_runs.now, declared=[source]) as warehouse:
        warehouse.register_source(source)
        warehouse.rebuild_coverage("stdaily")
        before = compare.compute_digests(warehouse.connection, {})["coverage"]
        warehouse.rebuild_coverage("stdaily")
        assert compare.compute_digests(warehouse.connection, {})["coverage"] == before
