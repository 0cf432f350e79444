"""What Common Crawl has of the channel, by the index of each of its crawls."""

from __future__ import annotations

import json
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
    expand_prefixes,
    parse_timestamp,
)
from newsetl.errors import DiscoverError, FetchError, OnError, StageError
from newsetl.fetch.client import Client
from newsetl.fetch.throttle import get_host
from newsetl.model import ArchiveLocation, Capture, Link, Window
from newsetl.reasons import Reason
from newsetl.sources.config import Source
from newsetl.sources.services import CommonCrawlConfig

CDX_FIELDS = ("timestamp", "url", "digest", "filename", "offset", "length")


def find_links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """The captures of the window's articles, crawl by crawl from the oldest; nothing if none is declared.

    What fails is told and the next part or crawl goes on; once one of the hosts is to be asked no more,
    that is told and no link follows.
    """
    archive = source.commoncrawl
    if archive is None:
        return
    try:
        indexes = _list_indexes(source, archive, client.get(archive.collinfo, kind="cdx"), window)
    except StageError as error:
        on_error(archive.collinfo, error)
        return
    choice = CaptureSelector(source, window, "commoncrawl")
    for index in indexes:
        for part in expand_prefixes(archive.prefixes, window):
            for link in _query_prefix(archive, client, choice, index, part, on_error):
                if why := client.get_host_failure(archive.files):
                    on_error(archive.files, DiscoverError(Reason.FETCH_FAILED, why))
                    return
                yield link
            if client.get_host_failure(index):
                return


def _list_indexes(source: Source, archive: CommonCrawlConfig, capture: Capture, window: Window) -> list[str]:
    """The indexes of the crawls that may have the window's articles, the oldest crawl first."""
    try:
        # A crawl that does not say when it ended may have them.
        crawls = [
            (_parse_day(crawl.get("to")) or date.max, str(crawl["cdx-api"]))
            for crawl in json.loads(capture.body)
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise listing_pages.build_page_error(source, capture, f"list of crawls ({error!r})") from error
    for _, index in crawls:
        if get_host(index) != get_host(archive.collinfo):
            message = f"{capture.url}: names the index {index} on another host, which is not asked"
            raise DiscoverError(Reason.UNKNOWN_LAYOUT, message)
    since = window.since and window.since - timedelta(days=1)
    # The list has the newest first.
    late = [(ended_on, index) for ended_on, index in reversed(crawls) if since is None or ended_on >= since]
    return [index for _, index in sorted(late, key=lambda crawl: crawl[0])][: archive.max_crawls]


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
    asked = f"{index}?{urlencode([*query, ('showNumPages', 'true')])}"
    try:
        count = _parse_page_count(selector.source, _fetch_index_page(client, asked))
        query += [("filter", "=status:200"), ("filter", "=mime:text/html"), ("fl", ",".join(CDX_FIELDS))]
        if prefix.pattern:
            query.append(("filter", f"~url:{prefix.pattern}"))
        for number in range(count):
            asked = f"{index}?{urlencode([*query, ('page', str(number))])}"
            rows, failure = _parse_rows(selector.source, archive, _fetch_index_page(client, asked))
            yield from selector.select_links(rows, asked)
            if failure:
                on_error(asked, failure)
    except StageError as error:
        on_error(asked, error)


def _fetch_index_page(client: Client, url: str) -> Capture | None:
    """The index's answer; None if it says, by 404, that it has no captures."""
    try:
        return client.get(url, kind="cdx")
    except FetchError as error:
        if error.capture and error.capture.status == 404:
            return None
        raise


def _parse_page_count(source: Source, capture: Capture | None) -> int:
    if capture is None:
        return 0
    try:
        answer = json.loads(capture.body)
        return int(answer["pages"] if isinstance(answer, dict) else answer)
    except (ValueError, KeyError, TypeError) as error:
        raise listing_pages.build_page_error(source, capture, f"number of pages ({error!r})") from error


def _parse_rows(
    source: Source, archive: CommonCrawlConfig, capture: Capture | None
) -> tuple[list[IndexRecord], DiscoverError | None]:
    """The rows of a page, and why it is not whole. Raises DiscoverError for what is no page of an index."""
    rows: list[IndexRecord] = []
    if capture is None:
        return rows, None
    lines = capture.body.decode("utf-8", "replace").splitlines()
    for number, line in enumerate(lines):
        try:
            rows.append(_parse_row(archive, json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines) - 1 and rows:
                message = f"{capture.url}: cut off after {len(rows)} whole rows"
                return rows, DiscoverError(Reason.UNDECODABLE, message)
            raise listing_pages.build_page_error(source, capture, f"index row ({error!r})") from error
    return rows, None


def _parse_row(archive: CommonCrawlConfig, fields: dict[str, Any]) -> IndexRecord:
    held = ArchiveLocation(
        "commoncrawl",
        archive.files + fields["filename"],
        parse_timestamp(fields["timestamp"]),
        int(fields["offset"]),
        int(fields["length"]),
    )
    return IndexRecord(fields["url"], fields["digest"], held)
