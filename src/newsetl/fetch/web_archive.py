"""Fetching from web archives: a link with an archive location → the original page as a Capture."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from newsetl.errors import FetchError
from newsetl.fetch.client import Client
from newsetl.fetch.decoding import Headers, decode_chunked, decode_content, parse_charset
from newsetl.fetch.responses import UnwrapResponse
from newsetl.model import ArchiveLocation, Capture, Link
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.text.http_response import find_missing_range, parse_response

REPLAY_URL = re.compile(r"/(\d{14})id_/(.+)$")
ORIGINAL_HEADER_PREFIX = "x-archive-orig-"
# Headers of the transfer, which differ between the archive's own transfer and the replayed one.
TRANSFER_HEADERS = ("content-encoding", "content-length", "transfer-encoding")


def fetch_archived_page(client: Client, link: Link, location: ArchiveLocation) -> Capture:
    """Fetch the page of `link` from the web archive and store it. Raise FetchError as Client.get does.

    Further reasons are undecodable for a corrupt record, too_large if the archive has only the beginning
    of the page, and http_status for another page. None of these is stored.
    """
    source, headers = client.source, dict[str, str]()
    unwrap: UnwrapResponse
    if location.offset is None or location.length is None:

        def unwrap(capture: Capture) -> Capture:
            return _extract_replayed(source, link, capture)
    else:
        last = location.offset + location.length - 1
        # A content coding would apply to the complete file.
        headers = {"Range": f"bytes={location.offset}-{last}", "Accept-Encoding": "identity"}

        def unwrap(capture: Capture) -> Capture:
            return _extract_warc_record(source, link, location, capture)

    return client.get(location.url, kind="article", link=link, headers=headers, unwrap=unwrap)


def _extract_replayed(source: Source, link: Link, capture: Capture) -> Capture:
    """Return the original of a replayed page. The archive may have redirected to another time or page."""
    match = REPLAY_URL.search(capture.url)
    if not match or urls.canonicalise(source, match[2]) != link.url:
        raise FetchError(Reason.HTTP_STATUS, f"{link.locator}: the archive returned {capture.url} instead")
    taken_at = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    archive_headers = {name.lower(): value for name, value in capture.headers}
    headers = [
        (name[len(ORIGINAL_HEADER_PREFIX) :], value)
        for name, value in capture.headers
        if name.lower().startswith(ORIGINAL_HEADER_PREFIX)
        and name.lower()[len(ORIGINAL_HEADER_PREFIX) :] not in TRANSFER_HEADERS
    ]
    missing = {"content-type", "content-encoding"} - {name.lower() for name, _ in headers}
    headers += [(name, archive_headers[name]) for name in sorted(missing) if name in archive_headers]
    return _build_original_capture(link, capture, taken_at, via_url=capture.url, headers=headers)


def _extract_warc_record(source: Source, link: Link, location: ArchiveLocation, capture: Capture) -> Capture:
    """Return the response in a WARC record, which is one gzip member in a byte range of a file."""
    try:
        record = next(iter(ArchiveIterator(BytesIO(capture.payload), no_record_parse=True)))
        block = record.raw_stream.read()
        fields = {name.lower(): value for name, value in record.rec_headers.headers}
        if len(capture.payload) != location.length or len(block) != record.length:
            raise ValueError(
                f"{len(capture.payload)} bytes, with {len(block)} of the record's {record.length}"
            )
        if record.rec_type != "response":
            raise ValueError(f"a record of type {record.rec_type}")
        code, headers, payload = parse_response(block)
        taken_at = datetime.fromisoformat(fields["warc-date"])
        url = urls.canonicalise(source, fields["warc-target-uri"])
    except (ArchiveLoadFailed, EOFError, StopIteration, LookupError, TypeError, ValueError) as error:
        raise FetchError(
            Reason.UNDECODABLE, f"{location.locator}: no complete WARC record ({error!r})"
        ) from error
    if url != link.url or not 200 <= code < 300:
        raise FetchError(Reason.HTTP_STATUS, f"{location.locator}: status {code} from {url} instead")
    if reason := fields.get("warc-truncated") or find_missing_range(code, headers):
        raise FetchError(
            Reason.TOO_LARGE, f"{location.locator}: the archive has truncated the page ({reason})"
        )
    payload, headers = _undo_codings(payload, headers)
    body = decode_content(headers, payload, limit=source.fetch.max_bytes)
    page = _build_original_capture(link, capture, taken_at, via_url=location.locator, headers=headers)
    return replace(page, status=code, payload=payload, body=body)


def _undo_codings(payload: bytes, headers: list[tuple[str, str]]) -> tuple[bytes, list[tuple[str, str]]]:
    """Return the payload without transfer coding, and the headers without codings that were undone."""
    remaining: list[tuple[str, str]] = []
    for name, value in headers:
        match name.lower():
            case "transfer-encoding":
                payload = decode_chunked(payload)
            case "content-encoding" if payload.lstrip().startswith(b"<"):
                remaining.append((f"X-Crawler-{name}", value))
            case _:
                remaining.append((name, value))
    return payload, remaining


def _build_original_capture(
    link: Link, capture: Capture, taken_at: datetime, *, via_url: str, headers: Headers
) -> Capture:
    assert link.archive_location
    return replace(
        capture,
        requested_url=link.url,
        url=link.url,
        fetched_at=taken_at.astimezone(UTC),
        headers=tuple(headers),
        charset=parse_charset(headers),
        via=link.archive_location.via,
        via_url=via_url,
        obtained_at=capture.fetched_at,
    )
