"""A lake is opened here: the warehouse on DuckLake, its catalog in PostgreSQL, its rows in Parquet files.

Tables, loads and views are those of the DuckDB file. What is not:

DuckLake has no keys, checks, sequences and comments on the columns of views; nothing relies on them. A new
lake's tables are made after those of an empty DuckDB that has gone through the schema files; from then on
the files themselves are run.

Writers take turns. DuckLake lets a commit fail whose tables another one has deleted from meanwhile, and every
load brings rows up to date, so that of two loads at once one would always be done in vain; and under
PostgreSQL's default isolation it can overlook it (duckdb/ducklake#1094). An advisory lock in the catalog is
held from before a transaction's snapshot until it is committed: it goes with its session, so that nobody who
dies leaves it behind. Readers take no turn and never wait.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import duckdb

from newsetl.errors import WarehouseError
from newsetl.folder import LAKE_FILES, Lake, without_password

NAME = "lake"
TURN_SECONDS = 600.0
# So long a query may read files that nothing refers to any more.
READING_MINUTES = 60
# A load that waits asks again so often, so that Ctrl-C is heard.
_LOCK_SECONDS = 1

_TURN = "SELECT set_config('lock_timeout', '{wait}s', true), pg_advisory_xact_lock(7810764)"
_LOST = re.compile(
    "server closed the connection|terminating connection|Connection refused|no connection to the server|"
    "the database system is|Connection reset|Broken pipe|could not receive data|SSL SYSCALL|not available",
    re.IGNORECASE,
)
_CONFLICT = re.compile("Transaction conflict|ducklake_max_retry_count|could not serialize access")
# We ask nothing after a failure: one of DuckLake's own looks into its catalog has failed, and it hid why.
_HIDDEN = re.compile("Current transaction is aborted")


def extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """The extension is loaded: of the installed package, or that which DuckDB itself was told to install.

    Raises WarehouseError if there is none for this DuckDB.
    """
    try:
        try:
            package = resources.files(f"duckdb_extension_{name}")
        except ModuleNotFoundError:
            connection.execute(f"LOAD {name}")
        else:
            file = package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
            connection.execute(f"LOAD {_text(str(file))}")
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(
            f"a lake needs DuckDB's extension {name} for version {duckdb.__version__}, which is not here: "
            "pip install 'newsetl[lake]' (there are packages for DuckDB 1.5.5)"
        ) from error


def connect(lake: Lake, settings: dict[str, Any], *, is_read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection of its own to the lake, which is made if it is not there and may be written.

    Raises WarehouseError and what DuckDB does.
    """
    connection = duckdb.connect(":memory:", config=settings)
    try:
        for name in ("ducklake", "postgres_scanner"):
            extension(connection, name)
        connection.execute(f"ATTACH {_text(lake.catalog)} AS catalog (TYPE postgres, READ_ONLY)")
        files = _files(connection)
        if files is None and is_read_only:
            raise WarehouseError(f"{lake}: no warehouse here; `newsetl ingest` makes one")
        if files is not None and lake.files is not None and files != _folder(lake.files):
            raise WarehouseError(
                f"{lake}: its files are in {files}, but {LAKE_FILES} names {lake.files}; unset it"
            )
        if files is None and lake.files is None:
            raise WarehouseError(
                f"{lake}: a new lake; {LAKE_FILES} must name the folder, or the address such as "
                "s3://bucket/news, for its files"
            )
        if urlsplit(files or lake.files or "").scheme in ("s3", "gcs", "r2"):
            _reach(connection)
        # Of two that make it, one would fail.
        with nullcontext() if files is not None else turn(connection, "catalog"):
            connection.execute(_attaching(lake, is_read_only=is_read_only))
            if files is None:
                # Rows that are kept in the catalog have their lists there as text, which cannot hold a NUL.
                connection.execute(f"CALL {NAME}.set_option('data_inlining_row_limit', '0')")
        connection.execute(f"USE {NAME}; DETACH catalog")
    except BaseException:
        connection.close()
        raise
    return connection


def _attaching(lake: Lake, *, is_read_only: bool) -> str:
    options = ["READ_ONLY"] if is_read_only else []
    if lake.files is not None:
        options.append(f"DATA_PATH {_text(_folder(lake.files))}")
    if lake.as_of is not None:
        kind = "VERSION" if lake.as_of.isdigit() else "TIME"
        options.append(f"SNAPSHOT_{kind} {_text(lake.as_of)}")
    listed = f" ({', '.join(options)})" if options else ""
    return f"ATTACH {_text(f'ducklake:postgres:{lake.catalog}')} AS {NAME}{listed}"


def enclose(connection: duckdb.DuckDBPyConnection) -> None:
    """Of all files the lake's alone can be read, once external access is off."""
    ((files,),) = connection.execute(
        f"SELECT value FROM ducklake_options('{NAME}') WHERE option_name = 'data_path' AND scope = 'GLOBAL'"
    ).fetchall()
    connection.execute(f"SET allowed_directories = [{_text(files)}]")


@dataclass(frozen=True, slots=True)
class Compacted:
    """How many files of rows a lake has, before and after, and how many of its versions were given up."""

    files_before: int
    files: int
    versions_gone: int


def compact(connection: duckdb.DuckDBPyConnection, *, since: datetime) -> Compacted:
    """Small files are brought together; versions older than `since` and what they alone had are given up.

    Writers wait meanwhile, readers do not.
    """
    count = f"SELECT coalesce(sum(file_count), 0) FROM ducklake_table_info('{NAME}')"
    with turn(connection):
        ((before,),) = connection.execute(count).fetchall()
        # Rows that were deleted go first: files with them are not brought together.
        for call in ("rewrite_data_files", "merge_adjacent_files"):
            connection.execute(f"CALL ducklake_{call}('{NAME}')").fetchall()
        gone = connection.execute(
            f"CALL ducklake_expire_snapshots('{NAME}', older_than => $since)", {"since": since}
        ).fetchall()
        # A reader may be in a file that was replaced a moment ago.
        connection.execute(
            f"CALL ducklake_cleanup_old_files('{NAME}', older_than => now() - $reading::INTERVAL)",
            {"reading": f"{READING_MINUTES} minutes"},
        ).fetchall()
        ((after,),) = connection.execute(count).fetchall()
    return Compacted(before, after, len(gone))


@contextmanager
def turn(
    connection: duckdb.DuckDBPyConnection, catalog: str = f"__ducklake_metadata_{NAME}"
) -> Iterator[None]:
    """No other newsetl writes to the lake meanwhile.

    Raises WarehouseError if another one does for longer than TURN_SECONDS.
    """
    deadline = time.monotonic() + TURN_SECONDS
    statement = f"FROM postgres_query('{catalog}', {_text(_TURN.format(wait=_LOCK_SECONDS))})"
    waiting = connection.cursor()
    try:
        while True:
            waiting.execute("BEGIN")
            try:
                waiting.execute(statement).fetchall()
                break
            except duckdb.Error as error:
                waiting.execute("ROLLBACK")
                if "lock timeout" not in str(error):
                    raise
                if time.monotonic() >= deadline:
                    raise WarehouseError(
                        f"the lake has been written by another newsetl for {TURN_SECONDS:.0f} s; "
                        "pg_stat_activity in its catalog tells by whom"
                    ) from None
        yield
    finally:
        with suppress(duckdb.Error):  # a catalog that is gone has given the turn up
            waiting.execute("ROLLBACK")
        waiting.close()


def is_passing(error: BaseException) -> bool:
    """True if the same may succeed a moment later: the catalog was away, or another commit came first."""
    text = str(error)
    return isinstance(error, duckdb.Error) and any(each.search(text) for each in (_LOST, _CONFLICT, _HIDDEN))


def explained(message: str) -> str:
    """DuckDB's message of one line, without the password, as a person can act on it."""
    message = without_password(message)
    if "authentication failed" in message or "no password supplied" in message:
        why = re.search(r"FATAL: +(.*)", message)
        return (
            f"PostgreSQL does not let us in ({why[1] if why else message}); look at user and password in the "
            "address, PGPASSWORD or ~/.pgpass"
        )
    if found := re.search(r"FATAL: +(database \".*?\" does not exist)", message):
        return f"{found[1]}; make it with createdb, newsetl makes the rest"
    if found := re.search(r"No snapshot found at (version|timestamp) (.*)", message):
        return f"not kept as it was at {found[1]} {found[2]}; FROM ducklake_snapshots('lake') lists what is"
    if _LOST.search(message) or "could not translate host" in message:
        why = re.search(
            r"(connection to server .*|could not translate .*|server closed .*|FATAL: .*)", message
        )
        return (
            f"its catalog cannot be reached ({why[1] if why else message}); what was kept is loaded at the "
            "next start"
        )
    return message


def _files(connection: duckdb.DuckDBPyConnection) -> str | None:
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


def _folder(files: str) -> str:
    """The path or address, whole and with a slash at its end, as the catalog has it."""
    whole = files if "://" in files else os.path.abspath(files)  # noqa: PTH100  # a Path takes links away
    return f"{whole.rstrip('/')}/"


def _reach(connection: duckdb.DuckDBPyConnection) -> None:
    """Files in S3-compatible storage can be read and written, with the usual variables of AWS's programs."""
    extension(connection, "httpfs")
    given = {
        "KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID"),
        "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY"),
        "SESSION_TOKEN": os.environ.get("AWS_SESSION_TOKEN"),
        "REGION": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
    }
    if endpoint := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        parts = urlsplit(endpoint)
        given |= {"ENDPOINT": parts.netloc, "URL_STYLE": "path"}
        given |= {"USE_SSL": "true" if parts.scheme == "https" else "false"}
    options = "".join(f", {name} {_text(value)}" for name, value in given.items() if value)
    connection.execute(f"CREATE SECRET lake_files (TYPE s3{options})")


def statements(text: str) -> list[str]:
    """The statements of a view's or macro's file, without the comments that a lake cannot hold."""
    found = [each.query.strip() for each in duckdb.extract_statements(text)]
    return [each for each in found if not re.match(r"(?:--.*\n)*COMMENT ON (?:COLUMN|MACRO)", each)]


def tables(mirror: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Statements that make the mirror's tables, without what a lake has not."""
    for table, comment in mirror.execute(
        "SELECT table_name, comment FROM duckdb_tables() ORDER BY table_oid"
    ).fetchall():
        columns = []
        found = mirror.execute(
            "SELECT column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns() "
            "WHERE table_name = ? ORDER BY column_index",
            [table],
        ).fetchall()
        for name, kind, nullable, default, _ in found:
            column = f'"{name}" {kind}{"" if nullable else " NOT NULL"}'
            if default is not None:
                # DuckLake takes literals alone.
                ((value,),) = mirror.execute(f"SELECT {default}").fetchall()
                column += f" DEFAULT {_text(value) if isinstance(value, str) else value}"
            columns.append(column)
        yield f'CREATE TABLE "{table}" ({", ".join(columns)})'
        yield f'COMMENT ON TABLE "{table}" IS {_text(comment)}'
        for name, *_, said in found:
            yield f'COMMENT ON COLUMN "{table}"."{name}" IS {_text(said)}'


def _text(value: str) -> str:
    quoted = value.replace("'", "''")
    return f"'{quoted}'"
