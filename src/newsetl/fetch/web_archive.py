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
from newsetl.fetch.decoding import Headers, charset_of, decoded, unchunked
from newsetl.fetch.responses import Unwrap
from newsetl.model import Capture, Held, Link
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source

REPLAYED = re.compile(r"/(\d{14})id_/(.+)$")
ORIGINAL = "x-archive-orig-"
# What says how the bytes travelled, which was not how they travelled to the archive.
CODED = ("content-encoding", "content-length", "transfer-encoding")


def get(client: Client, link: Link, held: Held) -> Capture:
    """The page that `link` names, out of the archive, kept. Raises FetchError as Client.get does.

    What the archive gives may be another page or torn: undecodable, too_large if the archive itself has
    only the beginning, http_status for another page; nothing of these is kept.
    """
    source, headers = client.source, dict[str, str]()
    unwrap: Unwrap
    if held.offset is None or held.length is None:

        def unwrap(capture: Capture) -> Capture:
            return _replayed(source, link, capture)
    else:
        last = held.offset + held.length - 1
        # A coding of the transfer would be one of the whole file.
        headers = {"Range": f"bytes={held.offset}-{last}", "Accept-Encoding": "identity"}

        def unwrap(capture: Capture) -> Capture:
            return _record(source, link, held, capture)

    return client.get(held.url, why="article", link=link, headers=headers, unwrap=unwrap)


def _replayed(source: Source, link: Link, capture: Capture) -> Capture:
    """The original of a replayed page; an archive may have sent us on to another moment, or page."""
    found = REPLAYED.search(capture.url)
    if not found or urls.canonical(source, found[2]) != link.url:
        raise FetchError(Reason.HTTP_STATUS, f"{link.place}: the archive has sent {capture.url} instead")
    taken_at = datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    own = {name.lower(): value for name, value in capture.headers}
    headers = [
        (name[len(ORIGINAL) :], value)
        for name, value in capture.headers
        if name.lower().startswith(ORIGINAL) and name.lower()[len(ORIGINAL) :] not in CODED
    ]
    missing = {"content-type", "content-encoding"} - {name.lower() for name, _ in headers}
    headers += [(name, own[name]) for name in sorted(missing) if name in own]
    return _of_then(link, capture, taken_at, via_url=capture.url, headers=headers)


def _record(source: Source, link: Link, held: Held, capture: Capture) -> Capture:
    """The response in a WARC record, which a range of a file holds as one gzip member."""
    try:
        record = next(iter(ArchiveIterator(BytesIO(capture.payload), no_record_parse=True)))
        block = record.raw_stream.read()
        fields = {name.lower(): value for name, value in record.rec_headers.headers}
        if len(capture.payload) != held.length or len(block) != record.length:
            raise ValueError(f"{len(capture.payload)} bytes, and {len(block)} of {record.length} within")
        if record.rec_type != "response":
            raise ValueError(f"a record of type {record.rec_type}")
        head, _, payload = block.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = [
            (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
        ]
        taken_at = datetime.fromisoformat(fields["warc-date"])
        code, there = int(status.split(" ")[1]), urls.canonical(source, fields["warc-target-uri"])
    except (ArchiveLoadFailed, EOFError, StopIteration, LookupError, TypeError, ValueError) as error:
        raise FetchError(Reason.UNDECODABLE, f"{held.place}: no whole WARC record ({error!r})") from error
    if there != link.url or not 200 <= code < 300:
        raise FetchError(Reason.HTTP_STATUS, f"{held.place}: is {code} from {there} instead")
    if reason := fields.get("warc-truncated"):
        raise FetchError(Reason.TOO_LARGE, f"{held.place}: the archive itself has not all of it ({reason})")
    payload, headers = _as_sent(payload, headers)
    body = decoded(headers, payload, limit=source.fetch.max_bytes)
    page = _of_then(link, capture, taken_at, via_url=held.place, headers=headers)
    return replace(page, status=code, payload=payload, body=body)


def _as_sent(payload: bytes, headers: list[tuple[str, str]]) -> tuple[bytes, list[tuple[str, str]]]:
    """The payload without its transfer coding, and no coding among the headers that a crawler has undone."""
    kept: list[tuple[str, str]] = []
    for name, value in headers:
        match name.lower():
            case "transfer-encoding":
                payload = unchunked(payload)
            case "content-encoding" if payload.lstrip().startswith(b"<"):
                kept.append((f"X-Crawler-{name}", value))
            case _:
                kept.append((name, value))
    return payload, kept


def _of_then(link: Link, capture: Capture, taken_at: datetime, *, via_url: str, headers: Headers) -> Capture:
    assert link.held
    return replace(
        capture,
        requested_url=link.url,
        url=link.url,
        fetched_at=taken_at.astimezone(UTC),
        headers=tuple(headers),
        charset=charset_of(headers),
        via=link.held.via,
        via_url=via_url,
        obtained_at=capture.fetched_at,
    )
