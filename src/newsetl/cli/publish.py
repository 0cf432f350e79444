"""The commands `newsetl publish` and `newsetl compact`."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from newsetl.cli.options import DataOption, LockTimeoutOption
from newsetl.cli.warehouse_access import now, open_warehouse, require_warehouse
from newsetl.runtime.lock import DEFAULT_TIMEOUT


def publish(data: DataOption = Path("data"), wait: LockTimeoutOption = DEFAULT_TIMEOUT) -> None:
    """Copy the warehouse to news.duckdb for readers.

    The schema is migrated to this version first. Every run publishes by itself; use this command after an
    upgrade, or if news.duckdb is lost or damaged.

    Example: newsetl publish
    """
    from newsetl.query import status

    folder = require_warehouse(data)
    published = folder.published
    if not isinstance(published, Path):
        print(f"{published}: {status.describe_publication(published)}; there is nothing to publish")
        return
    with open_warehouse(folder, wait) as warehouse:
        started = time.monotonic()
        warehouse.publish()
        seconds = time.monotonic() - started
    size = published.stat().st_size / 1e6
    print(f"{published}: {status.describe_publication(published)}, {size:.1f} MB, {seconds:.1f} s")


def compact(
    days: Annotated[
        int, typer.Option("--keep-days", min=0, help="Days for which old versions of the lake stay readable.")
    ] = 30,
    data: DataOption = Path("data"),
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Merge a lake's small files and remove its old versions.

    Once a day is enough: each load writes one file per table. A DuckDB file does not need it.

    Example: newsetl compact --keep-days 7
    """
    with open_warehouse(require_warehouse(data), wait) as warehouse:
        started = time.monotonic()
        made = warehouse.compact(since=now() - timedelta(days=days))
        seconds = time.monotonic() - started
    print(
        f"{made.files_before} files merged into {made.files}, {made.versions_removed} versions "
        f"removed, {seconds:.1f} s"
    )
