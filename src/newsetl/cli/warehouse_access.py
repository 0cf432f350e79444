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
from newsetl.runtime.lock import WAIT
from newsetl.sources import config

if TYPE_CHECKING:
    from newsetl.db.writer import Warehouse
    from newsetl.pipeline.recover import Recovered


def now() -> datetime:
    """The clock that stages are handed."""
    return datetime.now(UTC)


def source_at(name: str, at: str | None) -> config.Source:
    """The source, served from `at` if given. Raises SourceError."""
    source = sources.load(name)
    return source.at(at) if at else source


def chosen(source: str | None, at: str | None, warehouse: Warehouse) -> list[config.Source]:
    """The source named; else all that the warehouse has."""
    return [source_at(name, at) for name in ([source] if source else warehouse.sources())]


def there(data: Path) -> DataFolder:
    """The folder, which must have a warehouse. Raises ConfigError."""
    folder = DataFolder(data)
    if not (folder.warehouse.exists() or folder.published.exists()):
        raise ConfigError(
            f"{folder.published}: no warehouse here; `newsetl ingest` or `newsetl rebuild` makes one"
        )
    return folder


@contextmanager
def writing(folder: DataFolder, wait: float = WAIT) -> Iterator[Warehouse]:
    """The folder's warehouse for this process alone; what dead runs left is loaded first and told."""
    from newsetl.pipeline import recover

    def tell(found: Recovered) -> None:
        print(
            f"{found.source}: the run of {found.started_at:%Y-%m-%d %H:%M:%S} UTC had died; loaded now of "
            f"what it had kept: {found.articles} articles, {found.rejects} refused",
            file=sys.stderr,
        )

    def note(line: str) -> None:
        print(f"newsetl: {line}", file=sys.stderr, flush=True)

    try:
        with recover.opened(
            folder, clock=now, wait=wait, on_recovered=tell, on_unpublished=note, on_wait=note
        ) as warehouse:
            yield warehouse
    except KeyboardInterrupt:
        print("stopped at once; what was kept is loaded at the next start", file=sys.stderr)
        raise
