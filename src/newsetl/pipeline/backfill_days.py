"""State of a backfill, day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from newsetl.discover import commoncrawl, search, wayback
from newsetl.discover.coverage import SHOWING
from newsetl.discover.discovery import Discovery
from newsetl.errors import FetchError, StageError
from newsetl.fetch.articles import fetch
from newsetl.fetch.client import Client
from newsetl.model import Article, Asking, Capture, Link, Way, Window
from newsetl.pipeline.fetch_rejects import refusal
from newsetl.pipeline.parse_page import read
from newsetl.pipeline.run import Run
from newsetl.pipeline.summary import Backfilled
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source

# Days in these states have nothing left to be had.
DONE = ("complete", "no articles")
BROKEN = ("failed", "partial")
SERVICES = {"search": search.links, "wayback": wayback.links, "commoncrawl": commoncrawl.links}


class Filling:
    """One backfill under way: what its ways have announced and what is known by now."""

    def __init__(
        self,
        source: Source,
        client: Client,
        run: Run,
        summary: Backfilled,
        *,
        methods: tuple[Way, ...],
        known: frozenset[str],
        clock: Callable[[], datetime],
        include_complete: bool,
    ) -> None:
        self._source, self._client, self._run, self._summary = source, client, run, summary
        self._methods, self._known, self._clock, self._is_again = methods, known, clock, include_complete
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
            self._summary.lost.update(asking.method for asking in asked if asking.error)
            yield None

    def _showing(self, span: Window) -> list[Link]:
        """What listings, sitemaps and feeds still show of the whole span; they are asked once."""
        methods = [method for method in SHOWING if method in self._methods]
        if self._shown is None:
            shown: list[Link] = []
            if methods:
                discovery = Discovery(
                    self._source,
                    self._client,
                    known=frozenset(),
                    window=span,
                    on_error=self._lose,
                    on_found=lambda link, _: shown.append(link),
                    methods=methods,
                )
                try:
                    for _ in discovery:
                        pass
                except StageError as error:
                    discovery.reach.failed("listing", str(error))
                self._askings = discovery.reach.discovery_queries(self._clock())
            self._shown = shown
        return self._shown

    def _services(self, chunk: Window, errors: dict[Way, str]) -> list[Link]:
        found: list[Link] = []
        for method in self._methods:
            if method not in SERVICES:
                continue

            def fail(url: str, error: StageError, method: Way = method) -> None:
                errors.setdefault(method, str(error))
                self._lose(url, error)

            found += SERVICES[method](self._source, self._client, chunk, fail)
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
                summary.discovered += 1
                summary.already_loaded += link.url in self._known
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
        if link.held and error.reason in (Reason.FETCH_FAILED, Reason.ROBOTS):
            # The archive's fault, not the page's: the day lacks the way, and is tried again for it.
            errors.setdefault(link.method, str(error))
            self._asked_for.discard(link.place)
        else:
            self._run.refuse(refusal(self._source, link.place, error, self._clock()), error)

    def _asked(self, day: date, links: list[Link], errors: dict[Way, str]) -> Iterator[Asking]:
        """What each way was asked for of one day, as far as it reaches."""
        now, slug = self._clock(), self._source.slug
        shown = {asking.method: asking for asking in self._askings}
        for method in self._methods:
            found = len({link.url for link in links if link.method == method})
            error = errors.get(method)
            if method not in SERVICES:
                if method not in shown or day < shown[method].since:
                    continue
                error = error or shown[method].error
            yield Asking(slug, method, day, day, now, found, error, self._is_again)
