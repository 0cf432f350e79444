"""The commands for who reads: the copy that everybody opens, files, what changed, and a report."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from newsetl.cli.options import DataOption, LockTimeoutOption
from newsetl.cli.warehouse_access import now, there, writing
from newsetl.errors import WarehouseError
from newsetl.runtime.lock import DEFAULT_TIMEOUT


def publish(data: DataOption = Path("data"), wait: LockTimeoutOption = DEFAULT_TIMEOUT) -> None:
    """Copy the warehouse to news.duckdb, which everybody opens, and bring it to this newsetl's schema.

    Every run does so by itself; this is for a copy that was lost or damaged, or after an upgrade.

    Example: newsetl publish
    """
    from newsetl.query import status

    folder = there(data)
    published = folder.published
    if not isinstance(published, Path):
        print(f"{published}: {status.describe_publication(published)}; there is nothing to publish")
        return
    with writing(folder, wait) as warehouse:
        started = time.monotonic()
        if note := warehouse.publish():
            raise WarehouseError(note)
        seconds = time.monotonic() - started
    size = published.stat().st_size / 1e6
    print(f"{published}: {status.describe_publication(published)}, {size:.1f} MB, {seconds:.1f} s")


def compact(
    days: Annotated[
        int, typer.Option("--keep-days", min=0, help="How far back the lake's past can be read.")
    ] = 30,
    data: DataOption = Path("data"),
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Bring a lake's small files together, and give up its versions from before --keep-days.

    Once a day is enough: each load writes a file a table. A DuckDB file needs it not.

    Example: newsetl compact --keep-days 7
    """
    with writing(there(data), wait) as warehouse:
        started = time.monotonic()
        made = warehouse.compact(since=now() - timedelta(days=days))
        seconds = time.monotonic() - started
    print(
        f"{made.files_before} files were brought together to {made.files}, {made.versions_removed} versions "
        f"given up, {seconds:.1f} s"
    )
