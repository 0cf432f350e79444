"""Publication of the writer's file: an atomic copy for readers, so that neither waits for the other.

DuckDB lets one process write a file and locks all others out meanwhile; a reader locks the writer out.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal
from uuid import UUID

import duckdb

from newsetl._version import __version__
from newsetl.db import migrations, sql
from newsetl.db.connection import open_connection, translate_errors
from newsetl.errors import PublishError, WarehouseError
from newsetl.runtime.atomic import sync_to_disk
from newsetl.runtime.data_folder import DataFolder

PublishWhen = Literal["now", "changed", "due"]

# In the middle of a run readers get a new copy only so often that publishing takes a twentieth of its time.
MIN_INTERVAL_SECONDS, INTERVAL_FACTOR = 10.0, 20

# Linux: the new file shares the old one's blocks until one of them is changed (Btrfs, XFS, bcachefs).
_FICLONE = 0x40049409
_COPY_CHUNK_BYTES = 1 << 28
_SPARE_BYTES = 1 << 20


class Publisher:
    """Publisher of the warehouse at `path`, which this process has open, as a copy at `target`.

    `has_shared_blocks` is True if the last copy shares its blocks with the original.
    """

    def __init__(self, path: Path, target: Path) -> None:
        self.path, self.target = path, target
        self.has_shared_blocks = False
        self._file: int | None = None
        self._ended, self._cost = time.monotonic(), 0.0

    def publish(
        self, connection: duckdb.DuckDBPyConnection, *, run_id: UUID | None, when: PublishWhen
    ) -> None:
        """Publish a copy if `when` requires one. `run_id` is None for the newest run.

        Raise PublishError if the copy fails; readers then have the previous copy.
        """
        if (when == "changed" and self._is_current()) or (when == "due" and not self._is_due()):
            return
        started, new = time.monotonic(), _new_path(self.target)
        try:
            with translate_errors(self.target):
                self._publish(connection, new, run_id)
        except WarehouseError as error:
            raise PublishError(f"not published: {error}; readers have the copy from before") from error
        finally:
            with suppress(OSError):
                remove_database(new)
            self._ended = time.monotonic()
            self._cost = self._ended - started

    def close(self) -> None:
        """Close the file, after the connection: on Unix that releases every lock of this process on it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _publish(self, connection: duckdb.DuckDBPyConnection, new: Path, run_id: UUID | None) -> None:
        remove_database(new)
        log = _wal_path(self.path)
        # A checkpoint that finds the disk full makes DuckDB give up the open warehouse.
        _check_free_space(self.path.parent, 2 * log.stat().st_size if log.exists() else 0)
        connection.execute("CHECKPOINT")
        if self._file is None:
            self._file = os.open(self.path, os.O_RDONLY)
        self.has_shared_blocks = copy_file(self._file, new)
        with open_connection(new, is_read_only=False) as made:
            parameters = {"run_id": run_id, "newsetl_version": __version__}
            made.execute(sql.load_sql("load/publish/published_insert"), parameters)
        sync_to_disk(new)
        # A log would be taken for the new file's: somebody has written into the copy and died.
        _wal_path(self.target).unlink(missing_ok=True)
        # On Windows this fails while a reader has the old one open.
        new.replace(self.target)
        sync_to_disk(self.target.parent)

    def _is_due(self) -> bool:
        return time.monotonic() - self._ended >= max(MIN_INTERVAL_SECONDS, INTERVAL_FACTOR * self._cost)

    def _is_current(self) -> bool:
        log = _wal_path(self.path)
        if not self.target.exists() or (log.exists() and log.stat().st_size):
            return False
        return self.target.stat().st_mtime_ns >= self.path.stat().st_mtime_ns


def prepare_work_file(folder: DataFolder) -> None:
    """Remove partial files, and copy the published file to the writer's file if that is missing.

    The writer's file is missing if it was lost, or if an older newsetl had one file for both. The caller
    holds the lock of the data directory. A call that is killed can be repeated. Raise WarehouseError if the
    file is no warehouse or cannot be copied.
    """
    work, published = folder.warehouse, folder.published
    if not isinstance(work, Path) or not isinstance(published, Path):
        return
    new = _new_path(work)
    with translate_errors(folder.path):
        remove_database(new)
        remove_database(_new_path(published))
        if work.exists() or not published.exists():
            return
    with open_connection(published, is_read_only=True) as connection:
        migrations.check_version(published, connection)
    with translate_errors(work):
        for source, target in ((published, new), (_wal_path(published), _wal_path(new))):
            if source.exists():
                with source.open("rb") as file:
                    copy_file(file.fileno(), target)
        with open_connection(new, is_read_only=False) as connection:
            if migrations.has_table(connection, "published"):
                connection.execute("DELETE FROM published")
            connection.execute("CHECKPOINT")
        sync_to_disk(new)
        new.replace(work)
        sync_to_disk(folder.path)


def copy_file(file: int, target: Path) -> bool:
    """Copy the open file to `target`. Return True if the two share their blocks.

    Raise OSError; if the disk has too little space, raise it before the copy begins.
    """
    size = os.fstat(file).st_size
    with target.open("wb") as into:
        if _clone(file, into.fileno()):
            return True
        _check_free_space(target.parent, size)
        with open(file, "rb", closefd=False) as source:  # a descriptor has no path
            source.seek(0)
            if not _copy_in_kernel(file, into.fileno(), size):
                source.seek(0)
                into.seek(0)
                shutil.copyfileobj(source, into, 1 << 22)
        into.flush()
        if (copied := os.fstat(into.fileno()).st_size) != size:
            raise OSError(errno.EIO, f"only {copied} of {size} bytes were copied")
    return False


def _clone(file: int, into: int) -> bool:
    with suppress(OSError):  # another file system, or one that cannot
        fcntl.ioctl(into, _FICLONE, file)
        return True
    return False


def _copy_in_kernel(file: int, into: int, size: int) -> bool:
    """Copy by copy_file_range. Return False if the system or the file system does not support it."""
    if not hasattr(os, "copy_file_range"):
        return False
    done = 0
    try:
        while done < size:
            moved = os.copy_file_range(file, into, min(size - done, _COPY_CHUNK_BYTES), done, done)
            if not moved:
                return False
            done += moved
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EBADF):
            raise
        return False
    return True


def remove_database(path: Path) -> None:
    """Remove the DuckDB file at `path` and its write-ahead log."""
    path.unlink(missing_ok=True)
    _wal_path(path).unlink(missing_ok=True)


def _check_free_space(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size + _SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _new_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _wal_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")
