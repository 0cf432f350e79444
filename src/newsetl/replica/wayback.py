"""A Wayback Machine on localhost: its CDX server, and the replay of pages as they came (id_)."""

from __future__ import annotations

import json
import re
from email.utils import format_datetime
from http import HTTPStatus
from itertools import islice
from urllib.parse import parse_qsl, quote_plus

from newsetl.replica.archive_captures import Holding, key_of
from newsetl.replica.cdx import Fields, chosen, collapsed, fits_wayback
from newsetl.replica.response import HTML, JSON, TEXT, Answer

REPLAY = re.compile(r"/web/(\d{1,14})id_/(.+)", re.DOTALL)
NAMES = "urlkey,timestamp,original,mimetype,statuscode,digest,length"
MOST = 150_000


def answer(holding: Holding, target: str) -> Answer | None:
    """What a request for path and query brings; None for what is no part of it."""
    path, _, query = target.partition("?")
    if replay := REPLAY.fullmatch(target):
        return _replayed(holding, replay[1], replay[2])
    if path == "/cdx/search/cdx":
        return _cdx(holding, parse_qsl(query, keep_blank_values=True))
    return None


def _replayed(holding: Holding, stamp: str, url: str) -> Answer:
    """The capture of that moment as it came, or the way to the nearest one."""
    held = [kept for kept in holding.captures if kept.key == key_of(url)]
    if not held:
        body = b"<html>The Wayback Machine has not archived that URL.</html>"
        return Answer(body, HTML, HTTPStatus.NOT_FOUND)
    nearest = min(held, key=lambda kept: abs(int(kept.stamp) - int(stamp.ljust(14, "0"))))
    if nearest.stamp != stamp:
        there = f"{holding.base}/web/{nearest.stamp}id_/{nearest.url}"
        return Answer(b"", HTML, HTTPStatus.FOUND, headers=(("Location", there),))
    at = format_datetime(nearest.taken_at, usegmt=True)
    # The headers of then; the coding is not that of this response.
    then = (("date", at), ("server", "Replica"), ("content-type", HTML), ("content-encoding", "gzip"))
    headers = tuple((f"x-archive-orig-{name}", value) for name, value in then)
    return Answer(nearest.body, HTML, headers=(*headers, ("Memento-Datetime", at)))


def _cdx(holding: Holding, fields: Fields) -> Answer:
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
        for kept in holding.captures
    )
    found = collapsed(chosen(lines, fields, fits_wayback), asked.get("collapse"))
    if key := asked.get("resumeKey"):
        found = (line for line in found if _key(line) > key)
    shown = list(islice(found, min(MOST, int(asked.get("limit") or MOST))))
    names = asked.get("fl", NAMES).split(",")
    rows = [[line[name] for name in names] for line in shown]
    if next(found, None) and asked.get("showResumeKey") == "true":
        # Printed as it is to stand in an address.
        rows += [[], [quote_plus(_key(shown[-1]))]]
    if asked.get("output") == "json":
        table = ",\n ".join(json.dumps(row) for row in ([names, *rows] if rows else []))
        return Answer(f"[{table}]\n".encode(), JSON)
    return Answer("".join(" ".join(row) + "\n" for row in rows).encode(), TEXT)


def _key(line: dict[str, str]) -> str:
    return f"{line['urlkey']} {line['timestamp']}!"
