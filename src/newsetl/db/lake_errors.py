"""Errors of a lake's catalog: transient ones, and the texts that explain the others."""

from __future__ import annotations

import re

import duckdb

from newsetl.runtime.data_folder import mask_password

_LOST = re.compile(
    "server closed the connection|terminating connection|Connection refused|no connection to the server|"
    "the database system is|Connection reset|Broken pipe|could not receive data|SSL SYSCALL|not available",
    re.IGNORECASE,
)
_CONFLICT = re.compile("Transaction conflict|ducklake_max_retry_count|could not serialize access")
# We ask nothing after a failure: one of DuckLake's own looks into its catalog has failed, and it hid why.
_HIDDEN = re.compile("Current transaction is aborted")


def is_passing(error: BaseException) -> bool:
    """True if the same may succeed a moment later: the catalog was away, or another commit came first."""
    text = str(error)
    return isinstance(error, duckdb.Error) and any(each.search(text) for each in (_LOST, _CONFLICT, _HIDDEN))


def explain_error(message: str) -> str:
    """DuckDB's message of one line, without the password, as a person can act on it."""
    message = mask_password(message)
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
