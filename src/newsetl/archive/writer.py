"""Writer of the WARC archive."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from newsetl.archive import warc
from newsetl.archive.reader import OPEN_SUFFIX, SUFFIX, translate_errors
from newsetl.archive.warc import Note
from newsetl.errors import ArchiveError
from newsetl.model import Capture


class ArchiveWriter:
    """Writer of one run's archive file. Thread-safe.

    The file begins with `first_note`. A with block that ends with an error leaves the file unfinished, as a
    crashed run does; the next run recovers it.
    """

    def __init__(
        self, folder: Path, *, started_at: datetime, software: str, first_note: Note | None = None
    ) -> None:
        started = started_at.astimezone(UTC)
        self._folder, self._software, self._first_note = folder, software, first_note
        self._file = f"{started:%Y/%m/%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}{SUFFIX}"
        self._stream: FileIO | None = None
        self._end = 0
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    @property
    def has_file(self) -> bool:
        """True once the file exists."""
        return self._stream is not None

    def store(self, capture: Capture) -> Capture:
        """Write a capture and return it with its file, offset and length (bytes).

        The record leaves out Transfer-Encoding, which the payload no longer has. Raise ArchiveError if the
        record cannot be written; the file then ends with the record before.
        """
        headers = [header for header in capture.headers if header[0].lower() != "transfer-encoding"]
        capture = replace(capture, headers=tuple(headers))
        offset, length = self._write(warc.serialise_response(capture))
        return replace(capture, file=self._file, offset=offset, length=length)

    def write_note(self, note: Note) -> None:
        """Write a note. Raise ArchiveError as `store` does."""
        self._write(warc.serialise_note(note))

    def sync(self) -> None:
        """Flush the file to disk (fsync). Raise ArchiveError."""
        with self._lock, translate_errors(self._folder / self._file):
            if self._stream is not None:
                os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Flush the file to disk and give it its final name. Do nothing if nothing was stored."""
        with self._lock:
            if self._stream is None:
                return
            out, self._stream = self._stream, None
            final = self._folder / self._file
            with translate_errors(final):
                with out:
                    os.fsync(out.fileno())
                Path(f"{final}{OPEN_SUFFIX}").rename(final)

    def abandon(self) -> None:
        """Close the file unfinished, as a crashed run leaves it; the next run recovers it."""
        with self._lock:
            if self._stream is not None:
                self._stream.close()
                self._stream = None

    def _write(self, record: bytes) -> tuple[int, int]:
        with self._lock:
            if self._stream is None:
                self._open()
            if self._end == 0:
                first = warc.serialise_warcinfo(Path(self._file).name, self._software)
                self._append(first + (warc.serialise_note(self._first_note) if self._first_note else b""))
            return self._append(record)

    def _open(self) -> None:
        path = self._folder / f"{self._file}{OPEN_SUFFIX}"
        with translate_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered, so that a later write does not flush the rest of a failed one.
            self._stream = path.open("xb", buffering=0)

    def _append(self, record: bytes) -> tuple[int, int]:
        assert self._stream is not None
        offset = self._end
        try:
            rest = memoryview(record)
            while rest:
                rest = rest[self._stream.write(rest) :]
        except OSError as error:
            with suppress(OSError):
                self._stream.seek(offset)
                self._stream.truncate(offset)
            raise ArchiveError(f"{self._folder / self._file}: cannot be written: {error.strerror}") from error
        self._end += len(record)
        return offset, len(record)
