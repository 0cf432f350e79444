"""Pages of a small channel as others saved them: files and WARC files."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsetl.replica import MockSite, article_pages
from newsetl.replica.story import MockArticle

HOME = "https://www.stdaily.com"
CHANNEL = MockSite(articles=24, since=date(2024, 3, 1), until=date(2024, 4, 20), rejected=0)
STORIES = CHANNEL.listed_articles
SAVED_AT = datetime(2024, 6, 1, 8, 0, tzinfo=UTC)

# Kind, URL, body and headers of a WARC record.
Record = tuple[str, str, bytes, dict[str, str]]


def page(story: MockArticle) -> bytes:
    """Return the story's page."""
    return article_pages.render_article(
        story, story.paths[0], HOME, STORIES[:5], 1, CHANNEL.unlisted_articles
    ).encode()


def put(path: Path, content: bytes, at: datetime = SAVED_AT) -> Path:
    """Write the file, last changed at this time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def response(story: MockArticle, **headers: str) -> Record:
    """Return the record of the story's page."""
    return "response", HOME + story.paths[0], page(story), {"Content-Type": "text/html", **headers}


def warc(records: Iterable[Record], *, is_gzip: bool = True) -> tuple[bytes, list[int]]:
    """Return a WARC file as warcio writes it, and where each record begins."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=is_gzip)
    starts = []
    for kind, address, body, headers in records:
        starts.append(out.tell())
        status = headers.pop("status", "200 OK")
        http = StatusAndHeaders(status, list(headers.items()), protocol="HTTP/1.1")
        taken = {"WARC-Date": "2024-06-01T08:00:00Z"}
        record = writer.create_warc_record(
            address,
            kind,
            payload=io.BytesIO(body),
            http_headers=http if kind in ("response", "revisit") else None,
            warc_headers_dict=taken,
        )
        writer.write_record(record)
    return out.getvalue(), starts
