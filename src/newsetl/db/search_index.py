"""Search index: an inverted index in plain tables, updated incrementally from the queue.

DuckDB's full-text extension can only rebuild its whole index: with 100,000 articles this took 70 s and 340 MB
after every load. The extension exists for DuckDB 1.5 alone, and every reader of the file would need it.
SQLite's FTS5 would be a second file beside the published one, without access from SQL here. These tables are
about as large as an FTS5 index, are part of the file, and every DuckDB can read them. docs/search.md has the
measurements.

As in Lucene, each update writes a segment sorted by word, so that DuckDB reads only the row groups of a
segment that contain a word. When a size class has MERGE_FACTOR segments, they are merged into one.
"""

from __future__ import annotations

import math

import duckdb

from newsetl.db import sql

# Articles per update. With 5,000 articles an update took 70 MB more memory and was no faster.
BATCH_ARTICLES = 1_000
# Segments of at least LARGE_SEGMENT articles are not merged. Smaller segments have three size classes; each
# class is MERGE_FACTOR times as large as the class below.
LARGE_SEGMENT = 16_000
SMALL_SEGMENT, MERGE_FACTOR = 250, 8


def has_pending(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return True if the queue has articles to index and to compare."""
    return bool(connection.execute("FROM internal.index_queue LIMIT 1").fetchall())


def select_pending(connection: duckdb.DuckDBPyConnection) -> None:
    """Select the next BATCH_ARTICLES articles of the queue into the temporary table `fresh`."""
    connection.execute(sql.load_sql("load/search/index_queue_begin"), {"limit": BATCH_ARTICLES})


def remove_pending(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove the fresh articles from the queue, and drop the table `fresh`."""
    connection.execute(sql.load_sql("load/search/index_queue_end"))
    connection.execute("DROP TABLE fresh")


def index_selected(connection: duckdb.DuckDBPyConnection) -> None:
    """Index the fresh articles in their current state as a new segment, then merge segments."""
    segment = _get_next_segment(connection)
    for name in ("search/index_delete", "search/index_read"):
        connection.execute(sql.load_sql(f"load/{name}"))
    for name in ("search/index_documents", "search/index_postings"):
        connection.execute(sql.load_sql(f"load/{name}"), {"segment": segment})
    connection.execute("DROP TABLE fresh_words")
    merge_segments(connection)


def merge_segments(connection: duckdb.DuckDBPyConnection) -> bool:
    """Merge MERGE_FACTOR segments of each size class that has as many; return True if any were merged."""
    segment = first = _get_next_segment(connection)
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
                # At most MERGE_FACTOR at once: a merge must fit in the writer's memory.
                parameters = {"segments": segments[:MERGE_FACTOR]} | (
                    {"segment": segment} if name != "clear" else {}
                )
                connection.execute(sql.load_sql(f"load/search/index_merge_{name}"), parameters)
            segment += 1
    return segment > first


def _get_next_segment(connection: duckdb.DuckDBPyConnection) -> int:
    ((segment,),) = connection.execute(sql.load_sql("load/search/index_next")).fetchall()
    return int(segment)
