"""The search index: an inverted index in plain tables, brought up to date with what is pending.

Of DuckDB's own full-text extension an index is made whole or not at all: at 100,000 articles it took 70 s
after every load and 340 MB; it exists for DuckDB 1.5 alone, and whoever opens the file must have it. SQLite's
FTS5 would be a second file, out of step with the published one, and closed to SQL here. These tables take
about as much room as FTS5 does, go with the file wherever it is copied to, and any DuckDB reads them.
docs/search.md has the figures.

As in Lucene, what is indexed at once is a segment, sorted by word, so that DuckDB reads of each segment only
the row groups that have a word. Segments of one size class are brought together when there are eight.
"""

from __future__ import annotations

import math

import duckdb

from newsetl.db import sql

# The lists of positions of so many take little memory; of five thousand it was 70 MB more, and no faster.
BATCH_ARTICLES = 1_000
# A segment of so many articles stays as it is; smaller ones are of three classes, each eight times the other.
LARGE_SEGMENT = 16_000
SMALL_SEGMENT, MERGE_FACTOR = 250, 8


def has_pending(connection: duckdb.DuckDBPyConnection) -> bool:
    """True if there are articles to index and to compare."""
    return bool(connection.execute("FROM internal.index_queue LIMIT 1").fetchall())


def take_pending(connection: duckdb.DuckDBPyConnection) -> None:
    """A thousand pending articles are in the temporary table `fresh`."""
    connection.execute(sql.load_sql("load/search/index_queue_begin"), {"limit": BATCH_ARTICLES})


def finish_pending(connection: duckdb.DuckDBPyConnection) -> None:
    """The fresh articles are pending no more."""
    connection.execute(sql.load_sql("load/search/index_queue_end"))
    connection.execute("DROP TABLE fresh")


def index_taken(connection: duckdb.DuckDBPyConnection) -> None:
    """The fresh articles can be searched, in their present state."""
    segment = _get_next_segment(connection)
    for name in ("search/index_delete", "search/index_read"):
        connection.execute(sql.load_sql(f"load/{name}"))
    for name in ("search/index_documents", "search/index_postings"):
        connection.execute(sql.load_sql(f"load/{name}"), {"segment": segment})
    connection.execute("DROP TABLE fresh_words")
    merge_segments(connection)


def merge_segments(connection: duckdb.DuckDBPyConnection) -> bool:
    """Eight segments of a size class are one; True if there were so many of any."""
    segment = begun = _get_next_segment(connection)
    classes: dict[int, list[int]] = {}
    small = connection.execute(
        sql.load_sql("load/search/index_segments"), {"large": LARGE_SEGMENT}
    ).fetchall()
    for number, documents in small:
        size = 0 if documents < SMALL_SEGMENT else 1 + int(math.log(documents / SMALL_SEGMENT, MERGE_FACTOR))
        classes.setdefault(size, []).append(number)
    for segments in classes.values():
        if len(segments) >= MERGE_FACTOR:
            for name in ("postings", "clear", "documents"):
                # No more at once, whatever there are: a merge has to fit in the writer's memory.
                given = {"segments": segments[:MERGE_FACTOR]} | (
                    {"segment": segment} if name != "clear" else {}
                )
                connection.execute(sql.load_sql(f"load/search/index_merge_{name}"), given)
            segment += 1
    return segment > begun


def _get_next_segment(connection: duckdb.DuckDBPyConnection) -> int:
    ((segment,),) = connection.execute(sql.load_sql("load/search/index_next")).fetchall()
    return int(segment)
