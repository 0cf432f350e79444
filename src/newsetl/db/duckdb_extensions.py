"""DuckDB extensions of installed packages."""

from __future__ import annotations

from importlib import resources

import duckdb

from newsetl.db.sql import quoted
from newsetl.errors import WarehouseError


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """The extension is loaded: of the installed package, or that which DuckDB itself was told to install.

    Raises WarehouseError if there is none for this DuckDB.
    """
    try:
        try:
            package = resources.files(f"duckdb_extension_{name}")
        except ModuleNotFoundError:
            connection.execute(f"LOAD {name}")
        else:
            file = package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
            connection.execute(f"LOAD {quoted(str(file))}")
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(
            f"a lake needs DuckDB's extension {name} for version {duckdb.__version__}, which is not here: "
            "pip install 'newsetl[lake]' (there are packages for DuckDB 1.5.5)"
        ) from error
