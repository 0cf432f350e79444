"""A warehouse made ten times as large in minutes, where loading would take most of an hour.

Each copy of all rows is of a later time, with identities, addresses and texts of its own, so that nothing
meets its original: not in a look-up, not among duplicates. Words are the same, so the index gets ten times
the documents a word.
"""

from __future__ import annotations

import duckdb

# These are made anew at a run's end, or have nothing to do with how many articles there are.
LEFT = (
    "internal.schema_migrations internal.view_files sources coverage people name_matches operator_overrides "
    "published internal.index_queue"
)


def tenfold(connection: duckdb.DuckDBPyConnection, *, level: int, days: int) -> None:
    """Adds nine copies of all rows, which are of `days` days, each later than the one before.

    `level` counts the calls for one warehouse, from 0: so copies of copies are no copies of originals.
    """
    tables = connection.execute(
        "SELECT if(schema_name = 'main', '', schema_name || '.') || table_name AS name, "
        "list({name: column_name, type: data_type} ORDER BY column_index) "
        "FROM duckdb_columns() WHERE NOT internal AND database_name = current_database() "
        "AND table_oid IN (SELECT table_oid FROM duckdb_tables()) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    tables = [(table, columns) for table, columns in tables if table not in LEFT.split()]
    for table, _ in tables:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {_first(table)} AS SELECT max(rowid) + 1 AS rows FROM {table}"
        )
    for number in range(1, 10):
        for table, columns in tables:
            made = ", ".join(
                f'{_moved(each["name"], each["type"], number, level, days)} AS "{each["name"]}"'
                for each in columns
            )
            connection.execute(
                f"INSERT INTO {table} BY NAME SELECT {made} FROM {table} "
                f"WHERE rowid < (SELECT rows FROM {_first(table)})"
            )
        connection.execute("CHECKPOINT")


def _first(table: str) -> str:
    return f"first_{table.replace('.', '_')}"


def _moved(name: str, kind: str, number: int, level: int, days: int) -> str:  # noqa: PLR0911  # a list of cases
    salt, turn = number * 10**level, 190 * number + 37 * level
    match name, kind:
        case _, "UUID":
            return f"md5({name}::VARCHAR || {salt})::UUID"
        case _, "TIMESTAMP WITH TIME ZONE":
            return f"{name} + INTERVAL {number * days} DAY"
        case _, "DATE":
            return f"{name} + {number * days}"
        case "url" | "requested_url", _:
            return f"replace({name}, 'content_', 'content_{salt}00000')"
        case "text", _:
            return f"substr(text, {turn}) || ' ' || substr(text, 1, {turn - 1})"
        case "title_hash" | "text_hash", _:
            return f"sha256({name} || {salt})"
        case "bands", _:
            return f"list_transform(bands, lambda band: (hash(band, {salt}) % 4294967296)::UINTEGER)"
        case "fingerprint", _:
            return f"xor(fingerprint, hash({salt}))"
        case "document", _:
            return f"document + {number} * (SELECT max(document) FROM internal.search_documents WHERE rowid < (SELECT rows FROM first_internal_search_documents))"  # noqa: E501
        case "segment", _:
            return f"segment + {salt * 10_000}"
    return f'"{name}"'
