"""The command `newsetl backfill`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from newsetl.cli.app import FAILED, INTERRUPTED
from newsetl.cli.options import (
    BaseUrlOption,
    ContactOption,
    DataOption,
    LockTimeoutOption,
    ParseWorkersOption,
    SourceArgument,
)
from newsetl.cli.progress import show_progress
from newsetl.cli.warehouse_access import load_source, now, open_warehouse
from newsetl.errors import ConfigError
from newsetl.model import DiscoveryMethod, Window
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT
from newsetl.runtime.signals import catch_stop_signals

if TYPE_CHECKING:
    from newsetl.pipeline.summary import BackfillSummary


def backfill(
    source: SourceArgument,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="First day to fill; required."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Last day, included. Default: today."),
    ] = None,
    methods: Annotated[
        str | None,
        typer.Option(
            "--method", help="Discovery methods, with commas: listing,sitemap,search,… Default: all."
        ),
    ] = None,
    include_complete: Annotated[
        bool, typer.Option("--include-complete", help="Complete days too. Default: incomplete days only.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Only failed and partial days, with their rejects.")
    ] = False,
    oldest_first: Annotated[
        bool, typer.Option("--oldest-first", help="Oldest day first. Default: newest day first.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only a list of the due days; nothing is fetched.")
    ] = False,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    base_url: BaseUrlOption = None,
    workers: ParseWorkersOption = 1,
    lock_timeout: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Fill past days of a source; complete days are skipped.

    Days are days in the source's timezone. After a stop or a crash, the same command continues with the
    remaining days. A backfill does not change where the daily run starts.

    Example: newsetl backfill stdaily --since 2026-01-01 --until 2026-06-30 --method listing,wayback
    """
    from newsetl.pipeline import backfill as backfill_
    from newsetl.pipeline import summaries

    if include_complete and retry_failed:
        raise ConfigError("--include-complete takes all days, --retry-failed some of them; give only one")
    declared, selected = load_source(source, base_url), _parse_methods(methods)
    window = backfill_.check_window(
        declared,
        Window(since.date() if since else None, until.date() if until else None),
        now=now(),
    )
    folder = DataFolder(data)
    if dry_run:
        with open_warehouse(folder, lock_timeout) as warehouse:
            days = backfill_.find_due_days(
                declared,
                warehouse,
                window,
                methods=backfill_.select_methods(declared, selected),
                include_complete=include_complete,
                retry_failed=retry_failed,
                oldest_first=oldest_first,
            )
        used = ", ".join(backfill_.select_methods(declared, selected))
        print(f"{source}: {len(days)} days are due; methods: {used}")
        for line in summaries.format_day_ranges(days):
            print(f"  {line}")
        return
    with catch_stop_signals() as should_stop, open_warehouse(folder, lock_timeout) as warehouse:
        with _show_progress(source) as on_progress:
            summary = backfill_.backfill(
                declared,
                warehouse,
                folder.archive,
                clock=now,
                window=window,
                methods=selected,
                contact=contact,
                workers=workers,
                include_complete=include_complete,
                retry_failed=retry_failed,
                oldest_first=oldest_first,
                on_progress=on_progress,
                should_stop=should_stop,
            )
        print(summaries.format_backfill(summary))
        if should_stop():
            print(f"{source}: stopped; run the same command again to continue", file=sys.stderr)
            raise typer.Exit(INTERRUPTED)
    if summary.error:
        raise typer.Exit(FAILED)


def _parse_methods(text: str | None) -> tuple[DiscoveryMethod, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise ConfigError(f"--method {text!r}: no discovery method; leave the option out to use all of them")
    if unknown := [name for name in names if name not in get_args(DiscoveryMethod) or name == "file"]:
        known = ", ".join(name for name in get_args(DiscoveryMethod) if name != "file")
        hint = " (saved files: newsetl import)" if unknown[0] in ("file", "files") else ""
        raise ConfigError(f"--method {unknown[0]}: unknown discovery method{hint}; use one of: {known}")
    return cast("tuple[DiscoveryMethod, ...]", names)


@contextmanager
def _show_progress(name: str) -> Iterator[Callable[[BackfillSummary], None]]:
    """Show a progress bar with days, articles, rate and time left; without a terminal, print lines."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console, started = Console(stderr=True), time.monotonic()

    def format_rate(summary: BackfillSummary) -> str:
        seconds = max(time.monotonic() - started, 0.001)
        return f"{summary.articles} articles, {summary.articles / seconds:.1f} articles/s"

    if console.is_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("days, {task.fields[rate]},"),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(name, total=None, rate="discovering links")
            yield lambda summary: bar.update(
                task, total=summary.days_due, completed=summary.days_done, rate=format_rate(summary)
            )
        return
    with show_progress(name) as update:
        yield lambda summary: update(
            f"{summary.days_done} of {summary.days_due} days, {format_rate(summary)}"
        )
