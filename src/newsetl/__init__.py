"""News articles of a site as tables in DuckDB, with the archive of responses behind them."""

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
    """Return a DuckDB connection, in UTC, to the published copy of a warehouse.

    `path` is a data directory, a published `.duckdb` file or a `ducklake:` connection string.

    The published copy is read-only; create your own tables in the database `memory`. As in any DuckDB
    connection, queries see your data frames and may read and write your files. The connection keeps showing
    the version that was published when you connected; connect again to see a newer version. After
    `cursor()`, execute `USE news` on the cursor. Raise `newsetl.errors.WarehouseError` if there is no
    published copy, or if this newsetl cannot read the copy.
    """
    from newsetl import api  # noqa: PLC0415  # importing DuckDB would slow down the command line

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
    """Return rows of the view `articles_flat` as an Arrow table, the oldest article first.

    `data` is what `connect` takes as `path`. `since` and `until` are days in the source's timezone, both
    included. Timestamps are in UTC and carry the zone; authors and editors are lists. Raise
    `newsetl.errors.ConfigError` for an invalid day or an unknown column, and the errors of `connect`.
    """
    from newsetl import api  # noqa: PLC0415

    return api.articles(since=since, until=until, source=source, section=section, columns=columns, data=data)
