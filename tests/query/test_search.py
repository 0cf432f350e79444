"""Tests of search results, ranking, snippets and incremental updates of the index."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import duckdb
import pytest

from newsetl import sources
from newsetl.db import search_index
from newsetl.db.writer import Warehouse
from newsetl.errors import ConfigError
from newsetl.model import Batch, Credit, Window
from newsetl.query import reader
from newsetl.query.search import SearchResult, search_articles
from tests.support import factories
from tests.support.commands import newsetl
from tests.support.factories import batch, capture, page, web

DAY = datetime(2026, 2, 28, 17, 30, tzinfo=UTC)
FILLER = "Nothing of this is looked for by anybody."
ODD = '\'; DROP TABLE articles; -- <script>alert("x")</script> \u202e🧪 100% _under_ \\ $query'
ARTICLES: dict[str, tuple[str, dict[str, Any]]] = {
    "Quantum computing comes of age": (f"{FILLER} Machines grow up.", {}),
    "Machines": (f"{FILLER} One day quantum computing will help, and quantum clocks too. {FILLER}", {}),
    "Clocks": (f"{FILLER} A quantum of light and a computing clock. {FILLER}", {"section": "Comment"}),
    "Über café culture in Zürich": ("Le Café est fermé. " + FILLER, {}),
    "人工智能": ("科技日报记者从清华大学获悉，人工智能AI芯片研究取得进展。", {"language": "zh"}),
    "Solid": (
        f"A solid-state battery. {FILLER}",
        {"credits": (Credit("ZONG Shihan", "author", 1, "person"),)},
    ),
    "State of matter": (f"Solid ground. {FILLER}", {}),
    ODD: (f"{ODD} {FILLER}", {}),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "news.duckdb"
    warehouse, run_id = factories.opened(path)
    with warehouse:
        given = [
            page(n, web(n), title=title, text=text, published_at=DAY + timedelta(days=n), **fields)
            for n, (title, (text, fields)) in enumerate(ARTICLES.items())
        ]
        warehouse.load(batch(*given), run_id=run_id)
        other = replace(sources.load("stdaily"), slug="other")
        warehouse.register_source(other)
        other_run = warehouse.start_run("other", kind="ingest", window=Window(), started_at=factories.NOON)
        article = replace(
            factories.article(50, web(50), title="Elsewhere", text="Of battery."), source="other"
        )
        warehouse.load(Batch("other", (capture(50, web(50), source="other"),), (article,)), run_id=other_run)
        warehouse.update_search_and_duplicates()
    return path


def titles(path: Path, words: str, **filters: Any) -> list[str]:
    return [hit.title for hit in search_articles(path, words, **filters).hits]


def test_all_words_are_required_and_the_title_counts_most(path: Path) -> None:
    assert titles(path, "quantum") == ["Quantum computing comes of age", "Machines", "Clocks"]
    assert titles(path, "QUANTUM clock") == ["Clocks"]
    assert titles(path, "quantum nowhere") == []


def test_a_minus_excludes_words_and_phrases(path: Path) -> None:
    assert titles(path, "quantum -clocks") == ["Quantum computing comes of age"]
    assert titles(path, 'quantum -"quantum computing"') == ["Clocks"]
    assert titles(path, "quantum −computing") == []
    assert titles(path, "quantum - light") == ["Clocks"]


def test_a_phrase_matches_within_the_title_or_within_the_text(path: Path) -> None:
    assert titles(path, '"quantum computing"') == ["Quantum computing comes of age", "Machines"]
    assert titles(path, "“Quantum Computing”") == ["Quantum computing comes of age", "Machines"]
    assert titles(path, '"computing quantum"') == []
    assert titles(path, "solid-state") == ["Solid"]
    assert titles(path, '"matter solid"') == []  # the end of the title and the beginning of the text
    assert titles(path, '"quantum clocks too nothing of this is looked') == ["Machines"]


def test_case_and_accents_are_ignored_and_chinese_is_matched_by_character(path: Path) -> None:
    cafe = ["Über café culture in Zürich"]
    assert titles(path, "cafe") == titles(path, "CAFÉ") == titles(path, "cafe\u0301 uber zurich") == cafe
    assert titles(path, "智能") == titles(path, "清华 AI芯片") == ["人工智能"]
    assert titles(path, "能智") == []


@pytest.mark.parametrize("words", ["", "   ", "-quantum", '-"a b" -c', '"', "- -", "?!", "🧪"])
def test_a_query_without_a_word_is_rejected(path: Path, words: str) -> None:
    with pytest.raises(ConfigError, match=r"no word to search for; write at least one word"):
        search_articles(path, words)
    with reader.connect(path) as connection, pytest.raises(duckdb.Error, match="no word to search for"):
        connection.execute("FROM search_articles(?)", [words]).fetchall()


@pytest.mark.parametrize(
    "words", [ODD, "'; DROP TABLE articles; --", "<script>", "100% _under_", "\ud800 alert"]
)
def test_special_characters_of_a_query_are_searched_literally(path: Path, words: str) -> None:
    assert titles(path, words) == [ODD]


def test_filters(path: Path) -> None:
    assert titles(path, "quantum", section="comment") == ["Clocks"]
    assert titles(path, "quantum", since=date(2026, 3, 2)) == ["Machines", "Clocks"]
    assert titles(path, "quantum", since=date(2026, 3, 2), until=date(2026, 3, 2)) == ["Machines"]
    assert titles(path, "battery", source="other") == ["Elsewhere"]
    assert titles(path, "battery", author="zong shihan") == ["Solid"]
    assert titles(path, "quantum", limit=1) == ["Quantum computing comes of age"]


def test_snippets_mark_matched_words(path: Path) -> None:
    (machines,) = search_articles(path, "machines quantum clocks").hits
    assert "quantum computing will help, and [quantum] [clocks] too." in machines.snippet.replace(
        "[quantum] computing", "quantum computing"
    )
    (cafe,) = search_articles(path, "cafe ferme").hits
    assert cafe.snippet.startswith("Le [Café] est [fermé]. Nothing")
    (solid,) = search_articles(path, "solid-state").hits
    assert solid.snippet.startswith("A [solid-state] battery")
    (chinese,) = search_articles(path, "清华大学").hits
    assert "从[清华大学]获悉" in chinese.snippet
    (title_only,) = search_articles(path, "age").hits
    assert title_only.snippet.startswith(FILLER)
    (odd,) = search_articles(path, "script").hits
    assert '<[script]>alert("x")' in odd.snippet


def test_the_snippet_of_a_long_text_has_most_matches(tmp_path: Path) -> None:
    warehouse, run_id = factories.opened(tmp_path / "news.duckdb")
    with warehouse:
        text = f"alpha {'x ' * 300} alpha beta {'y ' * 300}"
        warehouse.load(batch(page(1, web(1), text=text)), run_id=run_id)
        warehouse.update_search_and_duplicates()
    (hit,) = search_articles(tmp_path / "news.duckdb", "alpha beta").hits
    assert re.fullmatch(r"… (x )+\[alpha\] \[beta\] (y )+…", hit.snippet)
    assert len(hit.snippet.split()) <= 34


def bm25(articles: dict[str, tuple[str, Any]], word: str) -> dict[str, float]:
    """Return title → BM25 score (Robertson and Zaragoza, 2009) with the non-negative idf of Lucene."""
    texts = {title: re.findall(r"\w+", text.lower()) for title, (text, _) in articles.items()}
    title_words = {title: re.findall(r"\w+", title.lower()) for title in articles}
    sizes = {title: len(texts[title]) + len(title_words[title]) for title in articles}
    mean_size = sum(sizes.values()) / len(sizes)
    times = {title: texts[title].count(word) + 5 * title_words[title].count(word) for title in articles}
    matching = sum(count > 0 for count in times.values())
    weight = math.log(1 + (len(articles) - matching + 0.5) / (matching + 0.5))
    return {
        title: weight * 2.2 * count / (count + 1.2 * (0.25 + 0.75 * sizes[title] / mean_size))
        for title, count in times.items()
        if count
    }


def test_the_score_is_bm25(tmp_path: Path) -> None:
    articles = {title: fields for title, fields in ARTICLES.items() if title.isascii()}
    warehouse, run_id = factories.opened(tmp_path / "news.duckdb")
    with warehouse:
        given = [page(n, web(n), title=t, text=text) for n, (t, (text, _)) in enumerate(articles.items())]
        warehouse.load(batch(*given), run_id=run_id)
        warehouse.update_search_and_duplicates()
    for word in ("quantum", "solid", "nothing"):
        expected = bm25(articles, word)
        scores = {hit.title: hit.score for hit in search_articles(tmp_path / "news.duckdb", word).hits}
        assert scores == pytest.approx(expected, abs=1e-4)


def test_sql_returns_the_same_in_any_copy_of_the_file(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(path, copy)
    words = 'quantum -"light and"'
    expected = [(hit.score, hit.title, hit.article_id) for hit in search_articles(path, words).hits]
    statement = "SELECT score, title, article_id FROM search_articles($1)"
    # A connection of the user's own, without newsetl and without any extension.
    with duckdb.connect(copy, read_only=True, config={"autoload_known_extensions": False}) as plain:
        assert plain.execute(statement, [words]).fetchall() == expected
    assert list(reader.run_query(copy, statement.replace("$1", "'quantum -\"light and\"'")).rows) == expected


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Warehouse, UUID]]:
    warehouse, run_id = factories.opened(tmp_path / "news.duckdb")
    with warehouse:
        yield warehouse, run_id


def search_in(warehouse: Warehouse, words: str) -> list[tuple[float, UUID]]:
    return warehouse.connection.execute(
        "SELECT score, article_id FROM search_articles(?)", [words]
    ).fetchall()


def test_a_changed_article_matches_only_its_new_words(opened: tuple[Warehouse, UUID]) -> None:
    warehouse, run_id = opened
    warehouse.load(
        batch(page(1, web(1), text="An old word."), page(2, web(2), text="Nothing.")), run_id=run_id
    )
    warehouse.update_search_and_duplicates()
    changed = page(3, web(1), text="A new word.", at=factories.after(5))
    warehouse.load(batch(changed), run_id=run_id)
    assert warehouse.connection.execute("SELECT count(*) FROM internal.index_queue").fetchall() == [(1,)]
    warehouse.update_search_and_duplicates()
    assert (search_in(warehouse, "old"), len(search_in(warehouse, "new"))) == ([], 1)
    warehouse.load(batch(changed), run_id=run_id)
    assert warehouse.connection.execute("SELECT count(*) FROM internal.index_queue").fetchall() == [(0,)]


def test_an_index_updated_in_steps_equals_one_built_at_once(
    opened: tuple[Warehouse, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse, run_id = opened
    monkeypatch.setattr(search_index, "SMALL_SEGMENT", 2)
    monkeypatch.setattr(search_index, "MERGE_FACTOR", 3)
    monkeypatch.setattr(search_index, "BATCH_ARTICLES", 4)
    rng = Random(1)
    vocabulary = [f"w{n}" for n in range(12)]
    numbers = [rng.randrange(25) for _ in range(36)]
    for step in range(6):
        given = [
            page(
                100 * step + n,
                web(n),
                title=f"t{n}",
                text=" ".join(rng.choices(vocabulary, k=12)),
                at=factories.after(step),
            )
            for n in set(numbers[6 * step : 6 * step + 6])
        ]
        warehouse.load(batch(*given), run_id=run_id)
        warehouse.update_search_and_duplicates()
    words = ["w1", "w2 w3", "w4 -w5", '"w6 w7"', '"w2 w3 w4"', '"w5 w5"', "t3"]
    by_steps = [search_in(warehouse, each) for each in words]
    ((segments,),) = warehouse.connection.execute(
        "SELECT count(DISTINCT segment) FROM internal.search_postings"
    ).fetchall()
    assert 1 < segments < 6
    for statement in ("DELETE FROM internal.search_documents", "DELETE FROM internal.search_postings"):
        warehouse.connection.execute(statement)
    warehouse.connection.execute("INSERT INTO internal.index_queue SELECT article_id FROM articles")
    monkeypatch.setattr(search_index, "BATCH_ARTICLES", 1000)
    warehouse.update_search_and_duplicates()
    assert [search_in(warehouse, each) for each in words] == by_steps
    assert sum(map(bool, by_steps)) > 4


def test_pending_articles_are_counted(opened: tuple[Warehouse, UUID]) -> None:
    warehouse, run_id = opened
    warehouse.load(batch(page(1, web(1), text="A word.")), run_id=run_id)
    warehouse.close()
    assert search_articles(warehouse.path, "word") == SearchResult((), 1)
    with Warehouse(warehouse.path) as again:
        again.update_search_and_duplicates()
    assert len(search_articles(warehouse.path, "word").hits) == 1


def run_search(path: Path, *arguments: str) -> str:
    done = newsetl("search", "--data", path.parent, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_command(path: Path) -> None:
    assert "2026-03-01  Quantum computing comes of age  (stdaily, News, LONG Yun" in run_search(
        path, "quantum age"
    )
    assert "nothing found" in run_search(path, "quantum nowhere")
    assert "Quantum" not in run_search(path, "--", "-computing clocks")
    (record,) = json.loads(run_search(path, "清华大学", "--format", "json"))
    assert (record["title"], record["published_on"]) == ("人工智能", "2026-03-05")
    (line,) = csv.DictReader(io.StringIO(run_search(path, "script", "--format", "csv")))
    assert line["title"] == ODD
    assert json.loads(line["authors"]) == ["LONG Yun", "CHEN Chunyou"]
    done = newsetl("search", "x", "--format", "xml", "--data", path.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("newsetl: --format xml: use ")
    assert done.stderr.count("\n") == 1
