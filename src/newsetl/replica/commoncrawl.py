"""Mock Common Crawl: list of crawls, an index per crawl, and their WARC files."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from newsetl.replica.archive_captures import MockArchive, MockCapture
from newsetl.replica.cdx import Fields, filter_lines, matches_pywb_filter
from newsetl.replica.response import HTML, JSON, MockResponse

INDEX = re.compile(r"/(CC-MAIN-\d{4}-\d\d)-index")
RANGE = re.compile(r"bytes=(\d+)-(\d+)")
# Lines per page of an index.
PAGE_LINES = 300
CRAWL_INTERVAL = timedelta(weeks=6)


def build_response(archive: MockArchive, target: str, headers: Message) -> MockResponse | None:
    """Return the response for path and query, or None for another path."""
    path, _, query = target.partition("?")
    if path == "/collinfo.json":
        return _build_json(_list_crawls(archive))
    if index := INDEX.fullmatch(path):
        return _build_index(archive, index[1], parse_qsl(query, keep_blank_values=True))
    if path.startswith("/crawl-data/"):
        return _build_file_part(archive, path[1:], headers.get("Range") or "")
    return None


def _list_crawls(archive: MockArchive) -> list[dict[str, str]]:
    """Return one crawl per six weeks from the oldest capture on, the newest first."""
    crawls: list[dict[str, str]] = []
    times = [capture.taken_at for capture in archive.captures]
    start = min(times, default=datetime(2024, 1, 1, tzinfo=UTC)).replace(hour=0, minute=0, second=0)
    start -= timedelta(days=start.weekday())
    last = max(times, default=start)
    while not crawls or start <= last:
        name = f"CC-MAIN-{start:%G-%V}"
        crawl = {
            "id": name,
            "name": f"{start:%B %Y} Index",
            "timegate": f"{archive.base}/{name}/",
            "cdx-api": f"{archive.base}/{name}-index",
            "from": f"{start:%Y-%m-%dT%H:%M:%S}",
            "to": f"{start + CRAWL_INTERVAL - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}",
        }
        crawls.insert(0, crawl)
        start += CRAWL_INTERVAL
    return crawls


def _list_captures(archive: MockArchive, name: str) -> list[MockCapture]:
    start = datetime.strptime(f"{name[8:]}-1", "%G-%V-%u").replace(tzinfo=UTC)
    return [capture for capture in archive.captures if start <= capture.taken_at < start + CRAWL_INTERVAL]


def _build_index(archive: MockArchive, name: str, fields: Fields) -> MockResponse:
    parameters, captures, offset = dict(fields), _list_captures(archive, name), 0
    lines: list[dict[str, str]] = []
    for capture in captures:
        length = len(_build_record(capture))
        line = {
            "urlkey": capture.key,
            "timestamp": capture.stamp,
            "url": capture.url,
            "mime": "text/html",
            "mime-detected": "text/html",
            "status": "200",
            "digest": capture.digest,
            "length": str(length),
            "offset": str(offset),
            "filename": _build_file_name(name),
        }
        lines.append(line)
        offset += length
    matching = list(filter_lines(lines, fields, matches_pywb_filter))
    if "showNumPages" in parameters:
        count = -(-len(matching) // PAGE_LINES)
        return _build_json({"pages": count, "pageSize": 5, "blocks": count})
    start = PAGE_LINES * int(parameters.get("page") or 0)
    page = matching[start : start + PAGE_LINES]
    if not page:
        message = {"message": f"No Captures found for: {parameters['url']}"}
        return MockResponse(json.dumps(message).encode(), JSON, HTTPStatus.NOT_FOUND)
    names = parameters["fl"].split(",") if "fl" in parameters else list(page[0])
    text = "".join(json.dumps({name: line[name] for name in names}) + "\n" for line in page)
    return MockResponse(text.encode(), "text/x-ndjson")


def _build_file_part(archive: MockArchive, file: str, byte_range: str) -> MockResponse:
    """Return the requested byte range of a file, or the complete file without a range."""
    name = file.split("/")[1]
    content = (
        b"".join(map(_build_record, _list_captures(archive, name))) if file == _build_file_name(name) else b""
    )
    if not content:
        body = b"<Error><Code>NoSuchKey</Code></Error>"
        return MockResponse(body, "application/xml", HTTPStatus.NOT_FOUND)
    kind, match = "application/octet-stream", RANGE.fullmatch(byte_range)
    if not match:
        return MockResponse(content, kind)
    first, last = int(match[1]), min(int(match[2]), len(content) - 1)
    if first > last:
        headers = (("Content-Range", f"bytes */{len(content)}"),)
        return MockResponse(b"", kind, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    headers = (("Content-Range", f"bytes {first}-{last}/{len(content)}"),)
    return MockResponse(content[first : last + 1], kind, HTTPStatus.PARTIAL_CONTENT, headers=headers)


def _build_file_name(name: str) -> str:
    return f"crawl-data/{name}/segments/1/warc/{name}-00000.warc.gz"


@lru_cache(maxsize=1 << 14)
def _build_record(capture: MockCapture) -> bytes:
    """Build the WARC record as Common Crawl does: decoded, with the content coding in another header."""
    body = capture.body
    block = (
        f"HTTP/1.1 200 OK\r\nServer: Replica\r\nContent-Type: {HTML}\r\nX-Crawler-Content-Encoding: gzip\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    identity = UUID(bytes=hashlib.blake2b(f"{capture.url} {capture.stamp}".encode(), digest_size=16).digest())
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: {capture.taken_at:%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"WARC-Record-ID: <urn:uuid:{identity}>\r\nContent-Length: {len(block)}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nWARC-Target-URI: {capture.url}\r\n"
        f"WARC-Payload-Digest: sha1:{capture.digest}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0)


def _build_json(value: Any) -> MockResponse:
    return MockResponse(json.dumps(value).encode(), JSON)
