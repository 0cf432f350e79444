"""The command `newsetl ingest`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsetl import sources
from newsetl.cli.app import FAILED, INTERRUPTED
from newsetl.cli.option_values import parse_window
from newsetl.cli.options import (
    BaseUrlOption,
    ContactOption,
    DataOption,
    LockTimeoutOption,
    ParseWorkersOption,
    SinceOption,
    UntilOption,
)
from newsetl.cli.progress import show_progress
from newsetl.cli.warehouse_access import load_source, now, open_warehouse
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT
from newsetl.runtime.signals import catch_stop_signals

if TYPE_CHECKING:
    from newsetl.pipeline.summary import RunSummary


def ingest(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="Names of sources. Default: every enabled source."),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    base_url: BaseUrlOption = None,
    workers: ParseWorkersOption = 1,
    lock_timeout: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Fetch and load new articles.

    Without --since and --until this is the daily run, which starts where the last complete daily run started.
    Days are days in the source's timezone. Ctrl-C or SIGTERM finishes the current page, loads it and exits.
    A second one stops at once; the next start loads what is in the archive.

    Example: newsetl ingest stdaily --since 2026-11-01 --contact you@example.org
    """
    from newsetl.pipeline import ingest as ingest_
    from newsetl.pipeline import summaries

    window = parse_window(since, until)
    selected = [load_source(name, base_url) for name in dict.fromkeys(names or sources.list_enabled())]
    folder, failed = DataFolder(data), False
    with catch_stop_signals() as should_stop, open_warehouse(folder, lock_timeout) as warehouse:
        for source in selected:
            with _show_progress(source.slug) as on_progress:
                summary = ingest_.ingest(
                    source,
                    warehouse,
                    folder.archive,
                    clock=now,
                    contact=contact,
                    workers=workers,
                    window=window,
                    on_progress=on_progress,
                    should_stop=should_stop,
                )
            print(summaries.format_summary(summary))
            failed = failed or summary.error is not None
            if should_stop():
                print(
                    f"{source.slug}: stopped; the fetched pages are loaded; run it again to continue",
                    file=sys.stderr,
                )
                raise typer.Exit(INTERRUPTED)
    if failed:
        raise typer.Exit(FAILED)


@contextmanager
def _show_progress(name: str) -> Iterator[_OnProgress]:
    """Yield a function that shows the counts of a summary on the progress line."""
    started = time.monotonic()
    with show_progress(name, "fetching the start pages") as update:
        yield lambda summary: update(
            f"{summary.fetched} pages fetched, {summary.discovered} discovered, "
            f"{summary.already_loaded} already loaded, {summary.rejected.total()} rejected, "
            f"{time.monotonic() - started:.0f} s"
        )


if TYPE_CHECKING:
    from collections.abc import Callable

    _OnProgress = Callable[[RunSummary], None]
