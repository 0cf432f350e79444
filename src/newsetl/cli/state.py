"""The commands `newsetl state show`, `reset` and `refetch`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from newsetl import sources
from newsetl.cli.app import SourceDirTyper
from newsetl.cli.options import BaseUrlOption, DataOption, LockTimeoutOption, SourceArgument
from newsetl.cli.warehouse_access import load_source, now, open_warehouse
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT

state_app = SourceDirTyper(help="Show and change the crawl state.", no_args_is_help=True)


@state_app.command("show")
def show_state(source: SourceArgument, data: DataOption = Path("data")) -> None:
    """Show where the next daily run starts, and the overrides.

    Example: newsetl state show stdaily
    """
    from newsetl.query import status

    sources.load(source)
    status.print_state(DataFolder(data).published, source)


@state_app.command("reset")
def reset_start(
    source: SourceArgument,
    to: Annotated[
        datetime,
        typer.Option(
            "--to",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="First day of the next daily run; required.",
        ),
    ],
    data: DataOption = Path("data"),
    lock_timeout: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Reset the start date of the next daily run.

    The run goes through the listings back to that day and to the source's refetch_days before it.

    Example: newsetl state reset stdaily --to 2026-11-01
    """
    declared = sources.load(source)
    if to.date() > now().astimezone(declared.timezone).date():
        raise ConfigError(f"--to {to:%Y-%m-%d} is in the future")
    if to.date() < declared.first_day:
        raise ConfigError(f"--to {to:%Y-%m-%d}: {source} has published only since {declared.first_day}")
    with open_warehouse(DataFolder(data), lock_timeout) as warehouse:
        warehouse.register_source(declared)
        warehouse.crawl_state.add_override(source, start_on=to.date(), made_at=now())
    print(f"{source}: the next ingest starts at {to:%Y-%m-%d}")


@state_app.command()
def refetch(
    source: SourceArgument,
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Article URLs of the source.")],
    data: DataOption = Path("data"),
    base_url: BaseUrlOption = None,
    lock_timeout: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Let the next run fetch articles again.

    The URLs count as new for the next run that discovers them. The warehouse keeps its rows.

    Example: newsetl state refetch stdaily https://www.stdaily.com/web/English/2026-08/22/content_567828.html
    """
    from newsetl.sources.urls import canonicalise, is_own

    declared = load_source(source, base_url)
    canonical_urls = [canonicalise(declared, url) for url in urls]
    for given, url in zip(urls, canonical_urls, strict=True):
        if not is_own(declared, url):
            raise ConfigError(f"{given}: not a URL of {source}; give the URL of one of its articles")
    with open_warehouse(DataFolder(data), lock_timeout) as warehouse:
        warehouse.register_source(declared)
        known = warehouse.crawl_state.get_known_urls(source, due_before=now())
        for url in canonical_urls:
            warehouse.crawl_state.add_override(source, url=url, made_at=now())
            print(f"{url}: {'will be fetched again' if url in known else 'was not loaded'}")
