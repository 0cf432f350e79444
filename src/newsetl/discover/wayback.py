"""What a Wayback Machine has of the channel, by its CDX server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus, urlencode

from newsetl.discover import listing_pages
from newsetl.discover.web_archives import (
    CaptureSelector,
    IndexRecord,
    UrlPrefix,
    build_from_parameter,
    expand_prefixes,
    parse_timestamp,
)
from newsetl.errors import DiscoverError, OnError, StageError
from newsetl.fetch.client import Client
from newsetl.model import ArchiveLocation, Capture, Link, Window
from newsetl.reasons import Reason
from newsetl.sources.config import Source
from newsetl.sources.services import WaybackConfig

CDX_FIELDS = ("timestamp", "original", "digest")
# Rows an answer: some 150 bytes each, far below what is accepted as one response.
MAX_ROWS = 2000


def find_links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """The captures of the window's articles, part by part of the index; nothing if no archive is declared.

    A part that fails is told, and the next one goes on; once the archive is to be asked no more,
    that is told and no link follows.
    """
    archive = source.wayback
    if archive is None:
        return
    choice = CaptureSelector(source, window, "wayback")
    for part in expand_prefixes(archive.prefixes, window):
        for link in _query_prefix(archive, client, choice, part, on_error):
            if why := client.get_host_failure(archive.replay):
                on_error(archive.replay, DiscoverError(Reason.FETCH_FAILED, why))
                return
            yield link
        if client.get_host_failure(archive.cdx):
            return


def _query_prefix(
    archive: WaybackConfig, client: Client, selector: CaptureSelector, prefix: UrlPrefix, on_error: OnError
) -> Iterator[Link]:
    key, asked_with = "", set[str]()
    while key not in asked_with:
        asked_with.add(key)
        asked = f"{archive.cdx}?{urlencode(_build_query(prefix, selector.window, key))}"
        failure: StageError | None = None
        try:
            rows, key, failure = _parse_page(selector.source, archive, client.get(asked, kind="cdx"))
        except StageError as error:
            on_error(asked, error)
            return
        yield from selector.select_links(rows, asked)
        if failure:
            on_error(asked, failure)
        if failure or not key:
            return
    on_error(asked, DiscoverError(Reason.UNKNOWN_LAYOUT, f"{asked}: goes on with the key {key!r} for ever"))


def _build_query(prefix: UrlPrefix, window: Window, key: str) -> list[tuple[str, str]]:
    return [
        ("url", prefix.prefix),
        ("matchType", "prefix"),
        *build_from_parameter(window).items(),
        ("output", "json"),
        ("fl", ",".join(CDX_FIELDS)),
        ("filter", "statuscode:200"),
        ("filter", "mimetype:text/html"),
        *([("filter", f"original:{prefix.pattern}")] if prefix.pattern else []),
        # Of neighbours, which are captures of one address in the order of time.
        ("collapse", "digest"),
        ("limit", str(MAX_ROWS)),
        ("showResumeKey", "true"),
        # It is printed as it is to stand in an address.
        *([("resumeKey", unquote_plus(key))] if key else []),
    ]


def _parse_page(
    source: Source, archive: WaybackConfig, capture: Capture
) -> tuple[list[IndexRecord], str, DiscoverError | None]:
    """The rows of an answer, the key to go on with ("" at the end), and why it is not whole.

    Raises DiscoverError for what is no answer of a CDX server.
    """
    text, failure = capture.body.decode("utf-8", "replace").strip(), None
    try:
        # With nothing to tell, the server may send nothing.
        table: Any = json.loads(text or "[]")
    except ValueError as error:
        table = _salvage_rows(text)
        if not table:
            raise listing_pages.build_page_error(source, capture, f"CDX rows ({error})") from error
        count = len(table) - 1
        failure = DiscoverError(Reason.UNDECODABLE, f"{capture.url}: cut off after {count} whole rows")
    try:
        if table == []:
            return [], "", None
        head, *lines = table
        key = ""
        if [] in lines:
            end = lines.index([])
            (key,) = lines[end + 1]
            lines = lines[:end]
        named = [dict(zip(head, line, strict=True)) for line in lines]
        rows = [_build_record(archive, line["timestamp"], line["original"], line["digest"]) for line in named]
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise listing_pages.build_page_error(source, capture, f"table of CDX rows ({error!r})") from error
    return rows, key, failure


def _salvage_rows(text: str) -> list[Any]:
    """The rows before the place where the text was cut; a row that stands last may lack its end."""
    rows, at, decoder = list[Any](), 1, json.JSONDecoder()
    if not text.startswith("["):
        return rows
    while True:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
        try:
            row, at = decoder.raw_decode(text, at)
        except ValueError:
            # Beyond the empty row stands the key, which is no row.
            return rows[: rows.index([])] if [] in rows else rows
        rows.append(row)


def _build_record(archive: WaybackConfig, stamp: str, original: str, digest: str) -> IndexRecord:
    url = f"{archive.replay}{stamp}id_/{original}"
    return IndexRecord(original, digest, ArchiveLocation("wayback", url, parse_timestamp(stamp)))
