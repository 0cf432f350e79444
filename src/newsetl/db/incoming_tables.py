"""Temporary DuckDB tables that hold Arrow tables for a few statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa


@contextmanager
def registered(connection: duckdb.DuckDBPyConnection, tables: dict[str, pa.Table]) -> Iterator[None]:
    """Makes each table `incoming_<name>` for the statements inside.

    They are copied: DuckDB 1.5 cannot filter a UUID column of Arrow's where it lies.
    """
    for name, table in tables.items():
        connection.register("arriving", table)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE incoming_{name} AS FROM arriving")
        connection.unregister("arriving")
    yield
    for name in tables:
        connection.execute(f"DROP TABLE incoming_{name}")
