"""SQL files of `warehouse/`, and SQL literals."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def load_sql(name: str) -> str:
    """The text of `warehouse/<name>.sql`."""
    return (resources.files("newsetl.warehouse") / f"{name}.sql").read_text(encoding="utf-8")


@cache
def list_sql(folder: str) -> tuple[str, ...]:
    """The objects in a folder of `warehouse/`, sorted, without their ending."""
    entries = (resources.files("newsetl.warehouse") / folder).iterdir()
    return tuple(sorted(entry.name.removesuffix(".sql") for entry in entries if entry.name.endswith(".sql")))


def quoted(value: str) -> str:
    """Return the text as an SQL literal."""
    quoted = value.replace("'", "''")
    return f"'{quoted}'"
