"""Schema statements for a lake.

DuckLake has no keys, checks, sequences or comments on columns of views; no other code relies on them. The
tables of a new lake are copied from an in-memory DuckDB that has run the schema files. Later schema files
run on the lake itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from newsetl.db.sql import quote_literal


def build_table_statements(mirror: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield the statements that create the mirror's tables, without features that DuckLake lacks."""
    for (schema,) in mirror.execute(
        "SELECT DISTINCT schema_name FROM duckdb_tables() WHERE schema_name <> 'main' ORDER BY ALL"
    ).fetchall():
        yield f'CREATE SCHEMA "{schema}"'
    for schema, table, comment in mirror.execute(
        "SELECT schema_name, table_name, comment FROM duckdb_tables() ORDER BY table_oid"
    ).fetchall():
        full = f'"{schema}"."{table}"'
        columns = []
        rows = mirror.execute(
            "SELECT column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns() "
            "WHERE schema_name = ? AND table_name = ? ORDER BY column_index",
            [schema, table],
        ).fetchall()
        for name, kind, nullable, default, _ in rows:
            column = f'"{name}" {kind}{"" if nullable else " NOT NULL"}'
            if default is not None:
                # DuckLake accepts only literals as defaults.
                ((value,),) = mirror.execute(f"SELECT {default}").fetchall()
                column += f" DEFAULT {quote_literal(value) if isinstance(value, str) else value}"
            columns.append(column)
        yield f"CREATE TABLE {full} ({', '.join(columns)})"
        yield f"COMMENT ON TABLE {full} IS {quote_literal(comment)}"
        for name, *_, column_comment in rows:
            yield f'COMMENT ON COLUMN {full}."{name}" IS {quote_literal(column_comment)}'


def split_statements(text: str) -> list[str]:
    """Return the statements of a view's or macro's file, without the comments that DuckLake cannot store."""
    statements = [each.query.strip() for each in duckdb.extract_statements(text)]
    return [each for each in statements if not re.match(r"(?:--.*\n)*COMMENT ON (?:COLUMN|MACRO)", each)]
