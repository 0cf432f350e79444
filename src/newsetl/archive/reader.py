"""Every response on disk as it came: Capture ⇄ WARC. The archive is the truth, the warehouse a view of it.

One run writes one file, `2026/11/20261124T071500Z-1a2b3c.warc.gz` for a run that started then (UTC), made
with the first record. While it is being written its name on disk ends in `.open`; a capture names the
final file from the start, and the readers here look for both. Each record is a gzip member of its own, so
a damaged one costs itself only. Beside what WARC 1.1 asks for, a response record has the headers
Newsetl-Source, Newsetl-Kind, Newsetl-Requested-URI and, if discovery found the page, Newsetl-Link (JSON);
what another archive had kept has Newsetl-Via, Newsetl-Obtained-At and WARC-Source-URI besides.
What a run says of itself (its start, its end, what it was refused) stands between them as metadata records
with the header Newsetl-Note, so that a warehouse can be made again from the archive alone.
"""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from newsetl.archive import warc
from newsetl.archive.warc import Note
from newsetl.errors import ArchiveError, DamageError
from newsetl.model import Capture

SUFFIX = ".warc.gz"
OPEN = ".open"
CHUNK = 1 << 16


def read(folder: Path, file: str, offset: int) -> Capture:
    """The capture whose record begins at `offset` of `file`. Raises ArchiveError if there is no whole one."""
    with _view(_on_disk(folder, file)) as view:
        raw, end = _member(view, offset, file)
    capture = warc.content(raw, file, offset, end - offset)
    if not isinstance(capture, Capture):
        raise DamageError(file, offset, "not a response")
    return capture


def files(folder: Path) -> tuple[str, ...]:
    """The files of the archive in the order of writing, by their final names, finished or not."""
    found = {path.relative_to(folder).as_posix().removesuffix(OPEN) for path in folder.rglob(f"*{SUFFIX}*")}
    return tuple(sorted(file for file in found if file.endswith(SUFFIX)))


def open_files(folder: Path) -> tuple[str, ...]:
    """Those of `files` that a run is writing, or was when it died."""
    return tuple(file for file in files(folder) if not (folder / file).exists())


def read_all(folder: Path) -> Iterator[Capture | ArchiveError]:
    """Every capture of the archive, files and records in the order of writing, finished files or not.

    For each damaged stretch or torn tail an ArchiveError stands in its place, and the next whole
    record follows it.
    """
    for file in files(folder):
        try:
            for record in records(folder, file):
                if not isinstance(record, Note):
                    yield record
        except ArchiveError as error:
            yield error


def records(
    folder: Path, file: str, start: int = 0, end: int | None = None
) -> Iterator[Capture | Note | DamageError]:
    """Every record of one file that begins in [start, end), in order; DamageError for what cannot be read.

    A record must begin at `start`. Raises ArchiveError if the file cannot be opened.
    """
    return (found for found, _ in scanned(folder, file, start, end) if found is not None)


def scanned(
    folder: Path, file: str, start: int = 0, end: int | None = None
) -> Iterator[tuple[Capture | Note | DamageError | None, int]]:
    """As `records`, with where each ends; None for one that is neither a response nor a note."""
    path = _on_disk(folder, file)
    with refusing(path, "read"):
        if path.stat().st_size == 0:
            return
    with _view(path) as view:
        last = len(view) if end is None else min(end, len(view))
        while start < last:
            found: Capture | Note | DamageError | None
            try:
                raw, after = _member(view, start, file)
                found = warc.content(raw, file, start, after - start)
            except DamageError as error:
                found, after = error, next_member(view, start + 1)
            yield found, after
            start = after


def stamp(folder: Path, file: str) -> tuple[int, int]:
    """What changes when the file does: its size, and when it was touched; zeros if it is not there."""
    try:
        found = _on_disk(folder, file).stat()
    except (ArchiveError, OSError):
        return 0, 0
    return found.st_size, found.st_ctime_ns


def cut(folder: Path, file: str) -> bool:
    """Cuts the torn tail of a dead run's file; a file without one whole record goes, and False comes back.

    Raises ArchiveError if it cannot be written.
    """
    path = folder / f"{file}{OPEN}"
    ends = (end for found, end in scanned(folder, file) if not isinstance(found, DamageError))
    whole = max(ends, default=0)
    with refusing(path):
        if whole:
            os.truncate(path, whole)
        else:
            path.unlink()
    return whole > 0


def seal(folder: Path, file: str, notes: Iterable[Note] = ()) -> None:
    """Gives a dead run's file `notes` at its end, and its final name. Raises ArchiveError."""
    path = folder / f"{file}{OPEN}"
    with refusing(path):
        with path.open("ab") as out:
            for note in notes:
                out.write(warc.note(note))
            out.flush()
            os.fsync(out.fileno())
        path.rename(folder / file)


def _on_disk(folder: Path, file: str) -> Path:
    for path in (folder / file, folder / f"{file}{OPEN}"):
        if path.is_file():
            return path
    raise ArchiveError(f"{folder / file}: no such file")


def _view(path: Path) -> mmap.mmap:
    with refusing(path, "read"), path.open("rb") as source:
        return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)


@contextmanager
def refusing(path: Path, what: str = "written") -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # mmap has ValueError for a file that has become empty
        reason = error.strerror if isinstance(error, OSError) else error
        raise ArchiveError(f"{path}: cannot be {what}: {reason}") from error


def _member(view: mmap.mmap, start: int, file: str) -> tuple[bytes, int]:
    """The gzip member that begins at `start`, inflated, and where it ends."""
    inflater = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    at = start
    while not inflater.eof:
        chunk = view[at : at + CHUNK]
        if not chunk:
            raise DamageError(file, start, "the file ends within a record")
        try:
            parts.append(inflater.decompress(chunk))
        except zlib.error as error:
            raise DamageError(file, start, f"damaged ({error})") from error
        at += len(chunk)
    return b"".join(parts), at - len(inflater.unused_data)


def next_member(view: mmap.mmap, start: int) -> int:
    """Where the next record begins, from `start` on; the end of the file if there is none."""
    while (start := view.find(b"\x1f\x8b\x08", start)) != -1:
        with suppress(zlib.error):
            if zlib.decompressobj(wbits=31).decompress(view[start : start + 512]).startswith(b"WARC/"):
                return start
        start += 1
    return len(view)
