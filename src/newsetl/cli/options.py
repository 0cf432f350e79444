"""The options that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from newsetl.reasons import Reason

DataOption = Annotated[
    Path, typer.Option("--data", envvar="NEWSETL_DATA", help="Folder with news.duckdb and archive/.")
]
SourceDirOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--source-dir",
        metavar="DIR",
        help="Folder with source files of yours, as in NEWSETL_SOURCE_DIR; may be repeated.",
    ),
]
ContactOption = Annotated[
    str | None,
    typer.Option(
        "--contact", envvar="NEWSETL_CONTACT", help="Mail address or page where a site can reach you."
    ),
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        envvar="NEWSETL_BASE_URL",
        help="Another address that serves the source, e.g. http://127.0.0.1:8765 (a replica).",
    ),
]
LockTimeoutOption = Annotated[
    float, typer.Option("--lock-timeout", min=0, help="Seconds to wait for another newsetl that writes here.")
]
SinceOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="First day, included.")
]
UntilOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Last day, included.")
]
SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name.")]
SourceOption = Annotated[str | None, typer.Option("--source", help="Only this source.")]
ReasonOption = Annotated[Reason | None, typer.Option("--reason", help="Only refusals for this reason.")]
WorkersOption = Annotated[
    int,
    typer.Option(
        "--workers", min=1, envvar="NEWSETL_WORKERS", help="How many pieces of the archive to read at a time."
    ),
]
RunnerOption = Annotated[
    str, typer.Option("--runner", envvar="NEWSETL_RUNNER", help="What the workers are: processes or threads.")
]
