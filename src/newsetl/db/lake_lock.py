"""Write lock of a lake, which one process holds at a time.

DuckLake rejects a commit if another commit has deleted rows from the same tables since its snapshot. Every
load updates rows, so one of two concurrent loads would always fail. Under PostgreSQL's default isolation
DuckLake can also miss the conflict (duckdb/ducklake#1094). Writers therefore take a PostgreSQL advisory lock
in the catalog before a transaction's snapshot, and hold it until the commit. The lock belongs to the database
session, so a killed process releases it. Readers need no lock.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from newsetl.db.duckdb_errors import is_lock_timeout
from newsetl.db.sql import quote_literal
from newsetl.errors import WarehouseError

# The lake's database name on a connection; DuckLake derives the name of its catalog from this name.
LAKE_NAME = "lake"
WRITE_LOCK_TIMEOUT = 600.0
# Seconds of one attempt; between attempts Ctrl-C is handled.
_LOCK_SECONDS = 1

_LOCK_SQL = "SELECT set_config('lock_timeout', '{wait}s', true), pg_advisory_xact_lock(7810764)"


@contextmanager
def hold_write_lock(
    connection: duckdb.DuckDBPyConnection, catalog: str = f"__ducklake_metadata_{LAKE_NAME}"
) -> Iterator[None]:
    """Hold the write lock of the lake.

    Raise WarehouseError if another process holds the lock for longer than WRITE_LOCK_TIMEOUT seconds.
    """
    deadline = time.monotonic() + WRITE_LOCK_TIMEOUT
    statement = f"FROM postgres_query('{catalog}', {quote_literal(_LOCK_SQL.format(wait=_LOCK_SECONDS))})"
    cursor = connection.cursor()
    try:
        while True:
            cursor.execute("BEGIN")
            try:
                cursor.execute(statement).fetchall()
                break
            except duckdb.Error as error:
                cursor.execute("ROLLBACK")
                if not is_lock_timeout(error):
                    raise
                if time.monotonic() >= deadline:
                    raise WarehouseError(
                        f"lake: another newsetl has held the write lock for {WRITE_LOCK_TIMEOUT:.0f} s; "
                        "see pg_stat_activity in its catalog, and try again"
                    ) from None
        yield
    finally:
        with suppress(duckdb.Error):  # a lost catalog session has released the lock
            cursor.execute("ROLLBACK")
        cursor.close()
