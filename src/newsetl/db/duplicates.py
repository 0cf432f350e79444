"""Which articles carry one story: evidence beside the articles, of which nothing is merged or deleted.

Two texts are nearly the same if they have at least NEAR of their word triples in common and were published
within a month of one another. They meet by a key of their sketches (`sketch`), and then both texts are
read and compared: a sketch alone decides nothing. Texts too short for a sketch, and texts years apart, are
only found if they are the very same. A cluster is whatever hangs together by such pairs (union-find), so its
ends may differ by more than two neighbours do; `how` says who is like the first and who is only like another.

Pairs depend on two articles alone and clusters on all pairs that hang together, so the order of the loads
leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

import duckdb
import pyarrow as pa

from newsetl.db import sql
from newsetl.text.minhash import build_shingles, compute_similarity, compute_sketch

MIN_SIMILARITY = 0.6
_CACHED_TEXTS = 2_000


def add_missing_sketches(connection: duckdb.DuckDBPyConnection) -> None:
    """Fresh articles that an older newsetl loaded have their sketches."""
    lacking = connection.execute(sql.load_sql("load/duplicates/sketches_lacking")).fetchall()
    made = [(article_id, found) for article_id, text in lacking if (found := compute_sketch(text))]
    if not made:
        return
    table = pa.table(
        {
            "article_id": _build_id_array(article_id for article_id, _ in made),
            "fingerprint": pa.array([found.fingerprint for _, found in made], pa.uint64()),
            "bands": pa.array([found.bands for _, found in made], pa.list_(pa.uint32())),
        }
    )
    _write(connection, "found_sketches", table, "duplicates/sketches_update", "duplicates/sketches_insert")


def update_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """The pairs in which the fresh articles are are known."""
    connection.execute(sql.load_sql("load/duplicates/pairs_clear"))
    candidates = connection.execute(sql.load_sql("load/duplicates/pairs_candidates")).fetchall()
    if not candidates:
        return
    # One string: for each value that it is given, DuckDB looks for a pandas that is not there.
    named = " ".join(sorted({str(article_id) for met in candidates for article_id in met}))
    texts = dict(
        connection.execute(sql.load_sql("load/duplicates/pairs_texts"), {"article_ids": named}).fetchall()
    )

    @lru_cache(_CACHED_TEXTS)
    def triples_of(article_id: UUID) -> frozenset[str]:
        return build_shingles(texts[article_id])

    rated = [
        (one, other, compute_similarity(triples_of(one), triples_of(other))) for one, other in candidates
    ]
    near = [found for found in rated if found[2] >= MIN_SIMILARITY]
    table = pa.table(
        {
            "article_id": _build_id_array(one for one, _, _ in near),
            "other_id": _build_id_array(other for _, other, _ in near),
            "similarity": pa.array([share for _, _, share in near], pa.float64()),
        }
    )
    _write(connection, "found_pairs", table, "duplicates/pairs_insert")


def update_clusters(connection: duckdb.DuckDBPyConnection) -> None:
    """The clusters that the fresh articles are in, or were, are made of their pairs and equal texts.

    What does not hang together with a fresh article stays as it is.
    """
    connection.execute(sql.load_sql("load/duplicates/clusters_touched"))
    links = connection.execute(sql.load_sql("load/duplicates/pairs_links")).fetchall()
    for (same,) in connection.execute(sql.load_sql("load/duplicates/clusters_same")).fetchall():
        links += [(same[0], other) for other in same[1:]]
    members = _union(links)
    table = pa.table({"article_id": _build_id_array(members), "cluster": _build_id_array(members.values())})
    _write(connection, "found_members", table, "duplicates/clusters_clear", "duplicates/clusters_insert")
    connection.execute("DROP TABLE touched")


def _union(links: Iterable[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    """Each linked article → one that stands for all that hang together with it."""
    above: dict[UUID, UUID] = {}

    def top(article_id: UUID) -> UUID:
        while (upper := above.setdefault(article_id, article_id)) != article_id:
            above[article_id] = article_id = above[upper]
        return article_id

    for one, other in links:
        above[top(one)] = top(other)
    return {article_id: top(article_id) for article_id in tuple(above)}


def _build_id_array(article_ids: Iterable[UUID]) -> pa.Array:
    return pa.array([str(article_id) for article_id in article_ids], pa.string())


def _write(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table, *statements: str) -> None:
    """Runs the statements with the table under that name; its ids become UUIDs."""
    ids = [column for column in table.column_names if pa.types.is_string(table.schema.field(column).type)]
    casts = ", ".join(f"{column}::UUID AS {column}" for column in ids)
    connection.register("arriving", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * REPLACE ({casts}) FROM arriving")
    connection.unregister("arriving")
    for statement in statements:
        connection.execute(sql.load_sql(f"load/{statement}"))
    connection.execute(f"DROP TABLE {name}")
