"""What web archives have in common: which addresses are asked for, and which captures are worth having."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from newsetl.model import Held, Link, Way, Window
from newsetl.sources import urls
from newsetl.sources.config import Source

STAMP = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class Row:
    """One capture in an archive's index: the address as the archive has it, and the body's digest."""

    original: str
    digest: str
    held: Held


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an index: the addresses with the prefix that match the pattern, if there is one."""

    prefix: str
    pattern: str | None = None


def parts(templates: tuple[str, ...], window: Window) -> list[Part]:
    """What each template stands for in each month of the window; without its months if the window is open."""
    if window.since is None or window.until is None:
        texts = [template.partition("{")[0] for template in templates]
    else:
        months = list(_months(window.since, window.until))
        texts = [
            template.format(year=f"{month:%Y}", month=f"{month:%m}")
            for template in templates
            for month in months
        ]
    return [_part(text) for text in dict.fromkeys(texts)]


def _part(text: str) -> Part:
    prefix, star, _ = text.partition("*")
    if not star:
        return Part(text)
    # The path alone: archives have the host in several forms, with its port too.
    path = text[text.index("/") :]
    return Part(prefix, f".*{'[^/]*'.join(map(re.escape, path.split('*')))}.*")


def _months(since: date, until: date) -> Iterator[date]:
    month = since.replace(day=1)
    while month <= until:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def earliest(window: Window) -> dict[str, str]:
    """The parameter for captures of the window's days and later, as none is older than its article.

    There is none for the other end: an archive may come by years later.
    """
    # The window's day may begin while it is still the day before in UTC.
    return {"from": f"{window.since - timedelta(days=1):%Y%m%d}"} if window.since else {}


def moment(stamp: str) -> datetime:
    """Fourteen digits as a time in UTC. Raises ValueError."""
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)


@dataclass(slots=True)
class Choice:
    """Makes links of rows: of each article and day the oldest capture of each distinct body."""

    source: Source
    window: Window
    method: Way
    _seen: set[tuple[str, date, str]] = field(default_factory=set)

    def links(self, rows: list[Row], discovered_from: str) -> Iterator[Link]:
        """The rows that are worth having, the oldest first."""
        for row in sorted(rows, key=lambda row: row.held.taken_at):
            link = Link(
                self.source.slug,
                urls.canonical(self.source, row.original),
                discovered_from,
                method=self.method,
                held=row.held,
            )
            state = (link.url, row.held.taken_at.date(), row.digest)
            if state not in self._seen and self._is_wanted(link, row.held.taken_at):
                self._seen.add(state)
                yield link

    def _is_wanted(self, link: Link, taken_at: datetime) -> bool:
        if not urls.is_article(self.source, link.url):
            return False
        since, taken_on = self.window.since, taken_at.astimezone(self.source.timezone).date()
        return urls.may_be_in(self.source, link, self.window) and (since is None or taken_on >= since)
