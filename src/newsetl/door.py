"""The door for Python: what `newsetl.connect` and `newsetl.articles` do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from newsetl import chosen, query, schema
from newsetl.folder import DataFolder, Place, lake_at

if TYPE_CHECKING:
    import pyarrow as pa


def connect(path: str | os.PathLike[str] = "data") -> duckdb.DuckDBPyConnection:
    """See `newsetl.connect`."""
    file: Place = Path(path)
    if not str(path).endswith(".duckdb"):
        file = lake_at(str(path)) if str(path).startswith("ducklake:") else DataFolder(Path(path)).published
    size = query.size_of(file)
    connection = schema.attached(file)
    try:
        with schema.refusing(file):
            schema.check_readable(file, connection, size)
    except BaseException:
        connection.close()
        raise
    return connection


def articles(
    *,
    since: date | str | None = None,
    until: date | str | None = None,
    source: str | None = None,
    section: str | None = None,
    columns: Sequence[str] | None = None,
    data: str | os.PathLike[str] = "data",
) -> pa.Table:
    """See `newsetl.articles`."""
    wanted = chosen.Chosen.of(since=since, until=until, source=source, section=section)
    with connect(data) as connection:
        statement = chosen.statement(connection, wanted, columns)
        return connection.sql(statement, params=wanted.parameters).to_arrow_table()
