"""Implementation of the public Python API, `newsetl.connect` and `newsetl.articles`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from newsetl.db import migrations
from newsetl.db.connection import attach_read_only, translate_errors
from newsetl.query import article_filter, reader
from newsetl.runtime.data_folder import DataFolder, WarehouseLocation, parse_lake

if TYPE_CHECKING:
    import pyarrow as pa


def connect(path: str | os.PathLike[str] = "data") -> duckdb.DuckDBPyConnection:
    """Return a read-only connection to the published copy; see `newsetl.connect`."""
    file: WarehouseLocation = Path(path)
    if not str(path).endswith(".duckdb"):
        file = (
            parse_lake(str(path)) if str(path).startswith("ducklake:") else DataFolder(Path(path)).published
        )
    size = reader.get_size(file)
    connection = attach_read_only(file)
    try:
        with translate_errors(file):
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
    """Return articles as an Arrow table; see `newsetl.articles`."""
    selection = article_filter.ArticleFilter.parse(since=since, until=until, source=source, section=section)
    with connect(data) as connection:
        statement = article_filter.build_query(connection, selection, columns)
        return connection.sql(statement, params=selection.parameters).to_arrow_table()
