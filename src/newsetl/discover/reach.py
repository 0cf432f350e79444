"""How far back each way of finding has shown a source's articles, and so which days it was asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from newsetl.model import Asking, Link, Way, Window
from newsetl.sources import Source

_DAY = timedelta(days=1)


@dataclass(slots=True)
class _List:
    """The links of one list: how many there were, and the oldest day that one of them is surely of."""

    links: int = 0
    oldest: date | None = None


@dataclass(slots=True)
class Reach:
    """What the ways that show only the newest articles have shown, in one discovery."""

    source: Source
    window: Window
    _lists: dict[tuple[Way, str | None], _List] = field(default_factory=dict)
    _found: Counter[Way] = field(default_factory=Counter)
    _errors: dict[Way, list[str]] = field(default_factory=dict)

    def saw(self, link: Link, days: tuple[date, date] | None, *, is_wanted: bool) -> None:
        """A link, of these days if that is known; `is_wanted` if it may be in the window."""
        # A sitemap or feed is one list whatever its parts; the channel cuts it, and each section's listing.
        shown = self._lists.setdefault((link.way, link.section if link.way == "listing" else None), _List())
        shown.links += 1
        self._found[link.way] += is_wanted
        if days and days[0] == days[1] and (shown.oldest is None or days[0] < shown.oldest):
            shown.oldest = days[0]

    def failed(self, way: Way, message: str) -> None:
        """A part of the way could not be read."""
        self._errors.setdefault(way, []).append(message)

    def askings(self, asked_at: datetime) -> tuple[Asking, ...]:
        """What each way was asked for, as of now."""
        until = self.window.until or asked_at.astimezone(self.source.timezone).date()
        made = []
        for way in sorted({way for way, _ in self._lists} | self._errors.keys()):
            since = self._since(way) or self.window.since or until
            messages = self._errors.get(way, [])
            more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
            error = f"{messages[0]}{more}" if messages else None
            if since <= until:
                made.append(Asking(self.source.slug, way, since, until, asked_at, self._found[way], error))
        return tuple(made)

    def _since(self, way: Way) -> date | None:
        """The first day of the window that the way reaches; None if nothing tells."""
        shown = [each for (which, _), each in self._lists.items() if which == way and each.oldest]
        days = [each.oldest for each in shown if each.oldest]
        if not days:
            return None
        discover = self.source.discover
        most = discover.max_pages * discover.page_size
        # A list that was cut may lack some articles of its oldest day.
        cut = [
            each.oldest + _DAY for each in shown if each.oldest and (way != "listing" or each.links >= most)
        ]
        reached = max(cut, default=None)
        if self.window.since is None:
            return reached or min(days)
        return max(self.window.since, reached or self.window.since)
