"""What others have kept, as captures: a saved page, or the records of a WARC file. No clock or database."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader

from newsetl.archive.warc_stream import READ_CHUNK_BYTES, WarcStream, find_next_record
from newsetl.errors import FetchError
from newsetl.fetch.decoding import Headers, decode_chunked, decode_content, parse_charset
from newsetl.model import NAMESPACE, Capture, Via
from newsetl.pipeline.importing.page_urls import find_page_url
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source

# What a record may have beside its payload: the head of the response, and the sizes of chunks.
_HEAD_BYTES = 1 << 20


class SkippedRecord(StrEnum):
    """What a WARC file holds besides articles of the source."""

    OTHER_RECORD = "records of other kinds"
    REVISIT = "revisit records"
    OTHER_PAGE = "responses that are no article of the source"
    NOT_SUCCESSFUL = "responses without a page"


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """What cannot be read at `via_url`; `error` has the capture where there is one to keep."""

    via_url: str
    at: datetime
    error: FetchError


@dataclass(frozen=True, slots=True)
class FileOrigin:
    """A file: what it is called, when it says that it was written, and when we had it."""

    name: str
    written_at: datetime
    obtained_at: datetime

    @property
    def at(self) -> datetime:
        """When it was written: never in the future."""
        return min(self.written_at, self.obtained_at)


ImportedItem = Capture | ImportFailure


def capture_saved_page(path: str, page: bytes, url: str, origin: FileOrigin, source: Source) -> ImportedItem:
    """The saved page as a capture, with `address` or, if that is "", the one which it or its path tells.

    The file's time is when the site was asked: not if it is from the future, or from before there was a
    source.
    """
    if len(page) > source.fetch.max_bytes:
        return _build_too_large(origin.name, origin.at, source)
    url = urls.canonicalise(source, url) if url else find_page_url(path, page, source)
    return _build_capture(
        source,
        origin,
        via="file",
        via_url=origin.name,
        url=url,
        stated_at=origin.written_at,
        status=200,
        headers=(),
        payload=page,
    )


def iterate_captures(
    file: BinaryIO, origin: FileOrigin, source: Source
) -> Iterator[ImportedItem | SkippedRecord]:
    """What each record of the WARC file holds, compressed record by record, as a whole, or not at all.

    What is damaged or torn is one Refused, and the next whole record follows it; an empty file is one too.
    One record is in memory at a time, and none longer than a page may be.
    """
    start: int | None = 0
    if not file.seek(0, os.SEEK_END):
        yield ImportFailure(
            origin.name, origin.at, FetchError(Reason.EMPTY_BODY, f"{origin.name}: an empty file")
        )
        return
    while start is not None:
        stream = WarcStream(file, start)
        try:
            yield from _iterate_captures(stream, origin, source)
            return
        except (ArchiveLoadFailed, EOFError, ValueError, zlib.error) as error:
            where = f"{origin.name}#{stream.record_offset}"
            message = f"{origin.name} at {stream.record_offset}: {_format_error(error)}"
            yield ImportFailure(where, origin.at, FetchError(Reason.ARCHIVE_CORRUPT, message))
        start = find_next_record(file, stream)


def _iterate_captures(
    stream: WarcStream, origin: FileOrigin, source: Source
) -> Iterator[ImportedItem | SkippedRecord]:
    loader = ArcWarcRecordLoader()
    while line := stream.next_line():
        if line.startswith(b"filedesc://"):
            raise ValueError("an ARC file; `warcio recompress` makes a WARC file of it")
        if not line.startswith(b"WARC/"):
            raise ValueError(f"no WARC record begins with {line[:40]!r}")
        record = loader.parse_record_stream(stream.lines, line, "warc", no_record_parse=True)
        fields = {name.lower(): value.strip() for name, value in record.rec_headers.headers}
        if not fields.get("content-length", "").isdecimal():
            raise ValueError("a record without a length, or cut off before it")
        kind, address = fields.get("warc-type"), fields.get("warc-target-uri", "")
        found: ImportedItem | SkippedRecord
        if kind == "response" and urls.is_article(source, urls.canonicalise(source, address)):
            found = _build_response(
                record, fields, address, f"{origin.name}#{stream.record_offset}", origin, source
            )
        elif kind == "response":
            found = SkippedRecord.OTHER_PAGE
        else:
            found = SkippedRecord.REVISIT if kind == "revisit" else SkippedRecord.OTHER_RECORD
        while record.raw_stream.read(READ_CHUNK_BYTES):
            pass
        if record.raw_stream.limit:
            raise ValueError("the file ends within a record")
        yield found


def _build_response(
    record: Any, fields: dict[str, str], url: str, via_url: str, origin: FileOrigin, source: Source
) -> ImportedItem | SkippedRecord:
    try:
        stated = datetime.fromisoformat(fields["warc-date"])
        taken_at = stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)
    except (KeyError, ValueError, OverflowError):
        taken_at = origin.written_at
    if record.length > source.fetch.max_bytes + _HEAD_BYTES:
        return _build_too_large(via_url, min(taken_at, origin.obtained_at), source)
    block = record.raw_stream.read()
    head, _, payload = block.partition(b"\r\n\r\n")
    status, headers = _parse_head(head)
    if not 200 <= status < 300:
        return SkippedRecord.NOT_SUCCESSFUL
    if any(name.lower() == "transfer-encoding" for name, _ in headers):
        headers = tuple(header for header in headers if header[0].lower() != "transfer-encoding")
        payload = decode_chunked(payload)
    return _build_capture(
        source,
        origin,
        via="warc",
        via_url=via_url,
        url=url,
        stated_at=taken_at,
        status=status,
        headers=headers,
        payload=payload,
    )


def _parse_head(head: bytes) -> tuple[int, Headers]:
    """Status and headers, one character a byte; 0 if it is no head of a response."""
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    words = first.split()
    status = int(words[1]) if first.startswith("HTTP/") and len(words) > 1 and words[1].isdecimal() else 0
    pairs = (line.partition(":") for line in lines)
    return status, tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)


def _build_capture(
    source: Source,
    origin: FileOrigin,
    *,
    via: Via,
    via_url: str,
    url: str,
    stated_at: datetime,
    status: int,
    headers: Headers,
    payload: bytes,
) -> ImportedItem:
    headers, body, error = _decode(tuple(headers), payload, source.fetch.max_bytes)
    is_known = stated_at.date() >= source.first_day
    fetched_at = min(stated_at, origin.obtained_at) if is_known else origin.obtained_at
    capture = Capture(
        capture_id=_derive_capture_id(source, url, stated_at, payload),
        source=source.slug,
        kind="article",
        requested_url=url,
        url=url,
        fetched_at=fetched_at,
        status=status,
        headers=headers,
        charset=parse_charset(headers),
        payload=payload,
        body=body,
        via=via,
        via_url=via_url,
        obtained_at=origin.obtained_at,
    )
    if error is None:
        return capture
    if error.reason is Reason.TOO_LARGE:
        return ImportFailure(via_url, fetched_at, error)
    return ImportFailure(via_url, fetched_at, FetchError(error.reason, f"{via_url}: {error}", capture))


def _decode(
    headers: tuple[tuple[str, str], ...], payload: bytes, limit: int
) -> tuple[tuple[tuple[str, str], ...], bytes, FetchError | None]:
    """Headers that hold for the payload, and its body: some crawlers decode a page and keep its headers."""
    try:
        return headers, decode_content(headers, payload, limit=limit), None
    except FetchError as error:
        if error.reason is Reason.UNDECODABLE and payload.lstrip()[:1] == b"<":
            headers = tuple(header for header in headers if header[0].lower() != "content-encoding")
            return headers, payload, None
        return headers, b"", error


def _derive_capture_id(source: Source, url: str, stated_at: datetime, payload: bytes) -> UUID:
    """The same page, saved at the same moment, is the same capture wherever its file lies."""
    digest = hashlib.sha256(payload).hexdigest()
    return uuid5(NAMESPACE, f"{source.slug} {url} {stated_at.astimezone(UTC).isoformat()} {digest}")


def _build_too_large(via_url: str, at: datetime, source: Source) -> ImportFailure:
    message = f"{via_url}: larger than the {source.fetch.max_bytes:,} bytes that a page may have"
    return ImportFailure(via_url, at, FetchError(Reason.TOO_LARGE, message))


def _format_error(error: Exception) -> str:
    return str(error).strip() or "the file ends within a record"
