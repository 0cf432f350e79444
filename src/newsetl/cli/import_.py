"""The command that takes in what others have kept."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsetl import sources
from newsetl.cli.app import FAILED, INTERRUPTED, OK, SOME_REJECTED
from newsetl.cli.option_values import parse_window, read_url_map
from newsetl.cli.options import (
    ContactOption,
    DataOption,
    LockTimeoutOption,
    RunnerOption,
    SinceOption,
    UntilOption,
    WorkersOption,
)
from newsetl.cli.progress import show_progress
from newsetl.cli.warehouse_access import now, writing
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT
from newsetl.runtime.signals import catch_stop_signals

if TYPE_CHECKING:
    from newsetl.pipeline.importing.job import ImportResult


def import_(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, folders, or addresses of WARC files.")
    ],
    source: Annotated[str, typer.Option("--source", help="The source whose articles they are.")],
    urls: Annotated[Path | None, typer.Option("--urls", help="A file of lines: path, tab, address.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    max_download_mb: Annotated[
        int, typer.Option("--max-download-mb", min=1, help="Refuse larger files from an address.")
    ] = 5000,
    workers: WorkersOption = 1,
    runner: RunnerOption = "processes",
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
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
    window = parse_window(since, until)
    addresses = read_url_map(urls) if urls else {}
    found = files.find_inputs(paths)
    folder = DataFolder(data)
    if not (found.files or found.errors):
        print(
            f"{source}: nothing to import; {summaries.format_ignored_files(found) or 'the folder is empty'}"
        )
        raise typer.Exit(OK)
    found.check_contact(contact)
    with (
        catch_stop_signals() as should_stop,
        writing(folder, wait) as warehouse,
        runners.open_local_runner(workers, runner) as readers,
        show_progress(source) as count,
    ):
        shown = 0.0

        def tell(done: ImportResult) -> None:
            nonlocal shown
            if time.monotonic() - shown >= 0.1:
                shown = time.monotonic()
                count(summaries.format_import_progress(done))

        done = job.import_files(
            declared,
            warehouse,
            folder.archive,
            found,
            clock=now,
            urls_by_path=addresses,
            window=window,
            contact=contact,
            max_download_bytes=max_download_mb * 1_000_000,
            runner=readers,
            on_progress=tell,
            should_stop=should_stop,
        )
    print(summaries.format_import_result(done, found))
    if done.is_stopped:
        print(f"{source}: stopped; what was read is loaded. Run it again to go on.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if done.errors else SOME_REJECTED if done.summary.rejected else OK)
