"""Discovery of a source's captures in Common Crawl, through the CDX index of each crawl."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

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
from newsetl.errors import DiscoverError, FetchError, OnError, StageError
from newsetl.fetch.client import Client
from newsetl.fetch.throttle import get_host
from newsetl.model import ArchiveLocation, Capture, Link, Window
from newsetl.reasons import Reason
from newsetl.sources.config import Source
from newsetl.sources.services import CommonCrawlConfig

_NO_CAPTURES = re.compile(rb"no captures found", re.IGNORECASE)
CDX_FIELDS = ("timestamp", "url", "digest", "filename", "offset", "length")


def find_links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """Yield links to captures of the window's articles, crawl by crawl from the oldest.

    Yield nothing if the source declares no Common Crawl. A query that fails is passed to `on_error`, and
    the next query goes on. No link follows once the client has given up one of the hosts.
    """
    archive = source.commoncrawl
    if archive is None:
        return
    try:
        indexes = _list_indexes(source, archive, client.get(archive.collinfo, kind="cdx"), window)
    except StageError as error:
        on_error(archive.collinfo, error)
        return
    selector = CaptureSelector(source, window, "commoncrawl")
    for index in indexes:
        for prefix in expand_prefixes(archive.prefixes, window):
            for link in _query_prefix(archive, client, selector, index, prefix, on_error):
                if failure := client.get_host_failure(archive.files):
                    on_error(archive.files, DiscoverError(Reason.FETCH_FAILED, failure))
                    return
                yield link
            if client.get_host_failure(index):
                return


def _list_indexes(source: Source, archive: CommonCrawlConfig, capture: Capture, window: Window) -> list[str]:
    """Return the index URLs of the crawls that may hold the window's articles, the oldest first."""
    try:
        # A crawl without an end date may hold them too.
        crawls = [
            (_parse_day(crawl.get("to")) or date.max, str(crawl["cdx-api"]))
            for crawl in json.loads(capture.body)
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise listing_pages.build_page_error(source, capture, f"list of crawls ({error!r})") from error
    if not crawls:
        raise DiscoverError(Reason.EMPTY_BODY, f"{capture.url}: the list of crawls is empty; try again later")
    for _, index in crawls:
        if get_host(index) != get_host(archive.collinfo):
            message = f"{capture.url}: the index {index} is on another host and is not queried"
            raise DiscoverError(Reason.UNKNOWN_LAYOUT, message)
    since = window.since and window.since - timedelta(days=1)
    # The list begins with the newest crawl.
    late_crawls = [
        (ended_on, index) for ended_on, index in reversed(crawls) if since is None or ended_on >= since
    ]
    return [index for _, index in sorted(late_crawls, key=lambda crawl: crawl[0])][: archive.max_crawls]


def _parse_day(text: str | None) -> date | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).date() if text else None


def _query_prefix(
    archive: CommonCrawlConfig,
    client: Client,
    selector: CaptureSelector,
    index: str,
    prefix: UrlPrefix,
    on_error: OnError,
) -> Iterator[Link]:
    query = [
        ("url", prefix.prefix),
        ("matchType", "prefix"),
        *build_from_parameter(selector.window).items(),
        ("output", "json"),
    ]
    number, count = 0, 1
    query_url = f"{index}?{urlencode([*query, ('showNumPages', 'true')])}"
    try:
        count = _parse_page_count(selector.source, _fetch_index_page(client, query_url))
        query += [("filter", "=status:200"), ("filter", "=mime:text/html"), ("fl", ",".join(CDX_FIELDS))]
        if prefix.pattern:
            query.append(("filter", f"~url:{prefix.pattern}"))
        for number in range(count):
            query_url = f"{index}?{urlencode([*query, ('page', str(number))])}"
            rows, failure = _parse_rows(selector.source, archive, _fetch_index_page(client, query_url))
            yield from selector.select_links(rows, query_url)
            if failure:
                on_error(query_url, failure)
    except StageError as error:
        on_error(query_url, error)


def _fetch_index_page(client: Client, url: str) -> Capture | None:
    """Return the index's response, or None for its 404 with "No Captures found".

    Any other 404 is from a proxy or an outage, and is raised as FetchError.
    """
    try:
        return client.get(url, kind="cdx")
    except FetchError as error:
        if error.capture and error.capture.status == 404 and _NO_CAPTURES.search(error.capture.body):
            return None
        raise


def _parse_page_count(source: Source, capture: Capture | None) -> int:
    if capture is None:
        return 0
    try:
        result = json.loads(capture.body)
        return int(result["pages"] if isinstance(result, dict) else result)
    except (ValueError, KeyError, TypeError) as error:
        raise listing_pages.build_page_error(source, capture, f"number of pages ({error!r})") from error


def _parse_rows(
    source: Source, archive: CommonCrawlConfig, capture: Capture | None
) -> tuple[list[IndexRecord], DiscoverError | None]:
    """Return the rows of an index page, and the error if rows are malformed or missing.

    Raise DiscoverError for a page without any row, unless it is empty.
    """
    if capture is None:
        return [], None
    lines = [line for line in capture.body.decode("utf-8", "replace").splitlines() if line.strip()]
    rows, failures = parse_each(lines, lambda line: _parse_row(archive, json.loads(line)))
    if lines and not rows:
        raise listing_pages.build_page_error(source, capture, f"index row ({failures[0]!r})")
    return rows, build_row_error(capture.url, len(lines), failures)


def _parse_row(archive: CommonCrawlConfig, fields: dict[str, Any]) -> IndexRecord:
    location = ArchiveLocation(
        "commoncrawl",
        archive.files + fields["filename"],
        parse_timestamp(fields["timestamp"]),
        int(fields["offset"]),
        int(fields["length"]),
    )
    return IndexRecord(fields["url"], fields.get("digest") or location.locator, location)
