"""The commands `newsetl sql` and `newsetl status`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from newsetl.cli.option_values import choose_format
from newsetl.cli.options import DataOption
from newsetl.runtime.data_folder import DataFolder


def sql(
    statement: Annotated[str, typer.Argument(help="SQL query; the warehouse is opened read-only.")],
    fmt: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Format: table, csv, json, jsonl, parquet. Default: the ending of --output, else table.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Output file. Default: the terminal.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="WHEN", help="Time in UTC or version of a lake. Default: the current version."
        ),
    ] = None,
    data: DataOption = Path("data"),
) -> None:
    """Query the warehouse with SQL.

    The file named with --output is written atomically and replaces an older file.

    Example: newsetl sql "SELECT section, count(*) FROM articles_flat GROUP BY ALL" --format csv
    """
    from newsetl.query import formats, reader
    from newsetl.runtime import atomic

    folder = DataFolder(data)
    fmt = choose_format(output, fmt, ("csv", "json", "jsonl", "parquet"), default="table")
    if output is not None:
        atomic.check_output(output, protected=folder.files)
    location = folder.published if as_of is None else reader.select_version(folder.published, as_of)
    # DuckDB does not check for Ctrl-C while it builds rows, and a query has nothing to clean up.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    formats.write_result(reader.run_query(location, statement), format=fmt, output=output)  # type: ignore[arg-type]  # checked above


def status(data: DataOption = Path("data")) -> None:
    """Show contents, last runs, coverage and manual actions.

    Example: newsetl status
    """
    from newsetl.query.status import print_status

    print_status(DataFolder(data).published)
