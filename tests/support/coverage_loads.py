"""Requests for days, discovered links and random loads, from which the coverage table is made."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from newsetl.model import Batch, DiscoveredLink, DiscoveryMethod, DiscoveryQuery
from newsetl.reasons import Reason
from tests.support import factories
from tests.support.factories import NOON, Room, after, batch, page, reject, web

TODAY = date(2026, 3, 1)  # of factories.NOON, in Shanghai


def day(days_ago: int) -> date:
    """Return the day so many days before TODAY."""
    return TODAY - timedelta(days=days_ago)


def asking(
    method: DiscoveryMethod, since: date, until: date, *, minutes: int = 0, error: str | None = None
) -> DiscoveryQuery:
    """Make the record that a discovery method was used for these days."""
    return DiscoveryQuery("stdaily", method, since, until, after(minutes), 0, error)


def announcement(
    url: str, published_on: date, *, method: DiscoveryMethod = "listing", section: str = "News"
) -> DiscoveredLink:
    """Make the record of a discovered link."""
    return DiscoveredLink(
        "stdaily", url, method, section, None, published_on, f"{factories.HOME}/list.html", NOON
    )


def random_loads(turns: range) -> Iterator[Batch]:
    """Yield a batch for each turn: articles, rejects, links and requests, over a hundred days."""
    pick = random.Random(5)
    methods: tuple[DiscoveryMethod, ...] = ("listing", "sitemap", "search", "wayback")
    number = 0
    for turn in turns:
        at = after(1440 * (turn // 4))
        pages, rejected, announced, asked = [], [], [], []
        for _ in range(pick.randrange(4)):
            number += 1
            url, ago = web(pick.randrange(60)), pick.randrange(100)
            published_at = NOON - timedelta(days=ago)
            section = pick.choice(("News", "News", "Insight", "Case" if turn > 20 else None))
            pages.append(page(number, url, at=at, published_at=published_at, section=section, title=url))
            announced.append(announcement(url, day(max(0, ago - pick.choice((0, 0, 3)))), section="Insight"))
        for _ in range(pick.randrange(3)):
            number += 1
            url = web(pick.randrange(60, 90))
            announced.append(announcement(url, pick.choice((day(pick.randrange(100)), date(2026, 3, 31)))))
            reason = pick.choice((Reason.FETCH_FAILED, Reason.SOFT_404))
            rejected.append(reject(None, url, reason=reason, at=at))
        url, method = web(pick.randrange(80, 100)), pick.choice(methods)
        announced.append(announcement(url, day(pick.randrange(100)), method=method))
        if turn % 3 == 0:
            ago = 9 - turn // 4 if turn > 12 else pick.randrange(100)
            error = pick.choice((None, None, "HTTP 503"))
            since = day(ago + pick.randrange(5))
            given = asking(pick.choice(methods), since, day(ago), error=error)
            asked = [replace(given, queried_at=at + timedelta(days=9))]
        yield replace(
            batch(*pages, rejects=rejected), discovered_links=tuple(announced), discovery_queries=tuple(asked)
        )


def check_coverage(room: Room, turns: range, *, since: int = 0) -> tuple[int, int]:
    """Check after each random load, from turn `since` on, that coverage is as if made of everything.

    Return how many turns left some days alone, and the rows of the table at the end.
    """
    spared, made = 0, []
    connection = room.warehouse.connection
    for turn, given in zip(turns, random_loads(turns), strict=True):
        room.load(given)
        if turn < since:
            continue
        room.warehouse.rebuild_coverage("stdaily")
        made = room.ask("SELECT * FROM coverage ORDER BY ALL")
        days, anew = (
            room.one(f"SELECT count(DISTINCT published_on) FROM {name}")
            for name in ("coverage", "touched_days")
        )
        spared += days > anew
        connection.execute("INSERT INTO internal.coverage_queue VALUES ('stdaily', NULL, NULL)")
        room.warehouse.rebuild_coverage("stdaily")
        assert room.ask("SELECT * FROM coverage ORDER BY ALL") == made
    return spared, len(made)
