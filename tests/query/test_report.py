"""Tests of the report's file: figures, escaping of article texts, and output.

tests/system has the tests in a browser.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from newsetl.errors import ConfigError
from newsetl.query import report
from newsetl.query.article_filter import ArticleFilter
from tests.support import replica_runs
from tests.support.commands import newsetl
from tests.support.factories import Room, batch, page, web
from tests.support.harmful import HOSTILE, NASTY, add_harmful


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report about articles with hostile texts, and an older harmless one."""
    folder = tmp_path_factory.mktemp("report")
    add_harmful(folder / "news.duckdb")
    room = Room(folder / "news.duckdb")
    older = datetime(2026, 1, 10, 12, tzinfo=UTC)
    room.load(batch(page(9, web(9), title="A Quiet Day", published_at=older)))
    room.warehouse.close()
    report.write_report(folder / "news.duckdb", folder / "report.html")
    return folder


def sql(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    return replica_runs.rows(folder, statement)


def test_figures_equal_those_of_the_tables(folder: Path) -> None:
    document = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "lxml")

    def texts(selector: str) -> list[str]:
        return [" ".join(each.get_text().split()) for each in document.select(selector)]

    ((articles, words, gone),) = sql(
        folder, "SELECT count(*), sum(words)::BIGINT, count(gone_at) FROM articles"
    )
    ((changed,),) = sql(folder, "SELECT count(DISTINCT article_id) FROM article_revisions")
    ((rejected,),) = sql(folder, "SELECT count(*) FROM open_rejects")
    ((complete, days),) = sql(
        folder,
        "SELECT count(*) FILTER (state = 'complete' AND NOT is_overdue), count(*) FROM coverage_calendar",
    )
    tiles = texts(".tiles dd")
    assert [*tiles[:3], *tiles[4:]] == [
        f"{articles:,}",
        f"{words:,}",
        f"{complete} of {days}",
        f"{changed}",
        f"{gone}",
        f"{rejected}",
    ]
    assert (articles, changed, gone, rejected) == (4, 1, 1, 2)
    by_reason = sql(
        folder, "SELECT count(*) FROM open_rejects GROUP BY reason ORDER BY count(*) DESC, reason"
    )
    assert texts("#rejected > .scroll tbody td:nth-child(2)") == [str(count) for (count,) in by_reason]
    totals = [int(cells[-1].get_text()) for row in document.select("#volume-table tbody tr")
              if (cells := row.select("th, td"))]  # fmt: skip
    assert sum(totals) == articles


def test_hostile_texts_are_escaped(folder: Path) -> None:
    document = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "lxml")
    assert not document.select("main img, main script, bdi b, [onerror]")
    assert not [link for link in document.select("a[href]") if link["href"].startswith("javascript:")]
    shown = f"{NASTY} now".replace("\0", "")
    titles = [each.get_text().replace("\ufffd", "") for each in document.select("#changes summary .diff")]
    assert titles == [shown]
    assert {each.get_text().strip() for each in document.select("#changes ins")} >= {"now", "half the"}
    assert HOSTILE["section"] in document.select_one("#volume-table").get_text()


def test_days_and_sources_can_be_selected(folder: Path, tmp_path: Path) -> None:
    day, output = date(2026, 3, 1), tmp_path / "a" / "report.html"
    ((articles,),) = sql(folder, f"SELECT count(*) FROM articles WHERE published_on >= '{day}'")
    assert (
        report.write_report(folder / "news.duckdb", output, selection=ArticleFilter(since=day)).articles
        == articles
        > 0
    )
    assert sql(folder, "SELECT count(*) FROM articles") == [(articles + 1,)]
    assert "(selected: from 1 Mar 2026)" in " ".join(output.read_text(encoding="utf-8").split())
    assert (
        report.write_report(
            folder / "news.duckdb", output, selection=ArticleFilter(source="another")
        ).articles
        == 0
    )


def test_other_files_are_not_replaced(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("mine")
    for output, error in ((tmp_path / "mine.html", "no report of newsetl"), (tmp_path, "a directory")):
        with pytest.raises(ConfigError, match=error):
            report.write_report(folder / "news.duckdb", output)
    assert (tmp_path / "mine.html").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.html"]


def test_a_missing_extra_raises_with_the_install_command(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("newsetl.query.report.html", "newsetl.query.report.charts"):
        monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.delattr(report, name.rpartition(".")[2], raising=False)
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(ConfigError, match=r"pip install 'newsetl\[report\]'"):
        report.write_report(folder / "news.duckdb", tmp_path / "report.html")


def test_the_command_prints_the_number_of_articles_and_the_size(folder: Path, tmp_path: Path) -> None:
    done = newsetl("report", "--data", folder, "-o", tmp_path / "it.html")
    assert done.returncode == 0, done.stderr
    ((articles,),) = sql(folder, "SELECT count(*) FROM articles")
    assert re.search(rf"it\.html: {articles} articles, \d\.\d MB\n$", done.stdout)
