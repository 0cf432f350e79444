"""Loader of DuckDB extensions from installed packages."""

from __future__ import annotations

from importlib import resources

import duckdb

from newsetl.db.sql import quote_literal
from newsetl.errors import WarehouseError


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load the extension from its installed package, else from DuckDB's own extension directory.

    Raise WarehouseError if neither has the extension for this DuckDB version.
    """
    try:
        try:
            package = resources.files(f"duckdb_extension_{name}")
        except ModuleNotFoundError:
            connection.execute(f"LOAD {name}")
        else:
            file = package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
            connection.execute(f"LOAD {quote_literal(str(file))}")
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(
            f"DuckDB extension {name}: not installed for DuckDB {duckdb.__version__}, but a lake needs it; "
            "run: pip install 'newsetl[lake]' (packages exist for DuckDB 1.5.5)"
        ) from error
