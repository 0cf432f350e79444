"""Command line of newsetl: the commands and the groups in which the help lists them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Annotated

import typer

from newsetl._version import __version__
from newsetl.cli.app import NewsetlGroup, SourceDirTyper
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

app = SourceDirTyper(
    cls=NewsetlGroup,
    help="Load the articles of news sites into DuckDB: discover, fetch, archive, parse, load.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# In the order in which a new user meets them.
_COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "Get articles": (ingest, backfill, import_),
    "Look at them": (status, sql, search, export, report, diff),
    "Your own sites": (parse,),
    "Operate": (serve, check, publish, compact),
    "Repair": (rejects, retry, reparse, rebuild),
    "Try out": (demo,),
}
for panel, commands in _COMMANDS.items():
    for command in commands:
        app.command(command.__name__.removesuffix("_"), rich_help_panel=panel)(command)
app.add_typer(source_app, name="source", rich_help_panel="Your own sites")
app.add_typer(state_app, name="state", rich_help_panel="Operate")
app.add_typer(replica_app, name="replica", rich_help_panel="Try out")


def main() -> None:
    """Run the program `newsetl`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show Chinese characters gets their code points.
            stream.reconfigure(errors="backslashreplace")
    app()


@app.callback(invoke_without_command=True)
def _print_version(
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if show_version:
        print(f"newsetl {__version__}")
        raise typer.Exit
