"""Read-only connections to the warehouse, without access to other files or the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import duckdb

from newsetl.db import ducklake, migrations
from newsetl.db.connection import open_connection, translate_errors
from newsetl.db.duckdb_errors import format_error_with_position
from newsetl.errors import ConfigError, WarehouseError
from newsetl.runtime.data_folder import PUBLISHED_FILE, WORK_FILE, Lake, WarehouseLocation

ROWS_AT_ONCE = 2_000

_READ_ONLY_STATEMENTS = ("SELECT", "EXPLAIN", "PRAGMA", "MULTI")  # DuckDB 2 parses a PIVOT as MULTI


def connect(path: WarehouseLocation) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection with the time zone UTC, without access to other files or the network.

    Raise WarehouseError if there is no warehouse, or if this newsetl cannot read it.
    """
    size = get_size(path)
    connection = open_connection(path, is_read_only=True)
    try:
        with translate_errors(path):
            migrations.check_readable(path, connection, size)
            if not connection.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]:
                if isinstance(path, Lake):
                    ducklake.restrict_file_access(connection)
                connection.execute("SET enable_external_access = false")
                connection.execute("SET python_enable_replacements = false")
                connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def get_size(path: WarehouseLocation) -> int:
    """Return the size of the warehouse file in bytes, 0 for a lake. Raise WarehouseError if it is missing."""
    if isinstance(path, Lake):
        return 0
    if path.exists():
        return path.stat().st_size
    if path.name == PUBLISHED_FILE and path.with_name(WORK_FILE).exists():
        raise WarehouseError(f"{path}: missing, but {WORK_FILE} exists; run newsetl publish")
    raise WarehouseError(f"{path}: no warehouse here; run newsetl ingest or newsetl demo")


def select_version(location: WarehouseLocation, as_of: str) -> Lake:
    """Return the lake at a time (default zone UTC) or a version number. Raise ConfigError for a file."""
    if not isinstance(location, Lake):
        raise ConfigError(f"--as-of: {location} is a DuckDB file without versions; use a lake (docs/lake.md)")
    if not as_of.isdigit():
        try:
            moment = datetime.fromisoformat(as_of)
        except ValueError:
            raise ConfigError(
                f"--as-of {as_of}: no time; write 2026-11-23T06:00:00, or a version's number"
            ) from None
        as_of = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    return replace(location, as_of=as_of)


class QueryResult:
    """Result of a statement, which can be consumed once: by `rows`, `chunks` or `formats.write_result`.

    The connection stays open until the last row has been read or `close` is called.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        description = connection.description or []
        self.columns: tuple[str, ...] = tuple(column[0] for column in description)
        self.types: tuple[str, ...] = tuple(str(column[1]) for column in description)

    @cached_property
    def rows(self) -> tuple[tuple[Any, ...], ...]:
        """All rows as Python values; times are aware and in UTC."""
        return tuple(row for chunk in self.chunks() for row in chunk)

    def chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows in lists of at most ROWS_AT_ONCE."""
        try:
            with translate_statement_errors():
                while chunk := self.connection.fetchmany(ROWS_AT_ONCE):
                    yield chunk
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def run_query(path: WarehouseLocation, statement: str) -> QueryResult:
    """Run a read-only statement and return its result.

    Raise WarehouseError if the warehouse cannot be opened. Raise ConfigError with DuckDB's message if the
    statement is invalid, is more than one statement, or writes.
    """
    connection = connect(path)
    try:
        with translate_statement_errors():
            statements = connection.extract_statements(statement)
            if not statements:
                raise ConfigError("statement: empty; write a query such as FROM articles_flat LIMIT 5")
            # DuckDB 1.5 splits a PIVOT into two statements; the first has no text.
            parsed = [each for each in statements if each.query.strip()]
            for each in parsed:
                if (kind := each.type.name) not in _READ_ONLY_STATEMENTS:
                    raise ConfigError(f"statement: {kind} is not read-only; only queries can be run")
            if len(parsed) > 1:
                raise ConfigError(f"statement: {len(parsed)} statements; run one at a time")
            return QueryResult(connection.execute(statement))
    except BaseException:
        connection.close()
        raise


@contextmanager
def translate_statement_errors() -> Iterator[None]:
    """Raise DuckDB's errors in a statement as ConfigError, with the position of the error."""
    try:
        yield
    except (duckdb.Error, RuntimeError) as error:
        raise ConfigError(format_error_with_position(error)) from error
