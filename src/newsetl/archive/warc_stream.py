"""The bytes of any WARC file, compressed record by record, as a whole or not at all, and places in it."""

from __future__ import annotations

import mmap
import zlib
from typing import Any, BinaryIO

from warcio.bufferedreaders import BufferedReader

from newsetl.archive import reader

READ_CHUNK_BYTES = 1 << 14
_LONGEST_LINE = 1 << 13


class WarcStream:
    """A WARC file's bytes, inflated where they are compressed, and the place of the record in hand.

    `place` is the offset in the file where the record begins, or in the inflated file if it does not
    begin a gzip member. Raises zlib.error from `read` for what is damaged or torn.
    """

    def __init__(self, file: BinaryIO, start: int) -> None:
        file.seek(start)
        self.is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(start)
        self._file, self._start = file, start
        self._left, self._given = b"", 0
        self._inflater: Any = None
        self._members: dict[int, int] = {}
        self._record_at = 0
        self.lines = BufferedReader(self)

    def read(self, _: int = 0) -> bytes:
        """Some more bytes; b"" at the end of the file."""
        while True:
            raw = self._left or self._file.read(READ_CHUNK_BYTES)
            if not raw and self._inflater is None:
                return b""
            data = self._inflate(raw) if self.is_gzip else raw
            self._given += len(data)
            if data:
                return data
            if not raw and self._inflater is not None:
                raise zlib.error("the file ends within a record")

    def _inflate(self, raw: bytes) -> bytes:
        if self._inflater is None:
            self._inflater = zlib.decompressobj(wbits=31)
            self._members[self._given] = self._file.tell() - len(raw)
        data: bytes = self._inflater.decompress(raw, READ_CHUNK_BYTES)
        self._left = self._inflater.unconsumed_tail
        if self._inflater.eof:
            self._left, self._inflater = self._inflater.unused_data, None
        return data

    def next_line(self) -> bytes:
        """The first line of the next record, which begins there; b"" at the end."""
        while True:
            self._record_at = self._given - self.lines.rem_length()
            line: bytes = self.lines.readline(_LONGEST_LINE)
            if line.strip() or not line:
                return line

    @property
    def record_offset(self) -> int:
        """See above."""
        if self.is_gzip:
            return self._members.get(self._record_at, self._record_at)
        return self._start + self._record_at

    @property
    def resume_offset(self) -> int:
        """Where in the file the next record may be looked for if this one is damaged."""
        if self.is_gzip:
            return self._members.get(self._record_at, max(self._members.values(), default=self._start)) + 1
        return self.record_offset + 1


def find_next_record(file: BinaryIO, stream: WarcStream) -> int | None:
    """Where the next record begins after the damaged one; None if there is none."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        if stream.is_gzip:
            start = reader.find_next_member(view, stream.resume_offset)
            return start if start < len(view) else None
        start = view.find(b"\nWARC/", stream.resume_offset)
        return start + 1 if start >= 0 else None
