"""The commands, called in this process: their output and their exit status."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from newsetl.replica import MockServer, MockSite
from tests.support.commands import newsetl
from tests.support.page_factory import PAGE


@pytest.fixture(scope="module")
def replica() -> Iterator[MockServer]:
    with MockServer(MockSite(articles=20, since=date(2026, 9, 1), until=date(2026, 9, 30))) as replica:
        yield replica


@pytest.fixture(scope="module")
def loaded(replica: MockServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    done = newsetl("ingest", "stdaily", "--base-url", replica.base_url, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_ingest_sums_up_what_it_did(replica: MockServer, tmp_path: Path) -> None:
    first = newsetl("ingest", "--base-url", replica.base_url, "--data", "elsewhere", cwd=tmp_path)
    assert first.returncode == 0
    assert first.stdout.startswith("stdaily: ")
    assert " found, 20 new, 0 changed, 0 known, " in first.stdout
    assert "3 refused (2 soft_404, 1 removed_page)" in first.stdout
    assert (tmp_path / "elsewhere" / "news.duckdb").exists()
    again = newsetl("ingest", "--base-url", replica.base_url, cwd=tmp_path, env={"NEWSETL_DATA": "elsewhere"})
    assert "0 new" in again.stdout
    assert "nothing new; every article that is announced is known" in again.stdout


def test_ingest_of_a_source_that_is_down_fails(tmp_path: Path) -> None:
    done = newsetl("ingest", "stdaily", "--base-url", "http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 1
    assert "stdaily: FAILED: " in done.stdout


def test_sql_prints_each_format(loaded: Path) -> None:
    ask = ("sql", "SELECT title, published_at, authors FROM articles_flat ORDER BY published_at LIMIT 2")
    assert "published_at" in newsetl(*ask, cwd=loaded).stdout
    rows = list(csv.DictReader(io.StringIO(newsetl(*ask, "--format", "csv", cwd=loaded).stdout)))
    objects = json.loads(newsetl(*ask, "--format", "json", cwd=loaded).stdout)
    assert [row["title"] for row in rows] == [found["title"] for found in objects]
    assert len(rows) == 2
    done = newsetl(*ask, "--format", "parquet", "--output", "two.parquet", cwd=loaded)
    assert done.returncode == 0, done.stderr
    count = newsetl("sql", "SELECT 2 AS n", "--format", "json", cwd=loaded)
    assert json.loads(count.stdout) == [{"n": 2}]
    assert (loaded / "two.parquet").read_bytes()[:4] == b"PAR1"


def test_sql_only_reads(loaded: Path) -> None:
    for statement in (
        "DELETE FROM articles",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY articles TO 'x.csv'",
    ):
        done = newsetl("sql", statement, cwd=loaded)
        assert done.returncode == 2, statement
        assert done.stderr.startswith("newsetl: ")
        assert "Traceback" not in done.stderr
    assert json.loads(
        newsetl("sql", "SELECT count(*) AS n FROM articles", "--format", "json", cwd=loaded).stdout
    ) == [{"n": 20}]


def test_status_and_sources(loaded: Path) -> None:
    told = newsetl("status", cwd=loaded).stdout
    assert "stdaily" in told
    assert "completed" in told
    assert "soft_404 2" in told
    assert "Science and Technology Daily" in newsetl("sources", cwd=loaded).stdout


PARSE = ("parse", "--source", "stdaily")
MISUSE = {
    "reversed window": (
        ("ingest", "--since", "2026-02-02", "--until", "2026-02-01"),
        "--since 2026-02-02 is after",
    ),
    "no such source": (("ingest", "nowhere"), "no source named 'nowhere'; use one of cgtn, "),
    "nobody asks": (("ingest", "stdaily"), "no contact set; pass --contact or set NEWSETL_CONTACT"),
    "no such file": ((*PARSE, "missing.html"), "missing.html: cannot be read (No such file"),
    "a folder": ((*PARSE, "."), ".: no file; name the pages in it"),
    "no addresses": ((*PARSE, "page.html", "--urls", "none"), "--urls none: cannot be read"),
    "bad addresses": ((*PARSE, "page.html", "--urls", "page.html"), "page.html, line 1: write"),
    "one url, two pages": ((*PARSE, "page.html", "page.html", "--url", "x"), "--url goes with"),
    "no warehouse": (("sql", "SELECT 1"), "newsetl ingest"),
    "no database": (("sql", "SELECT 1", "--data", "broken"), "not a DuckDB file"),
    "broken warehouse": (
        ("ingest", "stdaily", "--contact", "a@b.c", "--data", "broken"),
        "not a DuckDB file",
    ),
    "no such format": (
        ("sql", "SELECT 1", "--format", "xls"),
        "--format xls: use table, csv, json, jsonl or parquet",
    ),
    "no such host": (
        ("ingest", "stdaily", "--base-url", "http://[::1"),
        "http://[::1: not a URL of the form",
    ),
    "no such port": (("ingest", "stdaily", "--base-url", "http://a:port"), "http://a:port: not a URL"),
    "a long name": (("ingest", "stdaily", "--data", "x" * 300), "cannot be written (File name too long)"),
    "not a URL": (("ingest", "stdaily", "--base-url", "here"), "here: not a URL of the form"),
}


@pytest.mark.parametrize("misuse", MISUSE)
def test_bad_usage_is_one_clear_line_and_exit_2(misuse: str, tmp_path: Path) -> None:
    words, message = MISUSE[misuse]
    (tmp_path / "page.html").write_text(PAGE)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "news.duckdb").write_bytes(b"no database" * 1000)
    done = newsetl(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_bad_date_is_bad_usage(tmp_path: Path) -> None:
    done = newsetl("ingest", "--since", "yesterday", cwd=tmp_path)
    assert done.returncode == 2
    assert "yesterday" in done.stderr


def test_parse_prints_an_object_a_line(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(PAGE)
    (tmp_path / "bad.html").write_text("<html><body><h1>Nothing</h1></body></html>")
    (tmp_path / "urls.tsv").write_text(
        "good.html\thttp://m.stdaily.com/web/English/2023-02/03/content_1913283.html\n"
    )
    done = newsetl(
        "parse", "good.html", "bad.html", "--source", "stdaily", "--json", "--urls", "urls.tsv", cwd=tmp_path
    )
    assert done.returncode == 3
    good, bad = map(json.loads, done.stdout.splitlines())
    assert list(good) == [
        "path", "url", "title", "section", "agency", "published_at", "authors", "editors", "text", "images",
        "teasers", "language", "found",
    ]  # fmt: skip
    assert good["path"] == "good.html"
    assert good["url"] == "https://www.stdaily.com/web/English/2023-02/03/content_1913283.html"
    assert good["published_at"] == "2023-02-03T09:00:01+08:00"
    assert bad["path"] == "bad.html"
    assert bad["rejected"]["reason"] == "unknown_layout"
    alone = newsetl("parse", "good.html", "--source", "stdaily", cwd=tmp_path)
    assert alone.returncode == 0
    assert "XIE Wanning   [metadata line]" in alone.stdout
    assert not list(tmp_path.glob("*.duckdb"))


def test_a_file_of_addresses_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(PAGE)
    address = "https://www.stdaily.com/web/English/2023-02/03/content_1913283.html"
    (tmp_path / "urls.tsv").write_text(f"good.html\t{address}\n", encoding="utf-8-sig")
    done = newsetl(*PARSE, "good.html", "--json", "--urls", "urls.tsv", cwd=tmp_path)
    assert json.loads(done.stdout)["url"] == address


def test_parse_reads_an_address(replica: MockServer, tmp_path: Path) -> None:
    story = next(story for story in replica.site.listed_articles if story.rejected is None)
    done = newsetl(
        "parse",
        replica.base_url + story.paths[0],
        "--source",
        "stdaily",
        "--base-url",
        replica.base_url,
        "--json",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["title"] == story.title


def test_every_command_has_help_with_an_example(tmp_path: Path) -> None:
    groups = {"replica", "source", "state"}
    for words in ((), *((group,) for group in groups)):
        listed = newsetl(*words, "--help", cwd=tmp_path).stdout.split("Commands:\n")[1]
        for command in (
            line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "
        ):
            if command not in groups:
                assert "Example: newsetl" in newsetl(*words, command, "--help", cwd=tmp_path).stdout, command
