"""How far back each way of finding has shown a source's articles, and so which days it was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median_high

from newsetl.model import DiscoveryMethod, DiscoveryQuery, Link, Window
from newsetl.sources.config import Source

# The ways on which a site shows its newest articles.
NEWEST_FIRST_METHODS: tuple[DiscoveryMethod, ...] = ("listing", "sitemap", "feed")

_DAY = timedelta(days=1)
# A sitemap or feed with a longer gap between two days is not trusted beyond it: an old entry that was
# left, or a date that is wrong, looks the same as a pause.
LONGEST_GAP = timedelta(days=14)


@dataclass(slots=True)
class DiscoveryCoverage:
    """What the ways that show only the newest articles have shown, in one discovery.

    A listing has the newest first, so what is newer than the middle of the last page that was read stood
    before it; a row or two out of order (pinned, or dated wrong) move nothing. A sitemap or feed has no
    order: it reaches back as long as it names days without a long pause.
    """

    source: Source
    window: Window
    _found: Counter[DiscoveryMethod] = field(default_factory=Counter)
    _errors: dict[DiscoveryMethod, list[str]] = field(default_factory=dict)
    _days_by_method: dict[DiscoveryMethod, set[date]] = field(default_factory=dict)
    _pages: dict[str, list[date]] = field(default_factory=dict)
    _truncated: set[str] = field(default_factory=set)

    def add_link(self, link: Link, days: tuple[date, date] | None, *, is_wanted: bool) -> None:
        """A link, of these days if that is known; `is_wanted` if it may be in the window."""
        self._found[link.method] += is_wanted
        if days and days[0] == days[1] and link.method != "listing":
            self._days_by_method.setdefault(link.method, set()).add(days[0])

    def add_listing_page(self, listing: str, days: Iterable[tuple[date, date] | None]) -> None:
        """A page of a listing was read, with rows of these days."""
        self._pages[listing] = [each[0] for each in days if each and each[0] == each[1]]

    def mark_truncated(self, listing: str) -> None:
        """The listing goes on, or did once, where reading it ended."""
        self._truncated.add(listing)

    def add_error(self, method: DiscoveryMethod, message: str) -> None:
        """A part of the way could not be read."""
        self._errors.setdefault(method, []).append(message)

    def discovery_queries(self, queried_at: datetime) -> tuple[DiscoveryQuery, ...]:
        """What each way was asked for, as of now: the days that it reaches.

        A way that failed and reaches none was asked for the whole window, or for the recent days.
        """
        today = queried_at.astimezone(self.source.timezone).date()
        until, recent = self.window.until or today, timedelta(days=self.source.discover.refetch_days)
        made = []
        for method in NEWEST_FIRST_METHODS:
            since = self._get_listings_start() if method == "listing" else self._get_start(method, today)
            messages = self._errors.get(method, [])
            more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
            error = f"{messages[0]}{more}" if messages else None
            if error:
                since = min(since or self.window.since or today - recent, until)
            if since and self.window.since:
                since = max(since, self.window.since)
            if since and since <= until:
                made.append(
                    DiscoveryQuery(
                        self.source.slug, method, since, until, queried_at, self._found[method], error
                    )
                )
        return tuple(made)

    def _get_listings_start(self) -> date | None:
        """The first day that all listings reach together; None if one of them does not tell."""
        if not self._pages or any(not self._pages.get(listing) for listing in self._truncated):
            return None
        if self._truncated:
            return max(median_high(self._pages[listing]) for listing in self._truncated) + _DAY
        if self.window.since:
            return self.window.since
        return min((median_high(days) for days in self._pages.values() if days), default=None)

    def _get_start(self, method: DiscoveryMethod, today: date) -> date | None:
        """The day after the oldest that is named before a long pause: the list may be cut in that one."""
        days = sorted((day for day in self._days_by_method.get(method, ()) if day <= today), reverse=True)
        if not days:
            return None
        pauses = (later for later, earlier in pairwise(days) if later - earlier > LONGEST_GAP)
        return next(pauses, days[-1]) + _DAY
