"""Past days are filled, each once; the ledger says what is missing, and the daily run is not moved."""

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
from newsetl.pipeline import backfill as past
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
    """Serve two articles a day; none that is refused anyway."""
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
    """A backfill into the folder, as the command does it, in this process."""
    source, where = apart(replica), DataFolder(folder)
    with recover.open_warehouse(where, clock=replica_runs.now, declared=[source]) as warehouse:
        return past.backfill(
            source,
            warehouse,
            where.archive,
            clock=replica_runs.now,
            window=Window(since, until),
            **({"methods": LIVE} | options),
        )


def apart(replica: MockServer) -> Source:
    """The source with its archive on a host of another name, so that it is not the site's own."""
    source, there = replica_runs.source_of(replica), replica.base_url.replace("127.0.0.1", "localhost")
    assert source.wayback
    wayback = replace(source.wayback, cdx=f"{there}/cdx/search/cdx", replay=f"{there}/web/")
    return replace(source, hosts=source.hosts[:1], wayback=wayback)


def stories_of(replica: MockServer, day: date) -> list[MockArticle]:
    return [story for story in replica.site.listed_articles if story.published_at.date() == day]


def pages_of(replica: MockServer, day: date) -> str:
    """A pattern for the addresses of the day's articles."""
    return "|".join(re.escape(path) for story in stories_of(replica, day) for path in story.paths)


def days_from(replica: MockServer, first: date) -> list[date]:
    """Return those of three days whose articles stand at their current address alone."""
    days = [first + timedelta(n) for n in range(3)]
    return [day for day in days if "shtml" not in pages_of(replica, day)]


def states(folder: Path) -> dict[date, str]:
    return dict(replica_runs.rows(folder, "SELECT published_on, state FROM coverage_calendar"))


def gaps(folder: Path) -> list[tuple[date, date, str]]:
    return replica_runs.rows(folder, "SELECT since, until, gap FROM coverage_gaps")


def test_every_day_is_filled_once_and_a_second_time_nothing_is_asked(
    replica: MockServer, tmp_path: Path
) -> None:
    done = fill(tmp_path, replica)
    assert (done.state, done.days, done.days_due, done.days_done) == ("completed", 14, 14, 14)
    assert done.new == 28
    assert set(states(tmp_path).values()) == {"complete"}
    before, asked = replica_runs.contents(tmp_path), len(replica.requests)
    again = fill(tmp_path, replica)
    assert (again.state, again.days_due, again.new) == ("completed", 0, 0)
    assert len(replica.requests) == asked
    assert replica_runs.contents(tmp_path) == before
    looked = fill(tmp_path, replica, include_complete=True)
    assert (looked.days_done, looked.new) == (14, 0)
    assert not [path for _, path in replica.requests[asked:] if "content_" in path]


def test_the_ledger_names_what_is_missing_and_its_commands_fill_it(tmp_path: Path) -> None:
    with replica_runs.served(42, since=SINCE, until=UNTIL, rejected=0) as replica:
        hidden = {date(2026, 1, 26), date(2026, 2, 3), date(2026, 2, 4)}
        # Of other weekdays than the hidden days: a day is silent if others of its weekday are not.
        rejected = days_from(replica, date(2026, 1, 29))[0]
        # With more addresses that fail in a row the site counts as down.
        late = days_from(replica, date(2026, 2, 5))
        silent = next(day for day in late if re.fullmatch(r"[^|]+(\|[^|]+){1,3}", pages_of(replica, day)))
        refused_pages, silent_pages = pages_of(replica, rejected), pages_of(replica, silent)
        replica.site.hidden = frozenset(hidden)
        replica.inject(faults.status(403), at=refused_pages)
        replica.inject(faults.reset, at=silent_pages)
        done = fill(tmp_path, replica)
        assert done.state == "completed"
        assert gaps(tmp_path) == [
            (date(2026, 1, 26), date(2026, 1, 26), "overdue"),
            (rejected, rejected, "failed"),
            (date(2026, 2, 3), date(2026, 2, 4), "overdue"),
            (silent, silent, "failed"),
        ]
        missing = {day: len(stories_of(replica, day)) for day in (rejected, silent)}
        assert (
            dict(replica_runs.rows(tmp_path, "SELECT since, missing FROM coverage_gaps WHERE missing > 0"))
            == missing
        )
        replica.site.hidden = frozenset()
        replica.clear_faults()
        asked = len(replica.requests)
        for (command,) in replica_runs.rows(tmp_path, "SELECT command FROM coverage_gaps"):
            program, *words = shlex.split(command)
            assert program == "newsetl"
            ended = newsetl(
                *words, "--method", ",".join(LIVE), "--base-url", replica.base_url, "--data", tmp_path
            )
            assert ended.returncode == 0, ended.stdout + ended.stderr
        assert gaps(tmp_path) == []
        assert set(states(tmp_path).values()) == {"complete"}
        days = {str(day) for day in (*hidden, rejected, silent)}
        pages = [path for _, path in replica.requests[asked:] if "/web/English/20" in path]
        assert {re.sub(r".*/(\d{4}-\d\d)/(\d\d)/.*", r"\1-\2", path) for path in pages} == days


def test_a_day_without_articles_is_quiet_once_somebody_looked_again(
    with_gaps: MockServer, filled_with_gaps: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(filled_with_gaps, tmp_path / "data")
    assert gaps(folder) == [(WEDNESDAY, WEDNESDAY, "overdue")]
    fill(folder, with_gaps, WEDNESDAY, WEDNESDAY, include_complete=True)
    assert states(folder)[WEDNESDAY] == "no articles"
    assert gaps(folder) == []


def test_what_a_weekday_never_has_is_not_expected_of_it(filled_with_gaps: Path) -> None:
    assert gaps(filled_with_gaps) == [(WEDNESDAY, WEDNESDAY, "overdue")]
    assert {states(filled_with_gaps)[day] for day in SUNDAYS} == {"no articles"}


def test_status_shows_the_days_and_what_to_run(filled_with_gaps: Path) -> None:
    ended = newsetl("status", "--data", filled_with_gaps)
    assert ended.returncode == 0
    assert f"2026-01 {' ' * 24}.##s###\n" in ended.stdout
    assert "2026-02 .######\n" in ended.stdout
    assert "newsetl backfill stdaily --since 2026-01-28 --until 2026-01-28 --include-complete" in ended.stdout


def test_a_dry_run_says_which_days_are_due_and_asks_nobody(
    with_gaps: MockServer, filled_with_gaps: Path, tmp_path: Path
) -> None:
    folder, asked = shutil.copytree(filled_with_gaps, tmp_path / "data"), len(with_gaps.requests)
    command = ("backfill", "stdaily", "--since", "2026-01-23", "--until", "2026-02-15", "--dry-run")
    ended = newsetl(*command, "--base-url", with_gaps.base_url, "--data", folder)
    assert ended.returncode == 0
    assert "10 days are due" in ended.stdout
    assert "2026-01-23 to 2026-01-24 (2 days)" in ended.stdout
    assert "2026-02-08 to 2026-02-15 (8 days)" in ended.stdout
    assert len(with_gaps.requests) == asked


def test_days_between_two_backfills_were_never_asked_for(replica: MockServer, tmp_path: Path) -> None:
    fill(tmp_path, replica, date(2026, 2, 4), date(2026, 2, 6))
    fill(tmp_path, replica, date(2026, 1, 26), date(2026, 1, 28), oldest_first=True)
    assert gaps(tmp_path) == [(date(2026, 1, 29), date(2026, 2, 3), "not checked")]
    assert set(states(tmp_path).values()) == {"complete", "not checked"}


@pytest.fixture
def shallow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the mock site's listings and sitemap show only a few of the newest articles."""
    monkeypatch.setattr(listings, "ROWS", 2)
    monkeypatch.setattr(listings, "SITEMAP_URLS", 5)


@pytest.mark.usefixtures("shallow")
def test_the_next_daily_run_fetches_what_it_would_have(replica: MockServer, tmp_path: Path) -> None:
    source = replica_runs.source_of(replica)
    source = replace(source, discover=replace(source.discover, max_pages=1))
    replica_runs.ingest(tmp_path / "plain", source)
    shutil.copytree(tmp_path / "plain", tmp_path / "filled")
    assert fill(tmp_path / "filled", replica, methods=("search",)).new > 5
    replica.site.add(3)
    asked: list[list[str]] = []
    for name in ("plain", "filled"):
        began = len(replica.requests)
        replica_runs.ingest(tmp_path / name, source)
        asked.append([path for _, path in replica.requests[began:]])
    assert asked[1] == asked[0]
    assert sum("content_" in path for path in asked[0]) >= 3


def test_the_daily_run_takes_what_only_archives_gave(replica: MockServer, tmp_path: Path) -> None:
    replica.wayback.add_captures()
    filled = fill(tmp_path, replica, methods=("wayback",))
    assert (filled.state, filled.new) == ("completed", 28)
    daily = replica_runs.ingest(tmp_path, replica_runs.source_of(replica))
    assert (daily.already_loaded, daily.new) == (0, 0)
    assert daily.fetched == daily.found >= 28


def test_archives_that_hold_nothing_leave_no_gap(replica: MockServer, tmp_path: Path) -> None:
    done = fill(tmp_path, replica, date(2026, 2, 1), date(2026, 2, 4), methods=None)
    assert (done.state, done.archive_copies) == ("completed", 0)
    assert set(states(tmp_path).values()) == {"complete"}


def test_one_article_of_three_ways_has_three_captures_and_its_oldest_date(tmp_path: Path) -> None:
    with replica_runs.served(12, since=date(2026, 2, 1), until=date(2026, 2, 4), rejected=0) as replica:
        replica.wayback.add_captures(after=[timedelta(days=2)])
        replica.commoncrawl.add_captures(after=[timedelta(days=9)])
        done = fill(tmp_path, replica, date(2026, 2, 1), date(2026, 2, 4), methods=None)
        assert done.state == "completed", done.error
        first = {
            story.build_expected(replica.base_url)["url"]: story.published_at + timedelta(days=2)
            for story in replica.site.listed_articles
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
def test_a_way_that_fails_leaves_its_days_partial_with_the_reason(
    replica: MockServer, tmp_path: Path, fault: Any, at: str, method: DiscoveryMethod
) -> None:
    replica.inject(fault, at=at)
    since = date(2026, 2, 5)
    done = fill(tmp_path, replica, since, UNTIL, methods=(*LIVE, "wayback"))
    assert done.state == "completed", done.error
    # Some old addresses say the month alone; what they turn out to be is kept.
    assert done.new >= sum(story.published_at.date() >= since for story in replica.site.listed_articles)
    ((start, end, gap, why, command),) = replica_runs.rows(
        tmp_path, "SELECT since, until, gap, detail, command FROM coverage_gaps"
    )
    assert (start, end, gap) == (since, UNTIL, "partial")
    assert why.startswith(f"{method}: ")
    assert command.endswith("--retry-failed")
    replica.clear_faults()
    asked = len(replica.requests)
    again = fill(tmp_path, replica, retry_failed=True, methods=(*LIVE, "wayback"))
    assert again.days_due == 3
    assert gaps(tmp_path) == []
    assert not [path for _, path in replica.requests[asked:] if "content_" in path]


def test_a_site_that_is_down_ends_the_backfill_and_its_days_stay_due(
    replica: MockServer, tmp_path: Path
) -> None:
    replica.inject(faults.status(503), at="/web/English/20.*")
    done = fill(tmp_path, replica)
    assert done.state == "failed"
    assert "5 URLs failed in a row" in (done.error or "")
    replica.clear_faults()
    assert fill(tmp_path, replica).state == "completed"
    assert replica_runs.rows(tmp_path, "SELECT count(*) FROM articles") == [(28,)]
    assert set(states(tmp_path).values()) == {"complete"}


def test_a_rebuilt_ledger_is_the_same(replica: MockServer, tmp_path: Path) -> None:
    day = days_from(replica, date(2026, 1, 29))[0]
    replica.inject(faults.status(403), at=pages_of(replica, day))
    replica.wayback.add_captures(missing=[day])
    fill(tmp_path, replica, methods=(*LIVE, "wayback"))
    replica_runs.ingest(tmp_path, replica_runs.source_of(replica))
    with replica_runs.opened(tmp_path, replica_runs.source_of(replica)) as warehouse:
        warehouse.crawl_state.add_override("stdaily", start_on=day, made_at=replica_runs.now())
        said = warehouse.operator_overrides()
    done = rebuild(DataFolder(tmp_path), clock=replica_runs.now, declared=[replica_runs.source_of(replica)])
    assert done.differing_tables == ()
    assert len(gaps(tmp_path)) == 1
    with replica_runs.opened(tmp_path, replica_runs.source_of(replica)) as warehouse:
        assert warehouse.operator_overrides() == said


WRONG = {
    "reversed": ((date(2026, 2, 2), date(2026, 2, 1)), "is after --until 2026-02-01; exchange them"),
    "in the future": ((date(2026, 2, 2), date(2126, 2, 1)), "--until 2126-02-01 is in the future"),
    "before the channel": ((date(1999, 1, 1), date(1999, 2, 1)), "has published since 2017-01-01"),
    "without a start": ((None, date(2026, 2, 1)), "--since is missing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_window_that_cannot_be_is_named(case: str) -> None:
    (since, until), message = WRONG[case]
    with pytest.raises(ConfigError, match=re.escape(message)):
        past.check_window(
            sources.load("stdaily"), Window(since, until), now=datetime(2026, 11, 24, tzinfo=UTC)
        )


def test_a_way_that_the_source_has_not_is_named(replica: MockServer, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no way 'feed'; it has: listing, sitemap, search"):
        fill(tmp_path, replica, methods=("feed",))
    ended = newsetl("backfill", "stdaily", "--since", SINCE, "--method", "files", cwd=tmp_path)
    assert ended.returncode == 2
    assert "saved files: newsetl import" in ended.stderr


@pytest.mark.usefixtures("shallow")
def test_a_person_can_send_the_daily_run_back_and_have_addresses_forgotten(tmp_path: Path) -> None:
    with replica_runs.served(28, since=SINCE, until=UNTIL, rejected=0) as replica:
        source = replica_runs.source_of(replica)
        replica_runs.ingest(tmp_path, source)
        url = source.home.rpartition("/web/")[0] + replica.site.listed_articles[-1].paths[0]
        again = replica_runs.ingest(tmp_path, source)
        for command in (
            ["reset", "stdaily", "--to", "2026-01-26"],
            ["refetch", "stdaily", url, "--base-url", replica.base_url],
        ):
            ended = newsetl("state", *command, "--data", tmp_path)
            assert ended.returncode == 0, ended.stdout + ended.stderr
        back = replica_runs.ingest(tmp_path, source)
        assert back.discovered > again.found
        assert back.fetched == 1
        assert replica_runs.ingest(tmp_path, source).fetched == 0
    ended = newsetl("state", "show", "stdaily", "--data", tmp_path)
    assert ended.returncode == 0
    assert "rewind" in ended.stdout
    assert "forget" in ended.stdout


def test_the_daily_run_is_late_and_takes_its_days(replica: MockServer, tmp_path: Path) -> None:
    """The day it was due counts as asked for by the run that came after it was over."""
    source = replace(replica_runs.source_of(replica))
    replica_runs.ingest(tmp_path, source)
    assert states(tmp_path)[UNTIL] == "complete"
    found = replica_runs.rows(tmp_path, "SELECT method, until FROM discovery_queries ORDER BY method")
    assert [method for method, _ in found] == ["listing", "sitemap"]
    with recover.open_warehouse(DataFolder(tmp_path), clock=replica_runs.now, declared=[source]) as warehouse:
        warehouse.register_source(source)
        warehouse.rebuild_coverage("stdaily")
        before = compare.compute_digests(warehouse.connection, {})["coverage"]
        warehouse.rebuild_coverage("stdaily")
        assert compare.compute_digests(warehouse.connection, {})["coverage"] == before
