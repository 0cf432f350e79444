"""Access to the SQL files of `warehouse/`, and quoting of SQL literals."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def load_sql(name: str) -> str:
    """Return the text of `warehouse/<name>.sql`."""
    return (resources.files("newsetl.warehouse") / f"{name}.sql").read_text(encoding="utf-8")


@cache
def list_sql(folder: str) -> tuple[str, ...]:
    """Return the names of the SQL files in a folder of `warehouse/`, sorted, without `.sql`."""
    entries = (resources.files("newsetl.warehouse") / folder).iterdir()
    return tuple(sorted(entry.name.removesuffix(".sql") for entry in entries if entry.name.endswith(".sql")))


def quote_literal(value: str) -> str:
    """Return the text as an SQL literal."""
    escaped = value.replace("'", "''")
    return f"'{escaped}'"
