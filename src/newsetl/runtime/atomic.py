"""Files and folders that are whole under their name, or not there."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from newsetl.errors import ConfigError


def sync_to_disk(path: Path) -> None:
    """What was written to the file or folder is on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def check_output(output: Path, *, protected: Iterable[Path] = ()) -> int | None:
    """The mode of what is at `output`, None if nothing is.

    Raises ConfigError if it is one of the files `kept`, or neither file nor folder.
    """
    try:
        found = output.lstat()
        if any(path.exists() and path.samefile(output) for path in protected):
            raise ConfigError(f"{output}: the warehouse itself; give another --output")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"cannot write {output}: {error.strerror or error}") from error
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        # Renamed over, a device such as /dev/null would be gone for the whole machine.
        raise ConfigError(f"{output}: a link, a device or a pipe; give the path of a file as --output")
    return found.st_mode


@contextmanager
def write_atomically(output: Path) -> Iterator[Path]:
    """Where to write: what is there at the end, a file or a folder, gets the name `output`.

    Until then the old one stays, also if the writing fails. Raises ConfigError for what the disk refuses.
    """
    new = _temporary_path(output, "new")
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
        old = _temporary_path(output, "old")
        _remove_path(old)
        output.rename(old)
        new.rename(output)
        _remove_path(old)
    sync_to_disk(output.parent)


def _temporary_path(output: Path, what: str) -> Path:
    """A name that nobody else gives: whatever has it is removed."""
    return output.with_name(f".{output.name}.newsetl-{what}")


def _remove_path(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
