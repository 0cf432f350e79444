"""Options and arguments that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from newsetl.reasons import Reason
from newsetl.sources import registry


def _add_source_dirs(folders: list[Path] | None) -> None:
    if folders:
        registry.add_folders(tuple(folders))


DataOption = Annotated[
    Path,
    typer.Option("--data", envvar="NEWSETL_DATA", help="Data directory with news.duckdb and archive/."),
]
SourceDirOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--source-dir",
        metavar="DIR",
        expose_value=False,
        callback=_add_source_dirs,
        help="Directory with your own source files; repeatable. Default: NEWSETL_SOURCE_DIR.",
    ),
]
ContactOption = Annotated[
    str | None,
    typer.Option(
        "--contact",
        envvar="NEWSETL_CONTACT",
        help="Email address or web page where a site can reach you. Default: none.",
    ),
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        envvar="NEWSETL_BASE_URL",
        help="URL of another server for the source, e.g. a mock site's. Default: the source's own.",
    ),
]
LockTimeoutOption = Annotated[
    float,
    typer.Option("--lock-timeout", min=0, help="Seconds to wait for another newsetl that writes here."),
]
SinceOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="First day, included. Default: no limit."),
]
UntilOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Last day, included. Default: no limit."),
]
SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")]
SourceOption = Annotated[
    str | None, typer.Option("--source", help="Name of one source. Default: every source.")
]
ReasonOption = Annotated[
    Reason | None, typer.Option("--reason", help="Reason of the rejects. Default: every reason.")
]
WorkersOption = Annotated[
    int,
    typer.Option(
        "--workers", min=1, envvar="NEWSETL_WORKERS", help="Number of archive shards read in parallel."
    ),
]
ParseWorkersOption = Annotated[
    int,
    typer.Option(
        "--workers",
        min=1,
        envvar="NEWSETL_WORKERS",
        help="Number of processes that parse pages; 1 starts no process.",
    ),
]
RunnerOption = Annotated[
    str,
    typer.Option("--runner", envvar="NEWSETL_RUNNER", help="Kind of the workers: processes or threads."),
]
