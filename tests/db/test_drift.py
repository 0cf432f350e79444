"""Tests of regressions, which degrade a run and are listed with their day, and of overdue sources."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsetl.db import checks
from newsetl.db.writer import Warehouse
from newsetl.pipeline import rebuild
from newsetl.query import status
from newsetl.runtime.data_folder import DataFolder
from tests.support import factories, replica_runs
from tests.support.replica_runs import LAST_WEEK, RELAID, SINCE, Weeks, rows

REGRESSIONS_SQL = "SELECT field, week_on FROM drift WHERE is_regression"


def test_a_template_change_degrades_the_run_and_is_listed(weeks: Weeks) -> None:
    folder, (first, second, third) = weeks.folder, weeks.said
    assert first.splitlines()[0] == "completed"
    assert "DEGRADED" not in first
    lines = second.splitlines()
    assert lines[0] == "degraded"
    assert lines[2] == (
        "stdaily: DEGRADED: editors 29% in the 14 articles of the week from 2026-04-20, usually 86%, "
        "since 2026-04-22; look at"
    )
    shown = [line.split() for line in lines[3:6]]
    pages = rows(
        folder,
        'SELECT articles.url, file, "offset" FROM articles JOIN captures USING (capture_id) '
        f"WHERE published_on >= '{RELAID}' AND editors = [] ORDER BY published_at DESC LIMIT 3",
    )
    assert shown == [[url, f"({file}", "at", f"{offset})"] for url, file, offset in pages]
    assert lines[6:] == ["    newsetl check drift --source stdaily"]
    # The third run parsed no article of the week, so it is not degraded; the status still lists the week.
    assert third.splitlines()[0] == "completed"
    assert "DEGRADED" not in third
    items = list(map(str, status.list_action_items(folder / "news.duckdb")))
    assert [line.split("\n")[0] for line in items if "editors" in line] == [
        "stdaily: editors 29% in the 14 articles of the week from 2026-04-20, usually 86%"
    ]
    assert rows(folder, REGRESSIONS_SQL) == [("editors", LAST_WEEK)]


def test_a_run_without_a_regression_has_no_failing_rows(weeks: Weeks) -> None:
    folder = weeks.folder
    # The mock site's articles share two paragraphs.
    assert rows(
        folder,
        "SELECT name, failing_rows FROM check_results WHERE failing_rows IS DISTINCT FROM 0 ORDER BY ALL",
    ) == [("drift", 1), ("repeated_paragraphs", 2)]


def test_a_degraded_run_is_a_complete_run(weeks: Weeks, tmp_path: Path) -> None:
    folder = weeks.folder
    day = rows(folder, "SELECT max(started_at)::DATE FROM runs WHERE state = 'degraded'")[0][0]
    with Warehouse(Path(shutil.copy(folder / "news.duckdb", tmp_path))) as warehouse:
        warehouse.connection.execute("DELETE FROM runs WHERE state = 'completed'")
        assert warehouse.crawl_state.get_last_incremental_start("stdaily") in (
            day,
            day + timedelta(days=1),
        )  # the source's timezone is ahead of UTC


def test_a_rebuild_restores_the_degraded_state(weeks: Weeks, tmp_path: Path) -> None:
    folder = shutil.copytree(weeks.folder, tmp_path / "copy")
    made = rebuild.rebuild(DataFolder(folder), clock=replica_runs.now)
    assert made.differing_tables == ()
    states = rows(folder, "SELECT state FROM runs ORDER BY started_at")
    assert states == [("completed",), ("degraded",), ("completed",), ("completed",)]
    failing = {finding.check.name for finding in made.findings["stdaily"] if finding.failing_rows}
    assert failing == {"drift", "repeated_paragraphs"}
    assert rows(folder, "SELECT run_id, failing_rows FROM check_results WHERE name = 'drift'") == [(None, 1)]


# Case (a source) → (articles, share with an editor) of each week from SINCE, and the weeks with a regression.
CASES: dict[str, tuple[list[tuple[int, float]], list[int]]] = {
    "a drop below the limit": ([(20, 0.9)] * 4 + [(20, 0.4)], [4]),
    "a baseline needs four weeks": ([(20, 0.9)] * 3 + [(20, 0.4)], []),
    "a week with few articles is ignored": ([(20, 0.9)] * 4 + [(9, 0.0)], []),
    "weeks with few articles are no baseline": ([(9, 0.9)] * 6 + [(20, 0.0)], []),
    "two of ten may be chance": ([(10, 0.9)] * 5 + [(10, 0.7)], []),
    "six of ten are a regression": ([(10, 0.9)] * 5 + [(10, 0.3)], [5]),
    "a variable share has a wide limit": (
        [(20, share) for share in (0.9, 0.3, 0.8, 0.2, 0.9, 0.4)] + [(20, 0.2)],
        [],
    ),
    "a rise is no regression": ([(20, 0.2)] * 4 + [(20, 0.9)], []),
    "a lasting drop becomes the baseline": ([(20, 0.9)] * 6 + [(20, 0.0)] * 8, [6, 7, 8, 9, 10, 11]),
}
INSERT = """
    INSERT INTO articles BY NAME
    SELECT
        uuid() AS article_id, $source AS source, concat($source, $week, '/', n) AS url,
        concat('Title ', n) AS title, 'News' AS section, 'Xinhua' AS agency,
        $monday::TIMESTAMPTZ + to_hours(7 * 24 * n // $count) AS published_at,
        published_at::DATE AS published_on, '' AS published_raw, 'second' AS published_precision,
        ['LONG Yun'] AS authors, CASE WHEN n < round($share * $count) THEN ['王晓夏'] ELSE [] END AS editors,
        'A lead' AS lead, 'A text' AS text, 300 + n % 7 AS words, 'en' AS language,
        'x' AS title_hash, 'x' AS text_hash, MAP {}::MAP(VARCHAR, VARCHAR) AS found,
        published_at AS first_seen_at, published_at AS changed_at
    FROM range($count) AS counted (n)
"""


def fill(warehouse: Warehouse, source: str, shares: list[tuple[int, float]]) -> None:
    for week, (count, share) in enumerate(shares):
        monday = SINCE + timedelta(days=7 * week)
        values = {"source": source, "week": week, "monday": monday, "count": count, "share": share}
        warehouse.connection.execute(INSERT, values)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    made, _ = factories.opened(tmp_path / "news.duckdb")
    with made:
        yield made


def test_regressions_of_shares(warehouse: Warehouse) -> None:
    for case, (shares, _) in CASES.items():
        fill(warehouse, case, shares)
    found = warehouse.connection.execute(
        "SELECT source, field, week_on FROM drift WHERE is_regression"
    ).fetchall()
    assert sorted(found) == sorted(
        (case, "editors", SINCE + timedelta(days=7 * week))
        for case, (_, regressions) in CASES.items()
        for week in regressions
    )


def test_the_regression_of_a_length_has_its_first_day(warehouse: Warehouse) -> None:
    fill(warehouse, "stdaily", [(21, 0.9)] * 6)
    since = SINCE + timedelta(days=5 * 7 + 2)
    warehouse.connection.execute("UPDATE articles SET words = 40 WHERE published_on >= ?", [since])
    (row,) = checks.find_regressions(checks.run_checks(warehouse.connection, files=(), names=["drift"]))
    assert (row["field"], row["since_on"], row["captures"][0]["file"]) == ("text", since.isoformat(), None)
    assert checks.describe_regression(row) == (
        "text 40 words in the 21 articles of the week from 2026-04-06, usually 303"
    )


def test_an_overdue_source_is_listed(warehouse: Warehouse, tmp_path: Path) -> None:
    fill(warehouse, "stdaily", [(42, 0.9)] * 6)
    # Three days have no articles, and only the last week has the section Case.
    warehouse.connection.execute(
        "DELETE FROM articles WHERE published_on IN ('2026-03-10', '2026-03-11', '2026-03-12');"
        "UPDATE articles SET section = 'Case' WHERE published_on >= '2026-04-06'"
    )

    def freshness(days_ago: int) -> dict[str | None, tuple[int, bool]]:
        """Shift the articles so that the newest is `days_ago` days old, and query the view."""
        (newest,) = warehouse.connection.execute("SELECT max(published_on) FROM articles").fetchall()[0]
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        moved = (today - newest).days - days_ago
        warehouse.connection.execute("UPDATE articles SET published_on = published_on + ?::INTEGER", [moved])
        return {
            section: (allowed, is_overdue)
            for section, allowed, is_overdue in warehouse.connection.execute(
                "SELECT section, allowed_days, is_overdue FROM freshness WHERE days_since_last >= ?",
                [days_ago],
            ).fetchall()
        }

    # The longest gap is four days (9th to 13th), so six are allowed; Case has too few gaps.
    assert freshness(6) == {None: (6, False), "News": (6, True), "Case": (None, False)}
    assert freshness(7) == {None: (6, True), "News": (6, True), "Case": (None, False)}
    warehouse.close()
    overdue = [
        str(item) for item in status.list_action_items(tmp_path / "news.duckdb") if "overdue" in item.text
    ]
    assert len(overdue) == 1
    assert overdue[0].startswith("stdaily: overdue: no articles for 7 days, since ")
    assert "; at most 6 days are usual; not checked" in overdue[0]
    with Warehouse(tmp_path / "news.duckdb") as again:
        again.connection.execute("UPDATE articles SET published_on = published_on - 400")
        assert again.connection.execute("SELECT section FROM freshness WHERE is_overdue").fetchall() == [
            (None,)
        ]  # a section without articles for a year counts as discontinued
