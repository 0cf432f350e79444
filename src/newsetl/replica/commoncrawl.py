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

from newsetl.replica.archive_captures import Holding, Kept
from newsetl.replica.cdx import Fields, chosen, fits_pywb
from newsetl.replica.response import HTML, JSON, Answer

INDEX = re.compile(r"/(CC-MAIN-\d{4}-\d\d)-index")
RANGE = re.compile(r"bytes=(\d+)-(\d+)")
# Lines of an index that one of its pages has.
PAGE = 300
EVERY = timedelta(weeks=6)


def answer(holding: Holding, target: str, headers: Message) -> Answer | None:
    """What a request for path and query brings; None for what is no part of it."""
    path, _, query = target.partition("?")
    if path == "/collinfo.json":
        return _json(_crawls(holding))
    if index := INDEX.fullmatch(path):
        return _index(holding, index[1], parse_qsl(query, keep_blank_values=True))
    if path.startswith("/crawl-data/"):
        return _part(holding, path[1:], headers.get("Range") or "")
    return None


def _crawls(holding: Holding) -> list[dict[str, str]]:
    """One crawl every six weeks from the oldest capture on, the newest first."""
    found: list[dict[str, str]] = []
    stamps = [kept.taken_at for kept in holding.captures]
    begun = min(stamps, default=datetime(2024, 1, 1, tzinfo=UTC)).replace(hour=0, minute=0, second=0)
    begun -= timedelta(days=begun.weekday())
    last = max(stamps, default=begun)
    while not found or begun <= last:
        name = f"CC-MAIN-{begun:%G-%V}"
        crawl = {
            "id": name,
            "name": f"{begun:%B %Y} Index",
            "timegate": f"{holding.base}/{name}/",
            "cdx-api": f"{holding.base}/{name}-index",
            "from": f"{begun:%Y-%m-%dT%H:%M:%S}",
            "to": f"{begun + EVERY - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}",
        }
        found.insert(0, crawl)
        begun += EVERY
    return found


def _of_crawl(holding: Holding, name: str) -> list[Kept]:
    begun = datetime.strptime(f"{name[8:]}-1", "%G-%V-%u").replace(tzinfo=UTC)
    return [kept for kept in holding.captures if begun <= kept.taken_at < begun + EVERY]


def _index(holding: Holding, name: str, fields: Fields) -> Answer:
    asked, captures, offset = dict(fields), _of_crawl(holding, name), 0
    lines: list[dict[str, str]] = []
    for kept in captures:
        length = len(_record(kept))
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
            "filename": _file(name),
        }
        lines.append(line)
        offset += length
    found = list(chosen(lines, fields, fits_pywb))
    if "showNumPages" in asked:
        count = -(-len(found) // PAGE)
        return _json({"pages": count, "pageSize": 5, "blocks": count})
    start = PAGE * int(asked.get("page") or 0)
    shown = found[start : start + PAGE]
    if not shown:
        message = {"message": f"No Captures found for: {asked['url']}"}
        return Answer(json.dumps(message).encode(), JSON, HTTPStatus.NOT_FOUND)
    names = asked["fl"].split(",") if "fl" in asked else list(shown[0])
    text = "".join(json.dumps({name: line[name] for name in names}) + "\n" for line in shown)
    return Answer(text.encode(), "text/x-ndjson")


def _part(holding: Holding, file: str, asked: str) -> Answer:
    """The bytes of a file that the range names; all of it without one."""
    name = file.split("/")[1]
    whole = b"".join(map(_record, _of_crawl(holding, name))) if file == _file(name) else b""
    if not whole:
        body = b"<Error><Code>NoSuchKey</Code></Error>"
        return Answer(body, "application/xml", HTTPStatus.NOT_FOUND)
    kind, found = "application/octet-stream", RANGE.fullmatch(asked)
    if not found:
        return Answer(whole, kind)
    first, last = int(found[1]), min(int(found[2]), len(whole) - 1)
    if first > last:
        headers = (("Content-Range", f"bytes */{len(whole)}"),)
        return Answer(b"", kind, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    headers = (("Content-Range", f"bytes {first}-{last}/{len(whole)}"),)
    return Answer(whole[first : last + 1], kind, HTTPStatus.PARTIAL_CONTENT, headers=headers)


def _file(name: str) -> str:
    return f"crawl-data/{name}/segments/1/warc/{name}-00000.warc.gz"


@lru_cache(maxsize=1 << 14)
def _record(kept: Kept) -> bytes:
    """The capture as Common Crawl writes it: the content coding undone, and named by another header."""
    body = kept.body
    block = (
        f"HTTP/1.1 200 OK\r\nServer: Replica\r\nContent-Type: {HTML}\r\nX-Crawler-Content-Encoding: gzip\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    identity = UUID(bytes=hashlib.blake2b(f"{kept.url} {kept.stamp}".encode(), digest_size=16).digest())
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: {kept.taken_at:%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"WARC-Record-ID: <urn:uuid:{identity}>\r\nContent-Length: {len(block)}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nWARC-Target-URI: {kept.url}\r\n"
        f"WARC-Payload-Digest: sha1:{kept.digest}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0)


def _json(value: Any) -> Answer:
    return Answer(json.dumps(value).encode(), JSON)
