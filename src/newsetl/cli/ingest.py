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
from newsetl.cli.option_values import window_of
from newsetl.cli.options import At, Contact, Data, Since, Until, Wait
from newsetl.cli.progress import counting
from newsetl.cli.warehouse_access import now, source_at, writing
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import WAIT
from newsetl.runtime.signals import stopping

if TYPE_CHECKING:
    from newsetl.pipeline.summary import Summary


def ingest(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="Sources; if none, all but those to be named."),
    ] = None,
    since: Since = None,
    until: Until = None,
    data: Data = Path("data"),
    contact: Contact = None,
    at: At = None,
    wait: Wait = WAIT,
) -> None:
    """Find, fetch, keep, read and load what the sources have published and the warehouse lacks.

    Days are those of the source's timezone. Ctrl-C or SIGTERM lets the page in hand be finished and loaded;
    a second one stops at once, and the next start loads what was kept.

    Example: newsetl ingest stdaily --since 2026-11-01 --contact you@example.org
    """
    from newsetl.pipeline import ingest as ingest_
    from newsetl.pipeline import summaries

    window = window_of(since, until)
    chosen = [source_at(name, at) for name in dict.fromkeys(names or sources.names())]
    folder, failed = DataFolder(data), False
    with stopping() as should_stop, writing(folder, wait) as warehouse:
        for source in chosen:
            with _progress(source.slug) as on_progress:
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
            print(summaries.outcome_line(summary))
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
def _progress(name: str) -> Iterator[_OnProgress]:
    """A line on the terminal that counts; without a terminal, one every ten seconds."""
    started = time.monotonic()
    with counting(name, "asking for the index page") as count:
        yield lambda summary: count(
            f"{summary.fetched} pages fetched, {summary.discovered} found, {summary.already_loaded} known, "
            f"{summary.rejected.total()} refused, {time.monotonic() - started:.0f} s"
        )


if TYPE_CHECKING:
    from collections.abc import Callable

    _OnProgress = Callable[[Summary], None]
