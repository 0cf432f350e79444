"""Every check finds what it is for and nothing else; each run, rebuild and `newsetl check` makes them."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from newsetl.db import checks, session, sql
from newsetl.db.connection import open_connection
from newsetl.db.writer import Warehouse
from newsetl.model import Credit
from newsetl.reasons import Reason
from tests.support import commands, factories
from tests.support.factories import NOON, after, batch, capture, page, web

FILES = ("a.warc.gz",)
TEXT = " ".join(f"word{number}" for number in range(60))
BROKEN = {
    "articles_without_capture": "DELETE FROM captures WHERE capture_id = '{2}'",
    "captures_without_file": "UPDATE captures SET file = 'b.warc.gz' WHERE capture_id = '{2}'",
    "credit_position_gaps": "DELETE FROM credits WHERE role = 'author' AND position = 1 AND name = 'Only B'",
    "suspicious_credits": "UPDATE credits SET name = 'Photo: a field in 2026' WHERE name = 'Only B'",
    "damaged_text": "UPDATE articles SET text = 'The council didn抰 vote.' WHERE capture_id = '{2}'",
    "inconsistent_dates": "UPDATE articles SET published_on = published_on - 1 WHERE capture_id = '{2}'",
    "hash_mismatches": "UPDATE articles SET text = text || ' more' WHERE capture_id = '{2}'",
    "leftover_markup": "UPDATE articles SET title = 'Rice &amp; wheat' WHERE capture_id = '{2}'",
    "orphans": "INSERT INTO images SELECT '{2}', 1, NULL, NULL, NULL",
    "early_requests": "UPDATE requests SET min_delay = 90 WHERE capture_id = '{2}'",
    "published_after_first_seen": "UPDATE articles SET first_seen_at = '2026-02-01' WHERE capture_id = '{2}'",
    "unlisted_rejects": "DELETE FROM rejects",
    "unknown_sections": "UPDATE articles SET section = 'Sport' WHERE capture_id = '{2}'",
    "short_texts": "UPDATE articles SET text = 'A picture.', words = 2 WHERE capture_id = '{2}'",
    "repeated_paragraphs": "UPDATE articles SET text = text || repeat(chr(10), 2) || 'Follow us for news.'",
    "repeated_titles": "UPDATE articles SET title_hash = 'one'",
    "duplicate_urls": "INSERT INTO article_urls FROM article_urls WHERE url LIKE '%content_2.html'",
    "noncanonical_urls": "UPDATE article_urls SET is_canonical = false WHERE url LIKE '%content_2.html'",
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse in which nothing is wrong: six articles, of which the second run read the last."""
    path = tmp_path_factory.mktemp("sound") / "news.duckdb"
    warehouse, run_id = factories.opened(path)
    pages = [
        page(
            number,
            web(number),
            title=f"Title {number}",
            text=f"{TEXT} {number}",
            credits=(
                Credit(f"Only {'ABCDEF'[number - 1]}", "author", 1, "person"),
                Credit("Two", "author", 2, "person"),
            ),
        )
        for number in range(1, 7)
    ]
    refusal = factories.reject(9, web(9), reason=Reason.NO_DATE)
    requests = [factories.request(n, at=after(n), min_delay=30.0) for n in range(1, 6)]
    with warehouse:
        warehouse.load(
            batch(*pages[:5], (capture(9, web(9)), None), rejects=[refusal], requests=requests), run_id=run_id
        )
        second = warehouse.start_run(
            "stdaily", kind="ingest", window=factories.Window(), started_at=after(60)
        )
        assert second
        warehouse.load(batch(pages[5]), run_id=second)
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "news.duckdb"))


def found(path: Path, **options: object) -> dict[str, int | None]:
    """Return the number of failing rows of each check that has any."""
    with open_connection(path, is_read_only=False) as connection:
        findings = checks.run_checks(connection, files=FILES, **options)  # type: ignore[arg-type]
    return {finding.check.name: finding.failing_rows for finding in findings if finding.failing_rows != 0}


def break_(path: Path, statement: str) -> None:
    with open_connection(path, is_read_only=False) as connection:
        connection.execute(statement.replace("{2}", str(UUID(int=2))))


def test_nothing_is_wrong_where_all_is_well(path: Path) -> None:
    assert found(path) == {}
    assert set(BROKEN) | {"drift"} == {check.name for check in checks.load_checks()}


@pytest.mark.parametrize("name", BROKEN)
def test_a_check_finds_what_it_is_for(path: Path, name: str) -> None:
    break_(path, BROKEN[name])
    assert found(path, names=[name], source="stdaily") == {name: 1}
    # Of another source nothing is wrong, but a row that belongs to no article is anybody's.
    assert found(path, names=[name], source="other") in ({}, {"orphans": 1})


def test_every_check_says_what_it_means_and_what_to_do() -> None:
    for check in checks.load_checks():
        assert check.severity in ("error", "warning")
        assert check.row.startswith("One row ")
        assert check.advice.endswith(".")
        assert len(check.advice) > 15


def test_a_run_looks_at_what_it_has_read(path: Path) -> None:
    break_(path, BROKEN["published_after_first_seen"])
    break_(path, BROKEN["orphans"])
    with Warehouse(path) as warehouse:
        (first,), (second,) = warehouse.connection.execute(
            "SELECT run_id FROM runs ORDER BY started_at"
        ).fetchall()
        for run_id in (first, second):
            warehouse.run_checks("stdaily", files=FILES, checked_at=after(90), run_id=run_id)
        kept = warehouse.connection.execute(
            "SELECT run_id, name, severity, failing_rows, samples ->> '$[0].url' FROM check_results "
            "WHERE failing_rows > 0 AND name IN ('published_after_first_seen', 'orphans') ORDER BY ALL"
        ).fetchall()
        # What is wrong with one article is said once, what is wrong with the whole until it is mended.
        assert sorted(kept) == sorted(
            [
                (first, "published_after_first_seen", "warning", 1, web(2)),
                (first, "orphans", "error", 1, None),
                (second, "orphans", "error", 1, None),
            ]
        )
        (count,) = warehouse.connection.execute("SELECT count(*) FROM check_results").fetchall()
        assert count == (2 * len(checks.load_checks()),)


WEEKS, WEEKLY = 30, 12
STAGED = {
    "captures": "fetched_at = $at",
    "articles": "first_seen_at = $at",
    "article_urls": "first_seen_at = $at",
    "requests": "requested_at BETWEEN $at AND $at + INTERVAL 1 DAY",
} | dict.fromkeys(
    ("credits", "images", "teasers"),
    "article_id IN (SELECT article_id FROM staged_articles WHERE first_seen_at = $at)",
)


def stage_weeks(warehouse: Warehouse, run_id: UUID, pick: random.Random) -> None:
    """Load the articles and requests of all weeks at once, and move them into temporary tables."""
    pages, requests = [], []
    for week in range(WEEKS):
        at, seconds = after(week * 7 * 1440), 0.0
        share = 0.2 if week in (8, 9, 25) else 0.9
        for number in range(week * WEEKLY + 1, (week + 1) * WEEKLY + 1):
            credits = factories.CREDITS if pick.random() < share else factories.CREDITS[:2]
            written = {"credits": credits, "published_at": at, "title": f"Title {number}"}
            pages.append(page(number, web(number), at=at, **written))
            seconds += 0.2 if pick.random() < 0.01 else 40.0
            requests.append(factories.request(number, at=at + timedelta(seconds=seconds), min_delay=30.0))
    warehouse.load(batch(*pages, requests=requests), run_id=run_id)
    for table in STAGED:
        warehouse.connection.execute(f"CREATE TEMP TABLE staged_{table} AS FROM {table}; DELETE FROM {table}")


def load_week(warehouse: Warehouse, run_id: UUID, at: datetime) -> None:
    """Insert the rows of the week that begins then, as the run's; `load` would take twenty times as long."""
    warehouse.connection.execute("BEGIN")
    for table, of_the_week in STAGED.items():
        of_the_run = " REPLACE ($run_id AS run_id)" if table in ("captures", "requests") else ""
        given = {"at": at, "run_id": run_id} if of_the_run else {"at": at}
        warehouse.connection.execute(
            f"INSERT INTO {table} SELECT *{of_the_run} FROM staged_{table} WHERE {of_the_week}", given
        )
    warehouse.connection.execute("COMMIT")


def test_what_a_run_touched_alone_tells_what_the_whole_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of thirty weeks, some of which lose an article, ask too soon or read what lacks its editor."""
    names = ("drift", "early_requests", "orphans")
    pick, told, spared = random.Random(5), Counter[str](), checks._find_skippable
    made = checks.select_checks(names)

    def counted(*given: Any) -> frozenset[str]:
        found = frozenset(spared(*given))
        told.update(f"{name} spared" for name in found)
        return found

    monkeypatch.setattr(checks, "load_checks", lambda: made)
    monkeypatch.setattr(checks, "_find_skippable", counted)
    warehouse, first_run = factories.opened(tmp_path / "news.duckdb")
    connection = warehouse.connection
    with warehouse:
        stage_weeks(warehouse, first_run, pick)
        connection.execute("CREATE TEMP TABLE lost AS FROM articles")
        for week in range(WEEKS):
            at = after(week * 7 * 1440)
            kind = "reparse" if week % 10 == 9 else "ingest"
            run_id = warehouse.start_run("stdaily", kind=kind, window=factories.Window(), started_at=at)
            load_week(warehouse, run_id, at)
            if pick.random() < 0.1:
                gone = f"WHERE url = '{web(week * WEEKLY + 3)}'"
                connection.execute(f"INSERT INTO lost FROM articles {gone}; DELETE FROM articles {gone}")
            elif pick.random() < 0.3:  # all is mended
                connection.execute("INSERT INTO articles FROM lost; DELETE FROM lost")
                connection.execute("UPDATE requests SET min_delay = 0.0")

            with monkeypatch.context() as whole:
                whole.setattr(checks, "_find_skippable", lambda *_: ())
                expected = checks.run_checks(connection, files=FILES, source="stdaily", run_id=run_id)
            told.update(each.check.name for each in expected if each.failing_rows)
            found = warehouse.run_checks("stdaily", files=FILES, checked_at=at, run_id=run_id)
            assert {each.check.name for each in expected} == set(names)
            assert found == expected, week
            (loaded,) = connection.execute("SELECT count(*) FROM captures").fetchone() or (0,)
            assert loaded == (week + 1) * WEEKLY
    assert all(told[name] > 2 and told[f"{name} spared"] > 10 for name in names), told


def test_a_check_that_cannot_be_made_stops_nothing(path: Path) -> None:
    break_(path, "DROP VIEW request_pacing")
    with Warehouse(path) as warehouse:
        findings = warehouse.run_checks("stdaily", files=FILES, checked_at=NOON)
        (broken,) = [finding for finding in findings if finding.error]
        assert (broken.check.name, broken.failing_rows) == ("early_requests", None)
        assert "request_pacing does not exist" in str(broken.error)
        assert warehouse.connection.execute(
            "SELECT name, failing_rows, samples FROM check_results WHERE error IS NOT NULL"
        ).fetchall() == [("early_requests", None, "[]")]


def check(folder: Path, *arguments: str) -> tuple[int, str]:
    (folder / "archive").mkdir(exist_ok=True)
    (folder / "archive" / "a.warc.gz").touch()
    done = commands.newsetl("check", *arguments, "--data", folder)
    return done.returncode, done.stdout + done.stderr


def test_the_command(path: Path) -> None:
    before = path.read_bytes()
    assert check(path.parent) == (
        0,
        f"{len(checks.load_checks())} of {len(checks.load_checks())} checks found nothing\n",
    )
    assert path.read_bytes() == before
    break_(path, BROKEN["short_texts"])
    # A doubt is no failure.
    code, output = check(path.parent, "short_texts", "duplicate_urls", "--source", "stdaily")
    assert code == 0
    assert "short_texts [warning] 1 wrong. One row per article of fewer than" in output
    assert f"source stdaily, words 2, title Title 2, url {web(2)}" in output
    assert output.endswith("1 of 2 checks found nothing\n")
    break_(path, "UPDATE article_urls SET is_canonical = false")
    code, output = check(path.parent, "--format", "json", "--rows", "2")
    records = [json.loads(line) for line in output.splitlines()]
    assert (code, len(records)) == (1, len(checks.load_checks()))
    (record,) = [record for record in records if record["name"] == "noncanonical_urls"]
    assert (record["severity"], record["failing_rows"], len(record["samples"])) == ("error", 6, 2)
    code, output = check(path.parent, "noncanonical_urls", "--format", "csv")
    assert (code, len(output.splitlines())) == (1, 1 + checks.DEFAULT_ROWS)
    code, output = check(path.parent, "urls_thrice")
    assert (code, output.count("\n")) == (2, 1)
    assert "urls_thrice: unknown check; use one of: articles_without_capture, " in output
    code, output = check(path.parent, "--format", "xml")
    assert (code, output.count("\n")) == (2, 1)
    assert "--format xml: use table, csv or json" in output


def test_a_check_that_does_not_fit_in_memory_is_made_with_more(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks.load_checks()  # what the files say of them is kept
    statement, much = (
        sql.load_sql,
        "SELECT 'stdaily' AS source, len(list(n)) FROM range(4_000_000) AS made (n)",
    )
    monkeypatch.setattr(session, "MEMORY_LIMIT", "30MB")
    monkeypatch.setattr(
        sql, "load_sql", lambda name: much if name == "checks/short_texts" else statement(name)
    )
    with Warehouse(path) as warehouse:
        findings = warehouse.run_checks("stdaily", files=FILES, checked_at=NOON)
    assert {each.check.name: each.failing_rows for each in findings if each.failing_rows} == {
        "short_texts": 1
    }
    assert not any(each.error for each in findings)
