"""What Common Crawl has of the channel, by the index of each of its crawls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from newsetl.discover import listing_pages
from newsetl.discover.web_archives import Choice, Part, Row, earliest, moment, parts
from newsetl.errors import DiscoverError, FetchError, OnError, StageError
from newsetl.fetch.client import Client
from newsetl.fetch.throttle import host_of
from newsetl.model import Capture, Held, Link, Window
from newsetl.reasons import Reason
from newsetl.sources.config import Source
from newsetl.sources.services import CommonCrawl

FIELDS = ("timestamp", "url", "digest", "filename", "offset", "length")


def links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """The captures of the window's articles, crawl by crawl from the oldest; nothing if none is declared.

    What fails is told and the next part or crawl goes on; once one of the hosts is to be asked no more,
    that is told and no link follows.
    """
    archive = source.commoncrawl
    if archive is None:
        return
    try:
        indexes = _indexes(source, archive, client.get(archive.collinfo, why="cdx"), window)
    except StageError as error:
        on_error(archive.collinfo, error)
        return
    choice = Choice(source, window, "commoncrawl")
    for index in indexes:
        for part in parts(archive.prefixes, window):
            for link in _of_part(archive, client, choice, index, part, on_error):
                if why := client.left(archive.files):
                    on_error(archive.files, DiscoverError(Reason.FETCH_FAILED, why))
                    return
                yield link
            if client.left(index):
                return


def _indexes(source: Source, archive: CommonCrawl, capture: Capture, window: Window) -> list[str]:
    """The indexes of the crawls that may have the window's articles, the oldest crawl first."""
    try:
        # A crawl that does not say when it ended may have them.
        crawls = [
            (_day(crawl.get("to")) or date.max, str(crawl["cdx-api"])) for crawl in json.loads(capture.body)
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise listing_pages.refusal(source, capture, f"list of crawls ({error!r})") from error
    for _, index in crawls:
        if host_of(index) != host_of(archive.collinfo):
            message = f"{capture.url}: names the index {index} on another host, which is not asked"
            raise DiscoverError(Reason.UNKNOWN_LAYOUT, message)
    since = window.since and window.since - timedelta(days=1)
    # The list has the newest first.
    late = [(ended_on, index) for ended_on, index in reversed(crawls) if since is None or ended_on >= since]
    return [index for _, index in sorted(late, key=lambda crawl: crawl[0])][: archive.max_crawls]


def _day(text: str | None) -> date | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).date() if text else None


def _of_part(
    archive: CommonCrawl,
    client: Client,
    choice: Choice,
    index: str,
    part: Part,
    on_error: OnError,
) -> Iterator[Link]:
    query = [
        ("url", part.prefix),
        ("matchType", "prefix"),
        *earliest(choice.window).items(),
        ("output", "json"),
    ]
    number, count = 0, 1
    asked = f"{index}?{urlencode([*query, ('showNumPages', 'true')])}"
    try:
        count = _page_count(choice.source, _got(client, asked))
        query += [("filter", "=status:200"), ("filter", "=mime:text/html"), ("fl", ",".join(FIELDS))]
        if part.pattern:
            query.append(("filter", f"~url:{part.pattern}"))
        for number in range(count):
            asked = f"{index}?{urlencode([*query, ('page', str(number))])}"
            rows, failure = _rows(choice.source, archive, _got(client, asked))
            yield from choice.links(rows, asked)
            if failure:
                on_error(asked, failure)
    except StageError as error:
        on_error(asked, error)


def _got(client: Client, asked: str) -> Capture | None:
    """The index's answer; None if it says, by 404, that it has no captures."""
    try:
        return client.get(asked, why="cdx")
    except FetchError as error:
        if error.capture and error.capture.status == 404:
            return None
        raise


def _page_count(source: Source, capture: Capture | None) -> int:
    if capture is None:
        return 0
    try:
        answer = json.loads(capture.body)
        return int(answer["pages"] if isinstance(answer, dict) else answer)
    except (ValueError, KeyError, TypeError) as error:
        raise listing_pages.refusal(source, capture, f"number of pages ({error!r})") from error


def _rows(
    source: Source, archive: CommonCrawl, capture: Capture | None
) -> tuple[list[Row], DiscoverError | None]:
    """The rows of a page, and why it is not whole. Raises DiscoverError for what is no page of an index."""
    rows: list[Row] = []
    if capture is None:
        return rows, None
    lines = capture.body.decode("utf-8", "replace").splitlines()
    for number, line in enumerate(lines):
        try:
            rows.append(_row(archive, json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines) - 1 and rows:
                message = f"{capture.url}: cut off after {len(rows)} whole rows"
                return rows, DiscoverError(Reason.UNDECODABLE, message)
            raise listing_pages.refusal(source, capture, f"index row ({error!r})") from error
    return rows, None


def _row(archive: CommonCrawl, fields: dict[str, Any]) -> Row:
    held = Held(
        "commoncrawl",
        archive.files + fields["filename"],
        moment(fields["timestamp"]),
        int(fields["offset"]),
        int(fields["length"]),
    )
    return Row(fields["url"], fields["digest"], held)
