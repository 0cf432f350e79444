"""A news channel as a table: complete, provable and replayable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsetl._version import __version__

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from datetime import date

    import duckdb
    import pyarrow as pa

__all__ = ["__version__", "articles", "connect"]


def connect(path: str | os.PathLike[str] = "data") -> duckdb.DuckDBPyConnection:
    """A DuckDB connection, in UTC, to the published copy in the data folder `path` (or to that file).

    The copy can only be read; tables of your own belong into `memory`, and everything else is as in any
    DuckDB connection: it sees your data frames and may read and write your files. It shows the copy as it
    was when you connected, whatever a run publishes meanwhile; connect again for a newer one. A `cursor()`
    of it begins outside: `USE news` there. Raises `newsetl.errors.WarehouseError` if there is no copy, or
    one that this newsetl cannot read.
    """
    from newsetl import api  # noqa: PLC0415  # the command line shall not wait for DuckDB

    return api.connect(path)


def articles(
    *,
    since: date | str | None = None,
    until: date | str | None = None,
    source: str | None = None,
    section: str | None = None,
    columns: Sequence[str] | None = None,
    data: str | os.PathLike[str] = "data",
) -> pa.Table:
    """The articles of the published copy in `data` as an Arrow table, the oldest first: articles_flat's rows.

    `since` and `until` are days in the source's timezone, both included; times are in UTC, with the zone;
    credits are lists. Raises `newsetl.errors.ConfigError` for a day or column that cannot be, and what
    `connect` raises.
    """
    from newsetl import api  # noqa: PLC0415

    return api.articles(since=since, until=until, source=source, section=section, columns=columns, data=data)
