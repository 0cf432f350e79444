"""Tests of exports: atomic output, and values that survive every format."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from pyarrow import dataset

import newsetl
from newsetl.cli import export as export_
from newsetl.errors import ConfigError, WarehouseError
from newsetl.model import Credit
from newsetl.query import export as exporting
from newsetl.query import reader
from newsetl.query.article_filter import ArticleFilter
from newsetl.query.export import export
from tests.support import factories
from tests.support.factories import batch, page, web

NASTY = (
    'it\'s "quoted", `ticked`; and \\ escaped',
    "'); DROP TABLE articles; --",
    "<script>alert('x')</script> &amp; <b>bold</b>",
    "👩‍🔬 emoji 🇨🇳",
    "\u202eright to left\u202c \u200fעברית العربية",
    "one line\nanother\r\nand\ra third\ttabbed",
    "=1+1,+2,-3,@4",
    "{\"json\": [1, 'x']}\u2028\u2029",
)


def build_fields(number: int) -> dict[str, Any]:
    """Return fields of an article, all with a text of NASTY."""
    text = NASTY[number % len(NASTY)]
    month = 1 + number % 3
    return {
        "title": text,
        "section": text,
        "agency": text,
        "lead": text,
        "text": f"{text}\n\n{text}",
        "language": "en",
        "published_at": datetime(2026, month, 10, 12, 0, number, tzinfo=UTC),
        "published_raw": text,
        "credits": (
            Credit(text, "author", 1, "person"),
            Credit(f"{text} 2", "author", 2, "person"),
            Credit(text, "editor", 1, "person"),
            Credit(text, "photographer", 1, "person"),
        ),
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with eight articles with texts of NASTY, and a plain one without section or credits."""
    path = tmp_path_factory.mktemp("export") / "news.duckdb"
    warehouse, run_id = factories.opened(path)
    with warehouse:
        plain = page(99, web(99), title="Plain", section=None, credits=(), text="Plain text.")
        nasties = [page(number, web(number), **build_fields(number)) for number in range(len(NASTY))]
        warehouse.load(batch(*nasties, plain), run_id=run_id)
    return path


def query_rows(published: Path) -> list[dict[str, Any]]:
    """Return the rows of articles_flat as Python values."""
    result = reader.run_query(published, "FROM articles_flat ORDER BY published_on, published_at, article_id")
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    return [row | {"article_id": str(row["article_id"])} for row in rows]


def test_special_characters_survive_the_load(published: Path) -> None:
    rows = {row["url"]: row for row in query_rows(published)}
    for number, text in enumerate(NASTY):
        row = rows[web(number)]
        assert {row[name] for name in ("title", "section", "agency", "lead")} == {text}
        assert row["text"] == f"{text}\n\n{text}"
        assert (row["authors"], row["editors"]) == ([text, f"{text} 2"], [text])


def read_parquet(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist()  # type: ignore[no-any-return]


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def read_csv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def as_json(value: Any) -> Any:
    return value if isinstance(value, (str, int, list)) or value is None else as_text(value)


def as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case list():
            return "; ".join(value)
        case _ if hasattr(value, "isoformat"):
            return str(value.isoformat())
    return str(value)


@pytest.mark.parametrize(
    ("format", "read_file", "convert"),
    [
        ("parquet", read_parquet, lambda value: value),
        ("jsonl", read_jsonl, as_json),
        ("csv", read_csv, as_text),
    ],
)
def test_every_format_keeps_the_values(
    published: Path,
    tmp_path: Path,
    format: exporting.Format,
    read_file: Callable[[Path], list[dict[str, Any]]],
    convert: Callable[[Any], Any],
) -> None:
    output = tmp_path / f"articles.{format}"
    (written,) = export(published, output, format=format)
    assert (written.path, written.articles) == (output, 9)
    expected = [{name: convert(value) for name, value in row.items()} for row in query_rows(published)]
    assert read_file(output) == expected
    # By month: the same rows.
    months = export(published, tmp_path / "months", format=format, is_by_month=True)
    assert [(file.month, file.articles) for file in months] == [
        ("2026-01", 3),
        ("2026-02", 3),
        ("2026-03", 3),
    ]
    assert [row for file in months for row in read_file(file.path)] == expected
    assert (tmp_path / "months" / "month=2026-02" / f"articles.{format}").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [output.name, "months"]


def test_other_programs_read_the_files(published: Path, tmp_path: Path) -> None:
    expected = sorted(row["title"] for row in query_rows(published))
    for format, function in (("parquet", "read_parquet"), ("csv", "read_csv"), ("jsonl", "read_json")):
        output = tmp_path / format
        export(published, output, format=format, is_by_month=True)  # type: ignore[arg-type]
        # The quoting of RFC 4180, which the sniffer does not always detect.
        options = ", quote = '\"', escape = '\"', auto_detect = true, delim = ','" if format == "csv" else ""
        relation = duckdb.sql(
            f"SELECT title, month, published_at FROM {function}('{output}/*/*', hive_partitioning = true"
            f"{options})"
        )
        assert relation.columns == ["title", "month", "published_at"]
        rows = relation.fetchall()
        assert sorted(title for title, *_ in rows) == expected
        assert {month for _, month, _ in rows} == {"2026-01", "2026-02", "2026-03"}
    table = dataset.dataset(tmp_path / "parquet", partitioning="hive").to_table()
    assert sorted(table.column("title").to_pylist()) == expected
    assert set(table.column("month").to_pylist()) == {"2026-01", "2026-02", "2026-03"}
    assert str(table.schema.field("published_at").type) == "timestamp[us, tz=UTC]"
    assert str(table.schema.field("authors").type).startswith("list<")


def test_filters_and_columns(published: Path, tmp_path: Path) -> None:
    output = tmp_path / "some.csv"

    def export_titles(selection: ArticleFilter) -> set[str]:
        export(published, output, format="csv", selection=selection, columns=["title"], is_forced=True)
        with output.open(encoding="utf-8", newline="") as stream:
            head, *rows = csv.reader(stream)
        assert head == ["title"]
        return {title for (title,) in rows}

    assert export_titles(ArticleFilter.parse(since="2026-03-01")) == {"Plain", NASTY[2], NASTY[5]}
    assert export_titles(ArticleFilter.parse(until="2026-01-31")) == {NASTY[0], NASTY[3], NASTY[6]}
    assert export_titles(ArticleFilter.parse(section=NASTY[1])) == {NASTY[1]}
    assert export_titles(ArticleFilter.parse(source="other")) == set()
    assert len(export_titles(ArticleFilter.parse(source="stdaily"))) == 9


def test_existing_output_is_replaced_only_with_force(published: Path, tmp_path: Path) -> None:
    output, folder = tmp_path / "a.jsonl", tmp_path / "months"
    output.write_text("mine")
    with pytest.raises(ConfigError, match=r"exists already.*--force"):
        export(published, output, format="jsonl")
    assert output.read_text() == "mine"
    export(published, output, format="jsonl", is_forced=True)
    assert len(read_jsonl(output)) == 9
    export(published, folder, format="csv", is_by_month=True)
    with pytest.raises(ConfigError, match="exists already"):
        export(published, folder, format="csv", is_by_month=True)
    only = ArticleFilter.parse(since="2026-03-01")
    export(published, folder, format="parquet", is_by_month=True, is_forced=True, selection=only)
    assert [path.relative_to(folder).as_posix() for path in folder.rglob("*.*")] == [
        "month=2026-03/articles.parquet"
    ]
    # A directory with other files is never replaced.
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="a directory that is no export"):
        export(published, folder, format="csv", is_by_month=True, is_forced=True)
    with pytest.raises(ConfigError, match="a directory that is no export"):
        export(published, folder, format="csv", is_forced=True)
    with pytest.raises(ConfigError, match="a file, but an export by month is a directory"):
        export(published, output, format="csv", is_by_month=True, is_forced=True)
    assert (folder / "thesis.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "months"]


def test_files_of_others_are_never_replaced(published: Path, tmp_path: Path) -> None:
    mine, folder = tmp_path / "mine.txt", tmp_path / "months"
    mine.write_text("mine")
    (tmp_path / "link.csv").symlink_to(mine)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link.csv", "pipe"):
        with pytest.raises(ConfigError, match="a link, a device or a pipe"):
            export(published, tmp_path / name, format="csv", is_forced=True)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "pipe").is_fifo()
    with pytest.raises(ConfigError, match="the warehouse itself"):
        export(published, published, format="csv", is_forced=True)
    export(published, folder, format="csv", is_by_month=True)
    others = [tmp_path / "months.new", tmp_path / "months.old"]
    for other in others:
        other.mkdir()
        (other / "thesis.txt").write_text("mine")
    export(published, folder, format="csv", is_by_month=True, is_forced=True)
    (folder / "month=2026-01" / "articles.notes").write_text("mine")
    with pytest.raises(ConfigError, match="a directory that is no export"):
        export(published, folder, format="csv", is_by_month=True, is_forced=True)
    assert [(other / "thesis.txt").read_text() for other in others] == ["mine", "mine"]


def test_a_damaged_warehouse_raises(published: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "news.duckdb"
    content = published.read_bytes()
    holes = len(content) // 3
    damaged.write_bytes(content[:holes] + bytes(holes) + content[2 * holes :])
    with pytest.raises(WarehouseError, match="damaged or truncated"):
        export(damaged, tmp_path / "x.csv", format="csv")


@pytest.mark.parametrize("is_by_month", [False, True])
def test_a_failed_export_leaves_no_files(published: Path, tmp_path: Path, is_by_month: bool) -> None:
    with pytest.raises(ConfigError, match="'titel': unknown column; use one of: source, url"):
        export(published, tmp_path / "x", format="csv", columns=["titel"], is_by_month=is_by_month)
    with pytest.raises(WarehouseError, match="no warehouse here"):
        export(tmp_path / "no.duckdb", tmp_path / "x", format="csv", is_by_month=is_by_month)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write"):
        export(published, tmp_path / "file" / "x", format="csv", is_by_month=is_by_month)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_files_of_a_killed_export_are_removed(published: Path, tmp_path: Path) -> None:
    leftover = tmp_path / ".months.newsetl-new" / "month=2020-01"
    leftover.mkdir(parents=True)
    (leftover / "articles.csv").write_text("half")
    export(published, tmp_path / "months", format="csv", is_by_month=True)
    assert [path.name for path in tmp_path.iterdir()] == ["months"]
    assert len(list((tmp_path / "months").iterdir())) == 3


def test_the_command_counts_rows(tmp_path: Path, published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, data = tmp_path / "deeper" / "months", published.parent
    export_.export(output, partition_by="month", source="stdaily", data=data)
    assert capsys.readouterr().out.splitlines() == [
        "  2026-01: 3 articles",
        "  2026-02: 3 articles",
        "  2026-03: 3 articles",
        f"{output}: 9 articles in 3 files, 0.0 MB",
    ]
    export_.export(tmp_path / "a.csv", since=datetime(2026, 3, 1), columns="title, url", data=data)  # noqa: DTZ001
    assert capsys.readouterr().out == f"{tmp_path / 'a.csv'}: 3 articles, 0.0 MB\n"
    assert list(read_csv(tmp_path / "a.csv")[0]) == ["title", "url"]
    with pytest.raises(ConfigError, match="--format xls: use parquet, csv or jsonl"):
        export_.export(tmp_path / "x", fmt="xls", data=data)
    with pytest.raises(ConfigError, match="--partition-by day: only month is possible"):
        export_.export(tmp_path / "x", partition_by="day", data=data)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "deeper"]


def test_the_python_api_returns_the_same_rows(published: Path) -> None:
    assert newsetl.articles(data=published).to_pylist() == query_rows(published)
