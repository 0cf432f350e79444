"""The lock of a lake, which one writer holds at a time.

Writers take turns. DuckLake lets a commit fail whose tables another one has deleted from meanwhile, and every
load brings rows up to date, so that of two loads at once one would always be done in vain; and under
PostgreSQL's default isolation it can overlook it (duckdb/ducklake#1094). An advisory lock in the catalog is
held from before a transaction's snapshot until it is committed: it goes with its session, so that nobody who
dies leaves it behind. Readers take no turn and never wait.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from newsetl.db.sql import quoted
from newsetl.errors import WarehouseError

# The lake's name on a connection; DuckLake derives its catalog's from it.
LAKE_NAME = "lake"
WRITE_LOCK_TIMEOUT = 600.0
# A load that waits asks again so often, so that Ctrl-C is heard.
_LOCK_SECONDS = 1

_TURN = "SELECT set_config('lock_timeout', '{wait}s', true), pg_advisory_xact_lock(7810764)"


@contextmanager
def turn(
    connection: duckdb.DuckDBPyConnection, catalog: str = f"__ducklake_metadata_{LAKE_NAME}"
) -> Iterator[None]:
    """No other newsetl writes to the lake meanwhile.

    Raises WarehouseError if another one does for longer than TURN_SECONDS.
    """
    deadline = time.monotonic() + WRITE_LOCK_TIMEOUT
    statement = f"FROM postgres_query('{catalog}', {quoted(_TURN.format(wait=_LOCK_SECONDS))})"
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
                        f"the lake has been written by another newsetl for {WRITE_LOCK_TIMEOUT:.0f} s; "
                        "pg_stat_activity in its catalog tells by whom"
                    ) from None
        yield
    finally:
        with suppress(duckdb.Error):  # a catalog that is gone has given the turn up
            waiting.execute("ROLLBACK")
        waiting.close()
