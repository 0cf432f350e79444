"""Past dates, day by day: what every way of finding knows of a day is fetched, loaded and written down.

A day is done when its askings are written; so a backfill that died goes on with the days that are left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from newsetl import urls
from newsetl.client import Client
from newsetl.discover import Discovery, commoncrawl, search, wayback
from newsetl.discover.reach import SHOWING
from newsetl.errors import ConfigError, FetchError, StageError
from newsetl.fetch import fetch
from newsetl.load import Day, Warehouse
from newsetl.model import Article, Asking, Capture, Link, Reason, Way, Window
from newsetl.pipeline import Run, Stopped, Summary, refusal
from newsetl.reading import read
from newsetl.sources import Source

# Days in these states have nothing left to be had.
DONE = ("complete", "quiet")
BROKEN = ("failed", "partial")
SERVICES = {"search": search.links, "wayback": wayback.links, "commoncrawl": commoncrawl.links}


@dataclass(slots=True)
class Backfilled(Summary):
    """What a backfill did: `days_due` of the window had something left, `days_done` of them are done.

    `articles` were read from pages, `copies` are pages from archives, `lost` ways that failed, by days.
    """

    days: int = 0
    days_due: int = 0
    days_done: int = 0
    articles: int = 0
    copies: int = 0
    lost: Counter[Way] = field(default_factory=Counter)


def ways_of(source: Source) -> tuple[Way, ...]:
    """The ways on which the source's past can be found, as its file declares them."""
    has: dict[Way, object] = {
        "listing": source.discover.index,
        "sitemap": source.discover.sitemaps,
        "feed": source.discover.feeds,
        "search": source.search,
        "wayback": source.wayback,
        "commoncrawl": source.commoncrawl,
    }
    return tuple(way for way, declared in has.items() if declared)


def checked(source: Source, window: Window, *, now: datetime) -> Window:
    """The window, both ends given. Raises ConfigError for one that the channel cannot have."""
    today = now.astimezone(source.timezone).date()
    since, until = window.since, window.until or today
    if since is None:
        raise ConfigError("--since is missing: the first day to fill")
    if since > until:
        raise ConfigError(f"--since {since} is after --until {until}; exchange them")
    if until > today:
        raise ConfigError(f"--until {until} is in the future; today is {today} in {source.timezone}")
    if until < source.first_day:
        raise ConfigError(f"{source.slug} has published since {source.first_day}; the window ends before")
    return Window(max(since, source.first_day), until)


def chosen_ways(source: Source, ways: Collection[Way] | None) -> tuple[Way, ...]:
    """Those of the source's ways that were named, or all. Raises ConfigError for one that it has not."""
    declared = ways_of(source)
    if unknown := [way for way in ways or () if way not in declared]:
        raise ConfigError(f"{source.slug} has no way {unknown[0]!r}; it has: {', '.join(declared)}")
    return tuple(way for way in declared if ways is None or way in ways)


def due_days(
    source: Source,
    warehouse: Warehouse,
    window: Window,
    *,
    ways: Collection[Way],
    is_again: bool = False,
    is_retry: bool = False,
    is_oldest_first: bool = False,
) -> tuple[date, ...]:
    """The days of the window of which the ways may bring something, the newest first."""
    assert window.since
    assert window.until
    warehouse.register_source(source)
    warehouse.cover(source.slug)
    ledger = warehouse.days(source.slug)
    days = [window.since + timedelta(days=n) for n in range((window.until - window.since).days + 1)]
    if is_retry:
        days = [day for day in days if day in ledger and ledger[day].state in BROKEN]
    elif not is_again:
        days = [day for day in days if day not in ledger or _is_due(ledger[day], ways)]
    return tuple(days if is_oldest_first else reversed(days))


def _is_due(day: Day, ways: Collection[Way]) -> bool:
    """True unless the day is done, or all that can be asked for a single day was asked and had."""
    if day.state in DONE:
        return False
    services = {way for way in ways if way in SERVICES}
    return bool(day.missing or day.failed_by.intersection(ways) or not services or services - day.asked_by)


def backfill(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    window: Window,
    ways: Collection[Way] | None = None,
    contact: str | None = None,
    is_again: bool = False,
    is_retry: bool = False,
    is_oldest_first: bool = False,
    on_progress: Callable[[Backfilled], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Backfilled:
    """Fills the days of `window` that are not complete, each alone, and never moves the daily run.

    `is_again` takes all days, `is_retry` those that failed or lack something, with what was refused there.
    A way that fails leaves the days without it partial; a site that is down ends the backfill as failed.
    Raises ConfigError and WarehouseError.
    """
    started_at = clock()
    window = checked(source, window, now=started_at)
    chosen = chosen_ways(source, ways)
    days = due_days(
        source,
        warehouse,
        window,
        ways=chosen,
        is_again=is_again,
        is_retry=is_retry,
        is_oldest_first=is_oldest_first,
    )
    assert window.since
    assert window.until
    summary = Backfilled(source.slug, days=(window.until - window.since).days + 1, days_due=len(days))
    if not days:
        summary.state = "completed"
        return summary
    run = Run(
        source, warehouse, archive_folder, summary, kind="backfill", window=window, started_at=started_at
    )
    known = warehouse.known_urls(source.slug, due_before=started_at, is_wanted=is_again or is_retry)
    known |= warehouse.known_copies(source.slug)

    with run.archive, run.client(contact=contact, should_stop=should_stop) as client:
        run.start()
        filling = _Filling(
            source, client, run, summary, ways=chosen, known=known, clock=clock, is_again=is_again
        )
        with run.ending(client, clock):
            for _, month in groupby(days, key=lambda day: (day.year, day.month)):
                for _ in filling.month(tuple(month), span=Window(min(days), max(days))):
                    on_progress(summary)
                    if run.is_full:
                        run.load(client.take_requests())
                    if should_stop():
                        raise Stopped
    return summary


class _Filling:
    """One backfill under way: what its ways have announced and what is known by now."""

    def __init__(
        self,
        source: Source,
        client: Client,
        run: Run,
        summary: Backfilled,
        *,
        ways: tuple[Way, ...],
        known: frozenset[str],
        clock: Callable[[], datetime],
        is_again: bool,
    ) -> None:
        self._source, self._client, self._run, self._summary = source, client, run, summary
        self._ways, self._known, self._clock, self._is_again = ways, known, clock, is_again
        self._announced: set[str] = set()
        self._asked_for: set[str] = set()
        self._shown: list[Link] | None = None
        self._askings: tuple[Asking, ...] = ()

    def month(self, days: tuple[date, ...], *, span: Window) -> Iterator[None]:
        """Fills the days, which are of one month; yields after each page and each day."""
        chunk = Window(min(days), max(days))
        errors: dict[Way, str] = {}
        links = [*self._showing(span), *self._services(chunk, errors)]
        by_day: dict[date, list[Link]] = {day: [] for day in days}
        undated: list[Link] = []
        for link in links:
            span_ = urls.days_of_link(self._source, link)
            if span_ and span_[0] == span_[1]:
                if span_[0] in by_day:
                    by_day[span_[0]].append(link)
            elif span_ is None or chunk.has(*span_):
                undated.append(link)
        # Of a month alone: whichever of its days they turn out to be of, they are had before those are done.
        yield from self._fetched(undated, errors)
        for day in days:
            failed = dict(errors)
            yield from self._fetched(by_day[day], failed)
            asked = list(self._asked(day, by_day[day], failed))
            self._run.asked(asked)
            self._summary.days_done += 1
            self._summary.lost.update(asking.way for asking in asked if asking.error)
            yield None

    def _showing(self, span: Window) -> list[Link]:
        """What listings, sitemaps and feeds still show of the whole span; they are asked once."""
        ways = [way for way in SHOWING if way in self._ways]
        if self._shown is None:
            shown: list[Link] = []
            if ways:
                discovery = Discovery(
                    self._source,
                    self._client,
                    known=frozenset(),
                    window=span,
                    on_error=self._lose,
                    on_found=lambda link, _: shown.append(link),
                    ways=ways,
                )
                try:
                    for _ in discovery:
                        pass
                except StageError as error:
                    discovery.reach.failed("listing", str(error))
                self._askings = discovery.reach.askings(self._clock())
            self._shown = shown
        return self._shown

    def _services(self, chunk: Window, errors: dict[Way, str]) -> list[Link]:
        found: list[Link] = []
        for way in self._ways:
            if way not in SERVICES:
                continue

            def fail(url: str, error: StageError, way: Way = way) -> None:
                errors.setdefault(way, str(error))
                self._lose(url, error)

            found += SERVICES[way](self._source, self._client, chunk, fail)
        return found

    def _lose(self, url: str, error: StageError) -> None:
        self._run.lose(url, error, self._clock())

    def _fetched(self, links: Iterable[Link], errors: dict[Way, str]) -> Iterator[None]:
        """Every page that is not known, from the site first; yields after each."""
        run, source, summary = self._run, self._source, self._summary
        links = sorted(links, key=lambda link: link.held is not None)
        for link in links:
            run.announce(link, urls.days_of_link(source, link), self._clock())
            if link.url not in self._announced:
                self._announced.add(link.url)
                summary.found += 1
                summary.known += link.url in self._known
        wanted = []
        for link in links:
            if link.place not in self._known and link.place not in self._asked_for:
                self._asked_for.add(link.place)
                wanted.append(link)
        for answer in fetch(wanted, self._client):
            summary.fetched += 1
            if isinstance(answer, Capture):
                summary.copies += answer.via != "web"
                outcome = read(answer, source)
                summary.articles += isinstance(outcome, Article)
                run.take(outcome)
            else:
                self._refuse(*answer, errors)
            yield None

    def _refuse(self, link: Link, error: FetchError, errors: dict[Way, str]) -> None:
        if link.held and error.reason in (Reason.UNREACHABLE, Reason.ROBOTS):
            # The archive's fault, not the page's: the day lacks the way, and is tried again for it.
            errors.setdefault(link.way, str(error))
            self._asked_for.discard(link.place)
        else:
            self._run.refuse(refusal(self._source, link.place, error, self._clock()), error)

    def _asked(self, day: date, links: list[Link], errors: dict[Way, str]) -> Iterator[Asking]:
        """What each way was asked for of one day, as far as it reaches."""
        now, slug = self._clock(), self._source.slug
        shown = {asking.way: asking for asking in self._askings}
        for way in self._ways:
            found = len({link.url for link in links if link.way == way})
            error = errors.get(way)
            if way not in SERVICES:
                if way not in shown or day < shown[way].since:
                    continue
                error = error or shown[way].error
            yield Asking(slug, way, day, day, now, found, error, self._is_again)
