"""Mock Wayback Machine: CDX server and replay of original pages (id_)."""

from __future__ import annotations

import json
import re
from email.utils import format_datetime
from http import HTTPStatus
from itertools import islice
from urllib.parse import parse_qsl, quote_plus

from newsetl.replica.archive_captures import MockArchive, build_url_key
from newsetl.replica.cdx import Fields, collapse_lines, filter_lines, matches_wayback_filter
from newsetl.replica.response import HTML, JSON, TEXT, MockResponse

REPLAY_PATH = re.compile(r"/web/(\d{1,14})id_/(.+)", re.DOTALL)
FIELD_NAMES = "urlkey,timestamp,original,mimetype,statuscode,digest,length"
MAX_LINES = 150_000


def build_response(archive: MockArchive, target: str) -> MockResponse | None:
    """Return the response for path and query, or None for another path."""
    path, _, query = target.partition("?")
    if replay := REPLAY_PATH.fullmatch(target):
        return _build_replay(archive, replay[1], replay[2])
    if path == "/cdx/search/cdx":
        return _build_cdx(archive, parse_qsl(query, keep_blank_values=True))
    return None


def _build_replay(archive: MockArchive, stamp: str, url: str) -> MockResponse:
    """Return the original page of the timestamp, or a redirect to the nearest capture."""
    captures = [capture for capture in archive.captures if capture.key == build_url_key(url)]
    if not captures:
        body = b"<html>The Wayback Machine has not archived that URL.</html>"
        return MockResponse(body, HTML, HTTPStatus.NOT_FOUND)
    nearest = min(captures, key=lambda capture: abs(int(capture.stamp) - int(stamp.ljust(14, "0"))))
    if nearest.stamp != stamp:
        location = f"{archive.base}/web/{nearest.stamp}id_/{nearest.url}"
        return MockResponse(b"", HTML, HTTPStatus.FOUND, headers=(("Location", location),))
    taken_at = format_datetime(nearest.taken_at, usegmt=True)
    # Headers of the original response; the content coding is not that of this response.
    original = (
        ("date", taken_at),
        ("server", "Replica"),
        ("content-type", HTML),
        ("content-encoding", "gzip"),
    )
    headers = tuple((f"x-archive-orig-{name}", value) for name, value in original)
    return MockResponse(nearest.body, HTML, headers=(*headers, ("Memento-Datetime", taken_at)))


def _build_cdx(archive: MockArchive, fields: Fields) -> MockResponse:
    parameters = dict(fields)
    lines = (
        {
            "urlkey": capture.key,
            "timestamp": capture.stamp,
            "original": capture.url,
            "mimetype": "text/html",
            "statuscode": "200",
            "digest": capture.digest,
            "length": str(len(capture.packed)),
        }
        for capture in archive.captures
    )
    matching = collapse_lines(filter_lines(lines, fields, matches_wayback_filter), parameters.get("collapse"))
    if key := parameters.get("resumeKey"):
        matching = (line for line in matching if _build_resume_key(line) > key)
    page = list(islice(matching, min(MAX_LINES, int(parameters.get("limit") or MAX_LINES))))
    names = parameters.get("fl", FIELD_NAMES).split(",")
    rows = [[line[name] for name in names] for line in page]
    if next(matching, None) and parameters.get("showResumeKey") == "true":
        # The real server sends the key URL-encoded.
        rows += [[], [quote_plus(_build_resume_key(page[-1]))]]
    if parameters.get("output") == "json":
        table = ",\n ".join(json.dumps(row) for row in ([names, *rows] if rows else []))
        return MockResponse(f"[{table}]\n".encode(), JSON)
    return MockResponse("".join(" ".join(row) + "\n" for row in rows).encode(), TEXT)


def _build_resume_key(line: dict[str, str]) -> str:
    return f"{line['urlkey']} {line['timestamp']}!"
