"""Tests of read-only queries, output formats and status."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from newsetl.db.writer import Warehouse
from newsetl.errors import ConfigError, WarehouseError
from newsetl.normalise import people
from newsetl.query import formats, reader, status
from newsetl.reasons import Reason
from newsetl.runtime import atomic
from newsetl.runtime.data_folder import WarehouseLocation
from tests.support import factories
from tests.support.factories import NOON, after, batch, capture, page, reject, request, web


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> WarehouseLocation:
    """A warehouse with three articles on two days, two rejects, one run and requests to two hosts."""
    path = tmp_path_factory.mktemp("read") / "news.duckdb"
    warehouse, run_id = factories.opened(path)
    with warehouse:
        later = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
        given = batch(
            page(1, web(1), title="One", text="a b c"),
            page(2, web(2), title="Two", text="d e", section=None),
            page(3, web(3), title="Three", published_at=later, credits=factories.CREDITS[:1]),
            (capture(4, web(4)), None),
            rejects=[reject(4, web(4)), reject(None, web(5), reason=Reason.SOFT_404)],
            requests=[
                request(1, at=after(0)),
                request(2, at=after(0.5)),
                request(3, at=after(0.6), status=503),
                request(4, at=after(0.1), host="search.stdaily.com:8888"),
                request(4, at=after(0.55), is_allowed=False, status=None, size=0),
            ],
        )
        warehouse.load(given, run_id=run_id)
        warehouse.finish_run(run_id, ended_at=after(2), state="completed", discovered=5, already_loaded=0)
        warehouse.rebuild_people("stdaily", people.match_people)
    return factories.place(path)


def format_query(path: WarehouseLocation, statement: str, format: formats.Format) -> str:
    stream = io.StringIO()
    formats.write_result(reader.run_query(path, statement), format=format, output=stream)
    return stream.getvalue()


def test_a_result_has_columns_and_python_values(path: WarehouseLocation) -> None:
    result = reader.run_query(
        path, "SELECT url, published_at, authors, words, section FROM articles ORDER BY title DESC"
    )
    assert result.columns == ("url", "published_at", "authors", "words", "section")
    assert result.rows[0] == (
        web(2),
        datetime(2026, 2, 28, 17, 30, tzinfo=UTC),
        ["LONG Yun", "CHEN Chunyou"],
        2,
        None,
    )
    assert result.rows[0][1].utcoffset() is not None
    assert len(result.rows) == 3


def test_every_view_returns_rows(path: WarehouseLocation) -> None:
    def rows(statement: str) -> list[tuple[object, ...]]:
        return list(reader.run_query(path, statement).rows)

    assert rows("SELECT title, photographers, editors FROM articles_flat ORDER BY title") == [
        ("One", ["VCG"], ["王晓夏"]),
        ("Three", [], []),
        ("Two", ["VCG"], ["王晓夏"]),
    ]
    assert rows("SELECT published_on::VARCHAR, articles, sections, words FROM daily_counts") == [
        ("2026-03-01", 2, 1, 5),
        ("2026-03-02", 1, 1, 4),
    ]
    assert rows("SELECT section, articles, first_on::VARCHAR, last_on::VARCHAR FROM section_counts") == [
        ("News", 2, "2026-03-01", "2026-03-02"),
        (None, 1, "2026-03-01", "2026-03-01"),
    ]
    assert rows("SELECT title FROM latest_articles LIMIT 1") == [("Three",)]
    assert rows("SELECT editor, chinese_name, articles FROM editor_counts") == [("WANG Xiaoxia", "王晓夏", 2)]
    assert rows("SELECT url, reason, is_due FROM open_rejects ORDER BY url") == [
        (web(4), "no_date", False),
        (web(5), "soft_404", datetime.now(UTC) > NOON + timedelta(days=1)),
    ]
    assert rows(
        "SELECT state, discovered, new, rejected, seconds, requests, bytes, waited FROM run_summary"
    ) == [("completed", 5, 3, 2, 120.0, 4, 4000, 2.5)]
    assert rows("SELECT host, requests, shortest_gap, throttled_responses FROM request_pacing") == [
        ("search.stdaily.com:8888", 1, None, 0),
        ("www.stdaily.com", 3, 5.9, 1),
    ]


def test_status_has_one_row_per_source(path: WarehouseLocation) -> None:
    (stdaily,) = status.load_status(path)
    assert (stdaily.source, stdaily.articles, stdaily.state, stdaily.new, stdaily.rejected) == (
        "stdaily",
        3,
        "completed",
        3,
        2,
    )
    assert stdaily.newest_published_at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert stdaily.open_rejects == {"soft_404": 1, "no_date": 1}
    assert stdaily.ended_at == after(2)
    stream = io.StringIO()
    status.print_status(path, stream)
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in stream.getvalue().splitlines()]
    assert ["stdaily", "3", "2026-03-02 02:00", "no_date 1, soft_404 1"] in lines
    assert ["stdaily", "2026-03-01 12:00", "completed", "5", "3", "0", "0", "2", ""] in lines


def test_csv_has_a_header_and_quotes_commas_and_newlines(path: WarehouseLocation) -> None:
    text = format_query(
        path,
        "SELECT 'a,\n\"b\"' AS s, NULL AS n, authors, published_at FROM articles WHERE title = 'One'",
        "csv",
    )
    assert list(csv.reader(io.StringIO(text))) == [
        ["s", "n", "authors", "published_at"],
        ['a,\n"b"', "", '["LONG Yun", "CHEN Chunyou"]', "2026-02-28T17:30:00+00:00"],
    ]


def test_json_is_one_array_of_objects(path: WarehouseLocation) -> None:
    statement = (
        "SELECT article_id::VARCHAR <> '' AS ok, found, first_seen_at, sum(words)::HUGEINT AS n, 1.5 AS d, "
        "'nan'::DOUBLE AS nan, INTERVAL 90 SECONDS AS span, encode('王') AS b, published_on FROM articles "
        "WHERE title = 'One' GROUP BY ALL"
    )
    assert json.loads(format_query(path, statement, "json")) == [
        {
            "ok": True,
            "found": {"published_at": "metadata line", "title": "h1"},
            "first_seen_at": "2026-03-01T12:00:00+00:00",
            "n": 3,
            "d": 1.5,
            "nan": None,
            "span": 90.0,
            "b": "王",
            "published_on": "2026-03-01",
        }
    ]
    assert json.loads(format_query(path, "SELECT 1 AS a WHERE false", "json")) == []


def test_json_numbers_columns_of_the_same_name(path: WarehouseLocation) -> None:
    stream = io.StringIO()
    formats.write_result(
        reader.run_query(path, "SELECT 1 AS n, 2 AS n, 3 AS n_1"), format="json", output=stream
    )
    assert json.loads(stream.getvalue()) == [{"n": 1, "n_1": 2, "n_1_1": 3}]


def test_table_truncates_wide_text_and_aligns_numbers(path: WarehouseLocation) -> None:
    lines = format_query(
        path, "SELECT repeat('wide ', 100) AS w, 5 AS number, '[red]x[/]\ny' AS m", "table"
    ).splitlines()
    assert max(map(len, lines)) <= 120
    assert "…" in lines[3]
    assert "[red]x[/] y" in lines[3]
    assert "│      5 │" in lines[3]
    assert "1,000 of 1,500 rows shown; use --format csv for all" in format_query(
        path, "FROM range(1500)", "table"
    )


def test_parquet_is_written_to_a_file_with_types(path: WarehouseLocation, tmp_path: Path) -> None:
    output = tmp_path / "out.parquet"
    statement = "SELECT title, published_at, authors, found, article_id FROM articles ORDER BY title"
    formats.write_result(reader.run_query(path, statement), format="parquet", output=output)
    table = pq.read_table(output)
    assert table.column("title").to_pylist() == ["One", "Three", "Two"]
    assert table.column("published_at").to_pylist()[0] == datetime(2026, 2, 28, 17, 30, tzinfo=UTC)
    assert table.column("authors").to_pylist()[1] == ["LONG Yun"]
    formats.write_result(reader.run_query(path, "FROM range(300000)"), format="parquet", output=output)
    assert pq.read_metadata(output).num_rows == 300_000
    with pytest.raises(ConfigError, match="--output"):
        formats.write_result(reader.run_query(path, "SELECT 1"), format="parquet", output=sys.stdout)
    with pytest.raises(ConfigError, match="cannot write"):
        formats.write_result(reader.run_query(path, "SELECT 1"), format="csv", output=tmp_path)


def test_files_are_written_atomically(path: WarehouseLocation, tmp_path: Path) -> None:
    (existing := tmp_path / "a.csv").write_text("mine")
    late = "SELECT CASE WHEN range > 250000 THEN error('late') ELSE 'x' END FROM range(300000)"
    for format in ("csv", "json", "parquet"):
        with pytest.raises(ConfigError, match=r"late|^INTERRUPT"):
            formats.write_result(reader.run_query(path, late), format=format, output=existing)
        assert existing.read_text() == "mine"
    (warehouse := tmp_path / "warehouse").write_bytes(b"")
    for output in (warehouse, tmp_path / "pipe", tmp_path / "link"):
        if output.name == "pipe":
            os.mkfifo(output)
        elif output.name == "link":
            output.symlink_to(existing)
        with pytest.raises(ConfigError, match=r"the warehouse itself|a link, a device or a pipe"):
            atomic.check_output(output, protected=[warehouse])
    assert {each.name for each in tmp_path.iterdir()} - {"news.duckdb"} == {
        "a.csv",
        "warehouse",
        "link",
        "pipe",
    }


def test_many_columns_are_printed_one_per_line_without_control_characters(path: WarehouseLocation) -> None:
    stream = io.StringIO()
    formats.write_result(
        reader.run_query(path, "FROM articles ORDER BY title"), format="table", output=stream
    )
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("row 1 ---")
    ((title, *_),) = reader.run_query(path, "SELECT title FROM articles ORDER BY title LIMIT 1").rows
    assert any(line.split() == ["title", *title.split()] for line in lines)
    assert max(map(len, lines)) <= 120
    stream = io.StringIO()
    formats.write_result(
        reader.run_query(path, "SELECT chr(27) || '[2J' AS \"a\x1b[1m\""), format="table", output=stream
    )
    assert "\x1b" not in stream.getvalue()
    assert "\ufffd[2J" in stream.getvalue()


def test_files_have_the_same_rows_as_streams(path: WarehouseLocation, tmp_path: Path) -> None:
    formats.write_result(
        reader.run_query(path, "FROM range(5000)"), format="csv", output=tmp_path / "out.csv"
    )
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 5001


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sources SELECT * FROM sources",
        "DELETE FROM articles",
        "DROP VIEW latest_articles",
        "CREATE TABLE t (a INT)",
        "CREATE TEMP TABLE t (a INT)",
        "UPDATE runs SET found = 1",
        "SELECT 1; DELETE FROM articles",
        "BEGIN",
        "DELETE FROM articles; SELECT 1",
        "SET threads = 1",
        "SET enable_external_access = true; SELECT 1",
        "FROM read_text('/etc/passwd')",
        "FROM '/etc/passwd'",
        "FROM read_csv('/etc/passwd')",
        "FROM glob('/*')",
        "COPY articles TO '/tmp/newsetl-never.csv'",
        "ATTACH '/tmp/newsetl-never.db' AS x",
        "INSTALL fts",
        "LOAD fts",
        "EXPORT DATABASE '/tmp/newsetl-never'",
        "CHECKPOINT",
        "FROM statement",
        "CALL postgres_execute('__ducklake_metadata_lake', 'DROP TABLE ducklake_snapshot')",
        "FROM postgres_query('__ducklake_metadata_lake', 'DELETE FROM ducklake_snapshot RETURNING 1')",
        "FROM ducklake_expire_snapshots('lake', older_than => now())",
        "",
        "  ;  ",
    ],
)
def test_statements_that_write_or_read_other_files_are_rejected(
    path: WarehouseLocation, statement: str
) -> None:
    before = factories.mark(path)
    with pytest.raises(ConfigError) as caught:
        _ = reader.run_query(path, statement).rows
    assert str(caught.value).count("\n") in (0, 2)
    assert factories.mark(path) == before
    assert not list(Path("/tmp").glob("newsetl-never*"))


@pytest.mark.parametrize(
    "statement",
    [
        "FROM latest_articles",
        "WITH a AS (SELECT 1 AS x) FROM a",
        "DESCRIBE articles",
        "SHOW TABLES",
        "SUMMARIZE credits",
        "EXPLAIN SELECT 1",
        "PIVOT credits ON role USING count(*)",
        "VALUES (1)",
        "SELECT 1;",
        "-- a\nSELECT 1",
    ],
)
def test_all_kinds_of_queries_are_allowed(path: WarehouseLocation, statement: str) -> None:
    assert reader.run_query(path, statement).rows


def test_an_invalid_statement_raises_duckdbs_message_with_its_position(path: WarehouseLocation) -> None:
    with pytest.raises(ConfigError) as caught:
        reader.run_query(path, "SELECT 1,\n  FRO 2\nFROM x")
    assert str(caught.value).splitlines() == [
        'Parser Error: syntax error at or near "2"',
        "LINE 2:   FRO 2",
        "              ^",
    ]
    with pytest.raises(ConfigError, match=r"Table with name article does not exist! Did you mean"):
        reader.run_query(path, "FROM article")
    with pytest.raises(ConfigError, match="Conversion Error"):
        _ = reader.run_query(path, "SELECT title::INTEGER FROM articles").rows


@factories.of_file
def test_a_missing_warehouse_raises_with_advice(tmp_path: Path) -> None:
    for read in (reader.connect, status.load_status, lambda path: reader.run_query(path, "SELECT 1")):
        with pytest.raises(
            WarehouseError, match=r"no\.duckdb: no warehouse here; run newsetl ingest or newsetl demo"
        ):
            read(tmp_path / "no.duckdb")
    assert not (tmp_path / "no.duckdb").exists()
    (tmp_path / "text").write_text("no database")
    with pytest.raises(WarehouseError, match="not a DuckDB file"):
        status.load_status(tmp_path / "text")


@factories.of_file
def test_readers_share_the_file_and_a_consumed_result_releases_it(path: WarehouseLocation) -> None:
    first, second = reader.connect(path), reader.connect(path)
    assert first.execute("SELECT now()").fetchall()[0][0].utcoffset().total_seconds() == 0
    assert second.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
    with pytest.raises(WarehouseError, match="already open in this process"):
        Warehouse(path)
    first.close()
    second.close()
    result = reader.run_query(path, "SELECT 1")
    assert result.rows == ((1,),)
    Warehouse(path).close()
