"""Byte stream of any WARC file with record offsets: gzip per record, gzip per file, or uncompressed."""

from __future__ import annotations

import mmap
import zlib
from typing import Any, BinaryIO

from warcio.bufferedreaders import BufferedReader

from newsetl.archive import reader

READ_CHUNK_BYTES = 1 << 14
_MAX_LINE_BYTES = 1 << 13


class WarcStream:
    """Decompressed bytes of a WARC file, with the offset of the current record.

    `read` raises zlib.error for corrupt or truncated data.
    """

    def __init__(self, file: BinaryIO, start: int) -> None:
        file.seek(start)
        self.is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(start)
        self._file, self._start = file, start
        self._unread, self._output_bytes = b"", 0
        self._decompressor: Any = None
        self._members: dict[int, int] = {}
        self._record_start = 0
        self.lines = BufferedReader(self)

    def read(self, _: int = 0) -> bytes:
        """Return the next decompressed bytes, or b"" at the end of the file."""
        while True:
            raw = self._unread or self._file.read(READ_CHUNK_BYTES)
            if not raw and self._decompressor is None:
                return b""
            data = self._inflate(raw) if self.is_gzip else raw
            self._output_bytes += len(data)
            if data:
                return data
            if not raw and self._decompressor is not None:
                raise zlib.error("the file ends within a record")

    def _inflate(self, raw: bytes) -> bytes:
        if self._decompressor is None:
            self._decompressor = zlib.decompressobj(wbits=31)
            self._members[self._output_bytes] = self._file.tell() - len(raw)
        data: bytes = self._decompressor.decompress(raw, READ_CHUNK_BYTES)
        self._unread = self._decompressor.unconsumed_tail
        if self._decompressor.eof:
            self._unread, self._decompressor = self._decompressor.unused_data, None
        return data

    def next_line(self) -> bytes:
        """Return the first line of the next record, or b"" at the end of the file."""
        while True:
            self._record_start = self._output_bytes - self.lines.rem_length()
            line: bytes = self.lines.readline(_MAX_LINE_BYTES)
            if line.strip() or not line:
                return line

    @property
    def record_offset(self) -> int:
        """Offset of the current record, in the decompressed data if no gzip member begins there."""
        if self.is_gzip:
            return self._members.get(self._record_start, self._record_start)
        return self._start + self._record_start

    @property
    def resume_offset(self) -> int:
        """Offset in the file to search for the next record if the current one is corrupt."""
        if self.is_gzip:
            return self._members.get(self._record_start, max(self._members.values(), default=self._start)) + 1
        return self.record_offset + 1


def find_next_record(file: BinaryIO, stream: WarcStream) -> int | None:
    """Return the offset of the next record after the corrupt one, or None."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        if stream.is_gzip:
            start = reader.find_next_member(view, stream.resume_offset)
            return start if start < len(view) else None
        start = view.find(b"\nWARC/", stream.resume_offset)
        return start + 1 if start >= 0 else None
