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

from newsetl.archive.warc_stream import CHUNK, Stream, resumed
from newsetl.errors import FetchError
from newsetl.fetch.decoding import Headers, charset_of, decoded, unchunked
from newsetl.model import NAMESPACE, Capture, Via
from newsetl.pipeline.importing.page_urls import address_of
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source

# What a record may have beside its payload: the head of the response, and the sizes of chunks.
_HEAD_BYTES = 1 << 20


class Unwanted(StrEnum):
    """What a WARC file holds besides articles of the source."""

    OTHER_RECORD = "records of other kinds"
    REVISIT = "revisit records"
    ELSEWHERE = "responses that are no article of the source"
    NO_PAGE = "responses without a page"


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be read at `via_url`; `error` has the capture where there is one to keep."""

    via_url: str
    at: datetime
    error: FetchError


@dataclass(frozen=True, slots=True)
class Origin:
    """A file: what it is called, when it says that it was written, and when we had it."""

    name: str
    written_at: datetime
    obtained_at: datetime

    @property
    def at(self) -> datetime:
        """When it was written: never in the future."""
        return min(self.written_at, self.obtained_at)


Found = Capture | Refused


def saved(path: str, page: bytes, address: str, origin: Origin, source: Source) -> Found:
    """The saved page as a capture, with `address` or, if that is "", the one which it or its path tells.

    The file's time is when the site was asked: not if it is from the future, or from before there was a
    source.
    """
    if len(page) > source.fetch.max_bytes:
        return _too_large(origin.name, origin.at, source)
    address = urls.canonical(source, address) if address else address_of(path, page, source)
    return _capture(
        source,
        origin,
        via="file",
        via_url=origin.name,
        address=address,
        stated_at=origin.written_at,
        status=200,
        headers=(),
        payload=page,
    )


def records(file: BinaryIO, origin: Origin, source: Source) -> Iterator[Found | Unwanted]:
    """What each record of the WARC file holds, compressed record by record, as a whole, or not at all.

    What is damaged or torn is one Refused, and the next whole record follows it; an empty file is one too.
    One record is in memory at a time, and none longer than a page may be.
    """
    start: int | None = 0
    if not file.seek(0, os.SEEK_END):
        yield Refused(origin.name, origin.at, FetchError(Reason.EMPTY_BODY, f"{origin.name}: an empty file"))
        return
    while start is not None:
        stream = Stream(file, start)
        try:
            yield from _records(stream, origin, source)
            return
        except (ArchiveLoadFailed, EOFError, ValueError, zlib.error) as error:
            where = f"{origin.name}#{stream.place}"
            message = f"{origin.name} at {stream.place}: {_said(error)}"
            yield Refused(where, origin.at, FetchError(Reason.ARCHIVE_CORRUPT, message))
        start = resumed(file, stream)


def _records(stream: Stream, origin: Origin, source: Source) -> Iterator[Found | Unwanted]:
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
        found: Found | Unwanted
        if kind == "response" and urls.is_article(source, urls.canonical(source, address)):
            found = _response(record, fields, address, f"{origin.name}#{stream.place}", origin, source)
        elif kind == "response":
            found = Unwanted.ELSEWHERE
        else:
            found = Unwanted.REVISIT if kind == "revisit" else Unwanted.OTHER_RECORD
        while record.raw_stream.read(CHUNK):
            pass
        if record.raw_stream.limit:
            raise ValueError("the file ends within a record")
        yield found


def _response(
    record: Any, fields: dict[str, str], address: str, via_url: str, origin: Origin, source: Source
) -> Found | Unwanted:
    try:
        stated = datetime.fromisoformat(fields["warc-date"])
        taken_at = stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)
    except (KeyError, ValueError, OverflowError):
        taken_at = origin.written_at
    if record.length > source.fetch.max_bytes + _HEAD_BYTES:
        return _too_large(via_url, min(taken_at, origin.obtained_at), source)
    block = record.raw_stream.read()
    head, _, payload = block.partition(b"\r\n\r\n")
    status, headers = _head(head)
    if not 200 <= status < 300:
        return Unwanted.NO_PAGE
    if any(name.lower() == "transfer-encoding" for name, _ in headers):
        headers = tuple(header for header in headers if header[0].lower() != "transfer-encoding")
        payload = unchunked(payload)
    return _capture(
        source,
        origin,
        via="warc",
        via_url=via_url,
        address=address,
        stated_at=taken_at,
        status=status,
        headers=headers,
        payload=payload,
    )


def _head(head: bytes) -> tuple[int, Headers]:
    """Status and headers, one character a byte; 0 if it is no head of a response."""
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    words = first.split()
    status = int(words[1]) if first.startswith("HTTP/") and len(words) > 1 and words[1].isdecimal() else 0
    pairs = (line.partition(":") for line in lines)
    return status, tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)


def _capture(
    source: Source,
    origin: Origin,
    *,
    via: Via,
    via_url: str,
    address: str,
    stated_at: datetime,
    status: int,
    headers: Headers,
    payload: bytes,
) -> Found:
    headers, body, error = _decoded(tuple(headers), payload, source.fetch.max_bytes)
    is_known = stated_at.date() >= source.first_day
    fetched_at = min(stated_at, origin.obtained_at) if is_known else origin.obtained_at
    capture = Capture(
        capture_id=_identity(source, address, stated_at, payload),
        source=source.slug,
        kind="article",
        requested_url=address,
        url=address,
        fetched_at=fetched_at,
        status=status,
        headers=headers,
        charset=charset_of(headers),
        payload=payload,
        body=body,
        via=via,
        via_url=via_url,
        obtained_at=origin.obtained_at,
    )
    if error is None:
        return capture
    if error.reason is Reason.TOO_LARGE:
        return Refused(via_url, fetched_at, error)
    return Refused(via_url, fetched_at, FetchError(error.reason, f"{via_url}: {error}", capture))


def _decoded(
    headers: tuple[tuple[str, str], ...], payload: bytes, limit: int
) -> tuple[tuple[tuple[str, str], ...], bytes, FetchError | None]:
    """Headers that hold for the payload, and its body: some crawlers decode a page and keep its headers."""
    try:
        return headers, decoded(headers, payload, limit=limit), None
    except FetchError as error:
        if error.reason is Reason.UNDECODABLE and payload.lstrip()[:1] == b"<":
            headers = tuple(header for header in headers if header[0].lower() != "content-encoding")
            return headers, payload, None
        return headers, b"", error


def _identity(source: Source, address: str, stated_at: datetime, payload: bytes) -> UUID:
    """The same page, saved at the same moment, is the same capture wherever its file lies."""
    digest = hashlib.sha256(payload).hexdigest()
    return uuid5(NAMESPACE, f"{source.slug} {address} {stated_at.astimezone(UTC).isoformat()} {digest}")


def _too_large(via_url: str, at: datetime, source: Source) -> Refused:
    message = f"{via_url}: larger than the {source.fetch.max_bytes:,} bytes that a page may have"
    return Refused(via_url, at, FetchError(Reason.TOO_LARGE, message))


def _said(error: Exception) -> str:
    return str(error).strip() or "the file ends within a record"
