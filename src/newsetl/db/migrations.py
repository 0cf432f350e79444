"""Schema versions, and their migration."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from newsetl._version import __version__
from newsetl.db import lake_schema
from newsetl.db.connection import SETTINGS, explain_error, transaction
from newsetl.db.lake_lock import turn
from newsetl.db.sql import list_sql, load_sql
from newsetl.errors import WarehouseError
from newsetl.runtime.data_folder import Lake, WarehouseLocation

_TABLES = "FROM duckdb_tables() WHERE database_name = current_database()"


def check_version(path: WarehouseLocation, connection: duckdb.DuckDBPyConnection) -> int:
    """The schema version of an open warehouse, 0 if it is empty.

    Raises WarehouseError if it is newer than this newsetl or a DuckDB file of something else.
    """
    if own_schema(connection) is None:
        if connection.execute(f"SELECT 1 {_TABLES} LIMIT 1").fetchall():
            kind = "lake" if isinstance(path, Lake) else "DuckDB file"
            raise WarehouseError(f"{path}: a {kind}, but no newsetl warehouse; give another path")
        return 0
    version, writer = _get_version(connection)
    if version > (known := _get_latest_version()):
        raise WarehouseError(
            f"{path}: its schema is version {version}, made by newsetl {writer}; this newsetl "
            f"({__version__}) knows versions up to {known}; install the newer one"
        )
    return version


def check_readable(path: WarehouseLocation, connection: duckdb.DuckDBPyConnection, size: int) -> None:
    """Raises WarehouseError unless the open warehouse is whole and has all that this newsetl asks it for.

    `size` is what a file had before it was opened: another may be in its place by now.
    """
    if not (version := check_version(path, connection)):
        raise WarehouseError(f"{path}: an empty warehouse; `newsetl ingest` fills it")
    if isinstance(path, Path):
        _check_not_truncated(path, connection, size)
    is_older = version < _get_latest_version()
    if not is_older:
        is_older = not _get_view_hashes(connection).keys() >= set(list_sql("views"))
    if is_older:
        raise WarehouseError(
            f"{path}: made by newsetl {_get_version(connection)[1]} with version {version} of the schema, "
            f"older than this newsetl ({__version__}) reads; `newsetl publish` brings it up to date"
        )


def _check_not_truncated(path: Path, connection: duckdb.DuckDBPyConnection, size: int) -> None:
    # Free blocks at the end are counted among all, but not kept. Three headers stand before the blocks.
    ((least,),) = connection.execute(
        "SELECT max(3 * 4096 + block_size * used_blocks) FROM pragma_database_size()"
    ).fetchall()
    if max(size, path.stat().st_size) < least:
        raise WarehouseError(f"{path}: {explain_error('Could not read all of it')}")


def has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Return True if the open file has the table in the schema `main`."""
    found = connection.execute(f"SELECT 1 {_TABLES} AND schema_name = 'main' AND table_name = ?", [name])
    return bool(found.fetchall())


def own_schema(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return the schema of newsetl's own tables: `main` until version 33; None without any."""
    found = connection.execute(f"SELECT schema_name {_TABLES} AND table_name = 'schema_migrations'")
    return next((schema for (schema,) in found.fetchall()), None)


def _get_version(connection: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """The newest version that the warehouse has gone through, and the newsetl that brought it there."""
    found = connection.execute(
        f"SELECT version, newsetl_version FROM {own_schema(connection)}.schema_migrations "
        "ORDER BY version DESC LIMIT 1"
    ).fetchall()
    return found[0] if found else (0, "")


def _get_latest_version() -> int:
    return int(list_sql("schema")[-1][:3])


def migrate(path: WarehouseLocation, connection: duckdb.DuckDBPyConnection) -> None:
    """Runs the schema files that the warehouse has not gone through; makes macros and views if any differs.

    Raises WarehouseError as `check` does.
    """
    version = check_version(path, connection)
    # Macros first: a view may use them, and one macro those before it in the alphabet.
    files = [
        *(f"macros/{name}" for name in list_sql("macros")),
        *(f"views/{name}" for name in list_sql("views")),
    ]
    views = {name.rpartition("/")[2]: hashlib.sha256(load_sql(name).encode()).hexdigest() for name in files}
    if version == _get_latest_version() and _get_view_hashes(connection) == views:
        return
    if isinstance(path, Lake):
        with turn(connection), transaction(connection):
            # Another may have done it while we waited.
            version = check_version(path, connection)
            _migrate(connection, version, views, files, is_lake=True)
        return
    # A commit that checkpoints at once writes no log: DuckDB 1.5 cannot replay every ALTER and COMMENT from
    # it, so a crash must not find one there.
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
            for statement in lake_schema.tables(mirror):
                connection.execute(statement)
    for name in pending:
        if version or not is_lake:
            connection.execute(load_sql(f"schema/{name}"))
        connection.execute(
            f"INSERT INTO {own_schema(connection)}.schema_migrations VALUES (?, ?, now(), ?)",
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
    """The views and macros that newsetl made here, with the hashes of their files."""
    statement = f"SELECT name, sha256 FROM {own_schema(connection)}.view_files"
    return dict(connection.execute(statement).fetchall())
