"""The door for Python: what `newsetl.connect` and `newsetl.articles` do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from newsetl.db import migrations
from newsetl.db.connection import attached, refusing
from newsetl.query import article_filter, reader
from newsetl.runtime.data_folder import DataFolder, Place, lake_at

if TYPE_CHECKING:
    import pyarrow as pa


def connect(path: str | os.PathLike[str] = "data") -> duckdb.DuckDBPyConnection:
    """See `newsetl.connect`."""
    file: Place = Path(path)
    if not str(path).endswith(".duckdb"):
        file = lake_at(str(path)) if str(path).startswith("ducklake:") else DataFolder(Path(path)).published
    size = reader.size_of(file)
    connection = attached(file)
    try:
        with refusing(file):
            migrations.check_readable(file, connection, size)
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
    wanted = article_filter.Chosen.of(since=since, until=until, source=source, section=section)
    with connect(data) as connection:
        statement = article_filter.statement(connection, wanted, columns)
        return connection.sql(statement, params=wanted.parameters).to_arrow_table()
