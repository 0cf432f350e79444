"""Schema versions of the warehouse, and migrations between them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from newsetl._version import __version__
from newsetl.db import lake_schema
from newsetl.db.connection import SETTINGS, transaction
from newsetl.db.duckdb_errors import TRUNCATED
from newsetl.db.lake_lock import hold_write_lock
from newsetl.db.sql import list_sql, load_sql
from newsetl.errors import WarehouseError
from newsetl.runtime.data_folder import Lake, WarehouseLocation

_TABLES = "FROM duckdb_tables() WHERE database_name = current_database()"


def check_version(path: WarehouseLocation, connection: duckdb.DuckDBPyConnection) -> int:
    """Return the schema version of an open warehouse, 0 if it is empty.

    Raise WarehouseError if the version is newer than this newsetl, or if the file is no newsetl warehouse.
    """
    if find_own_schema(connection) is None:
        if connection.execute(f"SELECT 1 {_TABLES} LIMIT 1").fetchall():
            kind = "lake" if isinstance(path, Lake) else "DuckDB file"
            raise WarehouseError(f"{path}: a {kind}, but no newsetl warehouse; use another path")
        return 0
    version, writer = _get_version(connection)
    if version > (known := _get_latest_version()):
        raise WarehouseError(
            f"{path}: schema version {version} of newsetl {writer}, but this newsetl ({__version__}) reads "
            f"versions up to {known}; upgrade newsetl"
        )
    return version


def check_readable(path: WarehouseLocation, connection: duckdb.DuckDBPyConnection, size: int) -> None:
    """Raise WarehouseError if the open warehouse is empty, truncated or older than this newsetl reads.

    `size` is the size of the file in bytes before it was opened, because the file may have been replaced.
    """
    if not (version := check_version(path, connection)):
        raise WarehouseError(f"{path}: the warehouse is empty; run newsetl ingest")
    if isinstance(path, Path):
        _check_not_truncated(path, connection, size)
    is_older = version < _get_latest_version()
    if not is_older:
        is_older = not _get_view_hashes(connection).keys() >= set(list_sql("views"))
    if is_older:
        raise WarehouseError(
            f"{path}: schema version {version} of newsetl {_get_version(connection)[1]} is older than this "
            f"newsetl ({__version__}) reads; run newsetl publish"
        )


def _check_not_truncated(path: Path, connection: duckdb.DuckDBPyConnection, size: int) -> None:
    # total_blocks includes free blocks that are not written at the end. Three headers precede the blocks.
    ((min_size,),) = connection.execute(
        "SELECT max(3 * 4096 + block_size * used_blocks) FROM pragma_database_size()"
    ).fetchall()
    if max(size, path.stat().st_size) < min_size:
        raise WarehouseError(f"{path}: {TRUNCATED}")


def has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Return True if the open file has the table in the schema `main`."""
    found = connection.execute(f"SELECT 1 {_TABLES} AND schema_name = 'main' AND table_name = ?", [name])
    return bool(found.fetchall())


def find_own_schema(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return the schema of newsetl's own tables (`main` before version 33), None without such tables."""
    found = connection.execute(f"SELECT schema_name {_TABLES} AND table_name = 'schema_migrations'")
    return next((schema for (schema,) in found.fetchall()), None)


def _get_version(connection: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """Return the schema version of the warehouse, and the newsetl version that migrated to it."""
    found = connection.execute(
        f"SELECT version, newsetl_version FROM {find_own_schema(connection)}.schema_migrations "
        "ORDER BY version DESC LIMIT 1"
    ).fetchall()
    return found[0] if found else (0, "")


def _get_latest_version() -> int:
    return int(list_sql("schema")[-1][:3])


def migrate(path: WarehouseLocation, connection: duckdb.DuckDBPyConnection) -> None:
    """Run the pending schema files, and create all macros and views if the file of any has changed.

    Raise WarehouseError as `check_version` does.
    """
    version = check_version(path, connection)
    # Macros first: views use them, and a macro may use macros that precede it in the alphabet.
    files = [
        *(f"macros/{name}" for name in list_sql("macros")),
        *(f"views/{name}" for name in list_sql("views")),
    ]
    views = {name.rpartition("/")[2]: hashlib.sha256(load_sql(name).encode()).hexdigest() for name in files}
    if version == _get_latest_version() and _get_view_hashes(connection) == views:
        return
    if isinstance(path, Lake):
        with hold_write_lock(connection), transaction(connection):
            # Another process may have migrated while this one waited.
            version = check_version(path, connection)
            _migrate(connection, version, views, files, is_lake=True)
        return
    # A commit that checkpoints at once writes no WAL. DuckDB 1.5 cannot replay every ALTER and COMMENT from a
    # WAL, so a crash must not leave one.
    threshold = connection.execute("SELECT current_setting('checkpoint_threshold')").fetchall()[0][0]
    connection.execute("SET checkpoint_threshold = '1B'")
    with transaction(connection):
        _migrate(connection, version, views, files, is_lake=False)
    connection.execute(f"SET checkpoint_threshold = '{threshold}'")


def _migrate(
    connection: duckdb.DuckDBPyConnection,
    version: int,
    views: dict[str, str],
    files: list[str],
    *,
    is_lake: bool,
) -> None:
    pending = [name for name in list_sql("schema") if int(name[:3]) > version]
    if is_lake and not version:
        with duckdb.connect(":memory:", config=SETTINGS) as mirror:
            for name in pending:
                mirror.execute(load_sql(f"schema/{name}"))
            for statement in lake_schema.build_table_statements(mirror):
                connection.execute(statement)
    for name in pending:
        if version or not is_lake:
            connection.execute(load_sql(f"schema/{name}"))
        connection.execute(
            f"INSERT INTO {find_own_schema(connection)}.schema_migrations VALUES (?, ?, now(), ?)",
            [int(name[:3]), name[4:], __version__],
        )
    for name in _get_view_hashes(connection).keys() - views.keys():
        connection.execute(f'DROP VIEW IF EXISTS "{name}"')
        connection.execute(f'DROP MACRO TABLE IF EXISTS "{name}"')
    for name in files:
        for statement in lake_schema.split_statements(load_sql(name)) if is_lake else [load_sql(name)]:
            connection.execute(statement)
    connection.execute("DELETE FROM internal.view_files")
    connection.execute(
        "INSERT INTO internal.view_files SELECT unnest($names::VARCHAR[]), unnest($hashes::VARCHAR[])",
        {"names": sorted(views), "hashes": [views[name] for name in sorted(views)]},
    )


def _get_view_hashes(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return view or macro name → SHA-256 of the file that it was created from."""
    statement = f"SELECT name, sha256 FROM {find_own_schema(connection)}.view_files"
    return dict(connection.execute(statement).fetchall())
