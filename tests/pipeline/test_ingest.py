"""Ingest of the mock site: the warehouse has its articles, row by row."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsetl import sources
from newsetl.archive import reader
from newsetl.db.writer import Warehouse
from newsetl.errors import WarehouseError
from newsetl.model import Window
from newsetl.pipeline import batch_size, ingest
from newsetl.pipeline.summary import RunSummary
from newsetl.query.reader import connect
from newsetl.reasons import Reason
from newsetl.replica import MockArticle, MockServer, MockSite
from newsetl.sources.config import Source

STDAILY = sources.load("stdaily")
SINCE, UNTIL = date(2026, 9, 1), date(2026, 9, 30)


class Site:
    """Mock site and the data directory into which it is ingested."""

    def __init__(self, replica: MockServer, folder: Path) -> None:
        self.replica, self.site, self.folder = replica, replica.site, folder
        self.source: Source = STDAILY.with_base_url(replica.base_url)

    def ingest(self, window: Window | None = None, **options: Any) -> RunSummary:
        self.replica.requests.clear()
        with Warehouse(self.folder / "news.duckdb") as warehouse:
            return ingest.ingest(
                self.source,
                warehouse,
                self.folder / "archive",
                clock=lambda: datetime.now(UTC),
                window=window,
                **options,
            )

    def rows(self, statement: str) -> list[dict[str, Any]]:
        with closing(connect(self.folder / "news.duckdb")) as connection:
            result = connection.execute(statement)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def published(self) -> list[MockArticle]:
        return [article for article in self.site.listed_articles if article.reject_reason is None]


@pytest.fixture(scope="module")
def replica() -> Iterator[MockServer]:
    """Serve 120 articles that no test changes."""
    with MockServer(MockSite(articles=120, since=SINCE, until=UNTIL)) as served:
        yield served


class Ingested(Site):
    """Site after one ingest, read-only for tests, with the summary of the run and its requests."""

    def __init__(self, replica: MockServer, folder: Path) -> None:
        super().__init__(replica, folder)
        self.summary = self.ingest()
        self.requests = tuple(replica.requests)


@pytest.fixture(scope="module")
def ingested(replica: MockServer, tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    return Ingested(replica, tmp_path_factory.mktemp("ingested"))


@pytest.fixture
def again(ingested: Ingested, tmp_path: Path) -> Site:
    """Copy the ingested data directory for a second run."""
    return Site(ingested.replica, shutil.copytree(ingested.folder, tmp_path / "data"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Serve a few articles, with an empty data directory."""
    with MockServer(MockSite(articles=24, since=SINCE, until=UNTIL)) as replica:
        yield Site(replica, tmp_path)


def test_every_field_of_every_article_is_in_the_warehouse(ingested: Ingested) -> None:
    site, summary = ingested, ingested.summary
    assert (summary.state, summary.new, summary.already_loaded) == ("completed", 120, 0)
    assert summary.rejected == {Reason.SOFT_404: 2, Reason.REMOVED_PAGE: 1}
    rows = {row["url"]: row for row in site.rows("SELECT * FROM articles")}
    images: dict[str, list[dict[str, Any]]] = {}
    for row in site.rows(
        "SELECT a.url AS article_url, i.url, i.caption, i.credit "
        "FROM images i JOIN articles a USING (article_id) ORDER BY i.position"
    ):
        images.setdefault(row.pop("article_url"), []).append(row)
    expected = {
        article.build_expected(site.replica.base_url)["url"]: article.build_expected(site.replica.base_url)
        for article in site.published()
    }
    assert rows.keys() == expected.keys()
    for url, expected_fields in expected.items():
        row = rows[url]
        local = row["published_at"].astimezone(STDAILY.timezone)
        fields = {
            "url": url,
            "published_at": local.isoformat(),
            "images": images.get(url, []),
            **{
                name: row[name]
                for name in ("title", "section", "agency", "authors", "editors", "text", "language")
            },
        }
        assert fields == expected_fields
        assert row["published_on"] == local.date()
        assert row["published_precision"] == "second"


def test_two_urls_of_an_article_belong_to_one_row(ingested: Ingested) -> None:
    site = ingested
    pairs = {article.paths for article in site.published() if len(article.paths) == 2}
    assert len(pairs) == 10
    rows = site.rows(
        "SELECT article_id, list(url ORDER BY is_canonical DESC) AS urls FROM article_urls GROUP BY ALL"
    )
    paths = {tuple(url.removeprefix(site.replica.base_url) for url in row["urls"]) for row in rows}
    assert {each for each in paths if len(each) == 2} == pairs
    assert len(paths) == 120


def test_every_response_is_archived_and_its_row_names_the_place(ingested: Ingested) -> None:
    site, summary = ingested, ingested.summary
    rows = site.rows("SELECT * FROM captures")
    assert len(rows) == len(ingested.requests)
    assert sum(row["kind"] == "article" for row in rows) == summary.fetched
    for row in rows:
        stored = reader.read_capture(site.folder / "archive", row["file"], row["offset"])
        assert (stored.capture_id, stored.url, stored.status) == (
            row["capture_id"],
            row["url"],
            row["status"],
        )
        assert len(stored.body) == row["bytes"]
    assert len(list((site.folder / "archive").rglob("*.warc.gz"))) == 1


def test_a_second_ingest_requests_only_listings_and_loads_nothing(again: Site) -> None:
    site = again
    before = site.rows("SELECT * FROM articles ORDER BY article_id")
    summary = site.ingest()
    assert (summary.fetched, summary.new, summary.changed, summary.rejected.total()) == (0, 0, 0, 0)
    assert summary.already_loaded == summary.discovered == 133
    assert not [path for _, path in site.replica.requests if "/content_" in path or len(path) > 50]
    assert site.rows("SELECT * FROM articles ORDER BY article_id") == before


def test_the_next_run_loads_new_articles(site: Site) -> None:
    site.ingest()
    added = site.site.add(3)
    summary = site.ingest()
    assert (summary.new, summary.changed) == (3, 0)
    titles = {row["title"] for row in site.rows("SELECT title FROM latest_articles")}
    assert {article.title for article in added} <= titles


def test_a_window_loads_only_its_days(replica: MockServer, tmp_path: Path) -> None:
    site = Site(replica, tmp_path)
    since, until = date(2026, 9, 10), date(2026, 9, 12)
    site.ingest(Window(since, until))
    days = {row["published_on"] for row in site.rows("SELECT published_on FROM articles")}
    expected = [article for article in site.published() if since <= article.published_at.date() <= until]
    dated = [article for article in expected if "/web/" in article.paths[0]]
    # A hashed URL has no day: its page is fetched to find the day, and every fetched page is loaded.
    assert days >= {article.published_at.date() for article in dated}
    others = [
        row
        for row in site.rows("SELECT url, published_on FROM articles")
        if not since <= row["published_on"] <= until
    ]
    assert all("/web/" not in row["url"] or _has_old_url(site, row["url"]) for row in others)


def _has_old_url(site: Site, url: str) -> bool:
    return any(len(article.paths) == 2 and url.endswith(article.paths[0]) for article in site.published())


def test_a_run_of_a_site_that_is_down_fails_with_the_error(site: Site, tmp_path: Path) -> None:
    site.source = STDAILY.with_base_url("http://127.0.0.1:9")
    summary = site.ingest()
    assert summary.state == "failed"
    assert summary.error
    run = site.rows("SELECT state, error FROM runs")
    assert run == [{"state": "failed", "error": summary.error}]


def test_a_bug_fails_the_run_and_its_pages_are_loaded(site: Site) -> None:
    def fail(summary: RunSummary) -> None:
        if summary.fetched == 7:
            raise KeyError("a bug")

    summary = site.ingest(on_progress=fail)
    assert (summary.state, summary.error) == ("failed", "internal error: KeyError: 'a bug'")
    assert site.rows("SELECT count(*) AS n FROM captures WHERE kind = 'article'") == [{"n": 7}]
    assert site.ingest().state == "completed"


def test_an_archive_that_cannot_be_closed_fails_the_run(site: Site) -> None:
    def remove_file(summary: RunSummary) -> None:
        if summary.fetched == 3:
            for file in (site.folder / "archive").rglob("*.open"):
                file.unlink()

    summary = site.ingest(on_progress=remove_file)
    assert summary.state == "failed"
    assert "cannot be written" in (summary.error or "")
    assert site.rows("SELECT state FROM runs") == [{"state": "failed"}]


@pytest.mark.parametrize(
    ("limits", "min_loads", "max_loads"),
    [
        ({"BATCH_BYTES": 50_000}, 6, 1_000),
        ({"MIN_LOAD_PAGES": 5, "MIN_LOAD_SECONDS": 0.0}, 6, 1_000),
        # Without enough seconds since the last load the pages wait for a full batch.
        ({"MIN_LOAD_PAGES": 5, "MIN_LOAD_SECONDS": 600.0}, 1, 2),
    ],
)
def test_a_batch_is_loaded_when_it_is_full_or_old(
    replica: MockServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[str, Any],
    min_loads: int,
    max_loads: int,
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(batch_size, name, value)
    loaded: list[int] = []

    def count(_: RunSummary) -> None:
        loaded.append(warehouse.connection.execute("SELECT count(*) FROM captures").fetchall()[0][0])

    with Warehouse(tmp_path / "news.duckdb") as warehouse:
        ingest.ingest(
            STDAILY.with_base_url(replica.base_url),
            warehouse,
            tmp_path / "archive",
            clock=lambda: datetime.now(UTC),
            window=Window(since=date(2026, 9, 24)),
            on_progress=count,
        )
    assert min_loads <= len(set(loaded)) <= max_loads


def test_a_stopped_run_loads_its_pages_and_the_next_one_continues(site: Site) -> None:
    fetched: list[int] = []
    stopped = site.ingest(
        on_progress=lambda summary: fetched.append(summary.fetched), should_stop=lambda: len(fetched) == 12
    )
    assert (stopped.state, stopped.error) == ("failed", "stopped after 12 pages")
    loaded = site.rows("SELECT count(*) AS n FROM articles")[0]["n"]
    assert 8 <= loaded <= 12
    assert site.rows("SELECT state, error FROM runs") == [
        {"state": "failed", "error": "stopped after 12 pages"}
    ]
    summary = site.ingest()
    assert site.rows("SELECT count(*) AS n FROM articles")[0]["n"] == 24
    assert summary.new == 24 - loaded


def test_rejected_pages_are_requested_again_when_due(again: Site) -> None:
    site = again
    site.replica.requests.clear()
    with Warehouse(site.folder / "news.duckdb") as warehouse:
        summary = ingest.ingest(
            site.source,
            warehouse,
            site.folder / "archive",
            clock=lambda: datetime.now(UTC) + timedelta(days=2),
        )
    # The soft 404 pages are requested again, the removed page is not.
    assert summary.rejected == {Reason.SOFT_404: 2}


def test_every_table_and_view_can_be_selected(ingested: Ingested) -> None:
    site = ingested
    name = "if(table_schema = 'internal', 'internal.' || table_name, table_name) AS name"
    names = [row["name"] for row in site.rows(f"SELECT {name} FROM information_schema.tables")]
    assert {
        "sources",
        "captures",
        "articles",
        "article_urls",
        "credits",
        "images",
        "teasers",
        "rejects",
        "runs",
    } <= {*names}
    counts = {name: len(site.rows(f"SELECT * FROM {name}")) for name in names}
    empty = {
        "article_revisions",
        "operator_overrides",
        "internal.index_queue",
        "internal.coverage_queue",
        "published",
    }
    without_duplicates = {
        "edits_by_editor",
        "headline_changes",
        "story_clusters",
        "story_pairs",
        "duplicate_stories",
    }
    assert {name for name, count in counts.items() if not count} <= empty | without_duplicates | {
        "coverage_gaps"
    }
    assert counts["articles"] == counts["articles_flat"] == 120


def test_a_broken_warehouse_stops_the_run_before_any_request(site: Site) -> None:
    (site.folder / "news.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match="not a DuckDB file"):
        site.ingest()
    assert site.replica.requests == []
