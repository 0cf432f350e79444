"""Captures of saved pages and of the records in WARC files; without a clock or database."""

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
from newsetl.text.http_response import find_missing_range, parse_response

# Limit in bytes for the parts of a record besides its payload: response head and chunk sizes.
_HEAD_BYTES = 1 << 20


class SkippedRecord(StrEnum):
    """Kinds of WARC records that are no articles of the source."""

    OTHER_RECORD = "records of other kinds"
    REVISIT = "revisit records"
    OTHER_PAGE = "responses that are no article of the source"
    NOT_SUCCESSFUL = "responses without a page"


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """Unreadable page or record at `via_url`; `error` has its capture if one can be archived."""

    via_url: str
    at: datetime
    error: FetchError


@dataclass(frozen=True, slots=True)
class FileOrigin:
    """Name, modification time and import time of a file."""

    name: str
    written_at: datetime
    obtained_at: datetime

    @property
    def at(self) -> datetime:
        """Modification time, at most the import time."""
        return min(self.written_at, self.obtained_at)


ImportedItem = Capture | ImportFailure

_GZIP_MAGIC, _UTF8_BOM = b"\x1f\x8b", b"\xef\xbb\xbf"


def capture_saved_page(path: str, page: bytes, url: str, origin: FileOrigin, source: Source) -> ImportedItem:
    """Build the capture of a saved page, with `url` or, if that is "", the URL in the page or its path.

    The file's modification time is the capture's time, unless it is in the future or before the source's
    first day.
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
    """Yield the captures and skipped records of a WARC file.

    The file may be uncompressed, or compressed per record or as a whole. A damaged or truncated part is one
    ImportFailure, after which the next complete record follows; an empty file is one too. Memory holds one
    record at a time, and no record above the size limit of a page.
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
            via_url = f"{origin.name}#{stream.record_offset}"
            message = f"{origin.name} at {stream.record_offset}: {_format_error(error)}"
            yield ImportFailure(via_url, origin.at, FetchError(Reason.ARCHIVE_CORRUPT, message))
        start = find_next_record(file, stream)


def _iterate_captures(
    stream: WarcStream, origin: FileOrigin, source: Source
) -> Iterator[ImportedItem | SkippedRecord]:
    loader = ArcWarcRecordLoader()
    while line := stream.next_line():
        if line.startswith(b"filedesc://"):
            raise ValueError("an ARC file; convert it to WARC with `warcio recompress`")
        if not line.startswith(b"WARC/"):
            raise ValueError(f"no WARC record begins with {line[:40]!r}")
        record = loader.parse_record_stream(stream.lines, line, "warc", no_record_parse=True)
        fields = {name.lower(): value.strip() for name, value in record.rec_headers.headers}
        if not fields.get("content-length", "").isdecimal():
            raise ValueError("a record without a length, or truncated before it")
        kind, url = fields.get("warc-type"), fields.get("warc-target-uri", "")
        item: ImportedItem | SkippedRecord
        is_page = kind == "response" or (kind == "resource" and _is_html(fields))
        if is_page and urls.is_article(source, urls.canonicalise(source, url)):
            item = _build_response(
                record, fields, url, f"{origin.name}#{stream.record_offset}", origin, source
            )
        elif is_page:
            item = SkippedRecord.OTHER_PAGE
        else:
            item = SkippedRecord.REVISIT if kind == "revisit" else SkippedRecord.OTHER_RECORD
        while record.raw_stream.read(READ_CHUNK_BYTES):
            pass
        if record.raw_stream.limit:
            raise ValueError("the file ends within a record")
        yield item


def _build_response(
    record: Any, fields: dict[str, str], url: str, via_url: str, origin: FileOrigin, source: Source
) -> ImportedItem | SkippedRecord:
    try:
        stated = datetime.fromisoformat(fields["warc-date"])
        stated_at = stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)
    except (KeyError, ValueError, OverflowError):
        stated_at = origin.written_at
    if record.length > source.fetch.max_bytes + _HEAD_BYTES:
        return _build_too_large(via_url, min(stated_at, origin.obtained_at), source)
    block = record.raw_stream.read()
    status, headers, payload = (
        parse_response(block) if fields["warc-type"] == "response" else _parse_resource(fields, block)
    )
    if not 200 <= status < 300:
        return SkippedRecord.NOT_SUCCESSFUL
    truncation = fields.get("warc-truncated")
    truncation = f"WARC-Truncated: {truncation}" if truncation else find_missing_range(status, headers)
    if truncation:
        message = f"{via_url}: a part of a page ({truncation}), so its article is not loaded"
        error = FetchError(Reason.ARCHIVE_CORRUPT, message)
        return ImportFailure(via_url, min(stated_at, origin.obtained_at), error)
    if any(name.lower() == "transfer-encoding" for name, _ in headers):
        headers = [header for header in headers if header[0].lower() != "transfer-encoding"]
        payload = decode_chunked(payload)
    return _build_capture(
        source,
        origin,
        via="warc",
        via_url=via_url,
        url=url,
        stated_at=stated_at,
        status=status,
        headers=headers,
        payload=payload,
    )


def _is_html(fields: dict[str, str]) -> bool:
    return fields.get("content-type", "").lower().startswith(("text/html", "application/xhtml"))


def _parse_resource(fields: dict[str, str], block: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and payload of a resource record, which has a page without an HTTP head."""
    headers = [("Content-Type", fields["content-type"])]
    if block.startswith(_GZIP_MAGIC):
        headers.append(("Content-Encoding", "gzip"))
    return 200, headers, block


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
    if payload.startswith(b"\r\n" + _GZIP_MAGIC):
        # Some crawlers leave an empty line between head and body.
        payload = payload[2:]
    headers, body, error = _decode(tuple(headers), payload, source.fetch.max_bytes)
    is_plausible = stated_at.date() >= source.first_day
    fetched_at = min(stated_at, origin.obtained_at) if is_plausible else origin.obtained_at
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
    """Return the valid headers, the decoded body and None or an error.

    Some crawlers decode a page and leave its Content-Encoding header.
    """
    try:
        return headers, decode_content(headers, payload, limit=limit), None
    except FetchError as error:
        if error.reason is Reason.UNDECODABLE and payload.removeprefix(_UTF8_BOM).lstrip()[:1] == b"<":
            headers = tuple(header for header in headers if header[0].lower() != "content-encoding")
            return headers, payload, None
        return headers, b"", error


def _derive_capture_id(source: Source, url: str, stated_at: datetime, payload: bytes) -> UUID:
    """Derive the id from page and time, so that copies of a file in other directories give the same id."""
    digest = hashlib.sha256(payload).hexdigest()
    return uuid5(NAMESPACE, f"{source.slug} {url} {stated_at.astimezone(UTC).isoformat()} {digest}")


def _build_too_large(via_url: str, at: datetime, source: Source) -> ImportFailure:
    message = f"{via_url}: larger than the {source.fetch.max_bytes:,} bytes that a page may have"
    return ImportFailure(via_url, at, FetchError(Reason.TOO_LARGE, message))


def _format_error(error: Exception) -> str:
    return str(error).strip() or "the file ends within a record"
