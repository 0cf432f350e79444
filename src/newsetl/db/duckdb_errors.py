"""Errors of DuckDB and PostgreSQL that have no type of their own and are classified by their text.

No other module matches the text of an error.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from newsetl.errors import WarehouseError, WarehouseLockedError
from newsetl.runtime.data_folder import Lake, WarehouseLocation, mask_password

TRUNCATED = (
    "damaged or truncated, such as an interrupted copy; run `newsetl publish` for the readers' file, "
    "`newsetl rebuild` for the warehouse"
)

_AFTER_MESSAGE = re.compile(r"\n(?:LINE \d|Stack Trace|This error signals)")
# The line of the statement, and a caret under the position of the error.
_ERROR_POSITION = re.compile(r"\nLINE \d+: [^\n]*\n *\^")
_LOCK_HOLDER = re.compile(r"Conflicting lock is held in (.*?) ?\(PID (\d+)")
_DAMAGED = re.compile("read enough bytes|Could not read|checksum|Corrupt database")
_CATALOG_LOST = re.compile(
    "server closed the connection|terminating connection|Connection refused|no connection to the server|"
    "the database system is|Connection reset|Broken pipe|could not receive data|SSL SYSCALL|not available",
    re.IGNORECASE,
)
_CONFLICT = re.compile("Transaction conflict|ducklake_max_retry_count|could not serialize access")
# newsetl sends no statement after an error, so a query of DuckLake to its catalog failed without a message.
_HIDDEN = re.compile("Current transaction is aborted")


def format_error(error: Exception) -> str:
    """Return DuckDB's message in one line, without the quoted statement and the stack trace."""
    return " ".join(_AFTER_MESSAGE.split(str(error))[0].split())


def format_error_with_position(error: Exception) -> str:
    """Return DuckDB's message in one line, followed by the position in the statement if there is one."""
    position = _ERROR_POSITION.search(str(error))
    return f"{format_error(error)}{position.group() if position else ''}"


def is_interrupt(error: Exception) -> bool:
    """Return True if DuckDB reports a KeyboardInterrupt, in a query or while it reads a registered table."""
    return str(error) == "Query interrupted" or str(error).startswith("KeyboardInterrupt:")


def is_lock_timeout(error: duckdb.Error) -> bool:
    """Return True if PostgreSQL's lock_timeout has expired."""
    return "lock timeout" in str(error)


def is_transient(error: BaseException) -> bool:
    """Return True if a lake's catalog was unreachable or another commit came first; a retry may succeed."""
    text = str(error)
    return isinstance(error, duckdb.Error) and any(
        each.search(text) for each in (_CATALOG_LOST, _CONFLICT, _HIDDEN)
    )


def build_warehouse_error(place: WarehouseLocation, error: Exception) -> WarehouseError:
    """Build the error of one line that names the warehouse, the cause and the fix."""
    message = format_error(error)
    if isinstance(place, Lake):
        return WarehouseError(f"{place}: {_lake_advice(mask_password(message))}")
    if holder := _LOCK_HOLDER.search(message):
        program = f"{Path(holder[1]).name}, PID {holder[2]}"
        return WarehouseLockedError(
            f"{place}: held by another process ({program}); try again when it has finished"
        )
    return WarehouseError(f"{place}: {_file_advice(message)}")


def _file_advice(message: str) -> str:
    if "not a valid DuckDB database" in message:
        return "not a DuckDB file; give another path, or move it away"
    if "directory" not in message and _DAMAGED.search(message):
        return TRUNCATED
    if "different configuration" in message or "already attached" in message:
        return "already open in this process, for reading or for writing; close it first"
    return message


def _lake_advice(message: str) -> str:
    if "authentication failed" in message or "no password supplied" in message:
        why = re.search(r"FATAL: +(.*)", message)
        return (
            f"PostgreSQL refuses the login ({why[1] if why else message}); check the user and password in "
            "the address, PGPASSWORD or ~/.pgpass"
        )
    if found := re.search(r"FATAL: +(database \".*?\" does not exist)", message):
        return f"{found[1]}; create it with `createdb`, newsetl creates the tables"
    if found := re.search(r"No snapshot found at (version|timestamp) (.*)", message):
        return f"no snapshot at {found[1]} {found[2]}; FROM ducklake_snapshots('lake') lists the snapshots"
    if _CATALOG_LOST.search(message) or "could not translate host" in message:
        why = re.search(
            r"(connection to server .*|could not translate .*|server closed .*|FATAL: .*)", message
        )
        return (
            f"its catalog cannot be reached ({why[1] if why else message}); start again when it runs: the "
            "archived pages are loaded then"
        )
    return message
