"""Commands in this process: their output and exit status."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from importlib import resources
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


def test_ingest_prints_a_summary(replica: MockServer, tmp_path: Path) -> None:
    first = newsetl("ingest", "--base-url", replica.base_url, "--data", "elsewhere", cwd=tmp_path)
    assert first.returncode == 0
    assert first.stdout.startswith("stdaily: ")
    assert " discovered, 20 new, 0 changed, 0 already loaded, " in first.stdout
    assert "3 rejected (2 soft_404, 1 removed_page)" in first.stdout
    assert (tmp_path / "elsewhere" / "news.duckdb").exists()
    again = newsetl("ingest", "--base-url", replica.base_url, cwd=tmp_path, env={"NEWSETL_DATA": "elsewhere"})
    assert "0 new" in again.stdout
    assert "nothing new; every discovered article is already loaded" in again.stdout


def test_ingest_of_a_source_that_is_down_fails(tmp_path: Path) -> None:
    done = newsetl("ingest", "stdaily", "--base-url", "http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 1
    assert "stdaily: FAILED: " in done.stdout


def test_sql_prints_each_format(loaded: Path) -> None:
    command = ("sql", "SELECT title, published_at, authors FROM articles_flat ORDER BY published_at LIMIT 2")
    assert "published_at" in newsetl(*command, cwd=loaded).stdout
    rows = list(csv.DictReader(io.StringIO(newsetl(*command, "--format", "csv", cwd=loaded).stdout)))
    objects = json.loads(newsetl(*command, "--format", "json", cwd=loaded).stdout)
    assert [row["title"] for row in rows] == [each["title"] for each in objects]
    assert len(rows) == 2
    done = newsetl(*command, "--format", "parquet", "--output", "two.parquet", cwd=loaded)
    assert done.returncode == 0, done.stderr
    count = newsetl("sql", "SELECT 2 AS n", "--format", "json", cwd=loaded)
    assert json.loads(count.stdout) == [{"n": 2}]
    assert (loaded / "two.parquet").read_bytes()[:4] == b"PAR1"


def test_sql_cannot_write(loaded: Path) -> None:
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
    output = newsetl("status", cwd=loaded).stdout
    assert "stdaily" in output
    assert "completed" in output
    assert "soft_404 2" in output
    assert "Science and Technology Daily" in newsetl("sources", cwd=loaded).stdout


PARSE = ("parse", "--source", "stdaily")
MISUSE = {
    "reversed window": (
        ("ingest", "--since", "2026-02-02", "--until", "2026-02-01"),
        "--since 2026-02-02 is after",
    ),
    "no such source": (("ingest", "nowhere"), "no source named 'nowhere'; use one of cgtn, "),
    "no contact": (("ingest", "stdaily"), "no contact set; pass --contact or set NEWSETL_CONTACT"),
    "no such file": ((*PARSE, "missing.html"), "missing.html: cannot be read (No such file"),
    "a directory": ((*PARSE, "."), ".: a directory; name the pages in it"),
    "no URLs": ((*PARSE, "page.html", "--urls", "none"), "--urls none: cannot be read"),
    "bad URLs": ((*PARSE, "page.html", "--urls", "page.html"), "page.html, line 1: write"),
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


def test_parse_prints_one_object_per_line(tmp_path: Path) -> None:
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


def test_a_file_of_urls_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(PAGE)
    address = "https://www.stdaily.com/web/English/2023-02/03/content_1913283.html"
    (tmp_path / "urls.tsv").write_text(f"good.html\t{address}\n", encoding="utf-8-sig")
    done = newsetl(*PARSE, "good.html", "--json", "--urls", "urls.tsv", cwd=tmp_path)
    assert json.loads(done.stdout)["url"] == address


def test_parse_fetches_a_url(replica: MockServer, tmp_path: Path) -> None:
    article = next(each for each in replica.site.listed_articles if each.reject_reason is None)
    done = newsetl(
        "parse",
        replica.base_url + article.paths[0],
        "--source",
        "stdaily",
        "--base-url",
        replica.base_url,
        "--json",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["title"] == article.title


GROUPS = {
    "Get articles": ["ingest", "backfill", "import"],
    "Look at them": ["status", "sql", "search", "export", "report", "diff"],
    "Your own sites": ["parse", "source"],
    "Operate": ["serve", "check", "publish", "compact", "state"],
    "Repair": ["rejects", "retry", "reparse", "rebuild"],
    "Try out": ["demo", "replica"],
}
SUBCOMMANDS = {"source", "state", "replica"}


def list_commands(help_text: str) -> dict[str, dict[str, str]]:
    """Return heading → command → summary, for the sections of a group's help after its options."""
    listed: dict[str, dict[str, str]] = {}
    for line in help_text.split("Show this message and exit.\n")[1].splitlines():
        if line.endswith(":"):
            commands = listed[line.removesuffix(":")] = {}
        elif line:
            name, _, summary = line.strip().partition(" ")
            commands[name] = summary.strip()
    return listed


def test_the_help_groups_the_commands_and_cuts_no_summary_off(tmp_path: Path) -> None:
    narrow = {"COLUMNS": "80"}
    listed = list_commands(newsetl("--help", cwd=tmp_path, env=narrow).stdout)
    assert {heading: list(commands) for heading, commands in listed.items()} == GROUPS
    for group in SUBCOMMANDS:
        listed |= list_commands(newsetl(group, "--help", cwd=tmp_path, env=narrow).stdout)
    for commands in listed.values():
        for name, summary in commands.items():
            assert 0 < len(summary) <= 60, name
            assert summary.endswith("."), name
            assert not summary.endswith(".."), name


def test_every_command_has_help_with_an_example(tmp_path: Path) -> None:
    for group in ((), *((name,) for name in SUBCOMMANDS)):
        for commands in list_commands(newsetl(*group, "--help", cwd=tmp_path).stdout).values():
            for name in commands.keys() - SUBCOMMANDS:
                output = newsetl(*group, name, "--help", cwd=tmp_path).stdout
                assert "Example: newsetl" in output, name
                assert ("--source-dir DIR" in output) == (group != ("replica",)), name


@pytest.mark.parametrize(
    "words",
    [
        ("--source-dir", "first", "source", "list"),
        ("source", "list", "--source-dir", "first"),
        ("source", "list", "--sources", "first"),
        ("--source-dir", "first", "sources"),
        ("--source-dir=second", "source", "list", "--source-dir=first"),
        ("source", "list", "--source-dir", "first", "--source-dir", "second"),
    ],
)
def test_source_dir_comes_before_or_after_the_command(words: tuple[str, ...], tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        text = resources.files("newsetl.sources").joinpath("stdaily.toml").read_text(encoding="utf-8")
        (tmp_path / name / "stdaily.toml").write_text(text, encoding="utf-8")
    done = newsetl(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert " from first/stdaily.toml, in place of " in done.stdout
    without = newsetl("source", "list", cwd=tmp_path)
    assert "first" not in without.stdout


def test_source_dir_without_a_value_is_bad_usage(tmp_path: Path) -> None:
    done = newsetl("source", "list", "--source-dir", cwd=tmp_path)
    assert done.returncode == 2
    assert "requires an argument" in done.stderr
