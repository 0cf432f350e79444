"""Every response on disk as it came: Capture ⇄ WARC. The archive is the truth, the warehouse a view of it.

One run writes one file, `2026/11/20261124T071500Z-1a2b3c.warc.gz` for a run that started then (UTC), made
with the first record. While it is being written its name on disk ends in `.open`; a capture names the
final file from the start, and the readers here look for both. Each record is a gzip member of its own, so
a damaged one costs itself only. Beside what WARC 1.1 asks for, a response record has the headers
Newsetl-Source, Newsetl-Kind, Newsetl-Requested-URI and, if discovery found the page, Newsetl-Link (JSON).
"""

from __future__ import annotations

import base64
import hashlib
import json
import mmap
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO, FileIO
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self, get_args
from uuid import UUID

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsetl.coding import charset_of, decoded
from newsetl.errors import ArchiveError, FetchError
from newsetl.model import Capture, CaptureKind, Link

SUFFIX = ".warc.gz"
OPEN = ".open"
CHUNK = 1 << 16


class Archive:
    """The file that one run appends its captures to; any thread may store."""

    def __init__(self, folder: Path, *, started_at: datetime, software: str) -> None:
        started = started_at.astimezone(UTC)
        self._folder, self._software = folder, software
        self._file = f"{started:%Y/%m/%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}{SUFFIX}"
        self._out: FileIO | None = None
        self._end = 0
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def store(self, capture: Capture) -> Capture:
        """`capture` with its place in the archive, once the operating system has the whole record.

        Transfer-Encoding is left out, as the payload no longer has it. Raises ArchiveError if the
        record cannot be written; the file then ends with the record before.
        """
        headers = [header for header in capture.headers if header[0].lower() != "transfer-encoding"]
        capture = replace(capture, headers=tuple(headers))
        record = _response(capture)
        with self._lock:
            if self._out is None:
                self._open()
            if self._end == 0:
                self._append(_warcinfo(Path(self._file).name, self._software))
            offset, length = self._append(record)
        return replace(capture, file=self._file, offset=offset, length=length)

    def close(self) -> None:
        """The file is on the disk under its final name; nothing happens if nothing was stored."""
        with self._lock:
            if self._out is None:
                return
            out, self._out = self._out, None
            final = self._folder / self._file
            try:
                with out:
                    os.fsync(out.fileno())
                Path(f"{final}{OPEN}").rename(final)
            except OSError as error:
                raise ArchiveError(f"{final}: cannot be closed: {error.strerror}") from error

    def _open(self) -> None:
        path = self._folder / f"{self._file}{OPEN}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered, so that a write that fails leaves nothing behind that a later one would write.
            self._out = path.open("xb", buffering=0)
        except OSError as error:
            raise ArchiveError(f"{path}: cannot be written: {error.strerror}") from error

    def _append(self, record: bytes) -> tuple[int, int]:
        assert self._out is not None
        offset = self._end
        try:
            rest = memoryview(record)
            while rest:
                rest = rest[self._out.write(rest) :]
        except OSError as error:
            with suppress(OSError):
                self._out.seek(offset)
                self._out.truncate(offset)
            raise ArchiveError(f"{self._folder / self._file}: cannot be written: {error.strerror}") from error
        self._end += len(record)
        return offset, len(record)


def read(folder: Path, file: str, offset: int) -> Capture:
    """The capture whose record begins at `offset` of `file`. Raises ArchiveError if there is no whole one."""
    path = _on_disk(folder, file)
    with _view(path) as view:
        raw, end = _member(view, offset, path)
    capture = _capture(raw, file, offset, end - offset)
    if capture is None:
        raise ArchiveError(f"{file} at {offset}: not a response")
    return capture


def read_all(folder: Path) -> Iterator[Capture | ArchiveError]:
    """Every capture of the archive, files and records in the order of writing, finished files or not.

    For each damaged stretch or torn tail an ArchiveError stands in its place, and the next whole
    record follows it.
    """
    files = {path.relative_to(folder).as_posix().removesuffix(OPEN) for path in folder.rglob(f"*{SUFFIX}*")}
    for file in sorted(files):
        if file.endswith(SUFFIX):
            yield from _read_file(folder, file)


def _read_file(folder: Path, file: str) -> Iterator[Capture | ArchiveError]:
    try:
        path = _on_disk(folder, file)
        if path.stat().st_size == 0:
            return
        opened = _view(path)
    except (OSError, ArchiveError) as error:
        yield ArchiveError(f"{file}: cannot be read ({error})")
        return
    with opened as view:
        start = 0
        while start < len(view):
            try:
                raw, end = _member(view, start, path)
                capture = _capture(raw, file, start, end - start)
            except ArchiveError as error:
                yield error
                start = _next_member(view, start + 1)
            else:
                if capture is not None:
                    yield capture
                start = end


def _on_disk(folder: Path, file: str) -> Path:
    for path in (folder / file, folder / f"{file}{OPEN}"):
        if path.is_file():
            return path
    raise ArchiveError(f"{folder / file}: no such file")


def _view(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as source:
            return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{path}: cannot be read ({error})") from error


def _member(view: mmap.mmap, start: int, path: Path) -> tuple[bytes, int]:
    """The gzip member that begins at `start`, inflated, and where it ends."""
    inflater = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    at = start
    while not inflater.eof:
        chunk = view[at : at + CHUNK]
        if not chunk:
            raise ArchiveError(f"{path} at {start}: the file ends within a record")
        try:
            parts.append(inflater.decompress(chunk))
        except zlib.error as error:
            raise ArchiveError(f"{path} at {start}: damaged ({error})") from error
        at += len(chunk)
    return b"".join(parts), at - len(inflater.unused_data)


def _next_member(view: mmap.mmap, start: int) -> int:
    """Where the next record begins, from `start` on; the end of the file if there is none."""
    while (start := view.find(b"\x1f\x8b\x08", start)) != -1:
        with suppress(zlib.error):
            if zlib.decompressobj(wbits=31).decompress(view[start : start + 512]).startswith(b"WARC/"):
                return start
        start += 1
    return len(view)


def _response(capture: Capture) -> bytes:
    """`capture` as a WARC record, a gzip member."""
    try:
        phrase = HTTPStatus(capture.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {capture.status} {phrase}", *(f"{name}: {value}" for name, value in capture.headers)]
    # Latin-1 gives back each header byte that came; warcio's own writer would percent-encode them.
    block = "\r\n".join([*lines, "", ""]).encode("latin-1") + capture.payload
    headers = [
        ("WARC-Record-ID", f"<urn:uuid:{capture.capture_id}>"),
        ("WARC-Target-URI", capture.url),
        ("WARC-Date", _written(capture.fetched_at)),
        ("WARC-Payload-Digest", f"sha1:{base64.b32encode(hashlib.sha1(capture.payload).digest()).decode()}"),
        ("Newsetl-Source", capture.source),
        ("Newsetl-Kind", capture.kind),
        ("Newsetl-Requested-URI", capture.requested_url),
    ]
    if capture.link:
        announced_at = capture.link.announced_at
        link = asdict(capture.link) | {"announced_at": announced_at and _written(announced_at)}
        headers.append(("Newsetl-Link", json.dumps(link)))
    return _record("response", headers, block, "application/http; msgtype=response")


def _warcinfo(name: str, software: str) -> bytes:
    info = f"software: {software}\r\nformat: WARC File Format 1.1\r\n"
    headers = [("WARC-Filename", name)]
    headers += [("WARC-Record-ID", WARCWriter._make_warc_id()), ("WARC-Date", _written(datetime.now(UTC)))]
    return _record("warcinfo", headers, info.encode(), "application/warc-fields")


def _record(kind: str, headers: list[tuple[str, str]], block: bytes, content_type: str) -> bytes:
    out = BytesIO()
    written = StatusAndHeaders("", [("WARC-Type", kind), *headers], protocol="WARC/1.1")
    # Without http_headers warcio writes the block byte for byte.
    record = ArcWarcRecord("warc", kind, written, BytesIO(block), None, content_type, len(block))
    WARCWriter(out, gzip=True, warc_version="1.1").write_record(record)
    return out.getvalue()


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _capture(raw: bytes, file: str, offset: int, length: int) -> Capture | None:
    """The capture in the record `raw`; None if the record is not a response."""
    try:
        record = next(iter(ArchiveIterator(BytesIO(raw), no_record_parse=True)))
        if record.rec_type != "response":
            return None
        block = record.raw_stream.read()
        if len(block) != record.length:
            raise ValueError(f"{len(block)} bytes instead of {record.length}")
        fields = {name.lower(): value for name, value in record.rec_headers.headers}
        head, _, payload = block.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
        kind: CaptureKind = next(kind for kind in get_args(CaptureKind) if kind == fields["newsetl-kind"])
        try:
            body = decoded(headers, payload)
        except FetchError:
            body = b""
        return Capture(
            capture_id=UUID(fields["warc-record-id"].strip("<>")),
            source=fields["newsetl-source"],
            kind=kind,
            requested_url=fields["newsetl-requested-uri"],
            url=fields["warc-target-uri"],
            fetched_at=datetime.fromisoformat(fields["warc-date"]),
            status=int(status.split(" ")[1]),
            headers=headers,
            charset=charset_of(headers),
            payload=payload,
            body=body,
            link=_link(fields["newsetl-link"]) if "newsetl-link" in fields else None,
            file=file,
            offset=offset,
            length=length,
        )
    except (ArchiveLoadFailed, EOFError, StopIteration, KeyError, IndexError, TypeError, ValueError) as error:
        raise ArchiveError(f"{file} at {offset}: no record of newsetl ({error!r})") from error


def _link(text: str) -> Link:
    fields = json.loads(text)
    announced_at = fields.pop("announced_at")
    return Link(**fields, announced_at=announced_at and datetime.fromisoformat(announced_at))
