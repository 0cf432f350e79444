"""Schema statements for a lake.

DuckLake has no keys, checks, sequences and comments on the columns of views; nothing relies on them. A new
lake's tables are made after those of an empty DuckDB that has gone through the schema files; from then on
the files themselves are run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from newsetl.db.sql import quoted


def tables(mirror: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Statements that make the mirror's tables, without what a lake has not."""
    for (schema,) in mirror.execute(
        "SELECT DISTINCT schema_name FROM duckdb_tables() WHERE schema_name <> 'main' ORDER BY ALL"
    ).fetchall():
        yield f'CREATE SCHEMA "{schema}"'
    for schema, table, comment in mirror.execute(
        "SELECT schema_name, table_name, comment FROM duckdb_tables() ORDER BY table_oid"
    ).fetchall():
        full = f'"{schema}"."{table}"'
        columns = []
        found = mirror.execute(
            "SELECT column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns() "
            "WHERE schema_name = ? AND table_name = ? ORDER BY column_index",
            [schema, table],
        ).fetchall()
        for name, kind, nullable, default, _ in found:
            column = f'"{name}" {kind}{"" if nullable else " NOT NULL"}'
            if default is not None:
                # DuckLake takes literals alone.
                ((value,),) = mirror.execute(f"SELECT {default}").fetchall()
                column += f" DEFAULT {quoted(value) if isinstance(value, str) else value}"
            columns.append(column)
        yield f"CREATE TABLE {full} ({', '.join(columns)})"
        yield f"COMMENT ON TABLE {full} IS {quoted(comment)}"
        for name, *_, said in found:
            yield f'COMMENT ON COLUMN {full}."{name}" IS {quoted(said)}'


def split_statements(text: str) -> list[str]:
    """The statements of a view's or macro's file, without the comments that a lake cannot hold."""
    found = [each.query.strip() for each in duckdb.extract_statements(text)]
    return [each for each in found if not re.match(r"(?:--.*\n)*COMMENT ON (?:COLUMN|MACRO)", each)]
