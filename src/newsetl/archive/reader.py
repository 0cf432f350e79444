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
from newsetl.errors import ArchiveError, CorruptRecordError
from newsetl.model import Capture

SUFFIX = ".warc.gz"
OPEN_SUFFIX = ".open"
READ_CHUNK_BYTES = 1 << 16


def read_capture(folder: Path, file: str, offset: int) -> Capture:
    """The capture whose record begins at `offset` of `file`. Raises ArchiveError if there is no whole one."""
    with _map_file(_find_file(folder, file)) as view:
        raw, end = _read_member(view, offset, file)
    capture = warc.parse_record(raw, file, offset, end - offset)
    if not isinstance(capture, Capture):
        raise CorruptRecordError(file, offset, "not a response")
    return capture


def list_files(folder: Path) -> tuple[str, ...]:
    """The files of the archive in the order of writing, by their final names, finished or not."""
    found = {
        path.relative_to(folder).as_posix().removesuffix(OPEN_SUFFIX) for path in folder.rglob(f"*{SUFFIX}*")
    }
    return tuple(sorted(file for file in found if file.endswith(SUFFIX)))


def list_open_files(folder: Path) -> tuple[str, ...]:
    """Those of `files` that a run is writing, or was when it died."""
    return tuple(file for file in list_files(folder) if not (folder / file).exists())


def iterate_captures(folder: Path) -> Iterator[Capture | ArchiveError]:
    """Every capture of the archive, files and records in the order of writing, finished files or not.

    For each damaged stretch or torn tail an ArchiveError stands in its place, and the next whole
    record follows it.
    """
    for file in list_files(folder):
        try:
            for record in iterate_records(folder, file):
                if not isinstance(record, Note):
                    yield record
        except ArchiveError as error:
            yield error


def iterate_records(
    folder: Path, file: str, start: int = 0, end: int | None = None
) -> Iterator[Capture | Note | CorruptRecordError]:
    """Every record of one file that begins in [start, end), in order; DamageError for what cannot be read.

    A record must begin at `start`. Raises ArchiveError if the file cannot be opened.
    """
    return (found for found, _ in scan_records(folder, file, start, end) if found is not None)


def scan_records(
    folder: Path, file: str, start: int = 0, end: int | None = None
) -> Iterator[tuple[Capture | Note | CorruptRecordError | None, int]]:
    """As `records`, with where each ends; None for one that is neither a response nor a note."""
    path = _find_file(folder, file)
    with translate_errors(path, "read"):
        if path.stat().st_size == 0:
            return
    with _map_file(path) as view:
        last = len(view) if end is None else min(end, len(view))
        while start < last:
            found: Capture | Note | CorruptRecordError | None
            try:
                raw, after = _read_member(view, start, file)
                found = warc.parse_record(raw, file, start, after - start)
            except CorruptRecordError as error:
                found, after = error, find_next_member(view, start + 1)
            yield found, after
            start = after


def stat_file(folder: Path, file: str) -> tuple[int, int]:
    """What changes when the file does: its size, and when it was touched; zeros if it is not there."""
    try:
        found = _find_file(folder, file).stat()
    except (ArchiveError, OSError):
        return 0, 0
    return found.st_size, found.st_ctime_ns


def truncate_partial_record(folder: Path, file: str) -> bool:
    """Cuts the torn tail of a dead run's file; a file without one whole record goes, and False comes back.

    Raises ArchiveError if it cannot be written.
    """
    path = folder / f"{file}{OPEN_SUFFIX}"
    ends = (end for found, end in scan_records(folder, file) if not isinstance(found, CorruptRecordError))
    whole = max(ends, default=0)
    with translate_errors(path):
        if whole:
            os.truncate(path, whole)
        else:
            path.unlink()
    return whole > 0


def finalise_file(folder: Path, file: str, notes: Iterable[Note] = ()) -> None:
    """Gives a dead run's file `notes` at its end, and its final name. Raises ArchiveError."""
    path = folder / f"{file}{OPEN_SUFFIX}"
    with translate_errors(path):
        with path.open("ab") as out:
            for note in notes:
                out.write(warc.serialise_note(note))
            out.flush()
            os.fsync(out.fileno())
        path.rename(folder / file)


def _find_file(folder: Path, file: str) -> Path:
    for path in (folder / file, folder / f"{file}{OPEN_SUFFIX}"):
        if path.is_file():
            return path
    raise ArchiveError(f"{folder / file}: no such file")


def _map_file(path: Path) -> mmap.mmap:
    with translate_errors(path, "read"), path.open("rb") as source:
        return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)


@contextmanager
def translate_errors(path: Path, action: str = "written") -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # mmap has ValueError for a file that has become empty
        reason = error.strerror if isinstance(error, OSError) else error
        raise ArchiveError(f"{path}: cannot be {action}: {reason}") from error


def _read_member(view: mmap.mmap, start: int, file: str) -> tuple[bytes, int]:
    """The gzip member that begins at `start`, inflated, and where it ends."""
    inflater = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    at = start
    while not inflater.eof:
        chunk = view[at : at + READ_CHUNK_BYTES]
        if not chunk:
            raise CorruptRecordError(file, start, "the file ends within a record")
        try:
            parts.append(inflater.decompress(chunk))
        except zlib.error as error:
            raise CorruptRecordError(file, start, f"damaged ({error})") from error
        at += len(chunk)
    return b"".join(parts), at - len(inflater.unused_data)


def find_next_member(view: mmap.mmap, start: int) -> int:
    """Where the next record begins, from `start` on; the end of the file if there is none."""
    while (start := view.find(b"\x1f\x8b\x08", start)) != -1:
        with suppress(zlib.error):
            if zlib.decompressobj(wbits=31).decompress(view[start : start + 512]).startswith(b"WARC/"):
                return start
        start += 1
    return len(view)
