"""Access of commands to a data directory, its warehouse and its sources."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newsetl import sources
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT
from newsetl.sources import config

if TYPE_CHECKING:
    from newsetl.db.writer import Warehouse
    from newsetl.pipeline.recover import RecoveredRun


def now() -> datetime:
    """Return the current time in UTC: the clock for all stages."""
    return datetime.now(UTC)


def load_source(name: str, base_url: str | None) -> config.Source:
    """Load a source, moved to `base_url` if given. Raise SourceError."""
    source = sources.load(name)
    return source.with_base_url(base_url) if base_url else source


def select_sources(source: str | None, base_url: str | None, warehouse: Warehouse) -> list[config.Source]:
    """Load the named source, else every source in the warehouse. Raise SourceError."""
    return [load_source(name, base_url) for name in ([source] if source else warehouse.list_sources())]


def require_warehouse(data: Path) -> DataFolder:
    """Return the data directory. Raise ConfigError if it has no warehouse."""
    folder = DataFolder(data)
    if not (folder.warehouse.exists() or folder.published.exists()):
        raise ConfigError(
            f"{folder.published}: no warehouse here; `newsetl ingest` or `newsetl rebuild` makes one"
        )
    return folder


@contextmanager
def open_warehouse(folder: DataFolder, lock_timeout: float = DEFAULT_TIMEOUT) -> Iterator[Warehouse]:
    """Lock the data directory, recover crashed runs, report them on stderr and yield the warehouse.

    Wait up to `lock_timeout` seconds for another writer. Raise WarehouseError.
    """
    from newsetl.pipeline import recover

    def report_recovered(run: RecoveredRun) -> None:
        print(
            f"{run.source}: the run of {run.started_at:%Y-%m-%d %H:%M:%S} UTC had crashed; loaded now from "
            f"its archive file: {run.articles} articles, {run.rejects} rejected",
            file=sys.stderr,
        )

    def report(line: str) -> None:
        print(f"newsetl: {line}", file=sys.stderr, flush=True)

    try:
        with recover.open_warehouse(
            folder,
            clock=now,
            lock_timeout=lock_timeout,
            on_recovered=report_recovered,
            on_publish_failure=report,
            on_wait=report,
        ) as warehouse:
            yield warehouse
    except KeyboardInterrupt:
        print("stopped at once; the next start loads what is in the archive", file=sys.stderr)
        raise
