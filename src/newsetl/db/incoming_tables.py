"""Temporary DuckDB tables with the rows of Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa


@contextmanager
def register_tables(connection: duckdb.DuckDBPyConnection, tables: dict[str, pa.Table]) -> Iterator[None]:
    """Create a temporary table `incoming_<name>` for each Arrow table, and drop them at the end.

    The rows are copied, because DuckDB 1.5 cannot filter a UUID column of an Arrow table in place.
    """
    for name, table in tables.items():
        connection.register("arriving", table)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE incoming_{name} AS FROM arriving")
        connection.unregister("arriving")
    yield
    for name in tables:
        connection.execute(f"DROP TABLE incoming_{name}")
