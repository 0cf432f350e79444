"""`newsetl reparse` and `newsetl rebuild`."""

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
from newsetl.cli.progress import show_progress, told
from newsetl.cli.warehouse_access import chosen, now, there, writing
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from newsetl.pipeline.reparse import ReparseResult


def reparse(
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and stop.")] = False,
    data: DataOption = Path("data"),
    at: BaseUrlOption = None,
    workers: WorkersOption = 1,
    runner: RunnerOption = "processes",
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Read stored pages with today's parser, say field by field what changes, then load it.

    --since and --until are days, both included, on which the pages were fetched, in the source's timezone.
    An article that today's parser would refuse stays as it is and is counted. The archive is read in pieces
    of some hundred pages; one that cannot be read is named (exit status 1), and running it again does only
    what is left.

    Example: newsetl reparse --source stdaily --since 2026-11-01 --dry-run
    """
    from newsetl.pipeline import reparse as reparse_
    from newsetl.pipeline import runners, summaries

    window = parse_window(since, until)
    folder, failed = there(data), False
    with writing(folder, wait) as warehouse, runners.open_local_runner(workers, runner) as readers:
        for declared in chosen(source, at, warehouse):
            with show_progress(declared.slug) as count:
                made = reparse_.find_changes(
                    declared,
                    warehouse,
                    folder.archive,
                    window=window,
                    runner=readers,
                    on_progress=partial(told, count, "{0.pages} pages read"),
                )
            failed = failed or bool(made.failed)
            _print_changes(made)
            if made.pages_to_load and not dry_run:
                reparse_.load_changes(made, declared, warehouse, folder.archive, window=window, clock=now)
                print(f"{declared.slug}: loaded")
                for line in summaries.format_findings(declared.slug, made.findings):
                    print(line)
            elif made.pages_to_load:
                print(f"{declared.slug}: nothing loaded (--dry-run)")
    if failed:
        raise typer.Exit(FAILED)


def rebuild(
    force: Annotated[
        bool, typer.Option("--force", help="Even if the archive lacks what the warehouse knows.")
    ] = False,
    data: DataOption = Path("data"),
    workers: WorkersOption = 1,
    runner: RunnerOption = "processes",
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Make the warehouse anew from the archive alone, and put it in the old one's place when it is whole.

    What only a run can know is not in the archive: the audit of requests and the counts of runs. The archive
    is read in pieces of some hundred pages. If one cannot be read it is named (exit status 1) and the old
    warehouse stays; running it again does only what is left, and --force does without those pages.

    Example: newsetl rebuild --data data --workers 4
    """
    from newsetl.pipeline import runners, summaries
    from newsetl.pipeline.rebuild import rebuild as rebuild_

    folder, started = DataFolder(data), time.monotonic()
    if not folder.archive.is_dir():
        raise ConfigError(f"{folder.archive}: no archive here to rebuild from; give its folder with --data")
    with runners.open_local_runner(workers, runner) as readers, show_progress("rebuild") as count:
        done = rebuild_(
            folder,
            clock=now,
            is_forced=force,
            runner=readers,
            wait=wait,
            on_progress=partial(told, count, "{0.captures} of {0.captures_total} captures"),
        )
    for piece in done.failed:
        print(f"not read: {piece}")
    if done.is_old_kept:
        print("the warehouse stays as it was; run it again, or with --force to do without these pages")
        raise typer.Exit(FAILED)
    print(
        f"rebuilt from {done.captures} captures of {done.runs} runs: {done.articles} articles, "
        f"{done.rejects} refused, {time.monotonic() - started:.1f} s"
    )
    for file in done.unreadable:
        print(f"{file}: nothing in it can be read; restore it from a copy and rebuild again")
    for slug, findings in done.findings.items():
        defects = [finding for finding in findings if finding.check.severity == "error"]
        for line in summaries.format_findings(slug, defects):
            print(line)
    if done.differing_tables is not None:
        print(f"different from before: {', '.join(done.differing_tables) or 'nothing'}")
    if done.note:
        print(done.note)
    if done.failed:
        raise typer.Exit(FAILED)


def _print_changes(result: ReparseResult) -> None:
    lost = ", ".join(f"{count} {reason}" for reason, count in result.would_be_rejected.most_common())
    print(
        f"{result.source}: {result.pages} pages read again, {len(result.pages_to_load)} give something else: "
        f"{result.new_articles} rejected ones are articles, {result.other_reasons} have another reason"
    )
    for name, count in result.fields.most_common():
        print(f"  {name}: {count}")
        for url, old, new in result.examples.get(name, ()):
            print(f"    {url}\n      was {_shorten(old)}\n      is  {_shorten(new)}")
    if lost:
        print(f"  {result.would_be_rejected.total()} articles would be rejected now ({lost}); they stay")
    if result.unreadable:
        print(f"  {result.unreadable} captures cannot be read in the archive; see `newsetl rebuild`")
    for piece in result.failed:
        print(f"  not read: {piece}")


def _shorten(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 90 else f"{text[:60]} … {text[-27:]}"
