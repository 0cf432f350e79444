"""Where a user's newsetl keeps its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

WORK, PUBLISHED = "work.duckdb", "news.duckdb"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder with a warehouse, the copy of it that is for readers, and the archive behind both."""

    path: Path

    @property
    def warehouse(self) -> Path:
        """The writer's own DuckDB file; nobody else opens it."""
        return self.path / WORK

    @property
    def published(self) -> Path:
        """The DuckDB file that everybody opens: a copy, whole at any moment."""
        return self.path / PUBLISHED

    @property
    def archive(self) -> Path:
        """The folder of WARC files."""
        return self.path / "archive"
