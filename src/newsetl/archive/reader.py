"""Reader of the WARC archive, from which the warehouse can be rebuilt.

A run writes one file with its first record: `2026/11/20261124T071500Z-1a2b3c.warc.gz`, named by the start of
the run (UTC). The name of an unfinished file ends in `.open`; captures have the final name from the start,
and the functions here look for both. Each record is its own gzip member, so damage is limited to the record.

A response record has the WARC 1.1 headers and Newsetl-Source, Newsetl-Kind, Newsetl-Requested-URI and, if
discovery found the page, Newsetl-Link (JSON). A page from a web archive or a file also has Newsetl-Via,
Newsetl-Obtained-At and WARC-Source-URI. Metadata records with the header Newsetl-Note hold the run's events:
its start, its end and its rejects.
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
    """Return the capture at `offset` of `file`. Raise ArchiveError if no complete record begins there."""
    with _map_file(_find_file(folder, file)) as view:
        raw, end = _read_member(view, offset, file)
    capture = warc.parse_record(raw, file, offset, end - offset)
    if not isinstance(capture, Capture):
        raise CorruptRecordError(file, offset, "not a response")
    return capture


def list_files(folder: Path) -> tuple[str, ...]:
    """Return the final names of all archive files, finished or not, in the order of writing."""
    files = {
        path.relative_to(folder).as_posix().removesuffix(OPEN_SUFFIX) for path in folder.rglob(f"*{SUFFIX}*")
    }
    return tuple(sorted(file for file in files if file.endswith(SUFFIX)))


def list_open_files(folder: Path) -> tuple[str, ...]:
    """Return the unfinished files: a run is writing them, or was when it crashed."""
    return tuple(file for file in list_files(folder) if not (folder / file).exists())


def iterate_captures(folder: Path) -> Iterator[Capture | ArchiveError]:
    """Yield every capture of the archive in the order of writing, also those of unfinished files.

    Yield an ArchiveError in place of each corrupt range or truncated end; the next complete record follows.
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
    """Yield the records of a file that begin in [start, end), and a CorruptRecordError per corrupt range.

    A record must begin at `start` (byte offset). Raise ArchiveError if the file cannot be opened.
    """
    return (record for record, _ in scan_records(folder, file, start, end) if record is not None)


def scan_records(
    folder: Path, file: str, start: int = 0, end: int | None = None
) -> Iterator[tuple[Capture | Note | CorruptRecordError | None, int]]:
    """Yield records as `iterate_records` does, each with its end offset; None for another record type."""
    path = _find_file(folder, file)
    with translate_errors(path, "read"):
        if path.stat().st_size == 0:
            return
    with _map_file(path) as view:
        last = len(view) if end is None else min(end, len(view))
        while start < last:
            record: Capture | Note | CorruptRecordError | None
            try:
                raw, after = _read_member(view, start, file)
                record = warc.parse_record(raw, file, start, after - start)
            except CorruptRecordError as error:
                record, after = error, find_next_member(view, start + 1)
            yield record, after
            start = after


def stat_file(folder: Path, file: str) -> tuple[int, int]:
    """Return the file's size (bytes) and change time (ns), or zeros if the file is missing."""
    try:
        result = _find_file(folder, file).stat()
    except (ArchiveError, OSError):
        return 0, 0
    return result.st_size, result.st_ctime_ns


def truncate_partial_record(folder: Path, file: str) -> bool:
    """Truncate a crashed run's file after its last complete record. Delete a file without one.

    Return False if the file was deleted. Raise ArchiveError if the file cannot be written.
    """
    path = folder / f"{file}{OPEN_SUFFIX}"
    ends = (end for record, end in scan_records(folder, file) if not isinstance(record, CorruptRecordError))
    size = max(ends, default=0)
    with translate_errors(path):
        if size:
            os.truncate(path, size)
        else:
            path.unlink()
    return size > 0


def finalise_file(folder: Path, file: str, notes: Iterable[Note] = ()) -> None:
    """Append `notes` to a crashed run's file and give it its final name. Raise ArchiveError."""
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
    """Translate OSError and ValueError to ArchiveError."""
    try:
        yield
    except (OSError, ValueError) as error:  # mmap raises ValueError for an empty file
        reason = error.strerror if isinstance(error, OSError) else error
        raise ArchiveError(f"{path}: cannot be {action}: {reason}") from error


def _read_member(view: mmap.mmap, start: int, file: str) -> tuple[bytes, int]:
    """Return the decompressed gzip member at `start`, and its end offset."""
    decompressor = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    position = start
    while not decompressor.eof:
        chunk = view[position : position + READ_CHUNK_BYTES]
        if not chunk:
            raise CorruptRecordError(file, start, "the file ends within a record")
        try:
            parts.append(decompressor.decompress(chunk))
        except zlib.error as error:
            raise CorruptRecordError(file, start, f"corrupt gzip data ({error})") from error
        position += len(chunk)
    return b"".join(parts), position - len(decompressor.unused_data)


def find_next_member(view: mmap.mmap, start: int) -> int:
    """Return the offset of the first record at or after `start`, or the end of the file."""
    while (start := view.find(b"\x1f\x8b\x08", start)) != -1:
        with suppress(zlib.error):
            if zlib.decompressobj(wbits=31).decompress(view[start : start + 512]).startswith(b"WARC/"):
                return start
        start += 1
    return len(view)
