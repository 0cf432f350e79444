"""What readers open is a copy of the writer's file, put in its place whole; so neither waits for the other.

DuckDB lets one process write a file and shuts all others out meanwhile; a reader shuts the writer out.
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
from newsetl.db.connection import opened, refusing
from newsetl.errors import WarehouseError
from newsetl.runtime.atomic import sync
from newsetl.runtime.data_folder import DataFolder

When = Literal["now", "changed", "due"]

# In the middle of a run readers get a new copy only so often that publishing takes a twentieth of its time.
REST_SECONDS, REST_SHARE = 10.0, 20

# Linux: the new file shares the old one's blocks until one of them is changed (Btrfs, XFS, bcachefs).
_FICLONE = 0x40049409
_AT_ONCE = 1 << 28
_SPARE = 1 << 20


class Publisher:
    """Copies the warehouse at `path`, which this process holds open, to `target`.

    `is_clone` tells whether the last copy shares its blocks with the original.
    """

    def __init__(self, path: Path, target: Path) -> None:
        self.path, self.target = path, target
        self.is_clone = False
        self._file: int | None = None
        self._ended, self._cost = time.monotonic(), 0.0

    def publish(
        self, connection: duckdb.DuckDBPyConnection, *, run_id: UUID | None, when: When
    ) -> str | None:
        """Why no copy could be made, None if it was, or if `when` says that none is needed.

        A copy that fails leaves the one before in its place. `run_id` is None for the newest run.
        """
        if (when == "changed" and self._is_current()) or (when == "due" and not self._is_due()):
            return None
        started, new = time.monotonic(), _beside(self.target)
        try:
            with refusing(self.target):
                self._publish(connection, new, run_id)
        except WarehouseError as error:
            return f"not published: {error}; readers have the copy from before"
        finally:
            with suppress(OSError):
                remove(new)
            self._ended = time.monotonic()
            self._cost = self._ended - started
        return None

    def close(self) -> None:
        """After the connection only: on Unix it gives up every lock that this process has on the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _publish(self, connection: duckdb.DuckDBPyConnection, new: Path, run_id: UUID | None) -> None:
        remove(new)
        log = _log(self.path)
        # A checkpoint that finds the disk full makes DuckDB give up the open warehouse.
        _check_room(self.path.parent, 2 * log.stat().st_size if log.exists() else 0)
        connection.execute("CHECKPOINT")
        if self._file is None:
            self._file = os.open(self.path, os.O_RDONLY)
        self.is_clone = copy(self._file, new)
        with opened(new, is_read_only=False) as made:
            parameters = {"run_id": run_id, "newsetl_version": __version__}
            made.execute(sql.sql("load/publish/published_insert"), parameters)
        sync(new)
        # A log would be taken for the new file's: somebody has written into the copy and died.
        _log(self.target).unlink(missing_ok=True)
        # On Windows this fails while a reader has the old one open.
        new.replace(self.target)
        sync(self.target.parent)

    def _is_due(self) -> bool:
        return time.monotonic() - self._ended >= max(REST_SECONDS, REST_SHARE * self._cost)

    def _is_current(self) -> bool:
        log = _log(self.path)
        if not self.target.exists() or (log.exists() and log.stat().st_size):
            return False
        return self.target.stat().st_mtime_ns >= self.path.stat().st_mtime_ns


def prepare(folder: DataFolder) -> None:
    """Takes away what died half-written, and makes the writer's file of the published one if it is missing.

    So it was lost, or the folder is of a newsetl that had one file for both. Only for who holds the
    folder's lock; killed in the middle, it begins anew. Raises WarehouseError if the file is no warehouse,
    or cannot be copied.
    """
    work, published = folder.warehouse, folder.published
    if not isinstance(work, Path) or not isinstance(published, Path):
        return
    new = _beside(work)
    with refusing(folder.path):
        remove(new)
        remove(_beside(published))
        if work.exists() or not published.exists():
            return
    with opened(published, is_read_only=True) as connection:
        migrations.check(published, connection)
    with refusing(work):
        for source, target in ((published, new), (_log(published), _log(new))):
            if source.exists():
                with source.open("rb") as file:
                    copy(file.fileno(), target)
        with opened(new, is_read_only=False) as connection:
            if migrations.has_table(connection, "published"):
                connection.execute("DELETE FROM published")
            connection.execute("CHECKPOINT")
        sync(new)
        new.replace(work)
        sync(folder.path)


def copy(file: int, target: Path) -> bool:
    """The open file's bytes are in `target`; True if the two share them.

    Raises OSError, before it begins if there is no room.
    """
    size = os.fstat(file).st_size
    with target.open("wb") as into:
        if _clone(file, into.fileno()):
            return True
        _check_room(target.parent, size)
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
    """False if the system cannot; some have no such call, some file systems refuse it."""
    if not hasattr(os, "copy_file_range"):
        return False
    done = 0
    try:
        while done < size:
            moved = os.copy_file_range(file, into, min(size - done, _AT_ONCE), done, done)
            if not moved:
                return False
            done += moved
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EBADF):
            raise
        return False
    return True


def remove(path: Path) -> None:
    """No DuckDB file is at `path`, nor a log of one."""
    path.unlink(missing_ok=True)
    _log(path).unlink(missing_ok=True)


def _check_room(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size + _SPARE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")
