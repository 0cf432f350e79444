"""The commands for who reads: the copy that everybody opens, and files for other programs."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from newsetl.cli_kept import there
from newsetl.errors import WarehouseError
from newsetl.lock import WAIT
from newsetl.options import Data, Wait, writing


def add(app: typer.Typer) -> None:
    """The commands are part of `app`."""
    app.command()(publish)


def publish(data: Data = Path("data"), wait: Wait = WAIT) -> None:
    """Copy the warehouse to news.duckdb, which everybody opens, and bring it to this newsetl's schema.

    Every run does so by itself; this is for a copy that was lost or damaged, or after an upgrade.

    Example: newsetl publish
    """
    from newsetl import standing

    folder = there(data)
    with writing(folder, wait) as warehouse:
        started = time.monotonic()
        if note := warehouse.publish():
            raise WarehouseError(note)
        seconds = time.monotonic() - started
    size = folder.published.stat().st_size / 1e6
    print(f"{folder.published}: {standing.publication(folder.published)}, {size:.1f} MB, {seconds:.1f} s")
