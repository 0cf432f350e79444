"""Common Crawl on localhost: the list of its crawls, an index of each, and the files of their records."""

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
# Lines of an index that one of its pages has.
PAGE_LINES = 300
CRAWL_INTERVAL = timedelta(weeks=6)


def build_response(archive: MockArchive, target: str, headers: Message) -> MockResponse | None:
    """What a request for path and query brings; None for what is no part of it."""
    path, _, query = target.partition("?")
    if path == "/collinfo.json":
        return _build_json(_list_crawls(archive))
    if index := INDEX.fullmatch(path):
        return _build_index(archive, index[1], parse_qsl(query, keep_blank_values=True))
    if path.startswith("/crawl-data/"):
        return _build_file_part(archive, path[1:], headers.get("Range") or "")
    return None


def _list_crawls(archive: MockArchive) -> list[dict[str, str]]:
    """One crawl every six weeks from the oldest capture on, the newest first."""
    found: list[dict[str, str]] = []
    stamps = [kept.taken_at for kept in archive.captures]
    begun = min(stamps, default=datetime(2024, 1, 1, tzinfo=UTC)).replace(hour=0, minute=0, second=0)
    begun -= timedelta(days=begun.weekday())
    last = max(stamps, default=begun)
    while not found or begun <= last:
        name = f"CC-MAIN-{begun:%G-%V}"
        crawl = {
            "id": name,
            "name": f"{begun:%B %Y} Index",
            "timegate": f"{archive.base}/{name}/",
            "cdx-api": f"{archive.base}/{name}-index",
            "from": f"{begun:%Y-%m-%dT%H:%M:%S}",
            "to": f"{begun + CRAWL_INTERVAL - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}",
        }
        found.insert(0, crawl)
        begun += CRAWL_INTERVAL
    return found


def _list_captures(archive: MockArchive, name: str) -> list[MockCapture]:
    begun = datetime.strptime(f"{name[8:]}-1", "%G-%V-%u").replace(tzinfo=UTC)
    return [kept for kept in archive.captures if begun <= kept.taken_at < begun + CRAWL_INTERVAL]


def _build_index(archive: MockArchive, name: str, fields: Fields) -> MockResponse:
    asked, captures, offset = dict(fields), _list_captures(archive, name), 0
    lines: list[dict[str, str]] = []
    for kept in captures:
        length = len(_build_record(kept))
        line = {
            "urlkey": kept.key,
            "timestamp": kept.stamp,
            "url": kept.url,
            "mime": "text/html",
            "mime-detected": "text/html",
            "status": "200",
            "digest": kept.digest,
            "length": str(length),
            "offset": str(offset),
            "filename": _build_file_name(name),
        }
        lines.append(line)
        offset += length
    found = list(filter_lines(lines, fields, matches_pywb_filter))
    if "showNumPages" in asked:
        count = -(-len(found) // PAGE_LINES)
        return _build_json({"pages": count, "pageSize": 5, "blocks": count})
    start = PAGE_LINES * int(asked.get("page") or 0)
    shown = found[start : start + PAGE_LINES]
    if not shown:
        message = {"message": f"No Captures found for: {asked['url']}"}
        return MockResponse(json.dumps(message).encode(), JSON, HTTPStatus.NOT_FOUND)
    names = asked["fl"].split(",") if "fl" in asked else list(shown[0])
    text = "".join(json.dumps({name: line[name] for name in names}) + "\n" for line in shown)
    return MockResponse(text.encode(), "text/x-ndjson")


def _build_file_part(archive: MockArchive, file: str, asked: str) -> MockResponse:
    """The bytes of a file that the range names; all of it without one."""
    name = file.split("/")[1]
    whole = (
        b"".join(map(_build_record, _list_captures(archive, name))) if file == _build_file_name(name) else b""
    )
    if not whole:
        body = b"<Error><Code>NoSuchKey</Code></Error>"
        return MockResponse(body, "application/xml", HTTPStatus.NOT_FOUND)
    kind, found = "application/octet-stream", RANGE.fullmatch(asked)
    if not found:
        return MockResponse(whole, kind)
    first, last = int(found[1]), min(int(found[2]), len(whole) - 1)
    if first > last:
        headers = (("Content-Range", f"bytes */{len(whole)}"),)
        return MockResponse(b"", kind, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    headers = (("Content-Range", f"bytes {first}-{last}/{len(whole)}"),)
    return MockResponse(whole[first : last + 1], kind, HTTPStatus.PARTIAL_CONTENT, headers=headers)


def _build_file_name(name: str) -> str:
    return f"crawl-data/{name}/segments/1/warc/{name}-00000.warc.gz"


@lru_cache(maxsize=1 << 14)
def _build_record(capture: MockCapture) -> bytes:
    """The capture as Common Crawl writes it: the content coding undone, and named by another header."""
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
