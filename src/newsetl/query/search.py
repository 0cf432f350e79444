"""Articles found by their words, the best first, with the place in the text that was found.

What is found, and in what order, is the warehouse's own: `FROM search_articles('quantum -computing')` in SQL
gives the same. Here are added filters, and a snippet with the found words in brackets.
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
# A name is the same in any case; of a day the source's own timezone decides.
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
_FOLD_SQL = "SELECT list_transform($pieces::VARCHAR[], lambda piece: folded_words(piece))"
# Characters of scripts without blanks are words of their own, as in folded_words.
_CHARACTER = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An article that was found. `snippet` has the found words in square brackets, blanks made single."""

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
    """The best hits. `pending` articles are not in the index yet; the next run adds them."""

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
    """The articles that have all words and "phrases" of the query and none with a minus, ranked by BM25.

    Case and accents make no difference; a word in the title counts as five in the text. Raises ConfigError
    if there is nothing to look for, and WarehouseError as `query.connect` does.
    """
    asked: dict[str, object] = {
        "query": replace_surrogates(words),
        "since": since,
        "until": until,
        "section": section,
    }
    with closing(reader.connect(path)) as connection, translate_errors(path):
        units = [unit for (unit,) in connection.execute(_UNITS_SQL, {"query": asked["query"]}).fetchall()]
        if not units:
            raise ConfigError(
                f"nothing to search for in {words!r}: name at least one word; a minus before a word excludes "
                'it, and quotes make "a phrase"'
            )
        asked |= {"author": author, "source": source, "limit": limit}
        rows = [
            (*row[:6], tuple(row[6]), *row[7:]) for row in connection.execute(_SEARCH_SQL, asked).fetchall()
        ]
        texts = dict(connection.execute(_TEXTS_SQL, {"article_ids": [row[-1] for row in rows]}).fetchall())
        ((pending,),) = connection.execute("SELECT count(*) FROM internal.index_queue").fetchall()
        snippets = {article_id: _build_snippet(connection, text, units) for article_id, text in texts.items()}
    return SearchResult(tuple(SearchHit(*(*row, snippets[row[-1]])) for row in rows), pending)


def _build_snippet(connection: duckdb.DuckDBPyConnection, text: str, units: Sequence[list[str]]) -> str:
    """The part of the text with most of the words and phrases, each marked; its beginning if it has none."""
    pieces = [text[start:end] for start, end in _find_word_spans(text)]
    ((folded,),) = connection.execute(_FOLD_SQL, {"pieces": pieces}).fetchall()
    # A piece may be several words to the index, or none.
    words = [
        (word, place) for place, found in zip(_find_word_spans(text), folded, strict=True) for word in found
    ]
    return build_excerpt(text, words, units)


def build_excerpt(text: str, words: Sequence[tuple[str, tuple[int, int]]], units: Sequence[list[str]]) -> str:
    """About SNIPPET_WORDS of the text, whose folded words stand at those places, with the units marked."""
    marks: dict[int, tuple[int, int]] = {}  # number of the first word → that after the last, and the unit
    bare = [word for word, _ in words]
    for number, unit in enumerate(units):
        for first in range(len(bare) - len(unit) + 1):
            if bare[first : first + len(unit)] == unit:
                marks[first] = max(marks.get(first, (0, 0)), (first + len(unit), number))

    def richness(first: int) -> int:
        last = first + SNIPPET_WORDS * 3 // 4
        return len({unit for start, (_, unit) in marks.items() if first <= start < last})

    best = max(marks, key=lambda first: (richness(first), -first), default=0)
    begin = max(0, best - SNIPPET_WORDS // 4)
    end = min(len(words), max(begin + SNIPPET_WORDS, marks[best][0] if marks else 0))
    at = words[begin][1][0] if begin else 0
    pieces, marked = [], begin
    for first in sorted(marks):
        after = min(marks[first][0], end)
        if marked <= first < after:
            start, stop = words[first][1][0], words[after - 1][1][1]
            pieces += [text[at:start], "[", text[start:stop], "]"]
            at, marked = stop, after
    until = len(text) if end == len(words) else words[end - 1][1][1]
    shown = " ".join("".join([*pieces, text[at:until]]).split())
    return f"{'… ' if begin else ''}{shown}{' …' if until < len(text) else ''}"


def _find_word_spans(text: str) -> list[tuple[int, int]]:
    """Where letters and digits, with what stands on them, are in one piece."""
    found: list[tuple[int, int]] = []
    start = None
    for place, letter in enumerate(text):
        if _CHARACTER.match(letter):
            found += [(start, place)] if start is not None else []
            found.append((place, place + 1))
            start = None
        elif letter.isalnum() or (start is not None and unicodedata.category(letter)[0] == "M"):
            start = place if start is None else start
        elif start is not None:
            found.append((start, place))
            start = None
    return found + ([(start, len(text))] if start is not None else [])
