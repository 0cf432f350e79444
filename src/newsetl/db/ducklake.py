"""Connections to a lake: the warehouse on DuckLake, with its catalog in PostgreSQL and its rows in Parquet.

A lake has the tables, loads and views of a DuckDB file; `lake_schema` and `lake_lock` have the differences.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import Any

import duckdb

from newsetl.db.duckdb_extensions import load_extension
from newsetl.db.lake_lock import LAKE_NAME, hold_write_lock
from newsetl.db.lake_storage import configure_object_storage, is_object_storage
from newsetl.db.sql import quote_literal
from newsetl.errors import WarehouseError
from newsetl.runtime.data_folder import LAKE_FILES_VARIABLE, Lake


def connect(lake: Lake, settings: dict[str, Any], *, is_read_only: bool) -> duckdb.DuckDBPyConnection:
    """Return a new connection to the lake; unless it is read-only, create a lake that does not exist.

    Raise WarehouseError if the lake does not exist or its files are elsewhere. Raise duckdb.Error if the
    catalog cannot be reached.
    """
    connection = duckdb.connect(":memory:", config=settings)
    try:
        for name in ("ducklake", "postgres_scanner"):
            load_extension(connection, name)
        connection.execute(f"ATTACH {quote_literal(lake.catalog)} AS catalog (TYPE postgres, READ_ONLY)")
        files = _get_data_path(connection)
        if files is None and is_read_only:
            raise WarehouseError(f"{lake}: no warehouse here; run newsetl ingest")
        if files is not None and lake.files is not None and files != _normalise_data_path(lake.files):
            raise WarehouseError(
                f"{lake}: its files are in {files}, but {LAKE_FILES_VARIABLE} is {lake.files}; "
                f"unset {LAKE_FILES_VARIABLE}"
            )
        if files is None and lake.files is None:
            raise WarehouseError(
                f"{lake}: a new lake, but {LAKE_FILES_VARIABLE} is not set; set it to a directory or a URL "
                "such as s3://bucket/news"
            )
        if is_object_storage(files or lake.files or ""):
            configure_object_storage(connection)
        # Of two processes that create the lake, one would fail.
        with nullcontext() if files is not None else hold_write_lock(connection, "catalog"):
            connection.execute(_build_attach(lake, is_read_only=is_read_only))
            if files is None:
                # The catalog stores the lists of inlined rows as text, which cannot contain NUL.
                connection.execute(f"CALL {LAKE_NAME}.set_option('data_inlining_row_limit', '0')")
        connection.execute(f"USE {LAKE_NAME}; DETACH catalog")
    except BaseException:
        connection.close()
        raise
    return connection


def _get_data_path(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return the directory or URL of the lake's files, None if there is no lake yet."""
    ((exists,),) = connection.execute(
        "FROM postgres_query('catalog', 'SELECT to_regclass(''ducklake_metadata'') IS NOT NULL')"
    ).fetchall()
    if not exists:
        return None
    rows = connection.execute(
        "FROM postgres_query('catalog', 'SELECT value FROM ducklake_metadata WHERE key = ''data_path''')"
    ).fetchall()
    return str(rows[0][0]) if rows else None


def _normalise_data_path(files: str) -> str:
    """Return the absolute path or URL with a trailing slash, as the catalog stores it."""
    path = files if "://" in files else os.path.abspath(files)  # noqa: PTH100  # Path.resolve would resolve symlinks
    return f"{path.rstrip('/')}/"


def _build_attach(lake: Lake, *, is_read_only: bool) -> str:
    options = ["READ_ONLY"] if is_read_only else []
    if lake.files is not None:
        options.append(f"DATA_PATH {quote_literal(_normalise_data_path(lake.files))}")
    if lake.as_of is not None:
        kind = "VERSION" if lake.as_of.isdigit() else "TIME"
        options.append(f"SNAPSHOT_{kind} {quote_literal(lake.as_of)}")
    option_list = f" ({', '.join(options)})" if options else ""
    return f"ATTACH {quote_literal(f'ducklake:postgres:{lake.catalog}')} AS {LAKE_NAME}{option_list}"


def restrict_file_access(connection: duckdb.DuckDBPyConnection) -> None:
    """Allow only the lake's own files to be read once external access is off."""
    ((files,),) = connection.execute(
        f"SELECT value FROM ducklake_options('{LAKE_NAME}') "
        "WHERE option_name = 'data_path' AND scope = 'GLOBAL'"
    ).fetchall()
    connection.execute(f"SET allowed_directories = [{quote_literal(files)}]")
