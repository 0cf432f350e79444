"""The command that takes in what others have kept."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsetl import sources
from newsetl.cli.app import FAILED, INTERRUPTED, OK, SOME_REFUSED
from newsetl.cli.option_values import addresses_in, window_of
from newsetl.cli.options import Contact, Data, LocalRunner, Since, Until, Wait, Workers
from newsetl.cli.progress import counting
from newsetl.cli.warehouse_access import now, writing
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import WAIT
from newsetl.runtime.signals import stopping

if TYPE_CHECKING:
    from newsetl.pipeline.importing.job import Intake


def import_(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, folders, or addresses of WARC files.")
    ],
    source: Annotated[str, typer.Option("--source", help="The source whose articles they are.")],
    urls: Annotated[Path | None, typer.Option("--urls", help="A file of lines: path, tab, address.")] = None,
    since: Since = None,
    until: Until = None,
    data: Data = Path("data"),
    contact: Contact = None,
    max_download_mb: Annotated[
        int, typer.Option("--max-download-mb", min=1, help="Refuse larger files from an address.")
    ] = 5000,
    workers: Workers = 1,
    runner: LocalRunner = "processes",
    wait: Wait = WAIT,
) -> None:
    """Load saved pages (.html, .htm, .shtml, .txt) and WARC files (.warc, .warc.gz) that others have kept.

    A page's address is the one in --urls, else what the page says of itself, else what its name says; a
    page without any is an article all the same. A file's time is taken for when it was saved: copy files
    with their times. Only pages published from --since to --until are taken. What is imported twice
    changes nothing. With --workers, they read the pages while the next ones are archived.

    Exit status: 0, or 3 if some pages were refused, 1 if something could not be read, 2 for bad usage.

    Example: newsetl import saved/ CC-NEWS-20240618.warc.gz --source stdaily
    """
    from newsetl.pipeline import runners, summaries
    from newsetl.pipeline.importing import files, job

    declared = sources.load(source)
    window = window_of(since, until)
    addresses = addresses_in(urls) if urls else {}
    found = files.found_at(paths)
    folder = DataFolder(data)
    if not (found.files or found.errors):
        print(f"{source}: nothing to import; {summaries.left_out(found) or 'the folder is empty'}")
        raise typer.Exit(OK)
    found.check(contact)
    with (
        stopping() as should_stop,
        writing(folder, wait) as warehouse,
        runners.local(workers, runner) as readers,
        counting(source) as count,
    ):
        shown = 0.0

        def tell(done: Intake) -> None:
            nonlocal shown
            if time.monotonic() - shown >= 0.1:
                shown = time.monotonic()
                count(summaries.intake_progress(done))

        done = job.take_in(
            declared,
            warehouse,
            folder.archive,
            found,
            clock=now,
            addresses=addresses,
            window=window,
            contact=contact,
            most_downloaded=max_download_mb * 1_000_000,
            runner=readers,
            on_progress=tell,
            should_stop=should_stop,
        )
    print(summaries.intake_lines(done, found))
    if done.is_stopped:
        print(f"{source}: stopped; what was read is loaded. Run it again to go on.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if done.errors else SOME_REFUSED if done.summary.rejected else OK)
