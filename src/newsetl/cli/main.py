"""The commands. Each reads its options, calls one function and shows what came of it."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from newsetl._version import __version__
from newsetl.cli.app import ErrorReportingGroup, SourceDirTyper
from newsetl.cli.backfill import backfill
from newsetl.cli.check import check
from newsetl.cli.demo import demo
from newsetl.cli.export import diff, export, report
from newsetl.cli.import_ import import_
from newsetl.cli.ingest import ingest
from newsetl.cli.parse import parse
from newsetl.cli.publish import compact, publish
from newsetl.cli.query import sql, status
from newsetl.cli.rebuild import rebuild, reparse
from newsetl.cli.rejects import rejects, retry
from newsetl.cli.replica import replica_app
from newsetl.cli.search import search
from newsetl.cli.serve import serve
from newsetl.cli.source import source_app
from newsetl.cli.state import state_app
from newsetl.runtime import gc_tuning

app = SourceDirTyper(
    cls=ErrorReportingGroup,
    help="A news channel as a table: find, fetch, keep, read and load its articles into DuckDB.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


for command in (
    ingest, demo, sql, status, search, export, report, diff, backfill, import_, parse, rejects,
    retry, check, publish, serve, reparse, rebuild, compact,
):  # fmt: skip
    app.command("import" if command is import_ else None)(command)
app.add_typer(source_app, name="source")
app.add_typer(state_app, name="state")
app.add_typer(replica_app, name="replica")


def main() -> None:
    """The program `newsetl`."""
    gc_tuning.reduce_gc_frequency()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that has no Chinese letters shows their numbers.
            stream.reconfigure(errors="backslashreplace")
    app()


@app.callback(invoke_without_command=True)
def _version(
    show: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    if show:
        print(f"newsetl {__version__}")
        raise typer.Exit
