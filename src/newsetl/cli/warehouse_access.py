"""Access of commands to a data folder, its warehouse and its sources."""

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
    """The clock that stages are handed."""
    return datetime.now(UTC)


def load_source(name: str, base_url: str | None) -> config.Source:
    """The source, served from `at` if given. Raises SourceError."""
    source = sources.load(name)
    return source.with_base_url(base_url) if base_url else source


def chosen(source: str | None, at: str | None, warehouse: Warehouse) -> list[config.Source]:
    """The source named; else all that the warehouse has."""
    return [load_source(name, at) for name in ([source] if source else warehouse.list_sources())]


def there(data: Path) -> DataFolder:
    """The folder, which must have a warehouse. Raises ConfigError."""
    folder = DataFolder(data)
    if not (folder.warehouse.exists() or folder.published.exists()):
        raise ConfigError(
            f"{folder.published}: no warehouse here; `newsetl ingest` or `newsetl rebuild` makes one"
        )
    return folder


@contextmanager
def writing(folder: DataFolder, wait: float = DEFAULT_TIMEOUT) -> Iterator[Warehouse]:
    """The folder's warehouse for this process alone; what dead runs left is loaded first and told."""
    from newsetl.pipeline import recover

    def tell(found: RecoveredRun) -> None:
        print(
            f"{found.source}: the run of {found.started_at:%Y-%m-%d %H:%M:%S} UTC had died; loaded now of "
            f"what it had kept: {found.articles} articles, {found.rejects} refused",
            file=sys.stderr,
        )

    def note(line: str) -> None:
        print(f"newsetl: {line}", file=sys.stderr, flush=True)

    try:
        with recover.open_warehouse(
            folder, clock=now, lock_timeout=wait, on_recovered=tell, on_publish_failure=note, on_wait=note
        ) as warehouse:
            yield warehouse
    except KeyboardInterrupt:
        print("stopped at once; what was kept is loaded at the next start", file=sys.stderr)
        raise
