"""A warehouse is opened here, a file or a lake, and brought to the schema that this newsetl knows."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import resources
from pathlib import Path

import duckdb

import newsetl
from newsetl import lake
from newsetl.errors import WarehouseError
from newsetl.folder import Lake, Place

LOCK_SECONDS = 5.0

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is fetched behind the user's back, and without a network it would hang.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # DuckDB 1.5 and 2.0 both read and write it.
    "storage_compatibility_version": "v1.5.0",
    # Each checkpoint compresses the last row group anew; at the usual 16 MB that is most of a load's time.
    "checkpoint_threshold": "256MB",
}


_TABLES = "FROM duckdb_tables() WHERE database_name = current_database()"


@cache
def sql(name: str) -> str:
    """The text of `warehouse/<name>.sql`."""
    return (resources.files("newsetl.warehouse") / f"{name}.sql").read_text(encoding="utf-8")


@cache
def names(folder: str) -> tuple[str, ...]:
    """The objects in a folder of `warehouse/`, sorted, without their ending."""
    entries = (resources.files("newsetl.warehouse") / folder).iterdir()
    return tuple(sorted(entry.name.removesuffix(".sql") for entry in entries if entry.name.endswith(".sql")))


def one_line(error: Exception) -> str:
    """DuckDB's message without its picture of the statement or its stack."""
    message = re.split(r"\n(?:LINE \d|Stack Trace|This error signals)", str(error))[0]
    return " ".join(message.split())


@contextmanager
def refusing(path: Place) -> Iterator[None]:
    """What DuckDB and the disk refuse leaves here as a WarehouseError of one line."""
    try:
        yield
    except (duckdb.Error, RuntimeError, OSError) as error:  # 1.5 raises RuntimeError for some bad text
        # What DuckDB makes of a signal's KeyboardInterrupt, in a query and where it is handed a table.
        if str(error) == "Query interrupted" or str(error).startswith("KeyboardInterrupt:"):
            raise KeyboardInterrupt from error
        why = one_line(error)
        raise WarehouseError(
            f"{path}: {lake.explained(why) if isinstance(path, Lake) else _explained(why)}"
        ) from error


def _explained(message: str) -> str:
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


def opened(path: Place, *, is_read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection to the warehouse, in UTC. Waits up to LOCK_SECONDS for a process that holds a file.

    Raises WarehouseError if it cannot be opened.
    """
    if isinstance(path, Lake):
        with refusing(path):
            connection = lake.connect(path, _SETTINGS, is_read_only=is_read_only)
            if not is_read_only:
                connection.execute("SET memory_limit = '1GB'")
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            return connection
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with refusing(path):
                connection = duckdb.connect(path, read_only=is_read_only, config=_SETTINGS)
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


def attached(path: Place) -> duckdb.DuckDBPyConnection:
    """A connection of its own to the file, for reading, in UTC.

    All connections of a process to one path are one database to DuckDB: whoever connects again while an
    older connection is open gets the file as it was then, even if another is in its place. What is
    attached is what is there now. Raises WarehouseError if the file cannot be opened.
    """
    if isinstance(path, Lake):
        return opened(path, is_read_only=True)
    settings = {**_SETTINGS, "temp_directory": f"{path}.tmp"}
    with refusing(path):
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


def beside(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
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


def check(path: Place, connection: duckdb.DuckDBPyConnection) -> int:
    """The schema version of an open warehouse, 0 if it is empty.

    Raises WarehouseError if it is newer than this newsetl or a DuckDB file of something else.
    """
    if not has_table(connection, "schema_migrations"):
        if connection.execute(f"SELECT 1 {_TABLES} LIMIT 1").fetchall():
            kind = "lake" if isinstance(path, Lake) else "DuckDB file"
            raise WarehouseError(f"{path}: a {kind}, but no newsetl warehouse; give another path")
        return 0
    version, writer = _made(connection)
    if version > (known := _known()):
        raise WarehouseError(
            f"{path}: its schema is version {version}, made by newsetl {writer}; this newsetl "
            f"({newsetl.__version__}) knows versions up to {known}; install the newer one"
        )
    return version


def check_readable(path: Place, connection: duckdb.DuckDBPyConnection, size: int) -> None:
    """Raises WarehouseError unless the open warehouse is whole and has all that this newsetl asks it for.

    `size` is what a file had before it was opened: another may be in its place by now.
    """
    if not (version := check(path, connection)):
        raise WarehouseError(f"{path}: an empty warehouse; `newsetl ingest` fills it")
    if isinstance(path, Path):
        _check_whole(path, connection, size)
    is_older = version < _known()
    if not is_older:
        made = {name for (name,) in connection.execute("SELECT name FROM view_files").fetchall()}
        is_older = not made.issuperset(names("views"))
    if is_older:
        raise WarehouseError(
            f"{path}: made by newsetl {_made(connection)[1]} with version {version} of the schema, older "
            f"than this newsetl ({newsetl.__version__}) reads; `newsetl publish` brings it up to date"
        )


def _check_whole(path: Path, connection: duckdb.DuckDBPyConnection, size: int) -> None:
    # Free blocks at the end are counted among all, but not kept. Three headers stand before the blocks.
    ((least,),) = connection.execute(
        "SELECT max(3 * 4096 + block_size * used_blocks) FROM pragma_database_size()"
    ).fetchall()
    if max(size, path.stat().st_size) < least:
        raise WarehouseError(f"{path}: {_explained('Could not read all of it')}")


def has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """True if the open file has the table."""
    return bool(connection.execute(f"SELECT 1 {_TABLES} AND table_name = ?", [name]).fetchall())


def _made(connection: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """The newest version that the warehouse has gone through, and the newsetl that brought it there."""
    found = connection.execute(
        "SELECT version, newsetl_version FROM schema_migrations ORDER BY version DESC LIMIT 1"
    ).fetchall()
    return found[0] if found else (0, "")


def _known() -> int:
    return int(names("schema")[-1][:3])


def migrate(path: Place, connection: duckdb.DuckDBPyConnection) -> None:
    """Runs the schema files that the warehouse has not gone through; makes macros and views if any differs.

    Raises WarehouseError as `check` does.
    """
    version = check(path, connection)
    # Macros first: a view may use them, and one macro those before it in the alphabet.
    files = [*(f"macros/{name}" for name in names("macros")), *(f"views/{name}" for name in names("views"))]
    views = {name.rpartition("/")[2]: hashlib.sha256(sql(name).encode()).hexdigest() for name in files}
    if version == _known() and _made_of(connection) == views:
        return
    if isinstance(path, Lake):
        with lake.turn(connection), transaction(connection):
            # Another may have done it while we waited.
            version = check(path, connection)
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
    pending = [name for name in names("schema") if int(name[:3]) > version]
    if is_lake and not version:
        with duckdb.connect(":memory:", config=_SETTINGS) as mirror:
            for name in pending:
                mirror.execute(sql(f"schema/{name}"))
            for statement in lake.tables(mirror):
                connection.execute(statement)
    for name in pending:
        if version or not is_lake:
            connection.execute(sql(f"schema/{name}"))
        connection.execute(
            "INSERT INTO schema_migrations VALUES (?, ?, now(), ?)",
            [int(name[:3]), name[4:], newsetl.__version__],
        )
    for name in _made_of(connection).keys() - views.keys():
        connection.execute(f'DROP VIEW IF EXISTS "{name}"')
        connection.execute(f'DROP MACRO TABLE IF EXISTS "{name}"')
    for name in files:
        for statement in lake.statements(sql(name)) if is_lake else [sql(name)]:
            connection.execute(statement)
    connection.execute("DELETE FROM view_files")
    connection.execute(
        "INSERT INTO view_files SELECT unnest($names::VARCHAR[]), unnest($hashes::VARCHAR[])",
        {"names": sorted(views), "hashes": [views[name] for name in sorted(views)]},
    )


def _made_of(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The views and macros that newsetl made here, with the hashes of their files."""
    return dict(connection.execute("SELECT name, sha256 FROM view_files").fetchall())
