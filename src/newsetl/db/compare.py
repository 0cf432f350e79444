"""Whether two warehouses hold the same, and which columns nobody can expect to be the same."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

ALL_COLUMNS = ("*",)

ExemptColumns = Mapping[str, tuple[str, ...]]

# Numbered and cut in the order of the loads; what a search finds does not depend on it.
SEARCH_INDEX: ExemptColumns = {
    "internal.search_documents": ALL_COLUMNS,
    "internal.search_postings": ALL_COLUMNS,
}

# A warehouse made again from the archive: what the archive does not hold, because only the run knew it.
NOT_IN_ARCHIVE: ExemptColumns = {
    "requests": ALL_COLUMNS,  # how often, after what wait and how long was asked
    "check_results": ALL_COLUMNS,  # what was wrong when a run had loaded; a rebuild looks once, at the end
    "runs": ("ended_at", "seconds", "new", "changed", "rejected", "newsetl_version", "data_dir_id"),
    "rejects": ("resolved_run_id",),
    "operator_overrides": ALL_COLUMNS,  # a person's word to the next run
    "published": ALL_COLUMNS,  # of a copy
    "internal.schema_migrations": ("applied_at", "newsetl_version"),
    **SEARCH_INDEX,
}

# After a reparse besides: an earlier parser saw a change between two captures that today's does not see.
NOT_IN_ARCHIVE_OR_REPARSE: ExemptColumns = {**NOT_IN_ARCHIVE, "articles": ("changed_at",)}

# Two ingests of one channel: what depends on when they ran, in how many runs, and on random ids.
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
    """Return each table's number of rows and a digest of them in any order, without `exempt`.

    Tables in another schema than `main` have it before their name. `only` may have a condition on
    the rows of a table.
    """
    found = {}
    for schema, name in connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database() "
        "ORDER BY ALL"
    ).fetchall():
        table = name if schema == "main" else f"{schema}.{name}"
        left_out = exempt.get(table, ())
        if left_out == ALL_COLUMNS:
            continue
        columns = [
            f'"{column}"'
            for (column,) in connection.execute(
                "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() "
                "AND schema_name = ? AND table_name = ? ORDER BY ALL",
                [schema, name],
            ).fetchall()
            if column not in left_out
        ]
        ((rows, digest),) = connection.execute(
            f"SELECT count(*), hex(coalesce(sum(md5_number_lower(row({', '.join(columns)})::VARCHAR)), 0)) "
            f'FROM "{schema}"."{name}" WHERE {(conditions or {}).get(table, "true")}'
        ).fetchall()
        found[table] = (rows, digest)
    return found


def compute_rebuilt_digests(
    connection: duckdb.DuckDBPyConnection, exempt: ExemptColumns = NOT_IN_ARCHIVE
) -> dict[str, tuple[int, str]]:
    """`contents`, as far as the archive alone can give them again.

    A run that brought no response (a reparse, or one that died at once) has no file there. A refusal that
    an earlier parser was to blame for is none to today's.
    """
    only = {
        "runs": "run_id IN (SELECT run_id FROM captures)",
        "rejects": "capture_id IS NULL OR resolved_by IS DISTINCT FROM capture_id",
    }
    return compute_digests(connection, exempt, conditions=only)


def compare_digests(one: dict[str, tuple[int, str]], other: dict[str, tuple[int, str]]) -> tuple[str, ...]:
    """The tables in which two `contents` differ."""
    return tuple(sorted(table for table in one.keys() | other.keys() if one.get(table) != other.get(table)))
