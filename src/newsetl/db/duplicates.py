"""Near-duplicate detection: pairs of similar articles and clusters of pairs. No article is merged or deleted.

Two articles are a pair if their word triples have a Jaccard similarity of at least MIN_SIMILARITY and they
were published within 31 days of each other. Candidates are articles whose MinHash sketches share a band key
(`text.minhash`). The texts of candidates are then compared, so a sketch alone never decides. Texts too short
for a sketch, and texts published further apart, match only if they are equal.

Clusters are the connected components of pairs and equal texts (union-find). Two members of a cluster may
therefore be less similar than a pair; the column `how` says if a member is similar to the first one.

A pair depends on its two articles alone, and a cluster on its pairs. The result does not depend on the order
of the loads.
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
    """Compute the sketches of the fresh articles that an older newsetl loaded without one."""
    missing = connection.execute(sql.load_sql("load/duplicates/sketches_lacking")).fetchall()
    sketches = [(article_id, sketch) for article_id, text in missing if (sketch := compute_sketch(text))]
    if not sketches:
        return
    table = pa.table(
        {
            "article_id": _build_id_array(article_id for article_id, _ in sketches),
            "fingerprint": pa.array([sketch.fingerprint for _, sketch in sketches], pa.uint64()),
            "bands": pa.array([sketch.bands for _, sketch in sketches], pa.list_(pa.uint32())),
        }
    )
    _write(connection, "found_sketches", table, "duplicates/sketches_update", "duplicates/sketches_insert")


def update_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """Replace the pairs that contain a fresh article."""
    connection.execute(sql.load_sql("load/duplicates/pairs_clear"))
    candidates = connection.execute(sql.load_sql("load/duplicates/pairs_candidates")).fetchall()
    if not candidates:
        return
    # One string, because DuckDB tries to import pandas for each value of a list parameter.
    article_ids = " ".join(sorted({str(article_id) for pair in candidates for article_id in pair}))
    texts = dict(
        connection.execute(
            sql.load_sql("load/duplicates/pairs_texts"), {"article_ids": article_ids}
        ).fetchall()
    )

    @lru_cache(_CACHED_TEXTS)
    def get_shingles(article_id: UUID) -> frozenset[str]:
        return build_shingles(texts[article_id])

    compared = [
        (one, other, compute_similarity(get_shingles(one), get_shingles(other))) for one, other in candidates
    ]
    similar = [pair for pair in compared if pair[2] >= MIN_SIMILARITY]
    table = pa.table(
        {
            "article_id": _build_id_array(one for one, _, _ in similar),
            "other_id": _build_id_array(other for _, other, _ in similar),
            "similarity": pa.array([similarity for _, _, similarity in similar], pa.float64()),
        }
    )
    _write(connection, "found_pairs", table, "duplicates/pairs_insert")


def update_clusters(connection: duckdb.DuckDBPyConnection) -> None:
    """Rebuild the clusters that a fresh article belongs to, or belonged to before.

    Clusters without a connection to a fresh article do not change.
    """
    connection.execute(sql.load_sql("load/duplicates/clusters_touched"))
    links = connection.execute(sql.load_sql("load/duplicates/pairs_links")).fetchall()
    for (equal,) in connection.execute(sql.load_sql("load/duplicates/clusters_same")).fetchall():
        links += [(equal[0], other) for other in equal[1:]]
    members = _union(links)
    table = pa.table({"article_id": _build_id_array(members), "cluster": _build_id_array(members.values())})
    _write(connection, "found_members", table, "duplicates/clusters_clear", "duplicates/clusters_insert")
    connection.execute("DROP TABLE touched")


def _union(links: Iterable[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    """Return article → representative of its connected component (union-find with path halving)."""
    parents: dict[UUID, UUID] = {}

    def find_root(article_id: UUID) -> UUID:
        while (parent := parents.setdefault(article_id, article_id)) != article_id:
            parents[article_id] = article_id = parents[parent]
        return article_id

    for one, other in links:
        parents[find_root(one)] = find_root(other)
    return {article_id: find_root(article_id) for article_id in tuple(parents)}


def _build_id_array(article_ids: Iterable[UUID]) -> pa.Array:
    return pa.array([str(article_id) for article_id in article_ids], pa.string())


def _write(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table, *statements: str) -> None:
    """Run the statements with `table` as the temporary table `name`; its string columns become UUIDs."""
    ids = [column for column in table.column_names if pa.types.is_string(table.schema.field(column).type)]
    casts = ", ".join(f"{column}::UUID AS {column}" for column in ids)
    connection.register("arriving", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * REPLACE ({casts}) FROM arriving")
    connection.unregister("arriving")
    for statement in statements:
        connection.execute(sql.load_sql(f"load/{statement}"))
    connection.execute(f"DROP TABLE {name}")
