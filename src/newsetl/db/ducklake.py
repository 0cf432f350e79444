"""Connections to a lake: the warehouse on DuckLake, its catalog in PostgreSQL, its rows in Parquet files.

Tables, loads and views are those of the DuckDB file, but for what `lake_schema` and `lake_lock` say.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import Any

import duckdb

from newsetl.db.duckdb_extensions import load_extension
from newsetl.db.lake_lock import LAKE_NAME, turn
from newsetl.db.lake_storage import is_object_storage, reach_object_storage
from newsetl.db.sql import quoted
from newsetl.errors import WarehouseError
from newsetl.runtime.data_folder import LAKE_FILES_VARIABLE, Lake


def connect(lake: Lake, settings: dict[str, Any], *, is_read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection of its own to the lake, which is made if it is not there and may be written.

    Raises WarehouseError and what DuckDB does.
    """
    connection = duckdb.connect(":memory:", config=settings)
    try:
        for name in ("ducklake", "postgres_scanner"):
            load_extension(connection, name)
        connection.execute(f"ATTACH {quoted(lake.catalog)} AS catalog (TYPE postgres, READ_ONLY)")
        files = _get_data_path(connection)
        if files is None and is_read_only:
            raise WarehouseError(f"{lake}: no warehouse here; `newsetl ingest` makes one")
        if files is not None and lake.files is not None and files != _normalise_folder(lake.files):
            raise WarehouseError(
                f"{lake}: its files are in {files}, but {LAKE_FILES_VARIABLE} names {lake.files}; unset it"
            )
        if files is None and lake.files is None:
            raise WarehouseError(
                f"{lake}: a new lake; {LAKE_FILES_VARIABLE} must name the folder, or the address such as "
                "s3://bucket/news, for its files"
            )
        if is_object_storage(files or lake.files or ""):
            reach_object_storage(connection)
        # Of two that make it, one would fail.
        with nullcontext() if files is not None else turn(connection, "catalog"):
            connection.execute(_build_attach(lake, is_read_only=is_read_only))
            if files is None:
                # Rows that are kept in the catalog have their lists there as text, which cannot hold a NUL.
                connection.execute(f"CALL {LAKE_NAME}.set_option('data_inlining_row_limit', '0')")
        connection.execute(f"USE {LAKE_NAME}; DETACH catalog")
    except BaseException:
        connection.close()
        raise
    return connection


def _get_data_path(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Where the lake's files are, None if there is no lake yet."""
    ((there,),) = connection.execute(
        "FROM postgres_query('catalog', 'SELECT to_regclass(''ducklake_metadata'') IS NOT NULL')"
    ).fetchall()
    if not there:
        return None
    found = connection.execute(
        "FROM postgres_query('catalog', 'SELECT value FROM ducklake_metadata WHERE key = ''data_path''')"
    ).fetchall()
    return str(found[0][0]) if found else None


def _normalise_folder(files: str) -> str:
    """The path or address, whole and with a slash at its end, as the catalog has it."""
    whole = files if "://" in files else os.path.abspath(files)  # noqa: PTH100  # a Path takes links away
    return f"{whole.rstrip('/')}/"


def _build_attach(lake: Lake, *, is_read_only: bool) -> str:
    options = ["READ_ONLY"] if is_read_only else []
    if lake.files is not None:
        options.append(f"DATA_PATH {quoted(_normalise_folder(lake.files))}")
    if lake.as_of is not None:
        kind = "VERSION" if lake.as_of.isdigit() else "TIME"
        options.append(f"SNAPSHOT_{kind} {quoted(lake.as_of)}")
    listed = f" ({', '.join(options)})" if options else ""
    return f"ATTACH {quoted(f'ducklake:postgres:{lake.catalog}')} AS {LAKE_NAME}{listed}"


def restrict_file_access(connection: duckdb.DuckDBPyConnection) -> None:
    """Of all files the lake's alone can be read, once external access is off."""
    ((files,),) = connection.execute(
        f"SELECT value FROM ducklake_options('{LAKE_NAME}') "
        "WHERE option_name = 'data_path' AND scope = 'GLOBAL'"
    ).fetchall()
    connection.execute(f"SET allowed_directories = [{quoted(files)}]")
