"""Where a user's newsetl keeps its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder with a warehouse and the archive that it is a view of."""

    path: Path

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.path / "news.duckdb"

    @property
    def archive(self) -> Path:
        """The folder of WARC files."""
        return self.path / "archive"
