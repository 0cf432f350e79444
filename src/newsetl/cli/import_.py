"""The command `newsetl import`."""

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
from newsetl.cli.warehouse_access import now, open_warehouse
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT
from newsetl.runtime.signals import catch_stop_signals

if TYPE_CHECKING:
    from newsetl.pipeline.importing.job import ImportResult


def import_(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, directories, or URLs of WARC files.")
    ],
    source: Annotated[str, typer.Option("--source", help="Name of the source of the articles; required.")],
    urls: Annotated[
        Path | None, typer.Option("--urls", help="File with lines of path, tab, URL. Default: none.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    max_download_mb: Annotated[
        int, typer.Option("--max-download-mb", min=1, help="Size limit of a download in MB.")
    ] = 5000,
    workers: WorkersOption = 1,
    runner: RunnerOption = "processes",
    lock_timeout: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Load saved pages and WARC files.

    Pages end in .html, .htm, .shtml or .txt, WARC files in .warc or .warc.gz. The URL of a page is taken from
    --urls, else from the page itself, else from the file's name; a page without a URL is loaded too. The
    file's modification time counts as the time of the download: copy files with their times. Only pages
    published from --since to --until are loaded. Importing a file again changes nothing.

    Exit status: 0, or 3 if some pages were rejected, 1 if a file could not be read, 2 for bad usage.

    Example: newsetl import saved/ CC-NEWS-20240618.warc.gz --source stdaily
    """
    from newsetl.pipeline import runners, summaries
    from newsetl.pipeline.importing import files, job

    declared = sources.load(source)
    window = parse_window(since, until)
    urls_by_path = read_url_map(urls) if urls else {}
    inputs = files.find_inputs(paths)
    folder = DataFolder(data)
    if not (inputs.files or inputs.errors):
        ignored = summaries.format_ignored_files(inputs) or "the directory is empty"
        print(f"{source}: nothing to import; {ignored}")
        raise typer.Exit(OK)
    inputs.check_contact(contact)
    with (
        catch_stop_signals() as should_stop,
        open_warehouse(folder, lock_timeout) as warehouse,
        runners.open_local_runner(workers, runner) as shard_runner,
        show_progress(source) as update,
    ):
        shown_at = 0.0

        def on_progress(result: ImportResult) -> None:
            nonlocal shown_at
            if time.monotonic() - shown_at >= 0.1:
                shown_at = time.monotonic()
                update(summaries.format_import_progress(result))

        result = job.import_files(
            declared,
            warehouse,
            folder.archive,
            inputs,
            clock=now,
            urls_by_path=urls_by_path,
            window=window,
            contact=contact,
            max_download_bytes=max_download_mb * 1_000_000,
            runner=shard_runner,
            on_progress=on_progress,
            should_stop=should_stop,
        )
    print(summaries.format_import_result(result, inputs))
    if result.is_stopped:
        print(
            f"{source}: stopped; the pages read so far are loaded; run the same command again to continue",
            file=sys.stderr,
        )
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if result.errors else SOME_REJECTED if result.summary.rejected else OK)
