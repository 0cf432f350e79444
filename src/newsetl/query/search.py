"""Full-text search of articles, ranked by BM25, with snippets.

The SQL macro does the search and the ranking: `FROM search_articles('quantum -computing')` returns the same
articles in the same order. This module adds filters and snippets with the matched words in brackets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import duckdb

from newsetl.db.connection import translate_errors
from newsetl.errors import ConfigError
from newsetl.query import reader
from newsetl.runtime.data_folder import WarehouseLocation
from newsetl.text.unicode import replace_surrogates

SNIPPET_WORDS = 30
_UNITS_SQL = "SELECT words FROM query_units($query) WHERE NOT is_excluded ORDER BY words"
# Names match in any case; days are in the source's timezone.
_SEARCH_SQL = """
    SELECT score, source, published_on, published_at, section, title, authors, url, article_id
    FROM search_articles($query)
    WHERE ($since IS NULL OR published_on >= $since)
        AND ($until IS NULL OR published_on <= $until)
        AND ($section IS NULL OR lower(section) = lower($section))
        AND ($author IS NULL OR list_contains([lower(name) FOR name IN authors], lower($author)))
        AND ($source IS NULL OR source = $source)
    ORDER BY score DESC, published_at DESC, article_id
    LIMIT $limit
"""
_TEXTS_SQL = "SELECT article_id, text FROM articles WHERE article_id IN (SELECT unnest($article_ids::UUID[]))"
_FOLD_SQL = "SELECT list_transform($spans::VARCHAR[], lambda span: folded_words(span))"
# A Chinese or Japanese character is a word of its own, as in folded_words.
_CHARACTER = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """Matched article; `snippet` has the matched words in square brackets and single blanks."""

    score: float
    source: str
    published_on: date
    published_at: datetime
    section: str | None
    title: str
    authors: tuple[str, ...]
    url: str | None
    article_id: UUID
    snippet: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Best hits; `pending` is the number of articles that the next run adds to the index."""

    hits: tuple[SearchHit, ...]
    pending: int


def search_articles(
    path: WarehouseLocation,
    words: str,
    *,
    since: date | None = None,
    until: date | None = None,
    section: str | None = None,
    author: str | None = None,
    source: str | None = None,
    limit: int = 10,
) -> SearchResult:
    """Return articles with all words and "phrases" of the query and none after a minus, ranked by BM25.

    Case and accents are ignored; a word in the title counts as five in the text. Raise ConfigError if the
    query has no word to search for, and WarehouseError as `reader.connect` does.
    """
    parameters: dict[str, object] = {
        "query": replace_surrogates(words),
        "since": since,
        "until": until,
        "section": section,
    }
    with closing(reader.connect(path)) as connection, translate_errors(path):
        units = [
            unit for (unit,) in connection.execute(_UNITS_SQL, {"query": parameters["query"]}).fetchall()
        ]
        if not units:
            raise ConfigError(
                f"{words!r}: no word to search for; write at least one word that is not excluded by a minus"
            )
        parameters |= {"author": author, "source": source, "limit": limit}
        rows = [
            (*row[:6], tuple(row[6]), *row[7:])
            for row in connection.execute(_SEARCH_SQL, parameters).fetchall()
        ]
        texts = dict(connection.execute(_TEXTS_SQL, {"article_ids": [row[-1] for row in rows]}).fetchall())
        ((pending,),) = connection.execute("SELECT count(*) FROM internal.index_queue").fetchall()
        snippets = {article_id: _build_snippet(connection, text, units) for article_id, text in texts.items()}
    return SearchResult(tuple(SearchHit(*(*row, snippets[row[-1]])) for row in rows), pending)


def _build_snippet(connection: duckdb.DuckDBPyConnection, text: str, units: Sequence[list[str]]) -> str:
    """Return the excerpt with most words and phrases marked, or the beginning of the text without any."""
    spans = _find_word_spans(text)
    texts = [text[start:end] for start, end in spans]
    ((folded,),) = connection.execute(_FOLD_SQL, {"spans": texts}).fetchall()
    # folded_words may split a span into several words, or return none.
    words = [(word, span) for span, span_words in zip(spans, folded, strict=True) for word in span_words]
    return build_excerpt(text, words, units)


def build_excerpt(text: str, words: Sequence[tuple[str, tuple[int, int]]], units: Sequence[list[str]]) -> str:
    """Return about SNIPPET_WORDS words of the text with the units (words and phrases) in brackets.

    `words` has each folded word with its span (start, end) in the text.
    """
    marks: dict[int, tuple[int, int]] = {}  # index of the first word → index after the last word, unit
    folded = [word for word, _ in words]
    for number, unit in enumerate(units):
        for first in range(len(folded) - len(unit) + 1):
            if folded[first : first + len(unit)] == unit:
                marks[first] = max(marks.get(first, (0, 0)), (first + len(unit), number))

    def count_units(first: int) -> int:
        last = first + SNIPPET_WORDS * 3 // 4
        return len({unit for start, (_, unit) in marks.items() if first <= start < last})

    best = max(marks, key=lambda first: (count_units(first), -first), default=0)
    begin = max(0, best - SNIPPET_WORDS // 4)
    end = min(len(words), max(begin + SNIPPET_WORDS, marks[best][0] if marks else 0))
    at = words[begin][1][0] if begin else 0
    parts, marked = [], begin
    for first in sorted(marks):
        after = min(marks[first][0], end)
        if marked <= first < after:
            start, stop = words[first][1][0], words[after - 1][1][1]
            parts += [text[at:start], "[", text[start:stop], "]"]
            at, marked = stop, after
    until = len(text) if end == len(words) else words[end - 1][1][1]
    excerpt = " ".join("".join([*parts, text[at:until]]).split())
    return f"{'… ' if begin else ''}{excerpt}{' …' if until < len(text) else ''}"


def _find_word_spans(text: str) -> list[tuple[int, int]]:
    """Return spans (start, end) of consecutive letters and digits with their combining marks."""
    spans: list[tuple[int, int]] = []
    start = None
    for index, letter in enumerate(text):
        if _CHARACTER.match(letter):
            spans += [(start, index)] if start is not None else []
            spans.append((index, index + 1))
            start = None
        elif letter.isalnum() or (start is not None and unicodedata.category(letter)[0] == "M"):
            start = index if start is None else start
        elif start is not None:
            spans.append((start, index))
            start = None
    return spans + ([(start, len(text))] if start is not None else [])
