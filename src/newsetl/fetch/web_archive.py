"""A link that an archive holds → the page as the site had sent it then."""

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

REPLAY_URL = re.compile(r"/(\d{14})id_/(.+)$")
ORIGINAL_HEADER_PREFIX = "x-archive-orig-"
# What says how the bytes travelled, which was not how they travelled to the archive.
TRANSFER_HEADERS = ("content-encoding", "content-length", "transfer-encoding")


def fetch_archived_page(client: Client, link: Link, location: ArchiveLocation) -> Capture:
    """The page that `link` names, out of the archive, kept. Raises FetchError as Client.get does.

    What the archive gives may be another page or torn: undecodable, too_large if the archive itself has
    only the beginning, http_status for another page; nothing of these is kept.
    """
    source, headers = client.source, dict[str, str]()
    unwrap: UnwrapResponse
    if location.offset is None or location.length is None:

        def unwrap(capture: Capture) -> Capture:
            return _extract_replayed(source, link, capture)
    else:
        last = location.offset + location.length - 1
        # A coding of the transfer would be one of the whole file.
        headers = {"Range": f"bytes={location.offset}-{last}", "Accept-Encoding": "identity"}

        def unwrap(capture: Capture) -> Capture:
            return _extract_warc_record(source, link, location, capture)

    return client.get(location.url, kind="article", link=link, headers=headers, unwrap=unwrap)


def _extract_replayed(source: Source, link: Link, capture: Capture) -> Capture:
    """The original of a replayed page; an archive may have sent us on to another moment, or page."""
    found = REPLAY_URL.search(capture.url)
    if not found or urls.canonicalise(source, found[2]) != link.url:
        raise FetchError(Reason.HTTP_STATUS, f"{link.locator}: the archive has sent {capture.url} instead")
    taken_at = datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    own = {name.lower(): value for name, value in capture.headers}
    headers = [
        (name[len(ORIGINAL_HEADER_PREFIX) :], value)
        for name, value in capture.headers
        if name.lower().startswith(ORIGINAL_HEADER_PREFIX)
        and name.lower()[len(ORIGINAL_HEADER_PREFIX) :] not in TRANSFER_HEADERS
    ]
    missing = {"content-type", "content-encoding"} - {name.lower() for name, _ in headers}
    headers += [(name, own[name]) for name in sorted(missing) if name in own]
    return _as_captured_then(link, capture, taken_at, via_url=capture.url, headers=headers)


def _extract_warc_record(source: Source, link: Link, location: ArchiveLocation, capture: Capture) -> Capture:
    """The response in a WARC record, which a range of a file holds as one gzip member."""
    try:
        record = next(iter(ArchiveIterator(BytesIO(capture.payload), no_record_parse=True)))
        block = record.raw_stream.read()
        fields = {name.lower(): value for name, value in record.rec_headers.headers}
        if len(capture.payload) != location.length or len(block) != record.length:
            raise ValueError(f"{len(capture.payload)} bytes, and {len(block)} of {record.length} within")
        if record.rec_type != "response":
            raise ValueError(f"a record of type {record.rec_type}")
        head, _, payload = block.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = [
            (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
        ]
        taken_at = datetime.fromisoformat(fields["warc-date"])
        code, there = int(status.split(" ")[1]), urls.canonicalise(source, fields["warc-target-uri"])
    except (ArchiveLoadFailed, EOFError, StopIteration, LookupError, TypeError, ValueError) as error:
        raise FetchError(
            Reason.UNDECODABLE, f"{location.locator}: no whole WARC record ({error!r})"
        ) from error
    if there != link.url or not 200 <= code < 300:
        raise FetchError(Reason.HTTP_STATUS, f"{location.locator}: is {code} from {there} instead")
    if reason := fields.get("warc-truncated"):
        raise FetchError(
            Reason.TOO_LARGE, f"{location.locator}: the archive itself has not all of it ({reason})"
        )
    payload, headers = _undo_codings(payload, headers)
    body = decode_content(headers, payload, limit=source.fetch.max_bytes)
    page = _as_captured_then(link, capture, taken_at, via_url=location.locator, headers=headers)
    return replace(page, status=code, payload=payload, body=body)


def _undo_codings(payload: bytes, headers: list[tuple[str, str]]) -> tuple[bytes, list[tuple[str, str]]]:
    """The payload without its transfer coding, and no coding among the headers that a crawler has undone."""
    kept: list[tuple[str, str]] = []
    for name, value in headers:
        match name.lower():
            case "transfer-encoding":
                payload = decode_chunked(payload)
            case "content-encoding" if payload.lstrip().startswith(b"<"):
                kept.append((f"X-Crawler-{name}", value))
            case _:
                kept.append((name, value))
    return payload, kept


def _as_captured_then(
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
