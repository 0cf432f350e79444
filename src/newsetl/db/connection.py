"""A warehouse is opened here, a file or a lake, and brought to the schema that this newsetl knows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from newsetl.db import duckdb_errors, ducklake
from newsetl.errors import WarehouseLockedError
from newsetl.runtime.data_folder import Lake, WarehouseLocation

LOCK_SECONDS = 5.0

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is fetched behind the user's back, and without a network it would hang.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # DuckDB 1.5 and 2.0 both read and write it.
    "storage_compatibility_version": "v1.5.0",
    # Each checkpoint compresses the last row group again; at the usual 16 MB that is most of a load's time.
    "checkpoint_threshold": "256MB",
}


@contextmanager
def translate_errors(path: WarehouseLocation) -> Iterator[None]:
    """Raise errors of DuckDB and of the disk as a WarehouseError of one line."""
    try:
        yield
    except (duckdb.Error, RuntimeError, OSError) as error:  # 1.5 raises RuntimeError for some bad text
        if duckdb_errors.is_interrupt(error):
            raise KeyboardInterrupt from error
        raise duckdb_errors.build_warehouse_error(path, error) from error


def open_connection(path: WarehouseLocation, *, is_read_only: bool) -> duckdb.DuckDBPyConnection:
    """Return a connection to the warehouse, in UTC. If another process has the file open, wait.

    Raise WarehouseError if the warehouse cannot be opened.
    """
    if isinstance(path, Lake):
        with translate_errors(path):
            connection = ducklake.connect(path, SETTINGS, is_read_only=is_read_only)
            if not is_read_only:
                connection.execute("SET memory_limit = '1GB'")
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            return connection
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with translate_errors(path):
                connection = duckdb.connect(path, read_only=is_read_only, config=SETTINGS)
                if not is_read_only:
                    connection.execute("SET memory_limit = '1GB'")  # else four fifths of the machine's
                if not connection.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]:
                    # GLOBAL, so that it holds for later connections of this process to a locked file too.
                    connection.execute("SET GLOBAL TimeZone = 'UTC'")
                return connection
        except WarehouseLockedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def attach_read_only(path: WarehouseLocation) -> duckdb.DuckDBPyConnection:
    """Return a separate connection to the file as it is now, for reading, in UTC.

    In DuckDB, all connections of a process to one path share a database: a second connection sees the file
    as the first one opened it, even if another file has replaced it. An attached file is opened afresh.
    Raise WarehouseError if the file cannot be opened.
    """
    if isinstance(path, Lake):
        return open_connection(path, is_read_only=True)
    settings = {**SETTINGS, "temp_directory": f"{path}.tmp"}
    with translate_errors(path):
        connection = duckdb.connect(":memory:", config=settings)
        try:
            place, name = str(path).replace("'", "''"), path.stem.replace('"', '""')
            connection.execute(f"ATTACH '{place}' AS \"{name}\" (READ_ONLY)")
            connection.execute(f'USE "{name}"')
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
        except BaseException:
            connection.close()
            raise
    return connection


def open_cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return another connection to the open database, for a second result at the same time."""
    ((name,),) = connection.execute("SELECT current_database()").fetchall()
    other = connection.cursor()
    other.execute('USE "{}"'.format(name.replace('"', '""')))
    return other


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit the statements of the block, or none of them if it raises."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a failed COMMIT has already ended it
            connection.execute("ROLLBACK")
        raise
