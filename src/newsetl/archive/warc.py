"""Serialisation of WARC records: Capture or Note ⇄ record."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any, get_args
from uuid import UUID

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsetl.errors import CorruptRecordError, FetchError
from newsetl.fetch.decoding import decode_content, parse_charset
from newsetl.model import Capture, CaptureKind, Link, Via
from newsetl.runtime import old_names


@dataclass(frozen=True, slots=True)
class Note:
    """Note of a run in its WARC file: `kind` is a word, `fields` are JSON values."""

    kind: str
    fields: dict[str, Any]


def serialise_response(capture: Capture) -> bytes:
    """Serialise a capture as a WARC record in one gzip member."""
    try:
        phrase = HTTPStatus(capture.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {capture.status} {phrase}", *(f"{name}: {value}" for name, value in capture.headers)]
    # Latin-1 preserves every header byte; warcio's own writer would percent-encode some.
    block = "\r\n".join([*lines, "", ""]).encode("latin-1") + capture.payload
    headers = [
        ("WARC-Record-ID", f"<urn:uuid:{capture.capture_id}>"),
        ("WARC-Target-URI", capture.url),
        ("WARC-Date", _format_time(capture.fetched_at)),
        ("WARC-Payload-Digest", f"sha1:{base64.b32encode(hashlib.sha1(capture.payload).digest()).decode()}"),
        ("Newsetl-Source", capture.source),
        ("Newsetl-Kind", capture.kind),
        ("Newsetl-Requested-URI", capture.requested_url),
    ]
    if capture.link:
        published_at = capture.link.published_at
        link = asdict(capture.link) | {"published_at": published_at and _format_time(published_at)}
        # The capture has its own provenance, and a time of change is a hint for discovery alone.
        del link["archive_location"], link["modified_at"]
        headers.append(("Newsetl-Link", json.dumps(link)))
    if capture.obtained_at:
        headers += [("Newsetl-Via", capture.via), ("Newsetl-Obtained-At", _format_time(capture.obtained_at))]
    if capture.via_url:
        headers.append(("WARC-Source-URI", capture.via_url))
    return _serialise_record("response", headers, block, "application/http; msgtype=response")


def serialise_warcinfo(name: str, software: str) -> bytes:
    """Serialise the warcinfo record at the beginning of a file."""
    info = f"software: {software}\r\nformat: WARC File Format 1.1\r\n"
    headers = [("WARC-Filename", name)]
    headers += [
        ("WARC-Record-ID", WARCWriter._make_warc_id()),
        ("WARC-Date", _format_time(datetime.now(UTC))),
    ]
    return _serialise_record("warcinfo", headers, info.encode(), "application/warc-fields")


def serialise_note(run_note: Note) -> bytes:
    """Serialise a note as a WARC record in one gzip member."""
    headers = [("WARC-Record-ID", WARCWriter._make_warc_id()), ("WARC-Date", _format_time(datetime.now(UTC)))]
    block = json.dumps(run_note.fields, ensure_ascii=False).encode("utf-8", "replace")
    return _serialise_record(
        "metadata", [*headers, ("Newsetl-Note", run_note.kind)], block, "application/json"
    )


def _serialise_record(kind: str, headers: list[tuple[str, str]], block: bytes, content_type: str) -> bytes:
    out = BytesIO()
    record_headers = StatusAndHeaders("", [("WARC-Type", kind), *headers], protocol="WARC/1.1")
    # Without http_headers warcio writes the block byte for byte.
    record = ArcWarcRecord("warc", kind, record_headers, BytesIO(block), None, content_type, len(block))
    WARCWriter(out, gzip=True, warc_version="1.1").write_record(record)
    return out.getvalue()


def _format_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def parse_record(raw: bytes, file: str, offset: int, length: int) -> Capture | Note | None:
    """Parse a record into a Capture or Note, or None for another type. Raise CorruptRecordError."""
    try:
        record = next(iter(ArchiveIterator(BytesIO(raw), no_record_parse=True)))
        if record.rec_type not in ("response", "metadata"):
            return None
        block = record.raw_stream.read()
        if len(block) != record.length:
            raise ValueError(f"{len(block)} bytes instead of {record.length}")
        fields = {name.lower(): value for name, value in record.rec_headers.headers}
        if record.rec_type == "metadata":
            return Note(fields["newsetl-note"], json.loads(block)) if "newsetl-note" in fields else None
        head, _, payload = block.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
        kind: CaptureKind = next(kind for kind in get_args(CaptureKind) if kind == fields["newsetl-kind"])
        obtained = fields.get("newsetl-obtained-at")
        try:
            body = decode_content(headers, payload)
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
            charset=parse_charset(headers),
            payload=payload,
            body=body,
            link=_parse_link(fields["newsetl-link"]) if "newsetl-link" in fields else None,
            via=next(via for via in get_args(Via) if via == fields.get("newsetl-via", "web")),
            via_url=fields.get("warc-source-uri"),
            obtained_at=datetime.fromisoformat(obtained) if obtained else None,
            file=file,
            offset=offset,
            length=length,
        )
    except (ArchiveLoadFailed, EOFError, StopIteration, KeyError, IndexError, TypeError, ValueError) as error:
        raise CorruptRecordError(file, offset, f"not a newsetl record ({error!r})") from error


def _parse_link(text: str) -> Link:
    fields = old_names.rename_link_fields(json.loads(text))
    published_at = fields.pop("published_at")
    return Link(**fields, published_at=published_at and datetime.fromisoformat(published_at))
