"""Where a user's newsetl keeps its files: a folder, and the lake that its warehouse may be instead."""

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
    """A warehouse on DuckLake: `catalog` tells libpq the PostgreSQL database, `files` where Parquet goes.

    `files` is a folder or an address such as s3://bucket/news; None: where the catalog says. `as_of` is the
    moment or the version in which it is read, None for now.
    """

    catalog: str = field(repr=False)
    files: str | None = None
    as_of: str | None = None

    def __str__(self) -> str:
        """The address without its password."""
        return mask_password(f"ducklake:postgres:{self.catalog}")

    def exists(self) -> bool:
        """True; whether there is anything is seen when it is opened."""
        return True


WarehouseLocation = Path | Lake


def mask_password(text: str) -> str:
    """The text with nothing in it that libpq would take for a password."""
    return _PASSWORD.sub(lambda found: f"{found[1] or found[3] or ''}***", text)


def parse_lake(address: str, files: str | None = None) -> Lake:
    """The lake of that address. Raises ConfigError if it is none that newsetl can write."""
    kind, _, catalog = address.removeprefix("ducklake:").partition(":")
    if not address.startswith("ducklake:") or kind != "postgres" or not catalog.strip():
        raise ConfigError(
            f"{WAREHOUSE_VARIABLE}={mask_password(address)}: not the address of a lake, whose catalog is in "
            f"PostgreSQL; write it as {LAKE_EXAMPLE}, and unset it for a DuckDB file in the data folder"
        )
    return Lake(catalog.strip(), files)


def load_lake_setting() -> Lake | None:
    """The lake that the environment names; None for a DuckDB file in the folder. Raises ConfigError."""
    address = os.environ.get(WAREHOUSE_VARIABLE)
    return parse_lake(address, os.environ.get(LAKE_FILES_VARIABLE) or None) if address else None


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder with a warehouse, the copy of it that is for readers, and the archive behind both.

    With a `lake` the warehouse is there, for readers too, and the folder has only the archive.
    """

    path: Path
    lake: Lake | None = field(default_factory=load_lake_setting)

    @property
    def warehouse(self) -> WarehouseLocation:
        """The writer's own DuckDB file, which nobody else opens; or the lake."""
        return self.lake or self.path / WORK_FILE

    @property
    def published(self) -> WarehouseLocation:
        """The DuckDB file that everybody opens: a copy, whole at any moment; or the lake."""
        return self.lake or self.path / PUBLISHED_FILE

    @property
    def files(self) -> tuple[Path, ...]:
        """The DuckDB files, whether they are there or not; none with a lake."""
        return () if self.lake else (self.path / WORK_FILE, self.path / PUBLISHED_FILE)

    @property
    def archive(self) -> Path:
        """The folder of WARC files."""
        return self.path / "archive"

    def load_folder_id(self, *, is_created: bool = False) -> UUID | None:
        """Who this folder is among those that write to the lake. None without a lake.

        One that has none yet is nobody, or gets one if it `is_made`: only for who holds the folder's lock.
        Raises WarehouseError if it is no id, or cannot be written.
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
            raise WarehouseError(f"{path}: holds no id; remove it, and a new one is made") from None
        except OSError as error:
            raise WarehouseError(f"{path}: cannot be written ({error.strerror})") from error
