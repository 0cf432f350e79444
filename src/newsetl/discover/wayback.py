"""Discovery of a source's captures in a Wayback Machine, through its CDX server."""

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
    build_row_error,
    expand_prefixes,
    parse_each,
    parse_timestamp,
)
from newsetl.errors import DiscoverError, OnError, StageError
from newsetl.fetch.client import Client
from newsetl.model import ArchiveLocation, Capture, Link, Window
from newsetl.reasons import Reason
from newsetl.sources.config import Source
from newsetl.sources.services import WaybackConfig

CDX_FIELDS = ("timestamp", "original", "digest")
# Rows per response: at some 150 bytes each, far below fetch.max_bytes.
MAX_ROWS = 2000


def find_links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """Yield links to captures of the window's articles, prefix by prefix of the index.

    Yield nothing if the source declares no Wayback Machine. A prefix that fails is passed to `on_error`,
    and the next prefix goes on. No link follows once the client has given up the archive's host.
    """
    archive = source.wayback
    if archive is None:
        return
    selector = CaptureSelector(source, window, "wayback")
    for prefix in expand_prefixes(archive.prefixes, window):
        for link in _query_prefix(archive, client, selector, prefix, on_error):
            if failure := client.get_host_failure(archive.replay):
                on_error(archive.replay, DiscoverError(Reason.FETCH_FAILED, failure))
                return
            yield link
        if client.get_host_failure(archive.cdx):
            return


def _query_prefix(
    archive: WaybackConfig, client: Client, selector: CaptureSelector, prefix: UrlPrefix, on_error: OnError
) -> Iterator[Link]:
    key, seen_keys = "", set[str]()
    while key not in seen_keys:
        seen_keys.add(key)
        query_url = f"{archive.cdx}?{urlencode(_build_query(prefix, selector.window, key))}"
        failure: StageError | None = None
        try:
            rows, key, failure = _parse_page(selector.source, archive, client.get(query_url, kind="cdx"))
        except StageError as error:
            on_error(query_url, error)
            return
        yield from selector.select_links(rows, query_url)
        if failure:
            on_error(query_url, failure)
        if not key:
            return
    on_error(query_url, DiscoverError(Reason.UNKNOWN_LAYOUT, f"{query_url}: the resume key {key!r} repeats"))


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
        # Drop a capture with the same body as the URL's capture before it.
        ("collapse", "digest"),
        ("limit", str(MAX_ROWS)),
        ("showResumeKey", "true"),
        # The server sends the key URL-encoded.
        *([("resumeKey", unquote_plus(key))] if key else []),
    ]


def _parse_page(
    source: Source, archive: WaybackConfig, capture: Capture
) -> tuple[list[IndexRecord], str, DiscoverError | None]:
    """Return the rows, the resume key ("" at the end), and the error if rows are malformed or missing.

    Raise DiscoverError for a response that is no CDX table.
    """
    text, failure = capture.body.decode("utf-8", "replace").strip(), None
    try:
        # The server may send an empty body if it has no captures.
        table: Any = json.loads(text or "[]")
    except ValueError as error:
        table = _salvage_rows(text)
        if not table:
            raise listing_pages.build_page_error(source, capture, f"CDX rows ({error})") from error
        count = len(table) - 1
        failure = DiscoverError(Reason.UNDECODABLE, f"{capture.url}: truncated after {count} complete rows")
    try:
        if table == []:
            return [], "", None
        header, *lines = table
        key = ""
        if [] in lines:
            end = lines.index([])
            (key,) = lines[end + 1]
            lines = lines[:end]
        rows, failures = parse_each(lines, lambda line: _parse_row(archive, header, line))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise listing_pages.build_page_error(source, capture, f"table of CDX rows ({error!r})") from error
    if lines and not rows:
        raise listing_pages.build_page_error(source, capture, f"table of CDX rows ({failures[0]!r})")
    failure = failure or build_row_error(capture.url, len(lines), failures)
    return rows, key, failure


def _salvage_rows(text: str) -> list[Any]:
    """Return the complete rows of a truncated JSON table."""
    rows, position, decoder = list[Any](), 1, json.JSONDecoder()
    if not text.startswith("["):
        return rows
    while True:
        position += len(text[position:]) - len(text[position:].lstrip(" \t\r\n,"))
        try:
            row, position = decoder.raw_decode(text, position)
        except ValueError:
            # The resume key, which is no row, follows an empty row.
            return rows[: rows.index([])] if [] in rows else rows
        rows.append(row)


def _parse_row(archive: WaybackConfig, header: list[str], line: list[str]) -> IndexRecord:
    fields = dict(zip(header, line, strict=True))
    stamp, original = fields["timestamp"], fields["original"]
    url = f"{archive.replay}{stamp}id_/{original}"
    return IndexRecord(
        original, fields.get("digest") or url, ArchiveLocation("wayback", url, parse_timestamp(stamp))
    )
