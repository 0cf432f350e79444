"""`newsetl sql` and `newsetl status`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from newsetl.cli.option_values import choose_format
from newsetl.cli.options import DataOption
from newsetl.runtime.data_folder import DataFolder


def sql(
    statement: Annotated[str, typer.Argument(help="A query; the warehouse is opened for reading only.")],
    fmt: Annotated[
        str | None,
        typer.Option(
            "--format", help="table, csv, json, jsonl or parquet; by the ending of --output, else table."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file instead of the terminal.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="WHEN", help="A lake as it was: a time in UTC, or a version."),
    ] = None,
    data: DataOption = Path("data"),
) -> None:
    """Ask the warehouse a question in SQL.

    The file named with --output is whole when it has its name; what was there is replaced.

    Example: newsetl sql "SELECT section, count(*) FROM articles_flat GROUP BY ALL" --format csv
    """
    from newsetl.query import formats, reader
    from newsetl.runtime import atomic

    folder = DataFolder(data)
    fmt = choose_format(output, fmt, ("csv", "json", "jsonl", "parquet"), default="table")
    if output is not None:
        atomic.check_output(output, protected=folder.files)
    place = folder.published if as_of is None else reader.select_version(folder.published, as_of)
    # DuckDB does not look for Ctrl-C while it makes rows; nothing is lost by dying at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    formats.write_result(reader.run_query(place, statement), format=fmt, output=output)  # type: ignore[arg-type]  # checked above


def status(data: DataOption = Path("data")) -> None:
    """What the warehouse holds, how each source's last run ended, its calendar, and what needs a person.

    Example: newsetl status
    """
    from newsetl.query.status import print_status

    print_status(DataFolder(data).published)
