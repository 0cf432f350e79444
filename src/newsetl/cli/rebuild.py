"""The commands `newsetl reparse` and `newsetl rebuild`."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsetl.cli.app import FAILED
from newsetl.cli.option_values import parse_window
from newsetl.cli.options import (
    BaseUrlOption,
    DataOption,
    LockTimeoutOption,
    RunnerOption,
    SinceOption,
    SourceOption,
    UntilOption,
    WorkersOption,
)
from newsetl.cli.progress import report_progress, show_progress
from newsetl.cli.warehouse_access import now, open_warehouse, require_warehouse, select_sources
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from newsetl.pipeline.reparse import ReparseResult


def reparse(
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only a list of the changes; nothing is loaded.")
    ] = False,
    data: DataOption = Path("data"),
    base_url: BaseUrlOption = None,
    workers: WorkersOption = 1,
    runner: RunnerOption = "processes",
    lock_timeout: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Parse archived pages again and load what changed.

    The changes are shown field by field first. --since and --until are the days on which the pages were
    fetched, in the source's timezone. An article that the current parser would reject stays unchanged and is
    counted. The archive is read in shards of some hundred pages. A shard that cannot be read is named (exit
    status 1); run the command again to parse only the remaining shards.

    Example: newsetl reparse --source stdaily --since 2026-11-01 --dry-run
    """
    from newsetl.pipeline import reparse as reparse_
    from newsetl.pipeline import runners, summaries

    window = parse_window(since, until)
    folder, is_failed = require_warehouse(data), False
    with (
        open_warehouse(folder, lock_timeout) as warehouse,
        runners.open_local_runner(workers, runner) as shard_runner,
    ):
        for declared in select_sources(source, base_url, warehouse):
            with show_progress(declared.slug) as update:
                result = reparse_.find_changes(
                    declared,
                    warehouse,
                    folder.archive,
                    window=window,
                    runner=shard_runner,
                    on_progress=partial(report_progress, update, "{0.pages} pages parsed"),
                )
            is_failed = is_failed or bool(result.failed)
            _print_changes(result)
            if result.pages_to_load and not dry_run:
                reparse_.load_changes(result, declared, warehouse, folder.archive, window=window, clock=now)
                print(f"{declared.slug}: loaded")
                for line in summaries.format_findings(declared.slug, result.findings):
                    print(line)
            elif result.pages_to_load:
                print(f"{declared.slug}: nothing loaded (--dry-run)")
    if is_failed:
        raise typer.Exit(FAILED)


def rebuild(
    force: Annotated[
        bool,
        typer.Option("--force", help="Rebuild even if the archive lacks captures that the warehouse has."),
    ] = False,
    data: DataOption = Path("data"),
    workers: WorkersOption = 1,
    runner: RunnerOption = "processes",
    lock_timeout: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Rebuild the warehouse from the archive.

    The new warehouse replaces the old one once it is complete. The audit of requests and the counts of runs
    are not in the archive. The archive is read in shards of some hundred pages. If a shard cannot be read, it
    is named (exit status 1) and the old warehouse stays. Run the command again to read only the remaining
    shards; --force rebuilds without the unreadable pages.

    Example: newsetl rebuild --data data --workers 4
    """
    from newsetl.pipeline import runners, summaries
    from newsetl.pipeline.rebuild import rebuild as rebuild_

    folder, started = DataFolder(data), time.monotonic()
    if not folder.archive.is_dir():
        raise ConfigError(
            f"{folder.archive}: no archive here to rebuild from; name its data directory with --data"
        )
    with runners.open_local_runner(workers, runner) as shard_runner, show_progress("rebuild") as update:
        result = rebuild_(
            folder,
            clock=now,
            is_forced=force,
            runner=shard_runner,
            lock_timeout=lock_timeout,
            on_progress=partial(report_progress, update, "{0.captures} of {0.captures_total} captures"),
        )
    for failure in result.failed:
        print(f"not read: {failure}")
    if result.is_old_kept:
        print(
            "the old warehouse stays; run the command again, or with --force to rebuild without these pages"
        )
        raise typer.Exit(FAILED)
    print(
        f"rebuilt from {result.captures} captures of {result.runs} runs: {result.articles} articles, "
        f"{result.rejects} rejected, {time.monotonic() - started:.1f} s"
    )
    for file in result.unreadable:
        print(f"{file}: no readable record; restore the file from a backup and rebuild again")
    for slug, findings in result.findings.items():
        errors = [finding for finding in findings if finding.check.severity == "error"]
        for line in summaries.format_findings(slug, errors):
            print(line)
    if result.differing_tables is not None:
        print(f"different from before: {', '.join(result.differing_tables) or 'nothing'}")
    if result.note:
        print(result.note)
    if result.failed:
        raise typer.Exit(FAILED)


def _print_changes(result: ReparseResult) -> None:
    reasons = ", ".join(f"{count} {reason}" for reason, count in result.would_be_rejected.most_common())
    print(
        f"{result.source}: {result.pages} pages parsed, {len(result.pages_to_load)} changed: "
        f"{result.new_articles} rejects are articles now, {result.other_reasons} have another reason"
    )
    for name, count in result.fields.most_common():
        print(f"  {name}: {count}")
        for url, old, new in result.examples.get(name, ()):
            print(f"    {url}\n      was {_shorten(old)}\n      is  {_shorten(new)}")
    if reasons:
        print(f"  {result.would_be_rejected.total()} articles would be rejected now ({reasons}); they stay")
    if result.unreadable:
        print(f"  {result.unreadable} captures in the archive cannot be read; see `newsetl rebuild`")
    for failure in result.failed:
        print(f"  not read: {failure}")


def _shorten(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 90 else f"{text[:60]} … {text[-27:]}"
