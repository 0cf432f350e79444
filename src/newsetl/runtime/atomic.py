"""Atomic writes of files and directories."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from newsetl.errors import ConfigError


def sync_to_disk(path: Path) -> None:
    """Flush a file or directory to disk (fsync)."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def check_output(output: Path, *, protected: Iterable[Path] = ()) -> int | None:
    """Return the mode of the file or directory at `output`, None if the path does not exist.

    Raise ConfigError if `output` is one of the `protected` files, or neither a file nor a directory.
    """
    try:
        status = output.lstat()
        if any(path.exists() and path.samefile(output) for path in protected):
            raise ConfigError(f"{output}: the warehouse itself; choose another --output")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"cannot write {output}: {error.strerror or error}") from error
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        # A rename over a device such as /dev/null would remove it for the whole machine.
        raise ConfigError(f"{output}: a link, a device or a pipe; give the path of a file as --output")
    return status.st_mode


@contextmanager
def write_atomically(output: Path) -> Iterator[Path]:
    """Yield a temporary path; rename the file or directory written there to `output` at the end.

    The old file stays until then, and after an error. Raise ConfigError if the disk cannot be written.
    """
    new = _build_temporary_path(output, "new")
    try:
        _remove_path(new)
        output.parent.mkdir(parents=True, exist_ok=True)
        yield new
        if new.is_file():
            sync_to_disk(new)
        _swap(new, output)
    except OSError as error:
        raise ConfigError(f"cannot write {output}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            _remove_path(new)


def _swap(new: Path, output: Path) -> None:
    if not (output.is_dir() and new.is_dir()):
        new.replace(output)
    else:
        old = _build_temporary_path(output, "old")
        _remove_path(old)
        output.rename(old)
        new.rename(output)
        _remove_path(old)
    sync_to_disk(output.parent)


def _build_temporary_path(output: Path, suffix: str) -> Path:
    """Return a path beside `output`. A file that is already there is a leftover, and is removed."""
    return output.with_name(f".{output.name}.newsetl-{suffix}")


def _remove_path(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
