"""The writer's connection, to a file or a lake: what it is given is committed whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, TypeVar
from uuid import UUID

import duckdb
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from newsetl.db import arrow_tables, lake_lock, sql
from newsetl.db.connection import open_connection, transaction, translate_errors
from newsetl.db.duckdb_errors import is_transient
from newsetl.db.incoming_tables import register_tables
from newsetl.runtime.data_folder import Lake, WarehouseLocation

# What DuckDB keeps of the file, and works in, however large the file: with more a run is no faster. What does
# not fit, such as a whole ledger of a million articles, is done again with more.
MEMORY_LIMIT, LARGE_MEMORY_LIMIT = "350MB", "2GB"
# Seconds in which a lake's catalog that is being restarted is waited for, each time that it is asked.
CATALOG_TIMEOUT = 60.0

T = TypeVar("T")


class Session:
    """A connection that may write. Several threads may use it: one at a time has it.

    What is written to a lake waits for this process's turn there. If the lake's catalog has gone meanwhile,
    the work is done again on a new connection, for PATIENCE seconds: it must bear to be done twice, also
    when it had been committed and only the answer was lost. So must all work: what does not fit in MEMORY is
    done again in ROOM. Raises WarehouseError for what DuckDB, the disk or the catalog refuses.
    """

    def __init__(self, location: WarehouseLocation) -> None:
        self.location = location
        self.connection = self._connect()
        self._is_lost = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Everything is in the warehouse, and a file is free."""
        with translate_errors(self.location):
            self.connection.close()

    @contextmanager
    def use_large_memory(self) -> Iterator[None]:
        """DuckDB has ROOM inside."""
        self.connection.execute(f"SET memory_limit = '{LARGE_MEMORY_LIMIT}'")
        try:
            yield
        finally:
            with suppress(duckdb.Error):  # what is kept may not fit; and the connection may be lost
                self.connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")

    def read(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Return the result of the work, which only reads."""
        with self._lock, translate_errors(self.location):
            return self._retry_connection(lambda: self._retry_with_memory(lambda: work(self.connection)))

    def write(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Do the work in one transaction and return its result."""

        def once() -> T:
            turn = (
                lake_lock.hold_write_lock(self.connection)
                if isinstance(self.location, Lake)
                else nullcontext()
            )
            with turn, transaction(self.connection):
                return work(self.connection)

        with self._lock, translate_errors(self.location):
            return self._retry_connection(lambda: self._retry_with_memory(once))

    def run(self, statement: str, /, **parameters: object) -> list[Any]:
        """Return the rows of a statement of `warehouse/load/` that writes nothing."""
        return self.read(
            lambda connection: connection.execute(sql.load_sql(f"load/{statement}"), parameters).fetchall()
        )

    def run_all(self, statements: Iterable[str], /, **parameters: object) -> None:
        """Run the statements of `warehouse/load/` in one transaction."""

        def run(connection: duckdb.DuckDBPyConnection) -> None:
            for statement in statements:
                connection.execute(sql.load_sql(f"load/{statement}"), parameters)

        self.write(run)

    def find(self, capture_ids: Iterable[UUID], statement: str) -> list[Any]:
        """Return the rows that the statement has for the captures."""
        named = arrow_tables.build_capture_table(capture_ids)

        def find(connection: duckdb.DuckDBPyConnection) -> list[Any]:
            with register_tables(connection, named):
                return connection.execute(sql.load_sql(f"load/{statement}")).fetchall()

        return self.read(find)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = open_connection(self.location, is_read_only=False)
        with translate_errors(self.location):
            connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        return connection

    def _retry_with_memory(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except duckdb.OutOfMemoryException:
            with self.use_large_memory():
                return work()

    def _retry_connection(self, work: Callable[[], T]) -> T:
        if not isinstance(self.location, Lake):
            return work()

        def once() -> T:
            if self._is_lost:
                with suppress(duckdb.Error):
                    self.connection.close()
                self.connection = self._connect()
                self._is_lost = False
            return work()

        def lose(_: object) -> None:
            self._is_lost = True

        retrying = Retrying(
            retry=retry_if_exception(lambda error: is_transient(error.__cause__ or error)),
            stop=stop_after_delay(CATALOG_TIMEOUT),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            before_sleep=lose,
            reraise=True,
        )
        return retrying(once)
