"""`newsetl ingest`."""

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
    SinceOption,
    UntilOption,
)
from newsetl.cli.progress import show_progress
from newsetl.cli.warehouse_access import load_source, now, writing
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT
from newsetl.runtime.signals import catch_stop_signals

if TYPE_CHECKING:
    from newsetl.pipeline.summary import RunSummary


def ingest(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="Sources; if none, all but those to be named."),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    at: BaseUrlOption = None,
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Find, fetch, keep, read and load what the sources have published and the warehouse lacks.

    Days are those of the source's timezone. Ctrl-C or SIGTERM lets the page in hand be finished and loaded;
    a second one stops at once, and the next start loads what was kept.

    Example: newsetl ingest stdaily --since 2026-11-01 --contact you@example.org
    """
    from newsetl.pipeline import ingest as ingest_
    from newsetl.pipeline import summaries

    window = parse_window(since, until)
    chosen = [load_source(name, at) for name in dict.fromkeys(names or sources.list_enabled())]
    folder, failed = DataFolder(data), False
    with catch_stop_signals() as should_stop, writing(folder, wait) as warehouse:
        for source in chosen:
            with _show_progress(source.slug) as on_progress:
                summary = ingest_.ingest(
                    source,
                    warehouse,
                    folder.archive,
                    clock=now,
                    contact=contact,
                    window=window,
                    on_progress=on_progress,
                    should_stop=should_stop,
                )
            print(summaries.format_summary(summary))
            failed = failed or summary.error is not None
            if should_stop():
                print(
                    f"{source.slug}: stopped; what was fetched is loaded. Run it again to go on.",
                    file=sys.stderr,
                )
                raise typer.Exit(INTERRUPTED)
    if failed:
        raise typer.Exit(FAILED)


@contextmanager
def _show_progress(name: str) -> Iterator[_OnProgress]:
    """A line on the terminal that counts; without a terminal, one every ten seconds."""
    started = time.monotonic()
    with show_progress(name, "asking for the index page") as count:
        yield lambda summary: count(
            f"{summary.fetched} pages fetched, {summary.discovered} found, {summary.already_loaded} known, "
            f"{summary.rejected.total()} refused, {time.monotonic() - started:.0f} s"
        )


if TYPE_CHECKING:
    from collections.abc import Callable

    _OnProgress = Callable[[RunSummary], None]
