"""Data directory of a user: its files, and the lake that may replace its DuckDB files."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from newsetl.errors import ConfigError, WarehouseError

WORK_FILE, PUBLISHED_FILE = "work.duckdb", "news.duckdb"
FOLDER_ID_FILE = "folder-id"
WAREHOUSE_VARIABLE, LAKE_FILES_VARIABLE = "NEWSETL_WAREHOUSE", "NEWSETL_WAREHOUSE_DATA"
LAKE_EXAMPLE = "ducklake:postgres:dbname=newsetl host=db.example user=newsetl"

_PASSWORD = re.compile(
    r"(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s'\"]+)|(?<=://)([^:@/\s]*:)[^@/\s]*(?=@)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Lake:
    """Warehouse on DuckLake.

    `catalog` is the libpq connection string of the PostgreSQL database. `files` is the directory of the
    Parquet files, or a URL such as s3://bucket/news; None means the catalog's own setting. `as_of` is the
    time or version to read, None for the current one.
    """

    catalog: str = field(repr=False)
    files: str | None = None
    as_of: str | None = None

    def __str__(self) -> str:
        """Return the lake's URL without its password."""
        return mask_password(f"ducklake:postgres:{self.catalog}")

    def exists(self) -> bool:
        """Return True: only opening the lake shows if it has a warehouse."""
        return True


WarehouseLocation = Path | Lake


def mask_password(text: str) -> str:
    """Replace every password that libpq would read in the text with "***"."""
    return _PASSWORD.sub(lambda match: f"{match[1] or match[3] or ''}***", text)


def parse_lake(url: str, files: str | None = None) -> Lake:
    """Parse a lake's URL. Raise ConfigError unless its catalog is in PostgreSQL."""
    kind, _, catalog = url.removeprefix("ducklake:").partition(":")
    if not url.startswith("ducklake:") or kind != "postgres" or not catalog.strip():
        raise ConfigError(
            f"{WAREHOUSE_VARIABLE}={mask_password(url)}: not the URL of a lake with its catalog in "
            f"PostgreSQL; write it as {LAKE_EXAMPLE}, or unset it for a DuckDB file in the data directory"
        )
    return Lake(catalog.strip(), files)


def load_lake_setting() -> Lake | None:
    """Return the lake set in the environment, None for a DuckDB file. Raise ConfigError."""
    url = os.environ.get(WAREHOUSE_VARIABLE)
    return parse_lake(url, os.environ.get(LAKE_FILES_VARIABLE) or None) if url else None


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Data directory with the working database, its published copy and the archive.

    With a `lake`, the warehouse is in the lake for readers too, and the directory has only the archive.
    """

    path: Path
    lake: Lake | None = field(default_factory=load_lake_setting)

    @property
    def warehouse(self) -> WarehouseLocation:
        """Working DuckDB file, which only the writer opens; or the lake."""
        return self.lake or self.path / WORK_FILE

    @property
    def published(self) -> WarehouseLocation:
        """Published DuckDB file for readers, replaced atomically; or the lake."""
        return self.lake or self.path / PUBLISHED_FILE

    @property
    def files(self) -> tuple[Path, ...]:
        """Paths of the DuckDB files, which may not exist yet; empty with a lake."""
        return () if self.lake else (self.path / WORK_FILE, self.path / PUBLISHED_FILE)

    @property
    def archive(self) -> Path:
        """Directory of the WARC files."""
        return self.path / "archive"

    def load_folder_id(self, *, is_created: bool = False) -> UUID | None:
        """Load the id of this directory among the writers of a lake. Return None without a lake.

        Without a stored id, return UUID 0, or create one if `is_created`; for this the caller holds the
        directory's lock. Raise WarehouseError if the id is malformed or cannot be written.
        """
        if self.lake is None:
            return None
        path = self.path / FOLDER_ID_FILE
        try:
            if not path.exists():
                if not is_created:
                    return UUID(int=0)
                new = path.with_name(f"{FOLDER_ID_FILE}.new")
                new.write_text(f"{uuid4()}\n", encoding="ascii")
                new.replace(path)
            return UUID(path.read_text(encoding="ascii").strip())
        except ValueError:
            raise WarehouseError(
                f"{path}: not a valid id; remove the file, and newsetl creates a new id"
            ) from None
        except OSError as error:
            raise WarehouseError(f"{path}: cannot be written ({error.strerror})") from error
