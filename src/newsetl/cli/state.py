"""`newsetl state`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from newsetl import sources
from newsetl.cli.options import BaseUrlOption, DataOption, LockTimeoutOption, SourceArgument
from newsetl.cli.warehouse_access import load_source, now, writing
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT

state_app = typer.Typer(help="What the daily run knows and goes by.", no_args_is_help=True)


@state_app.command("show")
def show_state(source: SourceArgument, data: DataOption = Path("data")) -> None:
    """Where the daily run stands, what it follows, and what was changed by hand.

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
        typer.Option("--to", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day to begin at."),
    ],
    data: DataOption = Path("data"),
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Send the next daily run back to a day: it goes through the listings down to it, and some days more.

    Example: newsetl state reset stdaily --to 2026-11-01
    """
    declared = sources.load(source)
    if to.date() > now().astimezone(declared.timezone).date():
        raise ConfigError(f"--to {to:%Y-%m-%d} is in the future")
    if to.date() < declared.first_day:
        raise ConfigError(f"--to {to:%Y-%m-%d}: {source} has published since {declared.first_day} only")
    with writing(DataFolder(data), wait) as warehouse:
        warehouse.register_source(declared)
        warehouse.crawl_state.add_override(source, start_on=to.date(), made_at=now())
    print(f"{source}: the next ingest begins at {to:%Y-%m-%d}")


@state_app.command()
def refetch(
    source: SourceArgument,
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Addresses of the source.")],
    data: DataOption = Path("data"),
    at: BaseUrlOption = None,
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Have addresses asked for again by the next run that finds them; nothing is taken out of the warehouse.

    Example: newsetl state refetch stdaily https://www.stdaily.com/web/English/2026-08/22/content_567828.html
    """
    from newsetl.sources.urls import canonicalise, is_own

    declared = load_source(source, at)
    addresses = [canonicalise(declared, url) for url in urls]
    for url, address in zip(urls, addresses, strict=True):
        if not is_own(declared, address):
            raise ConfigError(f"{url}: no address of {source}")
    with writing(DataFolder(data), wait) as warehouse:
        warehouse.register_source(declared)
        known = warehouse.crawl_state.known_urls(source, due_before=now())
        for address in addresses:
            warehouse.crawl_state.add_override(source, url=address, made_at=now())
            print(f"{address}: {'is fetched again' if address in known else 'was not known'}")
