"""A warehouse file is opened here and nowhere else, and brought to the schema that this newsetl knows."""

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
from newsetl.errors import WarehouseError

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
def refusing(path: Path) -> Iterator[None]:
    """What DuckDB and the disk refuse leaves here as a WarehouseError of one line."""
    try:
        yield
    except (duckdb.Error, RuntimeError, OSError) as error:  # 1.5 raises RuntimeError for some bad text
        if str(error) == "Query interrupted":  # what DuckDB makes of a signal's KeyboardInterrupt
            raise KeyboardInterrupt from error
        raise WarehouseError(f"{path}: {_explained(one_line(error))}") from error


def _explained(message: str) -> str:
    if holder := re.search(r"Conflicting lock is held in (.*?) ?\(PID (\d+)", message):
        program = f"{Path(holder[1]).name}, PID {holder[2]}"
        return f"held by another process ({program}); try again when it has finished"
    if "not a valid DuckDB database" in message:
        return "not a DuckDB file; give another path, or move it away"
    if "different configuration" in message:
        return "already open in this process, for reading or for writing; close it first"
    return message


def opened(path: Path, *, is_read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection to the file, in UTC. Waits up to LOCK_SECONDS for a process that holds it.

    Raises WarehouseError if the file cannot be opened.
    """
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


def check(path: Path, connection: duckdb.DuckDBPyConnection) -> int:
    """The schema version of an open warehouse, 0 if it is empty.

    Raises WarehouseError if it is newer than this newsetl or a DuckDB file of something else.
    """
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "schema_migrations" not in tables:
        if tables:
            raise WarehouseError(f"{path}: a DuckDB file, but no newsetl warehouse; give another path")
        return 0
    found = connection.execute(
        "SELECT version, newsetl_version FROM schema_migrations ORDER BY version DESC LIMIT 1"
    ).fetchall()
    version, writer = found[0] if found else (0, "")
    known = int(names("schema")[-1][:3])
    if version > known:
        raise WarehouseError(
            f"{path}: its schema is version {version}, made by newsetl {writer}; this newsetl "
            f"({newsetl.__version__}) knows versions up to {known}; install the newer one"
        )
    return int(version)


def migrate(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Runs the schema files that the warehouse has not gone through; makes macros and views if any differs.

    Raises WarehouseError as `check` does.
    """
    version = check(path, connection)
    pending = [name for name in names("schema") if int(name[:3]) > version]
    # Macros first: a view may use them, and one macro those before it in the alphabet.
    files = [*(f"macros/{name}" for name in names("macros")), *(f"views/{name}" for name in names("views"))]
    views = {name.rpartition("/")[2]: hashlib.sha256(sql(name).encode()).hexdigest() for name in files}
    made: dict[str, str] = {}
    if not pending:
        made = dict(connection.execute("SELECT name, sha256 FROM view_files").fetchall())
        if made == views:
            return
    # A commit that checkpoints at once writes no log: DuckDB 1.5 cannot replay every ALTER and COMMENT from
    # it, so a crash must not find one there.
    threshold = connection.execute("SELECT current_setting('checkpoint_threshold')").fetchall()[0][0]
    connection.execute("SET checkpoint_threshold = '1B'")
    with transaction(connection):
        for name in pending:
            connection.execute(sql(f"schema/{name}"))
            connection.execute(
                "INSERT INTO schema_migrations VALUES (?, ?, now(), ?)",
                [int(name[:3]), name[4:], newsetl.__version__],
            )
        for name in made.keys() - views.keys():
            connection.execute(f'DROP VIEW IF EXISTS "{name}"')
        for name in files:
            connection.execute(sql(name))
        connection.execute("DELETE FROM view_files")
        connection.executemany("INSERT INTO view_files VALUES (?, ?)", sorted(views.items()))
    connection.execute(f"SET checkpoint_threshold = '{threshold}'")
