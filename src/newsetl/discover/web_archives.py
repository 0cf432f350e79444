"""Queries and selection of captures that both web archives share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from newsetl.errors import DiscoverError
from newsetl.model import ArchiveLocation, DiscoveryMethod, Link, Window
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source

T = TypeVar("T")

TIMESTAMP_FORMAT = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """One capture in an archive's index: original URL, digest of the body, location in the archive."""

    original: str
    digest: str
    location: ArchiveLocation


@dataclass(frozen=True, slots=True)
class UrlPrefix:
    """URL prefix to query an index for, with an optional pattern for the whole URL."""

    prefix: str
    pattern: str | None = None


def expand_prefixes(templates: tuple[str, ...], window: Window) -> list[UrlPrefix]:
    """Expand each template for each month of the window; cut its months off if the window is open."""
    if window.since is None or window.until is None:
        texts = [template.partition("{")[0] for template in templates]
    else:
        months = list(_list_months(window.since, window.until))
        texts = [
            template.format(year=f"{month:%Y}", month=f"{month:%m}")
            for template in templates
            for month in months
        ]
    return [_parse_prefix(text) for text in dict.fromkeys(texts)]


def _parse_prefix(text: str) -> UrlPrefix:
    prefix, star, _ = text.partition("*")
    if not star:
        return UrlPrefix(text)
    # The pattern has the path alone, because archives store several forms of the host.
    path = text[text.index("/") :]
    return UrlPrefix(prefix, f".*{'[^/]*'.join(map(re.escape, path.split('*')))}.*")


def _list_months(since: date, until: date) -> Iterator[date]:
    month = since.replace(day=1)
    while month <= until:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def build_from_parameter(window: Window) -> dict[str, str]:
    """Build the `from` parameter: no capture is older than its article.

    There is no `to` parameter, because an archive may capture a page years later.
    """
    # The window's first day may begin on the day before in UTC.
    return {"from": f"{window.since - timedelta(days=1):%Y%m%d}"} if window.since else {}


def parse_timestamp(stamp: str) -> datetime:
    """Parse a timestamp of fourteen digits into UTC. Raise ValueError for other text."""
    return datetime.strptime(stamp, TIMESTAMP_FORMAT).replace(tzinfo=UTC)


def parse_each(
    lines: Iterable[T], parse: Callable[[T], IndexRecord]
) -> tuple[list[IndexRecord], list[Exception]]:
    """Parse the rows of an index. Return the records, and the errors of malformed rows."""
    rows: list[IndexRecord] = []
    failures: list[Exception] = []
    for line in lines:
        try:
            rows.append(parse(line))
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            failures.append(error)
    return rows, failures


def build_row_error(url: str, rows: int, failures: list[Exception]) -> DiscoverError | None:
    """Return the error of an index page with malformed rows, None without any."""
    if not failures:
        return None
    message = f"{url}: {len(failures)} of {rows} rows are malformed or truncated ({failures[0]!r})"
    return DiscoverError(Reason.UNDECODABLE, message)


@dataclass(slots=True)
class CaptureSelector:
    """Selector of captures: per article and day the oldest one of each distinct body."""

    source: Source
    window: Window
    method: DiscoveryMethod
    _seen: set[tuple[str, date, str]] = field(default_factory=set)

    def select_links(self, rows: list[IndexRecord], discovered_from: str) -> Iterator[Link]:
        """Yield a link per selected row, the oldest first."""
        for row in sorted(rows, key=lambda row: row.location.taken_at):
            link = Link(
                self.source.slug,
                urls.canonicalise(self.source, row.original),
                discovered_from,
                method=self.method,
                archive_location=row.location,
            )
            key = (link.url, row.location.taken_at.date(), row.digest)
            if key not in self._seen and self._is_wanted(link, row.location.taken_at):
                self._seen.add(key)
                yield link

    def _is_wanted(self, link: Link, taken_at: datetime) -> bool:
        if not urls.is_article(self.source, link.url):
            return False
        since, taken_on = self.window.since, taken_at.astimezone(self.source.timezone).date()
        return urls.may_be_in_window(self.source, link, self.window) and (since is None or taken_on >= since)
