"""The commands about past dates: backfill, and the state that the daily run goes by."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from newsetl.cli.app import FAILED, INTERRUPTED
from newsetl.cli.options import (
    BaseUrlOption,
    ContactOption,
    DataOption,
    LockTimeoutOption,
    SinceOption,
    SourceArgument,
    UntilOption,
)
from newsetl.cli.progress import show_progress
from newsetl.cli.warehouse_access import load_source, now, writing
from newsetl.errors import ConfigError
from newsetl.model import DiscoveryMethod, Window
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT
from newsetl.runtime.signals import catch_stop_signals

if TYPE_CHECKING:
    from newsetl.pipeline.summary import BackfillSummary


def backfill(
    source: SourceArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    methods: Annotated[
        str | None,
        typer.Option("--method", help="Ways of finding, with commas: listing,sitemap,search,wayback,…"),
    ] = None,
    again: Annotated[bool, typer.Option("--include-complete", help="Days that are complete, too.")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Only days that failed or lack something.")
    ] = False,
    oldest_first: Annotated[bool, typer.Option("--oldest-first", help="Else the newest day first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which days are due, and stop.")] = False,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    at: BaseUrlOption = None,
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Fill past days, each in the source's own timezone; what is complete is skipped.

    Stopped or killed, the same command goes on with the days that are left. The daily run is not moved.

    Example: newsetl backfill stdaily --since 2026-01-01 --until 2026-06-30 --method listing,wayback
    """
    from newsetl.pipeline import backfill as past
    from newsetl.pipeline import summaries

    if again and retry_failed:
        raise ConfigError(
            "--include-complete takes all days and --retry-failed some of them; give one of them"
        )
    declared, chosen = load_source(source, at), _methods(methods)
    window = past.check_window(
        declared,
        Window(since.date() if since else None, until.date() if until else None),
        now=now(),
    )
    folder = DataFolder(data)
    if dry_run:
        with writing(folder, wait) as warehouse:
            days = past.find_due_days(
                declared,
                warehouse,
                window,
                methods=past.chosen_methods(declared, chosen),
                include_complete=again,
                retry_failed=retry_failed,
                oldest_first=oldest_first,
            )
        named = ", ".join(past.chosen_methods(declared, chosen))
        print(f"{source}: {len(days)} days are due, on the ways {named}")
        for line in summaries.format_day_ranges(days):
            print(f"  {line}")
        return
    with catch_stop_signals() as should_stop, writing(folder, wait) as warehouse:
        with _show_progress(source) as on_progress:
            done = past.backfill(
                declared,
                warehouse,
                folder.archive,
                clock=now,
                window=window,
                methods=chosen,
                contact=contact,
                include_complete=again,
                retry_failed=retry_failed,
                oldest_first=oldest_first,
                on_progress=on_progress,
                should_stop=should_stop,
            )
        print(summaries.format_backfill(done))
        if should_stop():
            print(f"{source}: stopped; run the same command again to go on.", file=sys.stderr)
            raise typer.Exit(INTERRUPTED)
    if done.error:
        raise typer.Exit(FAILED)


def _methods(text: str | None) -> tuple[DiscoveryMethod, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise ConfigError(f"--method {text!r} names no way of finding; leave it out for all of them")
    if wrong := [name for name in names if name not in get_args(DiscoveryMethod) or name == "file"]:
        there = ", ".join(name for name in get_args(DiscoveryMethod) if name != "file")
        hint = " (saved files: newsetl import)" if wrong[0] in ("file", "files") else ""
        raise ConfigError(f"--method {wrong[0]}: no way of finding{hint}; there are: {there}")
    return cast("tuple[DiscoveryMethod, ...]", names)


@contextmanager
def _show_progress(name: str) -> Iterator[Callable[[BackfillSummary], None]]:
    """A bar with days, articles, rate and the time left; without a terminal, a line every ten seconds."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console, started = Console(stderr=True), time.monotonic()

    def said(done: BackfillSummary) -> str:
        seconds = max(time.monotonic() - started, 0.001)
        return f"{done.articles} articles, {done.articles / seconds:.1f} a second"

    if console.is_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("days, {task.fields[said]},"),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(name, total=None, said="looking for what was announced")
            yield lambda done: bar.update(
                task, total=done.days_due, completed=done.days_done, said=said(done)
            )
        return
    with show_progress(name) as count:
        yield lambda done: count(f"{done.days_done} of {done.days_due} days, {said(done)}")
