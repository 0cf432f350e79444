"""A warehouse made ten times as large in minutes, where loading would take most of an hour.

Each copy of all rows is of a later time, with identities, addresses and texts of its own, so that nothing
meets its original: not in a look-up, not among duplicates. Words are the same, so the index gets ten times
the documents a word.
"""

from __future__ import annotations

import duckdb

# These are made anew at a run's end, or have nothing to do with how many articles there are.
LEFT = (
    "schema_migrations view_files sources coverage people person_claims interventions published "
    "pending_articles"
)


def copy(connection: duckdb.DuckDBPyConnection, number: int, *, days: int) -> None:
    """Adds all rows of the first `days` days once more, `number` times `days` later."""
    tables = connection.execute(
        "SELECT table_name, list({name: column_name, type: data_type} ORDER BY column_index) "
        "FROM duckdb_columns() WHERE NOT internal AND database_name = current_database() "
        "AND table_name IN (SELECT table_name FROM duckdb_tables()) GROUP BY table_name ORDER BY table_name"
    ).fetchall()
    for table, columns in tables:
        if table in LEFT.split():
            continue
        if number == 1:
            connection.execute(
                f"CREATE TEMP TABLE first_{table} AS SELECT max(rowid) + 1 AS rows FROM {table}"
            )
        made = ", ".join(
            f'{_moved(each["name"], each["type"], number, days)} AS "{each["name"]}"' for each in columns
        )
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT {made} FROM {table} "
            f"WHERE rowid < (SELECT rows FROM first_{table})"
        )
    connection.execute("CHECKPOINT")


def _moved(name: str, kind: str, number: int, days: int) -> str:  # noqa: PLR0911  # a list of cases
    match name, kind:
        case _, "UUID":
            return f"md5({name}::VARCHAR || {number})::UUID"
        case _, "TIMESTAMP WITH TIME ZONE":
            return f"{name} + INTERVAL {number * days} DAY"
        case _, "DATE":
            return f"{name} + {number * days}"
        case "url" | "requested_url", _:
            return f"replace({name}, 'content_', 'content_{number}00000')"
        case "text", _:
            return f"substr(text, {number * 190}) || ' ' || substr(text, 1, {number * 190 - 1})"
        case "title_hash" | "text_hash", _:
            return f"sha256({name} || {number})"
        case "bands", _:
            return f"list_transform(bands, lambda band: (hash(band, {number}) % 4294967296)::UINTEGER)"
        case "fingerprint", _:
            return f"xor(fingerprint, hash({number}))"
        case "document", _:
            return f"document + {number} * (SELECT max(document) FROM search_documents WHERE rowid < (SELECT rows FROM first_search_documents))"  # noqa: E501
        case "segment", _:
            return f"segment + {number * 10_000}"
    return f'"{name}"'
