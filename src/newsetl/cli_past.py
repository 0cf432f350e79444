"""The commands about past dates: backfill, and the state that the daily run goes by."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from newsetl import sources
from newsetl.errors import ConfigError
from newsetl.folder import DataFolder
from newsetl.lock import WAIT
from newsetl.model import Way, Window
from newsetl.options import (
    FAILED,
    INTERRUPTED,
    At,
    Contact,
    Data,
    Since,
    Until,
    Wait,
    counting,
    now,
    source_at,
    stopping,
    writing,
)

if TYPE_CHECKING:
    from newsetl.backfill import Backfilled

SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name.")]
state_app = typer.Typer(help="What the daily run knows and goes by.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """The commands are part of `app`."""
    app.command()(backfill)
    app.add_typer(state_app, name="state")


def backfill(
    source: SourceName,
    since: Since = None,
    until: Until = None,
    ways: Annotated[
        str | None,
        typer.Option("--from", help="Ways of finding, with commas: listing,sitemap,search,wayback,…"),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Days that are complete, too.")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Only days that failed or lack something.")
    ] = False,
    oldest_first: Annotated[bool, typer.Option("--oldest-first", help="Else the newest day first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which days are due, and stop.")] = False,
    data: Data = Path("data"),
    contact: Contact = None,
    at: At = None,
    wait: Wait = WAIT,
) -> None:
    """Fill past days, each in the source's own timezone; what is complete is skipped.

    Stopped or killed, the same command goes on with the days that are left. The daily run is not moved.

    Example: newsetl backfill stdaily --since 2026-01-01 --until 2026-06-30 --from listing,wayback
    """
    from newsetl import backfill as past
    from newsetl import show

    if again and retry_failed:
        raise ConfigError("--again takes all days and --retry-failed some of them; give one of them")
    declared, chosen = source_at(source, at), _ways(ways)
    window = past.checked(
        declared,
        Window(since.date() if since else None, until.date() if until else None),
        now=now(),
    )
    folder = DataFolder(data)
    if dry_run:
        with writing(folder, wait) as warehouse:
            days = past.due_days(
                declared,
                warehouse,
                window,
                ways=past.chosen_ways(declared, chosen),
                is_again=again,
                is_retry=retry_failed,
                is_oldest_first=oldest_first,
            )
        named = ", ".join(past.chosen_ways(declared, chosen))
        print(f"{source}: {len(days)} days are due, on the ways {named}")
        for line in show.stretches(days):
            print(f"  {line}")
        return
    with stopping() as should_stop, writing(folder, wait) as warehouse:
        with _progress(source) as on_progress:
            done = past.backfill(
                declared,
                warehouse,
                folder.archive,
                clock=now,
                window=window,
                ways=chosen,
                contact=contact,
                is_again=again,
                is_retry=retry_failed,
                is_oldest_first=oldest_first,
                on_progress=on_progress,
                should_stop=should_stop,
            )
        print(show.backfill_line(done))
        if should_stop():
            print(f"{source}: stopped; run the same command again to go on.", file=sys.stderr)
            raise typer.Exit(INTERRUPTED)
    if done.error:
        raise typer.Exit(FAILED)


@state_app.command("show")
def show_state(source: SourceName, data: Data = Path("data")) -> None:
    """Where the daily run stands, what it follows, and what was changed by hand.

    Example: newsetl state show stdaily
    """
    from newsetl import standing

    sources.load(source)
    standing.show_state(DataFolder(data).published, source)


@state_app.command()
def rewind(
    source: SourceName,
    to: Annotated[
        datetime,
        typer.Option("--to", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day to begin at."),
    ],
    data: Data = Path("data"),
    wait: Wait = WAIT,
) -> None:
    """Send the next daily run back to a day: it goes through the listings down to it, and some days more.

    Example: newsetl state rewind stdaily --to 2026-11-01
    """
    declared = sources.load(source)
    if to.date() > now().astimezone(declared.timezone).date():
        raise ConfigError(f"--to {to:%Y-%m-%d} is in the future")
    if to.date() < declared.first_day:
        raise ConfigError(f"--to {to:%Y-%m-%d}: {source} has published since {declared.first_day} only")
    with writing(DataFolder(data), wait) as warehouse:
        warehouse.register_source(declared)
        warehouse.intervene(source, rewind_on=to.date(), made_at=now())
    print(f"{source}: the next ingest begins at {to:%Y-%m-%d}")


@state_app.command()
def forget(
    source: SourceName,
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Addresses of the source.")],
    data: Data = Path("data"),
    at: At = None,
    wait: Wait = WAIT,
) -> None:
    """Have addresses asked for again by the next run that finds them; nothing is taken out of the warehouse.

    Example: newsetl state forget stdaily https://www.stdaily.com/web/English/2026-08/22/content_567828.html
    """
    from newsetl.urls import canonical, is_own

    declared = source_at(source, at)
    addresses = [canonical(declared, url) for url in urls]
    for url, address in zip(urls, addresses, strict=True):
        if not is_own(declared, address):
            raise ConfigError(f"{url}: no address of {source}")
    with writing(DataFolder(data), wait) as warehouse:
        warehouse.register_source(declared)
        known = warehouse.known_urls(source, due_before=now())
        for address in addresses:
            warehouse.intervene(source, url=address, made_at=now())
            print(f"{address}: {'forgotten' if address in known else 'was not known'}")


def _ways(text: str | None) -> tuple[Way, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise ConfigError(f"--from {text!r} names no way of finding; leave it out for all of them")
    if wrong := [name for name in names if name not in get_args(Way) or name == "file"]:
        there = ", ".join(name for name in get_args(Way) if name != "file")
        hint = " (saved files: newsetl import)" if wrong[0] in ("file", "files") else ""
        raise ConfigError(f"--from {wrong[0]}: no way of finding{hint}; there are: {there}")
    return cast("tuple[Way, ...]", names)


@contextmanager
def _progress(name: str) -> Iterator[Callable[[Backfilled], None]]:
    """A bar with days, articles, rate and the time left; without a terminal, a line every ten seconds."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console, started = Console(stderr=True), time.monotonic()

    def said(done: Backfilled) -> str:
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
    with counting(name) as count:
        yield lambda done: count(f"{done.days_done} of {done.days_due} days, {said(done)}")
