"""The readers of the warehouse: nothing here can change it, or read any other file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import duckdb

from newsetl.db import ducklake, migrations
from newsetl.db.connection import format_error, open_connection, translate_errors
from newsetl.errors import ConfigError, WarehouseError
from newsetl.runtime.data_folder import PUBLISHED_FILE, WORK_FILE, Lake, WarehouseLocation

ROWS_AT_ONCE = 2_000


# The line of the statement, and under it where DuckDB stumbled.
_ERROR_POSITION = re.compile(r"\nLINE \d+: [^\n]*\n *\^")
_READ_ONLY_STATEMENTS = ("SELECT", "EXPLAIN", "PRAGMA", "MULTI")  # MULTI is what DuckDB 2 makes of a PIVOT


def connect(path: WarehouseLocation) -> duckdb.DuckDBPyConnection:
    """A connection that reads the warehouse, in UTC, and reaches no other file and no network.

    Raises WarehouseError if there is no warehouse, or it cannot be read by this newsetl.
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
    """Bytes of a warehouse file, 0 of a lake. Raises WarehouseError with advice if there is none."""
    if isinstance(path, Lake):
        return 0
    if path.exists():
        return path.stat().st_size
    if path.name == PUBLISHED_FILE and path.with_name(WORK_FILE).exists():
        raise WarehouseError(f"{path}: missing, but {WORK_FILE} is there; `newsetl publish` makes it anew")
    raise WarehouseError(f"{path}: no warehouse here; `newsetl ingest` or `newsetl demo` makes one")


def select_version(location: WarehouseLocation, as_of: str) -> Lake:
    """The lake as it was at a time (in UTC unless it says otherwise) or in a version. Raises ConfigError."""
    if not isinstance(location, Lake):
        raise ConfigError(f"--as-of: {location} is a DuckDB file, which has no past; see docs/lake.md")
    if not as_of.isdigit():
        try:
            moment = datetime.fromisoformat(as_of)
        except ValueError:
            raise ConfigError(f"--as-of {as_of}: write 2026-11-23T06:00:00, or a version's number") from None
        as_of = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    return replace(location, as_of=as_of)


class QueryResult:
    """What a statement found. It can be gone through once: by `rows`, `chunks` or `write`.

    The warehouse is held for reading until the last row has been taken, or `close` is called.
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
        """The rows, a few thousand at a time."""
        try:
            with statement_errors():
                while chunk := self.connection.fetchmany(ROWS_AT_ONCE):
                    yield chunk
        finally:
            self.close()

    def close(self) -> None:
        """Lets the warehouse go."""
        self.connection.close()


def run_query(path: WarehouseLocation, statement: str) -> QueryResult:
    """What the statement finds in the warehouse.

    Raises WarehouseError if the warehouse cannot be opened and ConfigError, with DuckDB's message, if the
    statement is wrong, is several, or does anything but read.
    """
    connection = connect(path)
    try:
        with statement_errors():
            statements = connection.extract_statements(statement)
            if not statements:
                raise ConfigError("nothing to run: the statement is empty")
            # Of a PIVOT DuckDB 1.5 makes two; the first has no text.
            given = [each for each in statements if each.query.strip()]
            for each in given:
                if (kind := each.type.name) not in _READ_ONLY_STATEMENTS:
                    raise ConfigError(f"only statements that read can be run here; this one is {kind}")
            if len(given) > 1:
                raise ConfigError(f"{len(given)} statements; give one at a time")
            return QueryResult(connection.execute(statement))
    except BaseException:
        connection.close()
        raise


@contextmanager
def statement_errors() -> Iterator[None]:
    """Raise ConfigError in place of what DuckDB says of a statement."""
    try:
        yield
    except (duckdb.Error, RuntimeError) as error:
        place = _ERROR_POSITION.search(str(error))
        raise ConfigError(f"{format_error(error)}{place.group() if place else ''}") from error
