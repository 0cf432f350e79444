"""Days of a source that each discovery method has covered in one discovery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median_high

from newsetl.model import DiscoveryMethod, DiscoveryQuery, Link, Window
from newsetl.sources.config import Source

# Discovery methods that show only the newest articles.
NEWEST_FIRST_METHODS: tuple[DiscoveryMethod, ...] = ("listing", "sitemap", "feed")

_DAY = timedelta(days=1)
# A sitemap or feed is not trusted beyond a longer gap between two days: a leftover entry or a wrong date
# looks like a real gap.
LONGEST_GAP = timedelta(days=14)


@dataclass(slots=True)
class DiscoveryCoverage:
    """Days covered by the newest-first methods in one discovery.

    A listing is sorted newest first, so the listing covers every day after the median day of its last
    page. One or two rows out of order (pinned, or with a wrong date) do not move the median. A sitemap or
    feed has no order: its coverage goes back to the first gap longer than LONGEST_GAP.
    """

    source: Source
    window: Window
    _found: Counter[DiscoveryMethod] = field(default_factory=Counter)
    _errors: dict[DiscoveryMethod, list[str]] = field(default_factory=dict)
    _days_by_method: dict[DiscoveryMethod, set[date]] = field(default_factory=dict)
    _pages: dict[str, list[date]] = field(default_factory=dict)
    _truncated: set[str] = field(default_factory=set)

    def add_link(self, link: Link, days: tuple[date, date] | None, *, is_wanted: bool) -> None:
        """Record a link, its first and last possible day if known, and if the window may hold the link."""
        self._found[link.method] += is_wanted
        if days and days[0] == days[1] and link.method != "listing":
            self._days_by_method.setdefault(link.method, set()).add(days[0])

    def add_listing_page(self, listing: str, days: Iterable[tuple[date, date] | None]) -> None:
        """Record a parsed page of `listing` with the possible days of its rows."""
        self._pages[listing] = [row[0] for row in days if row and row[0] == row[1]]

    def mark_truncated(self, listing: str) -> None:
        """Record that the listing has, or once had, more pages than were parsed."""
        self._truncated.add(listing)

    def add_error(self, method: DiscoveryMethod, message: str) -> None:
        """Record that a listing, sitemap or feed of the method failed."""
        self._errors.setdefault(method, []).append(message)

    def build_queries(self, queried_at: datetime) -> tuple[DiscoveryQuery, ...]:
        """Return one query per method, with the days that the method covers.

        A method that failed and covers no day counts for the whole window, or for the refetch days.
        """
        today = queried_at.astimezone(self.source.timezone).date()
        until, recent = self.window.until or today, timedelta(days=self.source.discover.refetch_days)
        queries = []
        for method in NEWEST_FIRST_METHODS:
            since = self._get_listings_start() if method == "listing" else self._get_start(method, today)
            messages = self._errors.get(method, [])
            suffix = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
            error = f"{messages[0]}{suffix}" if messages else None
            if error:
                since = min(since or self.window.since or today - recent, until)
            if since and self.window.since:
                since = max(since, self.window.since)
            if since and since <= until:
                queries.append(
                    DiscoveryQuery(
                        self.source.slug, method, since, until, queried_at, self._found[method], error
                    )
                )
        return tuple(queries)

    def _get_listings_start(self) -> date | None:
        """Return the first day that every listing covers; None if one of the listings has no usable date."""
        if not self._pages or any(not self._pages.get(listing) for listing in self._truncated):
            return None
        if self._truncated:
            return max(median_high(self._pages[listing]) for listing in self._truncated) + _DAY
        if self.window.since:
            return self.window.since
        return min((median_high(days) for days in self._pages.values() if days), default=None)

    def _get_start(self, method: DiscoveryMethod, today: date) -> date | None:
        """Return the first covered day: the day after the oldest one before a long gap.

        The oldest day itself may be truncated in the sitemap or feed.
        """
        days = sorted((day for day in self._days_by_method.get(method, ()) if day <= today), reverse=True)
        if not days:
            return None
        gaps = (later for later, earlier in pairwise(days) if later - earlier > LONGEST_GAP)
        return next(gaps, days[-1]) + _DAY
