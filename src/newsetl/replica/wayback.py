"""A Wayback Machine on localhost: its CDX server, and the replay of pages as they came (id_)."""

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
    """What a request for path and query brings; None for what is no part of it."""
    path, _, query = target.partition("?")
    if replay := REPLAY_PATH.fullmatch(target):
        return _build_replay(archive, replay[1], replay[2])
    if path == "/cdx/search/cdx":
        return _build_cdx(archive, parse_qsl(query, keep_blank_values=True))
    return None


def _build_replay(archive: MockArchive, stamp: str, url: str) -> MockResponse:
    """The capture of that moment as it came, or the way to the nearest one."""
    held = [kept for kept in archive.captures if kept.key == build_url_key(url)]
    if not held:
        body = b"<html>The Wayback Machine has not archived that URL.</html>"
        return MockResponse(body, HTML, HTTPStatus.NOT_FOUND)
    nearest = min(held, key=lambda kept: abs(int(kept.stamp) - int(stamp.ljust(14, "0"))))
    if nearest.stamp != stamp:
        there = f"{archive.base}/web/{nearest.stamp}id_/{nearest.url}"
        return MockResponse(b"", HTML, HTTPStatus.FOUND, headers=(("Location", there),))
    at = format_datetime(nearest.taken_at, usegmt=True)
    # The headers of then; the coding is not that of this response.
    then = (("date", at), ("server", "Replica"), ("content-type", HTML), ("content-encoding", "gzip"))
    headers = tuple((f"x-archive-orig-{name}", value) for name, value in then)
    return MockResponse(nearest.body, HTML, headers=(*headers, ("Memento-Datetime", at)))


def _build_cdx(archive: MockArchive, fields: Fields) -> MockResponse:
    asked = dict(fields)
    lines = (
        {
            "urlkey": kept.key,
            "timestamp": kept.stamp,
            "original": kept.url,
            "mimetype": "text/html",
            "statuscode": "200",
            "digest": kept.digest,
            "length": str(len(kept.packed)),
        }
        for kept in archive.captures
    )
    found = collapse_lines(filter_lines(lines, fields, matches_wayback_filter), asked.get("collapse"))
    if key := asked.get("resumeKey"):
        found = (line for line in found if _build_resume_key(line) > key)
    shown = list(islice(found, min(MAX_LINES, int(asked.get("limit") or MAX_LINES))))
    names = asked.get("fl", FIELD_NAMES).split(",")
    rows = [[line[name] for name in names] for line in shown]
    if next(found, None) and asked.get("showResumeKey") == "true":
        # Printed as it is to stand in an address.
        rows += [[], [quote_plus(_build_resume_key(shown[-1]))]]
    if asked.get("output") == "json":
        table = ",\n ".join(json.dumps(row) for row in ([names, *rows] if rows else []))
        return MockResponse(f"[{table}]\n".encode(), JSON)
    return MockResponse("".join(" ".join(row) + "\n" for row in rows).encode(), TEXT)


def _build_resume_key(line: dict[str, str]) -> str:
    return f"{line['urlkey']} {line['timestamp']}!"
