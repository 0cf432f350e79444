"""Whether two warehouses hold the same, and which columns nobody can expect to be the same."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

ALL = ("*",)

Exempt = Mapping[str, tuple[str, ...]]

# Numbered and cut in the order of the loads; what a search finds does not depend on it.
SEARCH_INDEX: Exempt = {"internal.search_documents": ALL, "internal.search_postings": ALL}

# A warehouse made again from the archive: what the archive does not hold, because only the run knew it.
ONLY_THE_RUN_KNOWS: Exempt = {
    "requests": ALL,  # how often, after what wait and how long was asked
    "check_results": ALL,  # what was wrong when a run had loaded; a rebuild looks once, at the end
    "runs": ("ended_at", "seconds", "new", "changed", "rejected", "newsetl_version", "data_dir_id"),
    "rejects": ("resolved_run_id",),
    "operator_overrides": ALL,  # a person's word to the next run
    "published": ALL,  # of a copy
    "internal.schema_migrations": ("applied_at", "newsetl_version"),
    **SEARCH_INDEX,
}

# After a reparse besides: an earlier parser saw a change between two captures that today's does not see.
AND_AN_EARLIER_PARSER: Exempt = {**ONLY_THE_RUN_KNOWS, "articles": ("changed_at",)}

# Two ingests of one channel: what depends on when they ran, in how many runs, and on random ids.
ONLY_THIS_RUN_HAS: Exempt = {
    "requests": ALL,
    "check_results": ALL,
    "published": ALL,
    "runs": ALL,
    "captures": ("capture_id", "run_id", "fetched_at", "file", "offset", "length"),
    "articles": ("first_seen_at", "changed_at", "capture_id"),
    "article_urls": ("first_seen_at",),
    "teasers": ("capture_id",),
    "discovered_links": ("first_seen_at", "discovered_from"),
    "discovery_queries": ALL,
    "coverage": ("checked_at",),
    "rejects": (
        "reject_id", "rejected_at", "capture_id", "retry_at", "resolved_at", "resolved_by", "resolved_run_id",
    ),
    "internal.schema_migrations": ("applied_at",),
    **SEARCH_INDEX,
}  # fmt: skip


def contents(
    connection: duckdb.DuckDBPyConnection, exempt: Exempt, *, only: Mapping[str, str] | None = None
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
        if left_out == ALL:
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
            f'FROM "{schema}"."{name}" WHERE {(only or {}).get(table, "true")}'
        ).fetchall()
        found[table] = (rows, digest)
    return found


def rebuilt_contents(
    connection: duckdb.DuckDBPyConnection, exempt: Exempt = ONLY_THE_RUN_KNOWS
) -> dict[str, tuple[int, str]]:
    """`contents`, as far as the archive alone can give them again.

    A run that brought no response (a reparse, or one that died at once) has no file there. A refusal that
    an earlier parser was to blame for is none to today's.
    """
    only = {
        "runs": "run_id IN (SELECT run_id FROM captures)",
        "rejects": "capture_id IS NULL OR resolved_by IS DISTINCT FROM capture_id",
    }
    return contents(connection, exempt, only=only)


def differences(one: dict[str, tuple[int, str]], other: dict[str, tuple[int, str]]) -> tuple[str, ...]:
    """The tables in which two `contents` differ."""
    return tuple(sorted(table for table in one.keys() | other.keys() if one.get(table) != other.get(table)))
