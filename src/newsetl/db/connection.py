"""A warehouse is opened here, a file or a lake, and brought to the schema that this newsetl knows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from newsetl.db import ducklake, lake_errors
from newsetl.errors import WarehouseError
from newsetl.runtime.data_folder import Lake, WarehouseLocation

LOCK_SECONDS = 5.0

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is fetched behind the user's back, and without a network it would hang.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # DuckDB 1.5 and 2.0 both read and write it.
    "storage_compatibility_version": "v1.5.0",
    # Each checkpoint compresses the last row group anew; at the usual 16 MB that is most of a load's time.
    "checkpoint_threshold": "256MB",
}


def format_error(error: Exception) -> str:
    """DuckDB's message without its picture of the statement or its stack."""
    message = re.split(r"\n(?:LINE \d|Stack Trace|This error signals)", str(error))[0]
    return " ".join(message.split())


@contextmanager
def translate_errors(path: WarehouseLocation) -> Iterator[None]:
    """What DuckDB and the disk refuse leaves here as a WarehouseError of one line."""
    try:
        yield
    except (duckdb.Error, RuntimeError, OSError) as error:  # 1.5 raises RuntimeError for some bad text
        # What DuckDB makes of a signal's KeyboardInterrupt, in a query and where it is handed a table.
        if str(error) == "Query interrupted" or str(error).startswith("KeyboardInterrupt:"):
            raise KeyboardInterrupt from error
        why = format_error(error)
        raise WarehouseError(
            f"{path}: {lake_errors.explain_error(why) if isinstance(path, Lake) else explain_error(why)}"
        ) from error


def explain_error(message: str) -> str:
    if holder := re.search(r"Conflicting lock is held in (.*?) ?\(PID (\d+)", message):
        program = f"{Path(holder[1]).name}, PID {holder[2]}"
        return f"held by another process ({program}); try again when it has finished"
    if "not a valid DuckDB database" in message:
        return "not a DuckDB file; give another path, or move it away"
    if "directory" not in message and re.search(
        "read enough bytes|Could not read|checksum|Corrupt database", message
    ):
        return (
            "damaged or cut short, as a copy that was broken off; `newsetl publish` writes the readers' file "
            "anew, `newsetl rebuild` the warehouse"
        )
    if "different configuration" in message or "already attached" in message:
        return "already open in this process, for reading or for writing; close it first"
    return message


def open_connection(path: WarehouseLocation, *, is_read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection to the warehouse, in UTC. Waits up to LOCK_SECONDS for a process that holds a file.

    Raises WarehouseError if it cannot be opened.
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
        except WarehouseError as error:
            if "PID" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def attach_read_only(path: WarehouseLocation) -> duckdb.DuckDBPyConnection:
    """A connection of its own to the file, for reading, in UTC.

    All connections of a process to one path are one database to DuckDB: whoever connects again while an
    older connection is open gets the file as it was then, even if another is in its place. What is
    attached is what is there now. Raises WarehouseError if the file cannot be opened.
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
    """Another connection to what is open, for a second result at the same time."""
    ((name,),) = connection.execute("SELECT current_database()").fetchall()
    other = connection.cursor()
    other.execute('USE "{}"'.format(name.replace('"', '""')))
    return other


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it is committed, or nothing."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a failed COMMIT has already ended it
            connection.execute("ROLLBACK")
        raise
