"""Comparison of two warehouses by digests of their tables, with columns that are exempt."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

ALL_COLUMNS = ("*",)

ExemptColumns = Mapping[str, tuple[str, ...]]

# Documents are numbered in load order; search results do not depend on the numbers.
SEARCH_INDEX: ExemptColumns = {
    "internal.search_documents": ALL_COLUMNS,
    "internal.search_postings": ALL_COLUMNS,
}

# A rebuilt warehouse: columns that only the run knew, so that the archive does not have them.
NOT_IN_ARCHIVE: ExemptColumns = {
    "requests": ALL_COLUMNS,  # attempts, waits and durations
    "check_results": ALL_COLUMNS,  # checked after each run; a rebuild checks once, at its end
    "runs": ("ended_at", "seconds", "new", "changed", "rejected", "newsetl_version", "data_dir_id"),
    "rejects": ("resolved_run_id",),
    "operator_overrides": ALL_COLUMNS,  # manual actions
    "published": ALL_COLUMNS,  # exists only in the published copy
    "internal.schema_migrations": ("applied_at", "newsetl_version"),
    **SEARCH_INDEX,
}

# After a reparse: an earlier parser may have seen a change between two captures that today's does not.
NOT_IN_ARCHIVE_OR_REPARSE: ExemptColumns = {**NOT_IN_ARCHIVE, "articles": ("changed_at",)}

# Two ingests of one site: columns that depend on the time and the number of runs, or on random ids.
RUN_SPECIFIC: ExemptColumns = {
    "requests": ALL_COLUMNS,
    "check_results": ALL_COLUMNS,
    "published": ALL_COLUMNS,
    "runs": ALL_COLUMNS,
    "captures": ("capture_id", "run_id", "fetched_at", "file", "offset", "length"),
    "articles": ("first_seen_at", "changed_at", "capture_id"),
    "article_urls": ("first_seen_at",),
    "teasers": ("capture_id",),
    "discovered_links": ("first_seen_at", "discovered_from"),
    "discovery_queries": ALL_COLUMNS,
    "coverage": ("checked_at",),
    "rejects": (
        "reject_id", "rejected_at", "capture_id", "retry_at", "resolved_at", "resolved_by", "resolved_run_id",
    ),
    "internal.schema_migrations": ("applied_at",),
    **SEARCH_INDEX,
}  # fmt: skip


def compute_digests(
    connection: duckdb.DuckDBPyConnection,
    exempt: ExemptColumns,
    *,
    conditions: Mapping[str, str] | None = None,
) -> dict[str, tuple[int, str]]:
    """Return table → (number of rows, digest of the rows in any order), without the exempt columns.

    The name of a table outside `main` begins with its schema. `conditions` maps a table to an SQL condition
    that restricts its rows.
    """
    digests = {}
    for schema, name in connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database() "
        "ORDER BY ALL"
    ).fetchall():
        table = name if schema == "main" else f"{schema}.{name}"
        exempt_columns = exempt.get(table, ())
        if exempt_columns == ALL_COLUMNS:
            continue
        columns = [
            f'"{column}"'
            for (column,) in connection.execute(
                "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() "
                "AND schema_name = ? AND table_name = ? ORDER BY ALL",
                [schema, name],
            ).fetchall()
            if column not in exempt_columns
        ]
        ((rows, digest),) = connection.execute(
            f"SELECT count(*), hex(coalesce(sum(md5_number_lower(row({', '.join(columns)})::VARCHAR)), 0)) "
            f'FROM "{schema}"."{name}" WHERE {(conditions or {}).get(table, "true")}'
        ).fetchall()
        digests[table] = (rows, digest)
    return digests


def compute_rebuilt_digests(
    connection: duckdb.DuckDBPyConnection, exempt: ExemptColumns = NOT_IN_ARCHIVE
) -> dict[str, tuple[int, str]]:
    """Return `compute_digests` of the rows that a rebuild can restore from the archive.

    Runs without a response, such as a reparse or a run that was killed at once, have no file in the archive.
    Rejects that a reparse resolved by the same capture do not exist for today's parser.
    """
    conditions = {
        "runs": "run_id IN (SELECT run_id FROM captures)",
        "rejects": "capture_id IS NULL OR resolved_by IS DISTINCT FROM capture_id",
    }
    return compute_digests(connection, exempt, conditions=conditions)


def compare_digests(one: dict[str, tuple[int, str]], other: dict[str, tuple[int, str]]) -> tuple[str, ...]:
    """Return the sorted names of the tables whose digests differ."""
    return tuple(sorted(table for table in one.keys() | other.keys() if one.get(table) != other.get(table)))
